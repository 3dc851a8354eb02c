"""Records of calls that nobody made: written straight into a database of this release's form."""

import functools
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection, delete, insert

from firmware.events import Event
from firmware.records import schema
from firmware.records.cdr import Cdr, Segment
from firmware.records.database import open_database, upgrade, url_of
from firmware.records.reader import Reader

Answer = TypeVar("Answer")
CALL = Cdr(
    call_id="k-0", direction="in", source="line:2", via="line:2", did="", number="13900139000", e164="+8613900139000",
    name="韩梅梅", withheld=False, started_s=1767283200.0, answered_s=1767283203.0, ended_s=1767283263.5,
    duration_s=63.5, outcome="answered", cause=16, by="caller", queue="service", agent="201", wait_s=12.0,
    talk_s=40.0, hold_s=0.0, recordings=("recordings/2026/01/02/k-0-1.wav",), gap="", gap_s=0.0,
    segments=(
        Segment("ivr", "main", "", 1767283203.0, 8.0),
        Segment("wait", "service", "", 1767283211.0, 12.0),
        Segment("talk", "201", "2", 1767283223.0, 40.0),
    ),
)  # fmt: skip


@functools.cache
def _empty() -> Path:
    """Return a database without a call, made once."""
    home = Path(tempfile.mkdtemp(prefix="bh-", dir="/tmp"))
    upgrade(engine := open_database(url_of(home)))
    engine.dispose()
    return home / "records"


class Past(Reader):
    """The records' reader, of a database in a home, and what writes into it."""

    def __init__(self, home: Path) -> None:
        if not (home / "records").exists():
            shutil.copytree(_empty(), home / "records")
        self._writing = open_database(url_of(home))
        self._thread = ThreadPoolExecutor(1)
        super().__init__(open_database(url_of(home), read_only=True), self._thread)

    def add(self, *calls: Cdr, length_s: float | None = 40.0, events: Sequence[Event] = ()) -> None:
        """Put calls on record, as the ledger does when they end; whoever answered as an agent has talked."""
        with self._writing.begin() as connection:
            for call in calls:
                row = msgspec.structs.asdict(call) | {"recordings": len(call.recordings)}
                del row["segments"]
                connection.execute(insert(schema.calls), row)
                of_call = {"call_id": call.call_id}
                _insert(connection, schema.segments, [of_call | msgspec.structs.asdict(one) for one in call.segments])
                _insert(connection, schema.recordings, [
                    of_call | {"path": path, "leg": "1", "started_s": call.started_s, "duration_s": length_s}
                    for path in call.recordings
                ])  # fmt: skip
                _insert(connection, schema.agent_states, [
                    of_call | {"agent": call.agent, "state": "talking", "reason": "", "extension": call.agent,
                               "since_s": call.started_s, "until_s": call.ended_s, "facts": {}}
                ] if call.agent else [])  # fmt: skip
            _insert(connection, schema.events, [
                {"at_s": one.at_s, "kind": one.kind.value, "call": one.call, "leg": one.leg, "data": one.data}
                for one in events
            ])  # fmt: skip

    def add_line_test(self, event: Event) -> None:
        """Put the test of a line on record."""
        row = {"line": event.data["line"], "at_s": event.at_s, "data": event.data}
        with self._writing.begin() as connection:
            connection.execute(insert(schema.line_tests), row)

    async def change(self, work: Callable[[Connection], Answer]) -> Answer:
        """Change what is on record."""
        with self._writing.begin() as connection:
            return work(connection)

    def clear(self) -> None:
        """Forget all calls, and what keeps them."""
        with self._writing.begin() as connection:
            for table in (
                schema.calls, schema.segments, schema.recordings, schema.agent_states, schema.events, schema.line_tests,
                schema.span_tests, schema.held_numbers, schema.holds,
            ):  # fmt: skip
                connection.execute(delete(table))

    def close(self) -> None:
        """Close the database."""
        self._thread.shutdown()
        self._engine.dispose()
        self._writing.dispose()


def _insert(connection: Any, table: Any, rows: Iterable[dict[str, Any]]) -> None:
    if rows := list(rows):
        connection.execute(insert(table), rows)
