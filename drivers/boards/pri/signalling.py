"""A span's D-channel on the gateway's loop: frames from and to its descriptor, timers, and nothing of the media."""

import asyncio
import errno
import logging
import os
import select
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from drivers.boards.base import SpanWire
from drivers.boards.pri.trace import Trace
from drivers.link.errors import WrongState
from drivers.link.messages import IsdnTrunk
from native.isdn import Event, PriError
from native.pri import DChannel

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

FRAME_BYTES = 1024
FRAMES_AT_ONCE = 64
DAHDI_EVENT = 500  # errno (ELAST): an event waits, and is to be taken out first


class Signalling:
    """Tells `happened` of all that libpri sees, one event after the other, and `lost` once when the wire is gone."""

    def __init__(
        self, trunk: IsdnTrunk, wire: SpanWire, happened: Callable[[Event], None], lost: Callable[[str], None]
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._name, self._wire, self._happened, self._lost = f"span {trunk.span}", wire, happened, lost
        self._timer: asyncio.TimerHandle | None = None
        self._soon: asyncio.Handle | None = None
        self._closed = False
        self.trace = Trace(self._loop.time)
        self.dchannel = DChannel(
            trunk.side, trunk.variant, self._send, self._said, self._loop.time, overlap=trunk.overlap
        )
        # An event is urgent data to poll(2), which asyncio does not ask for; a set of descriptors is simply readable.
        self._wakes = select.epoll()
        self._wakes.register(wire.dchannel, select.EPOLLIN | select.EPOLLPRI)
        self._loop.add_reader(self._wakes, self._woken)
        self._soon = self._loop.call_soon(self._run)

    def watch(self, fd: int) -> None:
        """Take a B-channel's events out as they come."""
        self._wakes.register(fd, select.EPOLLPRI)

    def act(self, act: Callable[P, T], *arguments: P.args, **more: P.kwargs) -> T:
        """Do one of the D-channel's acts; what follows from it is told later. WrongState says why it cannot be."""
        try:
            return act(*arguments, **more)
        except PriError as error:
            raise WrongState(f"{self._name}: {error}") from error
        finally:
            if self._soon is None and not self._closed:
                self._soon = self._loop.call_soon(self._run)

    def close(self) -> None:
        """Say nothing more, to nobody."""
        self._closed = True
        for handle in (self._timer, self._soon):
            if handle is not None:
                handle.cancel()
        self._loop.remove_reader(self._wakes)
        self._wakes.close()
        self.dchannel.close()

    # ---- inside

    def _run(self) -> None:
        """Do what is due, tell what happened, and wait for the next."""
        self._soon = None
        self.dchannel.run()
        self._tell()

    def _tell(self) -> None:
        while not self._closed and (events := self.dchannel.take()):
            for event in events:
                try:
                    self._happened(event)
                except Exception:
                    log.exception("%s: after %s", self._name, event)  # one call's fault must not stop the others
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due_s = None if self._closed else self.dchannel.due_s
        if due_s is not None:
            self._timer = self._loop.call_at(due_s, self._run)

    def _woken(self) -> None:
        for fd, what in self._wakes.poll(0):
            if fd != self._wire.dchannel or what & select.EPOLLPRI:
                self._wire.take_events(fd)
            if fd == self._wire.dchannel and what & ~select.EPOLLPRI:
                self._read()
            if self._closed:
                return

    def _read(self) -> None:
        for _ in range(FRAMES_AT_ONCE):
            try:
                frame = os.read(self._wire.dchannel, FRAME_BYTES)
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno != DAHDI_EVENT:
                    self._lose(error.strerror or str(error))
                    return
                self._wire.take_events(self._wire.dchannel)
                continue
            if not frame:
                self._lose("the far end closed it")
                return
            self.trace.take(frame, sent=False)
            self.dchannel.receive(frame)
            self._tell()  # each before the next: a call is answered for before its caller can give up
            if self._closed:
                return

    def _send(self, frame: bytes) -> None:
        for _ in range(2):
            try:
                os.write(self._wire.dchannel, frame)
                self.trace.take(frame, sent=True)
                return
            except BlockingIOError:
                return  # no room: libpri sends it again
            except OSError as error:
                if error.errno == DAHDI_EVENT:
                    self._wire.take_events(self._wire.dchannel)
                    continue
                if error.errno not in (errno.EPIPE, errno.ECONNRESET):  # which reading finds out too
                    log.warning("%s: a frame cannot be sent: %s", self._name, error.strerror)
                return

    def _said(self, text: str) -> None:
        log.info("%s: %s", self._name, text)

    def _lose(self, why: str) -> None:
        self._wakes.unregister(self._wire.dchannel)
        self._lost(why)
