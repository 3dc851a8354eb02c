"""The real programs of a whole box, killed one after the other, and all at once."""

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from firmware.control.client import SOCKET, Client
from firmware.supervisor.programs import PROGRAMS
from tests.peers.box import Box


def table(box: Box) -> dict[str, dict[str, Any]]:
    """Return run/programs.json by name."""
    rows = json.loads((box.home / "run/programs.json").read_text())["programs"]
    return {row["name"]: row for row in rows}


def processes(box: Box) -> list[int]:
    """Return every process of a box's home."""
    own = b"BUSYHOUR_HOME=" + os.fsencode(box.home)
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and own in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


@pytest.fixture(scope="module")
def box() -> Any:
    with Box() as running:
        yield running


@pytest.mark.parametrize("program", [plan.name for plan in PROGRAMS if plan.needed])
def test_a_killed_program_is_back_and_the_box_answers_again(box: Box, program: str) -> None:
    before = table(box)
    os.kill(before[program]["pid"], signal.SIGKILL)
    deadline = time.monotonic() + 15
    while (now := table(box))[program]["restarts"] == before[program]["restarts"] or now[program]["state"] != "up":
        assert time.monotonic() < deadline, f"{now}\n{box.logs()}"
        time.sleep(0.05)
    others = {name: row["pid"] for name, row in before.items() if name != program}
    assert {name: row["pid"] for name, row in now.items() if name != program} == others
    status = box.json("status")
    assert status["gateway"]["connected"]


def test_a_new_box_prints_a_password_that_serves_to_sign_in_and_keeps_it_nowhere() -> None:
    with Box() as box:
        password = box.set_up_password()
        with Client(box.home / SOCKET) as client:
            opened = client.call("session.open", name="admin", password=password, address="192.0.2.1")
        box.wait_back("exchange", box.kill("exchange"))
        with Client(box.home / SOCKET) as client:  # what was printed is good also after the exchange died
            client.call("session.resume", token=opened["token"])
            client.call("own.password", password="correct horse battery")
        written = [path for path in box.home.rglob("*") if path.is_file()]
        for secret in (password, opened["token"], "correct horse battery"):
            assert [path for path in written if secret.encode() in path.read_bytes()] == []
        assert {"users.json", "exchange.log", "records.sqlite", "records.sqlite-wal"} <= {path.name for path in written}
        audit = box.json("user", "audit")
        assert [entry["what"] for entry in audit] == ["user.password-chosen", "session.opened", "user.set-up"]
        box.stop()
        box.start()
        box.stop()
        assert box.process is not None
        assert box.process.stdout is not None
        assert b"set-up" not in box.said + box.process.stdout.read()


def test_no_other_user_may_read_what_is_in_the_home(box: Box) -> None:
    found = [*box.home.rglob("*")]
    assert {"subscribers.sqlite", "records.sqlite", "gateway.log", "kamailio.cfg"} <= {path.name for path in found}
    assert [path for path in found if path.stat().st_mode & 0o077] == []


def test_a_box_takes_less_memory_than_promised_when_idle(box: Box) -> None:
    kilobytes = 0
    for process in processes(box):
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
        kilobytes += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    assert 50_000 < kilobytes < 250_000


def test_a_killed_supervisor_leaves_no_process_of_the_box() -> None:
    box = Box()
    box.start()
    assert box.process is not None
    assert len(processes(box)) > len(PROGRAMS)
    box.process.kill()
    box.process.wait()
    deadline = time.monotonic() + 8
    while left := processes(box):
        assert time.monotonic() < deadline, [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in left]
        time.sleep(0.05)
    box.start()
    box.stop()
