"""Two ends of one timeslot, with a clock of their own: an hour passes in a moment."""

import heapq
import itertools
from typing import Any

from native.r2 import Accepted, Line, Offered
from tests.native.pri.happened import Happened

WAY_S = 0.06    # of a tone: to be made, carried and recognised
BITS_S = 0.002


class End(Happened):
    """One side: its line, what it sends, and what has happened there."""

    def __init__(self, pair: "Pair", variant: str, **settings: Any) -> None:
        super().__init__()
        self.pair = pair
        self.bits, self.tone, self.listening = 0, "", ""
        self.tones: list[str] = []      # all that were sent
        self.listened: list[str] = []
        self.said: list[str] = []
        self.line = Line(
            variant, self._send_bits, self._send_tone, self._listen, self.said.append, lambda: pair.now_s, **settings
        )

    @property
    def other(self) -> "End":
        """The far end."""
        return self.pair.ends[1 - self.pair.ends.index(self)]

    def _send_bits(self, bits: int) -> None:
        self.bits = bits
        if not self.pair.cut_bits:
            self.pair.later(BITS_S, lambda: self.other.line.receive(self.pair.bits(bits)))

    def _send_tone(self, tone: str) -> None:
        self.tone = tone
        self.tones += tone
        if not self.pair.cut_tones:
            self.pair.later(WAY_S, lambda: self.other.hear(tone))

    def _listen(self, what: str) -> None:
        self.listening = what
        self.listened.append(what)
        if what and self.other.tone and not self.pair.cut_tones:    # it has begun before
            self.pair.later(WAY_S, lambda: self.hear(self.other.tone))

    def hear(self, tone: str) -> None:
        """Hear a tone, if anybody listens."""
        if self.listening:
            self.line.hear(tone)


class Pair:
    """Both ends; `cut_bits` and `cut_tones` lose what is sent, `bits` may change it."""

    def __init__(self, variant: str = "itu", first: dict[str, Any] | None = None, **settings: Any) -> None:
        self.now_s = 0.0
        self.cut_bits = self.cut_tones = False
        self.bits = lambda bits: bits
        self._due: list[tuple[float, int, Any]] = []
        self._order = itertools.count()
        self.ends: list[End] = []
        self.ends += [End(self, variant, **(settings | (first or {})))]
        self.ends += [End(self, variant, **settings)]
        self.one, self.other = self.ends
        for end in self.ends:
            end.line.run()
        self.live(0.1)
        assert [end.line.state for end in self.ends] == ["idle", "idle"]
        for end in self.ends:
            end.events = []

    def later(self, after_s: float, what: Any) -> None:
        """Do something in a while."""
        heapq.heappush(self._due, (self.now_s + after_s, next(self._order), what))

    def live(self, seconds: float) -> None:
        """Let time pass."""
        end_s = self.now_s + seconds
        while True:
            times = [end.line.run() for end in self.ends] + [self._due[0][0] if self._due else None]
            due_s = min((time_s for time_s in times if time_s is not None), default=end_s)
            if due_s > end_s:
                break
            self.now_s = max(self.now_s, due_s)
            while self._due and self._due[0][0] <= self.now_s:
                heapq.heappop(self._due)[2]()
            if due_s >= end_s:
                break
        self.now_s = end_s
        for end in self.ends:
            end.line.run()
            end.events += end.line.take()

    def until(self, end: End, kind: type, within_s: float = 30.0) -> Any:
        """Let time pass until something has happened, and return it, taken out."""
        end_s = self.now_s + within_s
        while self.now_s < end_s:
            if found := end.of(kind):
                return found[0]
            self.live(0.01)
        raise AssertionError(f"no {kind.__name__} within {within_s} s: {end.events}, {end.line.state}, {end.said}")

    def ring(self, called: str = "6287", calling: str | None = "13812345678", **more: Any) -> Offered:
        """Make a call from one to the other; return what was offered there."""
        self.one.line.call(called, calling, **more)
        offered: Offered = self.until(self.other, Offered)
        return offered

    def accepted(self) -> None:
        """Make a call that the other has accepted."""
        self.ring()
        self.other.line.accept()
        self.until(self.one, Accepted)
        self.until(self.other, Accepted)
        self.one.events, self.other.events = [], []

    def talk(self) -> None:
        """Make a call that is answered."""
        self.accepted()
        self.other.line.answer()
        self.live(0.1)
        assert [end.line.state for end in self.ends] == ["answered", "answered"]
        self.one.events, self.other.events = [], []
