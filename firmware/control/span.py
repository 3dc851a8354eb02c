"""`span.*`: the digital spans channel by channel, a channel restarted, the signalling to read, a loopback test."""

from collections.abc import Callable, Iterator
from typing import Annotated

import msgspec
from msgspec import Meta

from drivers.link.messages import ChannelBits, SpanState
from firmware.calls.gateway import Gateway
from firmware.calls.leg import LegState
from firmware.clock import Clock
from firmware.config.schema import Config
from firmware.config.spans import SIGNALLING, SLOTS, Span, channels, slots
from firmware.control.methods import Asker, Role, method
from firmware.control.trace import After, TraceView, traced
from firmware.errors import NotFound
from firmware.lines.spans import Spans
from firmware.lines.spantests import SpanTest, SpanTests
from firmware.lines.traces import Traces
from firmware.records.audit import Audit, Entry

Number = Annotated[int, Meta(ge=1, le=128, description="a span's number, 1 to 128")]
Slot = Annotated[int, Meta(ge=1, le=31, description="a channel of a span, 1 to 31")]
BROKEN = ("red", "blue", "yellow", "closed")  # alarms with which a wire carries nothing


class SlotView(msgspec.Struct, frozen=True):
    """A channel of a span: the trunk group it is in, and the call on it, or "".

    `state` is idle, ringing (a call comes or goes), in_use, out (the span carries no new calls), unused (in no group)
    signalling, or testing (a loopback test has it).
    """

    slot: int
    state: str
    group: str = ""
    call: str = ""


class SpanView(msgspec.Struct, frozen=True):
    """A digital span that is configured, or is there.

    `state` is up; down (no D-channel); alarm (the wire's); absent (configured, and not there or not usable: `wrong`
    says why); unused (there, and in no trunk group); unknown without a gateway. `signalling` is up or down since
    `since_s`, "" where nobody speaks. `clock` is the span it takes its clock from, 0 its own. `slips_day`: in the last
    24 hours.
    """

    number: int
    name: str
    state: str
    configured: bool
    device: str = ""
    alarms: list[str] = []
    signalling: str = ""
    since_s: float = 0.0
    clock: int = 0
    slips_day: int = 0
    counters: dict[str, int] = {}
    wrong: str = ""
    slots: list[SlotView] = []


class RestartView(msgspec.Struct, frozen=True):
    """What came of a restart: it was done here; `answered`: the far end did it too."""

    number: int
    slot: int
    answered: bool


class SpanTestView(msgspec.Struct, frozen=True):
    """A loopback test of a span's channels: `slot` is the one, 0: all; for so many seconds; `by` whom it was ordered.

    `state`: running, done, stopped, or gone with its span. `verdict`: clean, errors, slips (the pattern went on some
    octets earlier or later), losses (it was gone for a moment), part (it does not come back on all channels), no-loop
    (something other comes back), silent (nothing does), or "" while it is not known. `ratio`: errors to bits. `late`:
    so often the box was too busy to attend to it; what went missing then is not counted.
    """

    number: int
    slot: int
    seconds: int
    local: bool
    by: str
    begun_s: float
    state: str
    verdict: str
    bits: int
    errors: int
    ratio: float
    late: int
    channels: list[ChannelBits]


class LastTestView(msgspec.Struct, frozen=True):
    """The last test of a span, which may be under way; None: there was none."""

    number: int
    test: SpanTestView | None


