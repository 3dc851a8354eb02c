"""The box's side of the simulated lines and telephones: a board whose wire is a Unix socket to the simulated office.

$HOME/run/board.sock, NDJSON: the office sends `lines`, then one `audio` a line and telephone with its descriptor
attached (SCM_RIGHTS), then `state`, `hook` and `span_state` messages; we send `loop`, `break` and `ring`, and open a
span by `span` (by `cas` for MFC/R2) and a timeslot of it by `bearer`, each with a descriptor attached.
"""

import asyncio
import contextlib
import logging
import os
import socket
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from drivers.boards.base import Battery, Board, CasWire, Line, LineWatcher, Polarity, Port, SpanWire
from drivers.boards.sim.span import SimCas, SimSpan
from drivers.link.errors import DriverError, WrongState
from drivers.link.framing import LINE_BYTES, check_peer, encode
from drivers.link.messages import SpanState, WireAlarm, Wrong

log = logging.getLogger(__name__)

RETRY_S = 0.5
DESCRIPTORS = 16  # at most attached to one read

Number = Annotated[int, Meta(ge=1, le=960)]


class LinesMessage(msgspec.Struct, tag="lines", tag_field="type", frozen=True):
    """The office's lines, and the telephones."""

    lines: tuple[Number, ...]
    ports: tuple[Number, ...] = ()
    spans: tuple[Number, ...] = ()


class AudioMessage(msgspec.Struct, tag="audio", tag_field="type", frozen=True):
    """A descriptor with the samples of a line or telephone is attached."""

    line: Number


class StateMessage(msgspec.Struct, tag="state", tag_field="type", frozen=True):
    """What changed on a line; the rest is None."""

    line: Number
    ring: bool | None = None
    battery: Battery | None = None
    polarity: Literal["normal", "reversed"] | None = None


class HookMessage(msgspec.Struct, tag="hook", tag_field="type", frozen=True):
    """What happened at a telephone's hook; `digit` is that of a pulse."""

    port: Number
    what: Literal["off_hook", "on_hook", "flash", "pulse"]
    digit: str = ""


class SpanStateMessage(msgspec.Struct, tag="span_state", tag_field="type", frozen=True):
    """The alarm on a span's wire is another, "" for none."""

    span: Number
    alarm: Literal["", "red", "blue", "yellow"]


class SpanMessage(msgspec.Struct, tag="span", tag_field="type", frozen=True):
    """We use a span from now on; a descriptor of its D-channel is attached."""

    span: int


class CasMessage(msgspec.Struct, tag="cas", tag_field="type", frozen=True):
    """We use a span with bits for each timeslot from now on; a descriptor of these is attached."""

    span: int


class BearerMessage(msgspec.Struct, tag="bearer", tag_field="type", frozen=True):
    """A descriptor with a timeslot's samples is attached."""

    span: int
    slot: int


class RingMessage(msgspec.Struct, tag="ring", tag_field="type", frozen=True):
    """We put ring voltage on a telephone's pair, or took it off."""

    port: int
    on: bool


class LoopMessage(msgspec.Struct, tag="loop", tag_field="type", frozen=True):
    """We closed or opened the loop."""

    line: int
    closed: bool


class BreakMessage(msgspec.Struct, tag="break", tag_field="type", frozen=True):
    """We opened the loop for so long, as a card does by itself."""

    line: int
    for_ms: int


OfficeMessage = LinesMessage | AudioMessage | StateMessage | HookMessage | SpanStateMessage
_decoder = msgspec.json.Decoder(OfficeMessage)


class SimLine(Line):
    """A simulated line; it works until its board loses the wire."""

    def __init__(self, number: int, fd: int, board: "SimBoard") -> None:
        super().__init__(number, fd)
        self._board = board
        self._closed = False

    def set_loop(self, closed: bool) -> None:
        """Go off-hook or on-hook."""
        if closed != self._closed:
            self._closed = closed
            self._board.send(self, LoopMessage(self.number, closed))

    def open_loop(self, for_ms: int) -> None:
        """Open the loop for so long; the office has it closed again."""
        if self._closed:
            self._board.send(self, BreakMessage(self.number, for_ms))

    def look(self) -> None:
        """Take what the office has told, of all lines."""
        self._board.read_told(self)


