"""Where the leg of a call is while its telephone is used for another: a timeslot at which nobody speaks."""

import asyncio
import contextlib
import socket

from native.media import Core, Timeslot


class Parking:
    """One place; open while somebody is there."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._ends: tuple[socket.socket, socket.socket] | None = None
        self._timeslot: Timeslot | None = None

    def open(self) -> int:
        """Return the place's slot on the bridge; MediaError or OSError when there is none."""
        if self._timeslot is None:
            ours, theirs = self._ends = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            ours.setblocking(False)
            try:
                self._timeslot = self._core.timeslot(theirs.fileno(), law="alaw")
            except BaseException:
                self.close()
                raise
            asyncio.get_running_loop().add_reader(ours, _forget, ours)  # what is said there is heard by nobody
        return self._timeslot.slot

    def close(self) -> None:
        """Take the place away; who was there has moved. Twice is once."""
        if self._timeslot is not None:
            self._timeslot.close()
            self._timeslot = None
        if self._ends is not None:
            asyncio.get_running_loop().remove_reader(self._ends[0])
            for end in self._ends:
                end.close()
            self._ends = None


def _forget(end: socket.socket) -> None:
    with contextlib.suppress(BlockingIOError):
        while end.recv(4096):
            pass
