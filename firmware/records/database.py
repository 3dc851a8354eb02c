"""The database of the records: SQLite beside the box's other files, or another one by its URL."""

import contextlib
import logging
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import URL, Connection, Dialect, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    ProgrammingError,
    SQLAlchemyError,
    StatementError,
)
from sqlalchemy.sql.expression import Delete, FromClause, Insert, Update

from firmware.config.disk import no_storage
from firmware.errors import NoStorage

log = logging.getLogger(__name__)
REVISION = "0013"  # the newest of the migrations
MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_MS = 5000

# What is wrong with a row, not with the disk
ROW_FAULTS = (
    IntegrityError, DataError, ProgrammingError, InterfaceError, TypeError, ValueError, LookupError, ArithmeticError,
)

Statement = Insert | Update | Delete
Row = tuple[Statement, Mapping[str, Any]]


def url_of(home: Path) -> URL:
    """Return where a box's records are unless it is told otherwise: `records/records.sqlite` in its home."""
    return URL.create("sqlite", database=str(home / "records" / "records.sqlite"))


def open_database(url: URL | str, *, read_only: bool = False) -> Engine:
    """Return an engine whose commits outlive a power cut; `read_only` refuses every write.

    Raises NoStorage when the folder or the file cannot be made.
    """
    url = make_url(url)
    if url.get_backend_name() != "sqlite":
        return _engine(url)
    path = Path(url.database or "")
    if read_only:
        url = url.set(database=path.absolute().as_uri(), query={"mode": "ro", "uri": "true"})
    else:
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise no_storage(error, error.filename or path.parent) from error
    engine = _engine(url)
    event.listen(engine, "connect", _prepare_reader if read_only else _prepare_writer)
    event.listen(engine, "begin", _begin_deferred if read_only else _begin_immediate)
    return engine


class _Compiler(SQLiteCompiler):
    """Writes into a query by which index a table is read (sqlite.org/lang_indexedby.html), which SQLAlchemy leaves."""

    def get_from_hint_text(self, table: FromClause, text: str | None) -> str | None:
        return text


def _engine(url: URL) -> Engine:
    engine = create_engine(
        url,
        json_serializer=lambda value: msgspec.json.encode(value).decode(),
        json_deserializer=msgspec.json.decode,
    )
    if url.get_backend_name() == "sqlite":
        engine.dialect.statement_compiler = _Compiler
    return engine


