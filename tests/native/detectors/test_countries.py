"""Every country's tones, at the limits of a line: told by their names, within three cadences, faster than life."""

from typing import NamedTuple

import numpy as np
import pytest

from drivers import countries
from drivers.countries import Country, Tone
from drivers.sounds import sign
from native.media import Ear
from tests.audio import RATE_HZ, Samples
from tests.native.signals import as_bytes, noise, silence, tone

NAMES = ("dial", "ringback", "busy", "congestion", "information")
STEADY_S = 3.0
BEGINS = (0, 70, 133)  # samples into a detector's block
# One is told for the other; both end a call. Spain's congestion begins as its busy tone does, and 425 Hz cannot be told
# from Australia's 415 + 440 Hz in the time that a dial tone is waited for
ALSO = {("ES", "congestion"): {"busy"}, ("AU", "information"): {"dial"}}


class Line(NamedTuple):
    """How a tone comes in: its level and the noise's, both in dBm0."""

    level_dbm0: float
    noise_dbm0: float | None


LINES = (Line(-10, -30), Line(-30, None), Line(-30, -50))


def made(what: Tone | countries.Series, level_dbm0: float) -> tuple[Samples, float]:
    """Return three cadences of a tone, or a series three times, and how long one is."""
    if not isinstance(what, Tone):
        parts = [part for sound in what
                 for part in (silence(sound.gap_ms / 1000), tone(sound.frequencies, level_dbm0, sound.on_ms / 1000))]
        once = np.concatenate([*parts, silence(1)])
        return np.tile(once, 3), len(once) / RATE_HZ
    times_ms = (STEADY_S * 1000,) if what.steady else what.on_off_ms * 3
    parts = []
    for number, length_ms in enumerate(times_ms):
        sound = tone(what.frequencies if number % 2 == 0 else (), level_dbm0, length_ms / 1000)
        swing = 0.9 * np.sin(2 * np.pi * what.modulated_hz * np.arange(len(sound)) / RATE_HZ)
        parts.append(sound * (1 + swing))
    return np.concatenate(parts), STEADY_S / 3 if what.steady else what.cycle_s


def told(country: Country, samples: Samples) -> list[tuple[str, float]]:
    """Return what is told of samples, and when, by an ear for all tones of a country."""
    ear = Ear(False, {name: sign(getattr(country, name)) for name in NAMES}, False)
    return [(heard.value, heard.at_s) for heard in ear.hear(as_bytes(samples))]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("code", [*countries.codes(), "XX"])
def test_a_tone_is_told_within_three_cadences(code: str, name: str) -> None:
    country = countries.country(code)
    wanted = {other for other in NAMES if getattr(country, other) == getattr(country, name)}
    wanted |= ALSO.get((code, name), set())
    for line in LINES:
        sound, cycle_s = made(getattr(country, name), line.level_dbm0)
        for begins in BEGINS:
            samples = np.concatenate([silence(0.5), np.zeros(begins), sound])
            if line.noise_dbm0 is not None:
                samples = samples + noise(line.noise_dbm0, len(samples) / RATE_HZ)
            heard = told(country, samples)
            assert heard, (line, begins)
            assert {tone_name for tone_name, _ in heard} <= wanted, (line, begins)
            assert heard[0][1] - 0.5 <= 3 * cycle_s, (line, begins)


@pytest.mark.parametrize("code", countries.codes())
def test_what_a_party_may_hear_while_it_talks_ends_no_call(code: str) -> None:
    """Busy and congestion alone end it: not what a telephone or an exchange plays beside them."""
    country = countries.country(code)
    ear = Ear(False, {name: sign(getattr(country, name)) for name in ("busy", "congestion")}, False)
    for name in ("ringback", "dial"):
        sound, _ = made(getattr(country, name), -10)
        assert ear.hear(as_bytes(np.concatenate([sound, silence(3)]))) == []
