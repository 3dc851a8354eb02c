"""Somebody beyond the office during a call: a clock, an ear, a mouth, and the report of it all."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Literal

from drivers.link.office import Heard, Key, Outcome, Progress, Report
from drivers.office.country import Country
from drivers.office.ear import Ear
from drivers.office.line import Way
from drivers.office.sound import TICK_S, Clip, Item, Lasting, Mouth, Recording, load
from native.tones import DtmfSender, ToneSender

PAUSE_S = 1.0  # of a comma between keys


class Someone(ABC):
    """What callers and called have in common. `tell` is given each step as it happens."""

    def __init__(
        self,
        call: str,
        way: Way,
        number: str,
        country: Country,
        started_s: float,
        tell: Callable[[Progress], None],
        record: str = "",
    ) -> None:
        self.call = call
        self.way = way
        self.number = number
        self.country = country
        self.over = False
        self.outcome: Outcome = "no_answer"
        self.ringing_s: float | None = None
        self.answered_s: float | None = None
        self.released_s: float | None = None
        self.ended_s: float | None = None
        self.ended_by: Literal["party", "box", ""] = ""
        self.mouth = Mouth(self._began)
        self.ear = Ear(country, self._tone_heard, self._key_heard)
        self._started_s = started_s
        self._tell = tell
        self.ticks = 0
        self._pressed: list[Key] = []
        self._heard: Heard | None = None
        self._record = record
        self._recording = Recording(record) if record else None

    @property
    def now_s(self) -> float:
        """Seconds since the call began."""
        return round(self.ticks * TICK_S, 2)

    @abstractmethod
    def wait(self) -> None:
        """Live a tick without a connection to the box."""

    def listen(self, samples: bytes) -> None:
        """Hear the samples of a tick; the clock moves by it."""
        self.ear.hear(samples)
        if self._recording:
            self._recording.write(samples)
        self.ticks += 1

    def press(self, digits: str) -> None:
        """Press keys after what is still to be said; a comma is a pause."""
        for key in digits:
            if key == ",":
                self.mouth.say(Item(Lasting(PAUSE_S)))
            else:
                sender = DtmfSender()
                sender.put(key)
                self.mouth.say(Item(sender, "digit", key))

    def tell(self, event: str, detail: str = "") -> None:
        """Tell what happens now."""
        self._tell(Progress(self.call, self.now_s, round(self._started_s + self.now_s, 3), event, detail))

    def end(self, by: Literal["party", "box"]) -> None:
        """End the call and close what it keeps."""
        if self.over:
            return
        self.over = True
        self.ended_s = self.now_s
        self.ended_by = self.ended_by or by
        self._heard = self.ear.finish()
        if self._recording:
            self._recording.close()
            if self._recording.error:
                self.tell("record_failed", self._recording.error)
        self.tell("ended", self.ended_by)

    def report_of(self, direction: Literal["in", "out"]) -> Report:
        """Return the report, of a call under way as far as it has come."""
        return Report(
            call=self.call,
            direction=direction,
            line=self.way.number,
            span=self.way.span,
            number=self.number,
            started_s=self._started_s,
            outcome=self.outcome,
            ringing_s=self.ringing_s,
            answered_s=self.answered_s,
            digits_sent=tuple(self._pressed),
            released_s=self.released_s,
            ended_s=self.ended_s,
            ended_by=self.ended_by,
            heard=self._heard or self.ear.heard(),
            record=self._record,
        )

    def _began(self, event: str, detail: str) -> None:
        if event == "digit":
            self._pressed.append(Key(detail, self.now_s))
        self.tell(event, detail)

    def _tone_heard(self, name: str, _at_s: float) -> None:
        self.tell("tone", name)

    def _key_heard(self, digit: str, _at_s: float) -> None:
        self.tell("heard_digit", digit)


def named(way: Way) -> str:
    """Return what people call it."""
    return f"span {way.span}" if way.span else f"line {way.number}"


def spoken(play: str, tone_hz: float | None, tone_dbm0: float, lasting_s: float | None) -> Item | None:
    """Return a file or a tone as something to say, None for neither; BadSound for a file that cannot be spoken."""
    if play:
        return Item(Clip(load(play)), "said", play)
    if tone_hz is None:
        return None
    tone = ToneSender((tone_hz,), tone_dbm0)
    return Item(tone if lasting_s is None else Lasting(lasting_s, tone), "said", f"{tone_hz:g} Hz")
