"""A plain telephone in one of the box's telephone ports: a hook, a bell, keys or a dial, an ear, a mouth, a display.

The display understands all kinds of caller id; at Japan's ring for displays (CAR) it goes off-hook by itself.
"""

from collections import deque

from drivers.link.office import Shown, TelephoneStatus
from drivers.office.country import Country
from drivers.office.ear import Ear
from drivers.office.hook import HookEvent, HookReader
from drivers.office.party import spoken
from drivers.office.sound import SILENCE, TICK_S, Item, Lasting, Mouth
from native.callerid import CallerIdReceiver
from native.tones import DtmfSender

BREAK_TICKS, MAKE_TICKS = 3, 2      # of a dial: 10 pulses a second, open for 60 % of each (ITU-T Q.6's telephones)
DIGIT_TICKS = 30                    # between two digits that are dialled by hand
FLASH_TICKS = 20
PAUSE_S = 1.0                       # of a comma
REQUEST_TICKS = range(20, 31)       # CAR is half a second on and half a second off
PATIENCE_TICKS = 250                # a display that is told nothing gives up


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
        self._asked: tuple[CallerIdReceiver, ...] = ()      # of what comes to who is off-hook
        self._mouth = Mouth(lambda event, detail: None)
        self._ear = Ear(country, lambda name, at_s: None, lambda digit, at_s: None)
        self._asking: int | None = None     # for so many ticks the display has been off-hook
        self._ring_ticks = [0, 0]           # of the last burst and the pause after it
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
        begins = on and not self.ring
        self.rings += begins and not self.lifted
        self.ring = on
        if begins and all(ticks in REQUEST_TICKS for ticks in self._ring_ticks) and not self.lifted:
            self._asking, self._asked = 0, (CallerIdReceiver("jclip"),)
        if begins:
            self._ring_ticks = [0, 0]

    def tick(self, heard: bytes) -> tuple[bytes, HookEvent | None]:
        """Live 20 ms, off-hook with what the box sent; return what is said, and what the hook told."""
        self._ring_ticks[not self.ring] += 1
        if self._asking is not None:
            self._asking = self._asking + 1 if self._asking < PATIENCE_TICKS and not self.lifted else None
        closed = self._loop.popleft() if self._loop and self.lifted else self.lifted or self._asking is not None
        event = self._hook.tick(closed)
        if not self.lifted:
            return SILENCE, event
        self._ear.hear(heard if closed else SILENCE)
        said = self._mouth.read()
        return (said if closed else SILENCE), event

    def overhear(self, samples: bytes) -> None:
        """Take what the box sends while the receiver is down: the display understands caller id."""
        receivers = self._receivers if self._asking is None else self._asked
        for receiver in receivers if samples else ():
            for caller in receiver.receive(samples):
                self.shown = Shown(caller.number, caller.name, caller.withheld, self.rings)
                self._asking = None

    def status(self) -> TelephoneStatus:
        """Return how it is, and what it has heard since it was lifted."""
        return TelephoneStatus(
            self.number, self.lifted, self.off_hook, self.ring, self.rings, self._ear.tone if self.lifted else "",
            self.shown, self._ear.heard(),
        )

    def _silent_display(self) -> None:
        self._receivers = (CallerIdReceiver("fsk"), CallerIdReceiver("dtmf"))
