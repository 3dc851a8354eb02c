"""Legal holds: calls, or all calls of a number, that nothing deletes as long as they stand."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, and_, exists, insert, literal, or_, select, update

from firmware.errors import NotFound
from firmware.records import schema
from firmware.records.records import Records

CALL, NUMBER = "call", "number"


class Hold(msgspec.Struct, frozen=True):
    """A hold: `kind` is call or number, `subject` which; `until_s` is 0 until somebody lifts it. Unix seconds."""

    id: int
    kind: str
    subject: str
    by: str
    why: str
    since_s: float
    until_s: float
    lifted_s: float | None
    lifted_by: str


class Holds:
    """All holds, in the records' database."""

    def __init__(self, records: Records) -> None:
        self._records = records

    async def all(self) -> list[Hold]:
        """Return all holds, newest first, those that were lifted too."""
        query = select(schema.holds).order_by(schema.holds.c.id.desc())
        return await self._records.reader.ask(lambda connection: _holds(connection, query))

    async def of_call(self, call_id: str, now_s: float) -> list[Hold]:
        """Return the holds that keep a call."""
        calls, holds = schema.calls, schema.holds
        of_number = exists().where(calls.c.call_id == call_id, _names(holds.c.id))
        fits = or_(and_(holds.c.kind == CALL, holds.c.subject == call_id), of_number)
        query = select(holds).where(fits, standing(now_s)).order_by(holds.c.id)
        return await self._records.reader.ask(lambda connection: _holds(connection, query))

    async def place(
        self, kind: str, subject: str, by: str, why: str, now_s: float, until_s: float = 0, forms: Sequence[str] = ()
    ) -> int:
        """Let a subject stand under a hold and return its number; on disk when this returns. Raises NoStorage.

        `forms` are the ways in which a number may stand in the records.
        """
        row = {"kind": kind, "subject": subject, "by": by, "why": why, "since_s": now_s, "until_s": until_s}

        def work(connection: Connection) -> int:
            made = connection.execute(insert(schema.holds).values(**row, lifted_by=""))
            (number,) = made.inserted_primary_key or (0,)
            for form in forms:
                connection.execute(insert(schema.held_numbers).values(hold_id=number, form=form))
            return int(number)

        return await self._records.change(work)

    async def lift(self, number: int, by: str, now_s: float) -> None:
        """End a hold. Raises NotFound, NoStorage."""
        table = schema.holds
        lifted = update(table).where(table.c.id == number, table.c.lifted_s.is_(None))
        values = {"lifted_s": now_s, "lifted_by": by}
        done = await self._records.change(lambda connection: connection.execute(lifted.values(values)).rowcount)
        if not done:
            raise NotFound(f"no hold {number} stands")


def standing(now_s: float) -> ColumnElement[bool]:
    """Return the condition of a hold that stands."""
    table = schema.holds
    return and_(table.c.lifted_s.is_(None), or_(table.c.until_s == 0, table.c.until_s > now_s))


def held(now_s: float) -> ColumnElement[bool]:
    """Return the condition of a call that some hold keeps."""
    calls, holds = schema.calls, schema.holds
    named = select(holds.c.subject).where(holds.c.kind == CALL, standing(now_s))
    return or_(calls.c.call_id.in_(named), exists().where(standing(now_s), _names(holds.c.id)).correlate(calls))


def _names(hold_id: "ColumnElement[int]") -> ColumnElement[bool]:
    """Return the condition that a hold's number is that of a call: who called, whom it was for, or whom it went to."""
    calls, ways, segments = schema.calls, schema.held_numbers, schema.segments
    out_to = exists().where(
        segments.c.call_id == calls.c.call_id,
        or_(segments.c.who == ways.c.form, segments.c.who.like(literal("%:").concat(ways.c.form))),
    ).correlate(calls, ways)
    form = ways.c.form
    return and_(
        ways.c.hold_id == hold_id,
        or_(calls.c.number == form, calls.c.e164 == form, calls.c.did == form, out_to),
    )


def _holds(connection: Connection, query: "Select[tuple[object, ...]]") -> list[Hold]:
    return [Hold(**row) for row in connection.execute(query).mappings()]
