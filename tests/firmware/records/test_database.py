"""The tables: made by migrations, as the code expects them, whole or not at all."""

import asyncio
import sqlite3

import pytest
from alembic import command, config
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.exc import OperationalError

from firmware.errors import NoStorage
from firmware.records.database import MIGRATIONS, REVISION, open_database, upgrade, url_of
from firmware.records.reader import Reader
from firmware.records.schema import metadata
from firmware.records.search import Filter, Which
from tests.fakes.disk import AtOnce


@pytest.fixture
def engine(tmp_path):
    engine = open_database(url_of(tmp_path))
    yield engine
    engine.dispose()


def test_the_migrations_make_the_tables_that_the_code_knows(engine):
    upgrade(engine)
    with engine.connect() as connection:
        kept = ("calls_text", "calls_talked")  # by triggers, in SQLite alone
        ours = {"include_name": lambda name, kind, _: kind != "table" or not name.startswith(kept)}
        options = {"compare_type": True, "compare_server_default": True} | ours
        context = MigrationContext.configure(connection, opts=options)
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


def test_calls_of_the_release_before_are_kept_and_found(engine, tmp_path):
    """A box that had 0006 gets the search; what it wrote is there, and an earlier release can go on writing."""
    settings = config.Config()
    settings.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, "0006")
        connection.execute(text(OLD_CALL), {"id": "a", "source": "line:2", "number": "13800138000", "at": 2.0})
        connection.execute(text(OLD_CALL), {"id": "b", "source": "extension:201", "number": "201", "at": 1.0})
        connection.execute(text("INSERT INTO segments VALUES (1, 'b', 'ring', 'line:3:10086', '2', 1.0, 2.0)"))
        connection.execute(text("INSERT INTO recordings VALUES ('a.wav', 'a', '1', 2.0, 3.0)"))
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text(OLD_CALL), {"id": "c", "source": "line:1", "number": "13900139000", "at": 3.0})
    reader = Reader(open_database(url_of(tmp_path), read_only=True), AtOnce())

    def found(**which):
        return [(call.call_id, call.via) for call in asyncio.run(reader.page(Which(Filter(**which)))).calls]

    assert found() == [("c", ""), ("a", "line:2"), ("b", "line:3")]
    assert found(number="138001") == [("a", "line:2")]
    assert found(number="139001") == [("c", "")]
    assert found(recorded="yes") == [("a", "line:2")]


def test_whose_calls_they_were_is_known_of_those_before_and_whichever_is_written_first(engine, tmp_path):
    settings = config.Config()
    settings.set_main_option("script_location", str(MIGRATIONS))

    def write(call, at_s, *agents, state="talking", first="states"):
        with engine.begin() as connection:
            states = [(text(OLD_STATE), {"agent": agent, "state": state, "call": call}) for agent in agents]
            record = (text(OLD_CALL), {"id": call, "source": "line:1", "number": "13800138000", "at": at_s})
            for statement, values in [*states, record] if first == "states" else [record, *states]:
                connection.execute(statement, values)

    with engine.begin() as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, "0008")
    write("before", 1.0, "201")
    upgrade(engine)
    write("transferred", 2.0, "201", "202", "201")
    write("late", 3.0, "201", first="record")
    write("on an ordinary call", 4.0, "201", state="on_call")
    write("rang", 5.0, "201", state="offered")
    reader = Reader(open_database(url_of(tmp_path), read_only=True), AtOnce())

    def own(agent):
        return [call.call_id for call in asyncio.run(reader.page(Which(Filter(), (), agent))).calls]

    assert own("201") == ["on an ordinary call", "late", "transferred", "before"]
    assert own("202") == ["transferred"]
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM agent_states"))
    assert own("202") == ["transferred"]  # a record that is kept for longer stays theirs
    assert asyncio.run(reader.talked("202", "transferred"))
    assert not asyncio.run(reader.talked("202", "late"))
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM calls WHERE call_id = 'transferred'"))
        assert connection.execute(text("SELECT count(*) FROM calls_talked")).scalar() == 3
    assert own("202") == []


OLD_STATE = """INSERT INTO agent_states (agent, state, reason, extension, call_id, since_s, facts)
    VALUES (:agent, :state, '', '', :call, 1, '{}')"""
OLD_CALL = """INSERT INTO calls (call_id, direction, source, did, number, e164, name, withheld, started_s, answered_s,
    ended_s, duration_s, outcome, cause, "by", queue, agent, wait_s, talk_s, hold_s, gap, gap_s)
    VALUES (:id, 'in', :source, '', :number, '', '', 0, :at, NULL, 9, 1, 'failed', 16, '', '', '', 0, 0, 0, '', 0)"""


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
