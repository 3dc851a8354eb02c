"""What has been: the closed calls, for lists and details. Reads only, on a thread of its own."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any, TypeVar

import msgspec
from sqlalchemy import ColumnElement, Connection, Engine, and_, func, or_, select
from sqlalchemy.exc import SQLAlchemyError

from firmware.errors import NotFound, Unavailable
from firmware.events import Event
from firmware.records import schema
from firmware.records.cdr import Cdr, Segment
from firmware.records.database import reason_of
from firmware.records.ledger import event_of

Answer = TypeVar("Answer")
MOST = 500  # calls a page


class Filter(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Which calls: an empty field fits all. `number` is part of the caller's or the dialled number, in any form kept.

    Times are Unix seconds of the call's start, `until_s` not included.
    """

    from_s: float = 0.0
    until_s: float = 0.0
    direction: str = ""
    source: str = ""
    number: str = ""
    queue: str = ""
    agent: str = ""
    outcome: str = ""


ALL = Filter()


class Page(msgspec.Struct, frozen=True):
    """Some calls, newest first, without segments; `total` fit the filter. `next` is for the page after, "" if none."""

    calls: list[Cdr]
    total: int
    next: str = ""


class Recording(msgspec.Struct, frozen=True):
    """A sound file within the home; `duration_s` is None while it grows."""

    path: str
    leg: str
    started_s: float
    duration_s: float | None


class Detail(msgspec.Struct, frozen=True):
    """All that is known of a closed call."""

    call: Cdr
    recordings: list[Recording]
    events: list[Event]


class Reader:
    """Asks the records. Every method raises Unavailable when the database cannot be read."""

    def __init__(self, engine: Engine, executor: Executor) -> None:
        self._engine, self._executor = engine, executor

    async def page(self, which: Filter = ALL, limit: int = 50, after: str = "") -> Page:
        """Return a page of calls that fit; `after` is the `next` of the page before."""
        return await self.ask(lambda connection: _page(connection, which, max(1, min(limit, MOST)), after))

    async def show(self, call_id: str) -> Detail:
        """Return all of one closed call; raises NotFound."""
        return await self.ask(lambda connection: detail(connection, call_id))

    async def ask(self, question: Callable[[Connection], Answer]) -> Answer:
        """Return what a question finds in the database, asked on the thread that reads."""

        def ask() -> Answer:
            with self._engine.begin() as connection:
                return question(connection)

        try:
            return await asyncio.wrap_future(self._executor.submit(ask))
        except SQLAlchemyError as error:
            raise Unavailable(f"the records cannot be read: {reason_of(error)}") from error


def _page(connection: Connection, which: Filter, limit: int, after: str) -> Page:
    calls = schema.calls
    fits = and_(True, *_conditions(which))
    total = connection.execute(select(func.count()).select_from(calls).where(fits)).scalar_one()
    query = select(calls).where(fits).order_by(calls.c.started_s.desc(), calls.c.call_id.desc()).limit(limit + 1)
    if after:
        at_s, call_id = _cursor(after)
        query = query.where(
            or_(calls.c.started_s < at_s, and_(calls.c.started_s == at_s, calls.c.call_id < call_id))
        )
    rows = connection.execute(query).mappings().all()
    recordings = _recordings(connection, [row["call_id"] for row in rows[:limit]])
    found = [_cdr(row, recordings.get(row["call_id"], []), []) for row in rows[:limit]]
    more = len(rows) > limit
    return Page(found, total, f"{found[-1].started_s!r}/{found[-1].call_id}" if more else "")


def _cursor(after: str) -> tuple[float, str]:
    started_s, _, call_id = after.partition("/")
    try:
        return float(started_s), call_id
    except ValueError:
        raise NotFound(f"there is no page after {after!r}: give the `next` of the page before") from None


def _conditions(which: Filter) -> list[ColumnElement[bool]]:
    calls = schema.calls
    conditions = [
        getattr(calls.c, name) == value
        for name in ("direction", "source", "queue", "agent", "outcome")
        if (value := getattr(which, name))
    ]
    if which.from_s:
        conditions.append(calls.c.started_s >= which.from_s)
    if which.until_s:
        conditions.append(calls.c.started_s < which.until_s)
    if which.number:
        columns = (calls.c.number, calls.c.e164, calls.c.did)
        conditions.append(or_(*(column.contains(which.number, autoescape=True) for column in columns)))
    return conditions


def detail(connection: Connection, call_id: str) -> Detail:
    """Return all of one closed call; raises NotFound."""
    row = connection.execute(select(schema.calls).where(schema.calls.c.call_id == call_id)).mappings().first()
    if row is None:
        raise NotFound(f"there is no record of a call {call_id!r} (a call is on record when it has ended)")
    segments, events = schema.segments, schema.events
    parts = connection.execute(
        select(segments).where(segments.c.call_id == call_id).order_by(segments.c.since_s, segments.c.id)
    ).all()
    happened = connection.execute(select(events).where(events.c.call == call_id).order_by(events.c.id)).all()
    recordings = _recordings(connection, [call_id]).get(call_id, [])
    return Detail(
        _cdr(row, recordings, [Segment(p.kind, p.who, p.leg, p.since_s, p.duration_s) for p in parts]),
        recordings,
        [event_of(row) for row in happened],
    )


def _recordings(connection: Connection, call_ids: list[str]) -> dict[str, list[Recording]]:
    table = schema.recordings
    rows = connection.execute(select(table).where(table.c.call_id.in_(call_ids)).order_by(table.c.started_s)).all()
    found: dict[str, list[Recording]] = {}
    for row in rows:
        found.setdefault(row.call_id, []).append(Recording(row.path, row.leg, row.started_s, row.duration_s))
    return found


def _cdr(row: Any, recordings: list[Recording], segments: list[Segment]) -> Cdr:
    return Cdr(**row, recordings=tuple(recording.path for recording in recordings), segments=tuple(segments))
