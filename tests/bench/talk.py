"""What is said by telephone, hours of it: speech of many voices, prompts and music, as a line brings them.

Speech is espeak-ng's: all its languages, several larynxes, pitches from low to high, slow to fast, with pauses. Then
comes what lies between two telephones: noise, hum, a second talker; a codec and lost packets; a level.
"""

import random
import subprocess
import wave
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from firmware.prompts.catalogue import PROMPTS
from tests.audio import RATE_HZ, Samples, amplitude

ROOT = Path(__file__).resolve().parents[2]
SOUNDS = ROOT / "firmware/prompts/sounds"
CHINESE = ("cmn", "yue", "hak")  # these voices read Chinese texts
VARIANTS = ("", *(f"+m{number}" for number in range(1, 9)), *(f"+f{number}" for number in range(1, 6)),
            "+croak", "+klatt", "+klatt4", "+whisper", "+whisperf")  # fmt: skip
WORDS = 400
LONG_S = 3600  # for espeak-ng and ffmpeg, on a machine that has other work before this one
SPEECH, MUSIC = 0.85, 0.05  # shares of all pieces; the rest are prompts
LEVELS_DBM0 = (-28.0, -10.0)
NOISES_DB = (12.0, 40.0)    # below the talk
HELD_S, HELD = 8.0, 0.1     # the longest pause of a talker, and the share of words before which one may be

FFMPEG = ("ffmpeg", "-v", "error", "-threads", "1")
RAW = ("-f", "s16le", "-ar", str(RATE_HZ), "-ac", "1")
# How ffmpeg names each codec, the file it comes in, and the bits a second where that is chosen
CODECS = {
    "none": None, "A-law": ("pcm_alaw", "wav", ""), "mu-law": ("pcm_mulaw", "wav", ""), "GSM": ("libgsm", "gsm", ""),
    "G.726": ("g726", "wav", "32k"), "Opus": ("libopus", "ogg", "12k"), "Speex": ("libspeex", "ogg", ""),
}  # fmt: skip


class Piece(NamedTuple):
    """A piece of talk: what it is, so that it can be made again, and its samples."""

    name: str
    samples: Samples


def piece(seed: int) -> Piece:
    """Return the talk of a seed; the same one each time, by the same espeak-ng and ffmpeg."""
    chance = random.Random(seed)
    kind = chance.random()
    if kind < SPEECH:
        name, samples = speech(chance)
        if chance.random() < 0.3:
            name, samples = f"{name}, interrupted", crossed(samples, speech(chance)[1], chance.uniform(3, 20))
    else:
        paths = sorted(SOUNDS.rglob("*.wav"))
        music = [path for path in paths if "music" in path.stem]
        found = [chance.choice(music)] if kind < SPEECH + MUSIC else [chance.choice(paths) for _ in range(20)]
        name = f"{found[0].stem} .."
        samples = np.concatenate([recorded(path) for path in found])
    samples = at_level(samples, level := chance.uniform(*LEVELS_DBM0))
    noise = chance.choice(sorted(NOISES))
    below_db = chance.uniform(*NOISES_DB)
    samples = samples + at_level(NOISES[noise](len(samples), seed), level - below_db)
    codec = chance.choice(sorted(CODECS))
    lost = chance.choice((0.0, 0.0, 0.01, 0.05))
    samples = with_losses(coded(samples, codec), lost, seed)
    what = f"{name}; {level:.0f} dBm0, {noise} {below_db:.0f} dB below, codec {codec}, {lost:.0%} lost; seed {seed}"
    return Piece(what, samples)


# ---- who talks -------------------------------------------------------------------------------------------------------


