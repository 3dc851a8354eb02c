"""What a caller does and what it tells afterwards; the sounds it heard were made by numpy."""

from pathlib import Path

import numpy as np
import pytest

from drivers.link.errors import BadSound, NoDisk, WrongState
from drivers.link.office import HangUp, Press, Say
from drivers.office.office import NoSuchCall, NoSuchLine
from tests.audio import best_match, hears_tone, level_dbm0, read_wav, sounds, tone_dbm0, write_wav
from tests.drivers.office.box import STARTED_S, Box
from tests.native import signals


def events(box: Box) -> list[tuple[str, str]]:
    return [(progress.event, progress.detail) for progress in box.told]


def test_a_caller_waits_presses_speaks_holds_and_hangs_up(box: Box, tmp_path: Path) -> None:
    words = signals.speech_like(2)
    write_wav(tmp_path / "words.wav", words)
    caller = box.call(caller_id="none", wait_s=1.5, digits="1,2", play=str(tmp_path / "words.wav"), hold_s=3)
    box.run(2)
    box.off_hook()
    box.until(lambda: caller.over)
    keys = sounds(box.heard(0, 4.9), above_dbm0=-40, at_least_ms=50)
    assert [key.start_s for key in keys] == pytest.approx([3.5, 4.7], abs=0.03)  # the comma is a second's pause
    assert tone_dbm0(box.heard(3.52, 3.58), 697) > -15
    assert tone_dbm0(box.heard(3.52, 3.58), 1209) > -15
    assert tone_dbm0(box.heard(4.72, 4.78), 1336) > -15
    match = best_match(box.heard(), words)
    assert match.likeness > 0.99
    assert match.offset / 8000 == pytest.approx(4.9, abs=0.03)
    report = caller.report()
    assert report.ended_s == pytest.approx(4.9 + 2 + 3, abs=0.05)
    assert (report.outcome, report.ended_by) == ("answered", "party")
    assert [(key.digit, key.at_s) for key in report.digits_sent] == [("1", 3.5), ("2", 4.7)]


def test_progress_is_told_as_it_happens_with_both_times(box: Box) -> None:
    caller = box.call(caller_id="none", digits="5", wait_s=0.5, hold_s=1)
    box.run(2)
    box.off_hook()
    box.until(lambda: caller.over)
    assert events(box) == [
        ("placed", "line 1"),
        ("ringing", ""),
        ("tone", "ringback"),
        ("answered", ""),
        ("digit", "5"),
        ("ended", "party"),
    ]
    assert [progress.at_s for progress in box.told] == pytest.approx([0, 0, 1, 2, 2.5, 3.7], abs=0.05)
    assert all(progress.at == pytest.approx(STARTED_S + progress.at_s, abs=0.002) for progress in box.told)
    assert caller.report().started_s == STARTED_S


def test_a_steady_tone_lasts_as_long_as_the_hold(box: Box) -> None:
    caller = box.call(caller_id="none", wait_s=1, tone_hz=440, hold_s=4)
    box.run(2)
    box.off_hook()
    ended_s = box.until(lambda: caller.over)
    assert ended_s == pytest.approx(7, abs=0.05)
    assert hears_tone(box.heard(3.05, 6.9), 440)
    assert level_dbm0(box.heard(2.1, 2.9)) < -60


def test_without_a_hold_the_caller_stays_until_busy_tone_is_heard(box: Box) -> None:
    caller = box.call(caller_id="none", tone_hz=440)
    box.run(2)
    box.off_hook()
    box.run(300)
    assert not caller.over
    box.say(signals.cadence([450], -15, (350, 350), 5))
    box.run(3.5)
    assert caller.over
    report = caller.report()
    assert report.ended_by == "party"  # the box played the tone, but did not hang up
    assert report.released_s is None
    assert [tone.name for tone in report.heard.tones] == ["ringback", "busy"]
    assert report.heard.tones[1].start_s == pytest.approx(302, abs=0.05)


def test_the_report_tells_what_was_heard_and_when(box: Box) -> None:
    caller = box.call(caller_id="none")
    box.run(2)
    box.off_hook()
    box.say(
        np.concatenate([
            signals.silence(1.0), signals.tone([1000], -12, 2.0), signals.silence(1.5),
            signals.tone([440], -15, 1.0) + signals.tone([2000], -22, 1.0), signals.dtmf("7"), signals.noise(-30, 1.38),
        ])
    )  # fmt: skip
    box.run(9)
    box.on_hook()
    box.until(lambda: caller.over)
    heard = caller.report().heard
    assert [(tone.name, tone.bursts) for tone in heard.tones] == [("ringback", 1), ("busy", 4)]
    assert (heard.tones[0].start_s, heard.tones[0].end_s) == pytest.approx((0, 1), abs=0.03)
    spans = [(span.start_s, span.end_s) for span in heard.silences]
    assert spans[:2] == [pytest.approx((1.0, 3.0), abs=0.03), pytest.approx((5.0, 6.5), abs=0.03)]
    assert [(key.digit, round(key.at_s, 1)) for key in heard.digits] == [("7", 7.5)]
    by_second = {round(second.at_s): second for second in heard.seconds}
    assert [peak.hz for peak in by_second[3].frequencies] == pytest.approx([1000], abs=1)
    assert by_second[3].level_dbm0 == pytest.approx(-12, abs=0.2)
    assert [peak.hz for peak in by_second[7].frequencies][:1] == pytest.approx([440], abs=2)
    assert by_second[5].level_dbm0 < -60
    assert by_second[8].level_dbm0 == pytest.approx(-30, abs=0.5)
    assert by_second[5].frequencies == ()