def _prepare_writer(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # we say BEGIN, not Python's driver
    connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA secure_delete = ON")  # what is deleted is written over with zeros
    connection.execute("PRAGMA synchronous = FULL")  # in WAL mode NORMAL loses the last commits in a power cut


def _prepare_reader(connection: Any, _: Any) -> None:
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_deferred(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


class Broken(NoStorage):
    """The file is no database, or no longer a whole one."""


class Held(NoStorage):
    """Another program has the database in its hands."""


HINTS = {
    sqlite3.SQLITE_CANTOPEN: "; a file that this user may read and write is right there",
    sqlite3.SQLITE_READONLY: "; a file that this user may write is right there",
    sqlite3.SQLITE_IOERR: "; a disk that has room and can be written is right there",
    sqlite3.SQLITE_FULL: "; make room there",
    sqlite3.SQLITE_BUSY: "; end the program that has it open",
}


def upgrade(engine: Engine) -> None:
    """Bring the tables to this release's form; those of a later one are left as they are: it only added.

    Raises Broken, and NoStorage when they cannot be written.
    """
    try:
        with engine.begin() as connection:
            if (_revision(connection) or "") < REVISION:
                _migrate(connection)
    except SQLAlchemyError as error:
        raise storage_error(f"the records in {engine.url.database} cannot be opened", error) from error


def storage_error(what: str, error: SQLAlchemyError) -> NoStorage:
    """Return what to raise for an error of the database: Broken when no further try will help, Held when one may."""
    code = (getattr(error.orig, "sqlite_errorcode", 0) if isinstance(error, DBAPIError) else 0) & 0xFF
    kind: type[NoStorage] = {
        sqlite3.SQLITE_CORRUPT: Broken, sqlite3.SQLITE_NOTADB: Broken, sqlite3.SQLITE_BUSY: Held,
    }.get(code, NoStorage)  # fmt: skip
    return kind(f"{what}: {reason_of(error)}{HINTS.get(code, '')}" if what else reason_of(error))


def set_aside(engine: Engine) -> Path:
    """Put a broken database out of the way, and return its new path. Raises NoStorage."""
    engine.dispose()
    path = Path(engine.url.database or "")
    number = 1 + sum(1 for _ in path.parent.glob(f"{path.name}.broken-*[0-9]"))
    aside = path.with_name(f"{path.name}.broken-{number}")
    try:
        for ending in ("", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                path.with_name(path.name + ending).rename(aside.with_name(aside.name + ending))
    except OSError as error:
        raise NoStorage(f"{path} cannot be put aside: {error.strerror}") from error
    return aside


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def _migrate(connection: Connection) -> None:
    from alembic import command, config  # slow to load, and needed once a release  # noqa: PLC0415

    settings = config.Config()
    settings.set_main_option("script_location", str(MIGRATIONS))
    settings.attributes["connection"] = connection
    command.upgrade(settings, "head")


class Writer:
    """Writes rows, many in one transaction. To be used by one thread at a time."""

    def __init__(self, engine: Engine, mend: Callable[[Broken], None] | None = None) -> None:
        """`mend` puts another database in the place of a broken one, or raises NoStorage."""
        self._engine, self._mend = engine, mend
        self._known: dict[tuple[Any, ...], _Prepared] = {}

    def write(self, rows: Iterable[Row]) -> None:
        """Write all rows or none, and return when they are on disk.

        Rows for one table keep their order. A row the database will never take (a wrong kind, a key that is there)
        is logged and left out, so that it holds up nothing. Raises NoStorage when the disk does not take them.
        """
        rows = list(rows)
        try:
            self._try(rows)
        except Broken as error:
            if self._mend is None:
                raise
            self._mend(error)
            self._try(rows)

    def _try(self, rows: list[Row]) -> None:
        try:
            try:
                self._write(rows)
            except Exception as error:
                if not _is_row_fault(error):
                    raise
                self._write_one_by_one(rows)
        except SQLAlchemyError as error:
            self._engine.dispose()  # whatever state the connection is in, the next try has a new one
            raise storage_error("", error) from error
        except OSError as error:
            raise NoStorage(str(error)) from error

    def _write(self, rows: Iterable[Row]) -> None:
        by_table: dict[str, list[tuple[_Prepared, Mapping[str, Any]]]] = {}
        for statement, values in rows:
            by_table.setdefault(statement.table.name, []).append((self._prepared(statement, values), values))  # type: ignore[union-attr]
        with self._engine.begin() as connection:
            for table_rows in by_table.values():
                for prepared, run in groupby(table_rows, key=itemgetter(0)):
                    connection.exec_driver_sql(prepared.sql, [prepared.parameters(values) for _, values in run])

    def _prepared(self, statement: Statement, values: Mapping[str, Any]) -> "_Prepared":
        key = (id(statement), *values)
        if key not in self._known:
            self._known[key] = _Prepared(statement, list(values), self._engine.dialect)
        return self._known[key]

    def _write_one_by_one(self, rows: Iterable[Row]) -> None:
        for row in rows:
            try:
                self._write([row])
            except Exception as error:
                if not _is_row_fault(error):
                    raise
                log.error("a row is refused for good: %s: %r", reason_of(error), row[1])


class _Prepared:
    """A statement in the database's own words: SQLAlchemy's way through every execution costs five times the write."""

    def __init__(self, statement: Statement, keys: list[str], dialect: Dialect) -> None:
        self.statement = statement  # kept, since it is known by its id
        compiled = statement.compile(dialect=dialect, column_keys=keys if isinstance(statement, Insert) else None)
        self.sql = str(compiled)
        self._positional = compiled.positional
        names = compiled.positiontup or list(compiled.binds)
        types = {name: compiled.binds[name].type.dialect_impl(dialect) for name in names}
        self._binds = [(name, types[name].bind_processor(dialect)) for name in names]

    def parameters(self, values: Mapping[str, Any]) -> Any:
        """Return a row's values as the driver wants them."""
        made = [(name, process(values[name]) if process else values[name]) for name, process in self._binds]
        return tuple(value for _, value in made) if self._positional else dict(made)


def _is_row_fault(error: Exception) -> bool:
    """A plain StatementError is SQLAlchemy's word for a value it could not make a parameter of."""
    return isinstance(error, ROW_FAULTS) or type(error) is StatementError


def reason_of(error: Exception) -> str:
    """Return what the database itself said was wrong."""
    return str(error.orig) if isinstance(error, DBAPIError) else str(error)
