"""The date by which things are too old: that of the machine's clock, unless it leapt ahead and nobody said it is right.

A battery that fails, a time server that lies or a slip of the hand must not delete what nobody can bring back.
"""

from drivers.link.messages import Wrong
from firmware.alarms import Alarms
from firmware.clock import Clock
from firmware.events import AlarmName, Bus, Event, Kind, alarm_data

DAY_S = 86400.0
LEAP_S = 7 * DAY_S  # what a smaller one deletes too early would have gone within the week
SUBJECT = "date"


class BelievedDate:
    """Holds the clock against what it showed before, also before the box was off.

    A leap ahead is an alarm; until it is acknowledged, or the clock set back, time goes on here from before the leap.
    """

    def __init__(self, *, alarms: Alarms, bus: Bus, clock: Clock, last_s: float) -> None:
        """`last_s` is when an earlier exchange wrote something last, 0 if never."""
        self._alarms, self._bus, self._clock = alarms, bus, clock
        doubted = alarms.get(AlarmName.DATE_DOUBTED, SUBJECT)
        self._doubted = doubted is not None
        self._ahead_s = 0.0  # of what is believed
        if doubted is not None:
            self._ahead_s = doubted.facts["days"] * DAY_S
        elif last_s:
            self._ahead_s = clock.wall_s() - last_s
        self._offset_s = clock.offset_s

    def wall_s(self) -> float:
        """Return the Unix time that is believed."""
        return self._clock.wall_s() - (self._ahead_s if self._doubted else 0.0)

    def look(self) -> None:
        """Take notice of what the clock was set to since, and of what somebody said to the alarm."""
        self._ahead_s += self._clock.offset_s - self._offset_s
        self._offset_s = self._clock.offset_s
        stands = self._alarms.get(AlarmName.DATE_DOUBTED, SUBJECT) is not None
        if self._doubted and not stands:  # acknowledged
            self._ahead_s = 0.0
        doubted = self._ahead_s > LEAP_S
        if not doubted:
            self._ahead_s = min(self._ahead_s, 0.0)  # set back, it may come as far again
        if doubted != stands:
            wrong = Wrong("date-leapt", {"days": round(self._ahead_s / DAY_S)}) if doubted else None
            data = alarm_data(AlarmName.DATE_DOUBTED, SUBJECT, raised=doubted, wrong=wrong)
            self._bus.publish(Event(self._clock.wall_s(), Kind.ALARM, data=data))
        self._doubted = doubted
