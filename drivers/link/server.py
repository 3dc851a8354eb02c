"""The gateway's end of the link: one exchange at a time, and never waited for."""

import asyncio
import contextlib
import itertools
import logging
import socket
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from drivers.clock import Clock
from drivers.link import framing
from drivers.link.errors import BadMessage, DriverError, NotAllowed, TooLong
from drivers.link.messages import Ack, Command, Downward, Event, Hello, Order, Refused, Snapshot, Stats
from drivers.link.outbox import Outbox

log = logging.getLogger(__name__)

UNSENT_BYTES = 8 * 1024 * 1024  # an exchange this far behind is cut off; it comes back with a snapshot
REMEMBERED_COMMANDS = 100_000
AT_ONCE = 50  # commands carried out before calls and media have their turn again

_decoder: msgspec.json.Decoder[Downward] = msgspec.json.Decoder(Downward)


class _Unread(msgspec.Struct):
    """What may still be readable of a command that is not."""

    id: object = ""
    channel: object = ""


class LinkServer:
    """Sends events up and takes commands down, over a Unix socket at `path`.

    `snapshot` is asked for what there is whenever an exchange connects; `carry_out` is given each command once, and
    refuses it by raising DriverError; `changed` is told when an exchange came or went.
    """

    def __init__(
        self,
        path: Path,
        epoch: str,
        clock: Clock,
        snapshot: Callable[[int], Snapshot],
        carry_out: Callable[[Order], None],
        changed: Callable[[bool], None],
    ) -> None:
        self.path, self.epoch = path, epoch
        self.outbox = Outbox()
        self._clock, self._snapshot, self._carry_out, self._changed = clock, snapshot, carry_out, changed
        self._applied: OrderedDict[str, None] = OrderedDict()
        self._server: asyncio.Server | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._readers: set[asyncio.Task[None]] = set()

    @property
    def connected(self) -> bool:
        """Whether there is an exchange."""
        return self._writer is not None

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
        self._server = await asyncio.start_unix_server(self._accept, self.path, limit=framing.LINE_BYTES)
        self.path.chmod(0o600)

    async def close(self) -> None:
        """Send what is still under way, then part from the exchange and stop listening."""
        if self._server is not None:
            self._server.close()
        if self._writer is not None:
            with contextlib.suppress(OSError, TimeoutError):
                await asyncio.wait_for(self._writer.drain(), 1)
            self._drop("the gateway ends")
        for reader in tuple(self._readers):
            reader.cancel()
        await asyncio.gather(*self._readers, return_exceptions=True)
        self.path.unlink(missing_ok=True)

    def tell(self, kind: type[Event], at_s: float | None = None, **fields: Any) -> None:
        """Number, keep and send an event; `at_s` is when it happened, now if it is left out."""
        event = kind(seq=self.outbox.last_seq + 1, at_s=self._clock.now_s() if at_s is None else at_s, **fields)
        line = self.outbox.add(event)
        if line is None:
            log.warning("more than %d events unacknowledged; all are let go of", self.outbox.limit)
            self._drop("it acknowledges nothing")
        else:
            self._send(line)

    def tell_stats(self, stats: Stats) -> None:
        """Send counters to the exchange, if there is one."""
        self._send(framing.encode(stats))

    def _send(self, line: bytes) -> None:
        if self._writer is None:
            return
        self._writer.write(line)
        if self._writer.transport.get_write_buffer_size() > UNSENT_BYTES:
            self._drop("it does not read")

    def _drop(self, reason: str) -> None:
        writer, self._writer = self._writer, None
        if writer is None:
            return
        log.warning("parted from the exchange: %s", reason)
        writer.transport.abort() if writer.transport.get_write_buffer_size() else writer.close()
        self._changed(False)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            framing.check_peer(writer.get_extra_info("socket"))
        except NotAllowed as error:
            log.warning("link refused: %s", error)
            writer.close()
            return
        if self._writer is not None:
            self._drop("a newer exchange has come")
        writer.write(framing.encode(Hello(epoch=self.epoch, last_seq=self.outbox.last_seq)))
        writer.write(framing.encode(self._snapshot(self.outbox.last_seq)))
        for line in self.outbox:
            writer.write(line)
        self._writer = writer
        self._changed(True)
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - asyncio runs this as a task
        self._readers.add(task)
        try:
            await self._read(reader, writer)
        finally:
            self._readers.discard(task)
            if self._writer is writer:
                self._drop("it closed the link")
            writer.close()

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for number in itertools.count(1):
            if self._writer is not writer:
                return
            if number % AT_ONCE == 0:
                await asyncio.sleep(0)
            try:
                line = await framing.read_line(reader)
            except TooLong as error:
                log.error("link: %s", error)
                return
            if line is None:
                return
            if self._writer is writer:  # a newer one may have come while this line was on its way
                self._take(line)

    def _take(self, line: bytes) -> None:
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
        if len(self._applied) > REMEMBERED_COMMANDS:
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
