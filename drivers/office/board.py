"""The far end of the simulated lines and telephones: states and sample descriptors for the one board connected.

$HOME/run/board.sock, NDJSON: `lines`, then one `audio` a line and telephone with a SEQPACKET descriptor attached
(SCM_RIGHTS, 20 ms of A-law a packet, both ways), then `state`, `hook` and `span_state` messages out, `loop`, `break`
and `ring` messages in. The board opens a span by `span`, or by `cas` where it speaks MFC/R2, and a timeslot of it by
`bearer`, each with a descriptor attached. The newest connection is the board; the lines of one that goes are on-hook at
once, its telephones silent, its spans idle.
"""

import asyncio
import contextlib
import logging
import os
import socket
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from drivers.link.errors import DriverError, WrongState
from drivers.link.framing import check_peer, encode
from drivers.office.e1 import E1
from drivers.office.line import Line
from drivers.office.office import Office
from drivers.office.pair import SEND_BUFFER, Pair
from drivers.office.sound import SILENCE
from drivers.office.telephone import Telephone

log = logging.getLogger("office.board")
DESCRIPTORS = 16        # at most attached to one read
LATE_TICKS = 6          # of a talk: the board would throw away more


class Loop(msgspec.Struct, tag="loop", tag_field="type", frozen=True, forbid_unknown_fields=True):
    """The board closed or opened a line's loop."""

    line: Annotated[int, Meta(ge=1)]
    closed: bool


class Break(msgspec.Struct, tag="break", tag_field="type", frozen=True, forbid_unknown_fields=True):
    """The board opened a line's loop for so long: a pulse of a dial, or a flash."""

    line: Annotated[int, Meta(ge=1)]
    for_ms: Annotated[int, Meta(ge=20, le=2000)]


class Ring(msgspec.Struct, tag="ring", tag_field="type", frozen=True, forbid_unknown_fields=True):
    """The board put ring voltage on a telephone's pair, or took it off."""

    port: Annotated[int, Meta(ge=1)]
    on: bool


class OpenSpan(msgspec.Struct, tag="span", tag_field="type", frozen=True, forbid_unknown_fields=True):
    """The board uses a span from now on; frames of its D-channel come and go by the descriptor attached."""

    span: int


class OpenCas(msgspec.Struct, tag="cas", tag_field="type", frozen=True, forbid_unknown_fields=True):
    """The board uses a span with bits for each timeslot; they come and go by the descriptor attached, two octets each.

    The first is the timeslot, the second its ABCD bits; to the board with 0x80 where an alarm keeps them from it.
    """

    span: int


class OpenBearer(msgspec.Struct, tag="bearer", tag_field="type", frozen=True, forbid_unknown_fields=True):
    """Samples of a timeslot come and go by the descriptor attached."""

    span: int
    slot: Annotated[int, Meta(ge=1, le=31)]


class Lines(msgspec.Struct, tag="lines", tag_field="type", frozen=True, omit_defaults=True):
    """The lines there are, and the telephones: sockets of one numbering; and the digital spans."""

    lines: tuple[int, ...]
    ports: tuple[int, ...] = ()
    spans: tuple[int, ...] = ()


class Hook(msgspec.Struct, tag="hook", tag_field="type", frozen=True, omit_defaults=True):
    """What a card would tell of a telephone's hook; `digit` is that of a pulse."""

    port: int
    what: Literal["off_hook", "on_hook", "flash", "pulse"]
    digit: str = ""


class Audio(msgspec.Struct, tag="audio", tag_field="type", frozen=True):
    """The samples of a line or a telephone come by the descriptor attached."""

    line: int


class State(msgspec.Struct, tag="state", tag_field="type", frozen=True, omit_defaults=True):
    """One thing about a line changed."""

    line: int
    ring: bool | None = None
    battery: Literal["none", "low", "full"] | None = None
    polarity: Literal["normal", "reversed"] | None = None


class SpanState(msgspec.Struct, tag="span_state", tag_field="type", frozen=True):
    """The alarm on a span's wire is another, "" for none."""

    span: int
    alarm: str


