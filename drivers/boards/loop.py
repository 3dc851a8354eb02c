"""The loop of a telephone line: once closed it stays so until the office must have seen it."""

import asyncio

from drivers.boards.base import Line

CLOSED_S = 0.5  # for less is nothing: the office would ring on


class Loop:
    """One line's."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._events = asyncio.get_running_loop()
        self._closed_s = 0.0  # when, by its time
        self._opening: asyncio.TimerHandle | None = None

    def close(self) -> None:
        """Go off-hook."""
        self._line.set_loop(closed=True)
        self._closed_s = self._events.time()

    def open(self) -> float:
        """Go on-hook, at once or in so many seconds."""
        early_s = max(0.0, self._closed_s + CLOSED_S - self._events.time())
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

    @property
    def opening(self) -> bool:
        """Whether it is to open and has not yet."""
        return self._opening is not None
