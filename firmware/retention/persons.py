"""A caller's data: found by a number in all the ways it is written, told whole, and erased on request."""

import asyncio
import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, Table, Text, cast, delete, or_, select, text, update

from firmware import numbers
from firmware.config.schema import Config
from firmware.errors import BadRequest, NotFound, Problem, Refused
from firmware.events import Kind
from firmware.records import schema
from firmware.records.notes import Notes
from firmware.records.reader import Detail, detail
from firmware.records.records import Records
from firmware.retention import pieces
from firmware.retention.holds import CALL, Hold, standing

LEAST_DIGITS = 5  # shorter ones are extensions and services, not persons
MOST_CALLS = 5000
# Where a number may stand beside calls: in what people and the box wrote
TEXTS = (
    (schema.audit, ("user", "detail")),
    (schema.alarm_history, ("subject", "detail", "note", "facts")),
    (schema.dead_letters, ("body", "reason")),
)


class Person(msgspec.Struct, frozen=True):
    """All that is on record of a number. `erased` is when its data were erased before, as far as that is on record."""

    number: str
    calls: list[Detail]
    notes: dict[str, list[dict[str, Any]]]
    holds: list[Hold]
    erased_s: list[float]


class Erased(msgspec.Struct, frozen=True):
    """What was erased; `name` stands in the records now where the number stood."""

    calls: int
    recordings: int
    name: str


class Persons:
    """Looks for persons and erases them, by the threads that read and write."""

    def __init__(
        self, home: Path, records: Records, config: Callable[[], Config], digest: Callable[[str], str]
    ) -> None:
        """`digest` is a keyed hash: by it alone an erased number is known again."""
        self._home, self._records, self._config, self._digest = home, records, config, digest

    def forms(self, number: str) -> list[str]:
        """Return the ways in which a number may stand in the records, longest first. Raises BadRequest."""
        box = self._config().box
        digits = re.sub(r"\D", "", number)
        if len(digits) < LEAST_DIGITS:
            right = f"a whole telephone number of {LEAST_DIGITS} digits or more is right"
            raise BadRequest(problems=[Problem("number", number, right)])
        e164 = numbers.e164(number, box.country, box.area_code)
        ways = {numbers.compact(number)}
        if e164:
            ways |= {e164, *numbers.ways_to_write(e164, box.country, box.area_code)}
        return sorted((way for way in ways if len(way) >= LEAST_DIGITS), key=len, reverse=True)

    def digest(self, forms: Sequence[str]) -> str:
        """Return what an erased number is known by."""
        return self._digest(next((form for form in forms if form.startswith("+")), forms[0]))

    async def find(self, number: str, now_s: float) -> Person:
        """Return all that is on record of a number. Raises BadRequest, Refused for more calls than can be told."""
        forms, holds = self.forms(number), schema.holds
        digest = self.digest(forms)

        def ask(connection: Connection) -> Person:
            ids = _calls(connection, forms)
            if len(ids) > MOST_CALLS:
                raise Refused(f"{len(ids)} calls are on record of this number; up to {MOST_CALLS} can be told at once")
            notes: dict[str, list[dict[str, Any]]] = {}
            for row in connection.execute(select(schema.notes).where(schema.notes.c.call_id.in_(ids))).mappings():
                notes.setdefault(row["call_id"], []).append({key: row[key] for key in ("what", "text", "at_s", "by")})
            ways = schema.held_numbers
            named = select(ways.c.hold_id).where(ways.c.form.in_(forms))
            fits = or_((holds.c.kind == CALL) & holds.c.subject.in_(ids), holds.c.id.in_(named))
            kept = connection.execute(select(holds).where(standing(now_s), fits).order_by(holds.c.id)).mappings()
            audit = schema.audit
            erased = connection.execute(
                select(audit.c.at_s).where(audit.c.what == "person.erased", audit.c.detail.startswith(digest))
            ).scalars()
            return Person(
                forms[0], [detail(connection, one) for one in ids], notes, [Hold(**row) for row in kept], list(erased)
            )

        return await self._records.reader.ask(ask)

    async def erase(self, number: str, now_s: float, notes: Notes, live: Callable[[Sequence[str]], bool]) -> Erased:
        """Delete a number's recordings, and take it out of all records: they stay for statistics.

        Raises NotFound where nothing is on record, Refused while a hold stands or a call is under way (`live`).
        """
        forms = self.forms(number)
        if live(forms):
            raise Refused("a call of this number is under way; wait until it is over")
        await self._records.journal.committed()
        person = await self.find(number, now_s)
        if person.holds:
            told = "; ".join(f"{one.by}: {one.why}" for one in person.holds)
            raise Refused(f"a legal hold keeps it ({told}): lift that first")
        ids = [one.call.call_id for one in person.calls]
        texts = await self._records.reader.ask(lambda connection: _texts(connection, forms))
        if not ids and not texts:
            raise NotFound("nothing is on record of this number")
        name = f"erased-{self._digest(f'{forms[0]} {now_s!r}')[:8]}"  # of this erasure: nobody finds the number by it
        paths = [recording.path for one in person.calls for recording in one.recordings]
        await asyncio.to_thread(pieces.remove, self._home, paths)
        change = _replacing(forms, name)
        in_calls = _replacing(forms, name, r"\+?[0-9]{0,6}")  # dialled with what leads outside, or to a carrier
        for start in range(0, len(ids), 20):
            piece = ids[start : start + 20]
            await self._records.change(partial(_anonymise, ids=piece, forms=forms, change=in_calls, name=name))
        for table, key in texts:
            await self._records.change(partial(_rewrite, table=table, key=key, change=change))
        notes.forget(ids)
        await self._records.change(_forget_lifted_holds(forms))
        await self._records.wipe()
        return Erased(len(ids), len(paths), name)


