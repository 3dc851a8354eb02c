"""A simulated E1: two ends of one span, each frame and each 20 ms of a timeslot a datagram between two sockets."""

import asyncio
import os
import selectors
import socket
from collections.abc import Callable
from typing import Any

from drivers.boards.base import Board, LineWatcher, SpanWire
from drivers.link.errors import WrongState
from native.pri import DChannel
from tests.native.pri.happened import Happened

SLOTS = (*range(1, 16), *range(17, 32))


class LocalLoop(asyncio.SelectorEventLoop):
    """A loop that never waits: what is on a wire is taken first, then the clock jumps to the next timer."""

    def __init__(self) -> None:
        self._now_s = 0.0
        super().__init__(_Looking(self))

    def time(self) -> float:
        return self._now_s

    def jump(self, seconds: float) -> None:
        """Let time pass; called by the selector instead of waiting."""
        self._now_s += seconds


class _Looking(selectors.DefaultSelector):
    def __init__(self, loop: LocalLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready: list[tuple[selectors.SelectorKey, int]] = super().select(0)
        if not ready and timeout is None:
            raise RuntimeError("nothing is left that could happen")
        if not ready and timeout and timeout > 0:
            self._loop.jump(timeout)
        return ready


class LocalSpan(SpanWire):
    """One end of a simulated E1."""

    def __init__(self, number: int, dchannel: socket.socket, slots: dict[int, socket.socket]) -> None:
        super().__init__(number, dchannel.fileno(), tuple(slots))
        self.frames, self.sockets = dchannel, slots
        self.closed = False

    def open(self, slot: int) -> int:
        return os.dup(self.sockets[slot].fileno())

    def flush(self, fd: int) -> None:
        """Nothing is kept but what the other end sends all the time."""

    def take_events(self, fd: int) -> None:
        """There are none."""

    def close(self) -> None:
        self.closed = True
        self.frames.close()


def local_e1(slots: tuple[int, ...] = SLOTS, number: int = 1) -> tuple[LocalSpan, LocalSpan]:
    """Return both ends."""
    pairs = {slot: socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET) for slot in (0, *slots)}
    for pair in pairs.values():
        for end in pair:
            end.setblocking(False)
    ends = [LocalSpan(number, pairs[0][end], {slot: pairs[slot][end] for slot in slots}) for end in (0, 1)]
    return ends[0], ends[1]


class LocalBoard(Board):
    """A board with spans and no lines."""

    subject = "local"

    def __init__(self, spans: dict[int, Callable[[], SpanWire]]) -> None:
        self.spans = spans

    async def start(self, watcher: LineWatcher) -> None:
        """There is nothing to watch."""

    def open_span(self, number: int) -> SpanWire:
        if number not in self.spans:
            raise WrongState(f"span {number} is not there; spans are {sorted(self.spans)}")
        return self.spans[number]()

    async def close(self) -> None:
        """There is nothing to close."""


class FarEnd(Happened):
    """The D-channel at the other end, ordered about by the test."""

    def __init__(self, wire: LocalSpan, side: str = "network", variant: str = "euroisdn", overlap: bool = False):
        super().__init__()
        self.wire = wire
        self._loop = asyncio.get_running_loop()
        self.said: list[str] = []
        self.dchannel = DChannel(
            side, variant, self._send, self.said.append, self._loop.time, overlap=overlap
        )
        self._timer: asyncio.TimerHandle | None = None
        self._loop.add_reader(wire.dchannel, self._read)
        self._run()

    def _send(self, frame: bytes) -> None:
        os.write(self.wire.dchannel, frame)

    def _read(self) -> None:
        frame = os.read(self.wire.dchannel, 2000)
        if not frame:
            self._loop.remove_reader(self.wire.dchannel)
            return
        self.dchannel.receive(frame)
        self._run()

    def _run(self) -> None:
        self.dchannel.run()
        self.events += self.dchannel.take()
        if self._timer is not None:
            self._timer.cancel()
        due_s = self.dchannel.due_s
        self._timer = None if due_s is None else self._loop.call_at(due_s, self._run)

    def of(self, kind: type) -> list[Any]:
        """Return what has happened of one kind until now, taken out."""
        self._run()
        return super().of(kind)

    def close(self) -> None:
        """Go away."""
        if self._timer is not None:
            self._timer.cancel()
        self._loop.remove_reader(self.wire.dchannel)
        self.wire.close()
