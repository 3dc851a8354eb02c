"""The last signals of an R2 span, kept as words: line signals by their ABCD bits, register signals by their numbers."""

from collections import deque
from collections.abc import Callable

from drivers.link.messages import SpanMessage

KEPT = 600      # signals; a call with both numbers has about sixty, a PRI call six messages


class Trace:
    """Keeps what passes, no more than `KEPT`."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._kept: deque[SpanMessage] = deque(maxlen=KEPT)
        self.last = 0

    def bits(self, slot: int, bits: int, sent: bool) -> None:
        """Take a line signal (ITU-T Q.421)."""
        self._take(f"line {bits & 0xF:04b}", slot, sent)

    def tone(self, slot: int, group: str, tone: str, sent: bool) -> None:
        """Take a register signal that begins, of the forward or the backward group (Q.441)."""
        self._take(f"{group} {tone}", slot, sent)

    def after(self, number: int) -> tuple[SpanMessage, ...]:
        """Return the signals kept that came after one, oldest first, at times of the clock."""
        return tuple(one for one in tuple(self._kept) if one.number > number)

    def _take(self, text: str, slot: int, sent: bool) -> None:
        self.last += 1
        self._kept.append(SpanMessage(self.last, self._clock(), sent, text, slot=slot))
