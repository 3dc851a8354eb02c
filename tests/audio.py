"""What the tests hear: levels, tones, silences and likeness of sounds, judged by numpy alone, never by native/.

Samples are numpy arrays of 16-bit values (any integer or float type) at 8000 a second unless a rate is given.
"""

import struct
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[Any]

RATE_HZ = 8000
FULL_SCALE = 32768.0
SILENT_DBM0 = -96.0
SINE_AT_FULL_SCALE_DBM0 = 3.14  # ITU-T G.711 for A-law: the largest sine the code can carry
_RMS_AT_FULL_SCALE_DBM0 = SINE_AT_FULL_SCALE_DBM0 + 10 * np.log10(2)  # a sine's RMS is 3.01 dB below its peak


class Wav(NamedTuple):
    """A sound file: `samples` has one row a sample time and one column a channel."""

    rate_hz: int
    samples: npt.NDArray[np.int16]

    @property
    def duration_s(self) -> float:
        """Return how long it lasts."""
        return len(self.samples) / self.rate_hz

    def channel(self, number: int) -> npt.NDArray[np.int16]:
        """Return one channel's samples: 0 is left."""
        return self.samples[:, number]


class Match(NamedTuple):
    """Where a reference sits in what was heard: `offset` in samples, `likeness` 1.0 same shape, 0 nothing alike."""

    offset: int
    likeness: float


class Span(NamedTuple):
    """A stretch of time, in seconds from the first sample."""

    start_s: float
    end_s: float

    @property
    def duration_s(self) -> float:
        """Return how long it lasts."""
        return self.end_s - self.start_s


