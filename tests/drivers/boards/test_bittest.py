"""A span is tested against a loop: what is measured, what is refused, and that its channels take calls again."""

import asyncio
import os
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from drivers.alarms import Alarms
from drivers.boards.bittest import BitTests
from drivers.boards.sim.span import SEND_BUFFER
from drivers.boards.watch import SpanWatch
from drivers.link import messages as m
from drivers.link.errors import NoSuchChannel, UnderTest, WrongState
from drivers.link.messages import IsdnTrunk, SpanSetting, SpanState, SpanTested, SpanTesting
from drivers.office.loop import Loop
from native.isdn import Party
from tests.drivers.boards import test_spans, test_watch
from tests.drivers.boards.pri.test_span import User
from tests.drivers.boards.pri.wires import local_e1
from tests.drivers.boards.r2.wires import LocalCas, local_cas

CARRIER = IsdnTrunk(name="carrier", span=1)


class Box(test_spans.Box):
    """All spans of a configuration, and their tests."""

    async def _make(self) -> None:
        self.board = test_watch.Board({})
        await super()._make()
        self.tested: list[SpanTested] = []
        self.aside: list[SpanTesting] = []
        self.tests = BitTests(self, self.board, self.spans)

    def now_s(self) -> float:
        return self.loop.time()

    def tell(self, kind: Any, at_s: float | None = None, **fields: Any) -> None:
        self.tested.append(kind(seq=1, at_s=self.loop.time(), **fields))

    def tell_aside(self, message: SpanTesting) -> None:
        self.aside.append(message)

    def spawn(self, work: Any) -> None:
        self.task = asyncio.ensure_future(work)

    def loop_plug(self, slots: tuple[int, ...] = (1, 2, 3), errors: int = 0) -> dict[int, Loop]:
        """Put one in, whose bits are wrong one in `errors`, and use the span."""
        ours, theirs = local_e1(slots)
        self.wires += [ours, theirs]
        self.board.spans[1] = lambda: ours
        loops = {slot: Loop() for slot in slots}
        for slot, end in theirs.sockets.items():
            self.loops_back(end, lambda block, slot=slot: loops[slot].back(block, errors))
        self.do(self.spans.provision, (CARRIER,))
        return loops

    def spare(self, signalling: Any) -> list[Any]:
        """Put a loop plug into a span in no trunk group; return its wires as they are opened."""
        opened: list[Any] = []

        def open_span(number: int = 1) -> Any:
            ours, theirs = (local_cas if signalling == "r2" else local_e1)((1, 2))
            opened.append(ours)
            self.wires += [ours, theirs]
            for end in theirs.sockets.values():
                self.loops_back(end, lambda block: block)
            return ours

        self.board.spans[1] = self.board.open_cas = open_span
        self.do(self.spans.provision, (), (SpanSetting(1, signalling),))
        return opened

    def loops_back(self, end: socket.socket, changed: Callable[[bytes], bytes]) -> None:
        def back() -> None:
            end.send(changed(end.recv(2000)))

        for wire in self.wires[-2:]:  # no wire keeps seconds
            for one in wire.sockets.values():
                one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        self.loop.add_reader(end, back)

    def test(self, slot: int = 0, seconds: int = 2, *, local: bool = False) -> SpanTested:
        """Test a span and return what was found."""
        self.do(self.tests.begin, m.TestSpan(id="t", span=1, slot=slot, seconds=seconds, local=local))
        while not self.tested:
            self.loop.run_until_complete(self.task)
        return self.tested.pop()

    def close(self) -> None:
        for wire in [wire for wire in self.wires if isinstance(wire, LocalCas)]:
            self.wires.remove(wire)
            wire.end()
        super().close()

    def lent(self) -> tuple[int, ...]:
        return self.spans.span(1).loan.slots


@pytest.fixture
def box() -> Iterator[Box]:
    box = Box()
    yield box
    box.close()


def test_all_channels_of_a_looped_span_are_measured_bit_by_bit(box: Box):
    loops = box.loop_plug(errors=1000)
    tested = box.test()
    assert (tested.command, tested.span, tested.outcome, tested.late) == ("t", 1, "done", 0)
    assert [(one.slot, one.heard, one.bits) for one in tested.slots] == [
        (slot, "pattern", 2 * 64000) for slot in (1, 2, 3)
    ]
    assert [one.errors for one in tested.slots] == [128] * 3  # what more was looped is not counted
    assert all(loop.wrong >= 128 for loop in loops.values())
    assert [(one.errored_s, one.losses, one.slips) for one in tested.slots] == [(2, 0, 0)] * 3
    assert box.lent() == ()


