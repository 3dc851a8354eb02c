"""A telephone in a port of the box, whatever board it is on: its calls, known by hook, digits and what the box wants.

One object lives as long as the port is there and is an extension. What it dials is offered to the exchange as a call
of that extension once the number is whole, by the numbering plan, by #, or because no more digits come.
"""

import asyncio
import logging
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from drivers.boards.base import Port
from drivers.boards.bell import Bell
from drivers.boards.parking import Parking
from drivers.boards.station_state import OFF_HOOK, TRANSITIONS
from drivers.boards.station_state import StationState as S
from drivers.link.causes import NETWORK_OUT_OF_ORDER, NO_ANSWER, NORMAL_CLEARING, USER_BUSY
from drivers.link.errors import WrongState
from drivers.link.messages import PortSetup
from drivers.sounds import Sounds
from native.media import Cadence, Core, Happening, Leg, MediaError, Prompt

if TYPE_CHECKING:
    from drivers.boards.station_channel import StationChannel

log = logging.getLogger(__name__)

FIRST_DIGIT_S = 15.0    # dial tone lasts so long at most
NEXT_DIGIT_S = 4.0      # no digit for so long, and the number is whole
BUSY_S = 30.0           # busy or congestion tone, then the howler
HOWLER_S = 60.0         # then silence
RECALL_S = 60.0         # somebody on hold is rung for so long
DISPLAY_S = 3.0         # who was told who calls, and is no person, is on-hook again by then
TONE_PLAY_ID = 0        # channels number their plays from 1
MOST_DIGITS = 40
BUSY = (NORMAL_CLEARING, USER_BUSY, NO_ANSWER)  # other causes are told by congestion tone


class StationHost(Protocol):
    """What a station needs of the gateway around it."""

    core: Core
    sounds: Sounds

    def token(self, receiver: Callable[[Happening], None]) -> int:
        """Return a new number; what happens on the leg that bears it is given to the receiver."""

    def release(self, token: int) -> None:
        """Forget a token."""

    def station_calls(self, station: "Station", number: str) -> "StationChannel":
        """Offer the call that a telephone dialled; return its channel."""
        ...


