"""After wrong passwords the log-in waits, twice as long each time; a restart does not shorten it."""

import json
import time
from collections.abc import Callable
from pathlib import Path

from firmware.console.file import save

FREE = 3  # wrong tries that cost nothing but themselves
FIRST_S = 10.0
LONGEST_S = 900.0


def penalty_s(tries: int) -> float:
    """Return how long to wait after so many wrong tries in a row."""
    return 0.0 if tries < FREE else min(LONGEST_S, FIRST_S * 2.0 ** min(tries - FREE, 30))


class Lockout:
    """Wrong tries in a row, kept on the disk. `now` is Unix time."""

    def __init__(self, home: Path, now: Callable[[], float] = time.time) -> None:
        self._path, self._now = home / "console" / "lockout.json", now

    def left_s(self) -> float:
        """Return how long nobody may try: never longer than the penalty, whatever the machine's clock says now."""
        tries, until_s = self._read()
        return min(max(0.0, until_s - self._now()), penalty_s(tries))

    def waiting(self) -> tuple[int, float]:
        """Return how many wrong tries there were in a row, and until when nobody may try (Unix time), 0 for now."""
        left_s = self.left_s()
        return self._read()[0], self._now() + left_s if left_s else 0.0

    def count(self) -> int:
        """Count a try as wrong, before it is looked at: cutting the power then gains nothing.

        Returns how many there are now. Raises OSError where that cannot be kept.
        """
        tries = self._read()[0] + 1
        save(self._path, json.dumps({"tries": tries, "until_s": self._now() + penalty_s(tries)}))
        return tries

    def forgive(self) -> None:
        """Begin anew, after the right password. Raises OSError."""
        self._path.unlink(missing_ok=True)

    def _read(self) -> tuple[int, float]:
        try:
            kept = json.loads(self._path.read_text())
            return int(kept["tries"]), float(kept["until_s"])
        except FileNotFoundError:
            return 0, 0.0
        except (OSError, ValueError, KeyError, TypeError):
            return FREE - 1, 0.0  # damaged: the next wrong try counts
