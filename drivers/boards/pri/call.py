"""One call on a span, and the B-channel it has."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from native.pri import Offered, Party

if TYPE_CHECKING:
    from drivers.boards.pri.span import Span


class SpanUser(Protocol):
    """Who has a call: a channel. `call_ended` is the last."""

    def call_ringing(self) -> None:
        """Learn that the far end of a dialled call rings."""

    def call_answered(self) -> None:
        """Learn that the far end of a dialled call answered."""

    def call_key(self, digit: str) -> None:
        """Learn that the far end sent a key as a message."""

    def call_ended(self, cause: int, by_party: bool) -> None:
        """Learn that the call is over: the far end ended it, or its D-channel stayed away."""


class SpanCall:
    """A call; its numbers at libpri may be several, one after the other, where a channel had to be tried again."""

    def __init__(self, span: Span, slot: int, number: int = 0) -> None:
        self._span = span
        self.slot = slot            # its timeslot; 0: it has none now
        self.number = number
        self.user: SpanUser | None = None
        self.offer: Offered | None = None   # of one that comes in
        self.dialled = ("", Party())        # of one that goes out: the number, and who calls
        self.known = False          # the far end has taken the channel of one that goes out
        self.tried: set[int] = set()    # channels that the far end would not have
        self.did = ""
        self.wait: asyncio.TimerHandle | None = None    # for more digits

    @property
    def law(self) -> str:
        """The span's."""
        return self._span.wire.law

    @property
    def source(self) -> str:
        """The trunk, as the exchange names it."""
        return self._span.subject

    def ring(self) -> None:
        """Tell the caller that it rings here."""
        self._span.ring(self)

    def answer(self) -> None:
        """Answer; WrongState when the call is over."""
        self._span.answer(self)

    def hang_up(self, cause: int) -> None:
        """End it; its user is told nothing more."""
        self._span.hang_up(self, cause)

    def open(self) -> int:
        """Return the descriptor of its B-channel, the span's to close; OSError, or WrongState when it has none."""
        return self._span.open(self)
