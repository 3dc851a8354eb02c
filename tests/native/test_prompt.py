"""Prompts: what is taken, and what is said about what is not."""

from pathlib import Path

import numpy as np
import pytest

from native.media import MediaError, Prompt
from tests import audio
from tests.native.signals import as_bytes, tone


def test_a_prompt_lasts_as_long_as_its_samples(tmp_path: Path) -> None:
    assert Prompt(as_bytes(tone([450], -10, 1.25))).duration_s == 1.25
    audio.write_wav(tmp_path / "greeting.wav", tone([450], -10, 0.5))
    assert Prompt.load(str(tmp_path / "greeting.wav")).duration_s == 0.5


def test_half_a_sample_is_refused() -> None:
    with pytest.raises(MediaError, match="3 bytes"):
        Prompt(b"abc")


def test_what_is_no_prompt_is_refused_by_name_and_reason(tmp_path: Path) -> None:
    sound = tone([450], -10, 0.1)
    (tmp_path / "text.wav").write_text("no sound at all")
    (tmp_path / "nothing.wav").write_bytes(b"")
    audio.write_wav(tmp_path / "wide.wav", sound, rate_hz=44100)
    audio.write_wav(tmp_path / "stereo.wav", np.column_stack([sound, sound]))
    audio.write_wav(tmp_path / "empty.wav", np.zeros(0))
    reasons = {
        "missing.wav": "No such file or directory",
        "text.wav": "RIFF",
        "nothing.wav": "cut short",
        "wide.wav": "44100 Hz",
        "stereo.wav": "2 channels",
        "empty.wav": "no sound in it",
    }
    for name, reason in reasons.items():
        with pytest.raises(MediaError) as refusal:
            Prompt.load(str(tmp_path / name))
        assert name in str(refusal.value)
        assert reason in str(refusal.value)
