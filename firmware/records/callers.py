"""What is on record of a caller and of an agent's calls: what an agent sees beside the call at hand."""

import msgspec
from sqlalchemy import ColumnElement, Connection, select

from firmware.records import schema
from firmware.records.notes import edits, noted
from firmware.records.reader import Reader

SERVING = ("talking", "on_call", "acw")  # states in which an agent serves a call
DAY_S = 86400.0


class PastCall(msgspec.Struct, frozen=True):
    """A closed call in short; `agent` is who talked with the caller, `note` and `disposition` what is noted of it."""

    id: str
    direction: str
    number: str
    name: str
    withheld: bool
    started_s: float
    outcome: str
    queue: str
    agent: str
    talk_s: float
    note: str
    disposition: str


class Callers:
    """Asks the records. Every method raises Unavailable when they cannot be read."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def past(self, e164: str, but: str = "", limit: int = 20) -> list[PastCall]:
        """Return the newest calls from a number, without the call `but`; none of a number that is not known."""
        if not e164:
            return []
        fits = (schema.calls.c.e164 == e164) & (schema.calls.c.call_id != but)
        return await self._reader.ask(lambda connection: _newest(connection, fits, limit))

    async def served(self, agent: str, now_s: float, limit: int = 10) -> list[PastCall]:
        """Return the newest calls of the last day in which an agent talked."""
        table, states = schema.calls, schema.agent_states
        since_s = now_s - DAY_S
        own = select(states.c.call_id).where(
            states.c.agent == agent, states.c.since_s >= since_s, states.c.state.in_(SERVING)
        )
        fits = (table.c.started_s >= since_s) & table.c.call_id.in_(own)
        return await self._reader.ask(lambda connection: _newest(connection, fits, limit))

    async def is_served(self, agent: str, call_id: str, since_s: float) -> bool:
        """Tell whether an agent served a call that began at `since_s`."""
        states = schema.agent_states
        found = select(states.c.id).where(
            states.c.agent == agent, states.c.since_s >= since_s, states.c.call_id == call_id,
            states.c.state.in_(SERVING),
        )  # fmt: skip
        return await self._reader.ask(lambda connection: connection.execute(found.limit(1)).first() is not None)


def _newest(connection: Connection, fits: ColumnElement[bool], limit: int) -> list[PastCall]:
    calls = schema.calls
    rows = connection.execute(select(calls).where(fits).order_by(calls.c.started_s.desc()).limit(limit)).all()
    written = edits(connection, [row.call_id for row in rows])
    past = []
    for row in rows:
        kept = noted(written.get(row.call_id, []))
        past.append(
            PastCall(
                row.call_id, row.direction, row.number or row.did, row.name, row.withheld, row.started_s, row.outcome,
                row.queue, row.agent, row.talk_s, kept.note, kept.disposition,
            )
        )
    return past
