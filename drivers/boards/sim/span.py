"""A digital span of the simulated central office, from the box's side: a pair of sockets for each of its wires."""

import contextlib
import os
import socket
from collections.abc import Callable

from drivers.boards.base import SpanWire
from drivers.link.messages import E1_SLOTS

SEND_BUFFER = 4096  # a handful of blocks: an office that stops reading must not find seconds of old sound


class SimSpan(SpanWire):
    """One span. `give` lets the office have an end of a wire: that of the D-channel (0), or of a timeslot; OSError."""

    def __init__(self, number: int, give: Callable[[int, socket.socket], None]) -> None:
        self._give = give
        super().__init__(number, self._wire(0), E1_SLOTS)

    def open(self, slot: int) -> int:
        """Return a B-channel's descriptor."""
        return self._wire(slot)

    def flush(self, fd: int) -> None:
        """Forget what waits."""
        with contextlib.suppress(BlockingIOError):
            while os.read(fd, 1024):
                pass

    def take_events(self, fd: int) -> None:
        """There are none."""

    def close(self) -> None:
        """Let go of the D-channel."""
        os.close(self.dchannel)

    def _wire(self, slot: int) -> int:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, contextlib.ExitStack() as unless_given:
            unless_given.callback(ours.close)
            for end in (ours, theirs):
                end.setblocking(False)
                end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
            self._give(slot, theirs)
            unless_given.pop_all()
        return ours.detach()
