"""A whole box whose disk is full, or can only be read, while people talk: nobody hears it, and the box says so."""

import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from firmware.control.client import SOCKET, Client
from firmware.errors import BusyhourError
from tests.peers.box import ROOT, Box
from tests.peers.office import Office
from tests.peers.serial_line import Cable, Technician
from tests.peers.small_disk import SmallDisk
from tests.scenarios.day import VOICES_HZ
from tests.scenarios.talks import CALLER_HZ, Talks, a_new_call_works, configure, recording, segment

SIZE_MB = 400
WITHIN_S = 20.0
PASSWORD = "correct horse battery"
AT_CONSOLE = "let me in please"
FULL = {("disk-space", "disk"), ("records-storage", "records"), ("recordings-storage", "recordings")}
READ_ONLY = {("disk-read-only", "disk"), ("records-storage", "records"), ("recordings-storage", "recordings")}


class Shop:
    """A box on a small disk, its admin, and a technician's cable."""

    def __init__(self, box: Box, disk: SmallDisk, cable: Cable) -> None:
        self.box, self.disk, self.cable = box, disk, cable
        given = box.ask("user.add", name="anna", role="admin", language="en")["password"]
        with Client(box.home / SOCKET) as exchange:
            token = exchange.call("session.open", name="anna", password=given, address="192.0.2.7")["token"]
            exchange.call("session.resume", token=token)
            exchange.call("own.password", password=PASSWORD)
        command = [str(Path(sys.executable).parent / "busyhour"), "console", "password"]
        subprocess.run(command, input=AT_CONSOLE + "\n", text=True, env=box.environment, cwd=ROOT, check=True)

    def pids(self) -> dict[str, int]:
        """Return each program's process id."""
        return {row["name"]: row["pid"] for row in self.box.programs()}

    def raised(self) -> set[tuple[str, str]]:
        """Return the alarms there are, but for those of this machine's own clock and load."""
        alarms = [(one["name"], one["subject"]) for one in self.box.ask("alarm.list")]
        return {(name, subject) for name, subject in alarms if name not in ("clock-unsynchronised", "media-late")}

    def until(self, what: Callable[[], bool], within_s: float = WITHIN_S) -> None:
        """Wait for something; at the end tell what there is."""
        deadline = time.monotonic() + within_s
        while not what():
            assert time.monotonic() < deadline, f"{self.raised()}\n{self.box.logs()}"
            time.sleep(0.2)

    def page(self) -> str:
        """Sign in at the page as anna, and return what it says of alarms."""
        with httpx.Client(base_url=f"http://{self.box.web}", follow_redirects=True) as browser:
            form = re.search(r'name="form" value="([^"]+)"', browser.get("/sign-in").text)
            assert form
            answer = browser.post("/sign-in", data={"form": form[1], "name": "anna", "password": PASSWORD})
            assert answer.status_code == 200, answer.text
            return browser.get("/alarms/").text

    def console(self, *lines: str) -> list[str]:
        """Log in at the serial console, and return what it says to each line."""
        with Technician(self.cable.technician) as technician:
            technician.type("\r")
            technician.asked()
            technician.type(AT_CONSOLE + "\r")
            technician.expect("busyhour>")
            told = [technician.run(line) for line in lines]
            technician.type("exit\r")
            technician.expect("press Enter")
        return told

    def refused(self, method: str, **parameters: Any) -> str:
        """Ask for something that must be refused for the disk, and return what was said."""
        with pytest.raises(BusyhourError) as refused:
            self.box.ask(method, **parameters)
        assert refused.value.code == "no-storage", refused.value
        return str(refused.value)

    def configuration(self) -> tuple[int, list[str]]:
        """Return the revision in force and the names of what is in its folder, each file whole."""
        folder = self.box.home / "config"
        for path in folder.rglob("*.json"):
            json.loads(path.read_text())
        return self.box.ask("status")["revision"], sorted(path.name for path in folder.rglob("*"))


