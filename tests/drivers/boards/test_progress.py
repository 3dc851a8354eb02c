"""What a line's sound says of a call that goes out: told by levels, as the media core gives them every 100 ms."""

import pytest

from drivers.boards.progress import CallProgress, Verdict

LOUD, QUIET = -12.0, -60.0
RING = ((1.0, LOUD), (4.0, QUIET))
BUSY = ((0.35, LOUD), (0.35, QUIET))
SILENT = ((60.0, QUIET),)


def verdicts(*sounds: tuple[float, float]) -> list[tuple[float, Verdict]]:
    """Return what becomes known, and when, of these sounds: each a duration in seconds and a level."""
    progress = CallProgress(0.0, ringback_on_s=1.0, ringback_off_s=4.0)
    edges: list[tuple[float, float]] = []
    at_s = 0.0
    for duration_s, level in sounds:
        at_s += duration_s
        edges.append((at_s, level))
    found: list[tuple[float, Verdict]] = []
    for tick in range(1, int(at_s * 10)):
        now_s = tick / 10
        # the level is of the last 200 ms: loud as soon as a part of them was
        level = max(level for end_s, level in edges if end_s > now_s - 0.2 and _start(edges, end_s) < now_s)
        verdict = progress.level(now_s, level)
        if verdict:
            found.append((now_s, verdict))
        if verdict in (Verdict.ANSWERED, Verdict.DEAD):
            break
    return found


def _start(edges: list[tuple[float, float]], end_s: float) -> float:
    return max([end for end, _ in edges if end < end_s], default=0.0)


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
    found = verdicts(*RING, (1.0, LOUD), (silence_s, QUIET), *((0.6, LOUD), (0.3, QUIET)) * 9)
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
    assert found[0][0] == pytest.approx(4.4, abs=0.4)


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
