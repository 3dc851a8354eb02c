"""Every figure of the reports, defined once: what it counts, by which formula, and which calls it is made of.

The pages say the same beside each figure (webui/words/pictures.py), and each opens the list of its calls: what is
counted here is what `call.list` finds with the filter that a figure's docstring names. A call belongs to the time in
which it began.
"""

from collections.abc import Sequence
from datetime import datetime, tzinfo

import msgspec
from sqlalchemy import ColumnElement, Connection, Integer, and_, cast, func, select

from firmware.records import schema
from firmware.records.cdr import NOT_OURS
from firmware.reports.hours import hours_of

calls = schema.calls
WAITS_S = (0.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0)  # where the groups of waits begin


class Hour(msgspec.Struct, frozen=True):
    """Calls that came in within one hour of the day, 0 to 23, on all days together."""

    hour: int
    incoming: int = 0
    answered: int = 0
    abandoned: int = 0


class Wait(msgspec.Struct, frozen=True):
    """Calls that waited from `from_s` up to, not including, `until_s`; None is any longer."""

    from_s: float
    until_s: float | None
    answered: int = 0
    abandoned: int = 0


class Way(msgspec.Struct, frozen=True):
    """A line or trunk: how many calls used it, how long together, and how many there were at once on the average."""

    via: str
    calls: int
    busy_s: float
    at_once: float


class Totals(msgspec.Struct, frozen=True):
    """The figures of all calls that came in; None where there is nothing to divide by."""

    incoming: int
    answered: int
    abandoned: int
    answered_share: float | None
    wait_s: float | None


def totals(connection: Connection, from_s: float, until_s: float) -> Totals:
    """Return the figures of a time.

    incoming: calls with direction `in`, but for those that something else answers (filter: outcome ours).
    answered, abandoned: those of them with this outcome.
    answered_share: answered / (answered + abandoned).
    wait_s: the sum of wait_s of answered incoming calls that came to a queue / how many these are.
    """
    query = select(
        func.count(), _count(calls.c.outcome == "answered"), _count(calls.c.outcome == "abandoned"),
        func.avg(calls.c.wait_s).filter(and_(calls.c.outcome == "answered", calls.c.queue > "")),
    ).where(*_incoming(from_s, until_s))  # fmt: skip
    incoming, answered, abandoned, wait_s = connection.execute(query).one()
    both = answered + abandoned
    return Totals(incoming, answered, abandoned, answered / both if both else None, wait_s)


def by_hour(connection: Connection, from_s: float, until_s: float, zone: tzinfo) -> list[Hour]:
    """Return all 24 hours of the day as the box's wall shows them; the time begins with a full hour.

    incoming, answered, abandoned: as in `totals`, of calls that began within the hour (filter: hour).
    """
    slot = cast(func.floor((calls.c.started_s - from_s) / 3600), Integer)
    query = (
        select(slot, func.count(), _count(calls.c.outcome == "answered"), _count(calls.c.outcome == "abandoned"))
        .where(*_incoming(from_s, until_s))
        .group_by(slot)
    )
    counted = {hour: [0, 0, 0] for hour in range(24)}
    slots = [datetime.fromtimestamp(since_s, zone).hour for since_s, _ in hours_of(from_s, until_s, zone)]
    for number, *counts in connection.execute(query):
        into = counted[slots[number]]
        into[:] = [one + more for one, more in zip(into, counts, strict=True)]
    return [Hour(hour, *counts) for hour, counts in counted.items()]


def waits(connection: Connection, from_s: float, until_s: float) -> list[Wait]:
    """Return how long calls waited, in groups.

    answered, abandoned: incoming calls with this outcome that came to a queue, by wait_s, which is the time in all its
    queues together (filter: direction in, queue *, wait).
    """
    found = []
    for since_s, to_s in zip(WAITS_S, (*WAITS_S[1:], None), strict=True):
        within = [calls.c.wait_s >= since_s, *([calls.c.wait_s < to_s] if to_s is not None else [])]
        found += [and_(calls.c.outcome == outcome, *within) for outcome in ("answered", "abandoned")]
    query = select(*(_count(one) for one in found)).where(*_incoming(from_s, until_s), calls.c.queue > "")
    counts = list(connection.execute(query).one())
    return [
        Wait(since_s, to_s, counts[2 * n], counts[2 * n + 1])
        for n, (since_s, to_s) in enumerate(zip(WAITS_S, (*WAITS_S[1:], None), strict=True))
    ]


def ways(connection: Connection, from_s: float, until_s: float, names: Sequence[str], now_s: float) -> list[Way]:
    """Return the use of each line and trunk: of those named, and of those that were used besides.

    calls: those that came by it, or first went out by it (filter: via). busy_s: the sum of their duration_s.
    at_once: busy_s / the seconds of the time that have passed. A call that is sent out again uses a second line, which
    is not counted.
    """
    query = (
        select(calls.c.via, func.count(), func.sum(calls.c.duration_s))
        .where(*_times(from_s, until_s), calls.c.via > "")
        .group_by(calls.c.via)
        .with_hint(calls, "INDEXED BY ix_calls_by_started_s", "sqlite")  # else all calls ever are read, way by way
    )
    used = {via: (count, busy_s) for via, count, busy_s in connection.execute(query)}
    lasted_s = max(1.0, min(until_s, now_s) - from_s)
    order = [*names, *sorted(used.keys() - set(names))]
    rows = {via: used.get(via, (0, 0.0)) for via in order}
    return [Way(via, count, busy_s, busy_s / lasted_s) for via, (count, busy_s) in rows.items()]


def _times(from_s: float, until_s: float) -> list[ColumnElement[bool]]:
    return [calls.c.started_s >= from_s, calls.c.started_s < until_s]


def _incoming(from_s: float, until_s: float) -> list[ColumnElement[bool]]:
    return [*_times(from_s, until_s), calls.c.direction == "in", calls.c.outcome != NOT_OURS]


def _count(fits: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count().filter(fits)
