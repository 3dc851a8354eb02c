"""A span with bits for each timeslot, spoken to by MFC/R2 at the central office: a line of openr2's on every channel.

Register signals are sound on the channel, as on a real wire. The office asks for all digits there are.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from itertools import combinations
from typing import Literal

from drivers.link.causes import DESTINATION_OUT_OF_ORDER, NO_CIRCUIT_AVAILABLE, SWITCHING_EQUIPMENT_CONGESTION
from drivers.link.messages import E1_SLOTS
from drivers.link.office import PlaceCall
from drivers.office.circuit import Circuit, CircuitState, SpanCallee
from drivers.office.country import Country, Tone
from drivers.office.sound import BLOCK, SILENCE
from drivers.office.span import NOTHING, Span
from native import r2
from native.media import Ear
from native.r2 import R2Error
from native.tones import ToneSender

log = logging.getLogger("office.span")

BLOCKED = 0b1101
ALARM = 0x80            # beside the bits: the box receives none
MOST_DIGITS = 20
LEVEL_DBM0 = -11.5      # of each of a register signal's two frequencies (ITU-T Q.454)
FORWARD_HZ, BACKWARD_HZ = (1380, 1500, 1620, 1740, 1860, 1980), (1140, 1020, 900, 780, 660, 540)  # Q.441 table 5
PLACES = dict(zip(r2.TONES, sorted(combinations(range(6), 2), key=lambda pair: pair[::-1]), strict=True))


class FarLine:
    """One timeslot: its line, the call on it, and what is said before anybody talks. `tell` sends its bits."""

    def __init__(
        self, slot: int, variant: str, ringback: Tone, tell: Callable[[int, int], None], clock: Callable[[], float]
    ) -> None:
        self.slot, self.bits = slot, BLOCKED
        self.circuit: Circuit | None = None
        self._ringback, self._tell = ringback, tell
        self._tone: ToneSender | None = None
        self._ear: Ear | None = None
        self._group = FORWARD_HZ
        self.line = r2.Line(
            variant, self._send_bits, self._send_tone, self._listen, self._said, clock, called_digits=MOST_DIGITS,
            calling_digits=MOST_DIGITS,
        )  # fmt: skip

    def ring(self) -> None:
        """Let the box hear ringback, which is the called side's to play, until `quiet`."""
        self._tone = ToneSender(self._ringback.frequencies, self._ringback.level_dbm0, self._ringback.on_off_ms)

    def quiet(self) -> None:
        """Play no ringback."""
        self._tone = None

    def tick(self, heard: bytes) -> bytes | None:
        """Live 20 ms of its sound; None while it has no call."""
        if self._ear is not None:
            for one in self._ear.hear(heard):
                self.line.hear(one.value)
        circuit = self.circuit
        said = circuit.tick(heard) if circuit is not None else SILENCE
        if circuit is not None and circuit.state is CircuitState.TALKING:
            return said
        if circuit is not None and circuit.speaks and self.line.state != "accepted":
            said = SILENCE  # else it would disturb the register signals
        if self._tone is not None:
            return self._tone.read(BLOCK)
        return None if circuit is None and self._ear is None else said

    # ---- what openr2 asks for

    def _send_bits(self, bits: int) -> None:
        self.bits = bits
        self._tell(self.slot, bits)

    def _send_tone(self, tone: str) -> None:
        hertz = [self._group[place] for place in PLACES[tone]] if tone else ()
        self._tone = ToneSender(hertz, LEVEL_DBM0) if tone else None

    def _listen(self, what: Literal["", "forward", "backward"]) -> None:
        self._ear = Ear(digits=False, tones={}, caller_id=False, mf=what) if what else None
        self._group = BACKWARD_HZ if what == "forward" else FORWARD_HZ

    def _said(self, text: str) -> None:
        log.info("channel %d: %s", self.slot, text)