def read_wav(path: str | Path) -> Wav:
    """Read a PCM 16-bit WAV as a player would: a size that is wrong or zero means "to the end of the file".

    So a file whose writer was killed can be read. Raises ValueError when no sound can be found in it.
    """
    data = Path(path).read_bytes()
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise ValueError(f"{path}: not a WAV file")
    position, rate_hz, channels = 12, 0, 0
    while position + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, position)
        position += 8
        if name == b"fmt ":
            coding, channels, rate_hz, _, _, bits = struct.unpack_from("<HHIIHH", data, position)
            if coding not in (1, 0xFFFE) or bits != 16:
                raise ValueError(f"{path}: coding {coding} with {bits} bits, not 16-bit PCM")
        if name == b"data":
            if not channels:
                raise ValueError(f"{path}: data before its format")
            room = len(data) - position
            size = room if size in (0, 0xFFFFFFFF) else min(size, room)
            size -= size % (2 * channels)
            samples = np.frombuffer(data, "<i2", size // 2, position).astype(np.int16)
            return Wav(rate_hz, samples.reshape(-1, channels))
        position += size + size % 2
    raise ValueError(f"{path}: no sound in it")


def promised_data_bytes(path: str | Path) -> int:
    """Return how many bytes of sound the header of a plain 44-byte-header WAV promises."""
    return int(struct.unpack_from("<I", Path(path).read_bytes(), 40)[0])


def write_wav(path: str | Path, samples: Samples, rate_hz: int = RATE_HZ) -> None:
    """Write PCM 16-bit; samples of shape (n,) are mono, (n, channels) more."""
    body = np.asarray(samples).astype("<i2")
    channels = 1 if body.ndim == 1 else body.shape[1]
    form = struct.pack("<HHIIHH", 1, channels, rate_hz, rate_hz * channels * 2, channels * 2, 16)
    size = body.nbytes
    head = struct.pack("<4sI4s4sI", b"RIFF", 36 + size, b"WAVE", b"fmt ", 16) + form
    Path(path).write_bytes(head + struct.pack("<4sI", b"data", size) + body.tobytes())


# ---- A-law (ITU-T G.711 table 1a), from its definition and not from anybody's table ----------------------------------


def _alaw_values() -> npt.NDArray[np.int16]:
    codes = np.arange(256) ^ 0x55
    exponent, mantissa = (codes >> 4) & 7, codes & 15
    value = np.where(exponent == 0, (mantissa << 4) + 8, ((mantissa << 4) + 0x108) << np.maximum(exponent - 1, 0))
    signed: npt.NDArray[np.int16] = np.where(codes & 0x80, value, -value).astype(np.int16)
    return signed


_ALAW = _alaw_values()
_ALAW_ORDER = np.argsort(_ALAW)
_ALAW_EDGES = (_ALAW[_ALAW_ORDER][1:].astype(np.int32) + _ALAW[_ALAW_ORDER][:-1]) / 2


def decode_alaw(block: bytes) -> npt.NDArray[np.int16]:
    """Return the 16-bit values of A-law bytes."""
    return _ALAW[np.frombuffer(block, np.uint8)]


def encode_alaw(samples: Samples) -> bytes:
    """Return the A-law bytes whose values are nearest to the samples."""
    places = np.searchsorted(_ALAW_EDGES, np.asarray(samples))
    return bytes(_ALAW_ORDER[places].astype(np.uint8).tobytes())


# ---- judgement -------------------------------------------------------------------------------------------------------


def level_dbm0(samples: Samples) -> float:
    """Return the RMS level in dBm0: the largest A-law sine is +3.14; digital silence is -96."""
    values = np.asarray(samples, np.float64)
    rms = np.sqrt(np.mean(values**2)) if len(values) else 0.0
    return _dbm0(rms)


def _dbm0(rms: float) -> float:
    if rms <= 0:
        return SILENT_DBM0
    return max(SILENT_DBM0, float(20 * np.log10(rms / FULL_SCALE) + _RMS_AT_FULL_SCALE_DBM0))


def amplitude(level_dbm0_of_sine: float) -> float:
    """Return the peak of a sine of this level."""
    return float(FULL_SCALE * 10 ** ((level_dbm0_of_sine - SINE_AT_FULL_SCALE_DBM0) / 20))


def sine(frequency_hz: float, duration_s: float, level_dbm0: float = -12) -> Samples:
    """Return a steady tone."""
    time_s = np.arange(int(duration_s * RATE_HZ)) / RATE_HZ
    return (amplitude(level_dbm0) * np.sin(2 * np.pi * frequency_hz * time_s)).astype(np.int16)


def tone_dbm0(samples: Samples, frequency_hz: float, rate_hz: int = RATE_HZ) -> float:
    """Return the level of one frequency in the samples (Hann window: 60 dB down two bins, 2 / duration, away)."""
    values = np.asarray(samples, np.float64)
    if len(values) < 2:
        return SILENT_DBM0
    window = np.hanning(len(values))
    turn = np.exp(-2j * np.pi * frequency_hz / rate_hz * np.arange(len(values)))
    peak = 2 * abs(np.sum(values * window * turn)) / np.sum(window)
    return _dbm0(peak / np.sqrt(2))


def strongest_hz(samples: Samples, rate_hz: int = RATE_HZ) -> float:
    """Return the frequency of the strongest tone, to about a tenth of a bin; 0.0 for digital silence."""
    values = np.asarray(samples, np.float64)
    if not np.any(values):
        return 0.0
    spectrum = np.abs(np.fft.rfft((values - values.mean()) * np.hanning(len(values))))
    top = int(np.argmax(spectrum[1:-1])) + 1
    below, at, above = np.log(np.maximum(spectrum[top - 1 : top + 2], 1e-9))
    curve = below - 2 * at + above
    shift = 0.0 if curve == 0 else 0.5 * (below - above) / curve
    return float((top + shift) * rate_hz / len(values))


def hears_tone(samples: Samples, frequency_hz: float, rate_hz: int = RATE_HZ) -> bool:
    """Say whether one frequency is most (over three quarters) of the power heard, and not below -45 dBm0."""
    tone = tone_dbm0(samples, frequency_hz, rate_hz)
    return tone > -45 and tone > level_dbm0(samples) - 1.25


def has_tone(samples: Samples, frequency_hz: float, length_s: float = 0.2) -> bool:
    """Say whether the tone is heard for a time somewhere: a far end that a busy machine made late leaves holes."""
    length = int(length_s * RATE_HZ)
    starts = range(0, len(samples) - length + 1, RATE_HZ // 50)
    return any(hears_tone(samples[start : start + length], frequency_hz) for start in starts)


def best_match(heard: Samples, reference: Samples) -> Match:
    """Find where the whole reference is most alike in what was heard (normalised cross-correlation).

    The likeness is of shape: level does not count. A wrong prompt gives less than 0.4, the same through G.711
    more than 0.98. Offset 0 when `heard` is shorter than the reference; then nothing is alike.
    """
    long = np.asarray(heard, np.float64)
    short = np.asarray(reference, np.float64)
    if len(short) == 0 or len(long) < len(short):
        return Match(0, 0.0)
    short = short - short.mean()
    size = 1 << int(np.ceil(np.log2(len(long) + len(short))))
    product = np.fft.irfft(np.fft.rfft(long, size) * np.conj(np.fft.rfft(short, size)), size)
    product = product[: len(long) - len(short) + 1]
    count = len(short)
    sums = np.concatenate(([0.0], np.cumsum(long)))
    squares = np.concatenate(([0.0], np.cumsum(long**2)))
    mean = (sums[count:] - sums[:-count]) / count
    energy = squares[count:] - squares[:-count] - count * mean**2
    floor = count * 4.0  # below an RMS of 2 steps there is only rounding, which is like nothing
    likeness = np.where(energy > floor, product / np.sqrt(np.maximum(energy, floor) * max(np.sum(short**2), 1e-9)), 0)
    best = int(np.argmax(likeness))
    return Match(best, float(likeness[best]))


def _loud(samples: Samples, above_dbm0: float, window_ms: float, rate_hz: int) -> tuple[npt.NDArray[np.bool_], int]:
    step = max(1, round(rate_hz * window_ms / 1000))
    values = np.asarray(samples, np.float64)
    blocks = values[: len(values) // step * step].reshape(-1, step)
    limit = FULL_SCALE * 10 ** ((above_dbm0 - _RMS_AT_FULL_SCALE_DBM0) / 20)
    return np.sqrt(np.mean(blocks**2, axis=1)) > limit, step


def _spans(flags: npt.NDArray[np.bool_], step: int, rate_hz: int, at_least_ms: float) -> list[Span]:
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    spans = [Span(a * step / rate_hz, b * step / rate_hz) for a, b in edges.reshape(-1, 2)]
    return [span for span in spans if span.duration_s * 1000 >= at_least_ms - 1e-6]


def silences(
    samples: Samples,
    below_dbm0: float = -50.0,
    at_least_ms: float = 40.0,
    window_ms: float = 5.0,
    rate_hz: int = RATE_HZ,
) -> list[Span]:
    """Return where it was quieter than `below_dbm0` for at least so long, to one window's accuracy."""
    loud, step = _loud(samples, below_dbm0, window_ms, rate_hz)
    return _spans(~loud, step, rate_hz, at_least_ms)


def sounds(
    samples: Samples,
    above_dbm0: float = -50.0,
    at_least_ms: float = 20.0,
    window_ms: float = 5.0,
    rate_hz: int = RATE_HZ,
) -> list[Span]:
    """Return where it was louder than `above_dbm0` for at least so long, to one window's accuracy."""
    loud, step = _loud(samples, above_dbm0, window_ms, rate_hz)
    return _spans(loud, step, rate_hz, at_least_ms)


def cut(samples: Samples, span: Span, rate_hz: int = RATE_HZ) -> Samples:
    """Return the samples of a span."""
    return samples[round(span.start_s * rate_hz) : round(span.end_s * rate_hz)]
