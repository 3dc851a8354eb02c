"""A call that comes in on a telephone line: announced or not, rung for, offered once its number is known or late."""

import logging
from collections.abc import Callable
from typing import Protocol

from drivers.boards.announced import Announced
from drivers.boards.habits import Habits
from drivers.boards.linetrace import LineTrace
from drivers.boards.request import TOLD_S, Request
from drivers.boards.state import TRANSITIONS
from drivers.boards.state import LineState as S
from drivers.boards.user import Caller
from drivers.link.errors import WrongState
from native.media import Happening

log = logging.getLogger(__name__)

ANNOUNCED_S = 6.0  # caller id by DTMF comes a second or two before the first ring
RING_GONE_S = 6.0  # no country's cadence pauses longer: the caller gave up


class Rung(Protocol):
    """What a call in needs of its line."""

    number: int
    state: S
    trace: LineTrace

    @property
    def asked_for_caller_id(self) -> bool:
        """Whether the office tells caller id to nobody but who goes off-hook for it, and we may."""

    def enter(self, event: str, time_s: float | None = None) -> None:
        """Take what happened; `time` is told once so long has gone by without another event."""

    def wait(self, after_s: float) -> None:
        """Have `time` told once so long has gone by."""

    def offer(self, caller: Caller) -> None:
        """Give the call to who takes calls."""

    def turn_away(self) -> None:
        """End a call that waits to go out."""

    def give_up(self) -> None:
        """Let go of the call that was offered: its caller is gone."""

    def listen_off_hook(self) -> None:
        """Go off-hook for nothing but the caller id; WrongState where that cannot be."""

    def listen_on_hook_again(self) -> float:
        """Go on-hook, at once or in so many seconds."""


class CallIn:
    """The calls in of one line, one after the other. The line tells it of rings, and of what is heard on-hook."""

    def __init__(self, line: Rung, habits: Habits, now_s: Callable[[], float]) -> None:
        """`now_s` tells the time of a steady clock."""
        self._line, self._habits, self._now_s = line, habits, now_s
        self._announced = Announced(habits, now_s)
        self._request = Request()
        self._caller: Caller | None = None

    @property
    def announcing(self) -> bool:
        """Whether a caller is being announced, as far as can be known before the number has come whole."""
        return self._announced.under_way

    def reversed(self) -> None:
        """Take that the polarity of the idle line was reversed."""
        self._announced.reversed()

    def forget(self) -> None:
        """Take that there is no call any more."""
        self._caller = None

    def rings(self, ringing: bool) -> None:
        """Take that ring voltage began or ended, while nobody has the line."""
        line = self._line
        requested = self._request.changed(ringing, self._now_s())
        if not ringing:
            if line.state in (S.RINGING, S.OFFERED, S.IGNORED):
                line.wait(RING_GONE_S)
        elif line.state is S.RINGING and requested and line.asked_for_caller_id:
            self._take()
        elif line.state is S.RINGING:
            self._offer()  # the second ring: no caller id has come
        elif line.state in (S.OFFERED, S.IGNORED):
            line.wait(RING_GONE_S)
        elif (line.state, "ring") in TRANSITIONS:
            known = line.state is S.ANNOUNCED
            line.turn_away()
            line.enter("ring", RING_GONE_S)
            if known:
                self._offer()

    def heard(self, happening: Happening) -> None:
        """Take what was heard while nobody has the line."""
        if happening.kind == "digit":
            self._announced.key(happening.value)
        if happening.kind != "caller_id":
            return
        line, caller = self._line, self._announced.message(happening)
        line.trace.caller(self._announced.kind, caller)
        if line.state is S.RINGING:
            self._caller = caller
            self._offer()
        elif line.state is S.TAKING:
            self.taken(caller)
        elif line.state in (S.IDLE, S.ANNOUNCED, S.GUARD):
            line.turn_away()
            self._caller = caller
            line.enter("caller_id", ANNOUNCED_S)
        elif line.state in (S.OFFERED, S.IGNORED) and self._announced.another:
            # The caller gave up just now: the line rings for somebody else already
            self._caller = caller
            line.enter("another", RING_GONE_S)
            line.give_up()
            self._offer()

    def taken(self, caller: Caller | None) -> None:
        """Go on-hook again, told who calls or not: the ring comes now."""
        early_s = self._line.listen_on_hook_again()
        self._caller = caller
        self._line.enter("caller_id", early_s + ANNOUNCED_S)

    # ---- inside

    def _take(self) -> None:
        """Go off-hook to hear who calls: that is no answer, where it is asked for."""
        try:
            self._line.listen_off_hook()
        except WrongState as error:
            log.warning("line %d: cannot take caller id: %s", self._line.number, error)
        else:
            self._line.enter("take", TOLD_S)

    def _offer(self) -> None:
        if self._caller is None:
            self._habits.caller_id = "none"
            self._line.trace.no_caller(self._announced.keys)
        caller, self._caller = self._caller or Caller(), None
        self._line.enter("offer", RING_GONE_S)
        self._line.offer(caller)
