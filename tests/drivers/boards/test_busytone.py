"""What is measured of a sound: odd busy tones to the figure, and all that is none by its name."""

from pathlib import Path

import numpy as np
import pytest

from drivers import countries
from drivers.boards.busytone import Reason, ToneMeter, twice, written
from drivers.countries import Tone, tone
from drivers.sounds import sign
from native.media import Ear
from tests.audio import RATE_HZ, Samples, amplitude, read_wav
from tests.native.signals import as_bytes, speech_like

CHINA = countries.country("CN")
PROMPTS = Path(__file__).resolve().parents[3] / "firmware/prompts/sounds"


def sounding(hertz: tuple[float, ...], on_off_ms: tuple[int, ...], seconds: float, dbm0: float = -14.0) -> Samples:
    """Return a tone of this rhythm, begun in the middle of it, over a line's noise."""
    at = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    phase, edge = (at + 0.13) % (sum(on_off_ms) / 1000), 0.0
    on = np.zeros(len(at), bool)
    for place, length_ms in enumerate(on_off_ms):
        on |= (place % 2 == 0) & (phase >= edge) & (phase < edge + length_ms / 1000)
        edge += length_ms / 1000
    pure = sum((amplitude(dbm0) * np.sin(2 * np.pi * one * at) for one in hertz), np.zeros(len(at)))
    noise = np.random.default_rng(len(at)).normal(0, amplitude(-52) / 2**0.5, len(at))
    found: Samples = pure * on + noise
    return found


def meter(samples: Samples) -> ToneMeter:
    """Return a meter that has heard this, a second at a time."""
    found = ToneMeter({"busy": CHINA.busy, "congestion": CHINA.congestion})
    data = as_bytes(samples)
    for at in range(0, len(data), 2 * RATE_HZ):
        found.hear(data[at : at + 2 * RATE_HZ])
    return found


ODD = [
    ((620.0,), (180, 420)),
    ((480.0, 620.0), (250, 250)),
    ((425.0,), (100, 100, 100, 100, 300, 300)),
    ((350.0, 440.0), (150, 150, 300, 400)),
    ((500.0,), (1200, 900)),
    ((1000.0,), (80, 80)),
]


@pytest.mark.parametrize("dbm0", [-10.0, -28.0])
@pytest.mark.parametrize(("hertz", "on_off_ms"), ODD)
def test_an_odd_tone_is_measured_and_the_detector_then_knows_it(hertz, on_off_ms, dbm0) -> None:
    heard = sounding(hertz, on_off_ms, 10, dbm0)
    measured = meter(heard).measure()
    assert measured.tone is not None, measured.reason
    assert measured.tone.frequencies == pytest.approx(hertz, abs=2)
    assert measured.tone.on_off_ms == pytest.approx(on_off_ms, abs=20)
    assert tone(written(measured.tone)) == measured.tone
    (found,) = Ear(False, {"learnt": sign(twice(measured.tone))}, False).hear(as_bytes(heard))
    assert found.at_s < 3 * sum(on_off_ms) / 1000 + 0.1


@pytest.mark.parametrize(
    ("hertz", "on_off_ms", "reason"),
    [
        ((450.0,), (1000, 4000), Reason.RINGBACK),
        ((400.0, 450.0), (400, 200, 400, 2000), Reason.RINGBACK),
        ((450.0,), (350, 350), Reason.KNOWN),
        ((450.0,), (700, 700), Reason.KNOWN),
        ((425.0,), (1000, 0), Reason.STEADY),
    ],
)
def test_tones_that_must_not_be_learnt_are_named(hertz, on_off_ms, reason) -> None:
    assert meter(sounding(hertz, on_off_ms, 14)).measure() == (None, reason)


def test_silence_speech_and_music_are_named() -> None:
    assert meter(sounding((), (100, 100), 12)).measure() == (None, Reason.SILENCE)
    spoken = np.concatenate([read_wav(PROMPTS / f"{name}.wav").channel(0) for name in (
        "zh/welcome", "zh/recording-notice", "en/welcome", "en/recording-notice", "en/main-menu")])
    assert meter(spoken).measure() == (None, Reason.SPEECH)
    music = read_wav(next(PROMPTS.rglob("music.wav"))).channel(0)[: 14 * RATE_HZ]
    assert meter(music).measure() == (None, Reason.MUSIC)


@pytest.mark.parametrize("seed", range(6))
def test_a_tone_after_speech_is_learnt_and_speech_with_a_beep_is_not(seed: int) -> None:
    talk = speech_like(4, seed=seed)
    beep = sounding((620.0,), (180, 420), 0.6)
    assert meter(np.concatenate([talk, beep, talk, beep, talk])).measure().tone is None
    measured = meter(np.concatenate([talk, sounding((620.0,), (180, 420), 9)])).measure()
    assert measured.tone is not None
    assert written(measured.tone).startswith("62")


def test_a_long_rhythm_must_be_heard_twice() -> None:
    long = Tone((500.0,), (1200, 900))
    once = Ear(False, {"learnt": sign(twice(long))}, False)
    assert not once.hear(as_bytes(np.concatenate([sounding((500.0,), (1200, 900), 2.2), np.zeros(5 * RATE_HZ)])))