class SimPort(Port):
    """A simulated telephone's port; it works until its board loses the wire."""

    def __init__(self, number: int, fd: int, board: "SimBoard") -> None:
        super().__init__(number, fd)
        self._board = board
        self._rings = False

    def set_ring(self, on: bool) -> None:
        """Put ring voltage on the pair, or take it off."""
        if on != self._rings:
            self._rings = on
            self._board.send(self, RingMessage(self.number, on))


class SimBoard(Board):
    """The lines of the simulated central office of this home; connects again for ever."""

    def __init__(self, home: Path) -> None:
        self.subject = "sim"
        self._path = home / "run" / "board.sock"
        self._watcher: LineWatcher | None = None
        self._wire: socket.socket | None = None
        self._lines: dict[int, SimLine] = {}
        self._ports: dict[int, SimPort] = {}
        self._alarms: dict[int, tuple[WireAlarm, ...]] = {}  # of each span there is
        self._numbers: tuple[int, ...] = ()  # of the telephones
        self._half = b""
        self._descriptors: deque[int] = deque()
        self._retry: asyncio.TimerHandle | None = None
        self._complained = False

    async def start(self, watcher: LineWatcher) -> None:
        """Begin to connect."""
        self._watcher = watcher
        self._connect()

    async def close(self) -> None:
        """Put all lines on-hook and let go of them."""
        for line in self._lines.values():
            line.set_loop(closed=False)
        for port in self._ports.values():
            port.set_ring(False)
        self._lose("closed by the gateway")
        if self._retry:
            self._retry.cancel()
            self._retry = None
        self._watcher = None

    def open_span(self, number: int) -> SpanWire:
        """Return a span of the office; OSError or WrongState says why it is not there."""
        return SimSpan(number, self._giver(number, SpanMessage(number)))

    def open_cas(self, number: int) -> CasWire:
        """Return a span of the office with bits for each timeslot; as `open_span`."""
        return SimCas(number, self._giver(number, CasMessage(number)))

    def _giver(self, number: int, opens: SpanMessage | CasMessage) -> Callable[[int, socket.socket], None]:
        """Return what lets the office have the ends of a span's wires: 0 is the one that opens it."""
        if self._wire is None:
            raise WrongState(f"span {number} is not there: the simulated central office does not answer")
        if number not in self._alarms:
            raise WrongState(f"span {number} is not there: the simulated central office has spans {list(self._alarms)}")
        wire = self._wire

        def give(slot: int, end: socket.socket) -> None:
            message = BearerMessage(number, slot) if slot else opens
            socket.send_fds(wire, [encode(message)], [end.fileno()])

        return give

    def span_states(self) -> list[SpanState]:
        """Return the office's spans."""
        return [SpanState(one, device="simulated", channels=31, alarms=told) for one, told in self._alarms.items()]

    def send(self, wired: SimLine | SimPort, message: LoopMessage | BreakMessage | RingMessage) -> None:
        """Send a message of a line or telephone, if it is still there."""
        there = self._lines.get(wired.number) or self._ports.get(wired.number)
        if self._wire is None or there is not wired:
            return
        try:
            self._wire.sendall(encode(message))
        except OSError as error:
            # not here: the caller is in the midst of something on that line
            asyncio.get_running_loop().call_soon(self._lose_wire, self._wire, str(error))

    def read_told(self, line: SimLine) -> None:
        """Take what has come by the wire, if the line is still there."""
        if self._wire is not None and self._lines.get(line.number) is line:
            self._read(self._wire)

    # ---- the wire

    def _connect(self) -> None:
        self._retry = None
        wire = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        wire.setblocking(False)
        try:
            wire.connect(os.fspath(self._path))  # of a Unix socket: at once, or not at all
            check_peer(wire)
        except (OSError, DriverError) as error:
            wire.close()
            if not self._complained:
                log.warning("no central office at %s yet: %s", self._path, error)
                self._complained = True
                self._say(Wrong("no-office"))
            self._retry = asyncio.get_running_loop().call_later(RETRY_S, self._connect)
            return
        self._wire, self._complained = wire, False
        self._say(None)
        asyncio.get_running_loop().add_reader(wire, self._read, wire)

    def _read(self, wire: socket.socket) -> None:
        try:
            data, descriptors, _, _ = socket.recv_fds(wire, 65536, DESCRIPTORS, socket.MSG_CMSG_CLOEXEC)
        except BlockingIOError:
            return
        except OSError as error:
            self._lose_wire(wire, str(error))
            return
        self._descriptors.extend(descriptors)
        if not data:
            self._lose_wire(wire, "the office closed it")
            return
        *whole, self._half = (self._half + data).split(b"\n")
        try:
            for line in whole:
                self._take(_decoder.decode(line))
                if self._wire is not wire:
                    return
            if len(self._half) > LINE_BYTES:
                raise msgspec.DecodeError(f"a line of more than {LINE_BYTES} bytes")
        except msgspec.MsgspecError as error:
            self._lose_wire(wire, f"not understood: {error}")

    def _take(self, message: OfficeMessage) -> None:
        assert self._watcher is not None  # noqa: S101 - we are connected
        if isinstance(message, LinesMessage):
            log.info(
                "the central office has lines %s, telephones %s, spans %s",
                list(message.lines), list(message.ports), list(message.spans),
            )  # fmt: skip
            self._alarms = dict.fromkeys(message.spans, ())
            self._numbers = message.ports
            if self.ports is not None:
                self.ports.ports_found(message.ports)
        elif isinstance(message, AudioMessage):
            if not self._descriptors:
                raise msgspec.ValidationError(f"audio of line {message.line} without a descriptor")
            fd = self._descriptors.popleft()
            os.set_blocking(fd, False)
            if message.line in self._numbers:
                self._take_port(SimPort(message.line, fd, self))
                return
            line = SimLine(message.line, fd, self)
            self._take_down(message.line)
            self._lines[message.line] = line
            self._watcher.line_up(line)
        elif isinstance(message, SpanStateMessage):
            self._alarms[message.span] = (message.alarm,) if message.alarm else ()
        elif isinstance(message, HookMessage):
            self._hook(message)
        elif message.line in self._lines:
            self._change(self._lines[message.line], message, self._watcher)

    def _take_port(self, port: SimPort) -> None:
        self._take_port_down(port.number)
        self._ports[port.number] = port
        if self.ports is not None:
            self.ports.port_up(port)

    def _hook(self, message: HookMessage) -> None:
        port = self._ports.get(message.port)
        if port is None or self.ports is None:
            return
        if message.what == "flash":
            self.ports.flashed(port)
        elif message.what == "pulse":
            self.ports.pulsed(port, message.digit)
        elif port.off_hook != (message.what == "off_hook"):
            port.off_hook = not port.off_hook
            self.ports.hook_changed(port)

    def _change(self, line: SimLine, state: StateMessage, watcher: LineWatcher) -> None:
        if state.ring is not None and state.ring != line.ringing:
            line.ringing = state.ring
            watcher.ring_changed(line)
        if state.battery is not None and state.battery != line.battery:
            line.battery = state.battery
            watcher.battery_changed(line)
        if state.polarity is not None and state.polarity != line.polarity:
            line.polarity = Polarity(state.polarity)
            watcher.polarity_changed(line)

    def _take_down(self, number: int) -> None:
        line = self._lines.pop(number, None)
        if line is not None and self._watcher:
            self._watcher.line_down(line)
            with contextlib.suppress(OSError):
                os.close(line.fd)

    def _take_port_down(self, number: int) -> None:
        port = self._ports.pop(number, None)
        if port is not None:
            if self.ports is not None:
                self.ports.port_down(port)
            with contextlib.suppress(OSError):
                os.close(port.fd)

    def _lose_wire(self, wire: socket.socket, why: str) -> None:
        if self._wire is wire:
            self._lose(why)
            self._retry = asyncio.get_running_loop().call_later(RETRY_S, self._connect)

    def _lose(self, why: str) -> None:
        if self._wire is None:
            return
        log.warning("the wire to the central office is lost: %s", why)
        self._say(Wrong("wire-lost", {"why": why}))
        asyncio.get_running_loop().remove_reader(self._wire)
        self._wire.close()
        self._wire, self._half = None, b""
        self._alarms.clear()
        for number in list(self._lines):
            self._take_down(number)
        for number in list(self._ports):
            self._take_port_down(number)
        while self._descriptors:
            os.close(self._descriptors.popleft())

    def _say(self, wrong: Wrong | None) -> None:
        if self._watcher is not None:
            self._watcher.board_changed(self.subject, wrong)
