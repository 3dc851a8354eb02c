"""All DAHDI cards of the machine as one board: its FXO ports are the lines 1, 2, 3 .. in the order of its channels."""

import asyncio
import logging
import os
import select
from pathlib import Path

from drivers.boards.base import Board, LineWatcher, SpanWire
from drivers.boards.dahdi import device, setup
from drivers.boards.dahdi.analog import DahdiLine
from drivers.boards.dahdi.span import DahdiSpan
from drivers.link.errors import DriverError
from drivers.link.messages import Wrong
from native.dahdi import Channel, Signalling

log = logging.getLogger(__name__)

RETRY_S = 5.0
LINES = (Signalling.FXSKS, Signalling.FXSLS)


def found() -> bool:
    """Say whether there is a card, or what the kernel takes for one, that this user may use."""
    try:
        return bool(device.spans())
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        log.error("DAHDI's drivers are loaded, but cannot be used: %s; are we of the group dahdi?", error)
        return False


class DahdiBoard(Board):
    """The lines of all cards; what cannot be opened, or goes away, is tried again for ever."""

    def __init__(self, home: Path, country: str = "cn") -> None:
        self.subject = "dahdi"
        self.clock_fd = -1
        self._conf = home / "run" / "system.conf"
        self._country = country
        self._watcher: LineWatcher | None = None
        self._lines: dict[int, DahdiLine] = {}  # by descriptor
        self._missing: list[tuple[int, Channel]] = []
        self._wakes = select.epoll()
        self._retry: asyncio.TimerHandle | None = None
        self._starting: asyncio.Task[None] | None = None
        try:
            self.clock_fd = device.open_clock()
        except OSError as error:
            log.error("the clock of the boards cannot be used: %s", error)

    async def start(self, watcher: LineWatcher) -> None:
        """Configure what no one has configured yet, and open all lines."""
        self._watcher = watcher
        # An event is urgent data to poll(2), which asyncio does not ask for; a set of descriptors is simply readable.
        asyncio.get_running_loop().add_reader(self._wakes, self._take_events)
        await self._begin()

    async def _begin(self) -> None:
        self._retry = self._starting = None
        try:
            await self._configure()
            channels = [channel for channel in device.channels() if channel.signalling in LINES]
        except (OSError, DriverError) as error:
            log.error("boards: %s", error)
            self._say(Wrong("said", {"text": str(error)}))
            self._try_again()
            return
        self._missing = list(enumerate(channels, 1))
        log.info("lines are on the channels %s", setup.ranges(channel.number for channel in channels) or "none")
        self._open()

    async def _configure(self) -> None:
        channels = device.channels()
        ports = [channel for channel in channels if setup.is_line(channel) or setup.is_telephone(channel)]
        if any(not channel.signalling for channel in ports):
            text = setup.system_conf(device.spans(), channels, self._country)
            await setup.configure(self._conf, text)

    def _open(self) -> None:
        """Open the lines that are not; those that cannot be are tried again."""
        assert self._watcher is not None  # noqa: S101 - we are started
        self._retry = None
        wrong: list[str] = []
        for number, channel in tuple(self._missing):
            try:
                line = DahdiLine(number, channel, self._watcher)
            except OSError as error:
                wrong.append(f"line {number} (channel {channel.number}): {error.strerror}")
                continue
            self._missing.remove((number, channel))
            self._lines[line.fd] = line
            self._watcher.line_up(line)
            self._wakes.register(line.fd, select.EPOLLPRI)
        if wrong:
            log.warning("%s", "; ".join(wrong))
            self._try_again()
        self._say(Wrong("lines-shut", {"lines": "; ".join(wrong)}) if wrong else None)

    def _take_events(self) -> None:
        for fd, _ in self._wakes.poll(0):
            line = self._lines.get(fd)
            if line is not None and not line.take_events():
                self._lose(line)

    def _lose(self, line: DahdiLine) -> None:
        self._let_go(line)
        self._say(Wrong("channel-gone", {"line": line.number, "channel": line.channel}))
        if self._retry is None and self._starting is None:
            self._retry = asyncio.get_running_loop().call_later(RETRY_S, self._start_anew)

    def _start_anew(self) -> None:
        """Look for all boards again: the driver was loaded anew, and channels may be others."""
        for line in tuple(self._lines.values()):
            self._let_go(line)
        self._try_again(0.0)

    def _try_again(self, after_s: float = RETRY_S) -> None:
        self._retry = asyncio.get_running_loop().call_later(after_s, self._anew)

    def _anew(self) -> None:
        if self._missing:
            self._open()
        else:
            self._starting = asyncio.get_running_loop().create_task(self._begin())

    def _let_go(self, line: DahdiLine) -> None:
        assert self._watcher is not None  # noqa: S101 - we are started
        del self._lines[line.fd]
        self._wakes.unregister(line.fd)
        self._watcher.line_down(line)
        line.close()

    def open_span(self, number: int) -> SpanWire:
        """Return a digital span."""
        return DahdiSpan(number)

    async def close(self) -> None:
        """Put all lines on-hook and let go of them."""
        if self._retry:
            self._retry.cancel()
        if self._starting:
            self._starting.cancel()
        for line in tuple(self._lines.values()):
            self._let_go(line)
        asyncio.get_running_loop().remove_reader(self._wakes)
        self._wakes.close()
        if self.clock_fd >= 0:
            os.close(self.clock_fd)
            self.clock_fd = -1

    def _say(self, wrong: Wrong | None) -> None:
        if self._watcher is not None:
            self._watcher.board_changed(self.subject, wrong)
