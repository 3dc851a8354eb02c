"""The alarms that were: when each was raised and over, and who saw it."""

from typing import Any

import msgspec
from sqlalchemy import Connection, select

from firmware.records import schema
from firmware.records.reader import Reader

MOST = 500  # alarms a page


class PastAlarm(msgspec.Struct, frozen=True):
    """An alarm; `over_s` is None as long as it is raised, `acknowledged_s` as long as nobody has seen it."""

    id: int
    name: str
    subject: str
    by: str
    detail: str
    raised_s: float
    over_s: float | None
    acknowledged_s: float | None
    acknowledged_by: str | None
    note: str | None
    code: str | None = None
    facts: dict[str, Any] | None = None


class AlarmHistory:
    """All alarms there were, read by the reader's thread."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def page(self, limit: int = 50, before: int | None = None) -> list[PastAlarm]:
        """Return the newest alarms, or those before a number, newest first. Raises Unavailable."""
        table = schema.alarm_history

        def ask(connection: Connection) -> list[PastAlarm]:
            query = select(table).order_by(table.c.id.desc()).limit(max(1, min(limit, MOST)))
            if before is not None:
                query = query.where(table.c.id < before)
            return [PastAlarm(**row) for row in connection.execute(query).mappings()]

        return await self._reader.ask(ask)
