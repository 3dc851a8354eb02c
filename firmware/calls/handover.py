"""What the parties of a call do with one another: hold, transfer, and joining two calls after a consultation."""

import asyncio
import logging
from abc import abstractmethod
from typing import Any

import msgspec

from drivers.link import messages
from drivers.link.causes import CALL_REJECTED, NORMAL_CLEARING
from drivers.link.messages import Tag
from firmware.calls.destination import Destination
from firmware.calls.leg import Leg, LegState, Purpose
from firmware.calls.state import CallState, Transfer
from firmware.errors import CannotFlash, HeldThere, NobodyThere, NoCall, NoDialTone, NotHeld
from firmware.events import Kind

log = logging.getLogger(__name__)


class Handover(CallState):
    """A call's holds and transfers."""

    task: asyncio.Task[None] | None = None  # what serves the caller
    talking: tuple[Leg, asyncio.Event] | None = None  # whom the caller talks with, and what ends that

    @abstractmethod
    def log(self, kind: Kind, leg: str = "", *, at_s: float | None = None, **data: Any) -> None:
        """Publish an event of this call."""

    @abstractmethod
    def close(self, cause: int = NORMAL_CLEARING) -> None:
        """Hang up what is left."""

    @abstractmethod
    def parted(self, at_s: float) -> None:
        """Note that the two who heard each other no longer do."""

    @abstractmethod
    def ended(self, leg: Leg, cause: int, by: str, at_s: float) -> None:
        """Note that a leg has ended, and set going what follows."""

    @abstractmethod
    def complete_recording(self, leg: Leg, at_s: float) -> None:
        """Close the row of a recording whose end nobody will tell."""

    @abstractmethod
    def tag(self, leg: Leg) -> Tag:
        """Return what a leg's channel is marked with."""

    # ---- what is asked for at a page, and by stages ------------------------------------------------------------------

    def transfer_by(self, leg: Leg, number: str) -> None:
        """Send the leg's counterpart to a number, as its party asks at a page. Raises Refused where that cannot be."""
        if self.partner(leg) is None or self.consultation is not None:
            raise NoCall(f"call {self.id}: nobody talks with leg {leg.id} who could be transferred")
        if self.plant.internal(self, number).kind == "hangup":
            raise NobodyThere(f"nobody can be transferred to {number!r}", digits=number)
        self.transfer_to(leg, number, self.plant.clock.wall_s())

    def hold_by(self, leg: Leg) -> None:
        """Put the leg's counterpart on hold, as its party asks at a page. Raises NoCall where there is none."""
        if self.partner(leg) is None:
            raise NoCall(f"call {self.id}: nobody talks with leg {leg.id} who could be put on hold")
        self.plant.gateway.send(messages.Hold(id=self.plant.gateway.next_id(), channel=leg.channel))

    def resume_by(self, leg: Leg) -> None:
        """End such a hold. Raises NotHeld where there is none, as where the telephone itself holds."""
        if leg.held != "exchange":
            raise NotHeld(f"call {self.id}: leg {leg.id} has nobody on hold, or by the telephone itself")
        self.plant.gateway.send(messages.Resume(id=self.plant.gateway.next_id(), channel=leg.channel))

    async def flash_by(self, leg: Leg, digits: str) -> None:
        """Flash on the analog line of whom the leg talks with, and dial digits after it.

        Raises NoCall where there is nobody on such a line, HeldThere, CannotFlash where the line is not to be flashed,
        NoDialTone where digits could not be sent.
        """
        partner = self.partner(leg)
        if partner is None or not self.party(partner).startswith("line:"):
            raise NoCall(f"call {self.id}: leg {leg.id} talks with nobody on an analog line")
        if leg.held:
            raise HeldThere(f"call {self.id}: leg {leg.id} has its counterpart on hold")
        self.log(Kind.FLASHED, partner.id, by=leg.id, digits=digits)
        order = messages.Flash(id=self.plant.gateway.next_id(), channel=partner.channel, digits=digits)
        outcome = await partner.carry_out(order)
        if isinstance(outcome, messages.Refused):
            raise CannotFlash(f"call {self.id}: {outcome.text}")
        if isinstance(outcome, messages.Flashed) and not outcome.dialled:
            raise NoDialTone(f"call {self.id}: no dial tone came after the flash")

    def take_transfer(self) -> Destination | None:
        """Return where a transfer wants the call, once."""
        destination, self.transferred = self.transferred, None
        return destination

    def give_back(self, cause: int) -> bool:
        """Give the call back to whoever asked for a transfer that failed for this cause; False if there is nobody.

        They talk on where the transfer left off, and are told when they do.
        """
        transfer, transferor = self.transfer, self.transferor
        if transfer is None or transferor is None:
            return False
        self.log(
            Kind.TRANSFER_FAILED, transferor.id, cause=cause, party=transfer.caller.id,
            destination=msgspec.to_builtins(transfer.destination),
        )
        return True

    def conclude(self, transfer: Transfer) -> None:
        """Tell who asked for it what became of a transfer; they are rid of the call if it came about."""
        if transfer.leg.state is not LegState.ENDED:
            self._tell_transfer(transfer.leg, transfer.cause)
        if not transfer.cause:
            transfer.leg.hang_up()

    def _tell_transfer(self, leg: Leg, cause: int) -> None:
        gateway = self.plant.gateway
        gateway.send(messages.ConcludeTransfer(id=gateway.next_id(), channel=leg.channel, cause=cause))

    # ---- what is asked for at a telephone ----------------------------------------------------------------------------

    def held_by(self, leg: Leg, by: str, at_s: float) -> None:
        """Note who has the leg's counterpart on hold now."""
        if leg.held == by:
            return
        if leg.held:
            self.log(Kind.HOLD_ENDED, leg.id, at_s=at_s)
        self.on_hold(leg, by, at_s)

    def on_hold(self, leg: Leg, by: str, at_s: float) -> None:
        """Begin a hold: the counterpart hears music."""
        self.log(Kind.HOLD_STARTED, leg.id, at_s=at_s, by=by)
        partner, music = self.partner(leg), self.plant.hold_music(self)
        if partner is not None and music is not None:
            partner.start_playing(music)

    def hold_music_ends(self, leg: Leg) -> None:
        """Let whom the leg had on hold hear no music any more."""
        partner = self.partner(leg)
        if partner is not None:
            partner.stop_playing()

    def transfer_to(self, leg: Leg, number: str, at_s: float) -> None:
        """Send the leg's counterpart to a number (a blind transfer); the leg waits to hear what becomes of it.

        Only a telephone of the box may: nobody outside sends us calling numbers.
        """
        partner = self.partner(leg) if self.consultation is None else None
        destination = Destination("hangup", str(CALL_REJECTED))
        if partner is not None and self.party(leg).startswith("extension:"):
            destination = self.plant.internal(self, number)
        if partner is None or destination.kind == "hangup":
            log.warning("call %s: leg %s cannot be transferred to %r", self.id, leg.id, number)
            self._tell_transfer(leg, int(destination.name))
            return
        self._leave(leg, partner, number, destination, at_s)

    def join(self, leg: Leg, consulted: Leg | None, at_s: float) -> None:
        """Connect the counterparts of a telephone's two calls: it has consulted one, and leaves them to each other.

        The older call goes on with both. Only extensions are absorbed so: who is called outside stays in the call that
        was let out, with its limits.
        """
        other = consulted.call if consulted is not None else self
        if consulted is None or other is self or not isinstance(other, Handover):
            self._tell_transfer(leg, CALL_REJECTED)
            return
        pairs: list[tuple[Handover, Leg]] = [(self, leg), (other, consulted)]
        (older, kept), (younger, left) = sorted(pairs, key=lambda pair: (pair[0].started_s, pair[0].id))
        theirs, telephone = younger.partner(left), older.party(kept)
        joinable = theirs is not None and younger.party(theirs).startswith("extension:")
        asking = older.consultation or younger.consultation  # at the desk: it is completed there
        if telephone != younger.party(left) or not joinable or older.partner(kept) is None or asking is not None:
            log.warning("call %s: leg %s cannot be joined to call %s", self.id, leg.id, other.id)
            self._tell_transfer(leg, CALL_REJECTED)
            return
        if younger is self:
            self._tell_transfer(leg, 0)  # now: this call ends by it
        older.absorb(kept, younger, left, at_s)

    def absorb(self, leg: Leg, other: "Handover", consulted: Leg, at_s: float) -> None:
        """Take over whom `consulted` talks with in another call: as a transfer of the leg's counterpart to them.

        Both records stay: this one goes on with the new leg, that one ends here. Each must have somebody to talk with.
        """
        partner, theirs = self.partner(leg), other.partner(consulted)
        if partner is None or theirs is None:
            raise NoCall(f"calls {self.id} and {other.id}: one of them has nobody to be joined")
        target = other.party(theirs)
        absorbed = str(max(int(known) for known in self.legs) + 1)
        self.log(
            Kind.LEG_DIALED, absorbed, at_s=at_s, party=str(Purpose.EXTENSION), target=target, agent="",
            channel=theirs.channel, absorbed=other.id,
        )
        self.log(Kind.LEG_ANSWERED, absorbed, at_s=at_s, assumed=False)
        gateway, taken = self.plant.gateway, self.legs[absorbed]
        other.give_up(theirs, at_s)
        gateway.legs[theirs.channel] = taken
        gateway.send(messages.Claim(id=gateway.next_id(), channel=theirs.channel, tag=self.tag(taken)))
        gateway.send(messages.Disconnect(id=gateway.next_id(), channel=theirs.channel))
        self._leave(leg, partner, target.rpartition(":")[2], Destination("leg", absorbed), at_s)
        other.close()

    def give_up(self, leg: Leg, at_s: float) -> None:
        """Let another call have a leg's channel: here its part is over."""
        held = self.partner(leg)
        if held is not None and held.held:
            self.hold_music_ends(held)
        if leg.recording:
            self.plant.gateway.send(messages.StopRecord(id=self.plant.gateway.next_id(), channel=leg.channel))
        self.ended(leg, NORMAL_CLEARING, "exchange", at_s)
        self.complete_recording(leg, at_s)

    def _leave(self, leg: Leg, partner: Leg, number: str, destination: Destination, at_s: float) -> None:
        """Send the leg's partner on; the leg stays to hear what becomes of that."""
        if leg.held:
            self.hold_music_ends(leg)
        self.log(
            Kind.TRANSFERRED, leg.id, at_s=at_s, to=number, party=partner.id,
            destination=msgspec.to_builtins(destination),
        )
        self.plant.gateway.send(messages.Disconnect(id=self.plant.gateway.next_id(), channel=leg.channel))
        self.parted(at_s)  # not when it is told: they may be connected anew before
        if self.talking is not None:
            self.talking[1].set()
