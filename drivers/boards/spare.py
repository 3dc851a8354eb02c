"""A digital span in no trunk group: nobody speaks on it, and its channels are open for as long as a test has them."""

import asyncio
import os
import select
from collections.abc import Callable, Mapping
from typing import Any

from drivers.boards.base import Board, CasWire, SpanWire
from drivers.boards.loan import Loan
from drivers.link.messages import SpanSetting


class Spare:
    """One span, which a board has set up. `closed` is told once: a test has given it back, or its wire is gone."""

    up = False
    calls: Mapping[int, Any] = {}

    def __init__(self, wire: SpanWire | CasWire, closed: Callable[[], None]) -> None:
        self.number, self.slots, self._wire, self._told = wire.number, wire.slots, wire, closed
        self.loan = Loan(wire, self._open, lambda slot: "", self._changed)
        self._fds: list[int] = []
        # An event is urgent data to poll(2), which asyncio does not ask for; a set of descriptors is simply readable.
        self._wakes = select.epoll()
        if isinstance(wire, CasWire):
            self._wakes.register(wire.wakes, select.EPOLLIN)
        else:
            self._wakes.register(wire.dchannel, select.EPOLLPRI)  # what the far end says there is for nobody
        self._closed = False
        asyncio.get_running_loop().add_reader(self._wakes, self._woken)

    @classmethod
    def of(cls, board: Board, setting: SpanSetting, closed: Callable[[], None]) -> "Spare":
        """Return a board's; OSError or DriverError says why it is not there."""
        return cls((board.open_cas if setting.signalling == "r2" else board.open_span)(setting.number), closed)

    def close(self) -> None:
        """Let go of it; a test that has it ends. Again: nothing more is done."""
        if self._closed:
            return
        self._closed = True
        self.loan.end()
        asyncio.get_running_loop().remove_reader(self._wakes)
        self._wakes.close()
        for fd in self._fds:
            os.close(fd)
        self._wire.close()
        self._told()

    # ---- inside

    def _open(self, slot: int) -> int:
        fd = self._wire.open(slot)
        if isinstance(self._wire, SpanWire):
            self._fds.append(fd)
            self._wakes.register(fd, select.EPOLLPRI)
        return fd

    def _changed(self, slots: tuple[int, ...]) -> None:
        if not self.loan.slots:
            self.close()

    def _woken(self) -> None:
        """Take out what the board tells, so that the octets go on; see whether the wire is gone."""
        try:
            if isinstance(self._wire, CasWire):
                self._wire.changed()
                return
            for fd, what in self._wakes.poll(0):
                if what & ~select.EPOLLPRI:
                    raise OSError("the far end closed it")
                self._wire.take_events(fd)
        except OSError:
            self.close()
