"""Registrations by the clock as it is now.

Kamailio keeps until when each registration counts by the machine's clock. Where that is set an hour forward, all would
be over, and no telephone could be rung until it registers anew. So the edge is started again then, and before Kamailio
reads its table the times in it are put right. Until then the table means the clock that it was written by.
"""

import sqlite3
import time
from pathlib import Path

BOOT = Path("/proc/sys/kernel/random/boot_id")
LEAST_S = 1.0
BORNE_S = 10.0  # by less the clock may be set, and the edge runs on (firmware.supervisor.clock)
NOTICED_S = 10.0  # within so long after the clock was set the edge is started again
# Kamailio's db_sqlite keeps times as Julian days. What it wrote since the clock was set is right as it is, and known by
# when that was: later than the former clock shows now, or, if the clock was set back, a moment ago. (What was written
# as long ago as it was set back looks the same; it counts for too long then, but never for more than an hour.)
SHIFT = """
    UPDATE location
    SET expires = julianday(expires) + :days, last_modified = julianday(last_modified) + :days
    WHERE NOT (julianday(last_modified) - 2440587.5) * 86400 BETWEEN :since_s AND :now_s
"""


def follow(database: sqlite3.Connection) -> None:
    """Put the times right if the clock was set since this was last called, in this boot of the machine.

    Raises sqlite3.Error, OSError.
    """
    now_s = time.time()
    before, offset_s = _written_by(database), now_s - time.monotonic()
    step_s = 0.0 if before is None else offset_s - before
    with database:
        if abs(step_s) >= LEAST_S:
            since_s = now_s - (step_s if step_s > 0 else NOTICED_S)
            database.execute(SHIFT, {"days": step_s / 86400, "since_s": since_s, "now_s": now_s})
        database.execute("DELETE FROM clock")
        database.execute("INSERT INTO clock VALUES (?, ?)", (_boot(), offset_s))


def reckoned_by(database: sqlite3.Connection, offset_s: float) -> float:
    """Return how far the clock that the table means is above CLOCK_MONOTONIC; the machine's is so by `offset_s`.

    Raises sqlite3.Error, OSError.
    """
    before = _written_by(database)
    return offset_s if before is None or abs(offset_s - before) < BORNE_S else before


def _written_by(database: sqlite3.Connection) -> float | None:
    """Return the offset noted last; None if not in this boot, since CLOCK_MONOTONIC begins anew with each."""
    row = database.execute("SELECT offset_s FROM clock WHERE boot = ?", (_boot(),)).fetchone()
    return None if row is None else float(row[0])


def _boot() -> str:
    return BOOT.read_text().strip()
