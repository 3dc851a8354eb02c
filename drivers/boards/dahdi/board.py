"""All DAHDI cards of the machine as one board: its analog sockets are 1, 2, 3 .. in the order of their channels.

A line is in an FXO port, a telephone in an FXS port; of the latter those alone are opened that are extensions.
"""

import asyncio
import logging
import os
import select
from pathlib import Path

from msgspec import structs

from drivers.boards.base import Battery, Board, CasWire, LineWatcher, SpanWire
from drivers.boards.dahdi import card, device, setup
from drivers.boards.dahdi.analog import DahdiLine
from drivers.boards.dahdi.cas import DahdiCas
from drivers.boards.dahdi.port import DahdiPort
from drivers.boards.dahdi.span import DahdiSpan
from drivers.boards.ranges import ranges
from drivers.link.errors import DriverError, WrongState
from drivers.link.messages import SpanSetting, SpanState, Wrong
from native.dahdi import Channel, Signalling

log = logging.getLogger(__name__)

RETRY_S = 5.0
LOOK_S = 1.0
LINES = (Signalling.FXSKS, Signalling.FXSLS)
PORTS = (Signalling.FXOKS, Signalling.FXOLS)


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
        self._open_ones: dict[int, DahdiLine | DahdiPort] = {}  # by descriptor
        self._wanted: frozenset[int] = frozenset()  # of the telephones' ports
        self._telephones: dict[int, Channel] = {}
        self._settings: dict[int, SpanSetting] = {}
        self._setting_up: dict[int, asyncio.Task[None]] = {}
        self._refused: dict[int, tuple[str, str]] = {}  # by dahdi_cfg: what, and why
        self._missing: list[tuple[int, Channel]] = []
        self._wakes = select.epoll()
        self._retry: asyncio.TimerHandle | None = None
        self._looking: asyncio.TimerHandle | None = None
        self._looked = 0  # the last line that was looked at in its turn
        self._starting: asyncio.Task[None] | None = None
        try:
            self.clock_fd = device.open_clock()
        except OSError as error:
            log.error("the clock of the boards cannot be used: %s", error)

    def set_country(self, opermode: str) -> str:
        """Write what the drivers should be loaded with, unless it is written already; no driver is touched."""
        self._write_options(opermode)
        return opermode

    def _write_options(self, opermode: str) -> None:
        path, text = self._conf.with_name("modprobe.conf"), setup.module_options(opermode)
        try:
            if path.exists() and path.read_text() == text:
                return
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        except OSError as error:
            log.error("%s cannot be written: %s", path, error)
            return
        if opermode:
            log.warning("the drivers of FXO ports should be loaded with opermode=%s: see %s", opermode, path)

    async def start(self, watcher: LineWatcher) -> None:
        """Configure what no one has configured yet, and open all lines."""
        self._watcher = watcher
        # An event is urgent data to poll(2), which asyncio does not ask for; a set of descriptors is simply readable.
        asyncio.get_running_loop().add_reader(self._wakes, self._take_events)
        self._look()
        await self._begin()

    async def _begin(self) -> None:
        self._retry = self._starting = None
        try:
            await self._configure()
            channels = [channel for channel in device.channels() if channel.signalling in LINES + PORTS]
        except (OSError, DriverError) as error:
            log.error("boards: %s", error)
            self._say(Wrong("said", {"text": str(error)}))
            self._try_again()
            return
        numbered = dict(enumerate(channels, 1))
        lines = {number: channel for number, channel in numbered.items() if channel.signalling in LINES}
        self._telephones = {number: channel for number, channel in numbered.items() if number not in lines}
        self._missing = [*lines.items(), *self._wanted_telephones()]
        log.info("lines are on the channels %s", ranges(channel.number for channel in lines.values()) or "none")
        if self.ports is not None:
            self.ports.ports_found(self._telephones)
        self._open()

    def _wanted_telephones(self) -> list[tuple[int, Channel]]:
        used = {one.number for one in self._open_ones.values()}
        return [(number, self._telephones[number]) for number in sorted(self._wanted & self._telephones.keys() - used)]

    def use_ports(self, numbers: frozenset[int]) -> None:
        """Open the telephones of these ports, and let go of others."""
        self._wanted = numbers if self.ports is not None else frozenset()
        for one in tuple(self._open_ones.values()):
            if isinstance(one, DahdiPort) and one.number not in numbers:
                self._let_go(one)
        self._missing = [item for item in self._missing if item[0] not in self._telephones]
        self._missing += self._wanted_telephones()
        if self._missing and self._watcher is not None and self._retry is None and self._starting is None:
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
                one = self._opened(number, channel)
            except OSError as error:
                kind = "port" if number in self._telephones else "line"
                wrong.append(f"{kind} {number} (channel {channel.number}): {error.strerror}")
                continue
            self._missing.remove((number, channel))
            self._open_ones[one.fd] = one
            self._wakes.register(one.fd, select.EPOLLPRI)
        if wrong:
            log.warning("%s", "; ".join(wrong))
            self._try_again()
        self._say(Wrong("lines-shut", {"lines": "; ".join(wrong)}) if wrong else None)

    def _opened(self, number: int, channel: Channel) -> DahdiLine | DahdiPort:
        """Open a line or telephone, and tell of it; OSError where that cannot be."""
        assert self._watcher is not None  # noqa: S101 - we are started
        if number in self._telephones and self.ports is not None:
            port = DahdiPort(number, channel, self.ports)
            self.ports.port_up(port)
            return port
        line = DahdiLine(number, channel, self._watcher)
        self._watcher.line_up(line)
        return line

    def _look(self) -> None:
        """Look at the battery of one line after the other: a card takes some milliseconds to tell it.

        One whose battery is low is looked at each time: it is wanted.
        """
        self._looking = asyncio.get_running_loop().call_later(LOOK_S, self._look)
        lines = {one.number: one for one in self._open_ones.values() if isinstance(one, DahdiLine)}
        if lines:
            self._looked = min(lines, key=lambda number: (number <= self._looked, number))
        for number, line in lines.items():
            if number == self._looked or line.battery is Battery.LOW:
                line.look()
            if line.removed and line.fd in self._open_ones:
                self._lose(line)

    def _take_events(self) -> None:
        for fd, _ in self._wakes.poll(0):
            one = self._open_ones.get(fd)
            if one is not None and not one.take_events():
                self._lose(one)

    def _lose(self, one: DahdiLine | DahdiPort) -> None:
        self._let_go(one)
        code = "port-gone" if isinstance(one, DahdiPort) else "channel-gone"
        self._say(Wrong(code, {"line": one.number, "channel": one.channel}))
        if self._retry is None and self._starting is None:
            self._retry = asyncio.get_running_loop().call_later(RETRY_S, self._start_anew)

    def _start_anew(self) -> None:
        """Look for all boards again: the driver was loaded anew, and channels may be others."""
        for one in tuple(self._open_ones.values()):
            self._let_go(one)
        self._try_again(0.0)

    def _try_again(self, after_s: float = RETRY_S) -> None:
        self._retry = asyncio.get_running_loop().call_later(after_s, self._anew)

    def _anew(self) -> None:
        if self._missing:
            self._open()
        else:
            self._starting = asyncio.get_running_loop().create_task(self._begin())

    def _let_go(self, one: DahdiLine | DahdiPort) -> None:
        assert self._watcher is not None  # noqa: S101 - we are started
        del self._open_ones[one.fd]
        self._wakes.unregister(one.fd)
        if isinstance(one, DahdiLine):
            self._watcher.line_down(one)
        elif self.ports is not None:
            self.ports.port_down(one)
        one.close()

    def set_up(self, spans: tuple[SpanSetting, ...]) -> None:
        """Learn how the digital spans are to be."""
        self._settings = {setting.number: setting for setting in spans}

    def open_span(self, number: int) -> SpanWire:
        """Return a digital span, once it is set up: as it is configured, or by /etc/dahdi/system.conf, which stays."""
        self._set_up_span(number)
        return DahdiSpan(number)

    def open_cas(self, number: int) -> CasWire:
        """Return a digital span with bits for each timeslot, once it is set up as `open_span` says."""
        self._set_up_span(number)
        return DahdiCas(number)

    def _set_up_span(self, number: int) -> None:
        setting = self._settings.get(number)
        if setting is None:
            return
        channels = device.channels()
        own = [channel for channel in channels if channel.span == number]
        path = self._conf.with_name(f"span-{number}.conf")
        if number in self._setting_up:
            raise WrongState(f"span {number} is being set up")
        set_up = any(channel.signalling for channel in own)
        if not own or setup.by_hand(number) or (set_up and not path.exists()):
            return
        spans = device.spans()
        card.e1(number, spans)
        clock = card.priority(setting, self._settings.values(), spans.values())
        text = setup.span_conf(structs.replace(setting, clock=clock), own, self._country)
        if set_up and path.read_text() == text:
            return
        if number in self._refused and self._refused[number][0] == text:
            why = self._refused.pop(number)[1]  # told once, then tried again
            raise WrongState(f"span {number}: {why}")
        self._setting_up[number] = asyncio.get_running_loop().create_task(self._configure_span(number, path, text))
        raise WrongState(f"span {number} is being set up")

    async def _configure_span(self, number: int, path: Path, text: str) -> None:
        try:
            await setup.configure(path, text)
            log.info("span %d is set up: %s", number, path)
        except (OSError, DriverError) as error:
            log.error("span %d: %s", number, error)
            self._refused[number] = (text, str(error))
            await asyncio.to_thread(path.unlink, missing_ok=True)
        finally:
            del self._setting_up[number]

    def loop_back(self, number: int, looped: bool) -> None:
        """Have the card loop a span back towards us, or no more."""
        device.loop_back(number, looped)

    def span_states(self) -> list[SpanState]:
        """Return the spans there are, analog cards too."""
        spans = device.spans()
        return [
            SpanState(
                number, digital=span.digital, device=span.device or span.description, channels=span.channels,
                alarms=device.alarms(span), clock=card.clock_source(span, spans.values()),
                counters=span.errors | {"slips": device.slips(number)},
            )
            for number, span in spans.items()
        ]  # fmt: skip

    async def close(self) -> None:
        """Put all lines on-hook and let go of them."""
        if self._retry:
            self._retry.cancel()
        if self._starting:
            self._starting.cancel()
        if self._looking:
            self._looking.cancel()
        for one in tuple(self._open_ones.values()):
            self._let_go(one)
        asyncio.get_running_loop().remove_reader(self._wakes)
        self._wakes.close()
        if self.clock_fd >= 0:
            os.close(self.clock_fd)
            self.clock_fd = -1

    def _say(self, wrong: Wrong | None) -> None:
        if self._watcher is not None:
            self._watcher.board_changed(self.subject, wrong)
