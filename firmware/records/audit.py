"""The audit: who signed in or was refused, who changed whom, when and from where."""

import contextlib

import msgspec
from sqlalchemy import Connection, insert, select

from firmware.errors import NoStorage
from firmware.records import schema
from firmware.records.journal import Journal
from firmware.records.reader import Reader

ENTRY = insert(schema.audit)
MOST = 500  # entries a page


class Entry(msgspec.Struct, frozen=True):
    """One act. `what` is such as user.added, `user` whom it is about, `by` who did it, `address` from where.

    The name that a stranger tried is never kept when there is no such user: people type passwords there by mistake.
    """

    at_s: float
    what: str
    user: str
    by: str = ""
    address: str = ""
    detail: str = ""


class NumberedEntry(Entry, frozen=True, kw_only=True):
    """An entry with its number; the page after it begins below."""

    id: int


class Audit:
    """Entries in the records' database: written with the journal, read by the reader's thread."""

    def __init__(self, journal: Journal, reader: Reader) -> None:
        self._journal, self._reader = journal, reader

    def note(self, entry: Entry) -> None:
        """Keep an entry."""
        self._journal.add([(ENTRY, msgspec.structs.asdict(entry))])

    async def kept(self) -> None:
        """Return when all that was noted is on disk; a disk that takes nothing has its own alarm, and stops nobody."""
        with contextlib.suppress(NoStorage):
            await self._journal.committed()

    async def page(self, limit: int = 50, before: int | None = None) -> list[NumberedEntry]:
        """Return the newest entries, or those before a number, newest first. Raises Unavailable."""
        table = schema.audit

        def ask(connection: Connection) -> list[NumberedEntry]:
            query = select(table).order_by(table.c.id.desc()).limit(max(1, min(limit, MOST)))
            if before is not None:
                query = query.where(table.c.id < before)
            return [NumberedEntry(**row) for row in connection.execute(query).mappings()]

        return await self._reader.ask(ask)
