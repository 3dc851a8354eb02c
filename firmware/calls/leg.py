"""One party's side of a call, on one channel: its states, and what can be done with it."""

import asyncio
import logging
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from drivers.link import messages
from drivers.link.causes import NORMAL_CLEARING
from drivers.link.messages import Sound
from firmware.errors import BusyhourError
from firmware.events import Event, Kind

if TYPE_CHECKING:
    from firmware.calls.state import CallState

log = logging.getLogger(__name__)


class Purpose(StrEnum):
    """Why there is such a leg."""

    CALLER = "caller"
    AGENT = "agent"
    EXTENSION = "extension"
    OUTSIDE = "outside"


class LegState(StrEnum):
    """How far a leg has come."""

    OFFERED = "offered"
    DIALING = "dialing"
    RINGING = "ringing"
    ANSWERED = "answered"
    ENDED = "ended"


TRANSITIONS = {
    (LegState.OFFERED, Kind.CALL_ANSWERED): LegState.ANSWERED,
    (LegState.OFFERED, Kind.LEG_ENDED): LegState.ENDED,  # the caller gave up before the answer, or was refused
    (LegState.DIALING, Kind.CALL_ANSWERED): LegState.ANSWERED,  # a caller whom the box itself rang
    (LegState.RINGING, Kind.CALL_ANSWERED): LegState.ANSWERED,
    (LegState.DIALING, Kind.LEG_RINGING): LegState.RINGING,
    (LegState.DIALING, Kind.LEG_ANSWERED): LegState.ANSWERED,
    (LegState.DIALING, Kind.LEG_ENDED): LegState.ENDED,
    (LegState.RINGING, Kind.LEG_ANSWERED): LegState.ANSWERED,
    (LegState.RINGING, Kind.LEG_ENDED): LegState.ENDED,
    (LegState.ANSWERED, Kind.LEG_ENDED): LegState.ENDED,
}


class WrongTransition(BusyhourError):
    """A leg's event does not fit its state."""

    code = "wrong-transition"


class CannotConnect(BusyhourError):
    """The gateway could not let two legs hear each other."""

    code = "cannot-connect"


