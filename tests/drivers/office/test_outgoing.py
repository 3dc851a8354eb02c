"""A call of the box: dial tone, keys heard in the samples, and whoever answers, or does not."""

from pathlib import Path

import numpy as np
import pytest

from drivers.link.errors import BadSound, NoDisk
from drivers.link.office import Report, Subscriber
from tests.audio import (
    best_match,
    hears_tone,
    level_dbm0,
    read_wav,
    silences,
    sounds,
    strongest_hz,
    write_wav,
)
from tests.drivers.office.box import Box
from tests.native import signals


def dial(box: Box, number: str) -> float:
    """Go off-hook, dial, and return when the last key was over."""
    box.off_hook()
    box.run(1)
    box.say(signals.dtmf(number))
    box.run(len(number) * 0.12)
    return box.now_s


def only_call(box: Box) -> Report:
    (report,) = box.office.calls()
    return report


def test_an_idle_line_that_is_seized_gives_dial_tone(box: Box) -> None:
    box.off_hook()
    box.run(3)
    assert hears_tone(box.heard(0.1, 3), 450)
    assert level_dbm0(box.heard(0.1, 3)) == pytest.approx(-10, abs=0.3)
    assert silences(box.heard(0.1, 3)) == []


def test_the_first_key_ends_dial_tone(box: Box) -> None:
    box.off_hook()
    box.run(1)
    box.say(signals.dtmf("1"))
    box.run(1)
    assert level_dbm0(box.heard(1.2, 2)) < -60
    assert box.state() == "dialing"


def test_a_whole_number_is_called_at_once_and_its_ringback_has_the_cadence(box: Box) -> None:
    dialled_s = dial(box, "13911112222")
    box.run(6.2)
    assert only_call(box).number == "13911112222"
    rings = sounds(box.heard(dialled_s), above_dbm0=-40, at_least_ms=100)
    assert rings[0].start_s < 1
    assert rings[0].duration_s == pytest.approx(1, abs=0.03)
    assert rings[1].start_s - rings[0].start_s == pytest.approx(5, abs=0.03)
    first = box.heard(dialled_s + rings[0].start_s, dialled_s + rings[0].end_s)
    assert strongest_hz(first) == pytest.approx(450, abs=2)


def test_the_subscriber_beeps_and_gives_back_what_is_said_a_second_later(box: Box) -> None:
    dial(box, "13911112222")
    answered_s = box.until(lambda: only_call(box).answered_s is not None)
    box.run(0.6)
    box.say(signals.tone([1100], -12, 0.5))
    box.run(3)
    assert hears_tone(box.heard(answered_s + 0.1, answered_s + 0.4), 800)
    (echo,) = sounds(box.heard(answered_s + 0.7), above_dbm0=-40, at_least_ms=50)
    assert echo.start_s + 0.7 == pytest.approx(1.6, abs=0.05)
    assert hears_tone(box.heard(answered_s + 1.7, answered_s + 2.0), 1100)


def test_a_subscriber_speaks_a_file_then_hangs_up_and_busy_tone_tells_it(box: Box, tmp_path: Path) -> None:
    spoken = signals.speech_like(2)
    write_wav(tmp_path / "hello.wav", spoken)
    box.office.subscribe(
        Subscriber(number="10086", answer_after_s=1, voice="file", play=str(tmp_path / "hello.wav"), talk_s=3)
    )
    dial(box, "10086")
    box.until(lambda: only_call(box).ended_s is not None)
    ended_s = box.now_s
    box.run(3)
    call = only_call(box)
    assert call.answered_s is not None
    assert call.ended_s == pytest.approx(call.answered_s + 3, abs=0.03)
    assert call.ended_by == "party"
    answered_s = call.started_s + call.answered_s - 1_700_000_000
    match = best_match(box.heard(answered_s, ended_s), spoken)
    assert match.likeness > 0.99
    bursts = sounds(box.heard(ended_s), above_dbm0=-40, at_least_ms=100)
    assert np.diff([burst.start_s for burst in bursts]) == pytest.approx([0.7] * 4, abs=0.03)


def test_what_the_box_says_reaches_the_subscriber_who_reports_and_records_it(box: Box, tmp_path: Path) -> None:
    record = tmp_path / "heard.wav"
    box.office.subscribe(
        Subscriber(number="10086", answer_after_s=0, voice="silence", talk_s=None, record=str(record))
    )
    dial(box, "10086")
    answered_s = box.until(lambda: only_call(box).answered_s is not None)
    said = signals.speech_like(3)
    box.say(np.concatenate([said, signals.dtmf("42")]))
    box.run(4)
    box.on_hook()
    box.run(1)
    call = only_call(box)
    assert (call.outcome, call.ended_by) == ("answered", "box")
    assert "".join(key.digit for key in call.heard.digits) == "42"
    assert best_match(read_wav(record).channel(0), said).likeness > 0.99
    assert call.ended_s == pytest.approx(call.answered_s + box.now_s - answered_s - 0.6, abs=0.05)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("number", "period_s"), [("62220001", 0.7), ("62220005", 1.4), ("62220004", 1.4), ("99999999", 1.4)]
)
def test_a_busy_subscriber_gives_busy_tone_and_no_subscriber_congestion(box: Box, number: str, period_s: float) -> None:
    dialled_s = dial(box, number)
    box.run(12)
    bursts = sounds(box.heard(dialled_s + 4), above_dbm0=-40, at_least_ms=100)
    assert np.diff([burst.start_s for burst in bursts[1:]]) == pytest.approx([period_s] * (len(bursts) - 2), abs=0.03)
    assert strongest_hz(box.heard(dialled_s + 4)) == pytest.approx(450, abs=2)
    assert only_call(box).outcome == {"62220001": "busy", "62220005": "congested"}.get(number, "unknown")
    assert only_call(box).answered_s is None


