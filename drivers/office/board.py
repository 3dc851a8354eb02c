"""The office's end of the simulated lines: states and sample descriptors for the one board that is connected.

$HOME/run/board.sock, NDJSON: `lines`, then one `audio` a line with a SEQPACKET descriptor attached (SCM_RIGHTS, 20 ms
of A-law a packet, both ways), then `state` messages out and `loop` messages in. The newest connection is the board;
the lines of one that goes are on-hook at once.
"""

import asyncio
import contextlib
import logging
import os
import socket
from collections import deque
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from drivers.link.errors import DriverError
from drivers.link.framing import check_peer, encode
from drivers.office.line import Line
from drivers.office.office import Office
from drivers.office.sound import BLOCK
from native.dsp import alaw_decode, alaw_encode

log = logging.getLogger("office.board")
SEND_BUFFER = 4096      # a handful of blocks: a board that stops reading must not find seconds of old sound
IDLE_SEND_BUFFER = 32768    # 86 blocks: on a line that nobody talks on, one that is late finds all that was said
CUSHION = 2             # blocks kept before the first is used, so that a late one leaves no hole
MOST_WAITING = 5        # blocks; more is delay, and the oldest go
LATE_TICKS = 6          # of a talk: the board would throw away more


class Loop(msgspec.Struct, tag="loop", tag_field="type", frozen=True, forbid_unknown_fields=True):
    """The board closed or opened a line's loop."""

    line: Annotated[int, Meta(ge=1)]
    closed: bool


class Lines(msgspec.Struct, tag="lines", tag_field="type", frozen=True):
    """The lines there are."""

    lines: tuple[int, ...]


class Audio(msgspec.Struct, tag="audio", tag_field="type", frozen=True):
    """The samples of a line come by the descriptor attached."""

    line: int


class State(msgspec.Struct, tag="state", tag_field="type", frozen=True, omit_defaults=True):
    """One thing about a line changed."""

    line: int
    ring: bool | None = None
    battery: bool | None = None
    polarity: Literal["normal", "reversed"] | None = None


class Pair:
    """The samples of one line, both ways."""

    def __init__(self) -> None:
        self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.theirs: socket.socket | None = theirs
        for end in (self._ours, theirs):
            end.setblocking(False)
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        self._waiting: deque[bytes] = deque()
        self._flowing = False
        self._idle = False
        self.missing = 0
        self.dropped = 0

    def read(self, late_ticks: int = 0) -> bytes | None:
        """Return the samples of the next tick, None when there are none; so many ticks follow at once."""
        with contextlib.suppress(OSError):  # nothing there, or the board has closed its end: the wire tells
            while block := self._ours.recv(4 * BLOCK):
                if len(block) == BLOCK:
                    self._waiting.append(block)
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

    def close(self) -> None:
        """Close both ends that are still ours."""
        self._ours.close()
        if self.theirs:
            self.theirs.close()


