"""The simulated office's digital spans, by libpri at the box's end: frames and samples tick by tick, and no socket."""

from typing import Any

import numpy as np
import pytest

from drivers.link.office import SpanFault, Subscriber
from drivers.office.sound import SILENCE
from native import isdn
from native.isdn import Party
from native.pri import DChannel
from native.tones import ToneSender
from tests.audio import hears_tone
from tests.drivers.office.span_user import TICK_S, SpanUser

NETWORK, USER = 1, 2


class Box(SpanUser):
    """The box at one span: what it sees of the D-channel, what it hears on each timeslot."""

    def __init__(self, span: int, variant: str = "euroisdn") -> None:
        super().__init__()
        self.span = self.office.spans[span]
        self.heard: dict[int, list[bytes]] = {}
        self.tones: dict[int, ToneSender] = {}
        self._frames: list[bytes] = []
        self.dchannel = DChannel(
            "user" if self.span.side == "network" else "network", variant,
            self._frames.append, lambda text: None, lambda: self.now_s,
        )  # fmt: skip
        self.span.plug()

    def run(self, duration_s: float) -> None:
        for _ in range(round(duration_s / TICK_S)):
            self.tick()

    def hears(self, slot: int, hertz: float) -> bool:
        blocks = self.heard.get(slot, [])[-10:]
        return len(blocks) == 10 and hears_tone(np.frombuffer(b"".join(blocks), np.int16).astype(float), hertz)

    def tick(self) -> None:
        self.now_s = round(self.now_s + TICK_S, 2)
        frames, self._frames[:] = list(self._frames), []
        heard = {slot: tone.read(160) for slot, tone in self.tones.items()}
        self.office.tick({}, {self.span.number: (frames, heard)})
        told, said = self.span.said
        for frame in told:
            self.dchannel.receive(frame)
        self.dchannel.run()
        self.events += self.dchannel.take()
        for slot, block in said.items():
            self.heard.setdefault(slot, []).append(block)


@pytest.fixture(params=[(NETWORK, "euroisdn"), (USER, "euroisdn"), (USER, "qsig")])
def box(request: pytest.FixtureRequest) -> Box:
    """Return the box at either span, once its signalling is up."""
    span, variant = request.param
    box = Box(span, variant)
    if variant != "euroisdn":
        box.span.speak(variant)
    box.event(isdn.Up)
    return box


def test_a_caller_is_offered_with_both_numbers_and_talks(box: Box) -> None:
    caller = box.call(to="62348801", number="13800138000", tone_hz=700, wait_s=0)
    offered = box.event(isdn.Offered)
    assert (offered.did, offered.caller.number, offered.caller.presentation) == ("62348801", "13800138000", "allowed")
    box.dchannel.alert(offered.call, offered.channel)
    box.until(lambda: "ringing" in [step.event for step in box.told])
    box.tones[offered.channel] = ToneSender((1500,), -10)
    box.dchannel.answer(offered.call, offered.channel)
    box.until(lambda: box.hears(offered.channel, 700))
    box.run(1)
    box.dchannel.hang_up(offered.call, 16)
    box.until(lambda: caller.over)
    report = caller.report()
    assert (report.outcome, report.ended_by, report.span, report.line) == ("answered", "box", box.span.number, 0)
    assert any(abs(peak.hz - 1500) < 20 for second in report.heard.seconds for peak in second.frequencies)
    assert "busy" in [tone.name for tone in report.heard.tones]
    box.event(isdn.Freed)
    assert not box.span.circuits


def test_a_caller_who_withholds_the_number_is_offered_so(box: Box) -> None:
    box.call(to="1", number="13800138000", withheld=True)
    assert box.event(isdn.Offered).caller.presentation == "restricted"


@pytest.mark.parametrize(("cause", "outcome"), [(17, "busy"), (34, "congested"), (1, "unknown"), (21, "no_answer")])
def test_who_is_refused_is_told_why(box: Box, cause: int, outcome: str) -> None:
    caller = box.call(to="62348801")
    box.dchannel.hang_up(box.event(isdn.Offered).call, cause)
    box.until(lambda: caller.over)
    assert (caller.report().outcome, caller.report().ended_by) == (outcome, "box")


def test_a_caller_who_hangs_up_leaves_the_channel_free(box: Box) -> None:
    caller = box.call(to="62348801", ring_for_s=3)
    offered = box.event(isdn.Offered)
    box.dchannel.alert(offered.call, offered.channel)
    assert box.event(isdn.Cleared).cause == 16
    box.event(isdn.Freed)
    assert (caller.report().outcome, caller.report().ended_by) == ("no_answer", "party")
    assert not box.span.circuits


