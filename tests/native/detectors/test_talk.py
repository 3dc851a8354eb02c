"""Talk that comes as near to a tone as talk can, and is none."""

import numpy as np
import pytest

from drivers import countries
from drivers.sounds import sign
from native.media import Ear
from tests.audio import Samples, amplitude
from tests.native.signals import as_bytes, cadence, silence

VOWEL_DBM0 = (-22, -16, -13.5, -12, -12.5, -13.5, -15, -17, -19.5, -22)  # of a syllable, each 25 ms


def syllables(hertz: float, on_ms: int, off_ms: int, times: int) -> Samples:
    """Return one syllable, said again and again at one pitch in the rhythm of a tone."""
    count = on_ms * 8
    levels = np.interp(np.arange(count), np.linspace(0, count, len(VOWEL_DBM0)), VOWEL_DBM0)
    once = amplitude(0) * 10 ** (levels / 20) * np.sin(2 * np.pi * hertz * np.arange(count) / 8000)
    return np.tile(np.concatenate([once, silence(off_ms / 1000)]), times)


def ends(code: str, samples: Samples) -> list[str]:
    """Return the tones told that end a call."""
    country = countries.country(code)
    tones = {name: sign(getattr(country, name)) for name in ("busy", "congestion", "information")}
    return [heard.value for heard in Ear(False, tones, False).hear(as_bytes(np.concatenate([samples, silence(1)])))]


@pytest.mark.parametrize("code", ["CN", "DE", "GB", "XX"])
@pytest.mark.parametrize("name", ["busy", "congestion"])
def test_a_syllable_in_the_very_rhythm_and_pitch_of_a_tone_is_none(code: str, name: str) -> None:
    tone = getattr(countries.country(code), name)
    assert ends(code, syllables(tone.frequencies[0], *tone.on_off_ms[:2], times=6)) == []
    assert ends(code, cadence(tone.frequencies, -12, tone.on_off_ms, 6)) == [name]
