"""The gateway's clock: wall time told from the steady clock, so that what lasted a second is a second apart."""

import time

STEP_S = 1.0


class Clock:
    """Unix time that runs with CLOCK_MONOTONIC, so that two moments are as far apart as they really were."""

    def __init__(self) -> None:
        self._offset_s = time.time() - time.monotonic()

    def now_s(self) -> float:
        """Return the Unix time now."""
        return time.monotonic() + self._offset_s

    def at_s(self, monotonic_ns: int) -> float:
        """Return the Unix time of a moment the media core saw."""
        return monotonic_ns / 1e9 + self._offset_s

    def settle(self) -> bool:
        """Follow the machine's wall clock where it was set anew (a box that learns the date after its start).

        Returns whether it had been; a difference below a second is left alone.
        """
        offset_s = time.time() - time.monotonic()
        if abs(offset_s - self._offset_s) < STEP_S:
            return False
        self._offset_s = offset_s
        return True
