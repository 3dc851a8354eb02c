"""Loopback tests of digital spans: a pattern goes out on idle channels, and what comes back is held against it.

The channels take no calls meanwhile. The wire is its own clock: it is given as much as it takes. So a loop is late a
few times before an octet is lost, and where it was too late, what may be missing is not counted as the line's.

A loop that comes while the signalling is up keeps it up: it answers what asks whether the far end is there. So whether
it is one is found out on two channels, before all are taken from an exchange that may call on them.
"""

import asyncio
import contextlib
import os
from collections.abc import Callable, Coroutine
from typing import Any, Literal, Protocol

from drivers.boards import prbs
from drivers.boards.base import Board
from drivers.boards.ranges import ranges
from drivers.boards.spans import Spans
from drivers.boards.spare import Spare
from drivers.boards.trunk import TrunkSpan
from drivers.link.errors import DriverError, NoFarLoop, UnderTest, WrongState
from drivers.link.messages import ChannelBits, Event, Refused, SpanTested, SpanTesting, TestSpan

BLOCK = 160             # octets, 20 ms
TURN_S = 0.04
MOST_BLOCKS = 64        # at once on one channel
LATE_S = 0.5            # what a card keeps, and some wires more
TOLD_S = 1.0
PROBE_S = 1
SKIP = 4000             # octets: more than a wire keeps of an earlier test
SETTLE_S = 3.0          # for what was sent to come back, after as long as was asked for
DEAD = ("red", "blue", "closed")    # alarms with which nothing could come back
Outcome = Literal["done", "stopped", "gone"]
Span = TrunkSpan | Spare


