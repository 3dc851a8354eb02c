"""The daily limits: what was called outside today, counted from events alone, so that no restart forgets it.

A call counts on the day it began, in the box's time zone, with all its minutes. Alarms tell of 80 % and of 100 %; then
the next call is refused, and of what costs most, also those under way are ended.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

import msgspec

from drivers.link.messages import Wrong
from firmware.clock import Clock
from firmware.config.hours import open_at
from firmware.config.schema import Cap, Config
from firmware.events import AlarmName, Bus, Event, Kind, alarm_data
from firmware.reach import Distance, Reach

ALARMS = (AlarmName.LIMIT_NEAR, AlarmName.LIMIT_REACHED)
NEAR_SHARE = 0.8
# Limits that would be worth little if a call could talk on beyond them all night
WIDE = ("box", "extension")     # of all calls
ENDING = ("international", "extension_international", "special")

LegKey = tuple[str, str]    # call and leg


class LimitStatus(msgspec.Struct, frozen=True):
    """What was called today under one limit. `name` is the configuration's; null caps are no limit."""

    name: str
    extension: str    # "" for the whole box
    calls: int
    most_calls: int | None
    minutes: float
    most_minutes: int | None


@dataclass
class Tally:
    """What was called under one limit."""

    calls: int = 0
    talked_s: float = 0.0                                       # of legs that have ended
    talking: dict[LegKey, float] = field(default_factory=dict)  # since when

    def seconds(self, now_s: float) -> float:
        """Return how long was talked until now."""
        return self.talked_s + sum(now_s - since_s for since_s in self.talking.values())


