"""Whether a steady tone was heard without a gap: judged by its level and its phase, by numpy alone.

A talk that was interrupted shows as a stretch without the tone; one whose blocks were lost and closed up shows as a
step of its phase.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tests import audio

WINDOW = 80            # samples, 10 ms
STEP = 40
BLOCK_S = 0.02         # what a lost packet or a slip takes away
FADED_DB = 6.0         # a window of which half is silent
SAME_RAD = 0.12        # of noise and coding


class Gap(NamedTuple):
    """A stretch without the tone, or blocks of it missing (or repeated, then negative); seconds from the start."""

    at_s: float
    length_s: float
    kind: str          # silent, cut


def demodulated(samples: audio.Samples, frequency_hz: float) -> npt.NDArray[np.complex128]:
    """Return the tone's level and phase every 5 ms."""
    values = np.asarray(samples, np.float64)
    turned = values * np.exp(-2j * np.pi * frequency_hz * np.arange(len(values)) / audio.RATE_HZ)
    sums = np.concatenate(([0], np.cumsum(turned)))
    starts = np.arange(0, len(values) - WINDOW + 1, STEP)
    result: npt.NDArray[np.complex128] = (sums[starts + WINDOW] - sums[starts]) / WINDOW
    return result


def gaps(samples: audio.Samples, frequency_hz: float) -> list[Gap]:
    """Return all gaps in a tone that should last from the first sample to the last.

    A cut is told in whole blocks of 20 ms: the frequency must not have whole periods in one.
    """
    tone = demodulated(samples, frequency_hz)
    level = np.abs(tone)
    usual = float(np.median(level))
    if usual < 1 or usual < float(np.sqrt(np.mean(np.square(samples, dtype=np.float64)))) / 3:  # 0.7 of a tone alone
        return [Gap(0.0, len(samples) / audio.RATE_HZ, "silent")]
    there = level > usual * 10 ** (-FADED_DB / 20)
    found = []
    edges = np.flatnonzero(np.diff(np.concatenate(([True], there, [True])).astype(np.int8)))
    for start, end in edges.reshape(-1, 2):
        found.append(Gap(start * STEP / audio.RATE_HZ, (end - start) * STEP / audio.RATE_HZ, "silent"))
    steady = np.flatnonzero(there)
    phase = np.unwrap(np.angle(tone[steady]))
    per_block = 2 * np.pi * ((frequency_hz * BLOCK_S + 0.5) % 1 - 0.5)
    # a step lies between two windows that do not overlap each other; look from before it to after it
    reach = WINDOW // STEP + 1
    if len(phase) > reach:
        turns = phase[reach:] - phase[:-reach]
        drift = float(np.median(turns))
        steps = np.abs(turns - drift) > max(SAME_RAD, abs(per_block) / 2)
        runs = np.flatnonzero(np.diff(np.concatenate(([False], steps, [False])).astype(np.int8))).reshape(-1, 2)
        for start, end in runs:
            before, after = phase[start], phase[min(end - 1 + reach, len(phase) - 1)]
            blocks = round((after - before - drift * (end - 1 + reach - start) / reach) / per_block)
            if blocks:
                found.append(Gap(float(steady[start] + reach) * STEP / audio.RATE_HZ, blocks * BLOCK_S, "cut"))
    return sorted(found)


def begins(samples: audio.Samples, frequency_hz: float) -> float:
    """Return when the tone, and nothing beside it, is first heard, in seconds to 20 ms; the end if it never is."""
    for start in range(0, len(samples) - 800, 160):
        if audio.hears_tone(samples[start : start + 800], frequency_hz):
            return start / audio.RATE_HZ
    return len(samples) / audio.RATE_HZ
