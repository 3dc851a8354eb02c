"""Rings a telephone by its country's cadence, and tells it in its country's way, before the second ring, who calls.

A Japanese display asks for it: at a ring of its own (CAR) it goes off-hook by itself, is told, and is on-hook again.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Literal, NamedTuple

from drivers.boards.base import Port
from drivers.countries import Country
from native.callerid import CallerIdSender
from native.media import Prompt

AFTER_RING_S = 0.6      # from the end of the first ring to caller id (ETSI EN 300 659-1: 0.5 to 2 s)
REVERSED_S = 0.2        # from the reversal of the polarity to what is told
BEFORE_RING_S = 0.3     # from the end of caller id to the first ring, where it comes ahead of it
REQUEST_S = 0.5         # CAR is so long on and so long off ..
REQUESTED_S = 6.0       # .. and nobody who goes off-hook later is a display
AFTER_LIFTED_S = 0.3    # from that to what is told
BLOCK = 160
MOST_DIGITS, MOST_LETTERS = 20, 20  # what displays have room for


Kind = Literal["fsk", "v23", "jclip", "dtmf", "dtmf-a", "dtmf-hash"]
"""Of a CallerIdSender."""


class Way(NamedTuple):
    """How a telephone is told who calls: a kind of message; before the first ring, or in the pause after it."""

    kind: Kind
    before: bool = False
    alert: bool = False    # with the dual tone ahead of it that wakes a display
    reverse: bool = False  # with the pair's polarity reversed
    asked: bool = False    # a display goes off-hook for it


SENT: dict[str, Kind] = {  # of a country's kinds
    "bell202": "fsk", "fsk": "fsk", "v23": "v23", "aclip": "v23", "jclip": "jclip",
    "dtmf-d": "dtmf", "dtmf": "dtmf", "dtmf-a": "dtmf-a", "dtmf-hash": "dtmf-hash",
}  # fmt: skip


class Bell:
    """One ringing, from now until `stop`. `play` sends a sound to the telephone, which is on-hook but where it asks.

    `asks`: somebody who goes off-hook now may be a display; it is told who calls by `tell`, and rung by `ring`.
    """

    def __init__(
        self, port: Port, country: Country, number: str, name: str, play: Callable[[Prompt], None], again: bool = False
    ) -> None:
        """`again`: whom it rings for is known, and no display is asked to go off-hook."""
        self._port, self._play, self._cadence = port, play, country.ring_ms
        self._loop = asyncio.get_running_loop()
        self._timers: list[asyncio.TimerHandle] = []
        way = way_of(country)
        self._caller = Prompt(caller_id(way, number, name))
        self.asks = way.asked and not again
        if way.asked and again:
            self._step(0, told=True)
        elif way.asked:
            port.announce(way.reverse)
            self._later(REQUESTED_S, self.ring)
            self._later(REVERSED_S, lambda: self._request(True))
        elif way.before:
            port.announce(way.reverse)
            if way.reverse:
                self._later(REVERSED_S, self._announce)
            else:
                self._announce()
        else:
            self._step(0, told=False)

    def tell(self) -> float:
        """Tell a display that went off-hook who calls; return how long that takes."""
        self._cancel()
        self.asks = False
        self._later(AFTER_LIFTED_S, lambda: self._play(self._caller))
        return AFTER_LIFTED_S + self._caller.duration_s

    def ring(self) -> None:
        """Ring for everybody, whom nothing more is told."""
        self._cancel()
        self.asks = False
        self._step(0, told=True)

    def stop(self) -> None:
        """Be silent."""
        self._cancel()

    def _cancel(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        self._port.set_ring(False)

    def _request(self, on: bool) -> None:
        """Begin a burst or a pause of the ring for displays."""
        self._port.set_ring(on)
        self._later(REQUEST_S, lambda: self._request(not on))

    def _announce(self) -> None:
        """Tell who calls, and then ring."""
        self._play(self._caller)
        self._later(self._caller.duration_s + BEFORE_RING_S, lambda: self._step(0, told=True))

    def _step(self, number: int, told: bool) -> None:
        """Begin a burst or a pause of the cadence; the last pause of the first time has room for caller id."""
        self._timers.clear()
        self._port.set_ring(number % 2 == 0)
        following = (number + 1) % len(self._cadence)
        if following == 0 and not told:
            self._later(AFTER_RING_S, lambda: self._play(self._caller))
            told = True
        self._later(self._cadence[number] / 1000, lambda: self._step(following, told))

    def _later(self, after_s: float, what: Callable[[], None]) -> None:
        self._timers.append(self._loop.call_later(after_s, what))


def way_of(country: Country) -> Way:
    """Return how telephones of a country are told who calls; those of one that we know nothing of as in most."""
    kind: Kind = next((SENT[kind] for kind in country.caller_id if kind in SENT), "fsk")
    reverse = country.caller_id_start == "reversal"
    if kind == "jclip":
        return Way(kind, before=True, reverse=True, asked=True)
    if kind.startswith("dtmf"):
        return Way(kind, before=True, reverse=reverse)
    alert = reverse or country.caller_id_start == "alert"
    return Way(kind, before=alert, alert=alert, reverse=reverse)


def caller_id(way: Way, number: str, name: str) -> bytes:
    """Return the sound that tells a telephone who calls, 16 bit, 8000 samples a second.

    A number that is none, or empty, is told as not available.
    """
    digits = "".join(digit for digit in number if digit.isascii() and digit.isdigit())[:MOST_DIGITS]
    letters = name if name.isascii() and name.isprintable() else ""
    sender = CallerIdSender(way.kind, digits, letters[:MOST_LETTERS], False, time.strftime("%m%d%H%M"), way.alert)
    samples = b""
    while len(block := sender.read(BLOCK)) == 2 * BLOCK:
        samples += block
    return samples + block
