"""A line's own busy tone, measured in what is heard after the far end hung up: its frequencies and its rhythm.

Only what repeats itself exactly, for three cycles or more and as pure tones, is a tone of an exchange. All else is
named: silence, speech, music, ringback, a tone without a rhythm.
"""

from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from drivers.countries import Series, Tone
from drivers.sounds import sign
from native.dsp import level_dbm0, spectral_peaks
from native.media import Ear, MediaError

RATE = 8000
BLOCK_S = 0.01
BLOCK_BYTES = 160
KEPT_S = 12.0          # of the sound: three cycles of the slowest rhythm
JUDGED_S = 6.0         # what is no tone is named by the last of it
SOUND_DBM0 = -45.0
DROP_DB = 12.0         # so far below the tone there is none: whatever noise is on the line
HOLE_BLOCKS = 2        # two tones together fade for a moment, a click sounds for one
LEAST_CYCLES, LEAST_S = 3, 2.5
MOST_PARTS = 4         # sounds of a cycle
OFF_S, OFF_SHARE = 0.02, 0.1    # as far as the same part of two cycles may differ
OFF_HZ = 12.0
PURE = 0.7             # of the power, as the detector wants it (native.cadence)
WEAKER_DB = 10.0       # than the strongest frequency: not of the tone
LEAST_HZ, MOST_HZ = 200.0, 2500.0
LEAST_MS = 60          # of a part: the detector hears blocks of 20 ms
RINGBACK_MS = 1500     # no busy tone pauses for so long, and every ringback does
EDGE_BYTES = 2 * BLOCK_BYTES
TWICE_MS = 2000        # the detector wants shorter rhythms twice by itself


class Reason(StrEnum):
    """Why nothing can be learnt from what is heard."""

    SILENCE = "silence"
    SPEECH = "speech"
    MUSIC = "music"
    RINGBACK = "ringback"
    STEADY = "steady"    # a tone without pauses
    UNEVEN = "uneven"    # a tone without a rhythm
    KNOWN = "known"      # the country's own: it is recognised as it is


class Run(NamedTuple):
    """Blocks in a row that sound, or do not."""

    sounding: bool
    at: int
    blocks: int


class Measured(NamedTuple):
    """A tone, with the levels it was heard at; or why there is none."""

    tone: Tone | None
    reason: Reason | None = None


def written(tone: Tone) -> str:
    """Return a tone as a country's table writes it, such as 480+620/250,0/250."""
    hertz = "+".join(f"{one:g}" for one in tone.frequencies)
    lengths = zip(tone.on_off_ms[::2], tone.on_off_ms[1::2], strict=True)
    return ",".join(f"{hertz}/{on_ms},0/{off_ms}" for on_ms, off_ms in lengths)


def twice(tone: Tone) -> Tone:
    """Return a tone whose cycle must be heard twice, however long it is: a beep alone never ends a call."""
    return tone._replace(on_off_ms=tone.on_off_ms * 2) if sum(tone.on_off_ms) >= TWICE_MS else tone


