"""Registrations by the clock as it is now.

Kamailio keeps until when each registration counts by the machine's clock. Where that is set an hour forward, all would
be over, and no telephone could be rung until it registers anew. So the edge is started again then, and before Kamailio
reads its table the times in it are put right.
"""

import sqlite3
import time
from pathlib import Path

BOOT = Path("/proc/sys/kernel/random/boot_id")  # CLOCK_MONOTONIC begins anew with each
LEAST_S = 1.0
MARK = "CREATE TABLE IF NOT EXISTS clock (boot TEXT NOT NULL, offset_s REAL NOT NULL)"
SHIFT = """
    UPDATE location
    SET expires = julianday(expires) + :days, last_modified = julianday(last_modified) + :days
"""  # Kamailio's db_sqlite keeps times as Julian days


def follow(database: sqlite3.Connection) -> None:
    """Put the times right if the clock was set since this was last called, in this boot of the machine.

    Raises sqlite3.Error, OSError.
    """
    boot, offset_s = BOOT.read_text().strip(), time.time() - time.monotonic()
    with database:
        database.execute(MARK)
        before = database.execute("SELECT offset_s FROM clock WHERE boot = ?", (boot,)).fetchone()
        if before is not None and abs(offset_s - before[0]) >= LEAST_S:
            database.execute(SHIFT, {"days": (offset_s - before[0]) / 86400})
        database.execute("DELETE FROM clock")
        database.execute("INSERT INTO clock VALUES (?, ?)", (boot, offset_s))
