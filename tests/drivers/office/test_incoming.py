"""A call to the box: ring, caller id, answer, talk and hangup, by loop and samples alone."""

import numpy as np
import pytest

from native.callerid import CallerIdReceiver
from tests.audio import hears_tone, level_dbm0, sounds, strongest_hz
from tests.drivers.office.box import Box
from tests.native import signals

SILENT_DBM0 = -60.0


def caller_ids(box: Box, kind: str) -> list[tuple[str, str, bool]]:
    receiver = CallerIdReceiver(kind)  # type: ignore[arg-type]
    return [tuple(caller) for block in box.blocks() for caller in receiver.receive(block)]


def test_the_line_rings_one_second_in_five(box: Box) -> None:
    box.call(caller_id="none")
    box.run(12)
    assert box.rings[1] == [(0.0, True), (1.0, False), (5.0, True), (6.0, False), (10.0, True), (11.0, False)]
    assert box.rings[2] == []


def test_without_caller_id_the_idle_line_is_silent(box: Box) -> None:
    box.call(caller_id="none")
    box.run(12)
    assert level_dbm0(box.heard()) < SILENT_DBM0


def test_caller_id_by_fsk_comes_whole_between_first_and_second_ring(box: Box) -> None:
    box.call(number="02087654321", name="LI HUA")
    box.run(12)
    assert caller_ids(box, "fsk") == [("02087654321", "LI HUA", False)]
    (message,) = sounds(box.heard(), above_dbm0=-40, at_least_ms=100)
    assert message.start_s >= 1.5
    assert message.end_s <= 4.5
    assert level_dbm0(box.heard(message.start_s, message.end_s)) == pytest.approx(-14, abs=1)


def test_caller_id_by_dtmf_comes_before_the_first_ring(box: Box) -> None:
    box.call(number="02087654321", caller_id="dtmf")
    box.run(12)
    assert caller_ids(box, "dtmf") == [("02087654321", "", False)]
    keys = sounds(box.heard(), above_dbm0=-40, at_least_ms=30)
    assert keys[-1].end_s + 0.25 <= box.rings[1][0][0] <= keys[-1].end_s + 1.0


@pytest.mark.parametrize(("kind", "start"), [
    ("v23", "alert"), ("fsk", "pulse"), ("v23", "reversal"), ("fsk", "nothing"), ("dtmf-a", "reversal"),
    ("dtmf-hash", "pulse"), ("dtmf-a", "alert"),
])  # fmt: skip
def test_caller_id_comes_before_the_first_ring_after_what_the_country_has(box: Box, kind: str, start: str) -> None:
    box.call(number="02087654321", caller_id=kind, caller_id_start=start)
    line, reversed_s = box.office.lines[1], []
    box.until(lambda: box.state() == "ringing" or reversed_s.append(line.reversed))
    box.run(1)
    assert [number for number, _, _ in caller_ids(box, kind)] == ["02087654321"]
    heard = sounds(box.heard(), above_dbm0=-40, at_least_ms=30)
    first_s = next(at for at, on in box.rings[1] if on and at > 0.3)
    assert heard[-1].end_s + 0.25 <= first_s <= heard[-1].end_s + 0.5
    assert set(reversed_s) == {start == "reversal"}
    if start == "reversal":
        assert heard[0].start_s >= 0.1
        assert line.reversed
    if start == "pulse":
        (began_s, _), (ended_s, _), *_ = box.rings[1]
        assert (began_s, 0.2 <= ended_s <= 0.3, 0.5 <= heard[0].start_s - ended_s <= 0.8) == (0.0, True, True)
    alerted = strongest_hz(box.heard(heard[0].start_s, heard[0].start_s + 0.08)) == pytest.approx(2750, abs=1)
    assert alerted == (start == "alert" or (start, kind) == ("reversal", "v23"))  # DT-AS


def test_caller_id_that_is_asked_for_is_told_to_who_goes_off_hook_and_then_the_line_rings(box: Box) -> None:
    caller = box.call(number="0312345678", caller_id="jclip")
    line = box.office.lines[1]
    box.run(1.2)
    assert (box.rings[1], line.reversed) == ([(0.0, True), (0.5, False), (1.0, True)], True)
    box.off_hook()
    box.run(1.5)
    assert caller_ids(box, "jclip") == [("0312345678", "", False)]
    assert (line.ring, box.state(), caller.state) == (False, "telling", "waiting")
    box.on_hook()
    rung_s = box.until(lambda: line.ring)
    assert caller.state == "ringing"
    box.run(1.2)
    assert [round(at - rung_s, 2) for at, _ in box.rings[1][-2:]] == pytest.approx([0, 1], abs=0.05)
    box.off_hook()
    box.run(0.1)
    assert (caller.outcome, line.reversed) == ("answered", False)


