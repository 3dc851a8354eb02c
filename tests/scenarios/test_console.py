"""A technician at a box's serial port: sees a call, edits on trial, restarts programs, and disturbs nobody."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.peers.box import ROOT, Box
from tests.peers.office import Office
from tests.peers.serial_line import Cable, Technician

PASSWORD = "let me in please"
CONFIGURE = "busyhour(config)#"


@pytest.fixture(scope="module")
def cable() -> Iterator[Cable]:
    folder = Path(tempfile.mkdtemp(prefix="bh-", dir="/tmp"))
    cable = Cable(folder)
    yield cable
    cable.close()
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def box(cable: Cable) -> Iterator[Box]:
    with Box(environment={"BUSYHOUR_CONSOLE": f"{cable.box.readlink()}:9600"}) as box:
        command = [str(Path(sys.executable).parent / "busyhour"), "console", "password"]
        subprocess.run(command, input=PASSWORD + "\n", text=True, env=box.environment, cwd=ROOT, check=True)
        yield box


@pytest.fixture
def technician(box: Box, cable: Cable) -> Iterator[Technician]:
    with Technician(cable.technician) as technician:
        technician.type("\r")
        technician.asked()
        technician.type(PASSWORD + "\r")
        technician.expect("busyhour>")
        yield technician
        technician.type("\x15exit\r")
        technician.expect("press Enter")


def test_a_call_is_seen_and_outlives_the_console(box: Box, office: Office, technician: Technician) -> None:
    caller = office.call(1, "13800138001")
    caller.wait_for("answered")
    (call,) = json.loads(technician.run("show calls | json"))
    assert (call["number"], call["source"]) == ("13800138001", "line:1")
    assert "13800138001" in technician.run("sh ca")
    technician.type("watch lines\r")
    technician.expect("in use")
    killed = box.kill("console")
    box.wait_back("console", killed)
    technician.expect("press Enter")
    technician.type("\r")
    technician.asked()
    technician.type(PASSWORD + "\r")
    technician.expect("busyhour>")
    (same,) = json.loads(technician.run("show calls | json"))
    assert same["id"] == call["id"]
    caller.hang_up()


def test_a_program_is_restarted_by_the_supervisor(box: Box, technician: Technician) -> None:
    before = {row["name"]: row["pid"] for row in json.loads(technician.run("show status | json"))["programs"]}
    assert technician.run("restart web") == "web is restarted\n"
    box.wait_back("web", before["web"])
    after = {row["name"]: row["pid"] for row in json.loads(technician.run("show status | json"))["programs"]}
    assert {name for name in before if before[name] != after[name]} == {"web"}
    assert technician.run("restart panel").startswith("'panel': one of console, web, gateway, exchange, edge, ")


def test_the_gateway_is_not_restarted_by_accident_while_somebody_talks(
    box: Box, office: Office, technician: Technician
) -> None:
    caller = office.call(2, "13800138002")
    caller.wait_for("answered")
    pid = box.pid("gateway")
    technician.type("restart gateway\r")
    technician.expect("this ends 1 calls. Restart? [y/N]")
    technician.type("n")
    technician.expect("not restarted")
    technician.expect("busyhour>")
    assert box.pid("gateway") == pid
    caller.hang_up()


def test_what_was_committed_on_trial_goes_back_although_the_exchange_was_killed(
    box: Box, technician: Technician
) -> None:
    technician.run("configure", CONFIGURE)
    technician.run("set queues[service].acw_s 31", CONFIGURE)
    assert "becomes 31" in technician.run("compare", CONFIGURE)
    assert "is on trial" in technician.run("commit confirmed 1", CONFIGURE)
    committed = time.monotonic()
    killed = box.kill("exchange")
    box.wait_back("exchange", killed)
    assert "queues[service].acw_s = 31" in technician.run("show queues[service]", CONFIGURE)
    technician.run("exit")
    while "on trial" in technician.run("show status"):
        assert time.monotonic() - committed < 75
        time.sleep(1)
    assert time.monotonic() - committed > 58
    assert box.json("config", "show")["config"]["queues"][0]["acw_s"] == 10
    assert "not confirmed within 1 min" in technician.run("show history")


def test_with_the_exchange_dead_the_rest_is_still_told(box: Box, technician: Technician) -> None:
    technician.run("show version")
    pid = box.pid("exchange")
    os.kill(pid, signal.SIGSTOP)  # SIGSTOP: it is there and says nothing
    try:
        assert "the exchange did not answer" in technician.run("show agents", timeout_s=30)
        assert "exchange" in technician.run("show log")
        assert "lo" in technician.run("show interfaces")
        assert technician.run("restart exchange") == "exchange is restarted\n"
        box.wait_back("exchange", pid, 30)  # by force, since it did not hear
    finally:
        if os.path.exists(f"/proc/{pid}"):
            os.kill(pid, signal.SIGCONT)
    assert "201" in technician.run("show agents")


def test_the_factory_state_is_a_new_box_that_only_the_consoles_password_opens(
    box: Box, office: Office, technician: Technician
) -> None:
    box.command("user", "add", "anna", "--role", "viewer")
    caller = office.call(1, "13800138001")
    caller.wait_for("answered")
    before = {row["name"]: row["pid"] for row in json.loads(technician.run("show status | json"))["programs"]}
    said = len(box.said)
    technician.type("factory-reset\r")
    technician.expect("and 1 calls end. Go on? [y/N]")
    technician.type("y")
    technician.expect("Type ERASE to do it: ")
    technician.type("ERASE\r")
    technician.expect("everything is being erased")
    for name, pid in before.items():
        box.wait_back(name, pid)
    box.wait_provisioned()
    box.read_until(b"busyhour set-up:", since=said)
    assert box.json("calls")["calls"] == []
    assert [user["name"] for user in box.json("user", "list")] == ["admin"]
    assert [revision["number"] for revision in box.json("config", "history")] == [1]
    assert not list((box.home / "recordings").rglob("*.wav"))
    technician.log_in(PASSWORD)
    assert "sign in at the page as admin with" in technician.run("password user admin")