def test_what_the_test_before_left_on_the_wire_is_no_slip(box: Box):
    box.loop_plug()
    box.do(box.tests.begin, m.TestSpan(id="t", span=1, seconds=60))
    box.do(box.tests.stop, 1)  # much that was sent is still under way
    box.tested.clear()
    assert [(one.bits, one.errors, one.slips) for one in box.test(seconds=1).slots] == [(64000, 0, 0)] * 3


def test_a_clean_loop_has_no_errors(box: Box):
    box.loop_plug()
    assert [(one.bits, one.errors, one.errored_s) for one in box.test(seconds=1).slots] == [(64000, 0, 0)] * 3


def test_silence_and_something_other_are_told_apart(box: Box):
    box.loop_plug(slots=(1, 2))
    noise, quiet = (box.wires[1].sockets[slot] for slot in (1, 2))
    box.loops_back(noise, lambda block: b"\xd5" * len(block))
    box.do(box.loop.remove_reader, quiet)
    tested = box.test(seconds=1)
    assert [(one.heard, one.bits) for one in tested.slots] == [("other", 0), ("nothing", 0)]
    assert tested.outcome == "done"


def test_while_it_is_under_way_it_tells_how_far_it_is_and_takes_no_calls(box: Box):
    far = box.plug((1, 2))
    box.do(box.spans.provision, (CARRIER,))
    box.wait(15)
    span = box.spans.span(1)
    box.do(box.tests.begin, m.TestSpan(id="t", span=1, slot=2, seconds=60))
    box.wait(2.5)
    assert [[one.slot for one in told.slots] for told in box.aside] == [[2]] * 3  # at once, and every second
    assert box.lent() == (2,)
    assert box.spans.get("carrier").has_free("carrier")
    box.do(span.dial, User(), "1", Party())
    assert (list(span.calls), span.has_free("carrier")) == ([1], False)
    with pytest.raises(WrongState, match="channel 2 is being tested"):
        box.do(span.restart, 2, lambda answered: None)
    with pytest.raises(WrongState, match="span 1 is being tested"):
        box.do(box.tests.begin, m.TestSpan(id="u", span=1, slot=1))
    box.do(box.tests.stop, 1)
    assert [(one.command, one.outcome) for one in box.tested] == [("t", "stopped")]
    assert (box.lent(), span.has_free("carrier")) == ((), True)
    box.do(far.close)


def test_a_call_that_comes_in_for_a_tested_channel_gets_another(box: Box):
    far = box.plug((1, 2))
    box.do(box.spans.provision, (CARRIER,))
    box.wait(15)
    box.do(box.tests.begin, m.TestSpan(id="t", span=1, slot=1))
    box.do(far.dchannel.call, "1", Party(), channel=1, exclusive=False)
    box.wait(1)
    assert list(box.spans.span(1).calls) == [2]
    box.do(box.tests.stop_all)
    box.do(far.close)


def test_a_span_that_goes_away_ends_its_test(box: Box):
    box.loop_plug()
    box.do(box.tests.begin, m.TestSpan(id="t", span=1, seconds=60))
    box.wait(1)
    box.do(box.spans.provision, ())
    assert [(one.outcome, len(one.slots)) for one in box.tested] == [("gone", 3)]
    box.do(box.tests.stop, 1)
    assert len(box.tested) == 1


def test_what_cannot_be_tested_is_refused_with_the_reason(box: Box):
    far = box.plug((1, 2))
    with pytest.raises(NoSuchChannel, match=r"span 1 is not configured; configured are \[\]"):
        box.test()
    box.do(box.spans.provision, (CARRIER,))
    box.wait(15)
    refused = box.test()
    assert (type(refused), refused.code, box.lent()) == (m.Refused, "no-far-loop", ())
    assert "its signalling is up, so that the far end is an exchange and no loop" in refused.text
    with pytest.raises(WrongState, match="span 1 has no channel 9; channels are 1-2"):
        box.test(slot=9)
    box.do(far.dchannel.call, "1", Party(), channel=2)
    box.wait(1)
    with pytest.raises(WrongState, match="channel 2 has a call"):
        box.test(slot=2)
    with pytest.raises(WrongState, match="calls are up on channels 2; to test all it must be idle"):
        box.test(local=True)
    box.do(far.close)


