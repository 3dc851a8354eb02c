"""The gateway's clock: wall time told from the steady clock, so that what lasted a second is a second apart."""

import time


class Clock:
    """Unix time as it was when this was made, and CLOCK_MONOTONIC since: nobody can set it.

    Two moments are as far apart as they really were. The exchange, which follows the machine's clock when it is set,
    knows `offset_s` and makes today's Unix time of what it is told.
    """

    def __init__(self) -> None:
        self.offset_s = time.time() - time.monotonic()

    def now_s(self) -> float:
        """Return the Unix time now."""
        return time.monotonic() + self.offset_s

    def at_s(self, monotonic_ns: int) -> float:
        """Return the Unix time of a moment the media core saw."""
        return monotonic_ns / 1e9 + self.offset_s
