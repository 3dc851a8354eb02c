"""The wire to the gateway: connects for ever, with a growing pause between attempts."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec

from drivers.link.errors import DriverError
from drivers.link.framing import LINE_BYTES, check_peer, encode, read_line
from drivers.link.messages import Downward, Hello, Snapshot, Upward
from firmware.calls.gateway import Gateway

log = logging.getLogger(__name__)
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 2.0
CATCH_UP_S = 5.0             # a gateway that tells less than it promised is believed after this
UNSENT_BYTES = 16 * 1024 * 1024  # a gateway that reads nothing any more is left
Message = TypeVar("Message", Hello, Snapshot)


class Connection(Protocol):
    """One connection to the gateway."""

    def send(self, message: Downward) -> None:
        """Send without waiting."""

    async def receive(self) -> Upward | None:
        """Return what the gateway said next, None when the connection is over."""

    def close(self) -> None:
        """End it."""


class SocketConnection:
    """A connection over the gateway's Unix socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._decoder = msgspec.json.Decoder(Upward)

    def send(self, message: Downward) -> None:
        """Send without waiting; a gateway that stopped reading is left."""
        if self._writer.transport.get_write_buffer_size() > UNSENT_BYTES:
            log.error("the gateway does not read what it is told: connecting anew")
            self._writer.transport.abort()
        elif not self._writer.is_closing():
            self._writer.write(encode(message))

    async def receive(self) -> Upward | None:
        """Return what the gateway said next, None when the connection is over or means nothing any more."""
        try:
            line = await read_line(self._reader)
            return None if line is None else self._decoder.decode(line)
        except (msgspec.DecodeError, DriverError) as error:
            log.error("the gateway speaks another language: %s", error)
            return None

    def close(self) -> None:
        """End it."""
        self._writer.close()


async def connect(path: Path) -> Connection:
    """Connect to the gateway's socket; raises OSError when it is not there, NotAllowed when it is somebody else's."""
    reader, writer = await asyncio.open_unix_connection(path, limit=LINE_BYTES)
    check_peer(writer.get_extra_info("socket"))
    return SocketConnection(reader, writer)


class Link:
    """Keeps the gateway connected, and carries what it tells to `gateway`."""

    def __init__(self, gateway: Gateway, connect: Callable[[], Awaitable[Connection]]) -> None:
        self._gateway = gateway
        self._connect = connect
        self._connection: Connection | None = None

    async def run(self) -> None:
        """Connect, listen, connect again: until cancelled."""
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                self._connection = await self._connect()
            except (OSError, DriverError) as error:
                if pause_s == FIRST_PAUSE_S:
                    log.warning("no gateway: %s", error)
            else:
                try:
                    if await self._listen(self._connection):
                        pause_s = FIRST_PAUSE_S
                except Exception:
                    log.exception("while listening to the gateway: connecting anew")
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)

    def close(self) -> None:
        """Leave the gateway without a word: calls go on, another exchange will find them."""
        if self._connection is not None:
            self._connection.close()

    async def _listen(self, connection: Connection) -> bool:
        """Take all that comes over one connection; tell whether it was a gateway's."""
        catch_up: asyncio.TimerHandle | None = None
        try:
            hello = await self._expect(connection, Hello)
            snapshot = await self._expect(connection, Snapshot)
            if hello is None or snapshot is None:
                return False
            log.info("gateway %s is connected, %d channels", hello.epoch, len(snapshot.channels))
            self._gateway.begin(connection, hello, snapshot)
            catch_up = asyncio.get_running_loop().call_later(CATCH_UP_S, self._gateway.believe)
            while (message := await connection.receive()) is not None:
                if not isinstance(message, Hello | Snapshot):
                    self._gateway.take(message)
            log.warning("the gateway's connection is gone")
            return True
        finally:
            if catch_up is not None:
                catch_up.cancel()
            self._gateway.end()
            connection.close()

    async def _expect(self, connection: Connection, kind: type[Message]) -> Message | None:
        message = await connection.receive()
        if isinstance(message, kind):
            return message
        log.error("the gateway began with %s, not %s", type(message).__name__, kind.__name__)
        return None
