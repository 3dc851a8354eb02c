"""The loop of a telephone line: once closed it stays so until the office must have seen it. Flashes and dial pulses."""

import asyncio
from collections.abc import Callable

from drivers.boards.base import Line
from drivers.boards.linetrace import LineTrace

CLOSED_S = 0.5  # for less is nothing: the office would ring on
BREAK_MS, PULSE_S = 60, 0.1     # of a dial: ten pulses a second, open for 60 % of each, as all countries' offices take
BETWEEN_S = 0.8                 # from the last pulse of a digit to the next digit's first


class Loop:
    """One line's."""

    def __init__(self, line: Line, trace: LineTrace) -> None:
        self._line, self._trace = line, trace
        self._events = asyncio.get_running_loop()
        self._closed_s = 0.0  # when, by its time
        self._opening: asyncio.TimerHandle | None = None
        self._breaking: asyncio.TimerHandle | None = None

    def close(self) -> None:
        """Go off-hook."""
        self._line.set_loop(closed=True)
        self._trace.sent("loop-closed")
        self._closed_s = self._events.time()

    def open(self) -> float:
        """Go on-hook, at once or in so many seconds; digits that are still to be dialled are not."""
        if self._breaking:
            self._breaking.cancel()
            self._breaking = None
        early_s = self._early_s
        if early_s:
            self._opening = self._events.call_later(early_s, self.open_now)
        else:
            self.open_now()
        return early_s

    def open_now(self) -> None:
        """Go on-hook."""
        if self._opening:
            self._opening.cancel()
            self._opening = None
        self._line.set_loop(closed=False)
        self._trace.sent("loop-opened")

    def flash(self, for_ms: int) -> None:
        """Open the loop for a moment, at once or as soon as the office must have seen it closed."""
        if self._breaking:
            self._breaking.cancel()
        self._breaking = self._events.call_later(self._early_s, self._flash, for_ms)

    def pulse(self, digits: str, done: Callable[[], None]) -> None:
        """Dial digits of 0-9 by breaks of the loop, and then call `done`."""
        self._pulse([int(digit) or 10 for digit in digits], done)

    def _flash(self, for_ms: int) -> None:
        self._line.open_loop(for_ms)
        self._trace.sent("flash")

    @property
    def _early_s(self) -> float:
        return max(0.0, self._closed_s + CLOSED_S - self._events.time())

    def _pulse(self, left: list[int], done: Callable[[], None]) -> None:
        """Give the next pulse of the first digit that has some left; the next is timed from when this one was given."""
        self._breaking = None
        if not left:
            done()
            return
        self._line.open_loop(BREAK_MS)
        first, *rest = left
        wait_s, left = (PULSE_S, [first - 1, *rest]) if first > 1 else (PULSE_S + BETWEEN_S, rest)
        self._breaking = self._events.call_later(wait_s, self._pulse, left, done)

    @property
    def opening(self) -> bool:
        """Whether it is to open and has not yet."""
        return self._opening is not None
