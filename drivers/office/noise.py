"""Noise on a line: white, of a given level, added to whatever else is heard."""

import math
import random
from array import array

from drivers.office.sound import BLOCK, RATE

PEAK_0_DBM0 = 32767 * 10 ** (-3.14 / 20)  # of a sine, ITU-T G.711 table 5
LENGTH_S = 1  # then it repeats, which nothing here can tell from noise


class Noise:
    """A line's noise; each tick's is another."""

    def __init__(self, level_dbm0: float) -> None:
        deviation = PEAK_0_DBM0 / math.sqrt(2) * 10 ** (level_dbm0 / 20)
        chance = random.Random(1)  # noqa: S311 - a sound, no secret
        made = (chance.gauss(0, deviation) for _ in range(LENGTH_S * RATE))
        self._samples = array("h", (max(-32768, min(32767, round(sample))) for sample in made))
        self._at = 0

    def over(self, said: bytes) -> bytes:
        """Return a tick's samples with noise over them."""
        noise = self._samples[self._at : self._at + BLOCK]
        self._at = (self._at + BLOCK) % len(self._samples)
        pairs = zip(array("h", said), noise, strict=True)
        return array("h", (max(-32768, min(32767, one + other)) for one, other in pairs)).tobytes()
