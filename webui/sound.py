"""Recordings as files: found within the home and nowhere else, sent whole or in pieces, and drawn by their loudness."""

import array
import os
import stat
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from flask import Response, request

from firmware.errors import NotFound, Refused

FOLDER = "recordings"  # below the home
PIECE_BYTES = 1 << 20  # at most so much is sent for an open range: a player that pauses holds nothing up
READ_BYTES = 1 << 16
HEAD_BYTES = 4096
FRAME_BYTES = 4  # two channels of 16 bits
LOOKED_AT = 500  # samples of each side of which the loudest is drawn


class Broken(Refused):
    """There is a file, and it holds no sound of ours."""

    code = "recording-broken"


class Missing(NotFound):
    """There is no file."""

    code = "recording-missing"


class Sound(NamedTuple):
    """An open recording: where its samples begin and end, as it was when it was opened."""

    file: BinaryIO
    begin: int
    end: int
    rate_hz: int

    @property
    def length_s(self) -> float:
        """Return how long it is."""
        return (self.end - self.begin) / FRAME_BYTES / self.rate_hz


def home() -> Path:
    """Return where this box keeps its state."""
    return Path(os.environ.get("BUSYHOUR_HOME") or "var").resolve()


def found(path: str) -> Path:
    """Return the file that a recording's path within the home means, in the folder of recordings. Raises Missing."""
    folder = home() / FOLDER
    try:
        real = (home() / path).resolve(strict=True)
        if not real.is_relative_to(folder.resolve()) or real.suffix != ".wav":
            raise Missing(f"{path} is no recording in {folder}")
    except (OSError, ValueError) as error:
        raise Missing(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    return real


def open_sound(path: str) -> Sound:
    """Return the recording at a path within the home; the caller closes its file. Raises Missing, Broken."""
    try:
        file = os.fdopen(os.open(found(path), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb")
    except OSError as error:
        raise Missing(f"{path} cannot be read: {error.strerror}") from error
    try:
        return _sound(file, path)
    except BaseException:
        file.close()
        raise


def _sound(file: BinaryIO, path: str) -> Sound:
    """Return where the samples are; their end is the file's, since a recording that grows has an older header."""
    status = os.fstat(file.fileno())
    head = file.read(HEAD_BYTES)
    if not stat.S_ISREG(status.st_mode) or head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        raise Broken(f"{path} is no WAV file")
    place, kind = 12, b""
    while place + 8 <= len(head):
        name, length = head[place : place + 4], int.from_bytes(head[place + 4 : place + 8], "little")
        place += 8
        if name == b"fmt ":
            kind = head[place : place + 16]
        elif name == b"data" and len(kind) == 16:
            encoding, channels, rate_hz, _, frame, bits = struct.unpack("<HHIIHH", kind)
            if (encoding, channels, frame, bits) != (1, 2, FRAME_BYTES, 16) or not rate_hz:
                break
            whole = max(0, status.st_size - place) // FRAME_BYTES * FRAME_BYTES
            return Sound(file, place, place + whole, rate_hz)
        place += length + length % 2
    raise Broken(f"{path} holds no sound in two channels of 16 bits")


def send(sound: Sound, name: str, *, download: bool) -> Response:
    """Return a recording, or the piece of it that was asked for (RFC 9110 §14); its file is closed afterwards."""
    size = sound.end
    wanted, first, last = request.range, 0, size - 1
    status = 200
    if wanted is not None and wanted.units == "bytes" and len(wanted.ranges) == 1:
        span = wanted.range_for_length(size)
        if span is None:
            sound.file.close()
            return Response(status=416, headers={"Content-Range": f"bytes */{size}"})
        status, (first, stop) = 206, span
        last = stop - 1 if wanted.ranges[0][1] is not None else min(stop, first + PIECE_BYTES) - 1
    response = Response(_bytes(sound.file, first, last + 1), status, mimetype="audio/wav")
    response.call_on_close(sound.file.close)
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Content-Length"] = str(last + 1 - first)
    if status == 206:
        response.headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    if download:
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _bytes(file: BinaryIO, first: int, end: int) -> Iterator[bytes]:
    file.seek(first)
    while first < end and (piece := file.read(min(READ_BYTES, end - first))):
        first += len(piece)
        yield piece


def peaks(sound: Sound, count: int) -> tuple[list[int], list[int]]:
    """Return how loud both sides are in each of `count` equal parts, 0 to 100; long parts are looked at in samples."""
    frames = (sound.end - sound.begin) // FRAME_BYTES
    left, right = [], []
    for part in range(count):
        first, after = frames * part // count, frames * (part + 1) // count
        sound.file.seek(sound.begin + first * FRAME_BYTES)
        samples = array.array("h")
        samples.frombytes(sound.file.read((after - first) * FRAME_BYTES // 2 * 2))
        step = max(1, (after - first) // LOOKED_AT) * 2
        left.append(_loudest(samples[0::step]))
        right.append(_loudest(samples[1::step]))
    return left, right


def _loudest(samples: "array.array[int]") -> int:
    return round(max(max(samples), -min(samples)) / 327.68) if samples else 0
