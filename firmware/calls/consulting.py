"""Asking somebody before the caller is handed over: who asks talks at the same telephone, the caller hears music."""

import asyncio

import msgspec

from drivers.link import messages
from drivers.link.messages import Tone
from firmware.calls.destination import Destination
from firmware.calls.handover import Handover
from firmware.calls.leg import Leg, LegState
from firmware.calls.state import Consultation
from firmware.errors import HeldThere, NobodyThere, NoCall
from firmware.events import Kind


class Consulting(Handover):
    """A call's consultations.

    While one lasts the call is the visit of who asks: the stages serve their leg, and whom they talked with waits. It
    ends `joined` (who waited and who was asked have each other), `sent` (who asked left before anybody answered: the
    one who waited is served in their place, and comes back if nobody takes them), `back` (the talk goes on that was
    before) or `alone` (who waited has hung up: the two others talk on).
    """

    given_up = False  # who asks wants to go back: the stage that looks for somebody has been cancelled

    # ---- what is asked for at a page ---------------------------------------------------------------------------------

    def consult_by(self, leg: Leg, destination: Destination, to: str) -> None:
        """Let the leg's party talk with somebody else, while whom they talk with hears music.

        Raises NoCall where nobody is there to wait or somebody is being asked already, NobodyThere for a destination
        that is nobody, HeldThere while the telephone itself holds.
        """
        held = self.partner(leg)
        if held is None or self.consultation is not None:
            raise NoCall(f"call {self.id}: leg {leg.id} has nobody who could wait while somebody else is asked")
        if destination.kind == "hangup":
            raise NobodyThere(f"nobody can be asked at {to!r}", digits=to)
        if leg.held == "party":
            raise HeldThere(f"call {self.id}: the telephone of leg {leg.id} itself has its party on hold")
        music = self.plant.hold_music(self)
        if leg.held:
            self.hold_music_ends(leg)
        self.log(
            Kind.CONSULTING, leg.id, to=to, held=held.id, party=leg.id, destination=msgspec.to_builtins(destination)
        )
        self.plant.gateway.send(messages.Disconnect(id=self.plant.gateway.next_id(), channel=leg.channel))
        self.parted(self.plant.clock.wall_s())
        if music is not None:
            held.start_playing(music)
        if self.talking is not None:
            self.talking[1].set()

    def swap_by(self, leg: Leg) -> None:
        """Talk with the other of the two, and let the one talked with so far wait. Raises NoCall without an answer."""
        asking = self._asking(leg)
        if asking.consulted is None or not asking.answered:
            raise NoCall(f"call {self.id}: nobody has answered yet whom leg {leg.id} could talk with in turn")
        to, away = (asking.consulted, asking.held) if self.swapped else (asking.held, asking.consulted)
        music = self.plant.hold_music(self)
        self._connect(leg, to)
        if music is not None:
            away.start_playing(music)

    def complete_by(self, leg: Leg) -> None:
        """Leave the two to each other; where nobody has answered yet, the one who waits is sent there."""
        self._asking(leg)
        self.hand_over(self.plant.clock.wall_s())
        leg.leave()

    def reconnect_by(self, leg: Leg) -> None:
        """Give up asking, and go back to who waits."""
        self._asking(leg)
        if self.task is None or self.given_up:
            raise NoCall(f"call {self.id}: leg {leg.id} goes back already")
        self.given_up = True
        self.task.cancel()

    def _asking(self, leg: Leg) -> Consultation:
        if self.consultation is None or self.consultation.leg is not leg:
            raise NoCall(f"call {self.id}: leg {leg.id} is asking nobody")
        return self.consultation

    # ---- what the visit asks -----------------------------------------------------------------------------------------

    def take_given_up(self) -> bool:
        """Tell, once, whether the stage was cancelled for who asks to go back, not since the caller has gone."""
        given_up, self.given_up = self.given_up, False
        if given_up and (task := asyncio.current_task()) is not None:
            task.uncancel()
        return given_up

    def give_back(self, cause: int) -> bool:
        """Let a consultation, a transfer or a handing over that came to nothing return; False if none is tried."""
        asking = self.consultation
        if asking is not None:
            self.log(
                Kind.CONSULTED, asking.leg.id, outcome="back", cause=cause, party=asking.caller.id,
                destination=msgspec.to_builtins(asking.destination),
            )  # fmt: skip
            asking.held.stop_playing()
            return True
        if super().give_back(cause):
            return True
        if self.recall is None or self.sent_by is None or self.caller.state is LegState.ENDED:
            return False
        self.log(
            Kind.TRANSFER_FAILED, self.sent_by.id, cause=cause, party=self.caller.id,
            destination=msgspec.to_builtins(self.recall),
        )  # fmt: skip
        return True

    def dismiss(self) -> None:
        """Let go who handed the call over to an exchange that did not live to hang them up."""
        if self.parting is not None:
            self.parting.leave()

    # ---- what happens ------------------------------------------------------------------------------------------------

    def consultation_left(self, leg: Leg, at_s: float) -> None:
        """See to the others when a leg has ended: by hanging up, who asks leaves the two to each other."""
        asking = self.consultation
        if asking is not None and leg is asking.leg:
            self.hand_over(at_s)
        elif asking is not None and leg is asking.held:
            self.log(Kind.CONSULTED, asking.leg.id, at_s=at_s, outcome="alone", cause=0, party=asking.leg.id)
            if asking.consulted is not None and asking.answered and asking.consulted.id not in self.bridge:
                self._connect(asking.leg, asking.consulted)

    def hand_over(self, at_s: float) -> None:
        """Let who waits have whom was asked, or be served in place of who asked."""
        asking = self.consultation
        if asking is None:
            return
        outcome = "joined" if asking.answered else "sent"
        self.log(Kind.CONSULTED, asking.leg.id, at_s=at_s, outcome=outcome, cause=0, party=asking.held.id)
        if asking.consulted is not None and asking.answered:
            self._connect(asking.held, asking.consulted)
        elif self.destination.kind == "queue" and self.transferred is None:
            self.log(Kind.QUEUE_ENTERED, at_s=at_s, queue=self.destination.name, position=self.plant.position(self))
        else:
            asking.held.start_playing(Tone("ringback"))

    def _connect(self, leg: Leg, other: Leg) -> None:
        gateway = self.plant.gateway
        gateway.send(messages.Connect(id=gateway.next_id(), channel=leg.channel, other=other.channel))