class Limits:
    """Follows events; give it today's again after a restart, with the alarms not yet over (`restore`).

    `end` is told of legs that are to end because a limit is reached, and which (`limit:international:minutes`).
    """

    def __init__(
        self,
        config: Callable[[], Config],
        bus: Bus,
        clock: Clock,
        end: Callable[[str, str, str], None] = lambda call, leg, reason: None,
    ) -> None:
        self._config, self._bus, self._clock, self._end = config, bus, clock, end
        self._day = date.min
        self._tallies: dict[str, Tally] = {}     # by key: `box`, `extension:201`
        self._keys: dict[str, list[str]] = {}    # of a call that was allowed today
        self._legs: dict[LegKey, list[str]] = {}  # of its legs outside
        self._raised: set[tuple[str, str]] = set()    # alarm and key
        self._timer: asyncio.TimerHandle | None = None

    # ---- what happens ------------------------------------------------------------------------------------------------

    def restore(self, events: Iterable[Event]) -> None:
        """Learn what happened before the exchange began."""
        for event in events:
            self._count(event)
        self._look()

    def follow(self, event: Event) -> None:
        """Learn from one event, and say by alarms what has come of it."""
        if self._count(event):
            self._look()

    def _count(self, event: Event) -> bool:
        """Count one event; tell whether a limit can have been reached or left by it."""
        self._begin_day()
        party = (event.call, event.leg)
        match event.kind:
            case Kind.ALARM if event.data["name"] in ALARMS:
                alarm = (event.data["name"], event.data["subject"])
                (self._raised.add if event.data["raised"] else self._raised.discard)(alarm)
                return False
            case Kind.CONFIG_CHANGED:
                return True
            case Kind.LIMITS_RESET:
                self._forget()
            case Kind.CLOCK_SET if not event.call:
                for tally in self._tallies.values():
                    tally.talking = {one: since_s + event.data["step_s"] for one, since_s in tally.talking.items()}
            case Kind.OUTSIDE_ALLOWED if self._clock.at(event.at_s).date() == self._day:
                data = event.data
                reach = Reach(Distance(data["distance"]), data["special"])
                keys = self._keys[event.call] = list(_keys(data["by"], reach, data["after_hours"]))
                for key in keys:
                    self._tally(key).calls += 1
            case Kind.LEG_DIALED if event.call in self._keys and event.data["party"] == "outside":
                self._legs[party] = self._keys[event.call]
            case Kind.LEG_ANSWERED if party in self._legs:
                for key in self._legs[party]:
                    self._tally(key).talking[party] = event.at_s
            case Kind.LEG_ENDED if party in self._legs:
                for key in self._legs.pop(party):
                    tally = self._tally(key)
                    tally.talked_s += max(0.0, event.at_s - tally.talking.pop(party, event.at_s))
            case Kind.CALL_ENDED:
                self._keys.pop(event.call, None)
                return False
            case _:
                return False
        return True

    def _begin_day(self) -> None:
        today = self._clock.now().date()
        if today != self._day:
            self._day = today
            self._forget()

    def _forget(self) -> None:
        self._tallies.clear()
        self._keys.clear()
        self._legs.clear()

    def _tally(self, key: str) -> Tally:
        return self._tallies.setdefault(key, Tally())

    # ---- what is asked -----------------------------------------------------------------------------------------------

    def after_hours(self) -> bool:
        """Tell whether the shop is closed now, by the hours the limits name."""
        config = self._config()
        hours = next((one for one in config.hours if one.name == config.limits.hours), None)
        return hours is not None and not open_at(hours, self._clock.now())

    def refusal(self, extension: str, reach: Reach) -> str:
        """Return why nothing of this reach may be called now, as `limit:box:calls`; "" if it may."""
        self._begin_day()
        reasons = (self._spent(key) for key in _keys(extension, reach, self.after_hours()))
        return next((reason for reason in reasons if reason), "")

    def bounded(self, call: str) -> bool:
        """Tell whether the minutes of a call count against a limit of some calls' alone: the dear ones, or by night."""
        keys = (key for key in self._keys.get(call, ()) if key.partition(":")[0] not in WIDE)
        return any(self._cap(key).minutes is not None for key in keys)

    def table(self) -> list[LimitStatus]:
        """Return all limits of the box, and those of extensions that called outside today."""
        self._begin_day()
        now_s = self._clock.wall_s()
        whole = ["box", "international", "special", "after_hours"]
        found = []
        for key in [*whole, *sorted(key for key in self._tallies if key not in whole)]:
            name, _, extension = key.partition(":")
            cap, tally = self._cap(key), self._tallies.get(key, Tally())
            minutes = round(tally.seconds(now_s) / 60, 1)
            found.append(LimitStatus(name, extension, tally.calls, cap.calls, minutes, cap.minutes))
        return found

    def reset(self, who: str) -> None:
        """Begin the day anew for all limits: what was called so far, also what is under way, counts no more."""
        self._bus.publish(Event(self._clock.wall_s(), Kind.LIMITS_RESET, data={"who": who}))

    def _cap(self, key: str) -> Cap:
        cap: Cap = getattr(self._config().limits, key.partition(":")[0])
        return cap

    def _spent(self, key: str) -> str:
        cap, tally = self._cap(key), self._tallies.get(key, Tally())
        if cap.calls is not None and tally.calls >= cap.calls:
            return f"limit:{key}:calls"
        if cap.minutes is not None and tally.seconds(self._clock.wall_s()) >= 60 * cap.minutes:
            return f"limit:{key}:minutes"
        return ""

    # ---- what follows ------------------------------------------------------------------------------------------------

    def _look(self) -> None:
        """Raise and take back alarms, end what must end, and look again when the next limit can be reached."""
        self._begin_day()
        for key in sorted({*self._tallies, *(key for _, key in self._raised)}):
            self._tell(key)
        for key, tally in [*self._tallies.items()]:
            if key.partition(":")[0] in ENDING and self._spent(key).endswith(":minutes"):
                for call, leg in [*tally.talking]:
                    self._end(call, leg, self._spent(key))
        if self._timer is not None:
            self._timer.cancel()
        wait_s = min(self._next_looks(), default=None)
        self._timer = None if wait_s is None else asyncio.get_running_loop().call_later(wait_s, self._look)

    def _tell(self, key: str) -> None:
        """Raise the alarms of a limit, or take them back, where that is not told yet."""
        share, used = self._share(key), self._used(key)
        near = alarm_data(AlarmName.LIMIT_NEAR, key, raised=NEAR_SHARE <= share < 1, wrong=used)
        reached = alarm_data(AlarmName.LIMIT_REACHED, key, raised=share >= 1, wrong=used)
        for data in (near, reached):
            alarm = (data["name"], key)
            if data["raised"] != (alarm in self._raised):
                (self._raised.add if data["raised"] else self._raised.discard)(alarm)
                self._bus.publish(Event(self._clock.wall_s(), Kind.ALARM, data=data))

    def _share(self, key: str) -> float:
        """Return how much of a limit is used, 1 for all. Of one that allows nothing, nothing can be used."""
        cap, tally = self._cap(key), self._tallies.get(key, Tally())
        calls = tally.calls / cap.calls if cap.calls else 0.0
        return max(calls, tally.seconds(self._clock.wall_s()) / (60 * cap.minutes) if cap.minutes else 0.0)

    def _used(self, key: str) -> Wrong:
        cap, tally = self._cap(key), self._tallies.get(key, Tally())
        minutes = round(tally.seconds(self._clock.wall_s()) / 60)
        return Wrong("limit-used", {
            "calls": tally.calls, "most_calls": cap.calls, "minutes": minutes, "most_minutes": cap.minutes,
        })  # fmt: skip

    def _next_looks(self) -> Iterator[float]:
        now_s = self._clock.wall_s()
        if self._tallies or self._raised:
            now = self._clock.now()
            midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
            yield max(0.0, midnight.timestamp() - now_s) + 0.01
        for key, tally in self._tallies.items():
            minutes = self._cap(key).minutes
            for share in (NEAR_SHARE, 1.0):
                left_s = share * 60 * (minutes or 0) - tally.seconds(now_s)
                if left_s > 0 and tally.talking:
                    yield left_s / len(tally.talking) + 0.01


def _keys(extension: str, reach: Reach, after_hours: bool) -> Iterator[str]:
    """Yield under which limits a call falls, those of the dearest first."""
    if reach.special:
        yield "special"
    if reach.distance is Distance.INTERNATIONAL:
        yield "international"
        if extension:
            yield f"extension_international:{extension}"
    if after_hours:
        yield "after_hours"
    yield "box"
    if extension:
        yield f"extension:{extension}"
