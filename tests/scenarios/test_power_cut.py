"""The plug pulled on a whole box at work: it starts clean, keeps what it has confirmed, and has nothing half-done.

Two cuts always; `BUSYHOUR_POWER_CUTS=30 ./build.sh test tests/scenarios/test_power_cut.py` tries as many as wanted.
Half of them happen while a caller is being erased, which is over soon.
"""

import contextlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from firmware.control.client import SOCKET, Client
from firmware.errors import BusyhourError
from tests.peers.baresip import Phone
from tests.peers.box import Box
from tests.peers.office import Office
from tests.peers.small_disk import SmallDisk
from tests.scenarios.talks import configure

CUTS = int(os.environ.get("BUSYHOUR_POWER_CUTS", "2"))
SEED = int(os.environ.get("BUSYHOUR_SEED", "11"))
SIZE_MB = 500
PASSPHRASE = "a passphrase on paper"
ASKED_S = 10.0


class Work:
    """What people keep the box busy with until the cut, each in a thread; and what was confirmed to them."""

    def __init__(self, box: Box) -> None:
        self._box = box
        self.revision = 0
        self.users: set[str] = set()
        self.erased: set[str] = set()
        self.erasing = threading.Event()
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []

    def begin(self, acts: dict[str, Callable[[Client, int], None]]) -> None:
        """Begin all acts, each again and again."""
        for act in acts.values():
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

    def erases(self, callers: list[str]) -> Callable[[Client, int], None]:
        """Take callers out of the records, one after another."""

        def act(exchange: Client, number: int) -> None:
            time.sleep(0.3)
            if callers:
                caller = callers.pop()
                self.erasing.set()
                exchange.call("person.erase", number=caller, reason="asked for it")
                self.erased.add(caller)

        return act


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


def pull_the_plug(disk: SmallDisk, box: Box) -> None:
    """End everything at once, with what had not come to the disk."""
    assert box.process is not None
    rows = box.programs()
    box.process.send_signal(signal.SIGSTOP)  # it must not see the others die
    disk.cut_power()
    for row in rows:
        os.killpg(row["pid"], signal.SIGKILL)
    box.process.kill()
    box.process.wait()
    with contextlib.suppress(OSError):
        box._errors.close()
    disk.replace()


def callers(box: Box, office: Office, voices: dict[str, Path], folder: Path, numbers: list[str]) -> None:
    """Let each talk with agent 201 for a moment, one after another."""
    with talking(box, voices, folder):
        for number in numbers:
            caller = office.call(4, number)
            caller.wait_for("answered")
            time.sleep(1.5)
            caller.hang_up()
            caller.report()


@contextlib.contextmanager
def talking(box: Box, voices: dict[str, Path], folder: Path) -> Iterator[Phone]:
    """Let agent 201 answer whoever calls."""
    secret = box.json("extension", "secret", "201")["secret"]
    with Phone(folder, box.sip, "201", secret, voices["agent"], answer=True) as phone:
        box.wait_registered("201")
        with Client(box.home / SOCKET) as exchange, contextlib.suppress(BusyhourError):
            exchange.call("agent.login", number="201")
        yield phone


def on_record(box: Box) -> list[dict[str, Any]]:
    """Return all closed calls."""
    with Client(box.home / SOCKET) as exchange:
        return list(exchange.call("call.list", limit=500)["calls"])


def wait_settled(box: Box, timeout_s: float = 30) -> None:
    """Wait until the calls that the cut ended are closed."""
    deadline = time.monotonic() + timeout_s
    while box.json("status")["calls"]:
        assert time.monotonic() < deadline, box.logs()
        time.sleep(0.2)


def whole(box: Box, work: Work) -> None:
    """Assert that all that was confirmed is there, and nothing half-done."""
    status = box.json("status")
    assert status["revision"] >= work.revision
    assert not [one for one in status["alarms"] if one["name"] in ("records-broken", "records-lost", "records-storage")]
    for path in [*(box.home / "config").rglob("*.json"), *(box.home / "users").glob("*.json")]:
        json.loads(path.read_text())
    assert list(box.home.rglob("*.new")) == []
    assert list(box.home.rglob("*broken*")) == []
    with Client(box.home / SOCKET) as exchange:
        assert {user["name"] for user in exchange.call("user.list")} >= work.users
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
    assert not {call["number"] for call in on_record(box)} & work.erased
    for path in (box.home / "saved").glob("*"):
        done = subprocess.run(
            [str(Path(sys.executable).parent / "busyhour"), "verify", str(path)], input=PASSPHRASE + "\n",
            env=box.environment, capture_output=True, text=True, check=False,
        )
        assert done.returncode == 0, f"{path}: {done.stdout} {done.stderr}"


def test_after_a_power_cut_the_box_starts_clean_and_keeps_what_it_has_confirmed(
    small: tuple[SmallDisk, Box], voices: dict[str, Path], tmp_path: Path
) -> None:
    disk, box = small
    chance = random.Random(SEED)
    box.start()
    configure(box)
    (box.home / "saved").mkdir()
    for cut in range(CUTS):
        office = Office(box.home)
        numbers = [f"1380000{cut:02}{place:02}" for place in range(3)]
        callers(box, office, voices, tmp_path / f"before-{cut}", numbers)
        work = Work(box)
        with talking(box, voices, tmp_path / f"at-{cut}") as phone:
            office.call(4, "13900000000")
            phone.wait_event("CALL_ESTABLISHED", 20)
            work.begin({
                "commits": work.commits, "hires": work.hires, "saves": work.saves, "erases": work.erases(numbers),
            })  # fmt: skip
            time.sleep(chance.uniform(0.5, 2.5))
            if cut % 2:
                work.erasing.wait(ASKED_S)
                time.sleep(chance.uniform(0, 0.05))
            pull_the_plug(disk, box)
            work.end()
        with contextlib.suppress(Exception):
            office.close()
        box.start()
        wait_settled(box)
        whole(box, work)
        with Client(box.home / SOCKET) as exchange:
            for number in numbers:
                exchange.call("person.erase", number=number, reason="asked for it, again")
        assert not {call["number"] for call in on_record(box)} & {*numbers}
