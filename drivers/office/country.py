"""How a country's central offices sound: tones, ring cadence and times, as data."""

from typing import NamedTuple


class Tone(NamedTuple):
    """Frequencies in Hz, each at `level_dbm0`; `on_off_ms` repeats, and empty means steady."""

    frequencies: tuple[float, ...]
    level_dbm0: float
    on_off_ms: tuple[int, ...] = ()


class Country(NamedTuple):
    """All that differs from country to country. Times are seconds."""

    dial: Tone
    ringback: Tone
    busy: Tone
    congestion: Tone
    howler: Tone            # the receiver was left off the hook
    information: tuple[Tone, ...]  # the three steps of the special information tone (E.180), each its `on` long
    ring_on_s: float
    ring_off_s: float
    first_digit_s: float    # dial tone lasts so long at most
    next_digit_s: float     # a number without a digit for so long is taken for whole
    refused_s: float        # busy or congestion tone, then the howler
    howler_s: float         # then silence until the line is put on-hook
    hangup_s: float         # a loop open for less is a flash


CHINA = Country(  # GF 002-9002 (YDN 065): tones and times; E.180 supplement 2: levels
    dial=Tone((450,), -10),
    ringback=Tone((450,), -10, (1000, 4000)),
    busy=Tone((450,), -10, (350, 350)),
    congestion=Tone((450,), -10, (700, 700)),
    howler=Tone((950,), -4),
    information=(Tone((950,), -13, (330, 10)), Tone((1400,), -13, (330, 10)), Tone((1800,), -13, (330, 1000))),
    ring_on_s=1.0,
    ring_off_s=4.0,
    first_digit_s=10.0,
    next_digit_s=5.0,
    refused_s=40.0,
    howler_s=60.0,
    hangup_s=0.4,
)

COUNTRIES = {"CN": CHINA}