def test_the_box_reaches_a_subscriber_who_answers_speaks_and_hangs_up(box: Box) -> None:
    box.office.subscribe(Subscriber(number="62340000", voice="tone", tone_hz=900, answer_after_s=2, talk_s=3))
    call = box.dchannel.call("62340000", Party("62348800"), channel=7)
    box.event(isdn.Alerting)
    rung_s = box.now_s
    box.event(isdn.Answered)
    assert box.now_s - rung_s == pytest.approx(2, abs=0.1)
    box.until(lambda: box.hears(7, 900))
    assert box.event(isdn.Cleared) == isdn.Cleared(call, 16)
    assert box.now_s - rung_s == pytest.approx(5, abs=0.2)
    (report,) = box.office.calls()
    assert (report.number, report.outcome, report.span) == ("62340000", "answered", box.span.number)


@pytest.mark.parametrize(("behaviour", "cause"), [("busy", 17), ("congested", 34), ("unknown", 1)])
def test_a_number_that_cannot_be_reached_is_cleared_with_its_cause(box: Box, behaviour: Any, cause: int) -> None:
    box.office.subscribe(Subscriber(number="62340000", behaviour=behaviour))
    box.dchannel.call("62340000", Party(), channel=3)
    assert box.event(isdn.Cleared).cause == cause
    assert box.office.calls()[0].outcome == behaviour


@pytest.mark.parametrize("behaviour", ["answers", "unknown"])
def test_a_number_that_says_something_first_is_heard_and_then_rings_or_is_refused(box: Box, behaviour: Any) -> None:
    box.office.subscribe(
        Subscriber(number="62340000", behaviour=behaviour, voice="tone", tone_hz=900, announced_s=3, answer_after_s=1)
    )
    box.dchannel.call("62340000", Party(), channel=3)
    assert box.event(isdn.Progress).inband
    said_s = box.now_s
    box.until(lambda: box.hears(3, 900))
    ends = box.event(isdn.Alerting if behaviour == "answers" else isdn.Cleared)
    assert box.now_s - said_s == pytest.approx(3, abs=0.1)
    assert behaviour == "answers" or ends.cause == 1
    if behaviour == "answers":
        assert ends.inband
        box.until(lambda: box.hears(3, 450))
        box.event(isdn.Answered)
        box.until(lambda: box.hears(3, 900))


def test_a_caller_hears_what_the_box_has_to_say_before_it_answers_and_leaves_at_busy_tone(box: Box) -> None:
    caller = box.call(to="62348801")
    offered = box.event(isdn.Offered)
    box.dchannel.progress(offered.call, offered.channel)
    box.until(lambda: "audible" in [step.event for step in box.told])
    box.tones[offered.channel] = ToneSender((1500,), -10)
    box.run(2)
    box.tones[offered.channel] = ToneSender((450,), -10, (350, 350))
    box.until(lambda: caller.over)
    report = caller.report()
    assert (report.outcome, report.answered_s, report.ended_by) == ("no_answer", None, "party")
    assert any(abs(peak.hz - 1500) < 20 for second in report.heard.seconds for peak in second.frequencies)
    assert "busy" in [tone.name for tone in report.heard.tones]


def test_a_talk_lives_on_while_the_signalling_is_cut(box: Box) -> None:
    caller = box.call(to="62348801", tone_hz=700)
    offered = box.event(isdn.Offered)
    box.dchannel.answer(offered.call, offered.channel)
    box.until(lambda: box.hears(offered.channel, 700))
    box.span.fault = SpanFault(span=box.span.number, dchannel=False)
    box.event(isdn.Down)
    assert not caller.over
    assert box.hears(offered.channel, 700)
    box.span.fault = SpanFault(span=box.span.number)
    box.event(isdn.Up)
    box.run(5)
    assert not caller.over
    box.dchannel.hang_up(offered.call, 16)
    box.until(lambda: caller.over)


@pytest.mark.parametrize("alarm", ["red", "blue"])
def test_with_an_alarm_nothing_is_heard(box: Box, alarm: Any) -> None:
    box.call(to="62348801", tone_hz=700)
    offered = box.event(isdn.Offered)
    box.dchannel.answer(offered.call, offered.channel)
    box.until(lambda: box.hears(offered.channel, 700))
    box.span.fault = SpanFault(span=box.span.number, alarm=alarm)
    box.event(isdn.Down)
    assert box.heard[offered.channel][-1] == SILENCE


def test_all_channels_at_once_and_one_more(box: Box) -> None:
    callers = [box.call(to=f"{number:02}") for number in range(31)]
    box.run(2)
    offers = [event for event in box.events if isinstance(event, isdn.Offered)]
    assert {offer.channel for offer in offers} == {*range(1, 16), *range(17, 32)}
    assert [caller.report().outcome for caller in callers if caller.state == "cleared"] == ["busy"]


