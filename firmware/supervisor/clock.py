"""Whether the machine's clock was set, for programs that must be started again then."""

import time

STEP_S = 10.0  # less is borne: no telephone registers for less than a minute


class Steps:
    """Counts how often the clock was set by STEP_S or more since this was made."""

    def __init__(self) -> None:
        self._offset_s = time.time() - time.monotonic()
        self._count = 0

    def count(self) -> int:
        """Look at the clock, and return how often it was set so far."""
        offset_s = time.time() - time.monotonic()
        if abs(offset_s - self._offset_s) >= STEP_S:
            self._offset_s = offset_s
            self._count += 1
        return self._count
