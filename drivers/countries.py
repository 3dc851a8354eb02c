"""What differs from country to country on a telephone line: tones, ring cadence, caller id, hangup, impedance; as data.

The rows and their sources are in countries.toml. It chooses what is sent to plain telephones, and what a test of a line
expects; what is recognised on lines does not depend on it, but for the tones.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

SOURCES, FROM = "sources", "_from"
LEVEL_DBM0 = -12.0  # E.180 §5 recommends -10 dBm0 +-5 dB
# ITU-T E.180 recommends these to administrations (§4; §9 the special information tone); for a country without a row.
RECOMMENDED = {
    "dial": "425",
    "ringback": "425/1000,0/4000",
    "busy": "425/500,0/500",
    "congestion": "425/250,0/250",
    "information": "950/330,1400/330,1800/330,0/1000",
    "stutter": ",".join(["!425/100,!0/100"] * 6 + ["425"]),  # the commonest form of libtonezone's rows
    "waiting": "425/200,0/600,425/200,0/10000",  # of E.180's range
    "ring_ms": [1000, 4000],
    "howler": "1400+2060+2450+2600/100,0/100",  # the receiver was left off; North America's, where a row has none
}
CALLER_ID = ("bell202", "v23", "aclip", "jclip", "fsk", "dtmf-a", "dtmf-d", "dtmf-hash", "dtmf")
STARTS = ("ring", "alert", "reversal", "request", "nothing")
HANGUPS = ("tone", "reversal", "break")
STEADY_MS = 1000  # a steady tone is played in pieces so long
ROUND_MS = 4000  # between two rounds of a tone that is written without a pause at its end
APART_MS = 500  # a silence so long is between two of a series, not within one


class Tone(NamedTuple):
    """One tone: its frequencies in Hz, and its on and off times in ms, in turns; no off time, and it is steady.

    Where a country modulates its tone, `frequencies` are the carrier's, and receivers listen for that.
    """

    frequencies: tuple[float, ...]
    on_off_ms: tuple[int, ...]
    modulated_hz: float = 0.0

    @property
    def steady(self) -> bool:
        """Whether it never pauses."""
        return not any(self.on_off_ms[1::2])

    @property
    def cycle_s(self) -> float:
        """How long the cadence takes before it repeats, in seconds; of a steady tone, one second."""
        return sum(self.on_off_ms) / 1000


class Sound(NamedTuple):
    """One sound of a series: `frequencies` in Hz for `on_ms`, after `gap_ms` of silence."""

    frequencies: tuple[float, ...]
    on_ms: int
    gap_ms: int


Series = tuple[Sound, ...]
"""Sounds of different frequencies one after the other."""


class Stutter(NamedTuple):
    """A dial tone that is told from the usual one: what is heard once, and what then repeats for ever."""

    once: tuple[Tone, ...]
    repeated: tuple[Tone, ...]


class Country(NamedTuple):
    """A country's telephone lines; what is empty is not known, and nothing is expected then.

    `caller_id`: of CALLER_ID, the commonest first. `sources`: of each field that is known, what says so.
    """

    dial: Tone
    ringback: Tone
    busy: Tone
    congestion: Tone
    information: Tone | Series  # the call cannot be completed; an announcement follows
    stutter: Stutter            # dial tone where new messages wait
    waiting: tuple[Tone, ...]   # another call waits for who talks; one round of it
    howler: Tone                # the receiver was left off the hook
    ring_ms: tuple[int, ...]    # ring voltage on and off in turns
    caller_id: tuple[str, ...]
    caller_id_start: str        # what the caller id comes after: of STARTS
    hangup: tuple[str, ...]     # how a line is told that the far end hung up: of HANGUPS
    break_ms: int               # how long the battery goes away then; 0 is not known
    opermode: str               # the line's impedance in DAHDI's words; "" where DAHDI has none for it
    sources: dict[str, tuple[str, ...]]


@cache
def country(code: str) -> Country:
    """Return a country's row (ISO 3166, two capitals); the recommended one where there is none."""
    row = RECOMMENDED | _rows().get(code, {})
    return Country(
        dial=_tone(row["dial"]),
        ringback=_tone(row["ringback"]),
        busy=_tone(row["busy"]),
        congestion=_tone(row["congestion"]),
        information=_information(row["information"]),
        stutter=_stutter(row["stutter"]),
        waiting=_waiting(row["waiting"]),
        howler=_tone(row["howler"]),
        ring_ms=tuple(row["ring_ms"]),
        caller_id=tuple(row.get("caller_id", ())),
        caller_id_start=row.get("caller_id_start", ""),
        hangup=tuple(row.get("hangup", ())),
        break_ms=row.get("break_ms", 0),
        opermode=row.get("opermode", ""),
        sources=_sources(row) if code in _rows() else {},
    )