class Leg:
    """One party's side of a call. Orders to a leg that has ended do nothing; waits on it return at once."""

    def __init__(self, call: "CallState", leg_id: str, channel: str, purpose: Purpose, target: str, agent: str) -> None:
        self.call = call
        self.id = leg_id
        self.channel = channel
        self.purpose = purpose
        self.target = target
        self.agent = agent
        self.state = LegState.OFFERED if purpose is Purpose.CALLER else LegState.DIALING
        self.cause: int | None = None
        self.ended_by = ""
        self.ended_s = 0.0
        self.held: Literal["", "party", "exchange"] = ""  # who put its counterpart on hold: from it, or from a page
        self.recording = ""  # path within the home while it is recorded
        self.recordings = 0  # how many were begun
        self.audible = False  # its far end is heard, though it has not answered
        self.typed = ""      # digits collected for an exchange that did not live to read them
        self.hanging_up = False  # told to end
        self.leaving = False     # by who is at its telephone, from a page
        self._answering = ""  # id of the `answer` order
        self._playing = ""    # id of the last `play` order
        self._outcomes: dict[str, asyncio.Future[messages.Happening | None]] = {}
        self._answered = asyncio.Event()  # or ended
        self._ended = asyncio.Event()

    # ---- what can be done with it ------------------------------------------------------------------------------------

    async def answer(self) -> None:
        """Answer an offered leg, and return when it talks, has ended, or cannot be answered."""
        if self.state is LegState.OFFERED:
            order = messages.Answer(id=self._order_id(), channel=self.channel)
            self._answering = order.id
            await self.carry_out(order)

    def ring(self) -> None:
        """Tell an offered leg's party that it rings."""
        if self.state is LegState.OFFERED:
            self._send(messages.Ring(id=self._order_id(), channel=self.channel))

    def listen(self, other: "Leg") -> None:
        """Let an offered or answered party hear another that is audible before it answers."""
        if self.state in (LegState.OFFERED, LegState.ANSWERED):
            self._send(messages.Listen(id=self._order_id(), channel=self.channel, other=other.channel))

    async def play(self, *sounds: Sound, loop: bool = False, barge_in: bool = False) -> str:
        """Play sounds in order and return how it ended: `played`, `digit`, `stopped` or `failed`.

        Cancelled, it stops them.
        """
        if self.state is LegState.ENDED or not sounds:
            return "stopped" if sounds else "played"
        order = messages.Play(
            id=self._order_id(), channel=self.channel, sounds=sounds, loop=loop, barge_in=barge_in
        )
        self._playing = order.id
        try:
            outcome = await self.carry_out(order)
        except asyncio.CancelledError:
            if self._playing == order.id:
                self.stop_playing()
            raise
        if isinstance(outcome, messages.Finished):
            if outcome.reason == "failed":
                log.warning("call %s: leg %s could not be played to: %s", self.call.id, self.id, outcome.detail)
            return outcome.reason
        return "failed" if isinstance(outcome, messages.Refused) else "stopped"

    def start_playing(self, *sounds: Sound, loop: bool = True) -> None:
        """Play sounds until something else is played, without waiting."""
        if self.state is not LegState.ENDED:
            self._playing = self._order_id()
            self._send(messages.Play(id=self._playing, channel=self.channel, sounds=sounds, loop=loop))

    def stop_playing(self) -> None:
        """Be silent towards the party."""
        if self.state is not LegState.ENDED:
            self._playing = ""
            self._send(messages.StopPlay(id=self._order_id(), channel=self.channel))

    async def collect(
        self, max_digits: int = 1, first_s: float = 5.0, next_s: float = 3.0, until: str = "#"
    ) -> str:
        """Return the digits the party typed, "" for none in time; typing counts since the last collect.

        `first_s` runs from the end of what is being played, `next_s` from digit to digit.
        """
        if self.typed:
            digits, self.typed = self.typed, ""
            return digits
        if self.state is LegState.ENDED:
            return ""
        order = messages.Collect(
            id=self._order_id(),
            channel=self.channel,
            max_digits=max_digits,
            first_s=first_s,
            next_s=next_s,
            until=until,
        )
        outcome = await self.carry_out(order)
        return outcome.digits if isinstance(outcome, messages.Collected) else ""

    async def wait_answered(self) -> bool:
        """Return True when the leg is answered, False if it ends first."""
        await self._answered.wait()
        return self.state is LegState.ANSWERED

    async def wait_ended(self) -> int:
        """Return the leg's cause (Q.850) when it has ended."""
        await self._ended.wait()
        return self.cause or 0

    def hang_up(self, cause: int = NORMAL_CLEARING) -> None:
        """End the leg; its state follows when the gateway has done so. Once is enough."""
        if self.state is not LegState.ENDED and not self.hanging_up:
            self.hanging_up = True
            self._send(messages.Hangup(id=self._order_id(), channel=self.channel, cause=cause))

    def leave(self) -> None:
        """End the leg because its own party wants to, who said so at a page: it counts as hung up there."""
        if self.state is not LegState.ENDED and not self.hanging_up:
            self.leaving = True
            self.hang_up()

    # ---- what happens to it ------------------------------------------------------------------------------------------

    def apply(self, event: Event) -> None:
        """Change state by one event of this leg, alike when it happens and when the journal is read again.

        Raises WrongTransition, changing nothing, for one that its state does not know.
        """
        state = self.state
        if event.kind in STATE_KINDS:
            if (self.state, event.kind) not in TRANSITIONS:
                raise WrongTransition(f"call {self.call.id}: leg {self.id} is {self.state}, but {event.kind} came")
            state = TRANSITIONS[self.state, event.kind]
        match event.kind:
            case Kind.LEG_ENDED:
                self.cause, self.ended_by, self.ended_s = event.data["cause"], event.data["by"], event.at_s
            case Kind.LEG_AUDIBLE:
                self.audible = True
            case Kind.HOLD_STARTED | Kind.HOLD_ENDED:
                self.held = event.data.get("by", "party") if event.kind is Kind.HOLD_STARTED else ""
            case Kind.RECORDING_STARTED:
                self.recording = event.data["path"]
                self.recordings += 1
            case Kind.RECORDING_ENDED:
                self.recording = ""
        self.state = state
        if state in (LegState.ANSWERED, LegState.ENDED):
            self._answered.set()
            self.conclude(self._answering, None)
        if state is LegState.ENDED:
            self._ended.set()
            for order_id in self._outcomes:
                self.conclude(order_id, None)

    def conclude(self, order_id: str, happening: messages.Happening | None) -> bool:
        """Tell who waits for an order how it ended; False if nobody does."""
        outcome = self._outcomes.get(order_id)
        if outcome is None or outcome.done():
            return False
        outcome.set_result(happening)
        return True

    async def carry_out(self, order: messages.Order) -> messages.Happening | None:
        """Send an order and return what concluded it: None when the leg has ended first."""
        future: asyncio.Future[messages.Happening | None] = asyncio.get_running_loop().create_future()
        self._outcomes[order.id] = future
        self._send(order)
        try:
            return await future
        finally:
            del self._outcomes[order.id]

    def _order_id(self) -> str:
        return self.call.plant.gateway.next_id()

    def _send(self, order: messages.Order) -> None:
        self.call.plant.gateway.send(order)


STATE_KINDS = {kind for _, kind in TRANSITIONS}
