"""The fake gateway behind a real Unix socket, in real time, for programs instead of objects."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import msgspec

from drivers.link.framing import LINE_BYTES, encode, read_line
from drivers.link.messages import Downward
from tests.fakes.gateway import Connection, FakeGateway

_downward = msgspec.json.Decoder(Downward)


async def serve(gateway: FakeGateway, path: Path) -> asyncio.AbstractServer:
    """Listen for exchanges at `path`; the newest wins."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = await gateway.connect()
        telling = asyncio.create_task(_tell(connection, writer))
        try:
            while (line := await read_line(reader)) is not None:
                connection.send(_downward.decode(line))
        finally:
            connection.close()
            with contextlib.suppress(ConnectionError):
                await telling
            writer.close()

    await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
    await asyncio.to_thread(path.unlink, missing_ok=True)
    return await asyncio.start_unix_server(connected, path, limit=LINE_BYTES)


async def _tell(connection: Connection, writer: asyncio.StreamWriter) -> None:
    while (message := await connection.receive()) is not None:
        writer.write(encode(message))
        await writer.drain()
    writer.close()
