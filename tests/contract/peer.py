"""What the contract suite needs of a gateway, real or pretended: its link, and people at its far ends."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

from drivers.link import messages as m

T = TypeVar("T")

_numbers = itertools.count(1)


class Wire(Protocol):
    """One connection of an exchange to the gateway."""

    def send(self, message: m.Downward) -> None:
        """Send an order or an acknowledgement."""

    async def receive(self) -> m.Upward | None:
        """Return what comes next, None at the end."""

    def close(self) -> None:
        """Go away."""


class Person(Protocol):
    """Who is at the far end of one channel."""

    async def press(self, digit: str) -> None:
        """Press a key."""

    async def hang_up(self) -> None:
        """Hang up."""

    async def hold(self) -> None:
        """Put the box on hold."""

    async def resume(self) -> None:
        """Take the box back."""

    async def transfer(self, number: str, consulted: Any = None) -> None:
        """Ask that the counterpart be connected to a number instead, or to whom one `consulted` as another person."""

    async def transferred(self) -> bool:
        """Wait to hear what became of that, and return whether it came about."""


class Peer(Protocol):
    """A gateway and the world around it."""

    folder: Path  # recordings and prompts may be here
    source: str  # what a caller's source begins with

    async def open(self) -> Wire:
        """Connect an exchange."""

    async def call_in(self, number: str) -> Person:
        """Let somebody call the box from outside, showing this number."""

    async def telephone(self, number: str, does: str) -> None:
        """Say what an extension's telephone does when it is called: `answer`, `ring` or `refuse` (busy)."""

    async def at_telephone(self, number: str) -> Person:
        """Return who is at an extension's telephone in its newest call."""

    def prompt(self, duration_s: float) -> m.Prompt:
        """Return a sound of this length."""

    def plug_in(self) -> None:
        """Let lines 1 to 4 lead to a central office."""

    async def parallel(self, line: int, lifted: bool) -> None:
        """Lift another telephone on a line's pair, or put it down."""


class Link:
    """An exchange's end of the link, for the suite: orders out, events awaited."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.hello: m.Hello
        self.snapshot: m.Snapshot
        self.events: list[m.Event] = []
        self.ended = False
        self._taken: set[int] = set()
        self._changed = asyncio.Event()

    @classmethod
    async def over(cls, peer: Peer) -> "Link":
        """Connect, and take hello and snapshot, which must be the first two."""
        link = cls(await peer.open())
        hello, snapshot = await link._wire.receive(), await link._wire.receive()
        assert isinstance(hello, m.Hello)
        assert isinstance(snapshot, m.Snapshot)
        link.hello, link.snapshot = hello, snapshot
        link._task = asyncio.create_task(link._read())
        return link

    async def _read(self) -> None:
        while (message := await self._wire.receive()) is not None:
            if isinstance(message, m.Event):
                self.events.append(message)
                self._changed.set()
        self.ended = True
        self._changed.set()

    def order(self, kind: type[m.Command], **fields: Any) -> str:
        """Send a command; returns its id."""
        command = f"contract-{next(_numbers)}"
        self.send(kind(id=command, **fields))
        return command

    def send(self, message: Any) -> None:
        """Send a message as it is."""
        self._wire.send(message)

    async def event(self, kind: type[T], timeout_s: float = 5, **fields: Any) -> T:
        """Return the next event of this kind with these fields, once."""

        def find() -> T | None:
            for number, event in enumerate(self.events):
                if number in self._taken or not isinstance(event, kind):
                    continue
                if all(getattr(event, name) == value for name, value in fields.items()):
                    self._taken.add(number)
                    return event
            return None

        return await self._until(find, f"{kind.__name__} {fields}", timeout_s)

    async def end(self) -> None:
        """Wait until the gateway has ended the connection."""
        await self._until(lambda: self.ended or None, "end", 5)

    async def _until(self, find: Callable[[], T | None], what: str, timeout_s: float) -> T:
        try:
            async with asyncio.timeout(timeout_s):
                while (found := find()) is None:
                    self._changed.clear()
                    await self._changed.wait()
                return found
        except TimeoutError:
            raise AssertionError(f"no {what}; had {self.events[-10:]}") from None

    async def settled(self) -> None:
        """Return when all orders sent before have been carried out."""
        probe = self.order(m.Claim, channel="no-such-channel", tag=m.Tag("", ""))
        await self.event(m.Refused, command=probe)

    def of(self, channel: str) -> list[str]:
        """Names of a channel's events so far, in their order."""
        return [
            type(event).__name__ for event in self.events if getattr(event, "channel", None) == channel
            and not isinstance(event, m.Refused)
        ]

    def close(self) -> None:
        """Go away."""
        self._task.cancel()
        self._wire.close()


Check = Callable[[Peer, Link], Awaitable[None]]
