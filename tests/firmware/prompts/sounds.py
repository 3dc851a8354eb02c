"""Sound files of all kinds, good and bad, made by ffmpeg or by hand."""

import struct
import subprocess
from pathlib import Path

import numpy as np

RATE_HZ = 8000


def voice(seconds: float = 3.0, level: float = 0.3, quiet_s: float = 0.5) -> np.ndarray:
    """Return something like speech at 8 kHz: a tone of 400 Hz that comes and goes, quiet before and after."""
    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    speech = level * np.sin(2 * np.pi * 400 * t) * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * t))
    quiet = np.zeros(int(quiet_s * RATE_HZ))
    return np.concatenate([quiet, speech, quiet])


def wav(samples: np.ndarray, rate_hz: int = RATE_HZ, channels: int = 1, claim: int | None = None) -> bytes:
    """Return a 16-bit WAV file; it may claim another number of bytes than it has."""
    data = np.round(np.repeat(samples, channels) * 32767).astype("<i2").tobytes()
    size = len(data) if claim is None else claim
    return raw_wav(channels, rate_hz, data, size)


def raw_wav(channels: int, rate_hz: int, data: bytes, size: int) -> bytes:
    """Return a WAV file whose header says whatever it is told to."""
    form = struct.pack("<HHIIHH", 1, channels, rate_hz, (rate_hz * channels * 2) % 2**32, channels * 2 % 2**16, 16)
    head = b"RIFF" + struct.pack("<I", (36 + size) % 2**32) + b"WAVEfmt " + struct.pack("<I", 16) + form
    return head + b"data" + struct.pack("<I", size) + data


def as_file(path: Path, samples: np.ndarray, *options: str) -> Path:
    """Write samples as a file of the kind that its name says."""
    subprocess.run(
        ["ffmpeg", "-nostdin", "-v", "error", "-y", "-i", "pipe:0", *options, str(path)], input=wav(samples), check=True
    )
    return path


def with_cover(sound: Path) -> Path:
    """Return the MP3 again, with a picture in it, as music is sold."""
    picture, both = sound.with_name("cover.png"), sound.with_name("cover.mp3")
    quietly = ["ffmpeg", "-nostdin", "-v", "error"]
    subprocess.run([*quietly, "-f", "lavfi", "-i", "testsrc=d=0.1", "-frames:v", "1", picture], check=True)
    subprocess.run([*quietly, "-i", sound, "-i", picture, "-map", "0", "-map", "1", "-c:a", "copy", both], check=True)
    return both


def endless(path: Path, hours: int, *options: str) -> Path:
    """Write hours of silence in few bytes."""
    source = ["-f", "lavfi", "-i", "anullsrc=r=8000:cl=mono", "-t", str(hours * 3600)]
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", *source, *options, str(path)], check=True)
    return path


def without_length(flac: bytes) -> bytes:
    """Return a FLAC file that no longer says how long it is (RFC 9639 §8.2: 36 bits from byte 21 on, after fLaC)."""
    changed = bytearray(flac)
    changed[21] &= 0xF0
    changed[22:26] = bytes(4)
    return bytes(changed)
