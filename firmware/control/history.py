"""The last events of this exchange, numbered, for whoever was away for a moment."""

import secrets
from collections import deque

from firmware.events import Event

KEPT = 5000  # events: some minutes of a busy hour, a few MB


class NumberedEvent(Event, frozen=True, kw_only=True):
    """An event with its number: of one exchange's run, and growing."""

    id: str


class History:
    """Numbers events and keeps the last ones."""

    def __init__(self, kept: int = KEPT) -> None:
        self._run = secrets.token_hex(4)  # a later exchange's numbers are others
        self._number = 0
        self._events: deque[NumberedEvent] = deque(maxlen=kept)

    @property
    def newest(self) -> str:
        """The id of the event that came last, or of none before the first."""
        return f"{self._run}-{self._number}"

    def take(self, event: Event) -> NumberedEvent:
        """Keep an event and return it with its number."""
        self._number += 1
        fields = {name: getattr(event, name) for name in event.__struct_fields__}
        numbered = NumberedEvent(**fields, id=self.newest)
        self._events.append(numbered)
        return numbered

    def after(self, event_id: str) -> tuple[list[NumberedEvent], bool]:
        """Return the events after one, oldest first, and whether some between are missing here.

        Of an event that this exchange did not number, nothing is known: all that is kept follows, after a gap.
        """
        run, _, text = event_id.rpartition("-")
        known = run == self._run and text.isascii() and text.isdecimal() and len(text) < 16
        if not known or int(text) > self._number:
            return list(self._events), True
        wanted = self._number - int(text)
        return (list(self._events)[-wanted:] if wanted else []), wanted > len(self._events)

