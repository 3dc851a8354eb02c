"""The demo's ear: it hears the tone that is there, for as long as it is there, and no other. Sounds are numpy's."""

import wave

import numpy as np
import pytest

from firmware.command import tones


def saved(path, samples, channels=1):
    with wave.open(str(path), "wb") as sound:
        sound.setparams((channels, 2, 8000, 0, "NONE", ""))
        sound.writeframes(np.asarray(samples, "<i2").tobytes())
    return path


def sine(hz, duration_s, amplitude=5000):
    return amplitude * np.sin(2 * np.pi * hz * np.arange(int(8000 * duration_s)) / 8000)


def test_a_tone_is_heard_for_as_long_as_it_lasts(tmp_path):
    noise = np.random.default_rng(1).normal(0, 300, 8000)
    samples = np.concatenate([noise, sine(620, 3), np.zeros(4000), sine(1000, 2)])
    heard = tones.read(saved(tmp_path / "a.wav", samples))
    assert tones.heard_s(heard, 620) == pytest.approx(3, abs=0.1)
    assert tones.heard_s(heard, 1000) == pytest.approx(2, abs=0.1)
    assert tones.heard_s(heard, 450) == 0


def test_a_tone_under_another_is_not_taken_for_heard(tmp_path):
    heard = tones.read(saved(tmp_path / "a.wav", sine(620, 2, 1000) + sine(1000, 2, 8000)))
    assert (tones.heard_s(heard, 620), tones.heard_s(heard, 1000)) == (0, 2)


def test_each_channel_is_heard_by_itself(tmp_path):
    both = np.stack([sine(620, 2), sine(1000, 1).repeat(1).tolist() + [0] * 8000], axis=1).reshape(-1)
    path = saved(tmp_path / "a.wav", both, channels=2)
    assert tones.heard_s(tones.read(path, 0), 620) == 2
    assert tones.heard_s(tones.read(path, 1), 1000) == 1
    assert tones.heard_s(tones.read(path, 1), 620) == 0


def test_what_is_written_is_the_tone(tmp_path):
    tones.write(tmp_path / "a.wav", 1000, 2)
    with wave.open(str(tmp_path / "a.wav")) as sound:
        assert (sound.getnchannels(), sound.getframerate(), sound.getsampwidth(), sound.getnframes()) == (
            1,
            8000,
            2,
            16000,
        )
        samples = np.frombuffer(sound.readframes(16000), "<i2")
    spectrum = np.abs(np.fft.rfft(samples))
    assert np.argmax(spectrum) == 2000  # half a hertz a bin
    assert spectrum[2000] > 1000 * np.median(spectrum)


@pytest.mark.parametrize("data", [b"", b"RIFF", b"no sound at all"])
def test_no_sound_is_silence(tmp_path, data):
    (tmp_path / "a.wav").write_bytes(data)
    assert tones.heard_s(tones.read(tmp_path / "a.wav"), 620) == 0
    assert tones.heard_s(tones.read(tmp_path / "none.wav"), 620) == 0