def test_where_nobody_asks_for_caller_id_the_line_rings_and_who_stays_off_hook_has_answered(box: Box) -> None:
    caller = box.call(caller_id="jclip")
    box.run(7)
    assert (box.state(), caller_ids(box, "jclip")) == ("ringing", [])
    caller.hang_up()
    box.run(1)
    caller = box.call(caller_id="jclip")
    box.run(0.7)
    box.off_hook()
    box.run(2)
    assert box.state() == "telling"
    box.run(1.5)
    assert (box.state(), caller.outcome) == ("talking", "answered")
    box.on_hook()
    box.run(1)
    caller = box.call(caller_id="jclip")
    box.run(0.7)
    box.off_hook()
    box.run(0.5)
    caller.hang_up()
    box.run(0.1)
    assert box.state() == "refused"


def test_a_reversal_is_back_with_the_answer_and_when_the_caller_gives_up(box: Box) -> None:
    line = box.office.lines[1]
    caller = box.call(caller_id="v23", caller_id_start="reversal")
    box.until(lambda: box.state() == "ringing")
    box.off_hook()
    box.run(0.1)
    assert (box.state(), line.reversed) == ("talking", False)
    box.on_hook()
    box.run(2)
    caller = box.call(caller_id="v23", caller_id_start="reversal")
    box.run(0.1)
    assert line.reversed
    caller.hang_up()
    box.run(0.1)
    assert (box.state(), line.reversed) == ("idle", False)


@pytest.mark.parametrize("kind", ["fsk", "dtmf"])
def test_a_withheld_number_is_said_to_be_withheld(box: Box, kind: str) -> None:
    box.call(number="02087654321", caller_id=kind, withheld=True)
    box.run(12)
    assert caller_ids(box, kind) == [("", "", True)]


def test_who_answers_hears_the_caller_and_is_heard_and_the_ring_stops(box: Box) -> None:
    caller = box.call(tone_hz=700, wait_s=0)
    box.run(6)
    box.off_hook()
    box.say(signals.tone([1100], -12, 4))
    box.run(3)
    assert box.rings[1][-1] == (6.0, False)
    assert hears_tone(box.heard(7, 9), 700)
    assert level_dbm0(box.heard(7, 9)) == pytest.approx(-10, abs=0.3)
    caller.hang_up()
    seconds = caller.report().heard.seconds
    assert [round(second.frequencies[0].hz) for second in seconds[6:8]] == [1100, 1100]
    assert [second.level_dbm0 for second in seconds[7:8]] == pytest.approx([-12], abs=0.2)


def test_what_the_box_says_on_hook_goes_nowhere(box: Box) -> None:
    caller = box.call(caller_id="none", ring_for_s=4.9)
    box.say(signals.tone([1100], -6, 5))
    box.run(6)
    assert {peak.hz for second in caller.report().heard.seconds for peak in second.frequencies} == {450.0}


def test_a_caller_who_hangs_up_leaves_busy_tone_and_nothing_else_to_tell(box: Box) -> None:
    caller = box.call(caller_id="none")
    box.run(2)
    box.off_hook()
    box.run(2)
    caller.hang_up()
    before = box.now_s
    box.run(7)
    busy = box.heard(before, before + 7)
    bursts = sounds(busy, above_dbm0=-40, at_least_ms=100)
    assert len(bursts) == 10
    assert [burst.start_s for burst in bursts] == pytest.approx(np.arange(10) * 0.7, abs=0.03)
    assert [burst.duration_s for burst in bursts[:9]] == pytest.approx([0.35] * 9, abs=0.03)
    assert strongest_hz(busy) == pytest.approx(450, abs=3)
    assert box.rings[1][-1][1] is False


def test_the_line_is_free_again_when_the_box_has_hung_up_too(box: Box) -> None:
    caller = box.call(caller_id="none")
    box.run(2)
    box.off_hook()
    box.run(1)
    caller.hang_up()
    box.run(2)
    box.on_hook()
    box.run(0.5)
    assert box.state() == "idle"
    assert level_dbm0(box.heard(box.now_s - 0.1)) < SILENT_DBM0
    box.call(caller_id="none")
    box.run(0.1)
    assert box.rings[1][-1][1] is True