def test_a_recording_holds_all_the_caller_heard_from_first_to_last(box: Box, tmp_path: Path) -> None:
    path = tmp_path / "heard.wav"
    caller = box.call(caller_id="none", record=str(path), hold_s=4, wait_s=0)
    box.run(2)
    box.off_hook()
    words = signals.speech_like(3)
    box.say(words)
    box.until(lambda: caller.over)
    wav = read_wav(path)
    assert wav.duration_s == pytest.approx(caller.report().ended_s, abs=0.03)
    match = best_match(wav.channel(0), words)
    assert match.offset / 8000 == pytest.approx(2, abs=0.03)
    assert match.likeness > 0.999
    assert hears_tone(wav.channel(0)[400:7600], 450)


def test_a_disk_that_is_full_ends_the_recording_and_not_the_call(box: Box) -> None:
    caller = box.call(caller_id="none", record="/dev/full", hold_s=10)
    box.run(2)
    box.off_hook()
    box.until(lambda: caller.over)
    assert ("record_failed", "/dev/full: No space left on device") in events(box)
    assert caller.report().outcome == "answered"
    assert caller.report().ended_s == pytest.approx(13, abs=0.1)


def test_a_report_of_a_long_call_keeps_the_seconds_of_its_last_half_hour(box: Box) -> None:
    caller = box.call(caller_id="none", hold_s=2000)
    box.run(2)
    box.off_hook()
    box.until(lambda: caller.over, at_most_s=2100)
    seconds = caller.report().heard.seconds
    assert len(seconds) == 1800
    assert seconds[-1].at_s == pytest.approx(2002, abs=1.1)


def test_a_caller_can_be_told_to_press_speak_and_hang_up_later(box: Box) -> None:
    caller = box.call(caller_id="none")
    box.run(2)
    box.off_hook()
    box.run(5)
    box.office.press(Press(call=caller.call, digits="9"))
    box.run(1)
    assert tone_dbm0(box.heard(7.02, 7.1), 852) > -15
    box.office.say(Say(call=caller.call, tone_hz=1500))
    box.run(2)
    assert hears_tone(box.heard(8.1, 9.9), 1500)
    box.office.say(Say(call=caller.call))
    box.run(1)
    assert level_dbm0(box.heard(10.1)) < -60
    box.office.hang_up(HangUp(call=caller.call))
    assert caller.over
    box.run(0.02)
    with pytest.raises(NoSuchCall, match=caller.call):
        box.office.press(Press(call=caller.call, digits="9"))


def test_a_caller_who_is_not_answered_yet_cannot_speak(box: Box) -> None:
    caller = box.call()
    with pytest.raises(WrongState, match="ringing"):
        box.office.press(Press(call=caller.call, digits="1"))


def test_what_cannot_be_spoken_recorded_or_called_is_refused_and_the_line_stays_idle(box: Box, tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("no sound")
    write_wav(tmp_path / "fast.wav", signals.tone([440], -10, 1), rate_hz=16000)
    write_wav(tmp_path / "stereo.wav", np.zeros((800, 2)))
    (tmp_path / "cut.wav").write_bytes((tmp_path / "fast.wav").read_bytes()[:30])
    with pytest.raises(BadSound, match="not a WAV file"):
        box.call(play=str(tmp_path / "text.wav"))
    with pytest.raises(BadSound, match=r"1 channel\(s\), 16000 Hz, 16 bit; must be 1 channel, 8000 Hz"):
        box.call(play=str(tmp_path / "fast.wav"))
    with pytest.raises(BadSound, match=r"2 channel\(s\)"):
        box.call(play=str(tmp_path / "stereo.wav"))
    with pytest.raises(BadSound, match="not a WAV file"):
        box.call(play=str(tmp_path / "cut.wav"))
    with pytest.raises(BadSound, match="No such file"):
        box.call(play=str(tmp_path / "none.wav"))
    with pytest.raises(NoDisk, match="Is a directory"):
        box.call(record=str(tmp_path))
    with pytest.raises(NoSuchLine, match="lines 1 to 4"):
        box.call(line=5)
    box.run(1)
    assert box.state() == "idle"
    assert box.told == []


@pytest.mark.parametrize(
    ("rhythm_ms", "times", "named"),
    [
        ((350, 350), 4, ["busy"]),
        ((385, 315), 4, ["busy"]),
        ((700, 700), 3, ["congestion"]),
        ((350, 350), 1, []),
        ((200, 200), 8, []),
        ((1000, 4000), 2, ["ringback"]),
        ((3000, 500), 1, ["dial"]),
    ],
)
def test_a_tone_is_known_by_its_rhythm(box: Box, rhythm_ms: tuple[int, int], times: int, named: list[str]) -> None:
    caller = box.call(caller_id="none", wait_s=0)
    box.run(2)
    box.off_hook()
    box.say(np.concatenate([signals.silence(0.5), signals.cadence([450], -18, rhythm_ms, times)]))
    box.run(1 + times * sum(rhythm_ms) / 1000)
    caller.hang_up()
    tones = caller.report().heard.tones[1:]
    assert [tone.name for tone in tones] == named
    for tone in tones:
        assert tone.start_s == pytest.approx(2.5, abs=0.03)
        assert tone.bursts == times


def test_speech_and_music_are_no_tone(box: Box) -> None:
    caller = box.call(caller_id="none")
    box.run(2)
    box.off_hook()
    chords = [signals.tone(notes, -20, 0.35) for notes in ([262, 330, 392], [450, 392], [294, 349, 440], [450, 600])]
    box.say(np.concatenate([signals.speech_like(30), *chords * 8]))
    box.run(45)
    caller.hang_up()
    assert [tone.name for tone in caller.report().heard.tones] == ["ringback"]
    assert caller.report().heard.digits == ()
