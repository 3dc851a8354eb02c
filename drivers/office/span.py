"""An ISDN span, seen from the central office: its D-channel, and which call has which channel.

The first leads to the office itself, which is the network. At the other end of the second is an old private exchange,
which is the user, and for which the box is the network. It knows no socket and no clock but its ticks.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Literal

from drivers import qsig
from drivers.link.causes import CHANNEL_UNAVAILABLE, DESTINATION_OUT_OF_ORDER
from drivers.link.messages import E1_SLOTS
from drivers.link.office import PlaceCall, SpanFault
from drivers.office.circuit import Circuit, CircuitState, SpanCallee
from drivers.office.loop import Loop
from drivers.office.sound import SILENCE, TICK_S
from native import isdn, r2, rose
from native.isdn import Party, PriError
from native.pri import DChannel

log = logging.getLogger("office.span")
NOTHING: Mapping[int, bytes] = {}
Side = Literal["network", "user"]
SIDES: dict[int, Side] = {1: "network", 2: "user"}


class Span:
    """One span. `tick` is its clock; `called` is told of each call of the box, and returns who has the number."""

    def __init__(self, number: int, called: Callable[[Circuit, str], SpanCallee]) -> None:
        self.number = number
        self.side = SIDES[number]
        self.variant = "euroisdn"
        self.r2_variant = "china"   # of MFC/R2, where the box speaks that
        self.fault = SpanFault(span=number)
        self.waiting: set[str] = set()              # the extensions whose lamps are lit
        self._done: dict[bytes, qsig.Service] = {}  # what the box asked for, by its call's reference
        self.circuits: dict[int, Circuit] = {}      # by libpri's number
        self._called = called
        self._ticks = 0
        self._frames: list[bytes] = []
        self.said: tuple[list[bytes], dict[int, bytes]] = ([], {})
        self._dchannel: DChannel | None = None
        self._loops: dict[int, Loop] = {}   # by timeslot
        self._joined: list[Circuit] = []    # of each pair that the office has joined, one

    @property
    def speaks(self) -> str:
        """What is spoken on it."""
        return self.variant

    @property
    def plugged(self) -> bool:
        """Whether the box uses it."""
        return self._dchannel is not None

    @property
    def up(self) -> bool:
        """Whether calls can be made."""
        return self._dchannel is not None and bool(self._dchannel.up)

    @property
    def joined(self) -> int:
        """How many pairs of calls talk on that the office has joined."""
        return sum(circuit.state is CircuitState.JOINED for circuit in self._joined)

    @property
    def looped(self) -> Collection[int]:
        """The timeslots whose octets go back to the box; with 0, its D-channel's frames do, too."""
        if self.fault.alarm:
            return ()
        return (0, *E1_SLOTS) if self.fault.plug else self.fault.looped

    @property
    def wrong_bits(self) -> int:
        """How many were put into what was looped back."""
        return sum(loop.wrong for loop in self._loops.values())

    def back(self, slot: int, block: bytes) -> bytes:
        """Return what comes back of a looped timeslot's block."""
        ratio = self.fault.bit_errors
        return self._loops.setdefault(slot, Loop()).back(block, round(1 / ratio) if ratio else 0)

    def plug(self) -> None:
        """Begin anew with a box that begins to use it."""
        self.unplug()
        self._done.clear()
        self._dchannel = DChannel(self.side, self.variant, self._say_frame, self._said, self._now_s)

    def speak(self, variant: str) -> None:
        """Speak another variant from now on, as an exchange does that was set up anew; one of R2 once the box does."""
        if variant in r2.VARIANTS:
            self.r2_variant = variant
        else:
            self.variant = variant
            if self.plugged:
                self.plug()

    def unplug(self) -> None:
        """End all calls: the box uses it no more."""
        for circuit in self.circuits.values():
            circuit.cleared(DESTINATION_OUT_OF_ORDER)
        self.circuits.clear()
        self._frames.clear()
        if self._dchannel is not None:
            self._dchannel.close()
            self._dchannel = None

    def tick(self, frames: Iterable[bytes] = (), heard: Mapping[int, bytes] = NOTHING) -> None:
        """Live 20 ms: take frames and samples (by timeslot) of the box; those that it gets are in `said`."""
        self._ticks += 1
        self.said = ([], {})
        self._joined = [circuit for circuit in self._joined if circuit.state is CircuitState.JOINED]
        for circuit in self._joined:
            circuit.talk_on()
        if self._dchannel is None:
            return
        alarm = self.fault.alarm
        deaf = bool(alarm) or self.fault.plug  # by each of them nothing of the box arrives; by yellow it still hears us
        for frame in () if deaf or not self.fault.dchannel else frames:
            self._asked(frame)
            self._dchannel.receive(frame)
            self._tell(self._dchannel)
        self._dchannel.run()
        self._tell(self._dchannel)
        said = {
            circuit.slot: circuit.tick(SILENCE if deaf else heard.get(circuit.slot, SILENCE))
            for circuit in list(self.circuits.values())
        }
        told = self._frames.copy()
        self._frames.clear()
        if alarm in ("red", "blue") or self.fault.plug:
            self.said = ([], dict.fromkeys(said, SILENCE))
        else:
            self.said = (told if self.fault.dchannel else [], said)

    # ---- lamps, of which libpri knows nothing: it refuses what would light them

    def _asked(self, frame: bytes) -> None:
        """Light a lamp that the box asks for, or put it out (ECMA-242)."""
        found = qsig.message(frame[:-2])
        if found is None or found.kind != qsig.SETUP:
            return
        for kind, element in rose.elements(found.elements):
            for service in qsig.services(element) if kind == qsig.FACILITY else ():
                change = {"mwiActivate": self.waiting.add, "mwiDeactivate": self.waiting.discard}.get(service.name)
                if change is not None:
                    change(service.served)
                    self._done[found.reference] = service

    def _say_frame(self, frame: bytes) -> None:
        """Send what libpri says; of what was done for the box it says that it cannot be."""
        found = qsig.message(frame[:-2])
        service = self._done.get(found.reference) if found and found.kind == qsig.RELEASE_COMPLETE else None
        if found is not None and service is not None:
            frame = qsig.accepted(found, service.invoke, service.name) + frame[-2:]
        self._frames.append(frame)

    # ---- what calls ask

    def set_up(self, circuit: Circuit, order: PlaceCall) -> bool:
        """Call the box; False where no channel is free, or the D-channel is down."""
        taken = {one.slot for one in self.circuits.values()}
        free = [slot for slot in E1_SLOTS if slot not in taken]
        if self._dchannel is None or not self.up or not free:
            return False
        circuit.slot = free[0] if self.side == "network" else free[-1]  # the far side takes the others first
        presentation = "restricted" if order.withheld else "allowed" if order.number else "unavailable"
        caller = Party(order.number, order.name, presentation, screening="network" if order.number else "user")
        try:
            circuit.call = self._dchannel.call(order.to, caller, channel=circuit.slot)
        except PriError as error:
            log.warning("span %d: %s", self.number, error)
            return False
        self.circuits[circuit.call] = circuit
        return True

    def announce(self, circuit: Circuit) -> None:
        """Tell the box that something is heard before the answer."""
        self._act("progress", circuit.call, circuit.slot)

    def alert(self, circuit: Circuit) -> None:
        """Tell the box that it rings."""
        self._act("alert", circuit.call, circuit.slot, circuit.speaks)

    def answer(self, circuit: Circuit) -> None:
        """Tell the box of the answer."""
        self._act("answer", circuit.call, circuit.slot)

    def hang_up(self, circuit: Circuit, cause: int) -> None:
        """Tell the box that the call is over."""
        self._act("hang_up", circuit.call, cause)

    # ---- what the D-channel tells

    def _tell(self, dchannel: DChannel) -> None:
        while events := dchannel.take():
            for event in events:
                self._happened(event)

    def _happened(self, event: isdn.Event) -> None:
        if isinstance(event, isdn.Offered):
            self._offered(event)
        elif isinstance(event, isdn.Wrong):
            log.warning("span %d: %s", self.number, event.text)
        elif isinstance(event, isdn.JoinAsked):
            self._join(event)
        elif isinstance(event, isdn.Freed):
            circuit = self.circuits.pop(event.call, None)
            if circuit is not None:
                circuit.cleared(DESTINATION_OUT_OF_ORDER)
        elif isinstance(event, isdn.Progress) and event.inband and event.call in self.circuits:
            self.circuits[event.call].audible()
        elif isinstance(event, isdn.Cleared | isdn.Alerting | isdn.Answered) and event.call in self.circuits:
            circuit = self.circuits[event.call]
            if isinstance(event, isdn.Cleared):
                circuit.cleared(event.cause)
            elif isinstance(event, isdn.Alerting):
                circuit.ringing()
                if event.inband:
                    circuit.audible()
            else:
                circuit.answered()

    def _offered(self, offer: isdn.Offered) -> None:
        if offer.channel not in E1_SLOTS or offer.channel in {one.slot for one in self.circuits.values()}:
            self._act("hang_up", offer.call, CHANNEL_UNAVAILABLE)
            return
        circuit = self.circuits[offer.call] = Circuit(self, offer.channel)
        circuit.call = offer.call
        self._act("proceed", offer.call, offer.channel)
        circuit.called(self._called(circuit, offer.did))

    def _join(self, asked: isdn.JoinAsked) -> None:
        """Join the two whom the box asks for, as the network does where both talk, and where it is ordered."""
        pair = [circuit for call in (asked.call, asked.other) if (circuit := self.circuits.get(call)) is not None]
        granted = self.fault.joins and [one.state for one in pair] == 2 * [CircuitState.TALKING]
        if granted:
            for call in (asked.call, asked.other):
                del self.circuits[call]
            pair[0].join(pair[1])
            self._joined.append(pair[0])
        self._act("answer_join", asked, granted)

    def _act(self, what: str, *arguments: object) -> None:
        """Do one of the D-channel's acts; a call that libpri knows no more is over, as it will tell."""
        try:
            getattr(self._dchannel, what)(*arguments)
        except PriError as error:
            log.info("span %d: %s: %s", self.number, what, error)

    def _now_s(self) -> float:
        return self._ticks * TICK_S

    def _said(self, text: str) -> None:
        log.info("span %d: %s", self.number, text)
