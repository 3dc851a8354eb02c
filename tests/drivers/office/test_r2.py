"""The simulated office's span by MFC/R2, openr2 at the box's end too: bits and sound tick by tick, and no socket."""

from typing import Any, get_args

import numpy as np
import pytest

from drivers.link.office import R2Variant, SpanFault, Subscriber
from drivers.office.r2 import ALARM, BACKWARD_HZ, FORWARD_HZ, PLACES
from drivers.office.sound import SILENCE
from drivers.office.span import Span
from native import r2
from native.media import Ear
from native.tones import ToneSender
from tests.audio import hears_tone
from tests.drivers.office.span_user import TICK_S, SpanUser

SLOT = 1


class Box(SpanUser):
    """The box at one timeslot of span 1; on the others its line is blocked."""

    patience_s = 30.0   # the office waits for more digits, and both sides have timers of seconds

    def __init__(self, variant: str = "china") -> None:
        super().__init__()
        self.span = self.office.speak(1, r2=True)
        self.span.speak(variant)
        self.heard: list[bytes] = []
        self.bits: list[int] = []
        self.says: ToneSender | None = None
        self._frames: list[bytes] = []
        self._ear: Ear | None = None
        self.line = r2.Line(
            variant, lambda bits: self._frames.append(bytes((SLOT, bits))), self._send, self._listen, lambda text: None,
            lambda: self.now_s, called_digits=8,
        )  # fmt: skip
        self.span.plug()

    def _send(self, tone: str) -> None:
        hertz = FORWARD_HZ if self._backward else BACKWARD_HZ
        self.says = ToneSender([hertz[place] for place in PLACES[tone]], -11.5) if tone else None

    def _listen(self, what: Any) -> None:
        self._backward = what == "backward"
        self._ear = Ear(False, {}, False, what) if what else None

    def tick(self) -> None:
        self.now_s = round(self.now_s + TICK_S, 2)
        self.line.run()
        self.events += self.line.take()
        frames, self._frames[:] = list(self._frames), []
        self.office.tick({}, {1: (frames, {SLOT: self.says.read(160) if self.says else SILENCE})})
        told, said = self.span.said
        for slot, bits in told:
            if slot == SLOT:
                self.bits.append(bits)
                self.line.shut(bool(bits & ALARM))
                if not bits & ALARM:
                    self.line.receive(bits)
        if (block := said.get(SLOT)) is None:
            return
        self.heard.append(block)
        for one in self._ear.hear(block) if self._ear else ():
            self.line.hear(one.value)

    def hears(self, hertz: float) -> bool:
        samples = np.frombuffer(b"".join(self.heard[-10:]), np.int16).astype(float)
        return len(samples) == 1600 and hears_tone(samples, hertz)


@pytest.fixture
def box() -> Box:
    """Return the box once its line is idle at both ends."""
    box = Box()
    box.until(lambda: box.line.free and box.span.up)
    return box


def test_a_caller_is_offered_with_both_numbers_and_talks(box: Box) -> None:
    caller = box.call(to="62348801", number="13800138000", tone_hz=700, wait_s=0)
    offered = box.event(r2.Offered)
    assert (offered.did, offered.caller, offered.restricted) == ("62348801", "13800138000", False)
    box.line.accept()
    box.until(lambda: "ringing" in [step.event for step in box.told])
    box.line.answer()
    box.until(lambda: box.hears(700))
    box.says = ToneSender((1500,), -10)
    for _ in range(100):
        box.tick()
    box.line.hang_up(16)
    box.until(lambda: caller.over)
    report = caller.report()
    assert (report.outcome, report.ended_by, report.span) == ("answered", "box", 1)
    assert any(abs(peak.hz - 1500) < 20 for second in report.heard.seconds for peak in second.frequencies)
    box.event(r2.Freed)
    assert box.until(lambda: not box.span.circuits and box.line.free)


@pytest.mark.parametrize("variant", r2.VARIANTS)
def test_every_variant_is_spoken_both_ways(variant: str) -> None:
    box = Box(variant)
    box.until(lambda: box.line.free and box.span.up)
    caller = box.call(to="62348801", number="13800138000", tone_hz=700, wait_s=0)
    offered = box.event(r2.Offered)
    assert (offered.did, offered.caller) == ("62348801", "13800138000")
    box.line.answer()
    box.until(lambda: box.hears(700))
    box.line.hang_up(16)
    box.until(lambda: caller.over and box.line.free)
    box.office.subscribe(Subscriber(number="95555", voice="tone", tone_hz=1200, answer_after_s=0, talk_s=None))
    box.line.call("95555", "62348801")
    box.event(r2.Answered)
    box.until(lambda: box.hears(1200))
    box.line.hang_up(16)
    box.until(lambda: box.line.free)
    (report,) = box.office.calls()
    assert (report.number, report.outcome, report.ended_by) == ("95555", "answered", "box")


