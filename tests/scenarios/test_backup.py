"""A box saved while calls go on, and put into another one, by the command alone."""

import subprocess
import sys
import time
from pathlib import Path

from firmware.control.client import SOCKET, Client
from tests.peers.box import ROOT, Box
from tests.peers.office import Office

PASSPHRASE = "correct horse battery\n"


def command(box: Box, *words: str, check: bool = True) -> "subprocess.CompletedProcess[str]":
    done = subprocess.run(
        [str(Path(sys.executable).parent / "busyhour"), *words], env=box.environment, cwd=ROOT, text=True,
        capture_output=True, timeout=120, input=PASSPHRASE, check=False,
    )
    if check and done.returncode:
        raise AssertionError(f"busyhour {' '.join(words)}: {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done


def test_a_box_moves_into_another_one_with_secrets_records_users_and_recordings(tmp_path: Path) -> None:
    file = str(tmp_path / "box.backup")
    with Box() as box:
        box.configure(box=box.ask("config.export")["box"] | {"name": "Mingde"})
        box.command("user", "add", "li", "--role", "supervisor")
        secret = box.ask("extension.secret", number="201")["secret"]
        office = Office(box.home)
        office.call(1, "13800138001", hold_s=1).report()
        deadline = time.monotonic() + 20
        while not box.json("calls")["calls"]:
            assert time.monotonic() < deadline
            time.sleep(0.2)
        under_way = office.call(2, "13800138002", wait_s=60)
        under_way.wait_for("answered")
        command(box, "backup", file, "--recordings")
        assert [call["number"] for call in box.ask("call.live")] == ["13800138002"]
        under_way.hang_up()
        under_way.report()
        office.close()
        entries = [entry["what"] for entry in box.json("user", "audit")]
        assert "backup.made" in entries
        said = command(box, "verify", file).stdout
        assert "Mingde" in said
        refused = command(box, "restore", file, check=False)
        assert refused.returncode == 1
        assert "this box has been used" in refused.stderr
    other = Box()
    command(other, "restore", file)  # by one command, where nothing runs
    command(other, "verify", file)
    with other:
        is_what_the_first_one_was(other, secret)
        other.configure(box=other.ask("config.export")["box"] | {"name": "Changed"})
        pid = other.pid("exchange")
        command(other, "restore", file, "--replace")  # by the exchange itself, which starts anew
        other.wait_back("exchange", pid)
        other.wait_provisioned()
        is_what_the_first_one_was(other, secret)
        (aside, *_) = sorted((other.home / "replaced").iterdir(), reverse=True)
        assert len(list((aside / "config/revisions").iterdir())) == 3
        office = Office(other.home)
        office.call(1, "13800138003", hold_s=1).report()
        office.close()


def is_what_the_first_one_was(box: Box, secret: str) -> None:
    assert box.ask("extension.secret", number="201")["secret"] == secret
    assert [user["name"] for user in box.json("user", "list")] == ["admin", "li"]
    with Client(box.home / SOCKET) as client:
        assert client.call("status")["box"]["name"] == "Mingde"
    # the call that was under way is over here: the gateway knows nothing of it
    calls = {call["number"]: call["by"] for call in box.json("calls")["calls"]}
    assert calls["13800138001"] == "caller"
    assert calls.get("13800138002", "gateway") == "gateway"
