"""Music on hold: quiet, seamless, and never mistaken for a key."""

import numpy as np
import pytest

from firmware.prompts import music

DTMF_HZ = [(697, 770, 852, 941), (1209, 1336, 1477, 1633)]


@pytest.fixture(scope="module")
def loop(samples_of):
    return samples_of("any/music")


def test_it_lasts_between_half_a_minute_and_a_minute_in_whole_packets(loop):
    assert 30 < len(loop) / 8000 < 60
    assert len(loop) % 160 == 0


def test_it_is_quieter_than_speech_and_never_stops(loop):
    seconds = loop[: len(loop) // 8000 * 8000].reshape(-1, 8000)
    levels = 10 * np.log10(2 * (seconds**2).mean(axis=1)) + 3.14
    assert levels.min() > -30
    assert levels.max() < -18
    assert np.abs(loop).max() < 0.5


def test_its_end_runs_into_its_beginning_without_a_seam(loop):
    """At the seam the sound is no rougher than anywhere else, nor does it jump in level."""
    twice = np.concatenate([loop, loop])
    rough = np.abs(np.diff(twice, 3))  # a step or a kink stands out in the third difference
    seam = rough[len(loop) - 6 : len(loop) + 6].max()
    assert seam < np.quantile(rough[: len(loop)], 0.99)
    around = twice[len(loop) - 400 : len(loop) + 400]
    before, after = (np.sqrt((half**2).mean()) for half in (around[:400], around[400:]))
    assert 1 / 3 < after / before < 3


def test_a_cut_in_the_loop_would_be_found(loop):
    """The measure of the test above sees the seam that a cut anywhere else leaves."""
    cut = np.concatenate([loop[:-3000], loop])
    rough = np.abs(np.diff(cut, 3))
    seam = len(loop) - 3000
    assert rough[seam - 6 : seam + 6].max() > np.quantile(rough, 0.999)


def worst_key(samples: np.ndarray) -> float:
    """Return the largest share of power that a DTMF pair has in any 40 ms, each tone within 8 dB of the other."""
    window = np.hanning(320)
    frames = np.lib.stride_tricks.sliding_window_view(samples, 320)[::80] * window
    whole = (frames**2).sum(axis=1) * window.sum() ** 2 / (2 * (window**2).sum())
    t = np.arange(320) / 8000
    low, high = (
        np.max([np.abs(frames @ np.exp(-2j * np.pi * hz * t)) ** 2 for hz in group], axis=0) for group in DTMF_HZ
    )
    pair = np.minimum(low, high) > 0.158 * np.maximum(low, high)
    return float(((low + high) / np.maximum(whole, 1e-9))[pair].max(initial=0))


def test_no_part_of_it_sounds_like_a_key(loop):
    """A receiver wants nearly all power in one pair (ITU-T Q.24)."""
    t = np.arange(8000) / 8000
    assert worst_key(0.1 * np.sin(2 * np.pi * 770 * t) + 0.08 * np.sin(2 * np.pi * 1336 * t)) > 0.95
    assert worst_key(loop) < 0.7


def test_it_is_the_same_at_every_build():
    assert np.array_equal(music.compose(), music.compose())