class Station:
    """One telephone. The board's watcher calls `hook_changed` to `down`; a channel calls `open` to `cleared`."""

    def __init__(self, host: StationHost, port: Port, setup: PortSetup) -> None:
        self.setup, self.state = setup, S.IDLE
        self.whole: tuple[re.Pattern[str], ...] = ()
        self._waiting: bool | None = None  # new messages, for who lifts the receiver; None: the lamp may be as it was
        self._host, self._port = host, port
        self._loop = asyncio.get_running_loop()
        self._active: StationChannel | None = None
        self._held: StationChannel | None = None
        self._knocking: StationChannel | None = None  # whose call waits in a talk
        self._alternates = False  # between two calls, neither of which was made to ask about the other
        self._bell: Bell | None = None
        self._leg: Leg | None = None  # our own, while no channel has the telephone
        self._digits = ""
        self._timer: asyncio.TimerHandle | None = None
        self._parking, self._spare = Parking(host.core), Parking(host.core)
        self._token = host.token(self._heard)
        try:
            self._timeslot = host.core.timeslot(port.fd, law=port.law)
        except MediaError:
            host.release(self._token)
            raise
        if port.off_hook:
            self._lifted()

    @property
    def number(self) -> str:
        """The extension."""
        return self.setup.number

    def show_waiting(self, waiting: bool) -> None:
        """Tell whether new messages wait: by the lamp, should there be one, and by the next dial tone."""
        if waiting != self._waiting:
            self._waiting = waiting
            self._port.show_waiting(waiting)

    # ---- orders of a channel

    def ring(self, channel: "StationChannel", number: str, name: str) -> None:
        """Ring for a call, or tell of it in a talk; WrongState where the telephone is in use, or lies off the hook."""
        if self._may_knock():
            self._knocking = channel
            self._knock()
            return
        if self.state is not S.IDLE or self._port.off_hook:
            raise WrongState(f"port {self._port.number} is {self.state}")
        self._active = channel
        self._enter("ring")
        self._start_bell(number, name)

    def open(self, token: int) -> Leg:
        """Return the leg of the channel that has the telephone now, bearing `token`."""
        self._close_leg()
        leg = self._host.core.leg(self._timeslot.slot, token)
        leg.detect(digits=True, tones={}, caller_id=False)
        return leg

    def ringback(self, leg: Leg) -> None:
        """Let who calls hear that it rings."""
        if self.state is S.CALLING:
            leg.play([self._host.sounds.cadences["ringback"]], TONE_PLAY_ID, loop=True)

    def answered(self, leg: Leg) -> None:
        """Take note that the call that this telephone made is answered."""
        if self.state is S.CALLING:
            leg.stop()
            self._enter("answer")

    def cleared(self, channel: "StationChannel", cause: int) -> None:
        """Take note that the box ends a call; its channel closes the leg before it returns to the loop."""
        if channel is self._held:
            self._held = None
            self._loop.call_soon(self._parking.close)
            if self.state is S.RECALLING:
                self._fall_silent("stop")
        elif channel is self._knocking:
            self._knocking = None
            self._hush()
        elif channel is self._active:
            self._active = None
            if self.state in (S.RINGING, S.TELLING):
                self._fall_silent("stop")
            elif self.state in (S.CALLING, S.TALKING):
                self._enter("cleared", BUSY_S)
                self._loop.call_soon(self._sound_cleared, "busy" if cause in BUSY else "congestion")

    # ---- what the board tells

    def hook_changed(self) -> None:
        """The receiver was lifted or put down."""
        if self._port.off_hook:
            self._lifted()
        elif self.state is S.TELLING and self._bell is not None:
            self._close_leg()
            self._enter("told")
            self._bell.ring()
        elif self.state in OFF_HOOK:
            self._put_down()

    def flashed(self) -> None:
        """The hook was pressed: the call waits, and another may be dialled or taken that waited; or it comes back."""
        active = self._active
        if self._knocking is not None and self.state in (S.TALKING, S.CLEARED):
            self._take(self._knocking)
        elif self._alternates and self._held is not None and active is not None and self.state is S.TALKING:
            self._swap(self._held, active)
        elif self._held is not None and self.state in OFF_HOOK:
            self._active = None
            if active is not None:
                active.end(NORMAL_CLEARING, "party")
            self._return()
        elif self.state is S.TALKING and active is not None:
            try:
                active.hold_at(self._parking.open())
            except (MediaError, OSError) as error:
                log.error("port %d: the call cannot be put on hold: %s", self._port.number, error)
                return
            self._active, self._held, self._alternates = None, active, False
            self._enter("hold", FIRST_DIGIT_S)
            self._sound_dial_tone()

    def pulsed(self, digit: str) -> None:
        """A digit was dialled by breaks of the loop."""
        if self.state is S.TALKING and self._active is not None:
            self._active.digit(digit, "info")
        else:
            self._dialled(digit)

    def down(self) -> None:
        """The board took the port away, or it is no extension any more: its calls end."""
        held, self._held = self._held, None
        active, self._active = self._active, None
        knocking, self._knocking = self._knocking, None
        if self._bell is not None:
            self._bell.stop()
        self.show_waiting(False)  # whose port this is next must not find the lamp lit
        self._enter("gone")
        for channel in (active, held, knocking):
            if channel is not None:
                channel.end(NETWORK_OUT_OF_ORDER, "gateway")
        self._close_leg()
        self._parking.close()
        self._spare.close()
        self._timeslot.close()
        self._host.release(self._token)

    # ---- inside

    def _lifted(self) -> None:
        if self.state is S.RINGING and self._bell is not None and self._bell.asks:
            self._enter("ask", self._bell.tell() + DISPLAY_S)
        elif self.state is S.RINGING and self._active is not None:
            self._answer()
        elif self.state is S.RECALLING:
            self._stop_bell()
            self._return()
        elif self.state is S.IDLE:
            self._enter("lift", FIRST_DIGIT_S)
            self._sound_dial_tone()

    def _answer(self) -> None:
        if self._active is not None:
            self._fall_silent("lift")
            self._active.lifted()

    def _put_down(self) -> None:
        held, active = self._held, self._active
        self._active = None
        self._close_leg()
        if held is not None and active is not None and self.state is S.TALKING and not self._alternates:
            self._held = None
            self._enter("put_down")
            held.hand_over(active)
            active.end(NORMAL_CLEARING, "party")
            held.end(NORMAL_CLEARING, "party")
            self._parking.close()
            return
        self._enter("put_down" if held is None else "recall", None if held is None else RECALL_S)
        if active is not None:
            active.end(NORMAL_CLEARING, "party")
        if held is not None:
            self._start_bell(held.partner_number, "", again=True)
        elif self._knocking is not None:
            self._active, self._knocking = self._knocking, None
            self._enter("ring")
            self._start_bell(self._active.caller_number, self._active.caller_name)

    def _return(self) -> None:
        """Go on with who was on hold."""
        held, self._held = self._held, None
        self._alternates = False
        if held is None:
            return
        self._close_leg()
        self._active = held
        self._enter("back")
        held.return_to(self._timeslot.slot)
        self._parking.close()

    # ---- a call that waits

    def _may_knock(self) -> bool:
        return (
            self.setup.call_waiting and self.state is S.TALKING and self._active is not None
            and self._held is None and self._knocking is None
        )  # fmt: skip

    def _knock(self) -> None:
        """Let who talks hear that another call waits."""
        active = self._active
        if active is not None and active.leg is not None and active.playing is None:
            active.leg.play(self._host.sounds.waiting, TONE_PLAY_ID, loop=True)

    def _hush(self) -> None:
        """Let them hear that no more."""
        active = self._active
        if active is not None and active.leg is not None and active.playing is None:
            active.leg.stop()

    def _take(self, knocking: "StationChannel") -> None:
        """Talk with who waited; who was talked with is on hold."""
        active = self._active
        if active is not None:
            self._hush()
            try:
                active.hold_at(self._parking.open())
            except (MediaError, OSError) as error:
                log.error("port %d: the call cannot be put on hold: %s", self._port.number, error)
                return
            self._held, self._alternates = active, True
        else:
            self._enter("take")
        self._active, self._knocking = knocking, None
        knocking.lifted()

    def _swap(self, held: "StationChannel", active: "StationChannel") -> None:
        """Talk with who is on hold, and put who is talked with there."""
        try:
            active.hold_at(self._spare.open())
        except (MediaError, OSError) as error:
            log.error("port %d: the call cannot be put on hold: %s", self._port.number, error)
            return
        held.return_to(self._timeslot.slot)
        self._parking.close()
        self._parking, self._spare = self._spare, self._parking
        self._held, self._active = active, held

    # ---- what is dialled and heard

    def _heard(self, happening: Happening) -> None:
        """Take what our own leg hears: keys."""
        if happening.kind == "digit":
            self._dialled(happening.value)

    def _dialled(self, digit: str) -> None:
        if self.state is S.DIAL_TONE:
            self._enter("digit")
            self._digits = ""
            if self._leg is not None:
                self._leg.stop()
        if self.state is not S.DIALING:
            return
        if digit == "#" and self._digits:
            self._call()
            return
        self._digits += digit
        self._set_timer(NEXT_DIGIT_S)
        if len(self._digits) == MOST_DIGITS or any(pattern.fullmatch(self._digits) for pattern in self.whole):
            self._call()

    def _call(self) -> None:
        self._enter("number")
        self._close_leg()
        try:
            self._active = self._host.station_calls(self, self._digits)
        except MediaError as error:
            log.error("port %d: no call: %s", self._port.number, error)
            self._enter("cleared", BUSY_S)
            self._sound_cleared("congestion")

    def _sound_dial_tone(self) -> None:
        sounds = self._host.sounds
        self._sound(sounds.stutter if self._waiting else [sounds.cadences["dial"]], digits=True)

    def _sound_cleared(self, tone: str) -> None:
        if self.state is S.CLEARED:
            self._sound([self._host.sounds.cadences[tone]])

    def _sound(self, sounds: list[Cadence | Prompt | int], digits: bool = False, loop: bool = True) -> None:
        """Play to the telephone, which no channel has; without a media core that plays, it stays silent."""
        try:
            if self._leg is None:
                self._leg = self._host.core.leg(self._timeslot.slot, self._token)
            self._leg.detect(digits=digits, tones={}, caller_id=False)
            self._leg.play(sounds, TONE_PLAY_ID, loop)
        except MediaError as error:
            log.error("port %d: %s", self._port.number, error)

    def _close_leg(self) -> None:
        if self._leg is not None:
            self._leg.close()
            self._leg = None

    def _start_bell(self, number: str, name: str, again: bool = False) -> None:
        country = self._host.sounds.tones
        self._bell = Bell(self._port, country, number, name, lambda sound: self._sound([sound], loop=False), again)

    def _stop_bell(self) -> None:
        if self._bell is not None:
            self._bell.stop()
            self._bell = None

    def _fall_silent(self, event: str) -> None:
        self._stop_bell()
        self._close_leg()
        self._enter(event)

    def _time(self) -> None:
        self._timer = None
        if self.state is S.DIALING:
            self._call()
        elif self.state is S.TELLING:
            self._answer()
        elif self.state is S.DIAL_TONE:
            self._enter("time", BUSY_S)
            self._sound_cleared("busy")
        elif self.state is S.CLEARED:
            self._enter("time", HOWLER_S)
            self._sound([self._host.sounds.howler])
        elif self.state is S.HOWLING:
            self._enter("time")
            self._close_leg()
        elif self.state is S.RECALLING and self._held is not None:
            held, self._held = self._held, None
            self._fall_silent("stop")
            held.end(NO_ANSWER, "gateway")
            self._parking.close()

    def _set_timer(self, after_s: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(after_s, self._time)

    def _enter(self, event: str, time_s: float | None = None) -> None:
        if (self.state, event) not in TRANSITIONS:
            raise WrongState(f"port {self._port.number}: {event} while {self.state}")
        self.state = TRANSITIONS[self.state, event]
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if time_s is not None:
            self._set_timer(time_s)
