"""Steady tones for the demo: written to a file, and found again in what somebody heard, by arithmetic of our own."""

import array
import math
import sys
import wave
from pathlib import Path

RATE_HZ = 8000
BLOCK = 800  # 0.1 s
AUDIBLE = 200.0  # root mean square of a block that is more than noise; about -41 dBm0
SHARE = 0.6  # of a block's power that must be the tone's own


def write(path: Path, hz: float, duration_s: float, amplitude: int = 6000) -> None:
    """Write a sine of `hz` as WAV: mono, 8 kHz, 16 bit."""
    turn = 2 * math.pi * hz / RATE_HZ
    samples = array.array("h", (round(amplitude * math.sin(turn * n)) for n in range(round(RATE_HZ * duration_s))))
    if sys.byteorder == "big":
        samples.byteswap()
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE_HZ)
        sound.writeframes(samples.tobytes())


def read(path: Path, channel: int = 0) -> "array.array[int]":
    """Return one channel of a WAV file of 16 bit; empty when there is none (nothing was ever heard)."""
    try:
        with wave.open(str(path), "rb") as sound:
            channels = sound.getnchannels()
            data = sound.readframes(sound.getnframes())
    except (FileNotFoundError, EOFError, wave.Error):
        return array.array("h")
    samples = array.array("h", data[: len(data) // 2 * 2])
    if sys.byteorder == "big":
        samples.byteswap()
    return samples[channel::channels]


def heard_s(samples: "array.array[int]", hz: float) -> float:
    """Return for how many seconds a tone stands out, to 0.1 s (Goertzel's algorithm on blocks of 0.1 s)."""
    blocks = (samples[at : at + BLOCK] for at in range(0, len(samples) - BLOCK + 1, BLOCK))
    return sum(_has(block, hz) for block in blocks) * BLOCK / RATE_HZ


def _has(block: "array.array[int]", hz: float) -> bool:
    power = sum(sample * sample for sample in block) / len(block)
    if power < AUDIBLE**2:
        return False
    step = 2 * math.cos(2 * math.pi * hz / RATE_HZ)
    before = last = 0.0
    for sample in block:
        before, last = last, sample + step * last - before
    tone = 2 * (last * last + before * before - step * last * before) / len(block) ** 2
    return tone >= SHARE * power