@pytest.fixture(scope="module")
def disk() -> Iterator[tuple[SmallDisk, Box, Cable]]:
    """A small disk, with the home of a box and a cable to it."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bh-", dir="/tmp")))
        cable = Cable(folder)
        stack.callback(cable.close)
        box = Box(environment={"BUSYHOUR_CONSOLE": f"{cable.box.readlink()}:9600"})
        stack.callback(lambda: box.home.rmdir())
        yield stack.enter_context(SmallDisk(box.home, SIZE_MB)), box, cable


@pytest.fixture(scope="module")
def box(disk: tuple[SmallDisk, Box, Cable]) -> Iterator[Box]:
    """A box on the small disk, whose line 4 leads straight to agent 201."""
    with disk[1] as box:
        configure(box)
        yield box


@pytest.fixture(scope="module")
def shop(box: Box, disk: tuple[SmallDisk, Box, Cable]) -> Shop:
    """All of it."""
    return Shop(box, disk[0], disk[2])


def a_call(shop: Shop, office: Office, number: str) -> None:
    """Let somebody listen to the menu for a moment."""
    caller = office.call(1, number)
    caller.wait_for("answered")
    time.sleep(1)
    caller.hang_up()
    caller.report()


def all_doors_tell(shop: Shop, alarm: str) -> None:
    """Assert that command, page and console open, and tell an alarm in these words."""
    assert alarm in shop.box.command("alarm", "list").stdout
    assert alarm in shop.page()
    alarms, status, support = shop.console("show alarms", "show status", "support")
    assert alarm in alarms
    assert "exchange" in status
    assert re.search("[Nn]o space left|[Rr]ead-only", support), support
    assert list(shop.box.home.rglob("*.tar.gz")) == []


def acts_are_refused(shop: Shop, call: str) -> None:
    """Assert that what a person wants kept is refused, with the reason, and that nothing half-done is left."""
    before = shop.configuration()
    config = shop.box.ask("config.export", secrets=True)
    config["queues"][0]["acw_s"] = 77
    reason = shop.refused("config.import", config=config)
    assert str(shop.box.home) in reason
    assert re.search("disk is full|[Nn]o space left|[Rr]ead-only", reason), reason
    shop.refused("call.note", call=call, text="kept only if it can be")
    shop.refused("user.add", name="bert", role="viewer", language="en")
    assert shop.configuration() == before
    assert shop.box.ask("config.export")["queues"][0]["acw_s"] == 0
    nothing_of_it(shop, call)


def nothing_of_it(shop: Shop, call: str) -> None:
    """Assert that what was refused is not there, nor comes later."""
    assert shop.box.ask("call.notes", call=call)["noted"]["note"] == ""
    assert "bert" not in [user["name"] for user in shop.box.ask("user.list")]


def test_a_full_disk_harms_no_call_and_all_is_written_once_there_is_room(
    shop: Shop, office: Office, talks: Talks, records: Any
) -> None:
    a_call(shop, office, "13800000001")
    earlier = records(number="13800000001")
    pids = shop.pids()
    shop.disk.fill()
    full_s = time.time()
    shop.until(lambda: shop.raised() >= FULL)
    assert {one["name"] for one in shop.box.ask("status")["alarms"]} >= {name for name, _ in FULL}
    all_doors_tell(shop, "Records of calls cannot be kept")
    acts_are_refused(shop, earlier["call_id"])
    a_call(shop, office, "13800000002")
    shop.disk.fill()  # should anything have given back some of it
    hung_up_s = time.time()
    talks.phones["203"].hang_up()
    talks.closed_s("204")
    shop.disk.free()
    shop.until(lambda: not shop.raised() & {("disk-space", "disk"), ("records-storage", "records")})
    free_s = time.time()
    talks.phones["201"].hang_up()
    talks.caller.report()
    line, inside = talks.records()
    assert records(number="13800000002")["outcome"] == "ivr"
    assert shop.pids() == pids
    a_new_call_works(shop.box, office, talks)
    shop.until(lambda: not shop.raised() & FULL)
    nothing_of_it(shop, earlier["call_id"])
    for number in ("203", "204"):
        talks.phones[number].switch_off()
    assert (inside["outcome"], inside["gap"], line["outcome"], line["gap"]) == ("answered", "", "answered", "")
    assert segment(line, "talk")["duration_s"] > free_s - talks.answered_s["201"] - 0.5
    wav = recording(shop.box, line)
    assert wav.duration_s == pytest.approx(full_s - talks.answered_s["201"], abs=1.5)
    assert {name for name, _ in FULL} <= {one["name"] for one in shop.box.ask("alarm.history")}
    log = (shop.box.home / "log/exchange.log").read_text()
    assert "records can be written again" in log
    assert "Traceback" not in log
    talks.judge("201", free_s, CALLER_HZ)
    talks.judge("203", hung_up_s, VOICES_HZ["204"])
    talks.judge("204", hung_up_s, VOICES_HZ["203"])


def test_a_disk_that_turns_read_only_harms_no_call_and_after_it_is_mended_the_box_starts_clean(
    shop: Shop, office: Office, talks: Talks, records: Any
) -> None:
    a_call(shop, office, "13800000001")
    earlier = records(number="13800000001")
    pids = shop.pids()
    shop.disk.fail()
    broken_s = time.time()
    shop.until(lambda: shop.raised() >= READ_ONLY)
    all_doors_tell(shop, "The disk has become read-only")
    acts_are_refused(shop, earlier["call_id"])
    a_call(shop, office, "13800000002")
    hung_up_s = time.time()
    talks.phones["203"].hang_up()
    talks.closed_s("204")
    talks.phones["201"].hang_up()
    talks.caller.report()
    assert shop.pids() == pids
    for number in ("201", "203", "204"):
        talks.phones[number].switch_off()
    shop.box.stop()
    with pytest.raises(RuntimeError, match="read-only"):
        shop.box.start()
    shop.disk.replace()
    shop.box.start()
    shop.until(lambda: shop.raised() == set())
    nothing_of_it(shop, earlier["call_id"])
    line, inside = talks.records()
    assert line["gap"]
    assert inside["gap"]
    assert line["duration_s"] <= broken_s - talks.began_s + 1
    assert 0 < recording(shop.box, line).duration_s <= line["duration_s"]
    talks.judge("201", hung_up_s, CALLER_HZ)
    talks.judge("203", hung_up_s, VOICES_HZ["204"])
