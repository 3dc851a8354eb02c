"""The carrier at the far end of one of DAHDI's own spans, by the box's own libpri: its subscribers, and their calls."""

import asyncio
from typing import Any

from drivers.boards.base import SpanWire
from drivers.boards.pri.call import SpanCall
from drivers.boards.pri.span import Span
from drivers.link.messages import IsdnTrunk
from native.isdn import Party

LATE_S = 30


class Subscriber:
    """Who has a call at the carrier's, and what it is told: "ringing", "answered", keys, the cause at the end."""

    def __init__(self, call: SpanCall | None = None, did: str = "", caller: Party = Party()) -> None:  # noqa: B008
        self._call, self.did, self.caller = call, did, caller
        self.told: list[Any] = []
        self.changed = asyncio.Event()

    @property
    def call(self) -> SpanCall:
        """Its call, once there is one."""
        assert self._call is not None
        return self._call

    def _tell(self, what: Any) -> None:
        self.told.append(what)
        self.changed.set()

    def call_ringing(self) -> None:
        self._tell("ringing")

    def call_audible(self) -> None:
        self._tell("audible")

    def call_refused(self, cause: int) -> None:
        self._tell(cause)

    def call_answered(self) -> None:
        self._tell("answered")

    def call_key(self, digit: str) -> None:
        self._tell(digit)

    def call_ended(self, cause: int, by_party: bool) -> None:
        self._tell(cause)

    async def wait(self, what: Any) -> None:
        """Wait until this was told."""
        async with asyncio.timeout(LATE_S):
            while what not in self.told:
                self.changed.clear()
                await self.changed.wait()

    def answer(self) -> None:
        """Answer a call of the box."""
        self.call.answer(lambda: True)


class Carrier:
    """The network's end of a span."""

    def __init__(self, wire: SpanWire) -> None:
        self.up = asyncio.Event()
        self.calls: asyncio.Queue[Subscriber] = asyncio.Queue()
        self.lost: list[str] = []
        trunk = IsdnTrunk(name="box", span=wire.number, side="network")
        self.span = Span(self, (trunk,), wire, self._changed, lambda span, why: self.lost.append(why))

    def _changed(self, span: Span) -> None:
        (self.up.set if span.up else self.up.clear)()

    def call_offered(self, call: SpanCall, did: str, caller: Party) -> Subscriber:
        subscriber = Subscriber(call, did, caller)
        self.calls.put_nowait(subscriber)
        return subscriber

    def dial(self, did: str, number: str) -> Subscriber:
        """Let somebody of that number call the box."""
        subscriber = Subscriber(did=did)
        subscriber._call = self.span.dial(subscriber, did, Party(number))
        return subscriber

    async def called(self) -> Subscriber:
        """Return the next call of the box."""
        return await asyncio.wait_for(self.calls.get(), LATE_S)

    async def idle(self) -> None:
        """Wait until all channels are free, at both ends: this one lets go last."""
        async with asyncio.timeout(LATE_S):
            while self.span.calls:  # noqa: ASYNC110 - a span tells nobody that a channel is free
                await asyncio.sleep(0.1)
