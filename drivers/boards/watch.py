"""What digital spans do, for those who look at them: wires, slips, signalling; and alarms of wires."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable

from msgspec import structs

from drivers.alarms import Alarms
from drivers.boards.base import Board
from drivers.boards.spans import Spans
from drivers.boards.trunk import TrunkSpan
from drivers.boards.trunk_channel import TrunkChannel
from drivers.link.messages import AlarmName, RestartSlot, SpanState, SpanStates, WireAlarm, Wrong

log = logging.getLogger(__name__)

DAY_S = 86400.0
SLIPS = 5               # a day, at most (ITU-T G.822, the best of its classes)
SAMPLE_S = 600.0        # as often the counter of slips is kept
GATHER_S = 0.1          # changes within it are told at once
TOLD: tuple[WireAlarm, ...] = ("red", "blue", "yellow", "closed", "loopback")  # the first is what needs a person


class SpanWatch:
    """`tell` is given how the spans are.

    `restarted` is given each order to restart a channel that was carried out, and whether the far end did it too.
    """

    def __init__(
        self, board: Board, spans: Spans, alarms: Alarms, wall_s: Callable[[], float],
        tell: Callable[[SpanStates], None], restarted: Callable[[RestartSlot, bool], None],
    ) -> None:
        self._board, self._spans, self._alarms, self._wall_s, self._tell = board, spans, alarms, wall_s, tell
        self._restarted = restarted
        self._look_soon: asyncio.TimerHandle | None = None
        spans.touched = self._touched
        self._seen: dict[int, int] = {}         # slips of each span, since the first look
        self._counter: dict[int, int] = {}      # as its driver had them at the last
        self._slips: dict[int, deque[tuple[float, int]]] = {}   # how many were seen, and when
        self._alarmed: set[int] = set()

    def states(self) -> tuple[SpanState, ...]:
        """Look at all spans, say what is wrong with the wires of those that are used, and return them."""
        try:
            found = {state.number: state for state in self._board.span_states()}
        except OSError as error:
            log.warning("the spans cannot be looked at: %s", error)
            found = {}
        wanted = self._spans.wanted
        for number in wanted:
            found.setdefault(number, SpanState(number, there=False))
        states = tuple(self._used(found[number]) for number in sorted(found))
        for state in states:
            if state.number in wanted:
                self._say(state)
        for state in states:
            if state.number in self._spans.ungrouped:
                there = [one.number for one in states if one.there]
                why = f"span {state.number} is not there; spans are {there}"
                wrong = None if state.there else Wrong("said", {"text": why})
                self._alarms.say(AlarmName.SPAN_LOST, f"span:{state.number}", wrong)
        for number in self._alarmed - set(wanted):
            for name in (AlarmName.SPAN_ALARM, AlarmName.SPAN_SLIPS, AlarmName.SPAN_LOST):
                self._alarms.forget(name, f"span:{number}")
        self._alarmed = set(wanted)
        return states

    def look(self) -> None:
        """Tell how all spans are now."""
        if self._look_soon is not None:
            self._look_soon.cancel()
            self._look_soon = None
        self._tell(SpanStates(at_s=self._wall_s(), spans=self.states()))

    def restart(self, order: RestartSlot) -> None:
        """Make a channel idle; WrongState or NoSuchChannel when that cannot be."""
        self._spans.span(order.span).restart(order.slot, lambda answered: self._restarted(order, answered))

    def close(self) -> None:
        """Tell nothing more."""
        if self._look_soon is not None:
            self._look_soon.cancel()

    # ---- inside

    def _touched(self) -> None:
        if self._look_soon is None:
            self._look_soon = asyncio.get_running_loop().call_later(GATHER_S, self.look)

    def _used(self, state: SpanState) -> SpanState:
        span = self._spans.open.get(state.number)
        state = structs.replace(state, slips_day=self._slips_of(state), wrong=self._spans.why(state.number))
        if span is None:
            spare = self._spans.spare.get(state.number)
            return structs.replace(state, testing=spare.loan.slots) if spare else state
        return structs.replace(
            state,
            signalling="up" if span.up else "down",
            since_s=round(self._wall_s() - (asyncio.get_running_loop().time() - span.since_s), 1),
            calls={slot: _channel(span, slot) for slot in sorted(span.calls)},
            testing=span.loan.slots,
        )

    def _slips_of(self, state: SpanState) -> int:
        """Return how many slips there were in a day; what was before the first look counts for nothing.

        A driver counts from nothing again once it is loaded anew, and most do after each alarm of the span.
        """
        number, now_s = state.number, asyncio.get_running_loop().time()
        counter = state.counters.get("slips", self._counter.get(number, 0))
        before = self._counter.get(number, counter)
        self._counter[number] = counter
        seen = self._seen[number] = self._seen.get(number, 0) + counter - (before if counter >= before else 0)
        kept = self._slips.setdefault(number, deque([(now_s, seen)]))
        if now_s - kept[-1][0] >= SAMPLE_S:
            kept.append((now_s, seen))
        while len(kept) > 1 and kept[1][0] <= now_s - DAY_S:
            kept.popleft()
        return seen - kept[0][1]

    def _say(self, state: SpanState) -> None:
        subject = f"span:{state.number}"
        worst = next((alarm for alarm in TOLD if alarm in state.alarms), None)
        self._alarms.say(AlarmName.SPAN_ALARM, subject, Wrong(f"wire-{worst}") if worst else None)
        wrong = Wrong("slips", {"slips": state.slips_day}) if state.slips_day > SLIPS else None
        self._alarms.say(AlarmName.SPAN_SLIPS, subject, wrong)


def _channel(span: TrunkSpan, slot: int) -> str:
    """Return the gateway's channel on a slot, "" where the call is not told of yet, or no more."""
    user = span.calls[slot].user
    return user.id if isinstance(user, TrunkChannel) else ""
