"""The user's own prompts: the folder prompts/ of the home, one WAV file each."""

import os
import unicodedata
import wave
from pathlib import Path
from typing import NamedTuple

from firmware.errors import Exists, NoStorage, NotFound, Refused
from firmware.prompts.catalogue import LANGUAGES, PROMPTS, SOUNDS, WITHOUT_WORDS, wrong_with_file

MOST = 200  # own prompts


class Recorded(NamedTuple):
    """A prompt's file: how long it is, when it last changed (Unix seconds), and what is wrong with it, or ""."""

    path: Path
    duration_s: float
    changed_s: float
    wrong: str


class Own:
    """Own prompts by their names, which are their files' without .wav. All of it waits for the disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def all(self) -> dict[str, Recorded]:
        """Return all by name, also those somebody put there by hand."""
        return {path.stem: recorded(path) for path in sorted(self.folder.glob("*.wav")) if path.is_file()}

    def get(self, name: str) -> Recorded:
        """Return one. Raises NotFound."""
        found = self.all().get(name)
        if found is None:
            raise NotFound(f"there is no own prompt {name!r}")
        return found

    def keep(self, draft: Path, name: str, *, replace: bool) -> Recorded:
        """Make a finished file a prompt, whole, also through a power cut; it is gone from where it was.

        Raises Exists unless it may `replace` one of that name, Refused when there are MOST, and NoStorage.
        """
        name = unicodedata.normalize("NFC", name)
        there = self.all()
        if name in there and not replace:
            raise Exists(f"there is a prompt {name!r} already")
        if name not in there and len(there) >= MOST:
            raise Refused(f"there are {MOST} own prompts already; remove one first")
        target = self.folder / f"{name}.wav"
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            _sync(draft)
            os.replace(draft, target)
            _sync(self.folder)
        except OSError as error:
            raise NoStorage(f"{target}: {error.strerror}") from error
        return recorded(target)

    def remove(self, name: str) -> None:
        """Remove one. Raises NotFound, NoStorage."""
        path = self.get(name).path
        try:
            path.unlink()
            _sync(self.folder)
        except OSError as error:
            raise NoStorage(f"{path}: {error.strerror}") from error


def factory() -> dict[str, Recorded]:
    """Return all built-in prompts by the names that are one sound alone: `zh/welcome`, `music`."""
    named = [f"{language}/{name}" for name in PROMPTS for language in LANGUAGES]
    paths = {name: SOUNDS / f"{name}.wav" for name in named}
    paths |= {name: SOUNDS / "any" / f"{name}.wav" for name in WITHOUT_WORDS}
    return {name: recorded(path) for name, path in paths.items()}


def recorded(path: Path) -> Recorded:
    """Return what there is to know of a prompt's file, whatever is in it."""
    wrong = wrong_with_file(path)
    try:
        changed_s = path.stat().st_mtime
        if wrong:
            return Recorded(path, 0.0, changed_s, wrong)
        with wave.open(str(path), "rb") as sound:
            return Recorded(path, sound.getnframes() / sound.getframerate(), changed_s, "")
    except (OSError, wave.Error, EOFError) as error:
        return Recorded(path, 0.0, 0.0, wrong or str(error))


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
