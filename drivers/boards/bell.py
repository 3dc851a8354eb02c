"""Rings a telephone by its country's cadence, and tells it before the second ring who calls."""

import asyncio
import time
from collections.abc import Callable
from typing import Literal

from drivers.boards.base import Port
from drivers.countries import Country
from native.dsp import CallerIdSender
from native.media import Prompt

AFTER_RING_S = 0.6      # from the end of the first ring to caller id (ETSI EN 300 659-1: 0.5 to 2 s)
BEFORE_RING_S = 0.3     # from the end of caller id by DTMF to the first ring
BLOCK = 160
MOST_DIGITS, MOST_LETTERS = 20, 20  # what displays have room for


class Bell:
    """One ringing, from now until `stop`. `play` sends a sound to the telephone while it is on-hook."""

    def __init__(self, port: Port, country: Country, number: str, name: str, play: Callable[[Prompt], None]) -> None:
        self._port, self._play, self._cadence = port, play, country.ring_ms
        self._loop = asyncio.get_running_loop()
        self._timers: list[asyncio.TimerHandle] = []
        kind = kind_of(country)
        self._caller = caller_id(kind, number, name)
        if kind == "dtmf":
            play(self._caller)
            self._later(self._caller.duration_s + BEFORE_RING_S, lambda: self._step(0, told=True))
        else:
            self._step(0, told=False)

    def stop(self) -> None:
        """Be silent."""
        for timer in self._timers:
            timer.cancel()
        self._port.set_ring(False)

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


def kind_of(country: Country) -> Literal["fsk", "dtmf"]:
    """Return how telephones of a country are told who calls; those of one that we know nothing of as in most."""
    return "dtmf" if next(iter(country.caller_id), "").startswith("dtmf") else "fsk"


def caller_id(kind: Literal["fsk", "dtmf"], number: str, name: str) -> Prompt:
    """Return what tells a telephone who calls; a number that is none, or empty, is told as not available."""
    digits = "".join(digit for digit in number if digit.isascii() and digit.isdigit())[:MOST_DIGITS]
    letters = name if name.isascii() and name.isprintable() else ""
    sender = CallerIdSender(kind, digits, letters[:MOST_LETTERS], False, time.strftime("%m%d%H%M"))
    samples = b""
    while len(block := sender.read(BLOCK)) == 2 * BLOCK:
        samples += block
    return Prompt(samples + block)
