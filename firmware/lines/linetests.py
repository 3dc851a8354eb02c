"""The tests of lines: on a person's order, every line at night, and one that is at fault again and again.

A line on which a call out found no dial tone is tested, too, as soon as it is free.

One test is under way at a time, and a call that wants its line ends it. What it found becomes an alarm at once, and is
over when the line is well: by a test, or by a call out, for which there was a dial tone.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from drivers.link.causes import NO_CIRCUIT_AVAILABLE
from drivers.link.messages import AlarmName as GatewayAlarm
from drivers.link.messages import Hello, LineFinding, LineTested, TestLine, Wrong
from drivers.link.messages import Refused as LinkRefused
from firmware.alarms import GATEWAY, Alarms
from firmware.calls.asked import Asked
from firmware.calls.gateway import Gateway
from firmware.clock import Clock
from firmware.config.schema import Config
from firmware.errors import BusyhourError, LineBusy, NotFound, Unavailable
from firmware.events import AlarmName, Bus, Event, Kind
from firmware.health.finding import BY, Finding, Judge
from firmware.lines.quiet import QuietBearers
from firmware.lines.result import Result, event_of, result, result_of

log = logging.getLogger(__name__)
LOOK_S = 60.0     # at least so often: the clock may be set
TOLD_S = 25.0     # a test takes ten seconds
BUSY_S = 60.0     # a line that was in use is tried again
AGAIN_S = 180.0   # a line that is at fault is tested again
AFTER_CALL_S = 5.0  # the line is idle again
NIGHT, AGAIN, CALL = "night", "again", "call"
CALLS = (Kind.CALL_OFFERED, Kind.LEG_RINGING, Kind.LEG_ANSWERED)
NAMES = (AlarmName.NO_DIAL_TONE, AlarmName.NO_CALLS)


class LineTests:
    """All tests there are, and what they say of each line now."""

    def __init__(
        self, *, gateway: Gateway, bus: Bus, clock: Clock, config: Callable[[], Config], alarms: Alarms,
        quiet: QuietBearers, earlier: Iterable[Event],
    ) -> None:  # fmt: skip
        """`earlier` are the last tests of lines, as their events."""
        self._gateway, self._bus, self._clock, self._config, self._alarms = gateway, bus, clock, config, alarms
        self._quiet = quiet
        self.last: dict[int, Result] = {}  # that were done
        for event in earlier:
            one = result_of(event.at_s, event.data)
            self.last[one.line] = one
        self._loop = asyncio.get_running_loop()
        self._judge = Judge(alarms, bus, clock, self._loop.time)
        # Lines whose last test still holds though it was bad: no call has gone out by them since
        self._faulty = {line for line, one in self.last.items() if self._alarmed(line) and _wrong(one)}
        self._due: dict[int, tuple[float, str]] = {}  # line: not before, by the loop's time, and why
        self._asked = Asked[Result](gateway)
        self._by: dict[str, str] = {}  # who asked, by the order's id
        self._out: dict[tuple[str, str], int] = {}  # legs out by lines, and the lines
        self._in: dict[str, int] = {}  # calls in by lines
        self._night_s = 0.0
        self._woken = asyncio.Event()
        gateway.on_anew.append(self._gateway_anew)
        bus.subscribe(self._follow)

    # ---- orders ------------------------------------------------------------------------------------------------------

    async def test(self, line: int, by: str) -> Result:
        """Test a line that is idle, and return what came of it.

        Raises NotFound for a line that is not configured, LineBusy when it is in use or being tested, Unavailable when
        the gateway is not there or does not tell.
        """
        if line not in self._lines():
            raise NotFound(f"there is no line {line}; there are: {', '.join(map(str, self._lines()))}")
        if not self._gateway.connected:
            raise Unavailable("the gateway is not there: no line can be tested")
        order = TestLine(id=self._gateway.next_id(), line=line)
        self._by[order.id] = by
        silence = f"the gateway did not tell how line {line} is within {TOLD_S:.0f} s"
        try:
            return await self._asked.ask(order, TOLD_S, silence)
        finally:
            self._by.pop(order.id, None)

    def tested(self, tested: LineTested) -> None:
        """Take what a test came to, also one that an earlier exchange had ordered."""
        one = result(tested, self._by.get(tested.command, ""))
        if tested.line in self._lines():
            self._bus.publish(event_of(one))
        self._asked.tell(tested.command, one)

    def refused(self, refused: LinkRefused) -> bool:
        """Take that an order was refused, if it was one of ours."""
        return self._asked.tell(refused.command, LineBusy(refused.text))

    # ---- by itself ---------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Watch the hour and the lines that are at fault, until cancelled."""
        while True:
            try:
                await self._quiet.look()
                self._look()
                if (line := self._next()) is not None:
                    await self._try(line)
                    continue
            except BusyhourError as error:
                log.error("the lines cannot be looked after: %s", error)
            except Exception:  # one look that cannot be borne must not end the watch
                log.exception("the lines cannot be looked after")
            self._woken.clear()
            try:
                await asyncio.wait_for(self._woken.wait(), self._rest_s())
            except TimeoutError:
                continue

    def _look(self) -> None:
        now_s, at = self._clock.wall_s(), self._config().alarms.line_test_at
        night_s = _next_at(self._clock.now(), at)
        if self._night_s and self._night_s <= now_s < self._night_s + 3600.0 and night_s:
            for line in self._lines():
                if line not in self._shared():
                    self._ask_for(line, NIGHT)
        self._night_s = night_s
        for line in self._faulty:
            if line not in self._due:
                self._ask_for(line, AGAIN, AGAIN_S)
        self._tell()

    def _rest_s(self) -> float:
        """Return how long nothing is due."""
        times = [not_before - self._loop.time() for not_before, _ in self._due.values()]
        times += [self._night_s - self._clock.wall_s()] if self._night_s else []
        return min([LOOK_S, *(time_s for time_s in times if time_s > 0)])

    def _next(self) -> int | None:
        """Return a line that is due and idle; those that are due for longest first."""
        now, lines = self._loop.time(), self._lines()
        self._due = {line: due for line, due in self._due.items() if line in lines}
        known = self._gateway.lines if self._gateway.connected else {}
        due = sorted((not_before, line) for line, (not_before, _) in self._due.items() if not_before <= now)
        return next((line for _, line in due if known.get(line) in ("idle", "fault")), None)

    async def _try(self, line: int) -> None:
        _, by = self._due[line]
        self._ask_for(line, by, BUSY_S if self._gateway.lines.get(line) == "idle" else AGAIN_S)
        try:
            one = await self.test(line, by)
        except BusyhourError as error:
            log.info("line %d is tested later: %s", line, error)
        else:
            if one.outcome != "done":
                log.info("line %d is tested later: it was wanted (%s)", line, one.outcome)

    def _ask_for(self, line: int, by: str, after_s: float = 0.0) -> None:
        self._due[line] = self._loop.time() + after_s, by

    # ---- what happens ------------------------------------------------------------------------------------------------

    def _follow(self, event: Event) -> None:
        data = event.data
        if event.kind is Kind.LINE_TESTED:
            self._take(result_of(event.at_s, data))
        elif event.kind is Kind.LEG_DIALED and str(data.get("target", "")).startswith("line:"):
            self._out[event.call, event.leg] = int(str(data["target"]).split(":")[1])
        elif event.kind in (Kind.LEG_RINGING, Kind.LEG_ANSWERED):
            self._heard_dial_tone(self._out.get((event.call, event.leg), 0))
        elif event.kind is Kind.LEG_ENDED:
            line = self._out.pop((event.call, event.leg), 0)
            if line and data["cause"] == NO_CIRCUIT_AVAILABLE and data["by"] == "party":
                self._doubt(line)
            else:
                self._freed(line)
        elif event.kind is Kind.CALL_OFFERED and str(data.get("source", "")).startswith("line:"):
            self._in[event.call] = int(str(data["source"]).split(":")[1])
        elif event.kind is Kind.CALL_ENDED:
            self._freed(self._in.pop(event.call, 0))
        elif event.kind is Kind.ALARM and data["name"] == GatewayAlarm.NO_BATTERY and data.get("by") == GATEWAY:
            self._battery(data["subject"], raised=data["raised"])
        if event.kind in CALLS and any(alarm.name == AlarmName.NO_CALLS for alarm in self._alarms.table()):
            self._woken.set()

    def _take(self, one: Result) -> None:
        if one.outcome != "done":
            return
        self.last[one.line] = one
        self._due.pop(one.line, None)
        (self._faulty.add if _wrong(one) else self._faulty.discard)(one.line)
        self._tell()
        self._woken.set()

    def _heard_dial_tone(self, line: int) -> None:
        """A call out rings or is answered: there was a dial tone."""
        if line in self._faulty:
            self._faulty.discard(line)
            self._due.pop(line, None)
            self._tell()

    def _doubt(self, line: int) -> None:
        """A call out gave up: it heard no dial tone. One that met a call in is ended by the gateway."""
        self._ask_for(line, CALL, AFTER_CALL_S)
        self._woken.set()

    def _freed(self, line: int) -> None:
        """A call on a line that is at fault is over: perhaps it is well again."""
        if line in self._faulty:
            self._ask_for(line, AGAIN, AFTER_CALL_S)
            self._woken.set()

    def _battery(self, subject: str, *, raised: bool) -> None:
        """The gateway sees a line's battery itself; when it is back, a test says whether all is well."""
        for line in self._faulty:
            if subject == f"line:{line}" and not raised:
                self._ask_for(line, AGAIN, AFTER_CALL_S)
                self._woken.set()

    def _gateway_anew(self, hello: Hello) -> None:
        for order in tuple(self._by):
            self._asked.tell(order, Unavailable("the gateway began anew during the test"))

    # ---- alarms ------------------------------------------------------------------------------------------------------

    def _tell(self) -> None:
        self._judge.take(self._findings(), NAMES)

    def _findings(self) -> Iterator[Finding]:
        lines = self._lines()
        for line in lines:
            one = self.last.get(line) if line in self._faulty else None
            found = one.is_bad("dial_tone") if one else None
            yield Finding(AlarmName.NO_DIAL_TONE, f"line:{line}", _told(one, found) if one and found else None)
        yield from self._batteries(lines)
        yield from self._quiet.findings(self._config())

    def _batteries(self, lines: list[int]) -> Iterator[Finding]:
        """Yield what tests say of batteries, unless the gateway says it: it need not test to see that."""
        for line in {*lines, *(line for line in self.last)}:
            subject = f"line:{line}"
            one = self.last.get(line) if line in self._faulty and line in lines else None
            raised = self._alarms.get(GatewayAlarm.NO_BATTERY, subject)
            wrong = Wrong("tested-no-battery") if one and one.is_bad("battery") else None
            if (raised is None and wrong is not None) or (raised is not None and raised.by == BY):
                yield Finding(GatewayAlarm.NO_BATTERY, subject, wrong)

    def _alarmed(self, line: int) -> bool:
        names = (AlarmName.NO_DIAL_TONE, GatewayAlarm.NO_BATTERY)
        return any(self._alarms.get(name, f"line:{line}") is not None for name in names)

    def _shared(self) -> set[int]:
        """Return the lines that something else answers: a test could take a call away from it."""
        return {line.number for line in self._config().lines if line.never_answer}

    def _lines(self) -> list[int]:
        return sorted(line.number for line in self._config().lines)


def _wrong(one: Result) -> bool:
    return bool(one.is_bad("dial_tone") or one.is_bad("battery"))


def _told(one: Result, found: LineFinding) -> Wrong:
    """Return what is heard instead of the dial tone."""
    hertz = next((other.figure for other in one.findings if other.name == "dial_tone_frequency"), None)
    noise = next((other.figure for other in one.findings if other.name == "noise"), None)
    match found.reason:
        case "other-tone" if hertz is not None:
            return Wrong("other-tone", {"hertz": round(hertz)})
        case "noise" if noise is not None:
            return Wrong("noise", {"level_dbm0": round(noise)})
        case "busy":
            return Wrong("busy-tone")
        case _:
            return Wrong("nothing-heard")


def _next_at(now: datetime, at: str) -> float:
    """Return when it is `at` next, as Unix time; 0 for never."""
    if not at:
        return 0.0
    hour, minute = (int(part) for part in at.split(":"))
    due = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return (due if due > now else due + timedelta(days=1)).timestamp()