class R2Span(Span):
    """One such span; of frames it has two octets each, a timeslot and its bits."""

    def __init__(self, number: int, called: Callable[[Circuit, str], SpanCallee], country: Country) -> None:
        super().__init__(number, called)
        self._country = country
        self._far: dict[int, FarLine] = {}
        self._received: dict[int, int] = {}     # as the box sends them, heard or not
        self._deaf = False

    @property
    def speaks(self) -> str:
        """What is spoken on it."""
        return "r2"

    @property
    def plugged(self) -> bool:
        """Whether the box uses it."""
        return bool(self._far)

    @property
    def up(self) -> bool:
        """Whether calls can be made."""
        return any(far.line.free or far.circuit is not None for far in self._far.values())

    def plug(self) -> None:
        """Begin anew with a box that begins to use it."""
        self.unplug()
        self._far = {
            slot: FarLine(slot, self.r2_variant, self._country.ringback, self._send, self._now_s) for slot in E1_SLOTS
        }
        self._deaf = False

    def speak(self, variant: str) -> None:
        """Speak another variant from now on; one of ISDN once the box speaks that here."""
        if variant in r2.VARIANTS:
            self.r2_variant = variant
            if self.plugged:
                received = self._received
                self.plug()
                self._hear(list(received.items()))  # the box sends its bits only when they change
        else:
            self.variant = variant

    def unplug(self) -> None:
        """End all calls: the box uses it no more."""
        for circuit in self.circuits.values():
            circuit.cleared(DESTINATION_OUT_OF_ORDER)
        self.circuits.clear()
        self._frames.clear()
        self._far, self._received = {}, {}

    def tick(self, frames: Iterable[bytes] = (), heard: Mapping[int, bytes] = NOTHING) -> None:
        """Live 20 ms: take bits and samples (by timeslot) of the box; those that it gets are in `said`."""
        self._ticks += 1
        self.said = ([], {})
        if not self._far:
            return
        self._hear([(frame[0], frame[1]) for frame in frames if len(frame) == 2 and frame[0] in self._far])
        said = {}
        for slot, far in self._far.items():
            block = far.tick(SILENCE if self._deaf else heard.get(slot, SILENCE))
            if block is not None:
                said[slot] = block
            far.line.run()
            for event in far.line.take():
                self._of(far, event)
        told = self._frames.copy()
        self._frames.clear()
        silent = self.fault.alarm in ("red", "blue") or self.fault.plug
        self.said = (told, dict.fromkeys(said, SILENCE) if silent else said)

    # ---- what calls ask

    def set_up(self, circuit: Circuit, order: PlaceCall) -> bool:
        """Call the box; False where no channel is free, or the number is none."""
        far = next((far for far in self._far.values() if far.line.free and far.circuit is None), None)
        if far is None:
            return False
        try:
            far.line.call(order.to, None if order.withheld or not order.number else order.number)
        except R2Error as error:
            log.warning("span %d: %s", self.number, error)
            return False
        self._take(far, circuit)
        return True

    def announce(self, circuit: Circuit) -> None:
        """Let the box hear something before the answer, for which its call is accepted."""
        self._do(self._far[circuit.slot].line.accept)

    def alert(self, circuit: Circuit) -> None:
        """Tell the box that it rings, and let it hear that."""
        far = self._far[circuit.slot]
        if far.line.state == "accepted":
            far.ring()
        self._do(far.line.accept)

    def answer(self, circuit: Circuit) -> None:
        """Tell the box of the answer."""
        self._far[circuit.slot].quiet()
        self._do(self._far[circuit.slot].line.answer)

    def hang_up(self, circuit: Circuit, cause: int) -> None:
        """Tell the box that the call is over."""
        self._far[circuit.slot].quiet()
        self._do(lambda: self._far[circuit.slot].line.hang_up(cause))

    # ---- inside

    def _do(self, act: Callable[[], None]) -> None:
        """Do one of a line's acts; a call that openr2 knows no more is over, as it will tell."""
        try:
            act()
        except R2Error as error:
            log.info("span %d: %s", self.number, error)

    def _hear(self, told: list[tuple[int, int]]) -> None:
        """Take the bits that the box sends, once something of it arrives, and those of before then."""
        self._received |= dict(told)
        deaf = bool(self.fault.alarm) or self.fault.plug or not self.fault.dchannel
        if deaf != self._deaf:
            self._deaf = deaf
            told = list(self._received.items())
            for far in self._far.values():
                far.line.shut(deaf)
                self._send(far.slot, far.bits)
        if not deaf:
            for slot, bits in told:
                self._far[slot].line.receive(bits)

    def _send(self, slot: int, bits: int) -> None:
        if self.fault.dchannel and not self.fault.plug:
            self._frames.append(bytes((slot, bits | (ALARM if self.fault.alarm else 0))))

    def _take(self, far: FarLine, circuit: Circuit) -> None:
        circuit.slot = circuit.call = far.slot
        self.circuits[far.slot] = far.circuit = circuit

    def _of(self, far: FarLine, event: r2.Event) -> None:
        circuit = far.circuit
        if isinstance(event, r2.Offered):
            circuit = Circuit(self, far.slot)
            self._take(far, circuit)
            circuit.called(self._called(circuit, event.did))
        elif circuit is None:
            return
        elif isinstance(event, r2.Accepted):
            if circuit.state is CircuitState.CALLED:
                far.ring()
            circuit.ringing()
            circuit.audible()
        elif isinstance(event, r2.Answered):
            circuit.answered()
        elif isinstance(event, r2.Cleared):
            far.quiet()
            congested = event.cause == SWITCHING_EQUIPMENT_CONGESTION  # R2 has one signal for either
            circuit.cleared(NO_CIRCUIT_AVAILABLE if congested else event.cause)
        elif isinstance(event, r2.Freed):
            far.quiet()
            circuit.cleared(DESTINATION_OUT_OF_ORDER)
            far.circuit = None
            del self.circuits[far.slot]