def test_a_channel_that_is_taken_is_refused(box: Box) -> None:
    box.call(to="62348801")
    taken = box.event(isdn.Offered)
    box.dchannel.call("62340000", Party(), channel=taken.channel, exclusive=True)
    assert box.event(isdn.Cleared).cause == 44
    assert len(box.span.circuits) == 1


def test_when_the_board_goes_its_callers_are_cleared(box: Box) -> None:
    caller = box.call(to="62348801")
    box.event(isdn.Offered)
    box.span.unplug()
    assert caller.state == "cleared"
    assert not box.span.circuits
    again = box.call(to="62348801")
    assert again.state == "cleared", "nobody can be reached over a span that nobody uses"
    box.until(lambda: again.over)


def test_calls_end_when_a_span_begins_to_speak_otherwise_and_new_ones_can_be_made() -> None:
    box = Box(USER)
    box.event(isdn.Up)
    caller = box.call(to="62348801", number="13800138000")
    box.event(isdn.Offered)
    box.span.speak("qsig")
    box.until(lambda: caller.over)
    assert box.span.variant == "qsig"
    box.dchannel.close()
    box.events.clear()
    box.dchannel = DChannel("network", "qsig", box._frames.append, lambda text: None, lambda: box.now_s)
    box.event(isdn.Up)
    box.run(5)  # the office's end of the link is set up anew after its own timer
    box.call(to="62348801", number="13800138001", name="Old PBX")
    assert box.event(isdn.Offered).caller.number == "13800138001"


def talking_pair(box: Box) -> tuple[Any, int, int]:
    """Let somebody call the box, and the box somebody; return the caller, and the box's numbers of both calls."""
    box.office.subscribe(Subscriber(number="62340000", voice="tone", tone_hz=900, answer_after_s=0, talk_s=None))
    caller = box.call(to="62348801", number="13800138000", tone_hz=700, wait_s=0)
    came = box.event(isdn.Offered)
    box.dchannel.answer(came.call, came.channel)
    goes = box.dchannel.call("62340000", Party("62348800"), channel=31)
    box.event(isdn.Answered)
    box.until(lambda: "answered" in [step.event for step in box.told])
    return caller, came.call, goes


def tones(heard: Any) -> set[int]:
    return {round(peak.hz, -2) for second in heard.seconds[-2:] for peak in second.frequencies[:1]}


@pytest.mark.parametrize("by", ["caller", "callee"])
def test_the_office_joins_two_calls_of_the_box_and_both_talk_on_without_it(by: str) -> None:
    box = Box(NETWORK)
    box.event(isdn.Up)
    caller, came, goes = talking_pair(box)
    box.dchannel.join(came, goes)
    box.event(isdn.Joined)
    box.until(lambda: not box.dchannel.calls and not box.span.circuits)
    assert box.span.joined == 1
    box.run(3)
    (callee,) = [called for called in box.office._called if called.number == "62340000"]
    assert (tones(caller.report().heard), tones(callee.report().heard)) == ({900}, {700})
    assert (caller.report().ended_by, callee.report().ended_by) == ("", "")
    if by == "caller":
        caller.hang_up()
    else:
        callee.way.release(callee)
        callee.end("party")
    box.run(0.1)
    assert box.span.joined == 0
    assert callee.over
    box.until(lambda: caller.over)
    assert (caller.report().ended_by, callee.report().ended_by) == (
        ("party", "box") if by == "caller" else ("box", "party")
    )  # fmt: skip


def test_the_office_refuses_to_join_where_it_is_not_ordered() -> None:
    box = Box(NETWORK)
    box.event(isdn.Up)
    caller, came, goes = talking_pair(box)
    box.span.fault = SpanFault(span=NETWORK, joins=False)
    box.dchannel.join(came, goes)
    assert box.event(isdn.NotJoined).why == "refused"
    box.run(1)
    assert set(box.dchannel.calls) == {came, goes}
    assert (len(box.span.circuits), box.span.joined, caller.over) == (2, 0, False)


def test_the_pbx_lights_a_lamp_when_it_is_told_by_qsig_and_says_that_it_did() -> None:
    box = Box(USER, "qsig")
    box.span.speak("qsig")
    box.event(isdn.Up)
    for number, waiting, lit in (("345", True, {"345"}), ("346", True, {"345", "346"}), ("345", False, {"346"})):
        told = box.dchannel.show_waiting(number, waiting)
        assert box.event(isdn.Cleared) == isdn.Cleared(told, 16)  # libpri alone would refuse with 69
        assert box.event(isdn.Freed) == isdn.Freed(told)
        assert box.span.waiting == lit
    caller = box.call(to="201", number="345")
    box.event(isdn.Offered)
    caller.hang_up()
    assert box.event(isdn.Cleared).cause == 16
    box.span.plug()
    assert box.span.waiting == {"346"}  # the box begins anew, not the PBX