class ToneMeter:
    """Takes what is heard on a line, and says what it is; of the last 12 s."""

    def __init__(self, known: dict[str, Tone | Series]) -> None:
        """`known` are the country's tones that end a call."""
        self._known = {name: sign(tone) for name, tone in known.items()}
        self.heard = b""
        self.levels: list[float] = []  # dBm0, of each 10 ms

    def hear(self, samples: bytes) -> None:
        """Take more samples, 16 bit, 8000 a second; whole ticks of 20 ms."""
        self.heard += samples
        self.levels += [level_dbm0(samples[at : at + BLOCK_BYTES]) for at in range(0, len(samples), BLOCK_BYTES)]
        spare = len(self.levels) - round(KEPT_S / BLOCK_S)
        if spare > 0:
            self.levels, self.heard = self.levels[spare:], self.heard[spare * BLOCK_BYTES :]

    def sounds_like(self) -> str:
        """Return what is heard in this second: `silence`, `tone` or `sound`."""
        last = self.heard[-RATE:]  # half a second
        if not last or level_dbm0(last) < SOUND_DBM0:
            return "silence"
        return "tone" if _tones(_loud(last)) else "sound"

    def measure(self) -> Measured:
        """Return the tone that is heard, or what is heard instead."""
        runs = self._runs(self.levels)
        cycle = _rhythm(runs[1:-1])  # the first and the last are cut
        if cycle:
            hertz = self._frequencies([run for run in cycle if run.sounding])
            if hertz:
                return self._judge(Tone(hertz, _lengths(cycle)))
        return Measured(None, self._name())

    def _judge(self, tone: Tone) -> Measured:
        if max(tone.on_off_ms[1::2]) >= RINGBACK_MS:
            return Measured(None, Reason.RINGBACK)
        if min(tone.on_off_ms) < LEAST_MS or not LEAST_HZ <= min(tone.frequencies) <= max(tone.frequencies) <= MOST_HZ:
            return Measured(None, Reason.UNEVEN)
        if Ear(False, self._known, False).hear(self.heard):
            return Measured(None, Reason.KNOWN)
        try:
            recognised = Ear(False, {"learnt": sign(twice(tone))}, False).hear(self.heard)
        except MediaError:
            recognised = []
        return Measured(tone) if recognised else Measured(None, Reason.UNEVEN)

    def _runs(self, levels: list[float]) -> list[Run]:
        """Return sounds and silences in turns."""
        loudest = sorted(levels)[-max(1, len(levels) // 20)] if levels else -96.0
        least = max(SOUND_DBM0, loudest - DROP_DB)
        runs: list[Run] = []
        for at, level in enumerate(levels):
            sounding = level >= least
            if runs and runs[-1].sounding == sounding:
                runs[-1] = runs[-1]._replace(blocks=runs[-1].blocks + 1)
            else:
                runs.append(Run(sounding, at, 1))
        joined: list[Run] = []
        for run in runs:
            if joined and (run.blocks <= HOLE_BLOCKS or run.sounding == joined[-1].sounding):
                joined[-1] = joined[-1]._replace(blocks=joined[-1].blocks + run.blocks)
            else:
                joined.append(run)
        return joined

    def _samples(self, run: Run) -> bytes:
        """Return a run's sound without its edges."""
        return self.heard[run.at * BLOCK_BYTES + EDGE_BYTES : (run.at + run.blocks) * BLOCK_BYTES - EDGE_BYTES]

    def _frequencies(self, sounds: list[Run]) -> tuple[float, ...]:
        """Return what all these sounds are made of, to 1 Hz; nothing where they differ, or are no tones."""
        found = [_tones(self._samples(run)) for run in sounds]
        longest = max(range(len(sounds)), key=lambda i: sounds[i].blocks)
        right = found[longest]
        same = all(
            one and all(min(abs(hertz - other) for other in right) <= OFF_HZ * (1 + 10 / run.blocks) for hertz in one)
            for one, run in zip(found, sounds, strict=True)
        )  # fmt: skip
        if not right or not same:
            return ()
        figures: list[float] = []
        for hertz in sorted(right):
            near = [other for one, run in zip(found, sounds, strict=True) if run.blocks >= sounds[longest].blocks - 2
                    for other in one if abs(other - hertz) <= OFF_HZ]
            figures.append(float(round(sum(near) / len(near))))
        return tuple(figures)

    def _name(self) -> Reason:
        """Say what it is that is no busy tone."""
        levels = self.levels[-round(JUDGED_S / BLOCK_S) :]
        runs = self._runs(levels)
        if not levels or max(run.sounding for run in runs) is False or max(levels) < SOUND_DBM0:
            return Reason.SILENCE
        start = len(self.levels) - len(levels)
        sounds = [run._replace(at=run.at + start) for run in runs if run.sounding]
        share = sum(run.blocks for run in sounds) / len(levels)
        parts = [part for run in sounds for part in self._pieces(run)]
        tonal = [tones for tones in (_tones(part) for part in parts) if tones]
        one_tone = len(tonal) >= 0.8 * len(parts) > 0 and len({round(max(tones) / 25) for tones in tonal}) <= 2
        if one_tone:
            pauses = [run.blocks for run in runs if not run.sounding]
            if pauses and max(pauses) * BLOCK_S * 1000 >= RINGBACK_MS:
                return Reason.RINGBACK
            return Reason.STEADY if share > 0.95 else Reason.UNEVEN
        return Reason.MUSIC if share > 0.93 or len(tonal) > 0.75 * len(parts) else Reason.SPEECH

    def _pieces(self, run: Run) -> list[bytes]:
        whole = self._samples(run)
        piece = 10 * BLOCK_BYTES
        return [whole[at : at + piece] for at in range(0, len(whole) - piece + 1, piece)]


def _rhythm(runs: list[Run]) -> list[Run]:
    """Return the last runs that are whole cycles of one rhythm, beginning with a sound; none where there is none."""
    while runs and runs[-1].sounding:
        runs = runs[:-1]
    for parts in range(1, MOST_PARTS + 1):
        steps = 2 * parts
        cycles = 1
        while len(runs) >= (cycles + 1) * steps and _alike(runs[-(cycles + 1) * steps :], steps):
            cycles += 1
        found = runs[-cycles * steps :]
        if cycles >= LEAST_CYCLES and sum(run.blocks for run in found) * BLOCK_S >= LEAST_S:
            return found if found[0].sounding else []
    return []


def _alike(runs: list[Run], steps: int) -> bool:
    for step in range(steps):
        lengths = [run.blocks * BLOCK_S for run in runs[step::steps]]
        if max(lengths) - min(lengths) > 2 * OFF_S + OFF_SHARE * max(lengths):
            return False
    return True


def _lengths(runs: list[Run]) -> tuple[int, ...]:
    """Return on and off of a cycle in ms, its longest silence last."""
    steps = next(
        2 * parts for parts in range(1, MOST_PARTS + 1)
        if len(runs) % (2 * parts) == 0 and _alike(runs, 2 * parts)
    )  # fmt: skip
    cycles = len(runs) // steps
    lengths = [round(sum(run.blocks for run in runs[step::steps]) / cycles) * 10 for step in range(steps)]
    offs = lengths[1::2]
    last = 2 * (offs.index(max(offs)) + 1)
    return tuple(lengths[last:] + lengths[:last])


def _tones(heard: bytes) -> list[float]:
    """Return the frequencies that a sound is made of, where they are most of it."""
    if len(heard) < BLOCK_BYTES:
        return []
    peaks = spectral_peaks(heard, at_most=4, within_db=WEAKER_DB, least_dbm0=SOUND_DBM0 - 3)
    apart = [hertz for hertz, _ in peaks]
    if any(abs(one - other) < 25.0 for one, other in pairwise(sorted(apart))):
        return []
    power = sum(10 ** (level / 10) for _, level in peaks)
    return apart if power >= PURE * 10 ** (level_dbm0(heard) / 10) else []


def _loud(heard: bytes) -> bytes:
    """Return the longest sounding part."""
    blocks = [heard[at : at + BLOCK_BYTES] for at in range(0, len(heard), BLOCK_BYTES)]
    levels = [level_dbm0(block) for block in blocks]
    least = max(levels) - DROP_DB
    best, now = b"", b""
    for block, level in zip(blocks, levels, strict=True):
        now = now + block if level >= least else b""
        best = max(best, now, key=len)
    return best[EDGE_BYTES:-EDGE_BYTES]
