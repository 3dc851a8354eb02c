"""The supervisor brings programs up, back and down, and names what keeps the box from starting."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from firmware.supervisor import factory
from firmware.supervisor.program import LOG_BYTES
from tests.peers.ports import free_port

ROOT = Path(__file__).resolve().parents[2]


class Stage:
    """A home and ports for one supervisor after the other."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="bh-", dir="/tmp"))
        self.environment = os.environ | {
            "BUSYHOUR_HOME": str(self.home),
            "BUSYHOUR_WEB": f"127.0.0.1:{free_port()}",
            "BUSYHOUR_SIP": f"127.0.0.1:{free_port()}",
        }
        self._processes: list[subprocess.Popen[str]] = []

    def start(self, *programs: str, module: str = "tests.peers.stand_ins") -> subprocess.Popen[str]:
        """Start a supervisor of stand-ins, or another module."""
        process = subprocess.Popen(
            [sys.executable, "-m", module, *programs],
            cwd=ROOT,
            env=self.environment,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        self._processes.append(process)
        return process

    def ready(self, *programs: str) -> subprocess.Popen[str]:
        """Start stand-ins and wait for the one line."""
        process = self.start(*programs)
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("busyhour ready:"), process.communicate(timeout=10)
        return process

    def refused(self) -> str:
        """Start, expect the refusal, and return its one line."""
        process = self.start("alpha=serve")
        output, errors = process.communicate(timeout=20)
        assert process.returncode == 78, (process.returncode, output, errors)
        assert output == ""
        assert errors.startswith("busyhour: ")
        assert errors.count("\n") == 1, errors
        return errors

    def table(self) -> dict[str, dict[str, Any]]:
        """Return run/programs.json by name."""
        rows = json.loads((self.home / "run/programs.json").read_text())["programs"]
        return {row["name"]: row for row in rows}

    def told(self, word: str) -> list[list[str]]:
        """Return what the stand-ins wrote under a word, each line's other words."""
        lines = (self.home / "told").read_text().splitlines() if (self.home / "told").exists() else []
        return [line.split()[1:] for line in lines if line.split()[0] == word]

    def clear(self) -> None:
        """End everything, remove the home."""
        for process in self._processes:
            process.terminate()
            process.communicate(timeout=20)
        for word in ("start", "child"):
            for name, pid in self.told(word):
                wait_until(lambda pid=int(pid): not runs(pid), 5, f"{name} to be gone")  # type: ignore[misc]
        shutil.rmtree(self.home, ignore_errors=True)


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = Stage()
    yield made
    made.clear()


def runs(pid: int) -> bool:
    """Return whether a process runs, zombies not counted."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def wait_until(what: Callable[[], bool], timeout_s: float, name: str) -> None:
    """Wait for a state of another process."""
    deadline = time.monotonic() + timeout_s
    while not what():
        assert time.monotonic() < deadline, f"waited {timeout_s} s for {name}"
        time.sleep(0.02)


# ---- life ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_tells_once_that_all_answer_and_ends_them_in_their_order(stage: Stage, number: signal.Signals) -> None:
    process = stage.ready("web=serve", "gateway=serve", "edge=serve")
    assert {row["state"] for row in stage.table().values()} == {"up"}
    process.send_signal(number)
    output, errors = process.communicate(timeout=10)
    assert (process.returncode, output, errors) == (0, "", "")
    assert [name for (name,) in stage.told("end")] == ["web", "gateway", "edge"]
    assert {row["state"] for row in stage.table().values()} == {"down"}


def test_a_killed_program_is_back_at_once_and_the_others_do_not_notice(stage: Stage) -> None:
    process = stage.ready("alpha=serve", "beta=serve")
    before = stage.table()
    killed = time.monotonic()
    os.kill(before["alpha"]["pid"], signal.SIGKILL)
    wait_until(lambda: stage.table()["alpha"]["restarts"] == 1 and stage.table()["alpha"]["state"] == "up", 5, "alpha")
    assert time.monotonic() - killed < 2
    after = stage.table()
    assert after["alpha"]["pid"] != before["alpha"]["pid"]
    assert after["beta"] == before["beta"]
    process.terminate()
    _, errors = process.communicate(timeout=10)
    assert "alpha killed by signal 9" in errors


def test_a_program_that_dies_over_and_over_is_started_ever_more_rarely(stage: Stage) -> None:
    stage.ready("alpha=serve")
    began = time.monotonic()
    for restart in range(1, 5):
        os.kill(stage.table()["alpha"]["pid"], signal.SIGKILL)
        wait_until(lambda count=restart: stage.table()["alpha"]["restarts"] == count, 10, f"start {restart}")  # type: ignore[misc]
    took_s = time.monotonic() - began
    assert 0 + 0.5 + 1 + 2 <= took_s < 8


def test_what_a_dead_program_leaves_behind_is_gone_before_it_is_back(stage: Stage) -> None:
    stage.ready("alpha=family")
    child = int(stage.told("child")[0][1])
    os.kill(stage.table()["alpha"]["pid"], signal.SIGKILL)
    wait_until(lambda: len(stage.told("child")) == 2, 5, "the second child")
    assert not runs(child)


def test_a_program_that_will_not_end_is_made_to(stage: Stage) -> None:
    process = stage.ready("alpha=stubborn", "beta=family")
    process.terminate()
    process.communicate(timeout=10)
    assert process.returncode == 0
    left = [int(pid) for word in ("start", "child") for _, pid in stage.told(word)]
    wait_until(lambda: not any(map(runs, left)), 5, "the end of all that were killed")


def test_a_killed_supervisor_leaves_no_orphan(stage: Stage) -> None:
    process = stage.ready("alpha=serve", "beta=serve")
    process.kill()
    process.wait()
    for _, pid in stage.told("start"):
        wait_until(lambda number=int(pid): not runs(number), 3, "the orphan's end")  # type: ignore[misc]


def test_the_next_supervisor_ends_what_a_killed_one_could_not(stage: Stage) -> None:
    stage.ready("alpha=stubborn").kill()
    stage.ready("alpha=serve")
    assert not runs(int(stage.told("start")[0][1]))


def test_a_program_starts_again_when_what_it_is_tied_to_has_changed(stage: Stage) -> None:
    stage.ready("alpha=tied", "beta=serve")
    before = stage.table()
    (stage.home / "tie").write_text("a new address")
    wait_until(lambda: stage.table()["alpha"]["restarts"] == 1, 15, "alpha's new life")
    assert stage.table()["beta"] == before["beta"]
    assert [name for (name,) in stage.told("end")] == ["alpha"]


def test_a_program_that_has_nothing_to_do_rests_until_it_has(stage: Stage) -> None:
    stage.ready("alpha=rests,optional", "beta=serve")
    assert list(stage.table()) == ["beta"]
    (stage.home / "tie").write_text("something")
    wait_until(lambda: stage.table().get("alpha", {}).get("state") == "up", 15, "alpha's life")
    (stage.home / "tie").unlink()
    wait_until(lambda: "alpha" not in stage.table(), 15, "alpha's rest")
    assert [name for (name,) in stage.told("end")] == ["alpha"]
    assert len([name for name, _ in stage.told("start") if name == "alpha"]) == 1


def test_a_log_stays_within_its_bounds(stage: Stage) -> None:
    process = stage.ready("alpha=talk")
    log = stage.home / "log/alpha.log"
    wait_until(lambda: log.with_suffix(".log.1").exists(), 10, "rotation")
    assert log.stat().st_size < LOG_BYTES
    process.terminate()
    process.communicate(timeout=10)


# ---- what keeps a box from starting ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("variable", "kind"),
    [
        ("BUSYHOUR_WEB", socket.SOCK_STREAM),
        ("BUSYHOUR_SIP", socket.SOCK_DGRAM),
        ("BUSYHOUR_SIP", socket.SOCK_STREAM),
    ],
)
def test_a_taken_port_is_named(stage: Stage, variable: str, kind: socket.SocketKind) -> None:
    host, port = stage.environment[variable].split(":")
    with socket.socket(socket.AF_INET, kind) as other:
        other.bind((host, int(port)))
        if kind == socket.SOCK_STREAM:
            other.listen()
        message = stage.refused()
    assert f"{variable} is {host}:{port}" in message
    assert "another program has this" in message


@pytest.mark.parametrize(
    "address", ["localhost:5060", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:70000", "::1:5060", "192.0.2.7:5060"]
)
def test_an_address_that_cannot_be_is_named(stage: Stage, address: str) -> None:
    stage.environment["BUSYHOUR_SIP"] = address
    message = stage.refused()
    assert "BUSYHOUR_SIP" in message
    assert address in message


def test_a_second_box_in_the_same_home_is_refused(stage: Stage) -> None:
    first = stage.ready("alpha=serve")
    stage.environment["BUSYHOUR_SIP"] = f"127.0.0.1:{free_port()}"
    message = stage.refused()
    assert f"another box runs in it, process {first.pid}" in message


def test_two_boxes_run_side_by_side(stage: Stage) -> None:
    stage.ready("alpha=serve")
    other = Stage()
    try:
        other.ready("alpha=serve")
    finally:
        other.clear()


def test_a_home_too_long_for_a_socket_is_refused(stage: Stage) -> None:
    stage.environment["BUSYHOUR_HOME"] = str(stage.home / ("long" * 20))
    assert "at most 89 characters" in stage.refused()


def test_a_home_that_is_a_file_is_refused(stage: Stage) -> None:
    place = stage.home / "file"
    place.write_text("")
    stage.environment["BUSYHOUR_HOME"] = str(place)
    assert "it is a file, not a folder" in stage.refused()


@pytest.mark.parametrize(
    ("options", "reason"), [("ro", "read-only"), ("size=4096k", "the disk is full"), ("size=4k", "the disk is full")]
)
def test_a_home_that_cannot_be_written_is_refused(stage: Stage, options: str, reason: str) -> None:
    place = stage.home / "disk"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", str(place)], check=True)
    try:
        stage.environment["BUSYHOUR_HOME"] = str(place)
        message = stage.refused()
    finally:
        subprocess.run(["umount", str(place)], check=True)
    assert str(place) in message
    assert reason in message
    assert "None" not in message


def test_a_program_that_cannot_be_configured_stops_the_start_with_its_own_words(stage: Stage) -> None:
    process = stage.start("alpha=serve", "beta=config")
    output, errors = process.communicate(timeout=20)
    assert (process.returncode, output) == (78, "")
    assert "beta ended with 78: beta: the port is taken" in errors
    assert not any(runs(int(pid)) for _, pid in stage.told("start"))


def test_a_program_that_only_fails_stops_the_start(stage: Stage) -> None:
    process = stage.start("alpha=fail")
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 78
    assert "alpha ended with 1: this program cannot work" in errors
    assert len(stage.told("start")) == 3


def test_a_program_that_cannot_work_any_more_is_marked_told_once_and_tried_rarely(stage: Stage) -> None:
    process = stage.ready("alpha=spoilt", "beta=serve")
    before = stage.table()
    spoilt = stage.home / "spoilt"
    spoilt.write_text("")
    os.kill(before["alpha"]["pid"], signal.SIGKILL)
    wait_until(lambda: stage.table()["alpha"]["state"] == "failed", 5, "the mark")
    failed = time.monotonic()
    wait_until(lambda: len(stage.told("start")) == 4, 6, "the next try")
    assert time.monotonic() - failed > 3.5
    wait_until(lambda: stage.table()["alpha"]["state"] == "failed", 5, "the mark again")
    spoilt.unlink()
    wait_until(lambda: stage.table()["alpha"]["state"] == "up", 8, "alpha, mended")
    assert stage.table()["beta"] == before["beta"]
    process.terminate()
    _, errors = process.communicate(timeout=10)
    assert errors.splitlines()[1:] == [
        "busyhour: alpha ended with 78: alpha: the key is missing; it is tried again every 4 s until that is mended"
    ]


def test_the_whole_box_says_why_its_exchange_cannot_begin(stage: Stage) -> None:
    (stage.home / "records/records.sqlite").mkdir(parents=True)
    process = stage.start(module="firmware.supervisor")
    output, errors = process.communicate(timeout=30)
    assert (process.returncode, output) == (78, "")
    assert errors == (
        "busyhour: exchange ended with 78: busyhour exchange: the records in "
        f"{stage.home}/records/records.sqlite cannot be opened: unable to open database file; a file that this user "
        "may read and write is right there\n"
    )
    assert {row["state"] for row in stage.table().values()} <= {"down", "failed"}


def test_a_box_whose_exchange_cannot_begin_again_says_why_and_goes_on_without(stage: Stage) -> None:
    process = stage.start(module="firmware.supervisor")
    assert process.stdout is not None
    assert process.stdout.readline().startswith("busyhour ready:")
    before = stage.table()
    (stage.home / "config/key").unlink()
    os.kill(before["exchange"]["pid"], signal.SIGKILL)
    wait_until(lambda: stage.table()["exchange"]["state"] == "failed", 10, "the mark")
    after = stage.table()
    assert {name: row["pid"] for name, row in after.items()} == {
        name: None if name == "exchange" else row["pid"] for name, row in before.items()
    }
    process.terminate()
    _, errors = process.communicate(timeout=20)
    assert f"exchange ended with 78: busyhour exchange: {stage.home}/config/key is missing; put it back" in errors


def test_missing_packages_are_named_with_how_to_get_them(stage: Stage) -> None:
    script = (
        "import shutil; from firmware.supervisor import setting\n"
        "shutil.which = lambda *words, **named: None\nsetting.check_packages()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=stage.environment, capture_output=True, text=True, check=False
    )
    assert "missing: haproxy, kamailio; as root: apt-get install haproxy kamailio" in done.stderr


# ---- the door --------------------------------------------------------------------------------------------------------


def ask(stage: Stage, text: str) -> str:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as asking:
        asking.settimeout(5)
        asking.bind("")
        asking.connect(str(stage.home / "run/programs.sock"))
        asking.send(text.encode())
        return asking.recv(512).decode()


def test_a_program_is_restarted_for_who_asks_and_the_others_do_not_notice(stage: Stage) -> None:
    stage.ready("alpha=serve", "beta=serve")
    before = stage.table()
    for restarts in range(1, 6):
        asked = time.monotonic()
        assert ask(stage, "restart alpha") == "ok: alpha is restarted"
        wait_until(lambda count=restarts: stage.table()["alpha"]["restarts"] == count, 5, "alpha")  # type: ignore[misc]
        wait_until(lambda count=restarts: len(stage.told("start")) == count + 2, 5, "alpha to serve")  # type: ignore[misc]
        assert time.monotonic() - asked < 3  # whoever asks does not wait as after a fault
    assert stage.table()["alpha"]["pid"] != before["alpha"]["pid"]
    assert stage.table()["beta"] == before["beta"]
    assert [name for (name,) in stage.told("end")] == ["alpha"] * 5


def test_a_program_that_hangs_is_restarted_by_force(stage: Stage) -> None:
    stage.ready("alpha=stubborn")
    before = stage.table()["alpha"]["pid"]
    ask(stage, "restart alpha")
    wait_until(lambda: stage.table()["alpha"]["state"] == "ending", 5, "alpha to be told")
    wait_until(lambda: stage.table()["alpha"]["restarts"] == 1, 5, "alpha's end")
    assert not runs(before)


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("restart gamma", "no: 'gamma': one of alpha, beta is right"),
        ("restart", "no: 'restart': restart NAME is right"),
        ("stop alpha", "no: 'stop alpha': restart NAME is right"),
        ("", "no: '': restart NAME is right"),
        ("x" * 5000, f"no: '{'x' * 80}': restart NAME is right"),
    ],
)
def test_what_cannot_be_done_is_answered_and_changes_nothing(stage: Stage, asked: str, answer: str) -> None:
    stage.ready("alpha=serve", "beta=serve")
    before = stage.table()
    assert ask(stage, asked) == answer
    assert stage.table() == before


def test_another_user_is_refused_at_the_door(stage: Stage) -> None:
    stage.ready("alpha=serve")
    stage.home.chmod(0o755)
    (stage.home / "run").chmod(0o755)
    (stage.home / "run/programs.sock").chmod(0o666)  # as if the file's own rights had been lost
    script = (
        "import socket, sys; s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.settimeout(5); s.bind('')\n"
        f"s.connect('{stage.home}/run/programs.sock'); s.send(b'restart alpha'); print(s.recv(99).decode())"
    )
    done = subprocess.run(["/usr/bin/python3", "-c", script], user=65534, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "no: this user may not ask"
    assert stage.table()["alpha"]["restarts"] == 0


def test_who_asks_and_does_not_wait_for_the_answer_holds_nobody_up(stage: Stage) -> None:
    stage.ready("alpha=serve")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as asking:
        asking.connect(str(stage.home / "run/programs.sock"))
        for _ in range(50):
            asking.send(b"nonsense")
    assert ask(stage, "restart alpha").startswith("ok")


def test_a_box_is_ready_without_what_it_does_not_need(stage: Stage) -> None:
    process = stage.ready("alpha=last", "beta=fail,optional")
    assert len([name for name, _ in stage.told("start") if name == "beta"]) >= 4
    assert process.poll() is None


@pytest.mark.parametrize("value", ["ttyS0", "/dev/ttyS0:fast", "9600"])
def test_a_console_that_cannot_be_is_named(stage: Stage, value: str) -> None:
    stage.environment["BUSYHOUR_CONSOLE"] = value
    assert f"BUSYHOUR_CONSOLE is {value!r}" in stage.refused()


def test_the_factory_state_erases_all_but_the_way_back_in_and_is_told_as_a_new_box(stage: Stage) -> None:
    process = stage.ready("alpha=serve")
    for name in ("console/password", "users/users.json", "recordings/2026/a.wav", "config/1.json"):
        (stage.home / name).parent.mkdir(parents=True, exist_ok=True)
        (stage.home / name).write_text(name)
    (stage.home / "recordings/elsewhere").symlink_to("/etc")
    before = stage.table()["alpha"]["pid"]
    assert ask(stage, "reset factory") == "ok: the box goes back to its factory state"
    assert process.stdout is not None
    assert process.stdout.readline().startswith("busyhour ready:")
    left = {str(path.relative_to(stage.home)) for path in stage.home.rglob("*") if path.is_file()}
    assert {name for name in left if not name.startswith(("run/", "log/", "told", "alpha"))} == {"console/password"}
    assert Path("/etc/passwd").exists()
    assert stage.table()["alpha"]["pid"] != before


def test_a_power_cut_only_puts_the_factory_state_off(stage: Stage) -> None:
    factory.wish(stage.home)
    (stage.home / "users").mkdir()
    (stage.home / "users/users.json").write_text("{}")
    stage.ready("alpha=serve")
    assert not (stage.home / "users").exists()
    assert not factory.wished(stage.home)