_decoder = msgspec.json.Decoder(Loop | Break | Ring | OpenSpan | OpenCas | OpenBearer)


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
        self.e1s: dict[int, E1] = {}       # by span
        self._alarms: dict[int, str] = {}   # as told, by span
        self._descriptors: deque[int] = deque()

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
        lines = [(number, pair) for number, pair in self.pairs.items() if number in self._office.lines]
        heard = {number: block for number, pair in lines if (block := pair.read(late_ticks)) is not None}
        said = self._office.tick(heard, {number: e1.read(self._office.spans[number], late_ticks)
                                          for number, e1 in self.e1s.items()})
        for number, pair in lines:
            idle = not self._office.lines[number].loop_closed
            if idle or late_ticks < LATE_TICKS:
                pair.write(said[number], idle)
        for number, e1 in tuple(self.e1s.items()):
            span = self._office.spans[number]
            e1.write(*span.said, looped=span.looped)
            if e1.gone:
                self._unplug(number)
        self._tell_states()
        hooks = [self._live(telephone, late_ticks) for telephone in self._office.telephones.values()]
        self._send([hook for hook in hooks if hook])

    def _live(self, telephone: Telephone, late_ticks: int) -> Hook | None:
        """Let a telephone live a tick; on-hook it hears all that has come, for a hole would spoil caller id."""
        pair = self.pairs.get(telephone.number)
        heard = None
        if pair is not None and telephone.lifted:
            heard = pair.read(late_ticks)
        elif pair is not None:
            telephone.overhear(pair.read_all())
        block, event = telephone.tick(SILENCE if heard is None else heard)
        if pair is not None and late_ticks < LATE_TICKS:
            pair.write(block, idle=False)
        return event and Hook(telephone.number, event.what, event.digit)

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
        lines, telephones, spans = self._office.lines, self._office.telephones, self._office.spans
        self._told = {number: State(number, False, "full", "normal") for number in lines}
        self._alarms = dict.fromkeys(spans, "")
        try:
            wire.sendall(encode(Lines(tuple(lines), tuple(telephones), tuple(spans))))
            for number in (*lines, *telephones):
                ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
                self.pairs[number] = Pair(ours)
                with theirs:
                    theirs.setblocking(False)
                    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
                    socket.send_fds(wire, [encode(Audio(number))], [theirs.fileno()])
        except OSError as error:
            self._drop(str(error))
            return
        lifted = [number for number, telephone in telephones.items() if telephone.off_hook]
        self._send([Hook(number, "off_hook") for number in lifted])
        log.info("board connected: %d lines", len(lines))

    def _read(self) -> None:
        assert self._wire is not None  # noqa: S101 - it is being read
        try:
            data, descriptors, _, _ = socket.recv_fds(self._wire, 65536, DESCRIPTORS, socket.MSG_CMSG_CLOEXEC)
        except BlockingIOError:
            return
        except OSError:
            data, descriptors = b"", []
        self._descriptors.extend(descriptors)
        if not data:
            self._drop("it closed")
            return
        *whole, self._half = (self._half + data).split(b"\n")
        for message in whole:
            try:
                self._take(_decoder.decode(message))
            except (msgspec.MsgspecError, DriverError) as error:
                self._drop(f"it said {message[:80]!r}: {error}")
                return

    def _take(self, order: Loop | Break | Ring | OpenSpan | OpenCas | OpenBearer) -> None:
        if isinstance(order, Loop):
            self._office.line(order.line).loop_closed = order.closed
        elif isinstance(order, Break):
            self._office.line(order.line).break_loop(order.for_ms / 1000)
        elif isinstance(order, Ring):
            self._office.telephone(order.port).set_ring(order.on)
        elif not self._descriptors:
            raise WrongState(f"span {order.span}: no descriptor is attached")
        else:
            self._plug(order, socket.socket(fileno=self._descriptors.popleft()))

    def _plug(self, order: OpenSpan | OpenCas | OpenBearer, end: socket.socket) -> None:
        try:
            span = self._office.span(order.span)
            if not isinstance(order, OpenBearer):
                self._unplug(span.number)
                self.e1s[span.number] = E1(end)
                self._office.speak(span.number, r2=isinstance(order, OpenCas)).plug()
            elif span.number in self.e1s:
                self.e1s[span.number].attach(order.slot, end)
            else:
                raise WrongState(f"span {span.number} is not open")
        except DriverError:
            end.close()
            raise

    def _unplug(self, number: int) -> None:
        e1 = self.e1s.pop(number, None)
        if e1 is not None:
            e1.close()
            self._office.spans[number].unplug()

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
            self._send([change for change in changes if change])

        for number, span in self._office.spans.items():
            if self._alarms.get(number, "") != span.fault.alarm:
                self._alarms[number] = span.fault.alarm
                self._send([SpanState(number, span.fault.alarm)])

    def _send(self, messages: Sequence[State | Hook | SpanState]) -> None:
        if self._wire is None or not messages:
            return
        try:
            self._wire.sendall(b"".join(map(encode, messages)))
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
        for number in tuple(self.e1s):
            self._unplug(number)
        while self._descriptors:
            os.close(self._descriptors.popleft())
        for line in self._office.lines.values():
            line.loop_closed = False
        for telephone in self._office.telephones.values():
            telephone.set_ring(False)


def _state(line: Line) -> State:
    battery: Literal["none", "low", "full"] = "full" if line.battery else "none"
    if line.battery and line.parallel and not line.loop_closed:
        battery = "low"
    return State(line.number, line.ring, battery, "reversed" if line.reversed else "normal")


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