class BoardSocket:
    """Listens for the board, and carries each tick between it and the office."""

    def __init__(self, office: Office, path: Path) -> None:
        self.pairs: dict[int, Pair] = {}
        self._office = office
        self._path = path
        self._listener: socket.socket | None = None
        self._wire: socket.socket | None = None
        self._half = b""
        self._told: dict[int, State] = {}

    def listen(self) -> None:
        """Begin to listen; OSError when the socket cannot be made."""
        self._listener = listening(self._path)
        asyncio.get_running_loop().add_reader(self._listener, self._accept)

    def close(self) -> None:
        """Part from the board, and listen no more."""
        self._drop("the office ends")
        if self._listener:
            asyncio.get_running_loop().remove_reader(self._listener)
            self._listener.close()
            self._listener = None
            self._path.unlink(missing_ok=True)

    def tick(self, late_ticks: int = 0) -> None:
        """Let the office live a tick with what the board sent; we are late by so many ticks, which follow at once.

        What comes too late for a talk is not sent. On an idle line nothing is: a hole would spoil the caller id.
        """
        heard = {number: block for number, pair in self.pairs.items() if (block := pair.read(late_ticks)) is not None}
        said = self._office.tick(heard)
        for number, pair in self.pairs.items():
            idle = not self._office.lines[number].loop_closed
            if idle or late_ticks < LATE_TICKS:
                pair.write(said[number], idle)
        self._tell_states()

    def _accept(self) -> None:
        if self._listener is None:
            return
        try:
            wire, _ = self._listener.accept()
        except OSError as error:
            log.warning("a board could not connect: %s", error)
            return
        wire.setblocking(False)
        try:
            check_peer(wire)
        except DriverError as error:
            log.warning("a board was refused: %s", error)
            wire.close()
            return
        self._drop("another board connected")
        self._wire = wire
        asyncio.get_running_loop().add_reader(wire, self._read)
        self._introduce(wire)

    def _introduce(self, wire: socket.socket) -> None:
        lines = self._office.lines
        self._told = {number: State(number, False, True, "normal") for number in lines}
        self.pairs = {number: Pair() for number in lines}
        try:
            wire.sendall(encode(Lines(tuple(lines))))
            for number, pair in self.pairs.items():
                assert pair.theirs is not None  # noqa: S101 - it is new
                socket.send_fds(wire, [encode(Audio(number))], [pair.theirs.fileno()])
                pair.theirs.close()
                pair.theirs = None
        except OSError as error:
            self._drop(str(error))
            return
        log.info("board connected: %d lines", len(lines))

    def _read(self) -> None:
        assert self._wire is not None  # noqa: S101 - it is being read
        try:
            data = self._wire.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._drop("it closed")
            return
        *whole, self._half = (self._half + data).split(b"\n")
        for message in whole:
            try:
                loop = msgspec.json.decode(message, type=Loop)
                self._office.line(loop.line).loop_closed = loop.closed
            except (msgspec.MsgspecError, DriverError) as error:
                self._drop(f"it said {message[:80]!r}: {error}")
                return

    def _tell_states(self) -> None:
        for number, line in self._office.lines.items():
            now, told = _state(line), self._told.get(number)
            if self._wire is None or told is None or now == told:
                continue
            self._told[number] = now
            changes = [
                State(number, ring=now.ring) if now.ring != told.ring else None,
                State(number, battery=now.battery) if now.battery != told.battery else None,
                State(number, polarity=now.polarity) if now.polarity != told.polarity else None,
            ]
            try:
                self._wire.sendall(b"".join(encode(change) for change in changes if change))
            except OSError as error:  # full as well: a board that reads no states is none
                self._drop(str(error))

    def _drop(self, why: str) -> None:
        if self._wire is None:
            return
        log.info("board gone: %s", why)
        asyncio.get_running_loop().remove_reader(self._wire)
        self._wire.close()
        self._wire, self._half = None, b""
        for pair in self.pairs.values():
            pair.close()
        self.pairs = {}
        for line in self._office.lines.values():
            line.loop_closed = False


def _state(line: Line) -> State:
    return State(line.number, line.ring, line.battery, "reversed" if line.reversed else "normal")


def listening(path: Path) -> socket.socket:
    """Return a listening Unix socket at `path` for this user alone; one that a dead program left is replaced.

    OSError when another program listens there, or the path cannot be used.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    probe = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with contextlib.closing(probe):
        try:
            probe.connect(os.fspath(path))
        except (FileNotFoundError, ConnectionRefusedError):
            path.unlink(missing_ok=True)
        else:
            raise OSError(f"{path}: another program listens there")
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.setblocking(False)
    mask = os.umask(0o177)
    try:
        listener.bind(os.fspath(path))
    except OSError:
        listener.close()
        raise
    finally:
        os.umask(mask)
    listener.listen(8)
    return listener