def test_an_unknown_number_is_told_by_the_three_information_tones_first(box: Box) -> None:
    dialled_s = dial(box, "62220004")
    box.run(3)
    information, *_ = sounds(box.heard(dialled_s, dialled_s + 2.5), above_dbm0=-40, at_least_ms=200)
    start_s = dialled_s + information.start_s
    heard = [strongest_hz(box.heard(start_s + at_s, start_s + at_s + 0.2)) for at_s in (0.05, 0.39, 0.73)]
    assert heard == pytest.approx([950, 1400, 1800], abs=5)


def test_a_subscriber_who_never_answers_rings_until_the_office_gives_up(box: Box) -> None:
    dial(box, "62220002")
    box.run(70)
    assert only_call(box).outcome == "no_answer"
    bursts = sounds(box.heard(box.now_s - 4), above_dbm0=-40, at_least_ms=100)
    assert len(bursts) == pytest.approx(6, abs=1)


def test_a_short_number_is_called_when_no_more_keys_come(box: Box) -> None:
    box.office.subscribe(Subscriber(number="139"))  # as mobile numbers begin
    dialled_s = dial(box, "139")
    box.until(lambda: box.office.calls())
    assert box.now_s - dialled_s == pytest.approx(5, abs=0.2)
    assert only_call(box).number == "139"


def test_a_box_that_hangs_up_while_it_rings_ends_the_call(box: Box) -> None:
    dial(box, "13911112222")
    box.run(2)
    box.on_hook()
    box.run(0.5)
    assert box.state() == "idle"
    assert (only_call(box).outcome, only_call(box).ended_by) == ("no_answer", "box")


def test_who_dials_nothing_gets_busy_tone_after_ten_seconds(box: Box) -> None:
    box.off_hook()
    box.run(10.1)
    box.run(3)
    assert len(sounds(box.heard(10.05, 13), above_dbm0=-40, at_least_ms=100)) == pytest.approx(4, abs=1)


def test_a_number_said_on_hook_or_by_silence_is_not_dialled(box: Box) -> None:
    box.say(signals.dtmf("13911112222"))
    box.run(3)
    assert box.state() == "idle"
    box.off_hook()
    box.run(3)
    assert box.state() == "dial_tone"


def test_polarity_tells_of_an_answer_only_where_it_is_ordered(box: Box) -> None:
    box.office.subscribe(Subscriber(number="10086", answer_after_s=0, talk_s=1))
    line = box.office.lines[1]
    dial(box, "10086")
    box.until(lambda: only_call(box).answered_s is not None)
    assert not line.reversed
    box.on_hook()
    box.run(1)
    line.reversal = True
    dial(box, "10086")
    box.until(lambda: box.office.calls()[-1].answered_s is not None)
    assert line.reversed
    box.on_hook()
    box.run(0.5)
    assert not line.reversed


def test_a_subscriber_whose_files_cannot_be_used_is_refused(box: Box, tmp_path: Path) -> None:
    with pytest.raises(BadSound, match="No such file"):
        box.office.subscribe(Subscriber(number="1", voice="file", play=str(tmp_path / "none.wav")))
    with pytest.raises(NoDisk, match="No such file"):
        box.office.subscribe(Subscriber(number="1", record=str(tmp_path / "no" / "folder.wav")))


def test_a_call_is_not_lost_when_a_subscribers_file_has_gone_meanwhile(box: Box, tmp_path: Path) -> None:
    path = tmp_path / "hello.wav"
    write_wav(path, signals.speech_like(1))
    box.office.subscribe(Subscriber(number="10086", answer_after_s=0, voice="file", play=str(path)))
    path.unlink()
    dial(box, "10086")
    box.until(lambda: only_call(box).answered_s is not None)


def test_of_many_calls_only_the_last_few_tell_each_second(box: Box) -> None:
    box.office.subscribe(Subscriber(number="10086", answer_after_s=0, talk_s=1))
    for _ in range(7):
        dial(box, "10086")
        box.until(lambda: box.office.calls()[-1].ended_s is not None)
        box.on_hook()
        box.run(0.5)
    told = [bool(call.heard.seconds) for call in box.office.calls()]
    assert told == [False] * 2 + [True] * 5
