"""What is done to digital spans on a person's order: a channel restarted, the signalling traced."""

import asyncio
from collections import deque

from drivers.link.errors import NoSuchChannel
from drivers.link.messages import Refused as LinkRefused
from drivers.link.messages import RestartSlot, SlotRestarted, SpanMessage, SpanTrace, TraceSpan
from firmware.calls.asked import Asked
from firmware.calls.gateway import Gateway
from firmware.errors import BusyhourError, NotFound, SpanNotReady, Unavailable

TOLD_S = 10.0       # the far end has 4 s to answer
FIRST_S = 1.0       # for the first messages of a trace; a span that nobody speaks on has none
FOLLOWED_S = 60.0   # a span's messages are told for so long after somebody asked
RENEWED_S = 30.0
KEPT = 1000         # messages of a span, while it is followed


class _Followed:
    """The messages of a span, and until when the gateway tells of more (by the loop's time)."""

    def __init__(self) -> None:
        self.messages: deque[SpanMessage] = deque(maxlen=KEPT)
        self.until_s = 0.0
        self.news = asyncio.Event()


class Spans:
    """Orders to spans; within the running loop."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._loop = asyncio.get_running_loop()
        self._asked = Asked[bool](gateway)
        self._followed: dict[int, _Followed] = {}
        self._refused: dict[str, int] = {}  # orders to trace, by id: the span
        self._why: dict[int, BusyhourError] = {}
        gateway.on_anew.append(lambda hello: self._followed.clear())

    async def restart(self, span: int, slot: int) -> bool:
        """Make a channel idle on both sides; say whether the far end did it too.

        Raises NotFound, SpanNotReady when it cannot be now, Unavailable.
        """
        order = RestartSlot(id=self._ready().next_id(), span=span, slot=slot)
        silence = f"the gateway did not restart channel {slot} of span {span} in {TOLD_S:.0f} s"
        return await self._asked.ask(order, TOLD_S, silence)

    async def trace(self, span: int) -> list[SpanMessage]:
        """Return the last messages of a span's signalling, oldest first; they are followed for a while from now on.

        Raises as `restart` does.
        """
        gateway = self._ready()
        followed = self._followed.setdefault(span, _Followed())
        if followed.until_s < self._loop.time() + RENEWED_S:
            begun = followed.until_s < self._loop.time()
            last = followed.messages[-1].number if followed.messages else 0
            order = TraceSpan(id=gateway.next_id(), span=span, for_s=FOLLOWED_S, after=last)
            self._refused = {order.id: span} | {one: other for one, other in self._refused.items() if other != span}
            followed.until_s = self._loop.time() + FOLLOWED_S
            followed.news.clear()
            gateway.send(order)
            if begun:
                await self._first(followed)
        if why := self._why.pop(span, None):
            self._followed.pop(span, None)
            raise why
        return list(followed.messages)

    def take(self, told: SlotRestarted | LinkRefused) -> bool:
        """Take what became of an order, if it was one of ours."""
        if isinstance(told, LinkRefused) and (span := self._refused.pop(told.command, 0)):
            self._why[span] = _error(told)
            if span in self._followed:
                self._followed[span].news.set()
            return True
        return self._asked.tell(told.command, told.answered if isinstance(told, SlotRestarted) else _error(told))

    def traced(self, trace: SpanTrace) -> None:
        """Take messages of a span; where its numbers begin anew, what was before is forgotten."""
        followed = self._followed.get(trace.span)
        if followed is None or not trace.messages:
            return
        if followed.messages and trace.messages[0].number <= followed.messages[-1].number:
            followed.messages.clear()
        followed.messages.extend(trace.messages)
        followed.news.set()

    def _ready(self) -> Gateway:
        if not self._gateway.connected:
            raise Unavailable("the gateway is not there: nothing can be said to a span")
        return self._gateway

    async def _first(self, followed: _Followed) -> None:
        try:
            await asyncio.wait_for(followed.news.wait(), FIRST_S)
        except TimeoutError:
            return  # nothing was said on it yet


def _error(told: LinkRefused) -> BusyhourError:
    return (NotFound if told.code == NoSuchChannel.code else SpanNotReady)(told.text)
