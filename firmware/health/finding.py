"""What a look at the box found, and when that becomes an alarm: only what lasts, so that nothing flickers."""

from collections.abc import Callable, Collection, Iterable

import msgspec

from drivers.link.messages import AlarmName as GatewayAlarm
from drivers.link.messages import Wrong
from firmware.alarms import Alarms
from firmware.clock import Clock
from firmware.events import AlarmName, Bus, Event, Kind, alarm_data

BY = "health"


class Finding(msgspec.Struct, frozen=True):
    """One thing looked at. `wrong` says what is wrong with it, None that all is well.

    `unsure`: neither bad enough to raise an alarm nor good enough to end one. It is raised when it has been wrong for
    `after_s`, and over when it has been well for `over_s`.
    """

    name: AlarmName | GatewayAlarm
    subject: str
    wrong: Wrong | None = None
    unsure: bool = False
    after_s: float = 0.0
    over_s: float = 0.0


class Judge:
    """Makes alarms of findings. What is not found again at all is over, too."""

    def __init__(self, alarms: Alarms, bus: Bus, clock: Clock, steady_s: Callable[[], float]) -> None:
        """`steady_s` is a clock that nobody sets."""
        self._alarms, self._bus, self._clock, self._steady_s = alarms, bus, clock, steady_s
        self._since: dict[tuple[str, str], tuple[bool, float]] = {}  # wrong or well, and since when

    def take(self, findings: Iterable[Finding], names: Collection[str]) -> None:
        """Judge all findings of one look; `names` are the alarms that it could have found."""
        found = {(finding.name.value, finding.subject): finding for finding in findings}
        for alarm in self._alarms.table():
            key = (alarm.name, alarm.subject)
            if alarm.name in names and key not in found:
                found[key] = Finding(AlarmName(alarm.name), alarm.subject)
        for key, finding in found.items():
            self._judge(key, finding)
        self._since = {key: since for key, since in self._since.items() if key in found}

    def _judge(self, key: tuple[str, str], finding: Finding) -> None:
        if finding.unsure:
            self._since.pop(key, None)
            return
        now_s, wrong = self._steady_s(), finding.wrong is not None
        was, since_s = self._since.get(key, (not wrong, now_s))
        if was != wrong:
            since_s = now_s
        self._since[key] = (wrong, since_s)
        raised = self._alarms.get(*key) is not None
        if raised != wrong and now_s - since_s >= (finding.after_s if wrong else finding.over_s):
            data = alarm_data(finding.name, finding.subject, raised=wrong, wrong=finding.wrong, by=BY)
            self._bus.publish(Event(self._clock.wall_s(), Kind.ALARM, data=data))
