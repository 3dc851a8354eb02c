"""A call on a channel of a digital span, seen from the central office: to its party what a line is."""

from enum import StrEnum
from typing import Protocol

from drivers.link.causes import (
    NO_ANSWER,
    NO_CIRCUIT_AVAILABLE,
    NORMAL_CLEARING,
    UNALLOCATED_NUMBER,
    USER_BUSY,
)
from drivers.link.office import Outcome, PlaceCall
from drivers.office.announcement import Announcement
from drivers.office.line import ROUTING_S, UNANSWERED_S, Callee, Party
from drivers.office.sound import SILENCE, TICK_S

OUTCOMES: dict[int, Outcome] = {USER_BUSY: "busy", UNALLOCATED_NUMBER: "unknown", NO_CIRCUIT_AVAILABLE: "congested"}
CAUSES: dict[str, int] = {outcome: cause for cause, outcome in OUTCOMES.items()}


class SpanCaller(Party, Protocol):
    """Somebody who calls the box over a span."""

    def audible(self) -> None:
        """Learn that the box is heard before it answers."""

    def wait(self, heard: bytes | None = None) -> None:
        """Live a tick without an answer, hearing the box or not."""

    def refused(self, outcome: Outcome) -> None:
        """Learn that the call did not come about."""


class SpanCallee(Callee, Protocol):
    """Somebody whom the box calls over a span."""

    def announced(self) -> None:
        """Speak before anybody answers."""


class Signalling(Protocol):
    """What a call asks of its span's D-channel."""

    number: int

    def set_up(self, circuit: "Circuit", order: PlaceCall) -> bool:
        """Call the box; False where that cannot be."""
        ...

    def announce(self, circuit: "Circuit") -> None:
        """Tell the box that something is heard before the answer."""

    def alert(self, circuit: "Circuit") -> None:
        """Tell the box that it rings."""

    def answer(self, circuit: "Circuit") -> None:
        """Tell the box of the answer."""

    def hang_up(self, circuit: "Circuit", cause: int) -> None:
        """Tell the box that the call is over."""


class CircuitState(StrEnum):
    """Where a call on a channel is."""

    CALLING = "calling"    # the box has not answered yet
    CALLED = "called"      # the box called somebody
    ANNOUNCING = "announcing"  # it hears what they say before anybody answers
    TALKING = "talking"
    JOINED = "joined"      # the office has joined it to another, and the box is out of it
    OVER = "over"          # its channel is not free yet


S = CircuitState
TRANSITIONS = {
    (S.CALLING, "answer"): S.TALKING,
    (S.CALLED, "answer"): S.TALKING,
    (S.CALLED, "announce"): S.ANNOUNCING,
    (S.ANNOUNCING, "announced"): S.CALLED,
    (S.TALKING, "join"): S.JOINED,
    **{(state, "over"): S.OVER for state in (S.CALLING, S.CALLED, S.ANNOUNCING, S.TALKING, S.JOINED)},
}


