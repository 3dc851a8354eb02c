"""The edge started again after the machine's clock was set: a telephone is there as long as it would have been."""

import asyncio
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.sip.edge import clock
from drivers.sip.edge.kamailio import LOCATION
from drivers.sip.registrations import Registrations

JULIAN_EPOCH = 2440587.5  # the Julian day of Unix time 0


@pytest.fixture
def database(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A table in which telephone 201 is there for another minute."""
    database = sqlite3.connect(tmp_path / "location.sqlite")
    database.executescript(LOCATION.read_text())
    until = JULIAN_EPOCH + (time.time() + 60) / 86400
    insert = "INSERT INTO location (username, contact, expires) VALUES ('201', 'sip:201@192.0.2.7', ?)"
    database.execute(insert, (until,))
    database.commit()
    clock.follow(database)
    yield database
    database.close()


def left_s(database: sqlite3.Connection) -> float:
    """Return for how long the telephone is still there, by the true clock."""
    (until,) = database.execute("SELECT expires FROM location").fetchone()
    return float((until - JULIAN_EPOCH) * 86400 - time.time())


@pytest.mark.parametrize("step_s", [3600, -3600])
def test_a_telephone_is_there_as_long_as_it_would_have_been(
    database: sqlite3.Connection, tmp_path: Path, step_s: float
) -> None:
    database.execute("UPDATE clock SET offset_s = offset_s - ?", (step_s,))  # as a clock that is ahead by so much now
    clock.follow(database)
    assert left_s(database) == pytest.approx(60 + step_s, abs=2)
    clock.follow(database)
    assert left_s(database) == pytest.approx(60 + step_s, abs=2)


def test_another_boot_of_the_machine_says_nothing_of_the_clock(database: sqlite3.Connection) -> None:
    database.execute("UPDATE clock SET offset_s = offset_s - 3600, boot = 'another'")
    clock.follow(database)
    assert left_s(database) == pytest.approx(60, abs=2)


def test_the_gateway_reads_what_was_put_right(database: sqlite3.Connection, tmp_path: Path) -> None:
    database.execute("UPDATE clock SET offset_s = offset_s - 3600")
    clock.follow(database)
    seen: list[tuple[str, bool]] = []
    registrations = Registrations(
        tmp_path / "location.sqlite", lambda *told: seen.append(told), now=lambda: time.time() + 3600
    )
    asyncio.run(registrations.refresh())
    assert seen == [("201", True)]
