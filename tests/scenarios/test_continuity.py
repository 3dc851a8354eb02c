"""The judge of gaps in a talk, judged by sounds whose gaps are known."""

import numpy as np
import pytest

from tests import audio
from tests.scenarios.continuity import begins, gaps
from tests.scenarios.day import VOICES_HZ

BLOCK = 160


def through_alaw(samples: audio.Samples) -> audio.Samples:
    return audio.decode_alaw(audio.encode_alaw(samples.astype(np.int16)))


def voice(frequency_hz: float, duration_s: float = 4) -> audio.Samples:
    return 8000 * np.sin(2 * np.pi * frequency_hz * np.arange(int(duration_s * audio.RATE_HZ)) / audio.RATE_HZ)


@pytest.mark.parametrize("frequency_hz", VOICES_HZ.values())
def test_a_steady_voice_has_no_gap(frequency_hz: float) -> None:
    assert gaps(through_alaw(voice(frequency_hz)), frequency_hz) == []


@pytest.mark.parametrize("frequency_hz", VOICES_HZ.values())
@pytest.mark.parametrize("blocks", [1, 2, 3, 5, 12])
def test_silence_in_it_is_found_with_its_place_and_length(frequency_hz: float, blocks: int) -> None:
    said = voice(frequency_hz)
    said[16000 : 16000 + blocks * BLOCK] = 0
    (gap,) = gaps(through_alaw(said), frequency_hz)
    assert gap.kind == "silent"
    assert gap.at_s == pytest.approx(2, abs=0.01)
    assert gap.length_s == pytest.approx(blocks * 0.02, abs=0.006)


@pytest.mark.parametrize("frequency_hz", VOICES_HZ.values())
@pytest.mark.parametrize("blocks", [1, 2, 3, 5, 7])
def test_blocks_cut_out_are_found_by_the_step_of_phase(frequency_hz: float, blocks: int) -> None:
    said = voice(frequency_hz)
    said = np.delete(said, slice(16000, 16000 + blocks * BLOCK))
    found = gaps(through_alaw(said), frequency_hz)
    (gap,) = (gap for gap in found if gap.kind == "cut")
    assert all(gap.length_s <= 0.01 for gap in found if gap.kind == "silent")  # where both halves meet
    assert gap.at_s == pytest.approx(2, abs=0.02)
    assert gap.length_s == pytest.approx(blocks * 0.02)


def test_another_voice_is_all_gap() -> None:
    assert sum(gap.length_s for gap in gaps(through_alaw(voice(700)), 1003.0) if gap.kind == "silent") > 1


def test_when_a_voice_begins_is_told_also_after_music() -> None:
    music = voice(450, 1) + voice(660, 1)
    assert begins(through_alaw(np.concatenate([music, voice(1003)])), 1003.0) == pytest.approx(1, abs=0.03)
    assert begins(through_alaw(music), 1003.0) == 1.0
