"""A caller of one of our lines: waits, listens, presses, speaks, hangs up, and can tell afterwards what was heard."""

from collections.abc import Callable
from enum import StrEnum

from drivers.link.office import Outcome, PlaceCall, Progress, Report
from drivers.office.announcement import announcement
from drivers.office.circuit import Circuit
from drivers.office.country import Country, Tone
from drivers.office.line import Line
from drivers.office.party import Someone, named, spoken
from drivers.office.sound import BLOCK, SILENCE, TICK_S, Item, Lasting, Source
from native.tones import ToneSender

CNG_HZ, CNG_MS = 1100.0, (500, 3000)  # of a fax machine that calls
LISTENING_ON_S = 1.5  # a caller who hears busy tone hangs up so long after having understood it


class CallerState(StrEnum):
    """Where a caller's call is."""

    WAITING = "waiting"    # the office has not begun to ring
    RINGING = "ringing"
    TALKING = "talking"
    CLEARED = "cleared"    # busy: the line is, or the box hung up
    ENDED = "ended"


S = CallerState
TRANSITIONS = {
    (S.WAITING, "ringing"): S.RINGING,
    (S.WAITING, "answered"): S.TALKING,  # the box seized the line at that very moment
    (S.WAITING, "busy"): S.CLEARED,
    (S.RINGING, "answered"): S.TALKING,
    (S.RINGING, "busy"): S.CLEARED,      # on a span alone
    (S.TALKING, "released"): S.CLEARED,
    **{(state, "ended"): S.ENDED for state in (S.WAITING, S.RINGING, S.TALKING, S.CLEARED)},
}


class Caller(Someone):
    """Someone who calls the box by a line or a span, after a script (PlaceCall)."""

    def __init__(
        self,
        call: str,
        order: PlaceCall,
        way: Line | Circuit,
        country: Country,
        started_s: float,
        tell: Callable[[Progress], None],
        time_mmddhhmm: str,
    ) -> None:
        self._speech = spoken(order.play, order.tone_hz, order.tone_dbm0, order.hold_s)
        if order.fax:
            beeps = ToneSender((CNG_HZ,), order.tone_dbm0, CNG_MS)
            self._speech = Item(beeps if order.hold_s is None else Lasting(order.hold_s, beeps), "said", "fax")
        super().__init__(call, way, order.number, country, started_s, tell, order.record)
        self.state = S.WAITING
        self._order = order
        self._way = way
        self._progress_tone: Source = Lasting(0)
        self._leave_tick: int | None = None
        self._time = time_mmddhhmm

    def place(self) -> None:
        """Dial: the line rings, or busy tone is heard."""
        self.tell("placed", named(self.way))
        order = self._order
        told = announcement(order, self._time) if order.caller_id != "none" else None
        if not self._way.offer(self, told):
            self.outcome = "busy"
            self._clear("busy")

    def wait(self, heard: bytes | None = None) -> None:
        """Live a tick without an answer: hear what the caller's own office sends, or what of the box comes already."""
        block = self._progress_tone.read(BLOCK) if heard is None else heard
        self.listen(block + SILENCE[len(block) :])
        if (self.state is S.RINGING or heard is not None) and self.now_s >= self._order.ring_for_s:
            self.hang_up()
        self._leave_when_busy(heard is not None)

    def talk(self, heard: bytes) -> bytes:
        """Live a tick with the box."""
        said = self.mouth.read()
        self.listen(heard)
        if self.mouth.done and self._order.hold_s is not None:
            self.hang_up()
        self._leave_when_busy()
        return said

    def ringing(self) -> None:
        """Learn that the line rings."""
        self._enter("ringing")
        self.ringing_s = self.now_s
        self._hear(self.country.ringback)
        self.tell("ringing")

    def audible(self) -> None:
        """Learn that the box is heard before it answers."""
        self.tell("audible")

    def answered(self) -> None:
        """Learn that the box answered: the script begins."""
        self._enter("answered")
        self.outcome, self.answered_s = "answered", self.now_s
        self._progress_tone = Lasting(0)  # who is held hears nothing
        self.tell("answered")
        self.mouth.say(Item(Lasting(self._order.wait_s)))
        self.press(self._order.digits)
        if self._speech:
            self.mouth.say(self._speech)
        steady = self._order.fax or self._order.tone_hz is not None  # speech that lasts for `hold_s` already
        if self._order.hold_s is not None and not (self._speech and steady):
            self.mouth.say(Item(Lasting(self._order.hold_s)))

    def refused(self, outcome: Outcome) -> None:
        """Learn that the box does not take the call: busy tone."""
        self.outcome = outcome
        self.ended_by = "box"
        self._clear("busy")

    def released(self) -> None:
        """Learn that the box hung up: busy tone."""
        self.released_s = self.now_s
        self.ended_by = "box"
        self._clear("released")

    def say(self, item: Item | None) -> None:
        """Say something else from now on, or nothing."""
        self.mouth.hush()
        if item:
            self.mouth.say(item)

    def hang_up(self) -> None:
        """End the call."""
        if self.over:
            return
        self._enter("ended")
        self.way.release(self)
        self.end("party")

    def report(self) -> Report:
        """Return what happened and what was heard."""
        return self.report_of("in")

    def _clear(self, event: str) -> None:
        self._enter(event)
        self._hear(self.country.busy)
        self.tell(event)

    def _leave_when_busy(self, audible: bool = False) -> None:
        if self.over or (self.state is S.RINGING and not audible) or self.ear.tone not in ("busy", "congestion"):
            self._leave_tick = None
        elif self._leave_tick is None:
            self._leave_tick = self.ticks + round(LISTENING_ON_S / TICK_S)
        elif self.ticks >= self._leave_tick:
            self.hang_up()

    def _hear(self, tone: Tone) -> None:
        self._progress_tone = ToneSender(*tone)

    def _enter(self, event: str) -> None:
        self.state = TRANSITIONS[self.state, event]
