"""Sounds are made once, and again when what they are made of has changed."""

import numpy as np
import pytest

from firmware.errors import Unavailable
from firmware.prompts.build import build
from firmware.prompts.catalogue import LANGUAGES, PROMPTS


class Hum:
    """A synthesizer that hums each text at a pitch of its own; counts what it is asked for."""

    def __init__(self, release: str = "1", fails_at: str = "") -> None:
        self.release = release
        self.fails_at = fails_at
        self.spoken: list[str] = []

    def version(self) -> str:
        return f"hum {self.release}"

    def speak(self, text: str, language: str) -> tuple[np.ndarray, int]:
        if text == self.fails_at:
            raise Unavailable(f"cannot hum {text!r}")
        self.spoken.append(text)
        return np.sin(np.arange(4000) * (0.5 + len(self.spoken) % 7 / 10)), 8000


def test_the_second_time_there_is_nothing_to_do(tmp_path):
    assert build(Hum(), tmp_path) == len(LANGUAGES) * len(PROMPTS) + 1
    again = Hum()
    assert build(again, tmp_path) == 0
    assert again.spoken == []


def test_another_voice_makes_all_anew(tmp_path):
    build(Hum("1"), tmp_path)
    assert build(Hum("2"), tmp_path) > 0


def test_a_lost_sound_is_made_again_and_a_strange_one_is_taken_away(tmp_path):
    build(Hum(), tmp_path)
    (tmp_path / "zh" / "welcome.wav").unlink()
    (tmp_path / "en" / "no-longer-said.wav").write_bytes(b"old")
    assert build(Hum(), tmp_path) > 0
    assert (tmp_path / "zh" / "welcome.wav").is_file()
    assert not (tmp_path / "en" / "no-longer-said.wav").exists()


def test_a_build_that_failed_half_way_is_finished_by_the_next(tmp_path):
    with pytest.raises(Unavailable):
        build(Hum(fails_at=PROMPTS["goodbye"].en), tmp_path)
    assert build(Hum(), tmp_path) > 0
    assert build(Hum(), tmp_path) == 0
