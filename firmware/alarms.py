"""What needs a person now."""

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from drivers.link.messages import AlarmName as GatewayAlarm
from firmware.clock import Clock
from firmware.events import AlarmName, Bus, Event, Kind, alarm_data

GATEWAY = "gateway"


class Severity(StrEnum):
    """How soon a person is needed (ITU-T X.733 §8.1.2.3)."""

    CRITICAL = "critical"  # at once: lives, or what the box is there for
    MAJOR = "major"        # today: something is lost until then
    MINOR = "minor"        # before it becomes worse
    WARNING = "warning"    # nothing is lost yet


SEVERITIES: dict[str, Severity] = {
    AlarmName.EMERGENCY_CALL: Severity.CRITICAL,
    AlarmName.NO_RECORDS: Severity.CRITICAL,
    AlarmName.NOT_RECORDED: Severity.MAJOR,
    AlarmName.RECORDS_LOST: Severity.MAJOR,
    AlarmName.RECORDS_BROKEN: Severity.MAJOR,
    AlarmName.LIMIT_REACHED: Severity.MAJOR,
    AlarmName.LIMIT_NEAR: Severity.WARNING,
    GatewayAlarm.EDGE: Severity.MAJOR,
}
UNKNOWN = Severity.MAJOR  # of what a newer gateway raises


class Raised(msgspec.Struct, frozen=True):
    """An alarm that is not over. `name` is stable, `subject` says which one, `detail` is for reading."""

    name: str
    subject: str
    detail: str
    since_s: float
    by: str = "exchange"
    severity: Severity = UNKNOWN


class Alarms:
    """All alarms that are not over, whoever raised them."""

    def __init__(self, bus: Bus, clock: Clock, earlier: Iterable[Event]) -> None:
        self._bus, self._clock = bus, clock
        self._raised: dict[tuple[str, str], Raised] = {}
        for event in earlier:
            self._take(event)
        bus.subscribe(self._take)

    def table(self) -> list[Raised]:
        """Return them, oldest first."""
        return sorted(self._raised.values(), key=lambda alarm: alarm.since_s)

    def gateway_anew(self) -> None:
        """Take back what a gateway raised that is no more: the new one says again what is still so."""
        for alarm in self.table():
            if alarm.by == GATEWAY:
                self._take_back(alarm)

    def _take_back(self, alarm: Raised) -> None:
        data = alarm_data(alarm.name, alarm.subject, raised=False, by=alarm.by)
        self._bus.publish(Event(self._clock.wall_s(), Kind.ALARM, data=data))

    def _take(self, event: Event) -> None:
        if event.kind is Kind.RECORDING_STARTED and (AlarmName.NOT_RECORDED, "recordings") in self._raised:
            self._take_back(self._raised[AlarmName.NOT_RECORDED, "recordings"])
        if event.kind is not Kind.ALARM:
            return
        data = event.data
        key = (data["name"], data["subject"])
        raised = self._raised.pop(key, None)
        if data["raised"]:
            since_s = raised.since_s if raised is not None else event.at_s
            severity = SEVERITIES.get(data["name"], UNKNOWN)
            self._raised[key] = Raised(*key, data["detail"], since_s, data.get("by", "exchange"), severity)
