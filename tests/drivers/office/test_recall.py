"""Breaks of a line's loop: digits dialled by pulses, and a flash in a talk, behind a private exchange."""

import pytest

from drivers.link.office import Fault, Subscriber
from drivers.office.caller import Caller
from tests.audio import hears_tone, level_dbm0
from tests.drivers.office.box import Box
from tests.native import signals

FLASH_S = 0.3


def pulse(box: Box, digits: str, break_s: float = 0.06) -> None:
    """Dial as a card does: ten breaks a second."""
    for digit in digits:
        for _ in range(int(digit) or 10):
            box.office.lines[1].break_loop(break_s)
            box.run(0.1)
        box.run(0.8)


def flash(box: Box) -> None:
    box.office.lines[1].break_loop(FLASH_S)
    box.run(FLASH_S + 0.1)


def talking(box: Box, **how: object) -> Caller:
    """A caller who talks with the box, behind a private exchange."""
    box.office.lines[1].recall = True
    caller = box.call(caller_id="none", **how)
    box.until(lambda: box.office.lines[1].ring)
    box.off_hook()
    box.run(1.5)
    assert caller.answered_s
    return caller


@pytest.mark.parametrize("keys", [True, False])
def test_a_number_is_dialled_by_pulses_whether_or_not_keys_are_taken(box: Box, keys: bool) -> None:
    box.office.lines[1].fail(Fault(line=1, keys=keys))
    box.off_hook()
    box.run(1)
    pulse(box, "1")
    assert level_dbm0(box.heard(box.now_s - 0.3)) < -60, "dial tone after a digit"
    pulse(box, "0086")
    box.until(lambda: box.office.calls())
    assert box.office.calls()[0].number == "10086"


def test_an_office_without_keys_goes_on_with_its_dial_tone_when_one_is_pressed(box: Box) -> None:
    box.office.lines[1].fail(Fault(line=1, keys=False))
    box.off_hook()
    box.run(1)
    box.say(signals.dtmf("1"))
    box.run(1)
    assert hears_tone(box.heard(box.now_s - 0.5), 450)


def test_breaks_that_are_too_long_for_pulses_dial_nothing(box: Box) -> None:
    box.off_hook()
    box.run(1)
    for _ in range(3):
        box.office.lines[1].break_loop(0.16)
        box.run(0.3)
    assert box.state() == "dial_tone"


def test_a_flash_holds_who_talks_and_the_next_goes_back(box: Box) -> None:
    caller = talking(box, tone_hz=700.0)
    assert hears_tone(box.heard(box.now_s - 0.3), 700)
    flash(box)
    box.run(1)
    assert hears_tone(box.heard(box.now_s - 0.5), 450)
    box.say(signals.tone([1100], -12, 0.5))
    box.run(0.6)
    assert not caller.over
    assert all(peak.hz != pytest.approx(1100, abs=20) for second in caller.report().heard.seconds[-2:]
               for peak in second.frequencies), "who is held heard the box"
    flash(box)
    box.run(1)
    assert hears_tone(box.heard(box.now_s - 0.5), 700)
    box.on_hook()
    box.run(1)
    assert caller.report().ended_by == "box"


def test_the_hangup_after_a_recall_leaves_the_two_others_to_each_other(box: Box) -> None:
    caller = talking(box, tone_hz=700.0)
    box.office.subscribe(Subscriber("13911112222", answer_after_s=7, voice="tone", tone_hz=900, talk_s=4))
    held_s = caller.now_s
    flash(box)
    box.run(1)
    pulse(box, "13911112222")
    box.on_hook()
    box.run(1)
    assert box.state() == "idle"
    (called,) = box.office.calls()
    assert called.answered_s is None
    box.until(lambda: box.office.calls()[0].answered_s)
    box.until(lambda: box.office.calls()[0].ended_s)
    (called,) = box.office.calls()
    assert called.ended_by == "party"
    heard = [round(second.frequencies[0].hz, -1) for second in called.heard.seconds if second.frequencies]
    assert heard.count(700) >= 3
    box.until(lambda: caller.over)
    heard = [round(second.frequencies[0].hz, -1) for second in caller.report().heard.seconds if second.frequencies]
    assert heard.count(900) >= 2
    assert [tone.name for tone in caller.report().heard.tones if tone.start_s > held_s] == ["ringback", "busy"]


def test_somebody_called_after_a_flash_who_is_busy_is_left_by_another_flash(box: Box) -> None:
    caller = talking(box, tone_hz=700.0)
    box.office.subscribe(Subscriber("13911112222", behaviour="busy"))
    flash(box)
    box.run(1)
    pulse(box, "13911112222")
    box.until(lambda: box.state() == "refused")
    box.run(1)
    flash(box)
    box.run(1)
    assert hears_tone(box.heard(box.now_s - 0.5), 700)
    caller.hang_up()
    box.run(0.5)
    assert box.state() == "refused"


def test_who_is_held_may_hang_up(box: Box) -> None:
    caller = talking(box)
    flash(box)
    caller.hang_up()
    box.run(0.5)
    assert box.state() == "dial_tone"
    box.on_hook()
    box.run(1)
    assert box.state() == "idle"


def test_a_break_of_the_battery_is_no_flash(box: Box) -> None:
    caller = talking(box, tone_hz=700.0)
    box.office.lines[1].fail(Fault(line=1, battery=False))
    box.run(0.2)
    box.office.lines[1].fail(Fault(line=1))
    box.run(1)
    assert not caller.over
    assert hears_tone(box.heard(box.now_s - 0.5), 700)
