"""Samples between the office and the board, over a pair of sockets with a clock at either end."""

import contextlib
import socket
from collections import deque
from collections.abc import Callable

from drivers.office.sound import BLOCK
from native.dsp import alaw_decode, alaw_encode

SEND_BUFFER = 4096      # a handful of blocks: a board that stops reading must not find seconds of old sound
IDLE_SEND_BUFFER = 32768    # 86 blocks: on a line that nobody talks on, one that is late finds all that was said
CUSHION = 2             # blocks kept before the first is used, so that a late one leaves no hole
MOST_WAITING = 5        # blocks; more is delay, and the oldest go


class Pair:
    """The samples of a line, telephone or timeslot, both ways: 20 ms of A-law a packet."""

    def __init__(self, ours: socket.socket) -> None:
        ours.setblocking(False)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        self._ours = ours
        self._waiting: deque[bytes] = deque()
        self._flowing = False
        self._idle = False
        self._unsent = b""      # of what is looped back
        self.missing = 0
        self.dropped = 0

    def read(self, late_ticks: int = 0) -> bytes | None:
        """Return the samples of the next tick, None when there are none; so many ticks follow at once."""
        self._take_in()
        while len(self._waiting) > MOST_WAITING + late_ticks:
            self._waiting.popleft()
            self.dropped += 1
        if not self._flowing:
            self._flowing = len(self._waiting) >= CUSHION
        if not self._flowing:
            return None
        if not self._waiting:
            self.missing += 1
            return None
        return alaw_decode(self._waiting.popleft())

    def read_all(self) -> bytes:
        """Return the samples that have come, whether or not it is time for them."""
        self._take_in()
        waiting, self._flowing = b"".join(self._waiting), False
        self._waiting.clear()
        return alaw_decode(waiting)

    def _take_in(self) -> None:
        with contextlib.suppress(OSError):  # nothing there, or the board has closed its end: the wire tells
            while block := self._ours.recv(4 * BLOCK):
                if len(block) == BLOCK:
                    self._waiting.append(block)

    def write(self, samples: bytes, idle: bool) -> None:
        """Send a tick's samples; a board that does not read loses them, of an `idle` line only when it never does."""
        if idle != self._idle:
            self._idle = idle
            size = IDLE_SEND_BUFFER if idle else SEND_BUFFER
            self._ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, size)
        try:
            self._ours.send(alaw_encode(samples))
        except BlockingIOError:
            self.dropped += 1
        except OSError:  # the board is going; its end of the wire tells
            pass

    def loop_back(self, changed: Callable[[bytes], bytes]) -> None:
        """Send a tick's octets back as `changed`, and lose none: what the board does not take yet stays."""
        self._waiting.clear()
        with contextlib.suppress(OSError):  # nothing there, no room, or the board is going; its end of the wire tells
            if not self._unsent and len(block := self._ours.recv(4 * BLOCK)) == BLOCK:
                self._unsent = changed(block)
            if self._unsent:
                self._ours.send(self._unsent)
                self._unsent = b""

    def close(self) -> None:
        """Close our end."""
        self._ours.close()