def test_a_box_that_hangs_up_ends_the_call_and_the_caller_hears_busy_tone(box: Box) -> None:
    caller = box.call(caller_id="none")
    box.run(2)
    box.off_hook()
    box.run(3)
    box.on_hook()
    box.until(lambda: caller.over)
    report = caller.report()
    assert report.released_s == pytest.approx(5.4, abs=0.05)  # the office waits 0.4 s: less would be a flash
    assert report.ended_by == "box"
    assert report.heard.tones[-1].name == "busy"
    assert box.state() == "idle"


def test_a_flash_does_not_end_the_call(box: Box) -> None:
    caller = box.call(caller_id="none", tone_hz=700, wait_s=0)
    box.run(2)
    box.off_hook()
    box.run(2)
    box.on_hook()
    box.run(0.3)
    box.off_hook()
    box.run(1)
    assert not caller.over
    assert hears_tone(box.heard(box.now_s - 0.5), 700)


def test_a_caller_who_gives_up_stops_the_ring(box: Box) -> None:
    caller = box.call(caller_id="none", ring_for_s=5.5)
    box.run(12)
    assert [on for _, on in box.rings[1]] == [True, False, True, False]
    assert box.rings[1][-1][0] == pytest.approx(5.5, abs=0.03)
    assert (caller.report().outcome, caller.report().ended_by) == ("no_answer", "party")
    assert box.state() == "idle"


def test_who_calls_a_line_in_use_hears_busy_and_does_not_disturb(box: Box) -> None:
    first = box.call(caller_id="none", tone_hz=700, wait_s=0)
    box.run(1)
    box.off_hook()
    box.run(1)
    second = box.call(number="1", caller_id="none")
    box.until(lambda: second.over)
    assert second.report().outcome == "busy"
    assert [tone.name for tone in second.report().heard.tones] == ["busy"]
    assert not first.over
    assert hears_tone(box.heard(box.now_s - 1), 700)


def test_two_lines_ring_and_talk_each_for_itself(box: Box) -> None:
    one = box.call(line=1, caller_id="none", tone_hz=700, wait_s=0)
    box.run(1.5)
    two = box.call(line=3, caller_id="none", tone_hz=1300, wait_s=0)
    box.run(1)
    box.off_hook(1)
    box.off_hook(3)
    box.run(2)
    assert hears_tone(box.heard(3.5, line=1), 700)
    assert hears_tone(box.heard(3.5, line=3), 1300)
    assert box.rings[3][0][0] == 1.5
    assert not one.over
    assert not two.over


def test_glare_whoever_seizes_the_line_as_the_call_comes_has_answered_it(box: Box) -> None:
    caller = box.call(number="02087654321", caller_id="dtmf", tone_hz=700, wait_s=0)
    box.run(0.4)  # caller id is being sent; the line has not rung
    box.off_hook()
    box.run(2)
    assert caller.report().answered_s == pytest.approx(0.4, abs=0.05)
    assert hears_tone(box.heard(1.5, 2.4), 700)
    assert box.rings[1] == []


def test_another_telephone_on_the_pair_answers_what_rings_and_keeps_it_when_the_box_hangs_up(box: Box) -> None:
    caller = box.call(caller_id="none", tone_hz=700, wait_s=0)
    box.run(0.5)
    box.office.lines[1].parallel = True
    box.run(1)
    assert (caller.outcome, box.state()) == ("answered", "talking")
    box.off_hook()
    box.run(1)
    assert hears_tone(box.heard(box.now_s - 0.5), 700)
    box.on_hook()
    box.run(2)
    assert (caller.over, box.state()) == (False, "talking")
    assert box.call(number="1").outcome == "busy"
    box.office.lines[1].parallel = False
    box.run(1)
    assert (caller.ended_by, box.state()) == ("box", "idle")


def test_a_loop_left_closed_gets_busy_tone_then_the_howler_then_nothing_until_it_opens(box: Box) -> None:
    caller = box.call(caller_id="none")
    box.run(1)
    box.off_hook()
    box.run(1)
    caller.hang_up()
    box.run(41)
    assert hears_tone(box.heard(box.now_s - 0.5), 950)
    box.run(60)
    assert level_dbm0(box.heard(box.now_s - 0.5)) < SILENT_DBM0
    assert box.state() == "parked"
    assert box.call(number="1").report().outcome == "busy"
    box.on_hook()
    box.run(0.5)
    assert box.state() == "idle"