@pytest.mark.parametrize("signalling", ["pri", "r2"])
def test_a_span_in_no_trunk_group_is_set_up_and_tested_and_let_go_of(box: Box, signalling: str):
    opened = box.spare(signalling)
    assert [wire.closed for wire in opened] == [True]  # it was set up
    watch = SpanWatch(box.board, box.spans, Alarms(box._tell), box.now_s, lambda told: None, lambda *told: None)
    box.board.states = (SpanState(1),)
    for _ in range(2):
        box.do(box.tests.begin, m.TestSpan(id="t", span=1, seconds=1))
        assert box.do(watch.states)[0].testing == (1, 2)
        with pytest.raises(UnderTest):
            box.do(box.tests.begin, m.TestSpan(id="u", span=1, slot=1))
        box.loop.run_until_complete(box.task)
        assert [(one.slot, one.bits, one.errors) for one in box.tested.pop().slots] == [(1, 64000, 0), (2, 64000, 0)]
        assert box.do(watch.states)[0].testing == ()
    with pytest.raises(WrongState, match="span 1 has no channel 9"):
        box.do(box.tests.begin, m.TestSpan(id="t", span=1, slot=9))
    assert [wire.closed for wire in opened] == [True] * 4
    box.do(watch.close)


@pytest.mark.parametrize("signalling", ["pri", "r2"])
def test_a_spare_span_that_is_put_into_a_group_or_goes_away_ends_its_test(box: Box, signalling: str):
    opened = box.spare(signalling)
    box.do(box.tests.begin, m.TestSpan(id="t", span=1, seconds=60))
    box.do(box.spans.provision, (), (SpanSetting(1, signalling, crc4=False),))
    assert (box.tested.pop().outcome, opened[1].closed) == ("gone", True)
    box.do(box.tests.begin, m.TestSpan(id="t", span=1, seconds=60))
    for wire in box.wires[-1:]:
        (wire.wire if signalling == "r2" else wire.frames).close()
    box.wait(0.1)
    assert (box.tested.pop().outcome, opened[3].closed) == ("gone", True)


def test_a_spare_span_that_cannot_be_set_up_is_tried_again_and_says_why(box: Box):
    box.do(box.spans.provision, (), (SpanSetting(1),))
    assert box.spans.why(1) == "span 1 is not there; spans are []"
    with pytest.raises(WrongState, match="span 1 is not there"):
        box.do(box.tests.begin, m.TestSpan(id="t", span=1))
    ours, theirs = local_e1((1,))
    box.wires += [ours, theirs]
    box.board.spans[1] = lambda: ours
    box.wait(6)
    assert (box.spans.why(1), ours.closed) == ("", True)


def test_a_loop_that_came_while_the_signalling_was_up_is_found_though_it_stays_up(box: Box):
    far = box.plug((1, 2, 3))
    box.do(box.spans.provision, (CARRIER,))
    box.wait(15)
    for end in box.wires[1].sockets.values():
        box.loops_back(end, lambda block: block)
    assert box.spans.span(1).up
    tested = box.test(seconds=1)
    assert [(one.slot, one.bits, one.errors) for one in tested.slots] == [(1, 64000, 0), (2, 64000, 0), (3, 64000, 0)]
    box.do(far.close)


def test_a_wire_without_a_signal_is_refused_and_so_is_a_loop_that_the_card_has_not(box: Box):
    box.loop_plug()
    box.board.states = (SpanState(1, alarms=("red",)),)
    with pytest.raises(WrongState, match="span 1 has a red alarm: no signal comes in"):
        box.test()
    with pytest.raises(WrongState, match="this board has no loop of its own"):
        box.test(local=True)
    assert box.lent() == ()
    box.board.states = ()
    assert box.test(seconds=1).outcome == "done"


def test_the_card_loops_the_span_for_as_long_as_the_test_lasts(box: Box):
    box.loop_plug()
    asked: list[bool] = []
    box.board.loop_back = lambda number, looped: asked.append(looped)
    assert box.test(local=True, seconds=1).slots[0].bits == 64000
    assert asked == [True, False]


def test_what_is_missing_while_the_box_was_late_is_no_loss_of_the_lines(box: Box):
    box.loop_plug(slots=(1,))
    box.do(box.tests.begin, m.TestSpan(id="t", span=1, seconds=10))
    box.wait(0.1)
    box.loop.jump(2.0)  # nobody attends to it, and what waits is lost
    while True:
        try:
            os.read(box.wires[0].sockets[1].fileno(), 2000)
        except BlockingIOError:
            break
    box.loop.run_until_complete(box.task)
    (tested,) = box.tested
    assert tested.late >= 1
    assert [(one.errors, one.losses, one.slips) for one in tested.slots] == [(0, 0, 0)]
