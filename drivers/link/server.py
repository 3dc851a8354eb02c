"""The gateway's end of the link: one exchange at a time, and never waited for."""

import asyncio
import contextlib
import logging
import socket
from collections import OrderedDict, deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from drivers.clock import Clock
from drivers.link import framing
from drivers.link.errors import BadMessage, DriverError, NotAllowed
from drivers.link.messages import (
    KEPT_ORDERS,
    Ack,
    Aside,
    Command,
    Downward,
    Event,
    Hello,
    Order,
    Refused,
    Snapshot,
)
from drivers.link.outbox import Outbox

log = logging.getLogger(__name__)

DEAF_S = 10.0  # an exchange that takes nothing for so long is cut off; it comes back with a snapshot
PIECE_BYTES = 256 * 1024  # on their way at once; the rest waits for the exchange to read
GOODBYE_S = 1.0
AT_ONCE = 50  # commands carried out before calls and media have their turn again

_decoder: msgspec.json.Decoder[Downward] = msgspec.json.Decoder(Downward)


class _Unread(msgspec.Struct):
    """What may still be readable of a command that is not."""

    id: object = ""
    channel: object = ""


class _Connection(asyncio.Protocol):
    """One exchange's connection: lines in, lines out, written once a turn of the loop and as fast as they are read.

    What waits is bounded by the outbox, which keeps the same lines; so whoever reads is sent all, however much it is.
    """

    def __init__(self, server: "LinkServer") -> None:
        self._server = server
        self._transport: asyncio.Transport | None = None
        self._half = b""
        self._lines: deque[bytes] = deque()
        self._unsent: deque[bytes] = deque()
        self._deaf: asyncio.TimerHandle | None = None  # runs while the transport has enough
        self._loop = asyncio.get_running_loop()
        self.gone: asyncio.Future[None] = self._loop.create_future()  # done when all was sent and it is closed

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection over, or refuse it."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - of a stream
        try:
            framing.check_peer(transport.get_extra_info("socket"))
        except NotAllowed as error:
            log.warning("link refused: %s", error)
            transport.abort()
            return
        transport.set_write_buffer_limits(high=PIECE_BYTES)
        self._transport = transport
        self._server.arrived(self)

    def data_received(self, data: bytes) -> None:
        """Cut what comes into lines, and carry them out in turns."""
        *lines, self._half = (self._half + data).split(b"\n")
        idle = not self._lines
        self._lines.extend(lines)
        if len(self._half) > framing.LINE_BYTES:
            self._server.part(self, f"it sent a line of more than {framing.LINE_BYTES} bytes")
        elif idle:
            self._work()

    def connection_lost(self, error: Exception | None) -> None:
        """Take note of the end."""
        if not self.gone.done():
            self.gone.set_result(None)
        self._transport = None
        self._hears()
        self._lines.clear()
        self._server.part(self, "it closed the link" if error is None else str(error))

    def send(self, line: bytes) -> None:
        """Send a line with the others of this turn."""
        if not self._unsent:
            self._loop.call_soon(self._flush)
        self._unsent.append(line)

    def pause_writing(self) -> None:
        """Wait until the exchange has read what is on its way, but not for ever."""
        self._deaf = self._loop.call_later(self._server.deaf_s, self._server.part, self, "it does not read")

    def resume_writing(self) -> None:
        """Go on: the exchange reads."""
        self._hears()
        self._flush()

    def close(self, gently: bool) -> None:
        """Part from the exchange; what it has not read by now is thrown away, unless it is done gently."""
        self._flush()
        self._hears()
        transport, self._transport = self._transport, None
        if transport is None:
            return
        if gently:
            transport.write(b"".join(self._unsent))
            self._hears()
        if gently or not (self._unsent or transport.get_write_buffer_size()):
            transport.close()
        else:
            transport.abort()

    def _flush(self) -> None:
        """Send what there is, piece by piece, until the transport has enough."""
        while self._transport is not None and self._unsent and self._deaf is None:
            piece = bytearray()
            while self._unsent and len(piece) < PIECE_BYTES:
                piece += self._unsent.popleft()
            self._transport.write(piece)

    def _hears(self) -> None:
        if self._deaf is not None:
            self._deaf.cancel()
            self._deaf = None

    def _work(self) -> None:
        for _ in range(min(AT_ONCE, len(self._lines))):
            if self._transport is None:
                return  # a newer exchange has come; this one's words count no more
            self._server.take(self._lines.popleft())
        if self._transport is None:
            return
        if self._lines:
            self._transport.pause_reading()
            self._loop.call_soon(self._work)
        elif not self._transport.is_reading():
            self._transport.resume_reading()


