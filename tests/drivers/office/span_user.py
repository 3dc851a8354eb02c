"""What boxes at the simulated office's digital spans share, whatever they speak: they live tick by tick."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from drivers.link.office import PlaceCall, Progress
from drivers.office.caller import Caller
from drivers.office.country import CHINA
from drivers.office.office import Office
from drivers.office.span import Span

TICK_S = 0.02


class SpanUser(ABC):
    """The box's end of one `span` of an office, which whoever derives from it chooses."""

    span: Span
    patience_s = 20.0

    def __init__(self) -> None:
        self.office = Office(CHINA, 1, spans=2)
        self.now_s = 0.0
        self.events: list[Any] = []
        self.told: list[Progress] = []

    @abstractmethod
    def tick(self) -> None:
        """Live 20 ms."""

    def until(self, what: Callable[[], Any], at_most_s: float | None = None) -> Any:
        """Live until something is so; return it."""
        last_s = self.now_s + (self.patience_s if at_most_s is None else at_most_s)
        while (so := what()) is None or so is False:  # an event without fields is false, too
            assert self.now_s < last_s, (self.events[-5:], self.told[-5:])
            self.tick()
        return so

    def event(self, kind: type) -> Any:
        """Return the first event of a kind there is, or will be, and take it out."""
        found = self.until(lambda: next((event for event in self.events if isinstance(event, kind)), None))
        self.events.remove(found)
        return found

    def call(self, **how: Any) -> Caller:
        """Let somebody call the box."""
        caller = self.office.prepare(PlaceCall(span=self.span.number, **how), self.told.append)
        caller.place()
        return caller
