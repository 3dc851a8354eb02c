"""Who is registered, as the edge's table tells it."""

import asyncio
import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from drivers.sip import edge
from drivers.sip.registrations import Registrations, host_of
from tests.peers.edge import RunningEdge

SCHEMA = (Path(edge.__file__).parent / "location.sql").read_text()


def change(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.executescript(statement)


def register(path: Path, ruid: str, number: str, until_s: float) -> None:
    """Write a registration from 10.0.0.RUID as Kamailio does: its end is a Julian day, half a second early."""
    row = (ruid, number, f"sip:10.0.0.{ruid}", 2440587.5 + (until_s - 0.5) / 86400)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("INSERT OR REPLACE INTO location (ruid, username, contact, expires) VALUES (?, ?, ?, ?)", row)


@pytest.mark.parametrize(
    ("uri", "host"),
    [("sip:201@10.0.0.5:5062;transport=udp", "10.0.0.5"), ("sip:10.0.0.5", "10.0.0.5"),
     ("sip:a@b@10.0.0.6", "10.0.0.6"), ("sips:a@[2001:db8::1]:5061", "2001:db8::1"), ("", "")],
)  # fmt: skip
def test_the_host_of_a_contact_is_found(uri: str, host: str) -> None:
    assert host_of(uri) == host


def test_a_telephone_is_known_though_the_file_looks_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "location.sqlite"
    now_s = time.time()

    async def run() -> None:
        nonlocal now_s
        registrations = Registrations(path, lambda number, registered: None, *[lambda: now_s] * 2)
        change(path, SCHEMA)
        change(path, "PRAGMA journal_mode=DELETE")
        register(path, "1", "201", now_s + 60)
        await registrations.refresh()
        before = path.stat()
        register(path, "2", "202", now_s + 60)
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))  # within one tick of a coarse clock
        assert path.stat().st_size == before.st_size
        await registrations.refresh()
        assert registrations.numbers == ("201",)
        now_s += 2
        await registrations.refresh()
        assert registrations.numbers == ("201", "202")

    asyncio.run(run())


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


def test_a_registration_counts_until_its_time_is_over(tmp_path: Path) -> None:
    path = tmp_path / "location.sqlite"
    told: list[tuple[str, bool]] = []
    now_s = 1_800_000_000.0

    async def run() -> None:
        nonlocal now_s
        registrations = Registrations(path, lambda number, known: told.append((number, known)), *[lambda: now_s] * 2)
        change(path, SCHEMA)
        for ruid, number, after_s in (("1", "201", 60), ("2", "202", 60), ("3", "202", 90), ("4", "203", -1)):
            register(path, ruid, number, now_s + after_s)
        await registrations.refresh()
        assert registrations.numbers == ("201", "202")
        now_s += 59.9
        await registrations.refresh()
        assert (registrations.peer("201"), registrations.peer("202")) == ("10.0.0.1", "10.0.0.3")
        now_s += 0.2
        await registrations.refresh()
        assert registrations.numbers == ("202",)
        assert registrations.peer("201") == ""
        register(path, "1", "201", now_s + 60)
        await registrations.refresh()
        now_s += 45
        await registrations.refresh()
        assert registrations.numbers == ("201",)

    asyncio.run(run())
    assert told == [("201", True), ("202", True), ("201", False), ("201", True), ("202", False)]


def test_a_telephone_that_fell_silent_is_gone_when_its_time_is_over_though_the_edge_still_holds_it() -> None:
    lasts_s = 4
    told: list[tuple[str, bool, float]] = []

    async def run(edge: RunningEdge) -> None:
        gone = asyncio.Event()

        def changed(number: str, registered: bool) -> None:
            told.append((number, registered, time.time()))
            if not registered:
                gone.set()

        table = edge.home / "edge/location.sqlite"
        watching = asyncio.create_task(Registrations(table, changed).watch())
        contact = "sip:201@127.0.1.9:5060"
        began_s = time.time()
        await asyncio.to_thread(edge.rpc.call, "ul.add", "location", "201", contact, lasts_s, 1, "0", 0, 0, 0)
        await asyncio.wait_for(gone.wait(), lasts_s + 10)
        watching.cancel()
        assert [(number, registered) for number, registered, _ in told] == [("201", True), ("201", False)]
        assert lasts_s - 1 <= told[1][2] - began_s <= lasts_s + 2
        with closing(sqlite3.connect(table)) as database:
            assert database.execute("SELECT username FROM location").fetchall() == [("201",)]

    with RunningEdge() as edge:
        asyncio.run(run(edge))


def test_a_telephone_that_registers_again_is_told_as_such(tmp_path: Path) -> None:
    path, now_s, told = tmp_path / "location.sqlite", time.time(), []

    async def run() -> None:
        registrations = Registrations(
            path, lambda number, registered: told.append((number, registered)),
            renewed=lambda number: told.append((number, "again")),
        )  # fmt: skip
        change(path, SCHEMA)
        for until_s in (60, 60, 90):
            register(path, "1", "201", now_s + until_s)
            register(path, "2", "202", now_s + 60)
            registrations._seen = None
            await registrations.refresh()

    asyncio.run(run())
    assert told == [("201", True), ("202", True), ("201", "again")]
