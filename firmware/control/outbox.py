"""What waits to be sent to one client: bounded, so that a client that does not read costs nothing but itself."""

import asyncio
from collections import deque

MOST_LINES = 2000
MOST_BYTES = 16 * 1024 * 1024  # a whole configuration and its answer fit several times

AT_ONCE_BYTES = 64 * 1024


class Full(Exception):
    """The client does not read."""


class Outbox:
    """Lines in order; of a topic that tells whole states only the newest waits."""

    def __init__(self, most_lines: int = MOST_LINES, most_bytes: int = MOST_BYTES) -> None:
        self._most_lines, self._most_bytes = most_lines, most_bytes
        self._lines: deque[bytes] = deque()
        self._bytes = 0
        self._newest: dict[str, bytes] = {}
        self._something = asyncio.Event()
        self._closed = False

    def put(self, line: bytes) -> None:
        """Add a line; raises Full."""
        if len(self._lines) >= self._most_lines or self._bytes + len(line) > self._most_bytes:
            raise Full
        self._lines.append(line)
        self._bytes += len(line)
        self._something.set()

    def put_newest(self, topic: str, line: bytes) -> None:
        """Add a line in place of the topic's last one, if that was not sent yet."""
        self._newest[topic] = line
        self._something.set()

    def end(self, line: bytes = b"") -> None:
        """Let nothing more come. With a last line, that is all that is still sent; else all that waits is."""
        if line:
            self._lines.clear()
            self._newest.clear()
            self._lines.append(line)
        self._closed = True
        self._something.set()

    async def take(self) -> bytes | None:
        """Return what is to be sent next, some lines together; None when there will be nothing more."""
        while not self._lines and not self._newest:
            if self._closed:
                return None
            self._something.clear()
            await self._something.wait()
        if not self._lines:
            return self._newest.pop(next(iter(self._newest)))
        taken = []
        size = 0
        while self._lines and size < AT_ONCE_BYTES:
            taken.append(self._lines.popleft())
            size += len(taken[-1])
        self._bytes -= size
        return b"".join(taken)
