"""One JSON object a line, over a Unix socket whose peer must be this user or root."""

import asyncio
import os
import socket
import struct

import msgspec

from drivers.link.errors import NotAllowed, TooLong

LINE_BYTES = 4 * 1024 * 1024


def encode(message: object) -> bytes:
    """Return a message as one line, newline included (JSON never holds a raw newline)."""
    return msgspec.json.encode(message) + b"\n"


async def read_line(reader: asyncio.StreamReader) -> bytes | None:
    """Return the next line without its end, or None when the peer has closed.

    Raises TooLong when a line passes the reader's limit; what follows on this connection means nothing then.
    """
    try:
        line = await reader.readuntil(b"\n")
    except asyncio.IncompleteReadError:
        return None  # a half line of a peer that died is no message
    except asyncio.LimitOverrunError as error:
        raise TooLong(f"a line of more than {LINE_BYTES} bytes") from error
    except ConnectionError:
        return None
    return line[:-1]


def check_peer(connection: socket.socket) -> int:
    """Return the peer's user id; raise NotAllowed unless it is this user or root (SO_PEERCRED, unix(7))."""
    size = struct.calcsize("3i")
    _, uid, _ = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))
    if uid not in (0, os.getuid()):
        raise NotAllowed(f"user id {uid} may not use this socket")
    return int(uid)
