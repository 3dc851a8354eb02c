"""How much weaker than it was sent a sound comes back from a line (ITU-T G.122 calls it echo return loss)."""

import math
import random
from array import array

from native.dsp import level_dbm0
from native.media import Prompt

LENGTH_S = 2.0
SENT_DBM0 = -13.0  # loud enough to be heard above a line's noise, and no louder than speech
HEARD_DB = 3.0     # so much above the noise of before at least: what is less is noise as well
RATE = 8000


def _white() -> bytes:
    """Return noise, the same each time: all frequencies of a line alike, no key and no tone among them."""
    chance = random.Random(1)  # noqa: S311 - a sound, no secret
    samples = [chance.gauss(0.0, 1.0) for _ in range(round(LENGTH_S * RATE))]
    unit = array("h", (round(1000 * max(-4.0, min(4.0, sample))) for sample in samples)).tobytes()
    share = 10 ** ((SENT_DBM0 - level_dbm0(unit)) / 20)
    return array("h", (round(share * 1000 * max(-4.0, min(4.0, sample))) for sample in samples)).tobytes()


NOISE = Prompt(_white())


def return_loss(heard: bytes, noise_dbm0: float) -> float:
    """Return the loss in dB; `heard` is a second while NOISE was played, `noise_dbm0` what was heard before it.

    Where nothing is heard of it above the noise, the loss is at least what is returned.
    """
    level = level_dbm0(heard)
    if level < noise_dbm0 + HEARD_DB:
        return SENT_DBM0 - max(level, noise_dbm0)
    echo = 10 ** (level / 10) - 10 ** (noise_dbm0 / 10)
    return SENT_DBM0 - 10 * math.log10(echo)
