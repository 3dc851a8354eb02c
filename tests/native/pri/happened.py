"""What a D-channel told of, in order, until a test takes it out."""

from typing import Any


class Happened:
    """Events of all kinds."""

    def __init__(self) -> None:
        self.events: list[Any] = []

    def of(self, kind: type) -> list[Any]:
        """Return what has happened of one kind, taken out."""
        found = [event for event in self.events if isinstance(event, kind)]
        self.events = [event for event in self.events if not isinstance(event, kind)]
        return found

    def one(self, kind: type) -> Any:
        """Return the only thing of this kind that has happened, taken out."""
        (event,) = self.of(kind)
        return event
