"""R2's register signals as the ear hears them: ITU-T Q.441 (frequencies) and Q.455 (what a receiver must take)."""

import itertools

import numpy as np
import pytest

from native.media import Ear, MediaError
from tests import audio
from tests.audio import Samples

FREQUENCIES = {"forward": (1380, 1500, 1620, 1740, 1860, 1980), "backward": (1140, 1020, 900, 780, 660, 540)}
# Table 5/Q.441: a pair of the six for each of the fifteen
PLACES = sorted(itertools.combinations(range(6), 2), key=lambda pair: pair[::-1])
PAIRS = dict(zip("1234567890BCDEF", PLACES, strict=True))


def sound(
    direction: str, tone: str, dbm0: float = -11.5, twist_db: float = 0.0, off_hz: float = 0.0, ms: int = 100
) -> Samples:
    """Return the samples of a signal."""
    time_s = np.arange(ms * 8) / 8000
    levels = (dbm0 + twist_db / 2, dbm0 - twist_db / 2)
    both = [
        audio.amplitude(level) * np.sin(2 * np.pi * (FREQUENCIES[direction][place] + off_hz) * time_s + place)
        for level, place in zip(levels, PAIRS[tone], strict=True)
    ]
    return both[0] + both[1]


def heard(direction: str, samples: Samples) -> list[str]:
    """Return which signals began, and "" where they ended."""
    ear = Ear(False, {}, False, direction)  # type: ignore[arg-type]
    return [one.value for one in ear.hear(np.concatenate([samples, np.zeros(800)]).astype(np.int16).tobytes())]


@pytest.mark.parametrize("direction", FREQUENCIES)
@pytest.mark.parametrize("tone", PAIRS)
@pytest.mark.parametrize(("dbm0", "twist_db", "off_hz"), [(-5, 0, 0), (-33, 0, 0), (-11.5, 5, 5), (-20, -5, -5)])
def test_each_signal_is_heard_from_strong_to_weak_and_somewhat_off(
    direction: str, tone: str, dbm0: float, twist_db: float, off_hz: float
) -> None:
    assert heard(direction, sound(direction, tone, dbm0, twist_db, off_hz)) == [tone, ""]


@pytest.mark.parametrize(("direction", "other"), [("forward", "backward"), ("backward", "forward")])
def test_signals_of_the_other_direction_are_none(direction: str, other: str) -> None:
    for tone in PAIRS:
        assert heard(direction, sound(other, tone)) == []


def test_what_is_too_short_or_too_weak_or_one_frequency_is_none() -> None:
    assert heard("forward", sound("forward", "1", ms=7)) == []
    assert heard("forward", sound("forward", "1", dbm0=-45)) == []
    time_s = np.arange(1600) / 8000
    assert heard("forward", audio.amplitude(-11) * np.sin(2 * np.pi * 1500 * time_s)) == []


def test_noise_of_a_bad_line_is_none_and_hides_none() -> None:
    chance = np.random.default_rng(7)
    noise = chance.normal(0, audio.amplitude(-40), 80000)
    assert heard("backward", noise) == []
    for tone in PAIRS:
        assert heard("backward", sound("backward", tone) + noise[:800]) == [tone, ""]


def test_a_direction_that_is_none_is_refused() -> None:
    with pytest.raises(MediaError, match="mf 'sideways' is none of , forward, backward"):
        Ear(False, {}, False, "sideways")  # type: ignore[arg-type]
