"""The far end of an E1 with bits for each timeslot, with sound: register signals while they last, then voices."""

import asyncio
import errno
import itertools
import os
from functools import cache
from typing import Any

import numpy as np

from drivers.boards.base import CasWire
from native import r2
from native.media import Ear
from tests import audio
from tests.drivers.boards import e1
from tests.drivers.boards.r2.office import Office

BLOCK, BLOCK_S = 160, 0.02
AHEAD = 3               # blocks sent before they are due
BLOCKS = 50             # of a second, in which each tone has whole turns
DAHDI_EVENT = 500       # ELAST
FREQUENCIES = {"forward": (1380, 1500, 1620, 1740, 1860, 1980), "backward": (1140, 1020, 900, 780, 660, 540)}
PAIRS = dict(
    zip(r2.TONES, sorted(itertools.combinations(range(6), 2), key=lambda pair: pair[::-1]), strict=True)
)  # fmt: skip


@cache
def sounding(hertz: tuple[float, ...], place: int) -> bytes:
    """Return a block of tones, each at -12 dBm0: the one at that place of a second."""
    time_s = (np.arange(BLOCK) + BLOCK * place) / 8000
    loud = audio.amplitude(-12)
    wave = sum((loud * np.sin(2 * np.pi * one * time_s) for one in hertz), np.zeros(BLOCK))
    return audio.encode_alaw(wave.astype(np.int16))


class Carrier(Office, e1.Hearing):
    """Its pace is the clock's. `says`: Hz on a timeslot."""

    def __init__(self, wire: CasWire, variant: str, **settings: Any) -> None:
        Office.__init__(self, wire, variant, **settings)
        e1.Hearing.__init__(self, wire.slots)
        self.says: dict[int, tuple[float, ...]] = {}
        self._fds = {slot: wire.open(slot) for slot in wire.slots}
        self._ears: dict[int, Ear] = {}
        self.listens = self._listens
        self._task = asyncio.create_task(self._live())

    def _listens(self, slot: int) -> None:
        self._ears[slot] = Ear(False, {}, False, self.lines[slot].listening)  # type: ignore[arg-type]

    async def _live(self) -> None:
        """Send 20 ms on each timeslot at the pace of the clock, and take what comes."""
        began, sent = self._loop.time(), 0
        while True:
            while (sent - AHEAD) * BLOCK_S <= self._loop.time() - began:
                for slot in self.lines:
                    self._take(slot)
                    self._say(slot, sent % BLOCKS)
                sent += 1
            self.changed.set()
            await asyncio.sleep(BLOCK_S / 4)

    def _say(self, slot: int, place: int) -> None:
        line = self.lines[slot]
        hertz = self.says.get(slot, ())
        if line.tone:
            own = "backward" if line.listening == "forward" else "forward"
            hertz = tuple(FREQUENCIES[own][tone] for tone in PAIRS[line.tone])
        try:
            os.write(self._fds[slot], sounding(hertz, place))
        except OSError as error:  # nobody listens there yet, or an event is to be taken first
            if error.errno not in (errno.EAGAIN, DAHDI_EVENT):
                raise

    def _take(self, slot: int) -> None:
        while True:
            try:
                block = os.read(self._fds[slot], 2000)
            except OSError as error:
                if error.errno not in (errno.EAGAIN, DAHDI_EVENT):
                    raise
                return
            if not block:
                return
            self.heard[slot].append(block)
            if self.lines[slot].listening:
                samples = audio.decode_alaw(np.frombuffer(block, np.uint8)).astype(np.int16)
                for heard in self._ears[slot].hear(samples.tobytes()):
                    self.lines[slot].hear(heard.value)

    async def event(self, slot: int, kind: type) -> object:
        """Wait for one event of a kind."""
        try:
            async with asyncio.timeout(20):
                while not (found := self.lines[slot].of(kind)):
                    await self.news()
        except TimeoutError:
            lines = {slot: (far.line.state, far.said, far.events) for slot, far in self.lines.items()}
            raise AssertionError(f"no {kind.__name__} on channel {slot}: {lines}") from None
        return found[0]

    def close(self) -> None:
        self._task.cancel()
        super().close()