def test_a_variant_is_spoken_from_the_moment_it_is_asked_for(box: Box) -> None:
    box.span.speak("itu")
    box.office.speak(1, r2=True)
    assert (box.span.speaks, box.span.r2_variant) == ("r2", "itu")
    box.until(lambda: box.line.free and box.span.up)
    box.span.speak("qsig")
    assert box.span.speaks == "r2"
    isdn = box.office.speak(1, r2=False)
    assert (isdn.speaks, isdn.r2_variant) == ("qsig", "itu")


def test_all_variants_that_openr2_knows_can_be_asked_for() -> None:
    assert get_args(R2Variant) == tuple(r2.VARIANTS)


def test_a_caller_who_withholds_the_number_is_offered_so(box: Box) -> None:
    box.call(to="62348801", number="13800138000", withheld=True)
    assert box.event(r2.Offered).restricted


@pytest.mark.parametrize(("cause", "outcome"), [(17, "busy"), (34, "congested"), (1, "unknown")])
def test_who_is_refused_is_told_why(box: Box, cause: int, outcome: str) -> None:
    caller = box.call(to="62348801")
    box.event(r2.Offered)
    box.line.hang_up(cause)
    box.until(lambda: caller.over)
    assert (caller.report().outcome, caller.report().ended_by) == (outcome, "box")


def test_the_box_calls_somebody_hears_ringback_and_the_answer_and_is_hung_up_on(box: Box) -> None:
    box.office.subscribe(Subscriber(number="95555", voice="tone", tone_hz=1200, answer_after_s=2, talk_s=3))
    box.line.call("95555", "62348801")
    box.event(r2.Accepted)
    box.until(lambda: box.hears(450))
    box.event(r2.Answered)
    box.until(lambda: box.hears(1200))
    assert box.event(r2.Cleared).cause == 16
    box.line.hang_up(16)
    box.until(lambda: box.line.free)
    (report,) = box.office.calls()
    assert (report.outcome, report.ended_by) == ("answered", "party")


def test_a_number_that_says_something_first_is_heard_and_then_rings(box: Box) -> None:
    box.office.subscribe(
        Subscriber(number="95555", voice="tone", tone_hz=1200, announced_s=4, answer_after_s=6, talk_s=3)
    )
    box.line.call("95555", "62348801")
    box.event(r2.Accepted)
    box.until(lambda: box.hears(1200))
    box.until(lambda: box.hears(450))
    box.event(r2.Answered)
    box.until(lambda: box.hears(1200))


@pytest.mark.parametrize(("behaviour", "cause"), [("busy", 17), ("unknown", 1), ("congested", 42)])
def test_the_box_is_told_why_a_call_fails(box: Box, behaviour: Any, cause: int) -> None:
    box.office.subscribe(Subscriber(number="95555", behaviour=behaviour))
    box.line.call("95555", "62348801")
    assert box.event(r2.Cleared).cause == cause


@pytest.mark.parametrize("fault", [{"alarm": "red"}, {"alarm": "yellow"}, {"dchannel": False}])
def test_a_fault_of_the_wire_ends_calls_and_lines_are_idle_after_it(box: Box, fault: dict[str, Any]) -> None:
    caller = box.call(to="62348801", number="13800138000")
    box.event(r2.Offered)
    box.span.fault = SpanFault(span=1, **fault)
    box.until(lambda: caller.over)
    assert not box.span.up
    assert bool(box.bits[-1] & ALARM) == ("alarm" in fault)
    box.line.hang_up(16)
    for _ in range(200):
        box.tick()
    box.span.fault = SpanFault(span=1)
    assert box.until(lambda: box.line.free and box.span.up)


def test_a_span_that_is_opened_otherwise_speaks_otherwise_and_keeps_its_fault(box: Box) -> None:
    box.span.fault = SpanFault(span=1, bit_errors=1e-3)
    span = box.office.speak(1, r2=False)
    assert type(span) is Span
    assert (span is box.office.spans[1], span.fault.bit_errors) == (True, 1e-3)
    assert box.office.speak(1, r2=False) is span