def _calls(connection: Connection, forms: Sequence[str]) -> list[str]:
    calls, segments = schema.calls, schema.segments
    through = or_(*(segments.c.who.endswith(f":{form}", autoescape=True) for form in forms), segments.c.who.in_(forms))
    of_segments = select(segments.c.call_id).where(through)
    own = (column.in_(forms) for column in (calls.c.number, calls.c.e164, calls.c.did))
    fits = or_(*own, calls.c.call_id.in_(of_segments))
    return list(connection.execute(select(calls.c.call_id).where(fits).order_by(calls.c.started_s)).scalars())


def _texts(connection: Connection, forms: Sequence[str]) -> list[tuple[Table, int]]:
    """Return the rows beside calls in which a number stands: of events that belong to no call, audit, alarms."""
    found: list[tuple[Table, int]] = []
    events = schema.events
    like = "data LIKE " + " OR data LIKE ".join(f":form{number}" for number in range(len(forms)))
    given = {f"form{number}": f"%{form}%" for number, form in enumerate(forms)}
    query = select(events.c.id).where(events.c.call == "", text(f"({like})").bindparams(**given))
    found.extend((events, key) for key in connection.execute(query).scalars())
    for table, columns in TEXTS:
        written = [cast(table.c[column], Text) for column in columns]
        fits = or_(*(column.contains(form, autoescape=True) for column in written for form in forms))
        found.extend((table, key) for key in connection.execute(select(table.c.id).where(fits)).scalars())
    return found


def _replacing(forms: Sequence[str], name: str, before: str = "(?<![0-9+])") -> Callable[[Any], Any]:
    """Return what puts a name in the place of a number wherever it stands, as a whole, in a value of any depth.

    `before` is what may stand before it, as a pattern.
    """
    ways = re.compile("|".join(rf"{before}{re.escape(form)}(?![0-9])" for form in forms))

    def change(value: Any) -> Any:
        if isinstance(value, str):
            return ways.sub(name, value)
        if isinstance(value, dict):
            return {key: change(one) for key, one in value.items()}
        if isinstance(value, list):
            return [change(one) for one in value]
        return value

    return change


def _anonymise(
    connection: Connection, ids: Sequence[str], forms: Sequence[str], change: Callable[[Any], Any], name: str
) -> None:
    calls, events, segments = schema.calls, schema.events, schema.segments
    for row in connection.execute(select(calls).where(calls.c.call_id.in_(ids))).all():
        values = {"number": change(row.number), "did": change(row.did)}
        if row.number in forms or row.e164 in forms:
            values |= {"number": name, "e164": "", "name": ""}
        connection.execute(update(calls).where(calls.c.call_id == row.call_id).values(values))
    for row in connection.execute(select(segments).where(segments.c.call_id.in_(ids))).all():
        if (who := change(row.who)) != row.who:
            connection.execute(update(segments).where(segments.c.id == row.id).values(who=who))
    for row in connection.execute(select(events).where(events.c.call.in_(ids))).all():
        data = change(row.data)
        if row.kind == Kind.CALL_OFFERED:
            whose = row.data.get("number") in forms or row.data.get("e164") in forms
            data = data | ({"number": name, "e164": "", "name": ""} if whose else {})
        elif row.kind == Kind.DIGIT:
            data = data | {"digit": ""}  # people dial card and account numbers
        elif row.kind in (Kind.RECORDING_STARTED, Kind.RECORDING_ENDED):
            data = data | {"path": ""}
        if data != row.data:
            connection.execute(update(events).where(events.c.id == row.id).values(data=data))
    connection.execute(delete(schema.recordings).where(schema.recordings.c.call_id.in_(ids)))
    written = (schema.notes.c.call_id.in_(ids)) & (schema.notes.c.what == "note")
    connection.execute(delete(schema.notes).where(written))


def _rewrite(connection: Connection, table: Table, key: int, change: Callable[[Any], Any]) -> None:
    row = connection.execute(select(table).where(table.c.id == key)).mappings().first()
    if row is not None:
        names = ["data"] if table is schema.events else next(columns for one, columns in TEXTS if one is table)
        connection.execute(update(table).where(table.c.id == key).values({name: change(row[name]) for name in names}))


def _forget_lifted_holds(forms: Sequence[str]) -> Callable[[Connection], Any]:
    """No hold of this number stands: what is left of them names it."""

    def work(connection: Connection) -> None:
        table, ways = schema.holds, schema.held_numbers
        ids = list(connection.execute(select(ways.c.hold_id).where(ways.c.form.in_(forms)).distinct()).scalars())
        connection.execute(delete(ways).where(ways.c.hold_id.in_(ids)))
        connection.execute(delete(table).where(table.c.id.in_(ids)))

    return work


