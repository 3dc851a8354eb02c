"""A flash in a talk on a telephone line, and a number dialled after it: for the office, the private one mostly, to act.

What that is, only the office knows: it holds who talks and gives dial tone, or goes back to who was held.
"""

from collections.abc import Callable

from drivers.boards.callout import CLEARING, DIAL_TONE_S, Seized, signs
from drivers.boards.loop import Loop
from drivers.sounds import Sounds
from native.media import Leg


class Recall:
    """The flashes of one call. The line tells it what is heard while it is RECALLING, and when time is up."""

    def __init__(self, line: Seized, loop: Loop, leg: Leg, sounds: Sounds) -> None:
        self._line, self._loop, self._leg, self._sounds = line, loop, leg, sounds
        self.away = False   # whoever talked first is held
        self._digits = ""
        self._done: Callable[[bool], None] = lambda dialled: None

    def begin(self, digits: str, done: Callable[[bool], None]) -> None:
        """Flash; dial `digits`, if any, once there is dial tone, and then call `done` with whether they were sent."""
        self._digits, self._done = digits, done
        self.away = bool(digits) or not self.away
        if digits:
            self._line.enter("flash", DIAL_TONE_S)
        self._listen("dial" if digits else "")
        self._loop.flash(self._line.setup.flash_ms)
        if not digits:
            done(True)

    def heard(self, tone: str) -> None:
        """Take a tone that the office sends."""
        if tone == "dial" and self._digits:
            digits, self._digits = self._digits, ""
            if not self._line.send(digits):
                self.end(dialled=False)

    def end(self, *, dialled: bool) -> None:
        """Talk again: the digits are sent, or there was no dial tone in time."""
        self._digits = ""
        self._line.enter("recalled")
        self._listen()
        self._done(dialled)

    def _listen(self, tone: str = "") -> None:
        """Listen for a tone; for none but those that end a talk, and for these only where nobody is held.

        The busy tone of somebody who was called after the flash is no hangup of who is held.
        """
        names = (tone,) if tone else () if self.away else CLEARING
        self._leg.detect(digits=True, tones=signs(self._sounds, self._line.setup, names), caller_id=False)
