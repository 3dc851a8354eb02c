"""What passes at a place, for who reads it: the signalling of a span, the signals on a line's pair."""

import asyncio
from collections import deque

from drivers.link.errors import NoSuchChannel
from drivers.link.messages import Refused as LinkRefused
from drivers.link.messages import Signal, Signals, TraceSignals
from firmware.calls.gateway import Gateway
from firmware.errors import BusyhourError, LineNotReady, NotFound, SpanNotReady, Unavailable

FIRST_S = 1.0       # for the first signals of a trace; a span that nobody speaks on has none
FOLLOWED_S = 60.0   # a place's signals are told for so long after somebody asked
RENEWED_S = 30.0
KEPT = 1000         # signals of a place, while it is followed
NOT_READY: dict[str, type[BusyhourError]] = {"span": SpanNotReady, "line": LineNotReady}


class _Followed:
    """The signals of a place, and until when the gateway tells of more (by the loop's time)."""

    def __init__(self) -> None:
        self.signals: deque[Signal] = deque(maxlen=KEPT)
        self.until_s = 0.0
        self.news = asyncio.Event()


class Traces:
    """All places that somebody follows; within the running loop."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._loop = asyncio.get_running_loop()
        self._followed: dict[str, _Followed] = {}
        self._refused: dict[str, str] = {}  # orders, by id: the place
        self._why: dict[str, BusyhourError] = {}
        gateway.on_anew.append(lambda hello: self._followed.clear())

    async def trace(self, place: str) -> list[Signal]:
        """Return the last signals of a place (`span:1`, `line:2`), oldest first; it is followed for a while from now.

        Raises NotFound, SpanNotReady or LineNotReady when it is not there, Unavailable.
        """
        gateway = self._gateway
        if not gateway.connected:
            raise Unavailable(f"the gateway is not there: nobody tells what passes at {place}")
        followed = self._followed.setdefault(place, _Followed())
        if followed.until_s < self._loop.time() + RENEWED_S:
            begun = followed.until_s < self._loop.time()
            last = followed.signals[-1].number if followed.signals else 0
            order = TraceSignals(id=gateway.next_id(), place=place, for_s=FOLLOWED_S, after=last)
            self._refused = {order.id: place} | {one: other for one, other in self._refused.items() if other != place}
            followed.until_s = self._loop.time() + FOLLOWED_S
            followed.news.clear()
            gateway.send(order)
            if begun:
                await self._first(followed)
        if why := self._why.pop(place, None):
            self._followed.pop(place, None)
            raise why
        return list(followed.signals)

    def refused(self, told: LinkRefused) -> bool:
        """Take that an order was refused, if it was one of ours."""
        place = self._refused.pop(told.command, "")
        if place:
            kind = place.partition(":")[0]
            self._why[place] = (NotFound if told.code == NoSuchChannel.code else NOT_READY[kind])(told.text)
            if place in self._followed:
                self._followed[place].news.set()
        return bool(place)

    def take(self, told: Signals) -> None:
        """Take signals of a place; where its numbers begin anew, what was before is forgotten."""
        followed = self._followed.get(told.place)
        if followed is None or not told.signals:
            return
        if followed.signals and told.signals[0].number <= followed.signals[-1].number:
            followed.signals.clear()
        followed.signals.extend(told.signals)
        if not told.more:
            followed.news.set()

    async def _first(self, followed: _Followed) -> None:
        try:
            await asyncio.wait_for(followed.news.wait(), FIRST_S)
        except TimeoutError:
            return  # nothing passed yet
