"""What a line's sound says of a call that goes out: told by levels, as the media core gives them every 100 ms."""

import numpy as np
import pytest

from drivers.boards.progress import CallProgress, Verdict

LOUD, QUIET = -12.0, -60.0
RING = ((1.0, -11.0), (4.0, QUIET))  # its level alone tells the helper below what the media core would recognise
BUSY = ((0.35, LOUD), (0.35, QUIET))
SILENT = ((60.0, QUIET),)


def verdicts(*sounds: tuple[float, float]) -> list[tuple[float, Verdict]]:
    """Return what becomes known, and when, of these sounds: each a duration in seconds and a level."""
    progress = CallProgress(0.0, ringback_on_s=1.0, ringback_off_s=4.0)
    ends_s = np.cumsum([duration_s for duration_s, _ in sounds])
    levels = [level for _, level in sounds]
    rings_s = [end_s for end_s, sound in zip(ends_s, sounds, strict=True) if sound == RING[0]]
    found: list[tuple[float, Verdict]] = []
    for now_s in np.arange(1, ends_s[-1] * 10) / 10:
        first, last = np.searchsorted(ends_s, (now_s - 0.2, now_s), side="right")
        told = [progress.level(now_s, max(levels[first : last + 1]))]  # the level is of the last 200 ms
        if any(0.8 <= now_s - ring_s < 0.9 and max(levels[first : last + 1]) == QUIET for ring_s in rings_s):
            told.append(progress.ringback())
        found += [(float(now_s), verdict) for verdict in told if verdict]
        if found and found[-1][1] is not Verdict.RINGING:
            break
    return found


def test_ringback_rings_and_is_no_answer_however_long() -> None:
    assert [verdict for _, verdict in verdicts((0.6, QUIET), *RING * 10)] == [Verdict.RINGING]


@pytest.mark.parametrize("cut_s", [0.1, 0.5, 0.9])
def test_speech_in_the_midst_of_ringback_is_an_answer(cut_s: float) -> None:
    speech = ((0.7, LOUD), (0.3, QUIET), (1.4, LOUD), (0.2, QUIET)) * 5
    found = verdicts(*RING * 2, (cut_s, LOUD), *speech)
    assert [verdict for _, verdict in found] == [Verdict.RINGING, Verdict.ANSWERED]
    assert found[1][0] < 10 + cut_s + 3


@pytest.mark.parametrize("silence_s", [0.5, 2.0, 3.0])
def test_speech_in_ringbacks_pause_is_an_answer_as_soon_as_it_cannot_be_busy_tone(silence_s: float) -> None:
    found = verdicts(*RING, RING[0], (silence_s, QUIET), *((0.6, LOUD), (0.3, QUIET)) * 9)
    assert [verdict for _, verdict in found] == [Verdict.RINGING, Verdict.ANSWERED]
    assert found[1][0] == pytest.approx(6 + silence_s + 1.6, abs=0.3)


def test_ringback_that_stops_and_silence_is_an_answer() -> None:
    found = verdicts(*RING * 2, *SILENT)
    assert [verdict for _, verdict in found] == [Verdict.RINGING, Verdict.ANSWERED]
    assert found[1][0] == pytest.approx(5 + 1 + 4.8, abs=0.4)


def test_music_or_an_announcement_without_ringback_is_an_answer() -> None:
    found = verdicts((2.0, QUIET), (10.0, LOUD))
    assert [verdict for _, verdict in found] == [Verdict.ANSWERED]
    assert found[0][0] == pytest.approx(4.0, abs=0.4)


def test_a_short_word_and_silence_is_an_answer() -> None:
    found = verdicts((2.0, QUIET), (0.4, LOUD), (10.0, QUIET))
    assert [verdict for _, verdict in found] == [Verdict.ANSWERED]
    assert found[0][0] == pytest.approx(5, abs=0.4)


def test_the_three_information_tones_ring_nobody_and_congestion_after_them_is_left_time() -> None:
    assert verdicts((0.6, QUIET), (1.0, LOUD), (1.0, QUIET), *((0.7, LOUD), (0.7, QUIET)) * 2) == []


def test_busy_tone_is_left_time_to_be_recognised() -> None:
    assert verdicts((0.6, QUIET), *BUSY * 3) == []


def test_nothing_at_all_is_a_dead_end_after_twenty_seconds() -> None:
    found = verdicts(*SILENT)
    assert [verdict for _, verdict in found] == [Verdict.DEAD]
    assert found[0][0] == pytest.approx(20, abs=0.2)


def test_ringback_that_was_recognised_is_told_once() -> None:
    progress = CallProgress(0.0, 1.0, 4.0)
    assert progress.ringback() is Verdict.RINGING
    assert progress.ringback() is None