class LinkServer:
    """Sends events up and takes commands down, over a Unix socket at `path`.

    `snapshot` is asked for what there is whenever an exchange connects; `carry_out` is given each command once, and
    refuses it by raising DriverError; `changed` is told when an exchange came or went. An exchange that takes nothing
    for `deaf_s` while there is more for it is cut off.
    """

    def __init__(
        self,
        path: Path,
        epoch: str,
        clock: Clock,
        snapshot: Callable[[int], Snapshot],
        carry_out: Callable[[Order], None],
        changed: Callable[[bool], None],
        deaf_s: float = DEAF_S,
    ) -> None:
        self.path, self.epoch, self.deaf_s = path, epoch, deaf_s
        self.outbox = Outbox()
        self._clock, self._snapshot, self._carry_out, self._changed = clock, snapshot, carry_out, changed
        self._applied: OrderedDict[str, None] = OrderedDict()  # the last commands: what is said again is not done again
        self._server: asyncio.Server | None = None
        self._exchange: _Connection | None = None

    @property
    def connected(self) -> bool:
        """Whether there is an exchange."""
        return self._exchange is not None

    def check_alone(self) -> None:
        """Raise NotAllowed when another gateway answers on this socket."""
        with socket.socket(socket.AF_UNIX) as probe, contextlib.suppress(OSError):
            probe.connect(str(self.path))
            raise NotAllowed(f"another gateway listens on {self.path}")

    async def start(self) -> None:
        """Listen; raises NotAllowed when another gateway answers on this socket, OSError when it cannot be made."""
        self.check_alone()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.unlink(missing_ok=True)
        self._server = await asyncio.get_running_loop().create_unix_server(lambda: _Connection(self), self.path)
        self.path.chmod(0o600)

    async def close(self) -> None:
        """Send what is still under way, then part from the exchange and stop listening."""
        if self._server is not None:
            self._server.close()
        exchange = self._exchange
        if exchange is not None:
            self.part(exchange, "the gateway ends", gently=True)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(exchange.gone, GOODBYE_S)
        self.path.unlink(missing_ok=True)

    def tell(self, kind: type[Event], at_s: float | None = None, **fields: Any) -> None:
        """Number, keep and send an event; `at_s` is when it happened, now if it is left out."""
        event = kind(seq=self.outbox.last_seq + 1, at_s=self._clock.now_s() if at_s is None else at_s, **fields)
        line = self.outbox.add(event)
        if line is None:
            log.warning("more than %d events unacknowledged; all are let go of", self.outbox.limit)
            if self._exchange is not None:
                self.part(self._exchange, "it acknowledges nothing")
        elif self._exchange is not None:
            self._exchange.send(line)

    def tell_aside(self, message: Aside) -> None:
        """Send what is not kept to the exchange, if there is one."""
        if self._exchange is not None:
            self._exchange.send(framing.encode(message))

    # ---- told by connections -----------------------------------------------------------------------------------------

    def arrived(self, connection: _Connection) -> None:
        """Take a newly connected exchange in the place of the one before, and tell it how things are."""
        if self._exchange is not None:
            self.part(self._exchange, "a newer exchange has come")
        connection.send(framing.encode(self._hello()))
        connection.send(framing.encode(self._snapshot(self.outbox.last_seq)))
        for line in self.outbox:
            connection.send(line)
        self._exchange = connection
        self._changed(True)

    def _hello(self) -> Hello:
        return Hello(epoch=self.epoch, last_seq=self.outbox.last_seq, offset_s=self._clock.offset_s)

    def part(self, connection: _Connection, reason: str, gently: bool = False) -> None:
        """Part from an exchange, if it is the one there is."""
        connection.close(gently)
        if self._exchange is connection:
            self._exchange = None
            log.warning("parted from the exchange: %s", reason)
            self._changed(False)

    def take(self, line: bytes) -> None:
        """Take a line of the exchange's."""
        try:
            message = _decoder.decode(line)
        except msgspec.MsgspecError as error:
            self._refuse(_unread(line), BadMessage(str(error)))
            return
        if isinstance(message, Ack):
            self.outbox.acknowledge(message.seq)
            return
        if message.id in self._applied:
            return
        self._applied[message.id] = None
        if len(self._applied) > KEPT_ORDERS:
            self._applied.popitem(last=False)
        try:
            self._carry_out(message)
        except DriverError as error:
            self._refuse(message, error)
        except Exception as error:
            log.exception("command %s failed", message.id)  # a fault of ours must cost one command, not all calls
            self._refuse(message, DriverError(f"{type(error).__name__}: {error}"))

    def _refuse(self, command: Command | _Unread, error: DriverError) -> None:
        channel = str(getattr(command, "channel", ""))
        log.info("refused %s %s: %s", type(command).__name__, channel, error)
        self.tell(Refused, command=str(command.id), code=error.code, text=str(error), channel=channel)


def _unread(line: bytes) -> _Unread:
    try:
        return msgspec.json.decode(line, type=_Unread)
    except msgspec.MsgspecError:
        return _Unread()
