"""Sounds as the media core wants them: prompts read once and kept, tones of the box's country, keys."""

from __future__ import annotations

import asyncio
import math
import os
from array import array
from collections import OrderedDict
from collections.abc import Sequence

from drivers import countries
from drivers.countries import LEVEL_DBM0, Tone
from drivers.link import messages
from drivers.link.errors import BadSound
from native import media
from native.media import Cadence, MediaError, Prompt

PLAYED = ("dial", "ringback", "busy", "congestion")
FAX = Cadence((1100.0,), LEVEL_DBM0, (500, 1500))  # T.30 §4.1: the pause is 3 s; half of it tells enough, and sooner
E180_INFORMATION = countries.country("").information

Native = Prompt | Cadence | int

RATE = 8000
KEPT_S = 2 * 3600.0  # of prompts in memory: 115 MB at most
DIALLED_S = 60.0  # longer than dial tone sounds
ENDLESS_S = 600.0  # a call-progress tone sounds until stopped, but not for ever

KEYS = "123A456B789C*0#D"
LOW_HZ = (697, 770, 852, 941)
HIGH_HZ = (1209, 1336, 1477, 1633)
KEY_ON_S, KEY_OFF_S = 0.1, 0.1  # ITU-T Q.24 asks for 40 ms at least; exchanges differ, so twice and more
KEY_LEVELS_DBM0 = (-9.0, -7.0)  # low and high group: 2 dB of twist make up for the line's own
HOWLER_DBM0 = -9.0  # of each of up to four frequencies: as loud as can be
FULL_SCALE_DBM0 = 3.14  # a sine at full scale, ITU-T G.711 Table 1a

_Stamp = tuple[int, int]


def cadence(tone: Tone) -> Cadence:
    """Return a tone as the media core plays it and listens for it."""
    return Cadence(tone.frequencies, LEVEL_DBM0, tone.on_off_ms, tone.modulated_hz)


def sign(tone: Tone | countries.Series) -> Cadence | media.Series:
    """Return a tone, or sounds one after the other, as the media core listens for them."""
    if isinstance(tone, Tone):
        return cadence(tone)
    return media.Series(tuple(media.Sound(*sound) for sound in tone))


class Sounds:
    """What may be played, by name. Prompts are read off the loop and kept while their file stays as it was."""

    def __init__(self, country: str) -> None:
        self._prompts: OrderedDict[str, tuple[_Stamp, Prompt]] = OrderedDict()
        self._kept_s = 0.0
        self._keys: dict[str, Prompt] = {}
        self._beep = Prompt(sine((1000.0,), 0.4, LEVEL_DBM0).tobytes())
        self.set_country(country)

    def set_country(self, country: str) -> None:
        """Take the tones of another country from now on."""
        self.tones = countries.country(country)
        self.cadences = {name: cadence(getattr(self.tones, name)) for name in PLAYED}
        howler = self.tones.howler
        self.howler = Cadence(howler.frequencies, HOWLER_DBM0, howler.on_off_ms)
        self.stutter: list[Native] = [cadence(tone) for tone in self.tones.stutter.once]
        repeated = self.tones.stutter.repeated
        self.stutter += [cadence(tone) for tone in repeated] * round(DIALLED_S / sum(tone.cycle_s for tone in repeated))
        self.waiting: list[Native] = [cadence(tone) for tone in self.tones.waiting]
        self.signs: dict[str, Cadence | media.Series] = {
            **self.cadences, "information": sign(self.tones.information), "fax": FAX,
        }  # fmt: skip
        if self.tones.information != E180_INFORMATION:  # announcements from abroad begin with that one
            self.signs["information (E.180)"] = sign(E180_INFORMATION)

    def at_hand(self, sounds: Sequence[messages.Sound]) -> list[Native] | None:
        """Return the sounds if none must be read from disk first, else None."""
        found: list[Native] = []
        for sound in sounds:
            if not isinstance(sound, messages.Prompt):
                found += self._made(sound)
            elif (prompt := self._held(sound.path)) is not None:
                found.append(prompt)
            else:
                return None
        return found

    async def get(self, sounds: Sequence[messages.Sound]) -> list[Native]:
        """Return the sounds, reading what is not at hand. Raises BadSound, naming the file and what is wrong."""
        found: list[Native] = []
        for sound in sounds:
            if isinstance(sound, messages.Prompt):
                found.append(self._held(sound.path) or await self._read(sound.path))
            else:
                found += self._made(sound)
        return found

    def keys(self, digits: str) -> list[Native]:
        """Return telephone keys as their tones with pauses (ITU-T Q.23); what is no key is left out."""
        found: list[Native] = []
        for digit in digits.upper():
            if digit in KEYS:
                if digit not in self._keys:
                    row, column = divmod(KEYS.index(digit), 4)
                    samples = mixed(
                        sine((LOW_HZ[row],), KEY_ON_S, KEY_LEVELS_DBM0[0]),
                        sine((HIGH_HZ[column],), KEY_ON_S, KEY_LEVELS_DBM0[1]),
                    )
                    self._keys[digit] = Prompt(samples.tobytes())
                found += [self._keys[digit], round(KEY_OFF_S * 1000)]
        return found

    def _made(self, sound: messages.Tone | messages.Silence) -> list[Native]:
        if isinstance(sound, messages.Silence):
            return [max(0, round(sound.duration_s * 1000))]
        if sound.name == "beep":
            return [self._beep]
        cycle_s: float = getattr(self.tones, sound.name).cycle_s
        return [self.cadences[sound.name]] * round(ENDLESS_S / cycle_s)

    def _held(self, path: str) -> Prompt | None:
        entry = self._prompts.get(path)
        if entry is None or _stamp(path) != entry[0]:
            return None
        self._prompts.move_to_end(path)
        return entry[1]

    async def _read(self, path: str) -> Prompt:
        try:
            stamp, prompt = await asyncio.to_thread(lambda: (_stamp(path), Prompt.load(path)))
        except (MediaError, OSError, ValueError) as error:
            raise BadSound(f"{path}: {error}") from error
        if stamp is not None:
            self._keep(path, stamp, prompt)
        return prompt

    def _keep(self, path: str, stamp: _Stamp, prompt: Prompt) -> None:
        if path in self._prompts:
            self._kept_s -= self._prompts.pop(path)[1].duration_s
        self._prompts[path] = (stamp, prompt)
        self._kept_s += prompt.duration_s
        while self._kept_s > KEPT_S and len(self._prompts) > 1:
            self._kept_s -= self._prompts.popitem(last=False)[1][1].duration_s


def _stamp(path: str) -> _Stamp | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def sine(frequencies: Sequence[float], duration_s: float, level_dbm0: float) -> array[int]:
    """Return the sum of sines, each at this level, as 16-bit samples, with 5 ms slopes that keep it from clicking."""
    peak = 32767 * 10 ** ((level_dbm0 - FULL_SCALE_DBM0) / 20)
    count, slope = round(duration_s * RATE), round(0.005 * RATE)
    return array(
        "h",
        (
            round(
                min(1.0, (i + 1) / slope, (count - i) / slope)
                * sum(peak * math.sin(2 * math.pi * frequency * i / RATE) for frequency in frequencies)
            )
            for i in range(count)
        ),
    )


def mixed(one: array[int], other: array[int]) -> array[int]:
    """Return two sounds of one length together."""
    return array("h", (max(-32768, min(32767, a + b)) for a, b in zip(one, other, strict=True)))
