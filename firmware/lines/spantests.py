"""The loopback tests of digital spans, as they go and as they ended, on a person's order.

The last of each span is on record until the next; a restart of the exchange ends one that is under way.
"""

import asyncio
from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from drivers.link.errors import NoFarLoop, NoLoop, NoSuchChannel, UnderTest
from drivers.link.messages import ChannelBits, Hello, SpanState, SpanTested, SpanTesting, StopSpanTest, TestSpan
from drivers.link.messages import Refused as LinkRefused
from firmware.calls.asked import Asked
from firmware.calls.gateway import Gateway
from firmware.clock import Clock
from firmware.errors import (
    BusyhourError,
    SpanHasCalls,
    SpanHasNoLoop,
    SpanIsUp,
    SpanNotConfigured,
    SpanNotTested,
    SpanUnderTest,
    SpanWithoutSignal,
    Unavailable,
)
from firmware.events import Bus, Event, Kind

ANSWER_S = 8.0      # where the signalling is up, it looks for a loop first
DEAD = ("red", "blue", "closed")    # alarms with which nothing comes in
REFUSALS: dict[str, type[BusyhourError]] = {
    NoSuchChannel.code: SpanNotConfigured, NoLoop.code: SpanHasNoLoop, NoFarLoop.code: SpanIsUp,
    UnderTest.code: SpanUnderTest,
}  # fmt: skip
State = Literal["running", "done", "stopped", "gone"]
Verdict = Literal["", "clean", "errors", "slips", "losses", "part", "no-loop", "silent"]


class SpanTest(msgspec.Struct, frozen=True):
    """One test: of which channel (0: all) and for how long, who ordered it and when, how far it is, what came back.

    `by` is "" where an exchange that is no more knew it. `local`: the card looped the span by itself. `late`: so often
    the box was too busy to attend to it.
    """

    span: int
    slot: int
    seconds: int
    local: bool
    by: str
    begun_s: float
    state: State = "running"
    slots: tuple[ChannelBits, ...] = ()
    late: int = 0

    @property
    def bits(self) -> int:
        """How many were compared on all channels."""
        return sum(one.bits for one in self.slots)

    @property
    def errors(self) -> int:
        """How many of them were wrong."""
        return sum(one.errors for one in self.slots)

    @property
    def verdict(self) -> Verdict:
        """What is found until now, by the worst that was: nothing comes back, no pattern does, not on all channels."""
        heard = {one.heard for one in self.slots}
        if "pattern" not in heard:
            ended = self.state in ("done", "stopped")
            return "" if not ended else "no-loop" if "other" in heard else "silent"
        if len(heard) > 1:
            return "part"
        if any(one.slips for one in self.slots):
            return "slips"
        if any(one.losses for one in self.slots):
            return "losses"
        return "errors" if self.errors else "clean" if self.bits else ""


def event_of(at_s: float, test: SpanTest) -> Event:
    """Return the event that tells of a test's end."""
    found = {"verdict": test.verdict, "bits": test.bits, "errors": test.errors}
    return Event(at_s, Kind.SPAN_TESTED, data=msgspec.to_builtins(test) | found)


def recorded(data: dict[str, Any]) -> SpanTest:
    """Return the test that an event, or a row, tells of."""
    return msgspec.convert(data, SpanTest)


