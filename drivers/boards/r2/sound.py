"""The sound of one timeslot spoken to by MFC/R2: register signals and tones before anybody talks, then a channel's."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Literal, Protocol

from drivers.boards.base import CasWire
from drivers.boards.r2 import tones
from drivers.boards.r2.trace import Trace
from drivers.link import messages
from drivers.link.errors import WrongState
from drivers.sounds import Sounds
from native.media import Core, Happening, Leg, MediaError, Timeslot

log = logging.getLogger(__name__)


class SoundHost(Protocol):
    """What it needs of the gateway."""

    core: Core
    sounds: Sounds

    def token(self, receiver: Callable[[Happening], None]) -> int:
        """Return a new number; what happens on the leg that bears it is given to the receiver."""

    def release(self, token: int) -> None:
        """Forget a token."""


class Sound:
    """On the bridge while the timeslot has a call. `heard` is told of signals listened for, "" for their ends.

    Where there can be no sound, `failed` is told: the call cannot be.
    """

    def __init__(
        self, host: SoundHost, wire: CasWire, slot: int, name: str, trace: Trace, heard: Callable[[str], None],
        failed: Callable[[], None],
    ) -> None:
        self._host, self._wire, self._slot, self._name, self._trace = host, wire, slot, name, trace
        self._told, self._failed = heard, failed
        self._token = host.token(self._heard)
        self._timeslot: Timeslot | None = None
        self._leg: Leg | None = None        # ours, while the call's channel has none
        self._listening: Literal["", "forward", "backward"] = ""

    @property
    def there(self) -> bool:
        """Whether it is on the bridge."""
        return self._timeslot is not None

    def listen(self, what: Literal["", "forward", "backward"]) -> None:
        """Listen for register signals; nothing else is done with the sound then."""
        self._listening = what
        try:
            if what:
                self._own_leg().detect(digits=False, tones={}, caller_id=False, mf=what)
            else:
                self._no_leg()
        except (MediaError, OSError) as error:
            log.error("%s: no sound: %s", self._name, error)
            self._failed()

    def send(self, tone: str) -> None:
        """Send a register signal from now on, "" for none."""
        if self._leg is None:
            return
        group = "backward" if self._listening == "forward" else "forward"
        try:
            if tone:
                self._trace.tone(self._slot, group, tone, sent=True)
                self._leg.play([tones.SIGNALS[group][tone]], 0, loop=True)
            else:
                self._leg.stop()
        except MediaError as error:
            log.error("%s: no signal: %s", self._name, error)
            self._failed()

    def play(self, name: Literal["ringback", "busy"]) -> None:
        """Play a tone of the country to a far end that called."""
        sounds = self._host.sounds.at_hand((messages.Tone(name),))
        try:
            if sounds:
                self._own_leg().play(sounds, 0, loop=True)
        except (MediaError, OSError) as error:
            log.error("%s: no %s tone: %s", self._name, name, error)

    def give(self) -> Timeslot:
        """Return it for the call's channel; WrongState when there is none."""
        if self._timeslot is None:
            raise WrongState(f"{self._name}: the call has no sound")
        self._no_leg()
        return self._timeslot

    def end(self) -> None:
        """Take it off the bridge until the next call."""
        self._no_leg()
        if self._timeslot is not None:
            self._timeslot.close()
            self._timeslot = None

    def close(self) -> None:
        """Take it off for good."""
        self.end()
        self._host.release(self._token)

    # ---- inside

    def _heard(self, happening: Happening) -> None:
        if happening.kind == "mf" and self._leg is not None:
            if happening.value:
                self._trace.tone(self._slot, self._listening, happening.value, sent=False)
            self._told(happening.value)

    def _own_leg(self) -> Leg:
        if self._timeslot is None:
            self._timeslot = self._host.core.timeslot(self._wire.open(self._slot), law=self._wire.law)
        if self._leg is None:
            self._leg = self._host.core.leg(self._timeslot.slot, self._token)
        return self._leg

    def _no_leg(self) -> None:
        if self._leg is not None:
            self._leg.close()
            self._leg = None
