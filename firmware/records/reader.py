"""What has been: the closed calls, for lists and details. Reads only, on a thread of its own."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import SQLAlchemyError

from firmware.errors import NotFound, Unavailable
from firmware.events import Event, corrected
from firmware.records import schema
from firmware.records.cdr import Cdr, Segment
from firmware.records.database import reason_of
from firmware.records.ledger import event_of
from firmware.records.search import Order, Which, find, is_of

Answer = TypeVar("Answer")
MOST = 500  # calls a page
ALL, NEWEST = Which(), Order()
LAST_S = 1.0  # for the question under way when the box ends


class Page(msgspec.Struct, frozen=True):
    """Some calls in the order asked for, without segments.

    `next` and `previous` are for the pages beside: what `after` and `before` take, "" where there is none. `total` is
    how many fit, told with the first page as far as it is worth counting, else None.
    """

    calls: list[Cdr]
    total: int | None = None
    next: str = ""
    previous: str = ""


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

    async def page(
        self, which: Which = ALL, limit: int = 50, order: Order = NEWEST, after: str = "", before: str = ""
    ) -> Page:
        """Return a page of calls that fit: the first, or the one `after` or `before` a call.

        Raises NotFound when there is no such call.
        """
        size = max(1, min(limit, MOST))
        return await self.ask(lambda connection: page_of(connection, which, order, size, after, before))

    async def last(self, limit: int) -> list[Cdr]:
        """Return the newest calls, which counts nothing and is for those who ask often."""
        newest = select(schema.calls.c.id).order_by(schema.calls.c.started_s.desc(), schema.calls.c.id.desc())
        return await self.ask(lambda connection: _rows(connection, connection.scalars(newest.limit(limit)).all()))

    async def talked(self, agent: str, call_id: str) -> bool:
        """Tell whether an agent talked in a call."""
        return await self.ask(lambda connection: is_of(connection, agent, call_id))

    async def show(self, call_id: str) -> Detail:
        """Return all of one closed call; raises NotFound."""
        return await self.ask(lambda connection: detail(connection, call_id))

    async def close(self) -> None:
        """Close what it asks, once the question under way is answered, or a moment has passed.

        A connection that is open when the program ends leaves SQLite's log beside the records, for the next to take in.
        """
        await asyncio.wait({asyncio.wrap_future(self._executor.submit(self._engine.dispose))}, timeout=LAST_S)

    async def ask(self, question: Callable[[Connection], Answer]) -> Answer:
        """Return what a question finds in the database, asked on the thread that reads."""

        def ask() -> Answer:
            with self._engine.begin() as connection:
                return question(connection)

        try:
            return await asyncio.wrap_future(self._executor.submit(ask))
        except SQLAlchemyError as error:
            raise Unavailable(f"the records cannot be read: {reason_of(error)}") from error


def page_of(
    connection: Connection, which: Which, order: Order, limit: int, after: str = "", before: str = ""
) -> Page:
    """Return a page of calls that fit. Raises NotFound when there is no call `after` or `before`."""
    found = find(connection, which, order, limit, after, before)
    rows = _rows(connection, found.ids)
    following = rows[-1].call_id if rows and found.after else ""
    former = rows[0].call_id if rows and found.before else ""
    return Page(rows, found.total, following, former)


def _rows(connection: Connection, ids: Sequence[int]) -> list[Cdr]:
    """Return the records of some calls, in this order."""
    found = connection.execute(select(schema.calls).where(schema.calls.c.id.in_(ids))).mappings()
    rows = {row["id"]: row for row in found}
    recordings = _recordings(connection, [row["call_id"] for row in rows.values()])
    return [_cdr(rows[id], recordings.get(rows[id]["call_id"], []), []) for id in ids]


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
        corrected(event_of(row) for row in happened),
    )


def _recordings(connection: Connection, call_ids: list[str]) -> dict[str, list[Recording]]:
    table = schema.recordings
    rows = connection.execute(select(table).where(table.c.call_id.in_(call_ids)).order_by(table.c.started_s)).all()
    found: dict[str, list[Recording]] = {}
    for row in rows:
        found.setdefault(row.call_id, []).append(Recording(row.path, row.leg, row.started_s, row.duration_s))
    return found


def _cdr(row: Any, recordings: list[Recording], segments: list[Segment]) -> Cdr:
    values = {name: row[name] for name in Cdr.__struct_fields__ if name not in ("recordings", "segments")}
    return Cdr(**values, recordings=tuple(one.path for one in recordings), segments=tuple(segments))