class SpanTests:
    """The last test of each span, by its number; within the running loop."""

    def __init__(self, *, gateway: Gateway, bus: Bus, clock: Clock, earlier: Iterable[Event]) -> None:
        """`earlier` are the last tests of spans, as their events."""
        self._gateway, self._bus, self._clock = gateway, bus, clock
        self.last = {test.span: test for test in (recorded(event.data) for event in earlier)}
        self._asked = Asked[SpanTest](gateway)
        self._begun: dict[str, SpanTest] = {}   # by the order's id, until the gateway tells of its end
        self._given_up: set[str] = set()        # orders that were not answered for in time
        gateway.on_anew.append(self._gateway_anew)

    async def begin(self, span: int, by: str, *, slot: int = 0, seconds: int = 10, local: bool = False) -> SpanTest:
        """Begin a test, and return once it is under way.

        Raises SpanNotConfigured, SpanUnderTest, SpanWithoutSignal, SpanHasCalls, SpanIsUp (it needs a channel that is
        looped), SpanHasNoLoop, SpanNotTested for what else the gateway refuses it, Unavailable.
        """
        if not self._gateway.connected:
            raise Unavailable("the gateway is not there: no span can be tested")
        self._check(span, slot, local)
        order = TestSpan(id=self._gateway.next_id(), span=span, slot=slot, seconds=seconds, local=local)
        self._begun[order.id] = SpanTest(span, slot, seconds, local, by, self._clock.wall_s())
        try:
            return await self._asked.ask(order, ANSWER_S, f"the gateway did not begin to test span {span}")
        except (Unavailable, asyncio.CancelledError):
            self._begun.pop(order.id, None)
            self._given_up.add(order.id)
            self._gateway.send(StopSpanTest(id=self._gateway.next_id(), span=span))  # nobody would know of it
            raise
        except BusyhourError:
            self._begun.pop(order.id, None)
            raise

    def stop(self, span: int) -> None:
        """End what is under way on a span; where nothing is, that is done already. Unavailable."""
        if not self._gateway.connected:
            raise Unavailable("the gateway is not there")
        self._gateway.send(StopSpanTest(id=self._gateway.next_id(), span=span))

    # ---- what the gateway tells

    def take(self, told: SpanTesting | SpanTested) -> None:
        """Take how far a test is, or what it came to."""
        if isinstance(told, SpanTesting):
            self._take(told.command, "running", told.slots)
            return
        if told.command in self._given_up:
            self._given_up.remove(told.command)
            return
        ordered = SpanTest(told.span, told.slot, told.seconds, told.local, "", told.begun_s)
        self._begun.setdefault(told.command, ordered)  # by an earlier exchange
        self._end(told.command, told.at_s, told.outcome, told.slots, told.late)

    def refused(self, refused: LinkRefused) -> bool:
        """Take that an order was refused, if it was one of ours."""
        error = REFUSALS.get(refused.code, SpanNotTested)
        return self._asked.tell(refused.command, error(refused.text))

    # ---- inside

    def _take(self, command: str, state: State, slots: tuple[ChannelBits, ...], late: int = 0) -> None:
        test = self._begun.get(command)
        if test is None:
            return  # an earlier exchange ordered it, or it began too late
        test = self._begun[command] = msgspec.structs.replace(test, state=state, slots=slots, late=late)
        self.last[test.span] = test
        self._asked.tell(command, test)

    def _end(self, command: str, at_s: float, state: State, slots: tuple[ChannelBits, ...], late: int = 0) -> None:
        self._take(command, state, slots, late)
        self._bus.publish(event_of(at_s, self._begun.pop(command)))

    def _check(self, span: int, slot: int, local: bool) -> None:
        state = next((one for one in self._gateway.spans if one.number == span), SpanState(span))
        facts = {"span": span, "slot": slot}
        if not local and any(alarm in DEAD for alarm in state.alarms):
            raise SpanWithoutSignal(f"span {span}: no signal comes in, so that no pattern could", **facts)
        calls = [one for one in sorted(state.calls) if slot in (0, one)]
        if calls:
            told = ", ".join(map(str, calls))
            raise SpanHasCalls(
                f"span {span}: there are calls on channels {told}; to be tested they must be idle", channels=told,
                **facts,
            )

    def _gateway_anew(self, hello: Hello) -> None:
        for command, test in tuple(self._begun.items()):
            self._end(command, self._clock.wall_s(), "gone", test.slots)
        self._given_up.clear()
