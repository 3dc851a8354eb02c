"""All built-in sounds, made once for the tests, and how a test reads one."""

import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from firmware.prompts.build import build
from firmware.prompts.speech import Espeak
from tests.coroutines import pytest_pyfunc_call  # noqa: F401 - a hook


@pytest.fixture(scope="session")
def sounds_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with every sound in it."""
    folder = tmp_path_factory.mktemp("sounds")
    assert build(Espeak(), folder) > 0
    return folder


@pytest.fixture(scope="session")
def samples_of(sounds_folder: Path) -> Callable[[str], np.ndarray]:
    """Return what reads a sound (`zh/welcome`) as samples of -1 to 1."""

    def read(name: str) -> np.ndarray:
        with wave.open(str(sounds_folder / f"{name}.wav")) as sound:
            return np.frombuffer(sound.readframes(sound.getnframes()), "<i2") / 32768.0

    return read
