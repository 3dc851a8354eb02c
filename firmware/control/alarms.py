"""What needs a person now: every alarm that was raised and not taken back."""

import msgspec

from firmware.events import Bus, Event, Kind


class AlarmView(msgspec.Struct, frozen=True):
    """A standing alarm: its stable name, what it is about, since when (Unix time), and words for reading."""

    name: str
    subject: str
    since_s: float
    detail: str


class Alarms:
    """Follows the alarms of the bus."""

    def __init__(self, bus: Bus) -> None:
        self._standing: dict[tuple[str, str], AlarmView] = {}
        bus.subscribe(self._follow)

    def standing(self) -> list[AlarmView]:
        """Return the alarms that stand, oldest first."""
        return list(self._standing.values())

    def _follow(self, event: Event) -> None:
        if event.kind is not Kind.ALARM:
            return
        name, subject = str(event.data["name"]), str(event.data.get("subject", ""))
        former = self._standing.get((name, subject))
        if not event.data["raised"]:
            self._standing.pop((name, subject), None)
        else:
            since_s = former.since_s if former else event.at_s
            self._standing[name, subject] = AlarmView(name, subject, since_s, str(event.data.get("detail", "")))
