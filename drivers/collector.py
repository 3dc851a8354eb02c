"""Gathers the digits of one `collect`: how many, how long to wait, which digit ends it."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Literal

from drivers.link.messages import Collect

Reason = Literal["full", "until", "timeout", "stopped"]


class Collector:
    """Takes digits until the command is fulfilled, then calls `done(digits, reason)` once.

    `typed` holds what was pressed before; what is used of it is taken out. The wait for the first digit begins with
    `begin_wait`, so that it counts from the end of a prompt.
    """

    def __init__(self, command: Collect, typed: deque[str], done: Callable[[str, Reason], None]) -> None:
        self.command = command
        self._done = done
        self._digits = ""
        self._timer: asyncio.TimerHandle | None = None
        self._ended = False
        while typed and not self._ended:
            self.digit(typed.popleft())

    @property
    def ended(self) -> bool:
        """Whether `done` has been called."""
        return self._ended

    def begin_wait(self) -> None:
        """Count `first_s` from now, unless a digit came already."""
        if not self._ended and not self._digits:
            self._wait(self.command.first_s)

    def digit(self, digit: str) -> None:
        """Take a digit."""
        if self._ended:
            return
        if digit in self.command.until:
            self._end("until")
            return
        self._digits += digit
        if len(self._digits) >= self.command.max_digits:
            self._end("full")
        else:
            self._wait(self.command.next_s)

    def stop(self) -> None:
        """End it with what there is."""
        if not self._ended:
            self._end("stopped")

    def _wait(self, wait_s: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(wait_s, self._end, "timeout")

    def _end(self, reason: Reason) -> None:
        self._ended = True
        if self._timer is not None:
            self._timer.cancel()
        self._done(self._digits, reason)
