"""How long a recording is, by its file alone: for those that nobody lived to close."""

import logging
import struct
from pathlib import Path

log = logging.getLogger(__name__)
HEAD_BYTES = 4096


def length_s(path: Path) -> float:
    """Return the seconds of sound in a WAV file, 0 if there are none.

    Counted from where the samples begin to the file's end, since the lengths in the header of a recording that was
    broken off are those of a moment before.
    """
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
        size = path.stat().st_size
    except OSError as error:
        log.warning("recording %s cannot be read: %s", path, error.strerror)
        return 0.0
    if head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        log.warning("recording %s is no WAV file", path)
        return 0.0
    place, bytes_per_s = 12, 0
    while place + 8 <= len(head):
        name, length = head[place : place + 4], int.from_bytes(head[place + 4 : place + 8], "little")
        place += 8
        if name == b"fmt " and place + 16 <= len(head):
            (bytes_per_s,) = struct.unpack_from("<I", head, place + 8)
        elif name == b"data" and bytes_per_s:
            return max(0, size - place) / bytes_per_s
        place += length + length % 2
    log.warning("recording %s has no sound", path)
    return 0.0
