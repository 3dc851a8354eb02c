"""What somebody beyond the line hears, understood: tones, keys, silences, levels and frequencies."""

from collections import deque
from collections.abc import Callable

from drivers.link.office import Heard, Key, Peak, Second, Span
from drivers.office.cadence import CadenceReader
from drivers.office.country import Country
from drivers.office.sound import RATE, TICK_S
from native.dsp import level_dbm0, spectral_peaks
from native.tones import DtmfReceiver

SILENT_DBM0 = -50.0  # the line's own quantising noise is at -66
LEAST_SILENCE_S = 0.5
KEPT_SECONDS = 1800  # of a longer call the last half hour
LEAST_PART_S = 0.2  # of a last, broken second: less tells nothing


class Ear:
    """Listens a tick at a time; `tone(name, at_s)` and `key(digit, at_s)` are told at once."""

    def __init__(
        self, country: Country, tone: Callable[[str, float], None], key: Callable[[str, float], None]
    ) -> None:
        self._cadence = CadenceReader(country, tone)
        self._key = key
        self._dtmf = DtmfReceiver()
        self._ticks = 0
        self._silent_since: int | None = None
        self._silences: list[Span] = []
        self._keys: list[Key] = []
        self._second = bytearray()
        self._seconds: deque[Second] = deque(maxlen=KEPT_SECONDS)

    @property
    def tone(self) -> str:
        """The tone that is being heard, "" for none."""
        return self._cadence.current

    def hear(self, samples: bytes) -> None:
        """Take the samples of one tick."""
        self._cadence.hear(samples)
        for digit in self._dtmf.receive(samples):
            self._keys.append(Key(digit, round(self._ticks * TICK_S, 2)))
            self._key(digit, self._ticks * TICK_S)
        if level_dbm0(samples) < SILENT_DBM0:
            if self._silent_since is None:
                self._silent_since = self._ticks
        else:
            self._end_silence()
        self._ticks += 1
        self._second += samples
        if len(self._second) == 2 * RATE:
            self._end_second()

    def finish(self) -> Heard:
        """Hear no more; return all that was heard."""
        self._cadence.finish()
        self._end_silence()
        if len(self._second) >= 2 * RATE * LEAST_PART_S:
            self._end_second()
        return self.heard()

    def heard(self) -> Heard:
        """Return what was heard so far and has come to its end."""
        return Heard(tuple(self._cadence.tones), tuple(self._silences), tuple(self._keys), tuple(self._seconds))

    def _end_silence(self) -> None:
        since, self._silent_since = self._silent_since, None
        if since is not None and (self._ticks - since) * TICK_S >= LEAST_SILENCE_S:
            self._silences.append(Span(round(since * TICK_S, 2), round(self._ticks * TICK_S, 2)))

    def _end_second(self) -> None:
        samples = bytes(self._second)
        at_s = round(self._ticks * TICK_S - len(samples) / (2 * RATE), 2)
        peaks = tuple(Peak(round(hertz, 1), round(level, 1)) for hertz, level in spectral_peaks(samples))
        self._seconds.append(Second(at_s, round(level_dbm0(samples), 1), peaks))
        self._second.clear()
