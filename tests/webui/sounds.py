"""Recordings of tones, as the box makes them: two channels of 16 bits at 8 kHz."""

import array
import math
import wave
from pathlib import Path

RATE_HZ = 8000


def record(path: Path, seconds: float = 2.0) -> bytes:
    """Write a recording whose left side is loud in its first half and whose right side in its second; return it."""
    frames = int(seconds * RATE_HZ)
    samples = array.array("h")
    for frame in range(frames):
        first = frame < frames // 2
        samples.append(int((16384 if first else 0) * math.sin(frame * 0.35)))
        samples.append(int((0 if first else 8192) * math.sin(frame * 0.21)))
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(samples.tobytes())
    return path.read_bytes()
