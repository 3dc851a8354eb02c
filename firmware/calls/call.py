"""A caller's whole visit: its legs, who hears whom, and the one record it leaves."""

import asyncio
import logging
from typing import Any

import msgspec

from drivers.link import messages
from drivers.link.causes import NORMAL_CLEARING, TEMPORARY_FAILURE
from drivers.link.errors import NoDisk
from drivers.link.messages import Tag, Target, ToExtension, ToLine
from firmware.calls.consulting import Consulting
from firmware.calls.destination import Destination
from firmware.calls.leg import CannotConnect, Leg, LegState, Purpose
from firmware.calls.plant import Plant
from firmware.events import AlarmName, Event, Kind, alarm_data

log = logging.getLogger(__name__)
CLOSING_S = 10.0  # how long the gateway may take to end the legs of a call that is over


class Call(Consulting):
    """A caller's whole visit, one to many legs: what stages do with it, and what follows from what happens to it."""

    def __init__(self, plant: Plant, offered: Event) -> None:
        """`offered` is the CALL_OFFERED event the call begins with."""
        super().__init__(plant, offered)
        self._closing: asyncio.TimerHandle | None = None
        self._connecting: tuple[frozenset[str], Leg, str] = (frozenset(), self.caller, "")
        self._handing_back: str | None = None  # id of the order

    # ---- what stages do with it --------------------------------------------------------------------------------------

    def log(self, kind: Kind, leg: str = "", *, at_s: float | None = None, **data: Any) -> None:
        """Publish an event of this call, now or at the time the gateway gave."""
        if self.over:
            log.error("call %s: %s after its end", self.id, kind)
            return
        event = Event(self.plant.clock.wall_s() if at_s is None else at_s, kind, self.id, leg, data)
        self.apply(event)
        self.plant.bus.publish(event)

    def enter(self, destination: Destination) -> None:
        """Journal where `run` would begin again after a restart, with the call's variables."""
        self.log(
            Kind.STAGE_ENTERED,
            destination=msgspec.to_builtins(
                msgspec.structs.replace(
                    destination,
                    since_s=destination.since_s or self.plant.clock.wall_s(),
                    variables={**destination.variables, **self.variables},
                )
            ),
        )

    def dial(
        self,
        target: Target,
        purpose: Purpose,
        agent: str = "",
        timeout_s: float = 60.0,
        caller_number: str | None = None,
        caller_name: str | None = None,
    ) -> Leg:
        """Ring a target for this caller and return its leg.

        `caller_number` and `caller_name` are shown in place of the caller's own.
        """
        gateway = self.plant.gateway
        leg_id = str(max(int(known) for known in self.legs) + 1)
        self.log(
            Kind.LEG_DIALED, leg_id, party=str(purpose), target=target_name(target), agent=agent,
            channel=f"{self.id}.{leg_id}.{gateway.name}",
        )
        leg = self.legs[leg_id]
        gateway.legs[leg.channel] = leg
        gateway.send(
            messages.Dial(
                id=gateway.next_id(),
                channel=leg.channel,
                target=target,
                tag=self.tag(leg),
                caller_number=self._shown()[0] if caller_number is None else caller_number,
                caller_name=self._shown()[1] if caller_name is None else caller_name,
                timeout_s=timeout_s,
            )
        )
        return leg

    def _shown(self) -> tuple[str, str]:
        """Return number and name that a telephone shows: of who calls it, be it to ask something."""
        if self.consultation is None:
            return self.number, self.caller_name
        return self.party(self.consultation.leg).rpartition(":")[2], ""

    def ring_caller(self, target: Target, timeout_s: float, shown: str) -> None:
        """Ring the telephone of a caller who asked for this call at a page; it shows whom they will call."""
        gateway = self.plant.gateway
        gateway.send(
            messages.Dial(
                id=gateway.next_id(), channel=self.caller.channel, target=target, tag=self.tag(self.caller),
                caller_number=shown, caller_name="", timeout_s=timeout_s,
            )
        )

    async def connect(self, leg: Leg) -> None:
        """Let caller and leg hear each other; returns when they do, or when either has ended.

        Who becomes the caller meanwhile, since who asked for them left, is connected instead.

        Raises CannotConnect when the gateway refuses.
        """
        while True:
            caller = self.caller
            pair = frozenset((caller.id, leg.id))
            if self.bridge == pair or LegState.ENDED in (caller.state, leg.state):
                return
            order = messages.Connect(id=self.plant.gateway.next_id(), channel=caller.channel, other=leg.channel)
            self._connecting = (pair, caller, order.id)
            outcome = await caller.carry_out(order)
            if self.caller is caller and isinstance(outcome, messages.Refused):
                raise CannotConnect(f"call {self.id}: legs {caller.id} and {leg.id}: {outcome.text}")
            if self.caller is caller:
                return

    async def talk(self, leg: Leg) -> None:
        """Connect caller and leg, and return when the leg has ended or one of them was transferred away.

        Whoever transferred the caller is told what became of that as soon as they hear each other.
        """
        over = asyncio.Event()
        self.talking = (leg, over)
        try:
            if not self.swapped:  # else since before a restart: who is asked waits
                await self.connect(leg)
            if leg.id in self.bridge and self.transfer is not None:
                self.conclude(self.transfer)
            if leg.state is not LegState.ENDED and self.transferred is None:
                await over.wait()
        finally:
            self.talking = None

    def hand_back(self, leg: Leg, other: Leg) -> None:
        """Ask the carrier to join two who talk itself; if it does both legs end by it, else they talk on."""
        order = messages.HandBack(id=self.plant.gateway.next_id(), channel=leg.channel, other=other.channel)
        self._handing_back = order.id
        self.plant.gateway.send(order)

    def record(self) -> None:
        """Record the caller and what the caller hears, unless that is going on; what is asked about them is not."""
        leg = self.caller
        if leg.recording or leg.state is LegState.ENDED or self.consultation is not None:
            return
        day = self.plant.clock.at(self.started_s)
        again = f"-{leg.recordings + 1}" if leg.recordings else ""
        path = self.plant.home / "recordings" / f"{day:%Y/%m/%d}" / f"{self.id}-{leg.id}{again}.wav"
        self.plant.gateway.send(
            messages.Record(id=self.plant.gateway.next_id(), channel=leg.channel, path=str(path))
        )

    def stop_record(self) -> None:
        """End the caller's recording."""
        if self.caller.state is not LegState.ENDED and self.consultation is None:
            self.plant.gateway.send(
                messages.StopRecord(id=self.plant.gateway.next_id(), channel=self.caller.channel)
            )

    # ---- its end -----------------------------------------------------------------------------------------------------

    def close(self, cause: int = NORMAL_CLEARING) -> None:
        """Hang up what is left; the record is closed when the gateway has ended it all, at the latest in CLOSING_S."""
        if self.over or self._closing is not None:
            return
        self._closing = asyncio.get_running_loop().call_later(CLOSING_S, self._end)
        for leg in self.legs.values():
            leg.hang_up(cause)
        self._end_when_quiet()

    def lose(self, at_s: float, from_s: float) -> None:
        """Close the call of a gateway that died: its channels are gone, since when is known only in part."""
        self.log(Kind.GAP, at_s=at_s, reason="gateway", from_s=from_s)
        for leg in [*self.legs.values()]:
            if leg.state is not LegState.ENDED:
                self.ended(leg, TEMPORARY_FAILURE, "gateway", at_s)
            self.complete_recording(leg, at_s)
        self._end_when_quiet()

    def forget(self, leg: Leg, at_s: float) -> None:
        """End a leg that the gateway does not have, and that it did not tell the end of."""
        if leg.state is not LegState.ENDED:
            # What the gateway never said a word of, an exchange was killed before it could order
            by = "exchange" if leg.state is LegState.DIALING else "gateway"
            log.warning("call %s: leg %s is gone, nobody told why", self.id, leg.id)
            self.ended(leg, TEMPORARY_FAILURE, by, at_s)
        self.complete_recording(leg, at_s)
        self._end_when_quiet()

    def hang_up(self) -> None:
        """End the call for everybody in it."""
        if self.consultation is not None:
            self.consultation.held.hang_up()  # first: who asks would leave them to whom they asked
        self.caller.hang_up()

    def release_others(self) -> None:
        """Hang up all legs but the caller's."""
        for leg in self.legs.values():
            if leg is not self.caller:
                leg.hang_up()

    def _end_when_quiet(self) -> None:
        quiet = all(leg.state is LegState.ENDED and not leg.recording for leg in self.legs.values())
        if self._closing is not None and quiet and not self.over:
            self._end()

    def _end(self) -> None:
        """Close the record now, with what is known."""
        if self._closing is not None:
            self._closing.cancel()
        now_s = self.plant.clock.wall_s()
        for leg in self.legs.values():
            if leg.state is not LegState.ENDED:
                log.warning("call %s: leg %s did not end when told to", self.id, leg.id)
                self.log(Kind.LEG_ENDED, leg.id, at_s=now_s, cause=TEMPORARY_FAILURE, by="gateway")
            self.complete_recording(leg, now_s)
        self._tell_of_queue()
        self.log(Kind.CALL_ENDED, at_s=self.caller.ended_s, cause=self.caller.cause, by=self._ended_by())
        self.plant.ended(self)

    def _tell_of_queue(self) -> None:
        """Say how the caller left a queue whose stage did not live to say it."""
        if self.waiting is not None:
            queue, since_s, heard_s = self.waiting
            left_s = heard_s or self.caller.ended_s
            outcome = "answered" if heard_s else "abandoned"
            self.log(Kind.QUEUE_LEFT, at_s=left_s, queue=queue, outcome=outcome, wait_s=max(0.0, left_s - since_s))

    def complete_recording(self, leg: Leg, at_s: float) -> None:
        """Close the row of a recording whose end the gateway did not live to tell."""
        if path := leg.recording:
            duration_s = self.plant.recorded_s(self.plant.home / path)
            self.log(Kind.RECORDING_ENDED, leg.id, at_s=at_s, path=path, duration_s=duration_s)

    def _ended_by(self) -> str:
        if self.caller.ended_by == "party":
            return str(self.caller.purpose)
        return self.left_by or self.caller.ended_by

    # ---- what happens to it ------------------------------------------------------------------------------------------

    def take(self, leg: Leg, happening: messages.ChannelEvent | messages.Refused) -> None:
        """Take what the gateway tells of a leg, and set going what follows."""
        at_s = happening.at_s
        match happening:
            case messages.Ringing():
                if leg.state is LegState.DIALING:  # an exchange may tell it again and again
                    self.log(Kind.LEG_RINGING, leg.id, at_s=at_s)
            case messages.Audible():
                if leg.state in (LegState.DIALING, LegState.RINGING):
                    self.log(Kind.LEG_AUDIBLE, leg.id, at_s=at_s, cause=happening.cause)
            case messages.Answered():
                kind = Kind.CALL_ANSWERED if leg.purpose is Purpose.CALLER else Kind.LEG_ANSWERED
                self.log(kind, leg.id, at_s=at_s, assumed=happening.assumed)
            case messages.Digit():
                self.log(Kind.DIGIT, leg.id, at_s=at_s, digit=happening.digit, via=happening.via)
            case messages.FaxHeard():
                self._fax_heard(leg, at_s)
            case messages.Finished():
                leg.conclude(happening.command, happening)
            case messages.Collected():
                if not leg.conclude(happening.command, happening) and not self.plant.gateway.is_mine(happening.command):
                    leg.typed += happening.digits  # asked for by an exchange that did not live to read it
            case messages.Connected():
                self._joined(leg, self.leg_on(happening.other), at_s)
            case messages.Disconnected():
                if leg.id in self.bridge:
                    self.parted(at_s)
            case messages.Held():
                self.held_by(leg, happening.by, at_s)
            case messages.Resumed():
                if leg.held:
                    self.log(Kind.HOLD_ENDED, leg.id, at_s=at_s)
                    self.hold_music_ends(leg)
            case messages.Flashed():
                leg.conclude(happening.command, happening)
            case messages.Transferring() if happening.replaces:
                self.join(leg, self.plant.gateway.legs.get(happening.replaces), at_s)
            case messages.Transferring():
                self.transfer_to(leg, happening.number, at_s)
            case messages.HandedBack():
                trunk = ":".join(self.party(leg).split(":")[:2])
                self.log(Kind.HANDED_BACK, leg.id, at_s=at_s, outcome=happening.outcome, to=trunk)
            case messages.Recording():
                self.log(Kind.RECORDING_STARTED, leg.id, at_s=at_s, path=self._within_home(happening.path))
            case messages.Recorded():
                self.log(
                    Kind.RECORDING_ENDED, leg.id, at_s=at_s,
                    path=self._within_home(happening.path), duration_s=happening.duration_s,
                )
                self._end_when_quiet()
            case messages.Hungup():
                self.ended(leg, happening.cause, happening.by, at_s)
            case messages.Refused():
                self._refused(leg, happening)

    def _fax_heard(self, leg: Leg, at_s: float) -> None:
        """Send a fax machine where one answers, once, unless somebody talks with it: they see what it is."""
        task, over = self.task, self.over or self._closing is not None
        if task is None or self.fax or over or leg is not self.caller or self.bridge or self.consultation is not None:
            return
        to = self.plant.fax(self)
        if to is not None and (to.kind, to.name) == (self.destination.kind, self.destination.name):
            to = None
        self.log(
            Kind.FAX_HEARD, leg.id, at_s=at_s, to=str(to or ""),
            destination=msgspec.to_builtins(to) if to is not None else None,
        )
        if to is not None:
            task.cancel()

    def take_moved(self) -> bool:
        """Tell whether the stage was cancelled for a fax that goes on elsewhere, not since the caller has gone."""
        moved = self.fax and self.transferred is not None and self.caller.state is not LegState.ENDED
        if moved and (task := asyncio.current_task()) is not None:
            task.uncancel()
            self.release_others()
        return moved

    def _joined(self, leg: Leg, other: Leg | None, at_s: float) -> None:
        pair = frozenset((leg.id, other.id)) if other is not None else frozenset[str]()
        if other is None or self.bridge == pair:
            return  # told by each of the two
        if self.bridge:
            self.parted(at_s)
        self.log(Kind.BRIDGE_JOINED, at_s=at_s, legs=sorted(pair, key=int))
        for one in (leg, other):
            if one.held:  # since before a transfer that failed
                self.on_hold(one, one.held, at_s)
        if self._connecting[0] == pair:
            self._connecting[1].conclude(self._connecting[2], None)

    def parted(self, at_s: float) -> None:
        """Note that the two who heard each other no longer do."""
        self.log(Kind.BRIDGE_LEFT, at_s=at_s, legs=sorted(self.bridge, key=int))

    def ended(self, leg: Leg, cause: int, by: str, at_s: float) -> None:
        """Note that a leg has ended, and set going what follows."""
        by = "party" if leg.leaving and by == "exchange" else by
        if leg.id in self.bridge:
            if leg.held:
                self.hold_music_ends(leg)
            self.parted(at_s)
        self.log(Kind.LEG_ENDED, leg.id, at_s=at_s, cause=cause, by=by)
        if leg.id in self._connecting[0]:
            self._connecting[1].conclude(self._connecting[2], None)
        if self._closing is None:
            self.consultation_left(leg, at_s)
        if self.talking is not None and self.talking[0] is leg:
            self.talking[1].set()
        if leg is self.caller and self._closing is None:
            if self.task is not None:
                self.task.cancel()
            else:
                self.close()
        self._end_when_quiet()

    def _refused(self, leg: Leg, refused: messages.Refused) -> None:
        if leg.conclude(refused.command, refused) or leg.state is LegState.ENDED:
            return  # who gave the order is told, or it crossed the end of its channel
        if refused.command == self._handing_back:
            log.info("call %s: it is not handed back: %s", self.id, refused.text)
            return
        log.warning("call %s: leg %s: %s (%s)", self.id, leg.id, refused.text, refused.code)
        if refused.code == NoDisk.code:
            wrong = messages.Wrong("not-recorded", {"call": self.id, "why": refused.text})
            self.log(Kind.ALARM, **alarm_data(AlarmName.NOT_RECORDED, "recordings", raised=True, wrong=wrong))
        if leg.state is LegState.DIALING:
            self.ended(leg, TEMPORARY_FAILURE, "gateway", refused.at_s)

    def tag(self, leg: Leg) -> Tag:
        """Return what a leg's channel is marked with: whose it is, should the exchange be another one by then."""
        return Tag(call=self.id, leg=leg.id, purpose=f"{leg.purpose}:{leg.agent}" if leg.agent else str(leg.purpose))

    def _within_home(self, path: str) -> str:
        home = f"{self.plant.home}/"
        return path.removeprefix(home)


def target_name(target: Target) -> str:
    """Return a target as records name it: `extension:201`, `line:1:10086`, `trunk:carrier:10086`."""
    if isinstance(target, ToExtension):
        return f"extension:{target.number}"
    if isinstance(target, ToLine):
        return f"line:{target.line}:{target.number}"
    return f"trunk:{target.trunk}:{target.number}"
