"""Sound in blocks, for programs without a media pump: G.711, levels and spectra.

Samples are bytes of signed 16 bit in native order, 8000 a second; 0 dBm0 is a sine with a peak of 22826 (ITU-T
G.711 table 5). What does not fit raises ValueError, naming it.
"""

SAMPLE_RATE: int
SILENT_DBM0: float

def alaw_encode(samples: bytes) -> bytes: ...
def alaw_decode(block: bytes) -> bytes: ...
def level_dbm0(samples: bytes) -> float: ...               # -96 where there is nothing
def band_levels(samples: bytes, band_hz: float, bands: int) -> list[float]: ...
def spectral_peaks(
    samples: bytes, at_most: int = 3, within_db: float = 20.0, least_dbm0: float = -50.0
) -> list[tuple[float, float]]: ...                        # (Hz, dBm0), strongest first
