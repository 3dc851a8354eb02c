"""Call-progress tones by country: what a line says, and what the box says to its callers.

Data: China GF 002 and ITU-T E.180 Supplement 2, in the notation and for the other countries by the values of
libtonezone (dahdi-tools 2.11): `frequency[+frequency]/ms` and `0/ms` for silence, repeated for ever; without ms,
steady. Where a country modulates its tone (`425*24` there), the carrier alone is written here: receivers listen for it.
Levels: E.180 §5 recommends -10 dBm0 +-5 dB.
"""

from typing import NamedTuple

LEVEL_DBM0 = -12.0

# ITU-T E.180 §4 recommends these to administrations; for a country that is not in the table.
RECOMMENDED = ("425", "425/1000,0/4000", "425/500,0/500", "425/250,0/250")

# country: dial, ringback, busy, congestion
TABLE: dict[str, tuple[str, str, str, str]] = {
    "AU": ("415+440", "413+438/400,0/200,413+438/400,0/2000", "425/375,0/375", "425/375,0/375"),
    "BR": ("425", "425/1000,0/4000", "425/250,0/250", "425/250,0/250,425/750,0/250"),
    "CN": ("450", "450/1000,0/4000", "450/350,0/350", "450/700,0/700"),
    "DE": ("425", "425/1000,0/4000", "425/480,0/480", "425/240,0/240"),
    "ES": ("425", "425/1500,0/3000", "425/200,0/200", "425/200,0/200,425/200,0/200,425/200,0/600"),
    "FR": ("440", "440/1500,0/3500", "440/500,0/500", "440/250,0/250"),
    "GB": ("350+440", "400+450/400,0/200,400+450/400,0/2000", "400/375,0/375", "400/400,0/350,400/225,0/525"),
    "IN": ("400", "400/400,0/200,400/400,0/2000", "400/750,0/750", "400/250,0/250"),
    "IT": ("425/200,0/200,425/600,0/1000", "425/1000,0/4000", "425/500,0/500", "425/200,0/200"),
    "JP": ("400", "400/1000,0/2000", "400/500,0/500", "400/500,0/500"),
    "MO": ("425", "425/1000,0/4000", "425/500,0/500", "425/250,0/250"),
    "MY": ("425", "425/400,0/200,425/400,0/2000", "425/500,0/500", "425/500,0/500"),
    "NL": ("425", "425/1000,0/4000", "425/500,0/500", "425/250,0/250"),
    "NZ": ("400", "400+450/400,0/200,400+450/400,0/2000", "400/500,0/500", "400/250,0/250"),
    "RU": ("425", "425/1000,0/4000", "425/350,0/350", "425/175,0/175"),
    "SG": ("425", "425/400,0/200,425/400,0/2000", "425/750,0/750", "425/250,0/250"),
    "TH": ("400", "400/1000,0/4000", "400/500,0/500", "400/300,0/300"),
    "TW": ("350+440", "440+480/1000,0/2000", "480+620/500,0/500", "480+620/250,0/250"),
    "US": ("350+440", "440+480/2000,0/4000", "480+620/500,0/500", "480+620/250,0/250"),
}


class Tone(NamedTuple):
    """One tone: its frequencies in Hz, and its on and off times in ms, in turns; no off time, and it is steady."""

    frequencies: tuple[float, ...]
    on_off_ms: tuple[int, ...]

    @property
    def steady(self) -> bool:
        """Whether it never pauses."""
        return not any(self.on_off_ms[1::2])

    @property
    def cycle_s(self) -> float:
        """How long the cadence takes before it repeats, in seconds; of a steady tone, one second."""
        return sum(self.on_off_ms) / 1000


class Tones(NamedTuple):
    """A country's tones."""

    dial: Tone
    ringback: Tone
    busy: Tone
    congestion: Tone


def tones(country: str) -> Tones:
    """Return the tones of a country (ISO 3166, two capitals); the recommended ones where it is not in the table."""
    return Tones(*(_parse(text) for text in TABLE.get(country, RECOMMENDED)))


def _parse(text: str) -> Tone:
    frequencies: tuple[float, ...] = ()
    times: list[int] = []
    for part in text.split(","):
        sound, _, time_ms = part.partition("/")
        if sound != "0":
            frequencies = tuple(float(frequency) for frequency in sound.split("+"))
        times.append(int(time_ms or 1000))
    return Tone(frequencies, tuple(times) if len(times) > 1 else (times[0], 0))
