"""What a call is at this moment: changed by its events alone, alike when they happen and when they are read again."""

from abc import ABC, abstractmethod
from typing import NamedTuple

import msgspec

from drivers.link import messages
from firmware.calls.destination import NOWHERE, Destination
from firmware.calls.leg import Leg, LegState, Purpose
from firmware.calls.plant import Plant
from firmware.events import Event, Kind


class Transfer(NamedTuple):
    """A transfer: the leg that asked for it, what the call goes back to if it comes to nothing, and why it did."""

    leg: Leg
    caller: Leg
    destination: Destination
    cause: int = 0


class Consultation(NamedTuple):
    """Somebody is asked while whom one talks with waits: who asks, who waits, and what the call goes back to.

    `to` is whom, in the words of who asked; `consulted` is the leg they talked with first.
    """

    leg: Leg
    held: Leg
    caller: Leg
    destination: Destination
    to: str
    consulted: Leg | None = None

    @property
    def answered(self) -> bool:
        """Tell whether whoever was asked is there."""
        leg = self.consulted
        return leg is not None and leg.state is LegState.ANSWERED and not leg.hanging_up


class CallState(ABC):
    """A call's facts, its legs and who hears whom."""

    def __init__(self, plant: Plant, offered: Event) -> None:
        """`offered` is the CALL_OFFERED event the call begins with."""
        data = offered.data
        self.plant = plant
        self.id = offered.call
        self.direction: str = data["direction"]
        self.source: str = data["source"]
        self.did: str = data["did"]
        self.number: str = data["number"]
        self.e164: str = data["e164"]
        self.caller_name: str = data["name"]
        self.withheld: bool = data["withheld"]
        self.started_s = offered.at_s
        self._steady_s: float | None = data.get("steady_s")
        self.originated = bool(data.get("originated"))    # by a page: the box rings the caller's telephone first
        self.caller = Leg(self, "1", data["channel"], Purpose.CALLER, "", "")
        if self.originated:
            self.caller.state = LegState.DIALING
        self.legs = {"1": self.caller}
        self.variables: dict[str, str] = {}
        self.destination = NOWHERE
        self.transferred: Destination | None = None  # where a transfer wants the call; handle takes it from here
        self.transfer: Transfer | None = None        # the last one
        self.consultation: Consultation | None = None  # the one that is going on
        self.unreached: tuple[str, int] | None = None  # whom the last one was to reach, and why (Q.850) it did not
        self.sent_by: Leg | None = None              # who sent the call where it is, by a transfer or a consultation
        self.parting: Leg | None = None              # who has handed the call over, and has to go
        self.recall: Destination | None = None       # where a caller who was handed over returns if nobody takes them
        self.bridge: frozenset[str] = frozenset()    # ids of the two legs that hear each other
        self.last_bridge = self.bridge
        self.left_by = ""                            # purpose of the leg that ended the last talk by hanging up
        self.fax = False                             # a fax machine calls
        self.over = False                            # CALL_ENDED is logged
        self.emergency = ""                          # the emergency number it calls
        self.queue = ""                              # the last queue it came to
        self.waiting: tuple[str, float, float] | None = None  # queue, since, when an agent was heard

    @abstractmethod
    def take(self, leg: Leg, happening: messages.ChannelEvent | messages.Refused) -> None:
        """Take what the gateway tells of a leg."""

    @abstractmethod
    def forget(self, leg: Leg, at_s: float) -> None:
        """End a leg that the gateway does not have."""

    def apply(self, event: Event) -> None:
        """Change state by one event, alike when it happens and when the journal is read again."""
        match event.kind:
            case Kind.LEG_DIALED:
                data = event.data
                self.legs[event.leg] = Leg(
                    self, event.leg, data["channel"], Purpose(data["party"]), data["target"], data["agent"]
                )
            case Kind.STAGE_ENTERED:
                former, self.destination = self.destination, msgspec.convert(event.data["destination"], Destination)
                self.variables, self.transferred = dict(self.destination.variables), None
                if not self.destination.continues(former):
                    self.last_bridge, self.left_by = frozenset(), ""
                if self.source.startswith("extension:") and self.consultation is None:
                    self.direction = "out" if self.destination.kind == "number" else "internal"
            case Kind.QUEUE_ENTERED:
                self.queue = event.data["queue"]
                self.waiting = (self.queue, event.at_s, 0.0)
            case Kind.QUEUE_LEFT:
                self.waiting = None
            case Kind.BRIDGE_JOINED:
                if self.waiting is not None:
                    self.waiting = (*self.waiting[:2], event.at_s)
                self.bridge = self.last_bridge = frozenset(event.data["legs"])
                self.left_by = ""
                self._heard()
            case Kind.BRIDGE_LEFT:
                self.bridge = frozenset()
            case Kind.TRANSFERRED:
                self.sent_by = self.legs[event.leg]
                self.transfer = Transfer(self.sent_by, self.caller, self.destination)
                self._go_on(event)
            case Kind.TRANSFER_FAILED:
                if self.transfer is not None:
                    self.transfer = self.transfer._replace(cause=event.data["cause"])
                self.recall = None
                self._go_on(event)
            case Kind.CONSULTING:
                leg, held = self.legs[event.leg], self.legs[event.data["held"]]
                self.consultation = Consultation(leg, held, self.caller, self.destination, event.data["to"])
                self.sent_by, self.unreached = leg, None
                self._go_on(event)
            case Kind.CONSULTED:
                self._consulted(event)
            case Kind.FAX_HEARD:
                self.fax = True
                if event.data["destination"]:
                    self.transferred = msgspec.convert(event.data["destination"], Destination)
            case Kind.EMERGENCY:
                self.emergency = event.data["number"]
            case Kind.CALL_ENDED:
                self.over = True
            case Kind.CLOCK_SET:
                self._correct(event.data["step_s"])
            case _ if event.leg:
                leg = self.legs[event.leg]
                leg.apply(event)
                left = event.kind is Kind.LEG_ENDED and leg.ended_by == "party" and leg.id in self.last_bridge
                if left and leg is not self.caller:
                    self.left_by = str(leg.purpose)

    @property
    def offset_s(self) -> float | None:
        """By how much the wall's clock is ahead of the steady one, as this call's times have it; None if unknown."""
        return None if self._steady_s is None else self.started_s - self._steady_s

    def _correct(self, step_s: float) -> None:
        """The clock was set: what is kept of the time before is by the former one."""
        self.started_s += step_s
        if self.waiting is not None:
            queue, since_s, heard_s = self.waiting
            self.waiting = (queue, since_s + step_s, heard_s and heard_s + step_s)
        if self.destination.since_s:
            self.destination = msgspec.structs.replace(self.destination, since_s=self.destination.since_s + step_s)
        for leg in self.legs.values():
            leg.ended_s += step_s if leg.ended_s else 0.0

    def _go_on(self, event: Event) -> None:
        """Be somebody's visit, and go somewhere else, by a transfer or its failure."""
        self.transferred = msgspec.convert(event.data["destination"], Destination)
        self.caller = self.legs[event.data["party"]]
        self.last_bridge = frozenset()

    def _heard(self) -> None:
        """Two hear each other: whoever was asked is known by it, and who was handed over has been taken."""
        asking = self.consultation
        if asking is not None and asking.leg.id in self.bridge and asking.held.id not in self.bridge:
            (consulted,) = self.bridge - {asking.leg.id}
            self.consultation = asking._replace(consulted=self.legs[consulted])
        if self.caller.id in self.bridge:
            self.recall = None

    def _consulted(self, event: Event) -> None:
        """A consultation is over: somebody's visit it is from now on."""
        asking, self.consultation = self.consultation, None
        if event.data["outcome"] == "back":
            self.unreached = (asking.to, event.data["cause"]) if asking is not None and event.data["cause"] else None
            self._go_on(event)
            return
        self.caller, self.last_bridge = self.legs[event.data["party"]], self.bridge
        if asking is not None and event.data["outcome"] != "alone":
            self.parting, self.last_bridge = asking.leg, frozenset()
            kind, _, extension = self.party(asking.leg).partition(":")
            self.recall = Destination("extension", extension) if kind == "extension" else None

    @property
    def swapped(self) -> bool:
        """Tell whether who asks somebody talks with the one who waits just now, and the one asked waits instead."""
        return self.consultation is not None and self.consultation.held.id in self.bridge

    def stays(self, leg: Leg) -> bool:
        """Tell whether a leg has its place in the call though the talk it was in is over."""
        asking = self.consultation
        asks = asking is not None and leg in (asking.held, asking.caller)  # who asks is the caller for now
        return asks or leg in (self.caller, self.transferor)

    @property
    def transferor(self) -> Leg | None:
        """Return who has asked for the transfer that is being tried, and would get the call back; None if gone."""
        if self.transfer is None or self.transfer.cause:
            return None
        leg = self.transfer.leg
        return leg if leg.state is LegState.ANSWERED and not leg.hanging_up else None

    def live_legs(self, purpose: Purpose) -> list[Leg]:
        """Return the legs dialled for this purpose that live, also those of an earlier exchange.

        Whoever became the caller by a transfer is no such leg any more, nor who asked for it and waits for its end; nor
        are the parties of a talk that waits while somebody else is asked.
        """
        return [
            leg for leg in self.legs.values()
            if leg.purpose is purpose and leg.state is not LegState.ENDED and not leg.hanging_up
            and leg is not self.parting and not self.stays(leg)
        ]

    def is_finished(self) -> bool:
        """Tell, of a call of an earlier exchange, whether there is nobody left to serve: the talk that was is over."""
        talk_over = len(self.last_bridge) > 0 and not self.bridge and self.transferred is None
        return self.caller.state is LegState.ENDED or talk_over

    def party(self, leg: Leg) -> str:
        """Return whose leg it is: `extension:201`, `line:2`, `trunk:carrier:10086`."""
        return leg.target or self.source

    def partner(self, leg: Leg) -> Leg | None:
        """Return who hears this leg."""
        others = self.bridge - {leg.id} if leg.id in self.bridge else frozenset[str]()
        return self.legs[next(iter(others))] if others else None

    def leg_on(self, channel: str) -> Leg | None:
        """Return the leg on a channel."""
        return next((leg for leg in self.legs.values() if leg.channel == channel), None)
