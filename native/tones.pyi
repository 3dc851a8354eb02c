"""Tones and keys, made and recognised a block at a time, for programs without a media pump.

Samples are as in native.dsp. Objects belong to one thread. What does not fit raises ValueError, naming it.
"""

from collections.abc import Sequence
from typing import NamedTuple

class Segment(NamedTuple):
    """One of the tones listened for, or none of them (`tone` is -1), without a break, from a sample to a sample."""

    tone: int
    start: int
    end: int

class ToneSender:
    """A tone of up to four frequencies, each at `level_dbm0`; `on_off_ms` repeats, and empty means steady."""

    def __init__(self, frequencies: Sequence[float], level_dbm0: float, on_off_ms: Sequence[int] = ()) -> None: ...
    def read(self, count: int) -> bytes: ...

class ToneReceiver:
    """Tells which of some tones (sets of frequencies) is there, and from when to when, to 10 ms."""

    current: Segment                                       # what is there now, as far as it has come
    def __init__(self, tones: Sequence[Sequence[float]]) -> None: ...
    def receive(self, samples: bytes) -> list[Segment]: ...

class DtmfSender:
    """Presses keys: each tone for `on_ms`, then silence for `off_ms`; each of the two frequencies at `level_dbm0`."""

    def __init__(self, level_dbm0: int = -10, on_ms: int = 100, off_ms: int = 100) -> None: ...
    def put(self, digits: str) -> None: ...
    def read(self, count: int) -> bytes: ...               # shorter when the last key's silence is over

class DtmfReceiver:
    """Recognises keys (ITU-T Q.24; spandsp's limits: 40 ms on and off, twist +8/-4 dB, +-1.3 %)."""

    def receive(self, samples: bytes) -> str: ...          # keys whose tone began in these samples
