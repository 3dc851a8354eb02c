"""The records as they were at one moment, copied while the journal goes on writing (SQLite's backup API)."""

import contextlib
import sqlite3
from pathlib import Path

from firmware.errors import BusyhourError, Damaged, NoStorage

PAGES_A_STEP = 512  # 2 MB; between steps others have the disk
FULL = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR})


def snapshot(database: Path, to: Path) -> None:
    """Copy a database into a new file. Its writer is never held up: a reader of a WAL blocks nobody.

    Raises NoStorage, and Damaged when the database is not whole.
    """
    try:
        with contextlib.closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as source:
            source.isolation_level = None
            source.execute("BEGIN")
            source.execute("SELECT count(*) FROM sqlite_master").fetchone()  # from here on this is what we see
            with contextlib.closing(sqlite3.connect(to)) as copy:
                copy.execute("PRAGMA synchronous = OFF")  # it is only on its way into the backup
                source.backup(copy, pages=PAGES_A_STEP)
                copy.execute("PRAGMA journal_mode = DELETE")  # one file, with nothing beside it
    except sqlite3.Error as error:
        raise _said(error, database) from error


def check(database: Path) -> None:
    """Raise Damaged unless a database is whole."""
    try:
        with contextlib.closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as opened:
            wrong = [row[0] for row in opened.execute("PRAGMA integrity_check(3)")]
    except sqlite3.Error as error:
        raise Damaged(f"the records in this backup cannot be read: {error}") from error
    if wrong != ["ok"]:
        raise Damaged(f"the records in this backup are not whole: {'; '.join(wrong)}")


def facts(database: Path) -> tuple[int, str]:
    """Return how many closed calls a database holds, and the newest of its migrations. Raises Damaged."""
    try:
        with contextlib.closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as opened:
            (calls,) = opened.execute("SELECT count(*) FROM calls").fetchone()
            (revision,) = opened.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error as error:
        raise _said(error, database) from error
    return int(calls), str(revision)


def _said(error: sqlite3.Error, database: Path) -> BusyhourError:
    code = (getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF
    if code in FULL:
        return NoStorage(f"there is no room for a copy of the records: {error}")
    return Damaged(f"the records in {database} cannot be read: {error}")
