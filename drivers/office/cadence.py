"""Names the tones of a country by their rhythm, with the times at which they began and ended."""

from collections.abc import Callable

from drivers.link.office import ToneHeard
from drivers.office.country import Country, Tone
from native.dsp import SAMPLE_RATE
from native.tones import Segment, ToneReceiver

STEADY_S = 1.5  # longer than any burst: what sounds so long has no rhythm
LEAST_BURSTS = {"ringback": 1}  # its burst and pause are unlike speech; shorter rhythms must be heard twice


class CadenceReader:
    """Listens for the country's tones; `recognised(name, at_s)` is told as soon as one is certain."""

    def __init__(self, country: Country, recognised: Callable[[str, float], None]) -> None:
        self.tones: list[ToneHeard] = []
        self._recognised = recognised
        self._rhythms = {name: getattr(country, name) for name in ("ringback", "busy", "congestion")}
        self._steady = {"dial": country.dial, "howler": country.howler}
        self._information = country.information
        tones: list[Tone] = [*self._rhythms.values(), *self._steady.values(), *country.information]
        self._sets = list(dict.fromkeys(tone.frequencies for tone in tones))
        self._receiver = ToneReceiver(self._sets)
        self._run: ToneHeard | None = None
        self._known = False
        self._bursts: list[Segment] = []
        self._pause_ms = 0.0

    @property
    def current(self) -> str:
        """The tone that is being heard, "" for none."""
        return self._run.name if self._run and self._known else ""

    def hear(self, samples: bytes) -> None:
        """Take samples."""
        for segment in self._receiver.receive(samples):
            if segment.tone < 0:
                self._pause_ms = _ms(segment)
            else:
                self._burst(segment)
        now = self._receiver.current
        if now.tone >= 0 and _ms(now) >= STEADY_S * 1000:
            self._sound_steadily(now)
        elif now.tone < 0 and self._run and _ms(now) > self._longest_pause(self._run.name):
            self._close()

    def finish(self) -> None:
        """Hear no more: what sounds now ends."""
        now = self._receiver.current
        if now.tone >= 0 and self._run:
            self._extend(now, 0)
        self._close()

    def _burst(self, burst: Segment) -> None:
        self._bursts = [*self._bursts[-2:], burst]
        if self._run and self._run.name in self._steady:
            self._extend(burst, 0)
            self._close()
            return
        name = next((name for name in self._rhythms if self._fits_on(name, burst)), "")
        if self._run and self._fits_off(self._run.name):
            if name == self._run.name:
                self._extend(burst, 1)
            elif _ms(burst) < self._rhythms[self._run.name].on_off_ms[0]:  # cut short, by an answer perhaps
                self._extend(burst, 0)
                self._close()
            return
        self._close()
        if name:
            self._run = ToneHeard(name, _at_s(burst.start), _at_s(burst.end), 0)
            self._extend(burst, 1)
        elif self._is_information():
            start = _at_s(self._bursts[0].start)
            self._recognised("information", start)
            self.tones.append(ToneHeard("information", start, _at_s(burst.end), 3))

    def _sound_steadily(self, now: Segment) -> None:
        name = next((name for name, tone in self._steady.items() if tone.frequencies == self._sets[now.tone]), "")
        if name and (self._run is None or self._run.name != name):
            self._close()
            self._run = ToneHeard(name, _at_s(now.start), _at_s(now.end), 0)
            self._extend(now, 1)

    def _extend(self, burst: Segment, bursts: int) -> None:
        assert self._run is not None  # noqa: S101 - callers have looked
        self._run = ToneHeard(self._run.name, self._run.start_s, _at_s(burst.end), self._run.bursts + bursts)
        if not self._known and (self._run.name in self._steady or self._run.bursts >= self._least(self._run.name)):
            self._known = True
            self._recognised(self._run.name, self._run.start_s)

    def _close(self) -> None:
        if self._run and self._known:
            self.tones.append(self._run)
        self._run, self._known = None, False

    @staticmethod
    def _least(name: str) -> int:
        return LEAST_BURSTS.get(name, 2)

    def _fits_on(self, name: str, burst: Segment) -> bool:
        tone = self._rhythms[name]
        return self._sets[burst.tone] == tone.frequencies and _near(_ms(burst), tone.on_off_ms[0])

    def _fits_off(self, name: str) -> bool:
        return name in self._rhythms and _near(self._pause_ms, self._rhythms[name].on_off_ms[1])

    def _longest_pause(self, name: str) -> float:
        return 1.1 * self._rhythms[name].on_off_ms[1] + 60 if name in self._rhythms else 0.0

    def _is_information(self) -> bool:
        return len(self._bursts) == 3 and all(
            self._sets[burst.tone] == tone.frequencies and _near(_ms(burst), tone.on_off_ms[0])
            for burst, tone in zip(self._bursts, self._information, strict=True)
        )


def _at_s(sample: int) -> float:
    return round(sample / SAMPLE_RATE, 2)


def _ms(segment: Segment) -> float:
    return (segment.end - segment.start) * 1000 / SAMPLE_RATE


def _near(measured_ms: float, wanted_ms: float) -> bool:
    return abs(measured_ms - wanted_ms) <= 0.1 * wanted_ms + 40
