"""Whom the edge keeps out: addresses it does not listen to, telephones it turned away, as Kamailio remembers them."""

import asyncio
import logging
import math
import time

import msgspec

from drivers.link.messages import Banned, Guarded, Turned
from drivers.sip.edge.rpc import Edge, EdgeError

log = logging.getLogger(__name__)
EVERY_S = 2.0
BANNED_S = 300.0  # as the table `banned` has it: kamailio.cfg


class Guard:
    """Looks every few seconds; `seen` is what it saw last, None while the edge does not answer.

    An edge that was started anew remembers nobody: it is told again who is kept out for wrong passwords.
    """

    def __init__(self, edge: Edge) -> None:
        self.seen: Guarded | None = None
        self._edge = edge
        self._born = ""
        self._kept: tuple[Banned, ...] = ()  # what this edge, or the one before it, was last seen to keep out

    async def watch(self) -> None:
        """Look until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(EVERY_S)

    async def look(self) -> None:
        """Look now."""
        try:
            self.seen = await asyncio.to_thread(self._look)
        except EdgeError as error:
            if self.seen is not None:
                log.info("whom the edge keeps out is not known: %s", error)
            self.seen = None

    async def lift(self, address: str) -> bool:
        """Listen to an address again; tell whether it was banned. Raises EdgeError."""
        was = await asyncio.to_thread(self._edge.lift, address)
        self._kept = tuple(one for one in self._kept if one.address != address)
        await self.look()
        return was

    def _look(self) -> Guarded:
        born = self._edge.born()
        if self._born not in ("", born):
            self._remind()
        self._born = born
        seen = look(self._edge)
        if not seen.more:
            self._kept = seen.banned
        return seen

    def _remind(self) -> None:
        now_s = time.time()
        kept = [one for one in self._kept if one.why == "passwords" and now_s < one.until_s <= now_s + BANNED_S]
        for one in kept:
            self._edge.ban(one.address, int(one.since_s), math.ceil(one.until_s - now_s))
        if kept:
            log.info("the edge was started anew; it goes on keeping out %d", len(kept))


def look(edge: Edge) -> Guarded:
    """Ask an edge; blocks. Raises EdgeError."""
    now_s = time.time()  # by which Kamailio reckons, too
    banned, turned, floods = edge.values("banned"), edge.values("refused"), edge.floods()
    return Guarded(
        banned=(
            *(
                Banned(address, "passwords", float(since_s), float(since_s) + BANNED_S)
                for address, since_s in sorted((banned or {}).items())
            ),
            *(Banned(address, "flood", 0.0, now_s + left_s) for address, left_s in sorted((floods or {}).items())),
        ),
        turned=tuple(sorted((_turned(*item) for item in (turned or {}).items()), key=lambda one: -one.last_s)),
        more=None in (banned, turned, floods),
    )  # fmt: skip


def _turned(name: str, value: str) -> Turned:
    why, count, first_s, last_s, number = value.split(" ")
    told = {
        "address": name.partition("|")[0], "number": "" if number == "?" else number, "why": why, "count": count,
        "first_s": first_s, "last_s": last_s,
    }  # fmt: skip
    return msgspec.convert(told, Turned, strict=False)