def speech(chance: random.Random) -> tuple[str, Samples]:
    """Return a name for somebody who talks for a minute or more, and their samples."""
    language = chance.choice(languages())
    voice = language + chance.choice(VARIANTS)
    pitch, speed = chance.randrange(0, 100), chance.randrange(90, 300)
    vocabulary = phrases() if language.startswith(CHINESE) else words()
    said = []
    for _ in range(WORDS // 4 if language.startswith(CHINESE) else WORDS):
        number = str(chance.randrange(10 ** chance.randrange(1, 12)))
        said.append(number if chance.random() < 0.25 else chance.choice(vocabulary))
        if chance.random() < 0.08:
            said[-1] += chance.choice((". ", "? ", "! ", ", "))
    order = ["espeak-ng", "--stdout", "-v", voice, "-p", str(pitch), "-s", str(speed)]
    done = subprocess.run(order, input=" ".join(said).encode(), capture_output=True, check=False, timeout=LONG_S)
    if done.returncode:  # some voices are the end of it, with some texts; some have not every larynx
        return speech(chance)
    samples = heard_through(["-i", "-"], done.stdout)
    return f"{voice} pitch {pitch} speed {speed}", paused(chance, samples)


@cache
def languages() -> list[str]:
    """Return what espeak-ng speaks, but for what is no language of telephones."""
    listed = subprocess.run(["espeak-ng", "--voices"], capture_output=True, text=True, check=True, timeout=30).stdout
    return [line.split()[1] for line in listed.splitlines()[1:] if "mb/" not in line]


@cache
def words() -> list[str]:
    """Return what is spoken: the words of the licence and of the page's manual."""
    text = "".join((ROOT / name).read_text("utf-8") for name in ("LICENSE", "README.md"))
    return [word for word in "".join(sign if sign.isalpha() else " " for sign in text).split() if len(word) > 1]


@cache
def phrases() -> list[str]:
    """Return what is spoken in Chinese."""
    return [sentence for spoken in PROMPTS.values() for sentence in spoken.zh.split("。") if sentence]


def recorded(path: Path) -> Samples:
    """Return a prompt's samples."""
    with wave.open(str(path)) as sound:
        return np.frombuffer(sound.readframes(sound.getnframes()), "<i2").astype(float)


# ---- what lies between -----------------------------------------------------------------------------------------------


def heard_through(reading: list[str], data: bytes) -> Samples:
    """Return what ffmpeg reads of data, at the telephone's rate."""
    return np.frombuffer(_passed([*FFMPEG, *reading, *RAW, "-"], data), "<i2").astype(float)


def paused(chance: random.Random, samples: Samples) -> Samples:
    """Return samples with silence in them now and then, where a talker thinks."""
    parts = []
    for at in range(0, len(samples), 5 * RATE_HZ):
        parts.append(samples[at : at + 5 * RATE_HZ])
        if chance.random() < HELD:
            parts.append(np.zeros(round(chance.uniform(0.5, HELD_S) * RATE_HZ)))
    return np.concatenate(parts)


def at_level(samples: Samples, level_dbm0: float) -> Samples:
    """Return samples whose RMS has this level."""
    found: Samples = samples * (amplitude(level_dbm0) / np.sqrt(2) / (np.sqrt(np.mean(samples**2)) or 1.0))
    return found


def crossed(samples: Samples, others: Samples, below_db: float) -> Samples:
    """Return two talkers at once, the second one weaker."""
    second = np.resize(others, len(samples))
    return at_level(samples, -15) + at_level(second, -15 - below_db)


def white(count: int, seed: int) -> Samples:
    """Return noise as of a circuit."""
    return np.random.default_rng(seed).normal(0, 1, count)


def brown(count: int, seed: int) -> Samples:
    """Return noise as of a car."""
    found: Samples = np.diff(np.cumsum(white(count + 1, seed)) / 50 % 2 - 1, prepend=0.0) + white(count + 1, seed) / 20
    return np.convolve(found, np.ones(12), "same")[:count]


def hum(count: int, seed: int) -> Samples:
    """Return mains: 50 or 60 Hz with its harmonics."""
    base_hz, time_s = (50, 60)[seed % 2], np.arange(count) / RATE_HZ
    return sum((np.sin(2 * np.pi * base_hz * n * time_s) / n for n in (1, 2, 3, 5, 7, 9, 11)), np.zeros(count))


def crackle(count: int, seed: int) -> Samples:
    """Return clicks."""
    source = np.random.default_rng(seed)
    return source.normal(0, 1, count) * (source.random(count) < 0.002)


NOISES: dict[str, Callable[[int, int], Samples]] = {"white": white, "car": brown, "hum": hum, "crackle": crackle}


def coded(samples: Samples, codec: str) -> Samples:
    """Return samples as they come out of a codec."""
    data = np.clip(np.round(samples), -32768, 32767).astype("<i2").tobytes()
    if (how := CODECS[codec]) is None:
        return np.frombuffer(data, "<i2").astype(float)
    name, form, bits = how
    rate = ["-b:a", bits] if bits else []
    packed = _passed([*FFMPEG, *RAW, "-i", "-", "-c:a", name, *rate, "-f", form, "-"], data)
    return heard_through(["-f", form, "-i", "-"], packed)


def _passed(order: list[str], data: bytes) -> bytes:
    return subprocess.run(order, input=data, capture_output=True, check=True, timeout=LONG_S).stdout


def with_losses(samples: Samples, share: float, seed: int) -> Samples:
    """Return samples without some of their packets of 20 ms: silence in their place."""
    blocks = -(-len(samples) // 160)
    kept = np.repeat(np.random.default_rng(seed).random(blocks) >= share, 160)[: len(samples)]
    return samples * kept
