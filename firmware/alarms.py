"""What needs a person now."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

import msgspec

from drivers.link.messages import AlarmName as GatewayAlarm
from firmware.clock import Clock
from firmware.errors import NotFound
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
    AlarmName.NOT_BACKED_UP: Severity.MAJOR,
    AlarmName.ROOM_MADE: Severity.MAJOR,
    AlarmName.LIMIT_REACHED: Severity.MAJOR,
    AlarmName.LIMIT_NEAR: Severity.WARNING,
    AlarmName.PROGRAM_LOST: Severity.MAJOR,
    AlarmName.CONNECTIONS_REFUSED: Severity.MINOR,
    AlarmName.CERTIFICATE_ENDS: Severity.MAJOR,
    AlarmName.TRUNK_CERTIFICATE: Severity.MAJOR,
    AlarmName.GATEWAY_LOST: Severity.CRITICAL,
    AlarmName.DISK_SPACE: Severity.MAJOR,
    AlarmName.DISK_FILLING: Severity.WARNING,
    AlarmName.DISK_READ_ONLY: Severity.CRITICAL,
    AlarmName.CLOCK_JUMPED: Severity.MINOR,
    AlarmName.CLOCK_UNSYNCHRONISED: Severity.WARNING,
    AlarmName.CLOCK_IMPOSSIBLE: Severity.MAJOR,
    AlarmName.DATE_DOUBTED: Severity.MAJOR,
    AlarmName.MEDIA_LATE: Severity.MINOR,
    AlarmName.QUEUE_WAIT: Severity.MINOR,
    AlarmName.NO_DIAL_TONE: Severity.MAJOR,
    AlarmName.NO_CALLS: Severity.MINOR,
    AlarmName.WEBHOOK_FAILING: Severity.MINOR,
    AlarmName.MAIL_FAILING: Severity.MAJOR,
    GatewayAlarm.EDGE: Severity.MAJOR,
    GatewayAlarm.NO_BATTERY: Severity.MAJOR,
    GatewayAlarm.LEFT_OFF_HOOK: Severity.MINOR,
    GatewayAlarm.BOARD_LOST: Severity.CRITICAL,
    GatewayAlarm.PORT_LOST: Severity.MAJOR,
    GatewayAlarm.BOARD_CLOCK: Severity.MAJOR,
    GatewayAlarm.TRUNK_LOST: Severity.MAJOR,
    GatewayAlarm.SPAN_LOST: Severity.CRITICAL,
    GatewayAlarm.SPAN_ALARM: Severity.CRITICAL,
    GatewayAlarm.SPAN_DOWN: Severity.CRITICAL,
    GatewayAlarm.SPAN_SHORT: Severity.MAJOR,
    GatewayAlarm.SPAN_SLIPS: Severity.MINOR,
}
UNKNOWN = Severity.MAJOR  # of what a newer gateway raises
# What happened and is not going on: over when somebody has seen it
ONCE = frozenset({
    AlarmName.EMERGENCY_CALL, AlarmName.RECORDS_LOST, AlarmName.RECORDS_BROKEN, AlarmName.DATE_DOUBTED,
})  # fmt: skip


class Raised(msgspec.Struct, frozen=True):
    """An alarm that is not over. `name` is stable, `subject` says which one, `detail` is for reading (English).

    `code` and `facts` are the same for programs, and for other languages (firmware.details).

    `acknowledged_s` is when somebody (`acknowledged_by`, with a `note`) saw it; None as long as nobody did.
    """

    name: str
    subject: str
    detail: str
    since_s: float
    by: str = "exchange"
    severity: Severity = UNKNOWN
    acknowledged_s: float | None = None
    acknowledged_by: str = ""
    note: str = ""
    code: str = ""
    facts: dict[str, Any] = {}


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

    def get(self, name: str, subject: str) -> Raised | None:
        """Return one that is raised now."""
        return self._raised.get((name, subject))

    def acknowledge(self, name: str, subject: str, who: str, note: str = "") -> None:
        """Note that somebody has seen an alarm; one that only tells what happened is over then. Raises NotFound."""
        alarm = self._raised.get((name, subject))
        if alarm is None:
            raise NotFound(f"there is no alarm {name} {subject}".rstrip() + "; it may be over already")
        data = {"name": name, "subject": subject, "who": who, "note": note}
        self._bus.publish(Event(self._clock.wall_s(), Kind.ALARM_ACKNOWLEDGED, data=data))
        if name in ONCE:
            self._take_back(alarm)

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
        if event.kind is Kind.ALARM_ACKNOWLEDGED:
            self._acknowledged(event)
        if event.kind is Kind.CLOCK_SET and not event.call:
            step_s = event.data["step_s"]
            self._raised = {key: _later(alarm, step_s) for key, alarm in self._raised.items()}
        if event.kind is not Kind.ALARM:
            return
        data = event.data
        key = (data["name"], data["subject"])
        raised = self._raised.pop(key, None)
        if data["raised"]:
            severity = SEVERITIES.get(data["name"], UNKNOWN)
            told = {"detail": data["detail"], "code": data.get("code", ""), "facts": data.get("facts") or {}}
            now = Raised(*key, since_s=event.at_s, severity=severity, by=data.get("by", "exchange"), **told)
            self._raised[key] = now if raised is None else msgspec.structs.replace(raised, by=now.by, **told)

    def _acknowledged(self, event: Event) -> None:
        data = event.data
        key = (data["name"], data["subject"])
        if key in self._raised:
            self._raised[key] = msgspec.structs.replace(
                self._raised[key], acknowledged_s=event.at_s, acknowledged_by=data["who"], note=data["note"]
            )


def _later(alarm: Raised, step_s: float) -> Raised:
    """Return an alarm as it is told once the clock was set by so much."""
    seen_s = alarm.acknowledged_s and alarm.acknowledged_s + step_s
    return msgspec.structs.replace(alarm, since_s=alarm.since_s + step_s, acknowledged_s=seen_s)
