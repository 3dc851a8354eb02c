"""Signals of the telephone world, made and recognised a block at a time, for programs without a media pump.

Samples are bytes of signed 16 bit in native order, 8000 a second; 0 dBm0 is a sine with a peak of 22826 (ITU-T
G.711 table 5). Objects belong to one thread. What does not fit raises ValueError, naming it.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

SAMPLE_RATE: int
SILENT_DBM0: float

class Segment(NamedTuple):
    """One of the tones listened for, or none of them (`tone` is -1), without a break, from a sample to a sample."""

    tone: int
    start: int
    end: int

class CallerId(NamedTuple):
    """What the office says of the caller; texts are empty where it says nothing."""

    number: str
    name: str
    withheld: bool

def alaw_encode(samples: bytes) -> bytes: ...
def alaw_decode(block: bytes) -> bytes: ...
def level_dbm0(samples: bytes) -> float: ...               # -96 where there is nothing
def band_levels(samples: bytes, band_hz: float, bands: int) -> list[float]: ...
def spectral_peaks(
    samples: bytes, at_most: int = 3, within_db: float = 20.0, least_dbm0: float = -50.0
) -> list[tuple[float, float]]: ...                        # (Hz, dBm0), strongest first

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

class CallerIdSender:
    """A caller's number as the office sends it: MDMF by FSK of either kind, or D (or A) NUMBER C; or jclip."""

    kind: str
    def __init__(
        self,
        kind: Literal["fsk", "v23", "jclip", "dtmf", "dtmf-a", "dtmf-hash"],
        number: str,
        name: str = "",
        withheld: bool = False,
        time_mmddhhmm: str = "",
        alert: bool = False,
    ) -> None: ...
    def read(self, count: int) -> bytes: ...               # shorter when the message is over

class CallerIdReceiver:
    """Reads what CallerIdSender sends."""

    def __init__(self, kind: Literal["fsk", "v23", "jclip", "dtmf", "dtmf-a", "dtmf-hash"]) -> None: ...
    def receive(self, samples: bytes) -> list[CallerId]: ...