class TestHost(Protocol):
    """What tests need of the gateway around them."""

    def now_s(self) -> float:
        """Return the Unix time."""

    def tell(self, kind: type[Event], at_s: float | None = None, **fields: Any) -> None:
        """Send an event up."""

    def tell_aside(self, message: SpanTesting) -> None:
        """Send something up that need not be kept."""

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine that belongs to nobody, its errors logged."""


class _Way:
    """One channel there and back."""

    def __init__(self, slot: int, fd: int, seconds: int) -> None:
        self.slot, self._fd = slot, fd
        self.comparison = prbs.Comparison(seconds * prbs.SECOND, SKIP)
        self._next = 0      # octet of the pattern

    def turn(self) -> None:
        """Take what has come, and send what the wire takes."""
        with contextlib.suppress(OSError):  # nothing more is there; of a wire that is gone, its span tells
            for _ in range(MOST_BLOCKS):
                self.comparison.take(os.read(self._fd, BLOCK))
        with contextlib.suppress(OSError):  # it takes no more
            for _ in range(MOST_BLOCKS):
                self._next += os.write(self._fd, prbs.octets(self._next, BLOCK))

    def found(self) -> ChannelBits:
        """Return what came back."""
        one = self.comparison
        if not one.begun:
            return ChannelBits(self.slot, "other" if one.other else "nothing")
        return ChannelBits(self.slot, "pattern", one.bits, one.errors, len(one.errored), one.losses, one.slips)


class _Test:
    """One test, from `begin` to the event that tells its end."""

    def __init__(
        self, host: TestHost, board: Board, span: Span, order: TestSpan,
        ended: Callable[["_Test", Outcome], None], probed: tuple[int, ...] = (),
    ) -> None:  # fmt: skip
        """`probed`: these channels only, for a second, and nothing is told of them but by `ended`."""
        self._host, self._board, self._span, self._order, self._ended = host, board, span, order, ended
        self._probed, self._seconds = probed, PROBE_S if probed else order.seconds
        self._ways: list[_Way] = []
        self._late = 0
        self._begun_s = host.now_s()
        self._loop = asyncio.get_running_loop()
        self._over: asyncio.Future[Outcome] = self._loop.create_future()

    def begin(self) -> None:
        """Take the channels; OSError or DriverError says why that cannot be."""
        slots = self._probed or ((self._order.slot,) if self._order.slot else self._span.slots)
        if self._order.local:
            self._board.loop_back(self._span.number, True)
        try:
            lent = self._span.loan.take(slots, lambda: self.stop("gone"))
        except (OSError, DriverError):
            self._open_loop()
            raise
        self._ways = [_Way(slot, fd, self._seconds) for slot, fd in lent.items()]
        self._host.spawn(self._run())
        self._tell()

    def stop(self, outcome: Outcome) -> None:
        """End it, at once: its channels are given back when this returns."""
        if self._over.done():
            return
        self._over.set_result(outcome)
        self._open_loop()
        if outcome != "gone":
            self._span.loan.give_back()
        if not self._probed:
            order = self._order
            self._host.tell(
                SpanTested, command=order.id, span=order.span, outcome=outcome, slots=self._found(), late=self._late,
                slot=order.slot, seconds=order.seconds, local=order.local, begun_s=self._begun_s,
            )  # fmt: skip
        self._ended(self, outcome)

    @property
    def all_back(self) -> bool:
        """Whether the pattern comes back on all its channels."""
        return all(way.comparison.begun for way in self._ways)

    # ---- inside

    async def _run(self) -> None:
        begun_s = last_s = told_s = self._loop.time()
        try:
            while not self._over.done():
                now_s = self._loop.time()
                if now_s - last_s > LATE_S:
                    self._late += 1
                    for way in self._ways:
                        way.comparison.lose()
                last_s = now_s
                for way in self._ways:
                    way.turn()
                if self._enough(now_s - begun_s):
                    self.stop("done")
                elif now_s - told_s >= TOLD_S:
                    told_s = now_s
                    self._tell()
                await asyncio.wait((self._over,), timeout=TURN_S)
        finally:
            self.stop("stopped")  # the gateway ends

    def _enough(self, passed_s: float) -> bool:
        """Say whether all was measured that was asked for, or nothing more will come."""
        heard = [way.comparison for way in self._ways if way.comparison.begun]
        if len(heard) == len(self._ways) and all(one.over for one in heard):
            return True
        return passed_s >= self._seconds + (0.0 if all(one.over for one in heard) else SETTLE_S)

    def _tell(self) -> None:
        if not self._probed:
            self._host.tell_aside(SpanTesting(self._host.now_s(), self._order.id, self._span.number, self._found()))

    def _found(self) -> tuple[ChannelBits, ...]:
        return tuple(way.found() for way in self._ways)

    def _open_loop(self) -> None:
        if self._order.local:
            with contextlib.suppress(OSError, DriverError):  # the card is gone
                self._board.loop_back(self._span.number, False)


class BitTests:
    """Those that are under way, one a span at most."""

    def __init__(self, host: TestHost, board: Board, spans: Spans) -> None:
        self._host, self._board, self._spans = host, board, spans
        self._running: dict[int, _Test] = {}

    def begin(self, order: TestSpan) -> None:
        """Begin a test; NoSuchChannel or WrongState says why that cannot be, or a `refused` that follows."""
        number = order.span
        if number in self._running:
            raise UnderTest(f"span {number} is being tested")
        span = self._testable(number)
        try:
            self._start(span, order)
        except DriverError:
            if isinstance(span, Spare):
                span.close()
            raise

    def stop(self, number: int) -> None:
        """End a span's test, if there is one."""
        if number in self._running:
            self._running[number].stop("stopped")

    def stop_all(self) -> None:
        """End all: nobody is there who would hear of them."""
        for number in tuple(self._running):
            self.stop(number)

    # ---- inside

    def _testable(self, number: int) -> Span:
        try:
            return self._spans.testable(number)
        except OSError as error:
            raise WrongState(f"span {number} cannot be tested: {error.strerror or error}") from error

    def _start(self, span: Span, order: TestSpan) -> None:
        self._check(span, order)
        if order.slot or order.local or not span.up:
            self._begin(_Test(self._host, self._board, span, order, self._ended), span.number)
            return

        def probed(test: _Test, outcome: Outcome) -> None:
            self._ended(test, outcome)
            self._go_on(span, order, looped=outcome == "done" and test.all_back)

        ends = (span.slots[0], span.slots[-1])
        self._begin(_Test(self._host, self._board, span, order, probed, ends), span.number)

    def _begin(self, test: _Test, number: int) -> None:
        self._running[number] = test
        try:
            test.begin()
        except OSError as error:
            del self._running[number]
            raise WrongState(f"span {number} cannot be tested: {error.strerror or error}") from error
        except DriverError:
            del self._running[number]
            raise

    def _ended(self, test: _Test, outcome: Outcome) -> None:
        self._running = {number: one for number, one in self._running.items() if one is not test}

    def _go_on(self, span: Span, order: TestSpan, *, looped: bool) -> None:
        """Test all channels of a span that is looped though its signalling is up; refuse to test another."""
        try:
            if not looped:
                raise NoFarLoop(
                    f"span {span.number}: its signalling is up, so that the far end is an exchange and no loop; name "
                    "the one channel that the far end has looped back"
                )
            self._check(span, order)
            self._begin(_Test(self._host, self._board, span, order, self._ended), span.number)
        except DriverError as error:
            self._host.tell(Refused, command=order.id, code=error.code, text=str(error))

    def _check(self, span: Span, order: TestSpan) -> None:
        name, calls = f"span {span.number}", span.calls
        dead = next((alarm for alarm in self._alarms(span.number) if alarm in DEAD), None)
        if dead is not None and not order.local:
            raise WrongState(f"{name} has a {dead} alarm: no signal comes in, so that no pattern could")
        if order.slot and order.slot not in span.slots:
            raise WrongState(f"{name} has no channel {order.slot}; channels are {ranges(set(span.slots))}")
        if order.slot in calls:
            raise WrongState(f"{name}: channel {order.slot} has a call; to test it must be idle")
        if not order.slot and calls:
            raise WrongState(f"{name}: calls are up on channels {ranges(set(calls))}; to test all it must be idle")

    def _alarms(self, number: int) -> tuple[str, ...]:
        return next((state.alarms for state in self._board.span_states() if state.number == number), ())
