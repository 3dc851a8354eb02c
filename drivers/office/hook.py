"""What is told by a loop: lifted, put down, flashed, or a digit dialled by breaks.

DAHDI's drivers tell the same of their FXS ports, and wait longer for a hangup.
"""

from typing import Literal, NamedTuple

from drivers.office.sound import TICK_S

LIFTED_S = 0.04     # a contact bounces for less
PULSE_S = 0.14      # a longer break is none of a dial, which has 60 ms
FLASH_S = 0.8       # a longer one is a hangup
BETWEEN_S = 0.2     # so long closed after the last break, and the digit is whole


class HookEvent(NamedTuple):
    """What happened; `digit` is that of a pulse."""

    what: Literal["off_hook", "on_hook", "flash", "pulse"]
    digit: str = ""


class HookReader:
    """Follows one loop, a tick at a time."""

    def __init__(self, flash_s: float = FLASH_S) -> None:
        """A loop that is open for longer than `flash_s` hangs up."""
        self.off_hook = False
        self._flash_s = flash_s
        self._pulses = 0
        self._ticks = 0       # since the loop was last closed or opened
        self._closed = False

    def tick(self, closed: bool) -> HookEvent | None:
        """Live 20 ms with the loop closed or open; return what is certain now."""
        lasted_s = self._ticks * TICK_S
        if closed == self._closed:
            self._ticks += 1
            return self._wait(self._ticks * TICK_S)
        self._closed, self._ticks = closed, 1
        if closed and self.off_hook and lasted_s <= PULSE_S:
            self._pulses += 1
        elif closed and self.off_hook:
            self._pulses = 0
            return HookEvent("flash")
        return None

    def _wait(self, lasted_s: float) -> HookEvent | None:
        if self._closed and not self.off_hook and lasted_s >= LIFTED_S:
            self.off_hook = True
            return HookEvent("off_hook")
        if self._closed and self._pulses and lasted_s >= BETWEEN_S:
            digit, self._pulses = str(self._pulses % 10), 0
            return HookEvent("pulse", digit)
        if not self._closed and self.off_hook and lasted_s >= self._flash_s:
            self.off_hook, self._pulses = False, 0
            return HookEvent("on_hook")
        return None
