"""An exchange for the gateway's tests: sends orders over the link and waits for what happens."""

import asyncio
import itertools
import os
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from drivers.link import framing
from drivers.link import messages as m

T = TypeVar("T")

_upward: msgspec.json.Decoder[m.Upward] = msgspec.json.Decoder(m.Upward)
_numbers = itertools.count(1)


class Exchange:
    """One connection to the gateway. Acknowledges everything unless told otherwise."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, acknowledge: bool) -> None:
        self._reader, self._writer, self._acknowledge = reader, writer, acknowledge
        self.hello: m.Hello
        self.snapshot: m.Snapshot
        self.seen: list[m.Upward] = []
        self._taken: set[int] = set()
        self._changed = asyncio.Event()
        self.closed = False

    @classmethod
    async def connect(cls, home: Path, acknowledge: bool = True) -> "Exchange":
        """Connect and read hello and snapshot."""
        reader, writer = await asyncio.open_unix_connection(home / "run/gateway.sock", limit=framing.LINE_BYTES)
        self = cls(reader, writer, acknowledge)
        hello, snapshot = await self._next(), await self._next()
        assert isinstance(hello, m.Hello)
        assert isinstance(snapshot, m.Snapshot)
        self.hello, self.snapshot = hello, snapshot
        self._task = asyncio.create_task(self._read())
        return self

    async def _next(self) -> m.Upward | None:
        line = await framing.read_line(self._reader)
        return None if line is None else _upward.decode(line)

    async def _read(self) -> None:
        while (message := await self._next()) is not None:
            self.seen.append(message)
            if self._acknowledge and isinstance(message, m.Event):
                self.acknowledge(message.seq)
            self._changed.set()
        self.closed = True
        self._changed.set()

    def acknowledge(self, seq: int) -> None:
        """Say that all events up to this one are on disk."""
        self.send(m.Ack(seq=seq))

    def send(self, message: Any) -> None:
        """Send a message as it is."""
        self._writer.write(framing.encode(message))

    def order(self, kind: type[m.Command], **fields: Any) -> str:
        """Send a command; returns its id."""
        command_id = f"c{os.getpid()}-{next(_numbers)}"
        self.send(kind(id=command_id, **fields))
        return command_id

    async def event(self, kind: type[T], timeout_s: float = 5, **fields: Any) -> T:
        """Return the next event of this kind with these fields, once; AssertionError if it does not come."""
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    for number, message in enumerate(self.seen):
                        if number in self._taken or not isinstance(message, kind):
                            continue
                        if all(getattr(message, name) == value for name, value in fields.items()):
                            self._taken.add(number)
                            return message
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"no {kind.__name__} {fields}; had {self.seen[-12:]}") from None

    def of(self, channel: str) -> list[m.Upward]:
        """All events of a channel so far."""
        return [message for message in self.seen if getattr(message, "channel", None) == channel]

    async def settled(self) -> None:
        """Return when the gateway has carried out all that was sent before."""
        command = self.order(m.Claim, channel="nobody", tag=m.Tag("", ""))
        await self.event(m.Refused, command=command)

    async def gone(self) -> None:
        """Wait until the gateway has closed the link."""
        async with asyncio.timeout(5):
            while not self.closed:
                self._changed.clear()
                await self._changed.wait()

    async def close(self) -> None:
        """Go away."""
        self._task.cancel()
        self._writer.close()
