"""One call on a span, and the B-channel it has."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from drivers.boards.trunk import HandBackOutcome, TrunkCall, TrunkUser
from drivers.link.errors import WrongState
from drivers.link.messages import IsdnTrunk
from native.isdn import Offered, Party
from native.media import Core, Timeslot

if TYPE_CHECKING:
    from drivers.boards.pri.span import Span


class SpanCall:
    """A call; its numbers at libpri may be several, one after the other, where a channel had to be tried again."""

    def __init__(self, span: Span, slot: int, number: int = 0) -> None:
        self._span = span
        self.slot = slot            # its timeslot; 0: it has none now
        self.number = number
        self.user: TrunkUser | None = None
        self.offer: Offered | None = None   # of one that comes in
        self.part: IsdnTrunk | None = None  # the trunk that one that goes out goes by
        self.dialled = ("", Party())        # of one that goes out: the number, and who calls
        self.audible = False        # the caller of one that comes in was told that there is something to hear
        self.alerted = False        # .. and that it rings
        self.known = False          # the far end has taken the channel of one that goes out
        self.tried: set[int] = set()    # channels that the far end would not have
        self.did = ""
        self.wait: asyncio.TimerHandle | None = None    # for more digits

    @property
    def source(self) -> str:
        """The trunk, as the exchange names it."""
        return self._span.source(self.slot)

    def ring(self, through: Callable[[], bool]) -> None:
        """Tell the caller that it rings here. Those of a network hear that from it; a user's network sees to that."""
        trunk = self._span.trunk
        if trunk.side == "network" and trunk.variant == "euroisdn" and through():
            self.audible = True
        if not self.alerted:
            self.alerted = True
            self._span.ring(self, self.audible)

    def speak(self, through: Callable[[], bool]) -> None:
        """Let the caller hear what `through` puts on the channel (EN 300 403-1 §5.4.1); WrongState when it is over."""
        if through() and not self.audible:
            self.audible = True
            self._span.speak(self)

    def answer(self, through: Callable[[], bool]) -> None:
        """Answer once `through` has taken its sound, and says that it could; WrongState when the call is over."""
        if through():
            self._span.answer(self)
            if self.user is not None:
                self.user.call_answered()

    def hang_up(self, cause: int) -> None:
        """End it; its user is told nothing more."""
        self._span.hang_up(self, cause)

    def hand_back(self, other: TrunkCall, told: Callable[[HandBackOutcome], None]) -> None:
        """Ask the far switch to join it and another of its span; WrongState when that cannot be."""
        if not isinstance(other, SpanCall) or other._span is not self._span:
            raise WrongState(f"{self.source} and {other.source}: the calls are not on one span")
        self._span.hand_back(self, other, told)

    def open(self, core: Core) -> Timeslot:
        """Return its sound; OSError, MediaError, or WrongState when it has none."""
        return core.timeslot(self.descriptor(), law=self._span.wire.law)

    def descriptor(self) -> int:
        """Return that of its B-channel, the span's to close."""
        return self._span.open(self)

    def shut(self, timeslot: Timeslot) -> None:
        """Take its sound off the bridge."""
        timeslot.close()
