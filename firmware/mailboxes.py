"""How many new messages wait for each extension, by who knows it; kept by events, so that no restart forgets it.

Whoever takes messages says here how many are new (`tell`), and nothing else: the telephones are told by it.
"""

from collections.abc import Callable, Iterable
from enum import StrEnum

from firmware.clock import Clock
from firmware.config import extensions
from firmware.config.schema import Config
from firmware.events import Bus, Event, Kind


class Source(StrEnum):
    """Who knows of messages. Each has a count of its own; a telephone shows their sum."""

    TOLD = "told"  # somebody else's mailbox: a program by REST, or a person by the command


class Mailboxes:
    """Follows MESSAGES_WAITING; give it the last ones of each extension and source after a restart (`left`)."""

    def __init__(self, config: Callable[[], Config], bus: Bus, clock: Clock, left: Iterable[Event] = ()) -> None:
        self._config, self._bus, self._clock = config, bus, clock
        self._new: dict[str, dict[str, int]] = {}  # by extension and source, 0 where there were some once
        for event in left:
            self._count(event)

    def tell(self, extension: str, source: Source, new: int, who: str) -> None:
        """Say how many new messages wait for an extension by one source; `who` says it, for the record."""
        if self._new.get(extension, {}).get(source) != new:
            data = {"extension": extension, "source": source.value, "new": new, "who": who}
            self._bus.publish(Event(self._clock.wall_s(), Kind.MESSAGES_WAITING, data=data))

    def new(self, extension: str) -> int:
        """Return how many wait for an extension."""
        return sum(self._new.get(extension, {}).values())

    def table(self) -> dict[str, int]:
        """Return how many wait for each extension that ever had any, and is configured."""
        config = self._config()
        known = (extension for extension in sorted(self._new) if extensions.find(config, extension) is not None)
        return {extension: self.new(extension) for extension in known}

    def follow(self, event: Event) -> None:
        """Learn from one event. Messages of an extension that is gone are not its successor's."""
        if event.kind is Kind.MESSAGES_WAITING:
            self._count(event)
        elif event.kind is Kind.CONFIG_CHANGED:
            for extension in self._new.keys() - self.table().keys():
                for source, new in self._new[extension].items():
                    if new:
                        self.tell(extension, Source(source), 0, event.data["who"])

    def _count(self, event: Event) -> None:
        self._new.setdefault(event.data["extension"], {})[event.data["source"]] = event.data["new"]
