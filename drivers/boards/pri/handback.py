"""Calls of a span handed back: the far switch joins two of them itself, and their channels are free for others."""

import asyncio
import logging
from collections.abc import Callable, Mapping

from drivers.boards.pri.call import SpanCall
from drivers.boards.pri.signalling import Signalling
from drivers.boards.trunk import HandBackOutcome
from drivers.link.causes import NORMAL_CLEARING
from native.isdn import Joined, NotJoined

log = logging.getLogger(__name__)

CLEARED_S = 4.0     # for the far switch to clear what it has joined; then we do
OUTCOMES: dict[str, HandBackOutcome] = {"refused": "refused", "timeout": "unanswered", "gone": "gone"}
Told = Callable[[HandBackOutcome], None]


class HandBacks:
    """Those of one span; `calls` are its calls by libpri's number, `hang_up` ends one."""

    def __init__(
        self, subject: str, signalling: Signalling, calls: Mapping[int, SpanCall],
        hang_up: Callable[[SpanCall, int], None],
    ) -> None:
        self._subject, self._signalling, self._calls, self._hang_up = subject, signalling, calls, hang_up
        self._told: dict[tuple[int, int], Told] = {}

    def ask(self, call: SpanCall, other: SpanCall, told: Told) -> None:
        """Ask for it; WrongState when it cannot be."""
        self._signalling.act(self._signalling.dchannel.join, call.number, other.number)
        self._told[call.number, other.number] = told

    def take(self, event: Joined | NotJoined) -> None:
        """Take what the far switch did: whose calls it has joined are told so, and nothing more of them."""
        pair = (event.call, event.other)
        told = self._told.get(pair)
        if isinstance(event, NotJoined):
            log.info("%s: calls %d and %d are not joined: %s", self._subject, *pair, event.why)
            if event.why != "timeout":  # else it may still be done
                self._told.pop(pair, None)
            if told is not None:
                told(OUTCOMES[event.why])
            return
        log.info("%s: the far end has joined calls %d and %d", self._subject, *pair)
        self._told.pop(pair, None)
        for number in pair:
            if (call := self._calls.get(number)) is not None:
                call.user = None
                asyncio.get_running_loop().call_later(CLEARED_S, self._clear, call)
        if told is not None:
            told("joined")

    def forget(self, number: int) -> None:
        """Take note that a call is no more."""
        for pair in [pair for pair in self._told if number in pair]:
            del self._told[pair]

    def _clear(self, call: SpanCall) -> None:
        """Clear what the far end has not, though it has joined it."""
        if self._calls.get(call.number) is call:
            self._hang_up(call, NORMAL_CLEARING)
