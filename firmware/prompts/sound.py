"""From any sound to one a telephone carries well: 8 kHz, 300 to 3400 Hz, an even level, no silence at its ends."""

import wave
from math import gcd
from pathlib import Path

import numpy as np

from firmware.prompts.catalogue import RATE_HZ
from firmware.prompts.speech import Samples

FULL_SCALE_DBM0 = 3.14  # a full-scale sine in A-law, ITU-T G.711 table 5
FRAME = RATE_HZ // 50  # 20 ms
MARGIN_S = 0.04  # kept silent at both ends, so that pieces may follow each other
ACTIVE_DB = 20.0  # a frame this far below the loudest is a pause
SILENT_DB = 40.0  # a frame this far below the loudest is not speech at all
ABOVE_NOISE_DB = 10.0  # louder than the noise by so much is no longer noise
BESIDE_SPEECH = 4  # frames
PEAK = 0.89  # of full scale: 1 dB of room


def rms_of_dbm0(level_dbm0: float) -> float:
    """Return the root mean square, of full scale, that a level has."""
    return float(10 ** ((level_dbm0 - FULL_SCALE_DBM0) / 20) / np.sqrt(2))


def band_gain(length: int, rate_hz: int) -> Samples:
    """Return what passes of each bin of an rfft: 300 to 3400 Hz, with raised cosines down to 200 and up to 3700."""
    frequency_hz = np.fft.rfftfreq(length, 1 / rate_hz)
    rise = np.clip((frequency_hz - 200) / 100, 0, 1)
    fall = np.clip((3700 - frequency_hz) / 300, 0, 1)
    return np.asarray((0.5 - 0.5 * np.cos(np.pi * rise)) * (0.5 - 0.5 * np.cos(np.pi * fall)), dtype=np.float64)


def telephone_band(samples: Samples, rate_hz: int) -> Samples:
    """Return the samples at 8 kHz with only the telephone's band left and some silence around them."""
    common = gcd(rate_hz, RATE_HZ)
    block = rate_hz // common
    room = rate_hz // 20  # the filter rings before a sudden beginning and after a sudden end
    padded = np.zeros((len(samples) + 2 * room) // block * block + block)
    padded[room : room + len(samples)] = samples
    spectrum = np.fft.rfft(padded) * band_gain(len(padded), rate_hz)
    out_length = len(padded) // block * (RATE_HZ // common)
    kept = np.zeros(out_length // 2 + 1, complex)
    bins = min(len(kept), len(spectrum))
    kept[:bins] = spectrum[:bins]
    return np.fft.irfft(kept, out_length) * (out_length / len(padded))


def frame_levels(samples: Samples) -> Samples:
    """Return the root mean square of each whole 20 ms."""
    frames = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME)
    return np.asarray(np.sqrt(np.mean(frames**2, axis=1)), dtype=np.float64)


def active_level(samples: Samples) -> float:
    """Return the root mean square over speech alone, pauses left out (after ITU-T P.56)."""
    levels = frame_levels(samples)
    active = levels[levels > levels.max() * 10 ** (-ACTIVE_DB / 20)]
    return float(np.sqrt(np.mean(active**2)))


def trimmed(samples: Samples, noisy: bool = False) -> Samples:
    """Return the samples without the silence before and after, 40 ms of quiet at both ends.

    In a `noisy` one, such as a telephone's, silence is what is hardly louder than its quietest tenth; what is kept
    begins and ends a little outside of the speech, whose soft consonants are hardly louder either.
    """
    levels = frame_levels(samples)
    loudest, beside = levels.max(), 0
    threshold = loudest * 10 ** (-SILENT_DB / 20)
    if noisy:
        floor = float(np.percentile(levels, 10)) * 10 ** (ABOVE_NOISE_DB / 20)
        threshold, beside = min(max(threshold, floor), loudest * 10 ** (-ACTIVE_DB / 20)), BESIDE_SPEECH
    loud = np.flatnonzero(levels > threshold)
    kept = samples[max(0, loud[0] - beside) * FRAME : (loud[-1] + 1 + beside) * FRAME].copy()
    fade = np.linspace(0, 1, FRAME // 4)
    kept[: len(fade)] *= fade
    kept[-len(fade) :] *= fade[::-1]
    return np.pad(kept, int(MARGIN_S * RATE_HZ))


def levelled(samples: Samples, level_dbm0: float) -> Samples:
    """Return the samples at that active level, or as near to it as the loudest sample allows."""
    gain = rms_of_dbm0(level_dbm0) / active_level(samples)
    return samples * min(gain, PEAK / float(np.max(np.abs(samples))))


def write(path: Path, samples: Samples) -> None:
    """Write a mono WAV, 8 kHz, 16 bit, whole or not at all."""
    data = np.round(samples * 32767).astype("<i2").tobytes()
    unfinished = path.with_suffix(".part")
    with wave.open(str(unfinished), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE_HZ)
        out.writeframes(data)
    unfinished.rename(path)
