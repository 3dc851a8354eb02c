"""The plug pulled on a whole box at work: it starts clean, keeps what it has confirmed, and has nothing half-done.

One cut always, and `BUSYHOUR_POWER_CUTS=10 ./build.sh test tests/scenarios/test_power_cut.py` makes as many as wanted.
Each comes while a backup is made, a configuration is put in force, or a user is made, and a caller is erased.
"""

import contextlib
import json
import os
import random
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from firmware.control.client import SOCKET, Client
from firmware.errors import BusyhourError
from tests.peers.baresip import Phone
from tests.peers.box import Box
from tests.peers.office import Office
from tests.peers.small_disk import SmallDisk
from tests.scenarios.talks import configure

CUTS = int(os.environ.get("BUSYHOUR_POWER_CUTS", "1"))
SEED = int(os.environ.get("BUSYHOUR_SEED", "11"))
SIZE_MB = 500
PASSPHRASE = "a passphrase on paper"
ASKED_S = 10.0


class Work:
    """What people keep the box busy with until the cut, each in a thread; and what was confirmed to them."""

    def __init__(self, box: Box, caller: str) -> None:
        self._box, self._caller = box, caller
        self.revision = 0
        self.users: set[str] = set()
        self.erased: set[str] = set()
        self.erasing = threading.Event()
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []

    def begin(self, *acts: Callable[[Client, int], None]) -> None:
        """Begin acts, each again and again."""
        for act in acts:
            thread = threading.Thread(target=self._again, args=(act,), daemon=True)
            thread.start()
            self._threads.append(thread)

    def end(self) -> None:
        """Wait for those who work to notice."""
        self._over.set()
        for thread in self._threads:
            thread.join(ASKED_S)

    def _again(self, act: Callable[[Client, int], None]) -> None:
        gone = contextlib.suppress(BusyhourError, OSError)  # the power is
        with gone, Client(self._box.home / SOCKET) as exchange:
            for number in range(100_000):
                if self._over.is_set():
                    return
                act(exchange, number)

    def commits(self, exchange: Client, number: int) -> None:
        """Put another configuration in force."""
        config = exchange.call("config.export", secrets=True)
        config["queues"][0]["acw_s"] = number % 100
        exchange.call("config.import", config=config)
        self.revision = exchange.call("status")["revision"]

    def hires(self, exchange: Client, number: int) -> None:
        """Make a user."""
        name = f"user-{os.urandom(4).hex()}"
        exchange.call("user.add", name=name, role="viewer", language="en")
        self.users.add(name)
        time.sleep(0.2)

    def saves(self, exchange: Client, number: int) -> None:
        """Make a backup."""
        exchange.call("backup.make", to=str(self._box.home / "saved"), passphrase=PASSPHRASE, recordings=True)
        while (job := exchange.call("backup.list")["job"]) and not job["ended_s"]:
            time.sleep(0.1)

    def erases(self, exchange: Client, number: int) -> None:
        """Take the caller out of the records, once."""
        if number == 0:
            self.erasing.set()
            exchange.call("person.erase", number=self._caller, reason="asked for it")
            self.erased.add(self._caller)
            self._over.wait()


@pytest.fixture
def small() -> Iterator[tuple[SmallDisk, Box]]:
    """A small disk with a box on it, which does not run."""
    with ExitStack() as stack:
        box = Box()
        stack.callback(lambda: box.home.rmdir())
        disk = stack.enter_context(SmallDisk(box.home, SIZE_MB))
        yield disk, box
        if box.process is not None and box.process.poll() is None:
            box.stop()


def a_call(box: Box, office: Office, number: str) -> None:
    """Let somebody talk with whoever answers, for a moment."""
    caller = office.call(4, number)
    caller.wait_for("answered")
    time.sleep(1)
    caller.hang_up()
    caller.report()
    box.wait_idle()


