"""The edge started again after the machine's clock was set: a telephone is there as long as it would have been."""

import asyncio
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from drivers.sip.edge import clock
from drivers.sip.edge.kamailio import LOCATION
from drivers.sip.registrations import Registrations
from tests.peers.edge import RunningEdge
from tests.peers.set_clock import SetClock

HOUR_S = 3600
CONTACT = "sip:201@192.0.2.7"


def julian(unix_s: float) -> float:
    """Return a Unix time as Kamailio writes it: a Julian day, half a second early."""
    return 2440587.5 + (unix_s - 0.5) / 86400


def register(database: sqlite3.Connection, written_s: float) -> None:
    """Let telephone 201 be there for a minute, from this Unix time on."""
    database.execute(
        "INSERT INTO location (ruid, username, contact, last_modified, expires) VALUES (?, '201', ?, ?, ?)",
        (str(written_s), CONTACT, julian(written_s), julian(written_s + 60)),
    )


def set_clock(database: sqlite3.Connection, step_s: float) -> None:
    """Let the machine's clock be ahead of the one the table means by so much, as if it had been set just now."""
    database.execute("UPDATE clock SET offset_s = offset_s - ?", (step_s,))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A table without telephones, of a Kamailio started just now."""
    with closing(sqlite3.connect(tmp_path / "location.sqlite", isolation_level=None)) as database:
        database.executescript(LOCATION.read_text())
        clock.follow(database)
        yield database


def left_s(database: sqlite3.Connection) -> float:
    """Return for how long the telephone is still there, by the machine's clock."""
    (until,) = database.execute("SELECT expires FROM location").fetchone()
    return float((until - julian(0)) * 86400 - time.time())


def known(database: sqlite3.Connection, tmp_path: Path) -> list[str]:
    """Return whom the gateway knows to be there."""
    registrations = Registrations(tmp_path / "location.sqlite", lambda number, registered: None)
    asyncio.run(registrations.refresh())
    return [*registrations.numbers]


@pytest.mark.parametrize("step_s", [HOUR_S, -HOUR_S])
def test_a_telephone_is_there_as_long_as_it_would_have_been(
    database: sqlite3.Connection, tmp_path: Path, step_s: float
) -> None:
    register(database, time.time() - step_s - 20)
    set_clock(database, step_s)
    assert known(database, tmp_path) == ["201"]
    for _ in range(2):
        clock.follow(database)
        assert left_s(database) == pytest.approx(40, abs=2)
        assert known(database, tmp_path) == ["201"]


@pytest.mark.parametrize("step_s", [HOUR_S, -HOUR_S])
def test_one_that_came_since_the_clock_was_set_is_there_for_its_time(
    database: sqlite3.Connection, step_s: float
) -> None:
    set_clock(database, step_s)
    register(database, time.time() - 1)
    clock.follow(database)
    assert left_s(database) == pytest.approx(59, abs=2)


@pytest.mark.parametrize("step_s", [HOUR_S, -HOUR_S])
def test_one_whose_time_is_over_is_not_known(database: sqlite3.Connection, tmp_path: Path, step_s: float) -> None:
    register(database, time.time() - step_s - 61)
    set_clock(database, step_s)
    assert known(database, tmp_path) == []
    clock.follow(database)
    assert known(database, tmp_path) == []


def test_what_the_edge_bears_the_gateway_follows(database: sqlite3.Connection, tmp_path: Path) -> None:
    set_clock(database, -9)
    register(database, time.time() - 55)
    assert known(database, tmp_path) == ["201"]


def test_another_boot_of_the_machine_says_nothing_of_the_clock(database: sqlite3.Connection, tmp_path: Path) -> None:
    register(database, time.time())
    set_clock(database, HOUR_S)
    database.execute("UPDATE clock SET boot = 'another'")
    assert known(database, tmp_path) == ["201"]
    clock.follow(database)
    assert left_s(database) == pytest.approx(60, abs=2)


def test_kamailio_forgets_nobody_before_it_is_started_again(tmp_path: Path) -> None:
    machine = SetClock(tmp_path)
    with RunningEdge(environment=machine.environment) as edge:
        edge.rpc.call("ul.add", "location", "201", CONTACT, 60, 1, "0", 0, 0, 0)
        edge.rpc.call("htable.seti", "failures", "192.0.2.7", 1)
        machine.set(HOUR_S)
        deadline = time.monotonic() + 30
        while "192.0.2.7" in str(edge.rpc.call("htable.dump", "failures")):  # until its timers had their turn
            assert time.monotonic() < deadline
            time.sleep(0.05)
        table = f"file:{edge.home / 'edge/location.sqlite'}?mode=ro"
        with closing(sqlite3.connect(table, uri=True)) as database:
            assert database.execute("SELECT username FROM location").fetchall() == [("201",)]
