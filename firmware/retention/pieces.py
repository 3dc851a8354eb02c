"""What is let go of, in pieces that hold up the journal for a few milliseconds: each is one transaction."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Column, ColumnElement, Connection, Table, and_, case, delete, literal, select

from firmware.records import schema
from firmware.retention.holds import held

PIECE = 100  # calls, or recordings
ROWS = 500
OF_CALLS = ((schema.segments, "call_id"), (schema.events, "call"), (schema.notes, "call_id"))


class Sound(NamedTuple):
    """A recording that may go."""

    path: str
    started_s: float


def old_recordings(
    connection: Connection, now_s: float, days: int, by_queue: Mapping[str, int], limit: int = PIECE
) -> list[Sound]:
    """Return the oldest recordings that are past their days, by queue where a queue has its own; 0 days: for ever."""
    table, calls = schema.recordings, schema.calls
    limits: ColumnElement[Any] = literal(days)
    if by_queue:
        limits = case(*((calls.c.queue == name, own) for name, own in by_queue.items()), else_=days)
    past = and_(limits > 0, table.c.started_s < now_s - limits * 86400.0)
    return _recordings(connection, now_s, past, limit)


def oldest_recordings(connection: Connection, now_s: float, limit: int = PIECE) -> list[Sound]:
    """Return the oldest recordings of all that may go."""
    return _recordings(connection, now_s, literal(True), limit)


def _recordings(connection: Connection, now_s: float, fits: ColumnElement[bool], limit: int) -> list[Sound]:
    table, calls = schema.recordings, schema.calls
    query = (
        select(table.c.path, table.c.started_s)
        .join(calls, calls.c.call_id == table.c.call_id)  # of a call that is closed
        .where(table.c.duration_s.is_not(None), fits, ~held(now_s))
        .order_by(table.c.started_s)
        .limit(limit)
    )
    return [Sound(*row) for row in connection.execute(query)]


def old_calls(connection: Connection, now_s: float, before_s: float, limit: int = PIECE) -> list[str]:
    """Return the oldest closed calls that ended before a time and may go."""
    calls = schema.calls
    query = select(calls.c.call_id).where(calls.c.started_s < before_s, calls.c.ended_s < before_s, ~held(now_s))
    return list(connection.execute(query.order_by(calls.c.started_s).limit(limit)).scalars())


def recordings_of(connection: Connection, call_ids: Sequence[str]) -> list[str]:
    """Return the paths of some calls' recordings."""
    table = schema.recordings
    return list(connection.execute(select(table.c.path).where(table.c.call_id.in_(call_ids))).scalars())


def forget_recordings(connection: Connection, paths: Sequence[str]) -> None:
    """Let go of recordings whose files are gone."""
    connection.execute(delete(schema.recordings).where(schema.recordings.c.path.in_(paths)))


def forget_calls(connection: Connection, call_ids: Sequence[str]) -> None:
    """Let go of all that is on record of some calls; their recordings' files are gone."""
    connection.execute(delete(schema.recordings).where(schema.recordings.c.call_id.in_(call_ids)))
    for table, column in OF_CALLS:
        connection.execute(delete(table).where(table.c[column].in_(call_ids)))
    connection.execute(delete(schema.calls).where(schema.calls.c.call_id.in_(call_ids)))


def forget_events(connection: Connection, before_s: float) -> int:
    """Let go of a piece of what happened beside calls before a time; return how many rows went."""
    table = schema.events
    return _forget(connection, table, table.c.id, and_(table.c.call == "", table.c.at_s < before_s))


def forget_states(connection: Connection, before_s: float) -> int:
    """Let go of a piece of the agents' states that were over before a time; return how many rows went."""
    table = schema.agent_states
    return _forget(connection, table, table.c.id, table.c.until_s < before_s)


def forget_audit(connection: Connection, before_s: float) -> int:
    """Let go of a piece of the audit; return how many rows went."""
    return _forget(connection, schema.audit, schema.audit.c.id, schema.audit.c.at_s < before_s)


def forget_alarms(connection: Connection, before_s: float) -> int:
    """Let go of a piece of the alarms that were over before a time; return how many rows went."""
    table = schema.alarm_history
    return _forget(connection, table, table.c.id, table.c.over_s < before_s)


def _forget(connection: Connection, table: Table, key: Column[Any], fits: ColumnElement[bool]) -> int:
    keys = list(connection.execute(select(key).where(fits).limit(ROWS)).scalars())
    if keys:
        connection.execute(delete(table).where(key.in_(keys)))
    return len(keys)


def remove(home: Path, paths: Sequence[str]) -> int:
    """Remove recordings' files, and folders of days that are empty then; return how many bytes were freed.

    The names go and the blocks are free; nothing is written over them. Raises OSError.
    """
    folder, freed = (home / "recordings").resolve(), 0
    for path in paths:
        file = home / path
        if not file.resolve().is_relative_to(folder):
            continue  # a row that leads elsewhere is no reason to remove what is there
        try:
            freed += file.stat().st_size
            file.unlink()
        except FileNotFoundError:
            continue  # a power cut came between the file and its row
        for parent in file.parents:
            if parent.resolve() == folder or any(parent.iterdir()):
                break
            parent.rmdir()
    return freed
