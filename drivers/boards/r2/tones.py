"""R2's register signals as sound: two of six frequencies together (ITU-T Q.441 table 5), each at -11.5 dBm0 (Q.454)."""

from itertools import combinations

from native.media import Cadence
from native.r2 import TONES

FORWARD_HZ = (1380, 1500, 1620, 1740, 1860, 1980)
BACKWARD_HZ = (1140, 1020, 900, 780, 660, 540)
LEVEL_DBM0 = -11.5
LOOP_MS = 50    # whole turns of each, so that it goes on without a break


def _signals(frequencies: tuple[int, ...]) -> dict[str, Cadence]:
    places = sorted(combinations(range(6), 2), key=lambda pair: pair[::-1])
    pairs = [(frequencies[one], frequencies[other]) for one, other in places]
    return {tone: Cadence(pair, LEVEL_DBM0, (LOOP_MS, 0)) for tone, pair in zip(TONES, pairs, strict=True)}


SIGNALS = {"forward": _signals(FORWARD_HZ), "backward": _signals(BACKWARD_HZ)}