@contextlib.contextmanager
def agent(box: Box, voices: dict[str, Path], folder: Path) -> Iterator[Phone]:
    """Let agent 201 answer whoever calls; at the end the telephone loses its power, too."""
    secret = box.ask("extension.secret", number="201")["secret"]
    phone = Phone(folder, box.sip, "201", secret, voices["agent"], answer=True)
    phone.switch_on()
    try:
        box.wait_registered("201")
        with contextlib.suppress(BusyhourError):  # who was logged in before the cut still is
            box.ask("agent.login", number="201")
        yield phone
    finally:
        phone.kill()


def on_record(box: Box) -> set[str]:
    """Return the numbers of all closed calls."""
    return {call["number"] for call in box.ask("call.list", limit=500)["calls"]}


def whole(box: Box, work: Work) -> None:
    """Assert that all that was confirmed is there, and nothing half-done."""
    status = box.ask("status")
    assert status["revision"] >= work.revision
    assert not [one for one in status["alarms"] if one["name"] in ("records-broken", "records-lost", "records-storage")]
    for path in [*(box.home / "config").rglob("*.json"), *(box.home / "users").glob("*.json")]:
        json.loads(path.read_text())
    assert list(box.home.rglob("*.new")) == []
    assert list(box.home.rglob("*broken*")) == []
    assert {user["name"] for user in box.ask("user.list")} >= work.users
    with contextlib.closing(sqlite3.connect(box.home / "records/records.sqlite")) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("SELECT count(*) FROM open_calls").fetchone() == (0,)
        rows = {str(path) for (path,) in database.execute("SELECT path FROM recordings")}
        open_rows = database.execute("SELECT count(*) FROM recordings WHERE duration_s IS NULL").fetchone()
        assert open_rows == (0,)
    for path in (box.home / "recordings").rglob("*.wav"):
        assert str(path.relative_to(box.home)) in rows, f"{path} belongs to no call"
        told = subprocess.run(["soxi", str(path)], capture_output=True, text=True, check=False)
        assert (told.returncode, told.stderr) == (0, ""), path
    assert not on_record(box) & work.erased
    for path in (box.home / "saved").glob("*"):
        done = subprocess.run(
            [str(Path(sys.executable).parent / "busyhour"), "verify", str(path)], input=PASSPHRASE + "\n",
            env=box.environment, capture_output=True, text=True, check=False,
        )
        assert done.returncode == 0, f"{path}: {done.stdout} {done.stderr}"


def save(box: Box) -> None:
    """Make one more backup."""
    box.ask("backup.make", to=str(box.home / "saved"), passphrase=PASSPHRASE, recordings=True)
    deadline = time.monotonic() + ASKED_S
    while not (job := box.ask("backup.list")["job"])["ended_s"]:
        assert time.monotonic() < deadline, job
        time.sleep(0.1)


def test_after_a_power_cut_the_box_starts_clean_and_keeps_what_it_has_confirmed(
    small: tuple[SmallDisk, Box], voices: dict[str, Path], tmp_path: Path
) -> None:
    disk, box = small
    chance = random.Random(SEED)
    box.start()
    configure(box)
    (box.home / "saved").mkdir()
    for cut in range(CUTS):
        number = f"1380000{cut:04}"
        work = Work(box, number)
        office = Office(box.home)
        with agent(box, voices, tmp_path / str(cut)) as phone:
            a_call(box, office, number)
            known = len(phone.events)
            office.call(4, "13900000000")
            phone.wait_event("CALL_ESTABLISHED", 20, since=known)
            work.begin(work.commits, work.hires, work.saves)
            time.sleep(chance.uniform(0.5, 2.5))
            work.begin(work.erases)
            assert work.erasing.wait(ASKED_S)
            time.sleep(chance.uniform(0, 0.05))
            box.pull_the_plug(disk.cut_power)
            work.end()
            disk.replace()
        with contextlib.suppress(Exception):
            office.close()
        box.start()
        box.wait_idle()
        save(box)
        whole(box, work)
        if not work.erased:
            box.ask("person.erase", number=number, reason="asked for it, again")
        assert number not in on_record(box)
