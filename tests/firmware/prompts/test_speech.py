"""The built-in voice: right words, a telephone's band, one level."""

import hashlib
import subprocess
import wave

import numpy as np
import pytest

from firmware.errors import NotFound, Unavailable
from firmware.prompts.catalogue import LANGUAGES, PROMPTS
from firmware.prompts.speech import Espeak

SPOKEN = [f"{language}/{name}" for name in PROMPTS for language in LANGUAGES]


def active_level_dbm0(samples: np.ndarray) -> float:
    """Return the level over what is louder than a tenth of the loudest 20 ms; a full-scale sine is +3.14 dBm0."""
    power = (samples[: len(samples) // 160 * 160].reshape(-1, 160) ** 2).mean(axis=1)
    return 10 * np.log10(2 * power[power > power.max() / 100].mean()) + 3.14


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_prompt_is_a_mono_wav_of_8_khz_and_16_bit(sounds_folder, language):
    for name in PROMPTS:
        with wave.open(str(sounds_folder / language / f"{name}.wav")) as sound:
            assert (sound.getnchannels(), sound.getframerate(), sound.getsampwidth()) == (1, 8000, 2), name


def test_every_prompt_is_as_loud_as_the_others_and_none_is_clipped(samples_of):
    for name in SPOKEN:
        samples = samples_of(name)
        assert active_level_dbm0(samples) == pytest.approx(-16, abs=0.5), name
        assert np.abs(samples).max() < 0.9, name


def test_every_prompt_lasts_as_long_as_its_words(samples_of):
    for name, words in PROMPTS.items():
        assert 0.12 * len(words.zh) < len(samples_of(f"zh/{name}")) / 8000 < 0.42 * len(words.zh) + 0.5, name
        assert 0.04 * len(words.en) < len(samples_of(f"en/{name}")) / 8000 < 0.11 * len(words.en) + 0.6, name


def test_no_prompt_begins_or_ends_with_more_than_a_breath_of_silence(samples_of):
    for name in SPOKEN:
        samples = samples_of(name)
        loud = np.flatnonzero(np.abs(samples) > np.abs(samples).max() / 30)
        assert loud[0] < 0.15 * 8000, name
        assert len(samples) - loud[-1] < 0.25 * 8000, name


def test_speech_keeps_to_the_telephone_band(samples_of):
    power = np.abs(np.fft.rfft(np.concatenate([samples_of(name) for name in SPOKEN if "number" not in name]))) ** 2
    frequency_hz = np.fft.rfftfreq(2 * (len(power) - 1), 1 / 8000)
    outside = power[(frequency_hz < 190) | (frequency_hz > 3710)].sum()
    assert 10 * np.log10(outside / power.sum()) < -40


def test_different_words_are_different_sounds(samples_of):
    words_of: dict[str, str] = {}
    for name in SPOKEN:
        language, _, plain = name.partition("/")
        words = getattr(PROMPTS[plain], language)
        digest = hashlib.sha256(samples_of(name).tobytes()).hexdigest()
        assert words_of.setdefault(digest, words) == words


def test_chinese_is_never_read_with_english_letters():
    """A voice that cannot read a character switches to English, which espeak-ng marks in its phonemes."""
    words = "\n".join(both.zh for both in PROMPTS.values())
    command = ["espeak-ng", "-q", "-x", "-v", Espeak.VOICES["zh"], words]
    phonemes = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert len(phonemes.split()) > 300
    assert "(en)" not in phonemes


def test_the_same_words_are_always_the_same_samples():
    once, again = (Espeak().speak("您现在排在第", "zh") for _ in range(2))
    assert once[1] == again[1] == 22050
    assert np.array_equal(once[0], again[0])
    assert not np.array_equal(once[0], Espeak().speak("You are number", "en")[0])


def test_words_that_look_like_options_are_only_said():
    samples, _ = Espeak().speak("--version", "en")
    assert len(samples) > 8000


def test_a_language_without_a_voice_is_refused():
    with pytest.raises(NotFound, match="'fr'"):
        Espeak().speak("bonjour", "fr")


def test_a_machine_without_the_engine_is_told_what_to_install(monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(Unavailable, match="apt-get install espeak-ng"):
        Espeak().version()
