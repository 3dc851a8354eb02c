"""A plain telephone in one of the box's telephone ports: a hook, a bell, keys or a dial, an ear, a mouth, a display."""

from collections import deque

from drivers.link.office import Shown, TelephoneStatus
from drivers.office.country import Country
from drivers.office.ear import Ear
from drivers.office.hook import HookEvent, HookReader
from drivers.office.party import spoken
from drivers.office.sound import SILENCE, TICK_S, Item, Lasting, Mouth
from native.dsp import CallerIdReceiver, DtmfSender

BREAK_TICKS, MAKE_TICKS = 3, 2      # of a dial: 10 pulses a second, open for 60 % of each (ITU-T Q.6's telephones)
DIGIT_TICKS = 30                    # between two digits that are dialled by hand
FLASH_TICKS = 20
PAUSE_S = 1.0                       # of a comma


class Telephone:
    """What somebody does with it is asked for at once, and done a tick at a time."""

    def __init__(self, number: int, country: Country) -> None:
        self.number, self.ring = number, False
        self.rings = 0          # bursts, since it was last put down
        self.lifted = False
        self.shown: Shown | None = None
        self._country = country
        self._hook = HookReader()
        self._loop: deque[bool] = deque()   # what the loop does next, of a dial or a flash
        self._receivers: tuple[CallerIdReceiver, ...] = ()
        self._mouth = Mouth(lambda event, detail: None)
        self._ear = Ear(country, lambda name, at_s: None, lambda digit, at_s: None)
        self._silent_display()

    @property
    def off_hook(self) -> bool:
        """Whether a card would say so."""
        return self._hook.off_hook

    # ---- what somebody does

    def lift(self) -> None:
        """Lift the receiver; what is heard is counted from now on."""
        if not self.lifted:
            self.lifted = True
            self._ear = Ear(self._country, lambda name, at_s: None, lambda digit, at_s: None)

    def put_down(self) -> None:
        """Put the receiver down."""
        if self.lifted:
            self.lifted, self.rings, self.shown = False, 0, None
            self._mouth.hush()
            self._loop.clear()
            self._silent_display()

    def flash(self) -> None:
        """Press the hook for a moment."""
        self._loop.extend([False] * FLASH_TICKS + [True])

    def dial(self, digits: str, pulse: bool = False) -> None:
        """Press keys, or dial by breaks of the loop; a comma is a pause."""
        for digit in digits:
            if digit == ",":
                self._mouth.say(Item(Lasting(PAUSE_S)))
                self._loop.extend([True] * round(PAUSE_S / TICK_S) if pulse else ())
            elif pulse:
                self._loop.extend(([False] * BREAK_TICKS + [True] * MAKE_TICKS) * (int(digit) or 10))
                self._loop.extend([True] * DIGIT_TICKS)
            else:
                sender = DtmfSender()
                sender.put(digit)
                self._mouth.say(Item(sender))

    def speak(self, play: str, tone_hz: float | None) -> None:
        """Say something else from now on, or nothing; BadSound for a file that cannot be spoken."""
        item = spoken(play, tone_hz, -10.0, None)
        self._mouth.hush()
        if item:
            self._mouth.say(item)

    # ---- the clock

    def set_ring(self, on: bool) -> None:
        """Ring, or fall silent."""
        self.rings += on and not self.ring and not self.lifted
        self.ring = on

    def tick(self, heard: bytes) -> tuple[bytes, HookEvent | None]:
        """Live 20 ms, off-hook with what the box sent; return what is said, and what the hook told."""
        closed = self._loop.popleft() if self._loop and self.lifted else self.lifted
        event = self._hook.tick(closed)
        if not self.lifted:
            return SILENCE, event
        self._ear.hear(heard if closed else SILENCE)
        said = self._mouth.read()
        return (said if closed else SILENCE), event

    def overhear(self, samples: bytes) -> None:
        """Take what the box sends while the receiver is down: the display understands caller id."""
        for receiver in self._receivers if samples else ():
            for caller in receiver.receive(samples):
                self.shown = Shown(caller.number, caller.name, caller.withheld, self.rings)

    def status(self) -> TelephoneStatus:
        """Return how it is, and what it has heard since it was lifted."""
        return TelephoneStatus(
            self.number, self.lifted, self.off_hook, self.ring, self.rings, self._ear.tone if self.lifted else "",
            self.shown, self._ear.heard(),
        )

    def _silent_display(self) -> None:
        self._receivers = (CallerIdReceiver("fsk"), CallerIdReceiver("dtmf"))
