"""The tables: made by migrations, as the code expects them, whole or not at all."""

import sqlite3

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.exc import OperationalError

from firmware.errors import NoStorage
from firmware.records.database import MIGRATIONS, REVISION, open_database, upgrade, url_of
from firmware.records.schema import metadata


@pytest.fixture
def engine(tmp_path):
    engine = open_database(url_of(tmp_path))
    yield engine
    engine.dispose()


def test_the_migrations_make_the_tables_that_the_code_knows(engine):
    upgrade(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def test_the_revision_that_spares_the_start_its_migrations_is_the_newest():
    assert ScriptDirectory(str(MIGRATIONS)).get_heads() == [REVISION]


def test_a_second_start_changes_nothing(engine):
    upgrade(engine)
    with engine.connect() as connection:
        before = connection.execute(text("PRAGMA schema_version")).scalar()
    upgrade(engine)
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA schema_version")).scalar() == before


def test_a_migration_that_is_broken_off_leaves_nothing_half_made(engine, monkeypatch):
    monkeypatch.setattr("alembic.operations.Operations.create_index", _power_fails)
    with pytest.raises(KeyboardInterrupt):
        upgrade(engine)
    assert inspect(engine).get_table_names() == []
    monkeypatch.undo()
    upgrade(engine)
    assert "calls" in inspect(engine).get_table_names()


def _power_fails(*_, **__):
    raise KeyboardInterrupt


def test_commits_are_synced_and_readers_hold_up_nobody(engine):
    upgrade(engine)
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2  # FULL


def test_the_reader_cannot_write(engine, tmp_path):
    upgrade(engine)
    reading = open_database(url_of(tmp_path), read_only=True)
    with pytest.raises(OperationalError, match="readonly"), reading.begin() as connection:
        connection.execute(text("DELETE FROM calls"))
    reading.dispose()


def test_a_home_may_have_any_name(tmp_path):
    home = tmp_path / "a#b%41?c d"
    upgrade(open_database(url_of(home)))
    with open_database(url_of(home), read_only=True).connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM calls")).scalar() == 0


def test_a_file_that_is_no_database_is_named(tmp_path):
    path = tmp_path / "records" / "records.sqlite"
    path.parent.mkdir()
    path.write_bytes(b"no database at all" * 1000)
    with pytest.raises(NoStorage, match=r"records\.sqlite cannot be opened: file is not a database"):
        upgrade(open_database(url_of(tmp_path)))


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "records").write_text("a file in the way")
    with pytest.raises(NoStorage, match="records cannot be written: File exists; a folder is right there"):
        open_database(url_of(tmp_path))


def test_the_database_is_read_by_any_sqlite(engine, tmp_path):
    upgrade(engine)
    engine.dispose()
    with sqlite3.connect(tmp_path / "records" / "records.sqlite") as other:
        assert other.execute("SELECT version_num FROM alembic_version").fetchone() == (REVISION,)


def test_tables_of_a_later_release_are_left_as_they_are(engine):
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    upgrade(engine)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "9999"
