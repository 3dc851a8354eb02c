"""Events numbered as they happen and kept, as lines ready to send, until the exchange has them on its disk."""

from collections import deque
from collections.abc import Iterator

from drivers.link.framing import encode
from drivers.link.messages import Event

KEPT_EVENTS = 50_000  # about 10 MB; an hour of a busy box whose exchange does not come back


class Outbox:
    """What the exchange has not acknowledged yet, oldest first; never more than `limit` events.

    When one more would not fit, all are let go of (`lost` counts them): the exchange then sees from the numbers that
    some are missing, and the snapshot says what is.
    """

    def __init__(self, limit: int = KEPT_EVENTS) -> None:
        self.limit = limit
        self.last_seq = 0
        self.lost = 0
        self._kept: deque[tuple[int, bytes]] = deque()

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[bytes]:
        """Yield the lines not yet acknowledged, oldest first."""
        return (line for _, line in self._kept)

    def add(self, event: Event) -> bytes | None:
        """Keep the next event (its `seq` is `last_seq` + 1); return its line, or None when the outbox overflowed."""
        self.last_seq = event.seq
        if len(self._kept) >= self.limit:
            self.lost += len(self._kept) + 1
            self._kept.clear()
            return None
        line = encode(event)
        self._kept.append((event.seq, line))
        return line

    def acknowledge(self, seq: int) -> None:
        """Forget all events up to `seq`."""
        while self._kept and self._kept[0][0] <= seq:
            self._kept.popleft()
