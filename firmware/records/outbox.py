"""What is still to be told outside: the events themselves, and how far each who tells them has come.

An event is written once, in its own transaction, and nothing more for whoever shall be told: so nothing that happened
can be missing here, whenever the exchange was killed. What was told and not noted as told is told again.
"""

from collections.abc import Collection
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from firmware.events import Event, Kind
from firmware.records import schema
from firmware.records.journal import Journal
from firmware.records.ledger import event_of
from firmware.records.reader import Reader

KEPT = 1000  # dead letters of each hook; the oldest go first

NOT_TOLD = delete(schema.told).where(schema.told.c.who == bindparam("of_who"))
TOLD = insert(schema.told)
LETTER = insert(schema.dead_letters)
LETTER_GONE = delete(schema.dead_letters).where(schema.dead_letters.c.id == bindparam("of_id"))
LETTERS_GONE = delete(schema.dead_letters).where(schema.dead_letters.c.hook == bindparam("of_hook"))
LETTER_RESTS = (
    update(schema.dead_letters).where(schema.dead_letters.c.id == bindparam("of_id"))
    .values(again_s=None, died_s=bindparam("new_died_s"), reason=bindparam("new_reason"))
)
AGAIN = (
    update(schema.dead_letters).where(schema.dead_letters.c.id == bindparam("of_id"))
    .values(again_s=bindparam("new_again_s"))
)


class Numbered(NamedTuple):
    """An event with its place in the order of all, and for a closed call its record."""

    number: int
    event: Event
    record: dict[str, Any] | None


class DeadLetter(msgspec.Struct, frozen=True):
    """A message that its receiver would not take; `again_s` is when somebody asked to try it again."""

    id: int
    hook: str
    message: str
    kind: str
    body: str
    at_s: float
    died_s: float
    reason: str
    again_s: float | None = None


class Outbox:
    """Reads by the reader's thread, and writes by the journal."""

    def __init__(self, journal: Journal, reader: Reader) -> None:
        self._journal, self._reader = journal, reader
        self.committed = journal.committed

    async def begin(self, who: str) -> int:
        """Return up to which event somebody has told all; a newcomer begins with what happens from now on."""

        def ask(connection: Connection) -> tuple[int | None, int]:
            table, events = schema.told, schema.events
            told = connection.execute(select(table.c.event).where(table.c.who == who)).scalar()
            return told, connection.execute(select(func.max(events.c.id))).scalar() or 0

        told, newest = await self._reader.ask(ask)
        if told is None:
            self.tell(who, newest)
        return newest if told is None else told

    def tell(self, who: str, event: int) -> None:
        """Note that somebody has told all up to an event."""
        self._journal.add([(NOT_TOLD, {"of_who": who}), (TOLD, {"who": who, "event": event})])

    def forget(self, who: str) -> None:
        """Forget somebody who tells no more, with what they could not tell."""
        self._journal.add([(NOT_TOLD, {"of_who": who}), (LETTERS_GONE, {"of_hook": who})])

    async def next(self, after: int, kinds: Collection[str], limit: int = 50) -> tuple[list[Numbered], int]:
        """Return the next events of some kinds, in order, and up to which event was looked."""
        return await self._reader.ask(lambda connection: _next(connection, after, kinds, limit))

    # ---- what could not be told

    def bury(self, letter: DeadLetter) -> None:
        """Keep a message that its receiver would not take; its `id` is given by the database."""
        row = msgspec.structs.asdict(letter)
        del row["id"]
        self._journal.add([(LETTER, row)])

    async def dead(self, hook: str, limit: int = 50) -> list[DeadLetter]:
        """Return the newest dead letters of a hook, newest first."""
        table = schema.dead_letters

        def ask(connection: Connection) -> list[DeadLetter]:
            query = select(table).where(table.c.hook == hook).order_by(table.c.id.desc()).limit(limit)
            return [DeadLetter(**row) for row in connection.execute(query).mappings()]

        return await self._reader.ask(ask)

    async def counts(self) -> dict[str, int]:
        """Return how many dead letters each hook has."""
        table = schema.dead_letters

        def ask(connection: Connection) -> dict[str, int]:
            rows = connection.execute(select(table.c.hook, func.count()).group_by(table.c.hook)).all()
            return {row[0]: row[1] for row in rows}

        return await self._reader.ask(ask)

    async def wanted_again(self, hook: str) -> list[DeadLetter]:
        """Return the dead letters that somebody asked to try again, oldest first."""
        table = schema.dead_letters

        def ask(connection: Connection) -> list[DeadLetter]:
            query = select(table).where(table.c.hook == hook, table.c.again_s.is_not(None)).order_by(table.c.id)
            return [DeadLetter(**row) for row in connection.execute(query.limit(50)).mappings()]

        return await self._reader.ask(ask)

    def again(self, ids: Collection[int], at_s: float) -> None:
        """Note that these shall be tried again."""
        self._journal.add([(AGAIN, {"of_id": one, "new_again_s": at_s}) for one in ids])

    def rest(self, letter: DeadLetter, at_s: float, reason: str) -> None:
        """Let a letter rest that was tried again in vain."""
        self._journal.add([(LETTER_RESTS, {"of_id": letter.id, "new_died_s": at_s, "new_reason": reason})])

    def delivered(self, ids: Collection[int]) -> None:
        """Forget letters that were taken after all, or are too many."""
        self._journal.add([(LETTER_GONE, {"of_id": one}) for one in ids])

    async def prune(self, hook: str) -> None:
        """Let go of the oldest dead letters of a hook, where there are more than KEPT."""
        table = schema.dead_letters

        def ask(connection: Connection) -> list[int]:
            query = select(table.c.id).where(table.c.hook == hook).order_by(table.c.id.desc()).offset(KEPT).limit(KEPT)
            return list(connection.execute(query).scalars())

        self.delivered(await self._reader.ask(ask))


def _next(connection: Connection, after: int, kinds: Collection[str], limit: int) -> tuple[list[Numbered], int]:
    events, calls = schema.events, schema.calls
    newest = connection.execute(select(func.max(events.c.id))).scalar() or 0
    query = select(events).where(events.c.id > after, events.c.kind.in_(list(kinds))).order_by(events.c.id)
    rows = connection.execute(query.limit(limit)).all()
    ended = [row.call for row in rows if row.kind == Kind.CALL_ENDED.value]
    closed = connection.execute(select(calls).where(calls.c.call_id.in_(ended))).mappings().all() if ended else []
    records = {row["call_id"]: dict(row) for row in closed}
    found = [
        Numbered(row.id, event_of(row), records.get(row.call) if row.kind == Kind.CALL_ENDED.value else None)
        for row in rows
    ]
    return found, rows[-1].id if len(rows) == limit else max(newest, after)