def written(code: str) -> dict[str, str]:
    """Return a country's tones by name, as the table has them; the recommended ones where it has none."""
    row = RECOMMENDED | _rows().get(code, {})
    return {name: row[name] for name in RECOMMENDED if isinstance(row[name], str)}


def codes() -> list[str]:
    """Return the countries that have a row."""
    return sorted(_rows())


def tone(text: str) -> Tone:
    """Return a tone written as the table has it, such as 480+620/250,0/250; ValueError where it is none."""
    return _tone(text)


@cache
def _table() -> dict[str, dict[str, Any]]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))


def _rows() -> dict[str, dict[str, Any]]:
    return {code: row for code, row in _table().items() if code != SOURCES}


def _sources(row: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return what says each field that a row has; tones and cadences, and impedances, are of one source each."""
    named = {field: ("tonezone",) for field in RECOMMENDED if field != "howler"}
    if "opermode" in row:
        named["opermode"] = ("dahdi",)
    named |= {field.removesuffix(FROM): tuple(names) for field, names in row.items() if field.endswith(FROM)}
    return {field: tuple(_table()[SOURCES][name] for name in names) for field, names in named.items()}


class _Part(NamedTuple):
    frequencies: tuple[float, ...]  # none: silence
    modulated_hz: float
    length_ms: int                  # 0: for ever
    once: bool


def _parts(text: str) -> list[_Part]:
    parts = []
    for part in text.split(","):
        sound, _, length = part.removeprefix("!").partition("/")
        carrier, _, modulation = sound.partition("*")
        frequencies = () if sound == "0" else tuple(float(hertz) for hertz in carrier.split("+"))
        parts.append(_Part(frequencies, float(modulation or 0), int(length or 0), part.startswith("!")))
    return parts


def _tone(text: str) -> Tone:
    repeated = [part for part in _parts(text) if not part.once]
    once_ms = repeated[0].length_ms or STEADY_MS
    times = (once_ms, 0) if len(repeated) == 1 else tuple(part.length_ms for part in repeated)
    return Tone(repeated[0].frequencies, times, repeated[0].modulated_hz)


def _stutter(text: str) -> Stutter:
    heard: tuple[list[Tone], list[Tone]] = ([], [])
    for part in _parts(text):
        tones = heard[0 if part.once else 1]
        if part.frequencies:
            tones.append(Tone(part.frequencies, (part.length_ms or STEADY_MS, 0), part.modulated_hz))
        else:  # the pause after the sound before
            tones[-1] = tones[-1]._replace(on_off_ms=(tones[-1].on_off_ms[0], part.length_ms))
    return Stutter(tuple(heard[0]), tuple(heard[1]))


def _waiting(text: str) -> tuple[Tone, ...]:
    """Return one round of it. One that is written to end goes on all the same, after a pause: the call still waits."""
    tones: list[Tone] = []
    for part in _parts(text):
        if part.frequencies:
            tones.append(Tone(part.frequencies, (part.length_ms, 0), part.modulated_hz))
        else:  # the pause after the sound before
            tones[-1] = tones[-1]._replace(on_off_ms=(tones[-1].on_off_ms[0], part.length_ms))
    on_ms, off_ms = tones[-1].on_off_ms
    return (*tones[:-1], tones[-1]._replace(on_off_ms=(on_ms, off_ms or ROUND_MS)))


def _information(text: str) -> Tone | Series:
    """Return a series where its frequencies differ; else the rhythm."""
    parts = _parts(text)
    sounds: list[Sound] = []
    gap_ms = 0
    for part in parts:
        if part.frequencies and part.length_ms:
            sounds.append(Sound(part.frequencies, part.length_ms, gap_ms))
            gap_ms = 0
        elif sounds and part.length_ms >= APART_MS:
            break
        elif sounds:
            gap_ms += part.length_ms
    if len({sound.frequencies for sound in sounds}) > 1:
        return tuple(sounds)
    repeated = [part for part in parts if not part.once]
    if not any(part.frequencies for part in repeated):
        repeated = parts[:2]  # one that ends is known by its first sound
    return Tone(parts[0].frequencies, tuple(part.length_ms for part in repeated))
