"""Which call gives its line or channel to a call for help, when none is free.

An outgoing call goes first, and of these one that nobody has answered yet. A caller who came in is cut off only where
nothing else is left: by a trunk rather than by a line, which many offices keep busy for a minute when it is the called
side that hangs up. Of equals the youngest goes. A call for help is never cut off.
"""

from collections.abc import Container, Iterable
from typing import NamedTuple

from drivers.link.causes import PREEMPTION
from firmware.calls.call import Call
from firmware.calls.leg import Leg, LegState, Purpose
from firmware.events import Kind


class Victim(NamedTuple):
    """A leg on a line or trunk; `bearer` is its name, `line:3` or `trunk:carrier`."""

    call: Call
    leg: Leg
    bearer: str


def victim(calls: Iterable[Call], wanted: Container[str]) -> Victim | None:
    """Return who has to go of those on the bearers that are `wanted`, None if nobody can."""
    found = [one for call in calls for one in _on_bearers(call) if one.bearer in wanted]
    return min(found, key=_rank, default=None)


def preempt(one: Victim, by: Call) -> None:
    """Take the victim's line away for a call for help."""
    one.call.log(Kind.PREEMPTED, one.leg.id, by=by.id)
    take_away(one.call, one.leg, PREEMPTION)


def take_away(call: Call, leg: Leg, cause: int) -> None:
    """End a leg that others talk with. Its caller is told why by the stage; one without a stage learns the cause."""
    if leg is call.caller:
        for other in call.legs.values():
            other.hang_up(cause)
    leg.hang_up(cause)


def _on_bearers(call: Call) -> Iterable[Victim]:
    if call.over or call.emergency:
        return
    for leg in call.legs.values():
        kind, _, rest = (leg.target or (call.source if leg.id == "1" else "")).partition(":")
        if kind not in ("line", "trunk") or leg.state is LegState.ENDED or leg.hanging_up:
            continue
        if kind == "line" and leg.state is LegState.OFFERED:
            continue    # it rings whatever we do: the office alone can end that
        yield Victim(call, leg, f"{kind}:{rest.partition(':')[0]}")


def _rank(one: Victim) -> tuple[int, float]:
    if one.leg.purpose is Purpose.OUTSIDE:
        order = 1 if one.leg.state is LegState.ANSWERED else 0
    else:
        order = 2 if one.bearer.startswith("trunk:") else 3
    return order, -one.call.started_s