class Circuit:
    """One call. `call` is libpri's number of it, `slot` its timeslot; `order`: of somebody who calls the box."""

    number = 0  # it is no analog line

    def __init__(self, signalling: Signalling, slot: int, order: PlaceCall | None = None) -> None:
        self.span = signalling.number
        self.slot = slot
        self.call = 0
        self.state = S.CALLED if order is None else S.CALLING
        self._signalling = signalling
        self._order = order
        self._caller: SpanCaller | None = None
        self._callee: SpanCallee | None = None
        self._other: Circuit | None = None  # that it was joined to
        self._said = SILENCE
        self._rung = self._audible = False
        self._ticks = 0

    @property
    def speaks(self) -> bool:
        """Whether the box hears the far end before the answer."""
        return self.state in (S.CALLED, S.ANNOUNCING) and self._callee is not None and self._callee.announced_s > 0

    # ---- from the far end

    def offer(self, caller: SpanCaller, _announcement: Announcement | None = None) -> bool:
        """Call the box for somebody; False where that cannot be."""
        assert self._order is not None  # noqa: S101 - somebody calls the box
        self._caller = caller
        placed = self._signalling.set_up(self, self._order)
        if not placed:
            self._enter("over")
        return placed

    def release(self, party: Party) -> None:
        """The far end hangs up."""
        if party in (self._caller, self._callee) and self.state is S.JOINED:
            self._enter("over")
            if self._other is not None:
                self._other.cleared(NORMAL_CLEARING)
        elif party in (self._caller, self._callee) and self.state is not S.OVER:
            self._end(NORMAL_CLEARING)

    def called(self, callee: SpanCallee) -> None:
        """Let the box have reached somebody, who has yet to ring."""
        self._callee = callee

    # ---- from the box

    def ringing(self) -> None:
        """Learn that it rings there."""
        if self._caller and not self._rung:
            self._rung = True
            self._caller.ringing()

    def audible(self) -> None:
        """Learn that the box is heard already."""
        if self._caller and self.state is S.CALLING and not self._audible:
            self._audible = True
            self._caller.audible()

    def answered(self) -> None:
        """Learn that the box answered."""
        if self._caller and self.state is S.CALLING:
            self._enter("answer")
            self._caller.answered()

    def cleared(self, cause: int) -> None:
        """Learn that the box, or what became of the D-channel, ended it."""
        if self.state is S.OVER:
            return
        calling = self.state is S.CALLING
        self._enter("over")
        if self._caller and calling:
            self._caller.refused(OUTCOMES.get(cause, "no_answer"))
        elif party := self._caller or self._callee:
            party.released()

    # ---- from the office

    def join(self, other: "Circuit") -> None:
        """Talk with the party of another from now on, and the box no more."""
        for one, theirs in ((self, other), (other, self)):
            one._enter("join")
            one._other = theirs

    # ---- the clock

    def tick(self, heard: bytes) -> bytes:
        """Live 20 ms: hear the box, return what it hears."""
        self._ticks += 1
        if self.state in (S.CALLED, S.ANNOUNCING) and self._callee:
            self._progress(self._callee, self._ticks * TICK_S - ROUTING_S)
        if self.state is S.CALLING and self._caller and self._audible:
            self._caller.wait(heard)
        party = self._caller or self._callee
        talks = self.state in (S.TALKING, S.JOINED) or self.speaks
        return party.talk(heard) if party and talks else SILENCE

    def talk_on(self) -> None:
        """Live 20 ms with whom it was joined to: both hear what the other said in the tick before."""
        other = self._other
        if other is not None:
            heard, other_heard = other._said, self._said
            self._said, other._said = self.tick(heard), other.tick(other_heard)

    # ---- inside

    def _progress(self, callee: SpanCallee, since_s: float) -> None:
        """Let somebody whom the box called behave as they do, so long after they were reached."""
        if since_s < 0:
            return
        if since_s < callee.announced_s:
            if self.state is S.CALLED:
                self._enter("announce")
                self._signalling.announce(self)
                callee.announced()
            return
        since_s -= callee.announced_s
        if self.state is S.ANNOUNCING:
            self._enter("announced")
        if callee.behaviour in CAUSES:
            self._end(CAUSES[callee.behaviour])
            callee.refused()
        elif not self._rung:
            self._rung = True
            callee.ringing()
            self._signalling.alert(self)
        elif callee.behaviour == "no_answer":
            if since_s >= UNANSWERED_S:
                self._end(NO_ANSWER)
                callee.refused()
        elif since_s >= callee.answer_after_s:
            self._enter("answer")
            self._signalling.answer(self)
            callee.answered()

    def _end(self, cause: int) -> None:
        self._enter("over")
        self._signalling.hang_up(self, cause)

    def _enter(self, event: str) -> None:
        self.state = TRANSITIONS[self.state, event]
