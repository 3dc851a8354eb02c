"""Who is registered, as the edge's table tells it."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from drivers.sip import edge
from drivers.sip.registrations import Registrations, host_of

SCHEMA = (Path(edge.__file__).parent / "location.sql").read_text()


def change(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.executescript(statement)


@pytest.mark.parametrize(
    ("uri", "host"),
    [("sip:201@10.0.0.5:5062;transport=udp", "10.0.0.5"), ("sip:10.0.0.5", "10.0.0.5"),
     ("sip:a@b@10.0.0.6", "10.0.0.6"), ("sips:a@[2001:db8::1]:5061", "2001:db8::1"), ("", "")],
)  # fmt: skip
def test_the_host_of_a_contact_is_found(uri: str, host: str) -> None:
    assert host_of(uri) == host


def test_comings_and_goings_are_told_once_each(tmp_path: Path) -> None:
    path = tmp_path / "location.sqlite"
    told: list[tuple[str, bool]] = []

    async def run() -> None:
        registrations = Registrations(path, lambda number, registered: told.append((number, registered)))
        await registrations.refresh()  # there is no file yet
        change(path, SCHEMA)
        change(path, "INSERT INTO location (ruid, username, contact) VALUES ('1', '201', 'sip:201@10.0.0.5:5060')")
        await registrations.refresh()
        assert registrations.peer("201") == "10.0.0.5"
        change(path, "INSERT INTO location (ruid, username, contact, received) "
                     "VALUES ('2', '202', 'sip:202@192.168.1.2', 'sip:203.0.113.9:4444')")
        await registrations.refresh()
        await registrations.refresh()
        assert registrations.peer("202") == "203.0.113.9"  # where its packets come from, not what it calls itself
        assert registrations.numbers == ("201", "202")
        change(path, "DELETE FROM location WHERE username = '201'")
        await registrations.refresh()
        assert registrations.peer("201") == ""

    asyncio.run(run())
    assert told == [("201", True), ("202", True), ("201", False)]
