"""A machine whose disk, clock and programs are what the test says."""

from __future__ import annotations

from collections.abc import Callable

from firmware.health.carriers import Meeting
from firmware.health.machine import Disk, Facts, Program

GIB = 1024**3
PROGRAMS = ("web", "gateway", "exchange", "edge", "office")


class Machine:
    """Healthy until told otherwise. `set_by_s`: how far somebody has set the wall's clock."""

    def __init__(self, wall_s: Callable[[], float], steady_s: Callable[[], float]) -> None:
        self._wall_s, self._steady_s = wall_s, steady_s
        self.total_bytes, self.free_bytes, self.read_only = 100 * GIB, 50 * GIB, False
        self.synchronised: bool | None = True
        self.set_by_s = 0.0
        self.programs = {name: Program(name, "up") for name in PROGRAMS}
        self.carriers: dict[str, Meeting] = {}  # by host, how each is met; well unless said here
        self.broken: Exception | None = None  # what a look raises

    def look(self) -> Facts:
        """Return how it is now."""
        if self.broken is not None:
            raise self.broken
        disk = Disk(self.total_bytes, self.free_bytes, self.read_only)
        wall_s = self._wall_s() + self.set_by_s
        return Facts(wall_s, self._steady_s(), disk, self.synchronised, tuple(self.programs.values()))

    def meet(self, host: str, port: int, authority: str) -> Meeting:
        """Meet a carrier."""
        return self.carriers.get(host, Meeting(True))

    def program(self, name: str, state: str, *, died: bool = False) -> None:
        """Let a program be in a state from now on; `died`: it ended just now."""
        died_s = self._wall_s() + self.set_by_s if died else self.programs[name].died_s
        self.programs[name] = Program(name, state, self._wall_s(), died_s)
