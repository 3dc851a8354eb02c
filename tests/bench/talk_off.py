"""How often speech, music and prompts are taken for a digit or a hangup: `python -m tests.bench.talk_off --hours 46`.

Hours of sound are made by espeak-ng (many voices, languages, pitches and speeds, levels from -10 to -28 dBm0), mixed
with the box's own prompts and music, and heard by the detectors of a line in a call, faster than life, for several
countries at once. Prints one JSON document: hours, false digits and false hangups, with what was heard and where. Exits
with 1 when there are more than 6 digits in 46 hours (NTT's limit, as ITU-T Q.24 cites it) or any hangup.
"""

import argparse
import concurrent.futures
import json
import os
import random
import subprocess
import sys
import time
import wave
from pathlib import Path
from typing import NamedTuple

import numpy as np

from drivers import countries
from drivers.sounds import sign
from native.media import Ear
from tests.audio import RATE_HZ, Samples, amplitude

ROOT = Path(__file__).resolve().parents[2]
COUNTRIES = ("CN", "US", "GB", "DE", "IN", "XX")  # with 450, 480+620, 400, 425 Hz and short and long rhythms
LANGUAGES = (
    "cmn-latn-pinyin", "en-us", "en-gb", "de", "fr-fr", "es", "it", "pt-br",
    "ru", "hi", "ja", "ko", "pl", "sv", "tr", "vi",
)  # fmt: skip
VARIANTS = ("", *(f"+m{number}" for number in range(1, 8)), *(f"+f{number}" for number in range(1, 6)), "+whisper")
ESPEAK_HZ = 22050
NTT_DIGITS, NTT_HOURS = 6, 46.0
SPEECH, MUSIC = 0.85, 0.05  # shares of all pieces; the rest are prompts


class Heard(NamedTuple):
    """What one piece of sound was taken for."""

    seconds: float
    digits: int
    hangups: int
    where: list[str]


def words() -> list[str]:
    """Return what is spoken: the words of the licence, numbers among them."""
    text = (ROOT / "LICENSE").read_text("utf-8")
    return [word for word in "".join(sign if sign.isalpha() else " " for sign in text).split() if len(word) > 1]


def spoken(chance: random.Random, vocabulary: list[str]) -> tuple[str, Samples]:
    """Return a name for a piece of speech, and its samples."""
    voice = chance.choice(LANGUAGES) + chance.choice(VARIANTS)
    pitch, speed = chance.randrange(0, 100), chance.randrange(110, 260)
    text = " ".join(
        str(chance.randrange(10 ** chance.randrange(1, 9))) if chance.random() < 0.15 else chance.choice(vocabulary)
        for _ in range(400)
    )
    order = ["espeak-ng", "--stdout", "-v", voice, "-p", str(pitch), "-s", str(speed)]
    said = subprocess.run(order, input=text.encode(), capture_output=True, check=True, timeout=120).stdout
    samples = np.frombuffer(said[44:], "<i2").astype(float)  # its header tells no length on a pipe
    return f"{voice} pitch {pitch} speed {speed}", resampled(samples, ESPEAK_HZ)


def resampled(samples: Samples, rate_hz: int) -> Samples:
    """Return samples at the telephone's rate, cut off above 3.4 kHz."""
    size = len(samples)
    spectrum = np.fft.rfft(samples, 1 << (size - 1).bit_length())
    padded = 2 * (len(spectrum) - 1)
    spectrum[round(3400 / rate_hz * padded) :] = 0
    smooth = np.fft.irfft(spectrum, padded)[:size]
    at = np.arange(0, size - 1, rate_hz / RATE_HZ)
    found: Samples = np.interp(at, np.arange(size), smooth)
    return found


def recorded(path: Path) -> Samples:
    """Return a prompt's samples."""
    with wave.open(str(path)) as sound:
        return np.frombuffer(sound.readframes(sound.getnframes()), "<i2").astype(float)


def heard(name: str, samples: Samples, level_dbm0: float) -> Heard:
    """Return what a piece of sound is taken for, at a level."""
    loud = np.sqrt(np.mean(samples**2)) or 1.0
    samples = samples * (amplitude(level_dbm0) / np.sqrt(2) / loud)
    data = np.clip(np.round(samples), -32768, 32767).astype(np.int16).tobytes()
    digits = hangups = 0
    where = []
    for code in COUNTRIES:
        tones = {name: sign(getattr(countries.country(code), name)) for name in ("busy", "congestion")}
        for found in Ear(code == COUNTRIES[0], tones, False).hear(data):
            digits += found.kind == "digit"
            hangups += found.kind == "tone"
            where.append(f"{code} {found.kind} {found.value} at {found.at_s:.2f} s: {name}")
    return Heard(len(samples) / RATE_HZ, digits, hangups, where)


def piece(seed: int) -> Heard:
    """Make one piece of sound and listen to it."""
    chance = random.Random(seed)
    level_dbm0 = chance.uniform(-28, -10)
    kind = chance.random()
    if kind < SPEECH:
        name, samples = spoken(chance, words())
    else:
        folder = ROOT / "firmware/prompts/sounds"
        music = [path for path in sorted(folder.rglob("*.wav")) if "music" in path.stem]
        path = chance.choice(music if kind < SPEECH + MUSIC else sorted(folder.rglob("*.wav")))
        name, samples = path.name, recorded(path)
    return heard(f"{name}, {level_dbm0:.0f} dBm0, seed {seed}", samples, level_dbm0)


def main() -> int:
    """Listen for so many hours; see the module."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.talk_off", description=__doc__)
    parser.add_argument("--hours", type=float, default=46.0, help="of sound (default 46)")
    parser.add_argument("--seed", type=int, default=0, help="of the first piece (default 0)")
    arguments = parser.parse_args()
    began_s, seconds, pieces, digits, hangups = time.monotonic(), 0.0, 0, 0, 0
    where: list[str] = []
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as workers:
        while seconds < arguments.hours * 3600:
            for one in workers.map(piece, range(arguments.seed + pieces, arguments.seed + pieces + 16)):
                seconds, digits, hangups = seconds + one.seconds, digits + one.digits, hangups + one.hangups
                where += one.where
            pieces += 16
    hours = seconds / 3600
    json.dump({
        "hours": round(hours, 2), "pieces": pieces, "false_digits": digits, "false_hangups": hangups,
        "digits_in_46_hours": round(digits * NTT_HOURS / hours, 2), "countries": COUNTRIES, "where": where[:50],
        "took_s": round(time.monotonic() - began_s),
    }, sys.stdout, indent=2, ensure_ascii=False)  # fmt: skip
    print()
    return int(digits * NTT_HOURS / hours > NTT_DIGITS or hangups > 0)


if __name__ == "__main__":
    sys.exit(main())
