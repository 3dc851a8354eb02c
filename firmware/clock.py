"""Time: the event loop's own, wall time as that plus an offset, and a loop whose clock runs as fast as the code."""

import asyncio
import selectors
import time
from datetime import datetime
from zoneinfo import ZoneInfo


class Clock:
    """Wall time in the box's time zone, told by the event loop's clock so that a simulated day takes seconds."""

    def __init__(self, loop: asyncio.AbstractEventLoop, timezone: str = "UTC", offset_s: float | None = None) -> None:
        """`offset_s` is Unix time less loop time; measured once here if not given."""
        self._loop = loop
        self.zone = ZoneInfo(timezone)
        self.offset_s = time.time() - loop.time() if offset_s is None else offset_s

    def wall_s(self) -> float:
        """Return Unix time in seconds."""
        return self._loop.time() + self.offset_s

    def now(self) -> datetime:
        """Return the time of day on the box's wall, with its zone."""
        return self.at(self.wall_s())

    def at(self, wall_s: float) -> datetime:
        """Return a Unix time as the box's wall showed it."""
        return datetime.fromtimestamp(wall_s, self.zone)

    def move_to(self, timezone: str) -> None:
        """Tell the time of another zone from now on."""
        self.zone = ZoneInfo(timezone)

    def follow(self, wall_s: float, tolerance_s: float = 1.0) -> float:
        """Move to the system's Unix time if it was set since (NTP, a person), and return by how much.

        A smaller step is left alone, by the gateway's clock too, so that the two agree.
        """
        step_s = wall_s - self.wall_s()
        if abs(step_s) <= tolerance_s:
            return 0.0
        self.offset_s += step_s
        return step_s


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop that never sleeps: when nothing is ready, its clock jumps to the next timer.

    For tests and rehearsal. What waits for a real socket would see time rush by, so nothing here may.
    """

    def __init__(self) -> None:
        self._now_s = 0.0
        self._turns_left = -1
        self.turns = 0  # so far
        self._idle = _NeverWaiting(self)
        super().__init__(self._idle)

    def time(self) -> float:
        """Return the virtual time in seconds since the loop was made."""
        return self._now_s

    def jump(self, seconds: float) -> None:
        """Let time pass; called by the selector instead of waiting."""
        self._now_s += seconds

    def advance(self, seconds: float) -> None:
        """Run all that happens in the next seconds, and return when the clock stands there."""
        self.call_later(seconds, self.stop)
        self.run_forever()

    def run_turns(self, number: int) -> None:
        """Run so many turns of the loop, letting time pass where nothing else is left: to stop at any instant."""
        self._turns_left = number
        self.run_forever()

    def turn(self) -> None:
        """Count a turn; called by the selector at the beginning of each."""
        self.turns += 1
        self._turns_left -= 1
        if self._turns_left == 0:
            self.stop()

    def step(self) -> None:
        """Run what is ready now, once: one turn of the loop, without letting time pass."""
        self.call_soon(self.stop)
        self.run_forever()


class _NeverWaiting(selectors.DefaultSelector):
    """Looks at the loop's wake-up pipe, but lets virtual time pass instead of waiting."""

    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return what is ready; with nothing to wait for but another thread, wait for that."""
        self._loop.turn()
        if timeout is None:
            ready: list[tuple[selectors.SelectorKey, int]] = super().select(10)
            if not ready:
                raise RuntimeError("nothing is left that could happen: no timer, no thread")
            return ready
        if timeout > 0:
            self._loop.jump(timeout)
        return []
