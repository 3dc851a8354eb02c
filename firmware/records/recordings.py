"""Puts right recordings that nobody lived to close: a power cut may take the last seconds, and the header with them."""

import logging
import struct
from pathlib import Path
from typing import NamedTuple

log = logging.getLogger(__name__)
HEAD_BYTES = 4096
LARGEST = 0xFFFFFFC0  # as the gateway has it: a WAV cannot tell of more
HEADER = struct.Struct("<4sI8sIHHIIHH4sI")
FORMAT = (16, 1, 2, 8000, 8000 * 4, 4, 16)  # as the gateway writes it: PCM, two channels at 8 kHz of 16 bits


class Sound(NamedTuple):
    """Where the samples of a WAV file begin, and how many bytes of them make a second."""

    place: int
    bytes_per_s: int


def complete(path: Path) -> float:
    """Let a recording's header tell what is there, and return the seconds of sound in it, 0 if there are none.

    All counts from where the samples begin to the file's end: the lengths in the header are those of another moment.
    Where a power cut took the header, it is written anew. What cannot be done is logged.
    """
    try:
        with path.open("r+b") as file:
            head, size = file.read(HEAD_BYTES), path.stat().st_size
            if (sound := find(head)) is None:
                log.warning("recording %s had no header, it is given one", path)
                sound = Sound(HEADER.size, FORMAT[4])
                file.seek(0)
                file.write(HEADER.pack(b"RIFF", 0, b"WAVEfmt ", *FORMAT, b"data", 0))
            length = max(0, size - sound.place)
            for place, told in ((4, sound.place - 8 + length), (sound.place - 4, length)):
                file.seek(place)
                file.write(struct.pack("<I", min(told, LARGEST)))
    except OSError as error:
        log.warning("recording %s cannot be completed: %s", path, error.strerror)
        return 0.0
    return length / sound.bytes_per_s


def find(head: bytes) -> Sound | None:
    """Return where the sound is in a WAV file that begins like this, None in anything else."""
    if head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        return None
    place, bytes_per_s = 12, 0
    while place + 8 <= len(head):
        name, length = head[place : place + 4], int.from_bytes(head[place + 4 : place + 8], "little")
        place += 8
        if name == b"fmt " and place + 16 <= len(head):
            (bytes_per_s,) = struct.unpack_from("<I", head, place + 8)
        elif name == b"data" and bytes_per_s:
            return Sound(place, bytes_per_s)
        place += length + length % 2
    return None
