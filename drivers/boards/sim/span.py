"""A digital span of the simulated central office, from the box's side: a pair of sockets for each of its wires."""

import contextlib
import os
import socket
from collections.abc import Callable

from drivers.boards.base import CasWire, SpanWire
from drivers.link.messages import E1_SLOTS

SEND_BUFFER = 4096  # a handful of blocks: an office that stops reading must not find seconds of old sound
ALARM = 0x80        # beside a timeslot's bits: an alarm keeps them from us
Give = Callable[[int, socket.socket], None]


class SimSpan(SpanWire):
    """One span. `give` lets the office have an end of a wire: that of the D-channel (0), or of a timeslot; OSError."""

    def __init__(self, number: int, give: Give) -> None:
        self._give = give
        super().__init__(number, _wire(give, 0), E1_SLOTS)

    def open(self, slot: int) -> int:
        """Return a B-channel's descriptor."""
        return _wire(self._give, slot)

    def flush(self, fd: int) -> None:
        """Forget what waits."""
        _flush(fd)

    def take_events(self, fd: int) -> None:
        """There are none."""

    def close(self) -> None:
        """Let go of the D-channel."""
        os.close(self.dchannel)


class SimCas(CasWire):
    """One span with bits for each timeslot. `give`: as of a SimSpan; 0 is the wire of the bits."""

    def __init__(self, number: int, give: Give) -> None:
        self._give = give
        self._received: dict[int, int] = dict.fromkeys(E1_SLOTS, ALARM)
        self._fds: dict[int, int] = {}
        super().__init__(number, _wire(give, 0), E1_SLOTS)

    def changed(self) -> set[int]:
        """Return the timeslots whose bits have come."""
        found: set[int] = set()
        with contextlib.suppress(BlockingIOError):
            while told := os.read(self.wakes, 2):
                self._received[told[0]] = told[1]
                found.add(told[0])
            raise OSError("the office closed it")
        return found

    def bits(self, slot: int) -> int | None:
        """Return the bits received last."""
        bits = self._received[slot]
        return None if bits & ALARM else bits

    def send(self, slot: int, bits: int) -> None:
        """Send these bits."""
        os.write(self.wakes, bytes((slot, bits)))

    def open(self, slot: int) -> int:
        """Return the timeslot's descriptor, its sound of before forgotten."""
        if slot not in self._fds:
            self._fds[slot] = _wire(self._give, slot)
        _flush(self._fds[slot])
        return self._fds[slot]

    def close(self) -> None:
        """Let go of all timeslots."""
        for fd in (self.wakes, *self._fds.values()):
            os.close(fd)
        self._fds.clear()


def _flush(fd: int) -> None:
    with contextlib.suppress(BlockingIOError):
        while os.read(fd, 1024):
            pass


def _wire(give: Give, slot: int) -> int:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs, contextlib.ExitStack() as unless_given:
        unless_given.callback(ours.close)
        for end in (ours, theirs):
            end.setblocking(False)
            if slot:  # no frame and no bits are to be lost
                end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        give(slot, theirs)
        unless_given.pop_all()
    return ours.detach()
