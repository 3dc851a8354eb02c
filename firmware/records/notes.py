"""What people write of a call and how they mark it (its disposition); every edit is kept, the newest counts."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec
from sqlalchemy import Connection, insert, select

from firmware.errors import Changed, NoStorage, Refused
from firmware.records import schema
from firmware.records.journal import Journal
from firmware.records.reader import Reader

EDIT = insert(schema.notes)
MOST_EDITS = 1000  # of one call; somebody who types for an hour makes fewer
KNOWN_CALLS = 1000  # whose edits are at hand without asking the disk
What = Literal["note", "disposition"]


class Edit(msgspec.Struct, frozen=True):
    """What somebody wrote: `what` is note or disposition; `by` is who, `address` from where."""

    what: str
    text: str
    at_s: float
    by: str
    address: str = ""


class Noted(msgspec.Struct, frozen=True):
    """What is noted of a call. `version` counts the edits of the note; `at_s` and `by` are of its last edit."""

    note: str = ""
    disposition: str = ""
    version: int = 0
    at_s: float = 0.0
    by: str = ""


class Notes:
    """Edits in the records' database: written with the journal, read by the reader's thread."""

    def __init__(self, journal: Journal, reader: Reader) -> None:
        self._journal, self._reader = journal, reader
        self._known: OrderedDict[str, list[Edit]] = OrderedDict()  # all of a call's edits, oldest first

    def count(self, call_id: str) -> int:
        """Return how many edits of a call are known to this exchange: it grows with each."""
        return len(self._known.get(call_id, ()))

    def forget(self, call_ids: Iterable[str]) -> None:
        """Know no longer what was noted of calls: it was taken out of the database."""
        for call_id in call_ids:
            self._known.pop(call_id, None)

    async def edits(self, call_id: str) -> list[Edit]:
        """Return all edits of a call, oldest first. Raises Unavailable."""
        found = await self._reader.ask(lambda connection: edits(connection, [call_id]).get(call_id, []))
        return [*self._known.get(call_id, found)]  # somebody may have written meanwhile

    async def of(self, call_id: str) -> Noted:
        """Return what is noted of a call. Raises Unavailable."""
        return noted(self._known[call_id] if call_id in self._known else await self.edits(call_id))

    async def write(self, call_id: str, edit: Edit, after: int | None = None) -> Noted:
        """Keep an edit, and return what is noted when it is on disk.

        Raises Changed when the note is no longer the version it was written `after`, Refused for too many edits,
        NoStorage when the disk does not take it now: it is tried again, and `facts` tell its version.
        """
        if call_id not in self._known:
            known = await self.edits(call_id)
            self._known.setdefault(call_id, known)
        known = self._known[call_id]
        self._known.move_to_end(call_id)
        now = noted(known)
        if edit.text != (now.note if edit.what == "note" else now.disposition):
            if edit.what == "note" and after is not None and after != now.version:
                raise Changed("somebody else wrote meanwhile", note=now.note, version=now.version, by=now.by)
            if len(known) >= MOST_EDITS:
                raise Refused(f"call {call_id} has {MOST_EDITS} edits, which is the most")
            known.append(edit)
            self._journal.add([(EDIT, {"call_id": call_id, **msgspec.structs.asdict(edit)})])
        result = noted(known)
        try:
            await self._journal.committed()
        except NoStorage as error:
            error.facts["version"] = result.version
            raise
        while len(self._known) > KNOWN_CALLS:
            self._known.popitem(last=False)
        return result


def noted(known: Sequence[Edit]) -> Noted:
    """Return what a call's edits come to."""
    texts = {edit.what: edit.text for edit in known}
    written = [edit for edit in known if edit.what == "note"]
    last = known[-1] if known else None
    return Noted(
        texts.get("note", ""), texts.get("disposition", ""), len(written), last.at_s if last else 0.0,
        last.by if last else "",
    )


def edits(connection: Connection, call_ids: Sequence[str]) -> dict[str, list[Edit]]:
    """Return the edits of some calls, oldest first; a call without any is not there."""
    table = schema.notes
    rows = connection.execute(select(table).where(table.c.call_id.in_(call_ids)).order_by(table.c.id)).mappings()
    found: dict[str, list[Edit]] = {}
    for row in rows:
        kept = {name: row[name] for name in Edit.__struct_fields__}
        found.setdefault(row["call_id"], []).append(Edit(**kept))
    return found