class SpanMethods:
    """What can be asked of digital spans."""

    def __init__(
        self, config: Callable[[], Config], gateway: Gateway, spans: Spans, tests: SpanTests,
        traces: Traces, audit: Audit, clock: Clock,
    ) -> None:  # fmt: skip
        self._config, self._gateway, self._spans, self._audit, self._clock = config, gateway, spans, audit, clock
        self._tests, self._traces = tests, traces

    @method("span.list", Role.VIEWER)
    def everyone(self) -> list[SpanView]:
        """Return all digital spans by number."""
        config = self._config()
        configured = {span.number: span for span in config.spans}
        told = {state.number: state for state in self._gateway.spans if state.digital or state.number in configured}
        groups = {place: group.name for group in config.groups for place in channels(group, config.spans)}
        return [
            self._view(number, configured.get(number), told.get(number), groups)
            for number in sorted({*configured, *told})
        ]

    @method("span.restart", Role.ADMIN)
    async def restart(self, session: Asker, number: Number, slot: Slot) -> RestartView:
        """Make a channel idle on both sides: a call on it ends."""
        self._known(number)
        answered = await self._spans.restart(number, slot)
        self._audit.note(
            Entry(self._clock.wall_s(), "span.restarted", "", session.who, session.address, f"{number}:{slot}")
        )
        await self._audit.kept()
        return RestartView(number, slot, answered)

    @method("span.test", Role.ADMIN)
    async def test(
        self,
        session: Asker,
        number: Number,
        slot: Annotated[int, Meta(ge=0, le=31, description="a channel of a span, 1 to 31; 0: all")] = 0,
        seconds: Annotated[int, Meta(ge=1, le=3600, description="1 to 3600")] = 10,
        local: bool = False,
    ) -> SpanTestView:
        """Begin to send a pattern on idle channels, and to count what comes back wrong; they take no calls meanwhile.

        All channels, where a loop plug is in the socket; one, where the far end has looped it back. `local`: the card
        loops the span back by itself, where it can. `span.last_test` tells how far it is and what was found.
        """
        self._known(number)
        test = await self._tests.begin(number, session.who, slot=slot, seconds=seconds, local=local)
        detail = f"{number}:{slot}" if slot else str(number)
        self._audit.note(Entry(self._clock.wall_s(), "span.tested", "", session.who, session.address, detail))
        await self._audit.kept()
        return _test_view(test)

    @method("span.stop_test", Role.ADMIN)
    def stop_test(self, number: Number) -> None:
        """End the test that is under way on a span, if there is one; what was found until then is kept."""
        self._known(number)
        self._tests.stop(number)

    @method("span.last_test", Role.SUPERVISOR)
    def last_test(self, number: Number) -> LastTestView:
        """Return a span's last test, which may be under way."""
        self._known(number)
        test = self._tests.last.get(number)
        return LastTestView(number, _test_view(test) if test else None)

    @method("span.trace", Role.SUPERVISOR)
    async def trace(self, number: Number, after: After = 0) -> TraceView:
        """Return the last messages of a span's signalling; ask again with `after` to follow it."""
        self._known(number)
        return await traced(self._traces, "span", number, after)

    def _known(self, number: int) -> None:
        known = [span.number for span in self.everyone()]
        if number not in known:
            raise NotFound(f"there is no span {number}; there are: {', '.join(map(str, known)) or 'none'}")

    def _view(
        self, number: int, span: Span | None, told: SpanState | None, groups: dict[tuple[int, int], str]
    ) -> SpanView:
        state = self._state(number, told, groups)
        if told is None:
            told = SpanState(number, there=False)
        return SpanView(
            number, span.name if span else "", state, span is not None, told.device, list(told.alarms), told.signalling,
            told.since_s, told.clock, told.slips_day, told.counters, told.wrong,
            list(self._slots(number, span, told, groups, up=state == "up")),
        )  # fmt: skip

    def _state(self, number: int, told: SpanState | None, groups: dict[tuple[int, int], str]) -> str:
        if told is None:
            return "unknown"
        if not told.there:
            return "absent"
        if not any(span == number for span, _ in groups):
            return "unused"
        if any(alarm in BROKEN for alarm in told.alarms):
            return "alarm"
        return told.signalling or "absent"

    def _slots(
        self, number: int, span: Span | None, told: SpanState, groups: dict[tuple[int, int], str], *, up: bool
    ) -> Iterator[SlotView]:
        own = set(slots(span.channels)) if span else set()
        for slot in range(1, SLOTS + 1):
            group = groups.get((number, slot), "") if slot in own else ""
            if slot == SIGNALLING:
                yield SlotView(slot, "signalling")
            elif slot in told.calls:
                leg = self._gateway.legs.get(told.calls[slot])
                talks = leg is None or leg.state is LegState.ANSWERED
                yield SlotView(slot, "in_use" if talks else "ringing", group, leg.call.id if leg else "")
            elif slot in told.testing:
                yield SlotView(slot, "testing", group)
            elif not group:
                yield SlotView(slot, "unused")
            else:
                yield SlotView(slot, "idle" if up else "out", group)


def _test_view(test: SpanTest) -> SpanTestView:
    return SpanTestView(
        test.span, test.slot, test.seconds, test.local, test.by, test.begun_s, test.state, test.verdict, test.bits,
        test.errors, test.errors / test.bits if test.bits else 0.0, test.late, list(test.slots),
    )  # fmt: skip
