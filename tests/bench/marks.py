"""Marks in silence, and when each was spoken and heard: one sample as loud as A-law can be, to 125 µs.

A far end says blocks of 20 ms. It has a block together when its last sample has been spoken, so a mark was spoken up to
20 ms before its block left; and who plays each block as it comes hears the mark as much after it came. Both moments are
by the machine's monotonic clock: the one is taken as the block leaves, the other by the kernel as it comes, whenever
we look for it.
"""

import random
import socket
import struct
import time

import numpy as np

from tests import audio

BLOCK, BLOCK_MS, SAMPLES_A_MS = 160, 20.0, 8
SILENCE, MARK = b"\xd5", b"\xaa"
LOUD = 8000
BETWEEN_BLOCKS = (13, 16)   # from a mark to the next, which must not be taken for it
LIMIT_MS = 240.0
STAMP = 35                  # SO_TIMESTAMPNS (socket(7)), of Unix sockets too
_STAMP = struct.Struct("qq")


class Track:
    """One end of a talk: what it says, and what marks it spoke and heard, in ms by the monotonic clock."""

    def __init__(self, chance: random.Random) -> None:
        self.spoken_ms: list[float] = []
        self.heard_ms: list[float] = []
        self.silent = False     # it says no more marks
        self._chance = chance
        self._silent_blocks = chance.randint(*BETWEEN_BLOCKS)

    def say(self, left_ms: float | None = None) -> bytes:
        """Return the next block, which leaves now, or should have left at another moment."""
        self._silent_blocks -= 1
        if self._silent_blocks > 0 or self.silent:
            return SILENCE * BLOCK
        self._silent_blocks = self._chance.randint(*BETWEEN_BLOCKS)
        at = self._chance.randrange(BLOCK)
        left_ms = time.monotonic_ns() / 1e6 if left_ms is None else left_ms
        self.spoken_ms.append(left_ms - BLOCK_MS + at / SAMPLES_A_MS)
        return SILENCE * at + MARK + SILENCE * (BLOCK - 1 - at)

    def hear(self, block: bytes, came_ms: float) -> None:
        """Take a block."""
        for at in np.flatnonzero(np.abs(audio.decode_alaw(block).astype(int)) > LOUD):
            self.heard_ms.append(came_ms + at / SAMPLES_A_MS)


def delays_ms(speaker: Track, hearer: Track) -> tuple[list[float], int]:
    """Return how long each mark took, and how many were never heard."""
    found = []
    heard = np.array([*hearer.heard_ms, np.inf])
    for spoken_ms in speaker.spoken_ms:
        delay_ms = heard[np.searchsorted(heard, spoken_ms)] - spoken_ms
        if delay_ms < LIMIT_MS:
            found.append(float(delay_ms))
    return found, len(speaker.spoken_ms) - len(found)


def stamped(end: socket.socket) -> None:
    """Let the kernel note when what comes to a socket came."""
    end.setsockopt(socket.SOL_SOCKET, STAMP, 1)


def received(end: socket.socket) -> tuple[bytes, float]:
    """Return what came, and when, in ms by the monotonic clock. Raises BlockingIOError when there is nothing."""
    data, ancillary, _, _ = end.recvmsg(2048, 64)
    for level, kind, stamp in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, STAMP):
            seconds, ns = _STAMP.unpack(stamp)
            return data, (seconds * 1_000_000_000 + ns - time.time_ns() + time.monotonic_ns()) / 1e6
    return data, time.monotonic_ns() / 1e6
