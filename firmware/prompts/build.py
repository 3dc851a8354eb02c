"""Makes the sounds of the catalogue once, and again only when words, voice or code of the sound have changed."""

import fcntl
import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from firmware.prompts import music
from firmware.prompts.catalogue import LANGUAGES, PROMPTS, SOUNDS, WITHOUT_WORDS
from firmware.prompts.sound import levelled, telephone_band, trimmed, write
from firmware.prompts.speech import Synthesizer

SPEECH_DBM0 = -16.0  # active level
MUSIC_DBM0 = -22.0  # under the voices that interrupt it
VERSION = 2  # of the sound's shaping: raise it when sound.py changes what comes out
STAMP = "made-of.txt"


def made_of(synthesizer: Synthesizer) -> str:
    """Return a digest of all that the sounds depend on."""
    parts = {
        "prompts": PROMPTS,
        "voice": synthesizer.version(),
        "levels": [SPEECH_DBM0, MUSIC_DBM0],
        "versions": [VERSION, music.VERSION],
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def is_made(folder: Path, digest: str) -> bool:
    """Tell whether all sounds of that digest are there."""
    stamp = folder / STAMP
    return stamp.is_file() and stamp.read_text() == digest and all(path.is_file() for path in _paths(folder))


def build(synthesizer: Synthesizer, folder: Path = SOUNDS) -> int:
    """Make all sounds in `folder` and return how many, 0 when they were all there. Raises Unavailable, OSError."""
    digest = made_of(synthesizer)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two builds at once would tread on each other
        return 0 if is_made(folder, digest) else _make(synthesizer, folder, digest)


def _make(synthesizer: Synthesizer, folder: Path, digest: str) -> int:
    (folder / STAMP).unlink(missing_ok=True)
    for part in (*LANGUAGES, "any"):
        (folder / part).mkdir(exist_ok=True)
    wanted = set(_paths(folder))
    for old in folder.glob("*/*"):
        if old not in wanted:
            old.unlink()
    spoken = [(folder / language / f"{name}.wav", words, language)
              for name, both in PROMPTS.items() for language, words in zip(LANGUAGES, both, strict=True)]  # fmt: skip
    with ThreadPoolExecutor() as pool:  # each waits for a process of its own
        made = list(pool.map(lambda job: _say(synthesizer, *job), spoken))
    write(folder / "any" / "music.wav", levelled(music.compose(), MUSIC_DBM0))
    (folder / STAMP).write_text(digest)
    return len(made) + 1


def _say(synthesizer: Synthesizer, path: Path, words: str, language: str) -> None:
    samples, rate_hz = synthesizer.speak(words, language)
    write(path, levelled(trimmed(telephone_band(samples, rate_hz)), SPEECH_DBM0))


def _paths(folder: Path) -> list[Path]:
    spoken = [folder / language / f"{name}.wav" for language in LANGUAGES for name in PROMPTS]
    return spoken + [folder / "any" / f"{name}.wav" for name in WITHOUT_WORDS]
