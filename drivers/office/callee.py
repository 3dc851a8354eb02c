"""A subscriber somewhere in the network, whom the box calls: answers, speaks or echoes, hangs up."""

from collections import deque
from collections.abc import Callable

from drivers.link.office import Progress, Report, Subscriber
from drivers.office.country import Country
from drivers.office.line import Way
from drivers.office.party import Someone, named, spoken
from drivers.office.sound import SILENCE, TICK_S, Item, Lasting
from native.tones import ToneSender

ECHO_S = 1.0
BEEP_HZ, BEEP_S = 800.0, 0.5


class CalledSubscriber(Someone):
    """A subscriber's side of one call, as its Subscriber says."""

    def __init__(
        self,
        call: str,
        subscriber: Subscriber,
        way: Way,
        country: Country,
        started_s: float,
        tell: Callable[[Progress], None],
    ) -> None:
        self._speeches = [_speech(subscriber) for _ in ("announced", "answered")]  # now: its file may go meanwhile
        super().__init__(call, way, subscriber.number, country, started_s, tell, subscriber.record)
        self.behaviour = subscriber.behaviour
        self.answer_after_s = subscriber.answer_after_s
        self.announced_s = subscriber.announced_s
        self._subscriber = subscriber
        self._echo = deque([SILENCE] * round(ECHO_S / TICK_S))
        self.tell("placed", f"{named(way)} to {subscriber.number}")

    def wait(self) -> None:
        """Live a tick before the answer."""
        self.listen(SILENCE)

    def talk(self, heard: bytes) -> bytes:
        """Live a tick with the box."""
        said = self.mouth.read() if not self.mouth.done else None
        self.listen(heard)
        talk_s = self._subscriber.talk_s
        if talk_s is not None and self.answered_s is not None and self.now_s - self.answered_s >= talk_s:
            self.way.release(self)
            self.end("party")
        self._echo.append(heard)
        echoed = self._echo.popleft()
        return said or (echoed if self._subscriber.voice == "echo" else SILENCE)

    def announced(self) -> None:
        """Speak though nobody has answered: `talk` is what is heard of it."""
        self._speak()

    def ringing(self) -> None:
        """Learn that the telephone rings."""
        self.mouth.hush()
        if self.announced_s:
            self.mouth.say(Item(ToneSender(*self.country.ringback)))
        self.ringing_s = self.now_s
        self.tell("ringing")

    def answered(self) -> None:
        """Take the call."""
        self.outcome, self.answered_s = "answered", self.now_s
        self.tell("answered")
        self.mouth.hush()
        self._speak()

    def refused(self) -> None:
        """Learn that the call did not come about."""
        if self.behaviour != "answers":
            self.outcome = self.behaviour
        self.end("party")

    def released(self) -> None:
        """Learn that the box hung up."""
        self.released_s = self.now_s
        self.end("box")

    def report(self) -> Report:
        """Return what happened and what was heard."""
        return self.report_of("out")

    def _speak(self) -> None:
        if speech := self._speeches.pop():
            self.mouth.say(speech)


def _speech(subscriber: Subscriber) -> Item | None:
    match subscriber.voice:
        case "echo":
            return Item(Lasting(BEEP_S, ToneSender((BEEP_HZ,), -10)))
        case "tone":
            return spoken("", subscriber.tone_hz, -10, None)
        case "file":
            return spoken(subscriber.play, None, -10, None)
        case "silence":
            return None
