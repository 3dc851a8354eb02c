"""A box at the near end of the office's lines, in samples and without a socket: as fast as the machine can."""

from collections import defaultdict
from collections.abc import Callable

import numpy as np

from drivers.link.office import PlaceCall, Progress
from drivers.office.caller import Caller
from drivers.office.country import CHINA
from drivers.office.office import Office
from tests.audio import RATE_HZ, Samples
from tests.native.signals import as_bytes

TICK_S = 0.02
BLOCK_BYTES = 320
STARTED_S = 1_700_000_000.0  # what the office's wall clock shows at the first tick


class Box:
    """Opens and closes loops, says samples, keeps all it hears and every ring, with times since the first tick."""

    def __init__(self, lines: int = 4) -> None:
        self.now_s = 0.0
        self.office = Office(CHINA, lines, wall_s=lambda: STARTED_S + self.now_s)
        self.told: list[Progress] = []
        self.rings: dict[int, list[tuple[float, bool]]] = defaultdict(list)
        self._heard: dict[int, list[bytes]] = defaultdict(list)
        self._saying: dict[int, bytes] = defaultdict(bytes)

    def run(self, duration_s: float) -> None:
        """Let time pass."""
        for _ in range(round(duration_s / TICK_S)):
            self._tick()

    def until(self, what: Callable[[], object], at_most_s: float = 30.0) -> float:
        """Let time pass until something is so; return when it was."""
        last_s = self.now_s + at_most_s
        while not what():
            assert self.now_s < last_s, f"not within {at_most_s} s: {self.told[-5:]}"
            self._tick()
        return self.now_s

    def off_hook(self, line: int = 1) -> None:
        self.office.lines[line].loop_closed = True

    def on_hook(self, line: int = 1) -> None:
        self.office.lines[line].loop_closed = False

    def say(self, samples: Samples, line: int = 1) -> None:
        """Say samples after what is still to be said."""
        self._saying[line] += as_bytes(samples)

    def call(self, line: int = 1, number: str = "13800138000", **how: object) -> Caller:
        """Let somebody call."""
        caller = self.office.prepare(PlaceCall(line=line, number=number, **how), self.told.append)  # type: ignore[arg-type]
        caller.place()
        return caller

    def heard(self, from_s: float = 0.0, to_s: float | None = None, line: int = 1) -> Samples:
        """Return what the box heard on a line between two times."""
        samples = np.frombuffer(b"".join(self._heard[line]), np.int16).astype(float)
        return samples[round(from_s * RATE_HZ) : None if to_s is None else round(to_s * RATE_HZ)]

    def blocks(self, line: int = 1) -> list[bytes]:
        """Return all the box heard on a line, a tick each."""
        return self._heard[line]

    def state(self, line: int = 1) -> str:
        return self.office.lines[line].state

    def _tick(self) -> None:
        said = {}
        for line in self.office.lines:
            said[line] = self._saying[line][:BLOCK_BYTES].ljust(BLOCK_BYTES, b"\0")
            self._saying[line] = self._saying[line][BLOCK_BYTES:]
        for line, block in self.office.tick(said).items():
            assert len(block) == BLOCK_BYTES
            self._heard[line].append(block)
            ring = self.office.lines[line].ring
            if ring != (self.rings[line][-1][1] if self.rings[line] else False):
                self.rings[line].append((round(self.now_s, 2), ring))
        self.now_s = round(self.now_s + TICK_S, 2)
