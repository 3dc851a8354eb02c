"""The last signals of a place, kept as words, read when asked for; and the telling of them while somebody reads."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from msgspec import structs

from drivers.link.errors import DriverError, NoSuchChannel
from drivers.link.messages import Signal, Signals, TraceSignals

KEPT = 600              # signals; a call by R2 with both numbers has about sixty, one on a line twenty
TOLD_S = 0.5
TOLD = 60               # signals at once
REST_S = 0.02           # and so soon those that are too many for that
LONGEST_S = 3600.0


class Kept(Protocol):
    """The last signals of a place, numbered from 1."""

    last: int

    def after(self, number: int) -> tuple[Signal, ...]:
        """Return the signals kept that came after one, oldest first, at times of the loop."""
        ...


class Trace:
    """Keeps what passes, no more than `KEPT`."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._kept: deque[Signal] = deque(maxlen=KEPT)
        self.last = 0

    def after(self, number: int) -> tuple[Signal, ...]:
        """Return the signals kept that came after one, oldest first, at times of the clock."""
        return tuple(one for one in tuple(self._kept) if one.number > number)

    def take(self, text: str, sent: bool, **facts: Any) -> None:
        """Take a signal; facts are those of Signal."""
        self.last += 1
        self._kept.append(Signal(self.last, self._clock(), sent, text, **facts))


class _Read(NamedTuple):
    """Whose signals are told, until when, up to which they are."""

    until_s: float
    last: int


class Traces:
    """Tells the signals of places, while somebody reads them.

    `kept` returns those of a place of each kind (`span`, `line`) by its number; it raises as `trace` does.
    """

    def __init__(
        self, kept: Mapping[str, Callable[[int], Kept]], wall_s: Callable[[], float], tell: Callable[[Signals], None]
    ) -> None:
        self._of, self._wall_s, self._tell = kept, wall_s, tell
        self._read: dict[str, _Read] = {}
        self._timer: asyncio.TimerHandle | None = None

    def trace(self, order: TraceSignals) -> None:
        """Tell a place's signals: those kept that are newer, and for a while those that come.

        NoSuchChannel: the configuration does not name it. WrongState: it is not there.
        """
        self._kept(order.place)
        until_s = asyncio.get_running_loop().time() + min(order.for_s, LONGEST_S)
        self._read[order.place] = _Read(until_s, order.after)
        self._tell_new()

    def close(self) -> None:
        """Tell nothing more."""
        if self._timer is not None:
            self._timer.cancel()

    def _kept(self, place: str) -> Kept:
        kind, _, number = place.partition(":")
        if kind not in self._of or not number.isdecimal():
            raise NoSuchChannel(f"{place!r} is no place; places are {', '.join(f'{one}:1' for one in self._of)}")
        return self._of[kind](int(number))

    def _tell_new(self) -> None:
        """Tell what is new, a bounded part of it at once."""
        self.close()
        now_s = asyncio.get_running_loop().time()
        begin_s = self._wall_s() - now_s
        rest = False
        for place, read in tuple(self._read.items()):
            if read.until_s < now_s:
                del self._read[place]
                continue
            try:
                kept = self._kept(place)
            except DriverError:
                continue  # it may come again, and begins anew then
            last = read.last if read.last <= kept.last else 0
            new = kept.after(last)
            signals = tuple(structs.replace(one, at_s=one.at_s + begin_s) for one in new[:TOLD])
            rest = rest or len(new) > TOLD
            if signals:
                self._tell(Signals(at_s=self._wall_s(), place=place, signals=signals, more=len(new) > TOLD))
                last = signals[-1].number
            self._read[place] = read._replace(last=last)
        again_s = REST_S if rest else TOLD_S
        self._timer = asyncio.get_running_loop().call_later(again_s, self._tell_new) if self._read else None
