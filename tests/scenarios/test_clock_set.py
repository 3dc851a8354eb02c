"""The clock of a whole box an hour forward and back while people talk, wait and are signed in: nobody is the wiser."""

import re
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from firmware.control.client import SOCKET, Client
from tests.peers.box import Box
from tests.peers.office import Office
from tests.peers.set_clock import SetClock
from tests.scenarios.day import VOICES_HZ
from tests.scenarios.talks import CALLER_HZ, NUMBER, Talks, configure, recording, segment

HOUR_S = 3600
SEEN_S = 15.0  # until the box has looked at its clock, and told what it saw
PASSWORD = "correct horse battery"
WAITS = "13800000078"


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> SetClock:
    """The box's clock."""
    return SetClock(tmp_path_factory.mktemp("clock"))


@pytest.fixture(scope="module")
def box(clock: SetClock) -> Iterator[Box]:
    """A box whose lines 3 and 4 lead straight to agent 201."""
    with Box(environment=clock.environment) as box:
        configure(box)
        yield box


@pytest.fixture
def talks(box: Box, office: Office, records: Any, tmp_path: Path) -> Iterator[Talks]:
    """Both talks under way; everybody is switched off at the end."""
    with ExitStack() as stack:
        yield Talks(box, office, records, tmp_path, stack)


@pytest.fixture
def browser(box: Box) -> Iterator[httpx.Client]:
    """Somebody who is signed in."""
    with Client(box.home / SOCKET) as exchange:
        given = exchange.call("user.add", name="anna", role="admin", language="en")["password"]
    with Client(box.home / SOCKET) as exchange:
        token = exchange.call("session.open", name="anna", password=given, address="192.0.2.7")["token"]
        exchange.call("session.resume", token=token)
        exchange.call("own.password", password=PASSWORD)
    with httpx.Client(base_url=f"http://{box.web}") as browser:
        form = re.search(r'name="form" value="([^"]+)"', browser.get("/sign-in").text)
        assert form
        answer = browser.post("/sign-in", data={"form": form[1], "name": "anna", "password": PASSWORD})
        assert answer.status_code == 303
        yield browser


def wait_followed(box: Box, ahead_s: float) -> None:
    """Wait until the box tells the time of a clock that is so far ahead of ours."""
    deadline = time.monotonic() + SEEN_S
    while abs(box.json("status")["at_s"] - time.time() - ahead_s) > 5:
        assert time.monotonic() < deadline, box.logs()
        time.sleep(0.2)


def told(box: Box) -> list[str]:
    """Return what alarms tell of the clock."""
    return [one["detail"] for one in box.json("alarm", "list") if one["name"] == "clock-jumped"]


def test_an_hour_forward_and_back_hurts_no_call_no_wait_and_no_session(
    box: Box, clock: SetClock, office: Office, talks: Talks, browser: httpx.Client, records: Any
) -> None:
    with Client(box.home / SOCKET) as exchange:
        waits = office.call(3, WAITS, tone_hz=CALLER_HZ)
        waits.wait_for("answered")
        entered_s = time.time()
        pids = {row["name"]: row["pid"] for row in box.programs()}
        clock.set(HOUR_S)
        wait_followed(box, HOUR_S)
        assert browser.get("/alarms/").status_code == 200
        (queue,) = exchange.call("queue.list")
        assert queue["longest_wait_s"] == pytest.approx(time.time() - entered_s, abs=3)
        for number in talks.phones:
            box.wait_registered(number, SEEN_S)

        known = len(talks.phones["201"].events)
        first_s = time.time()
        talks.phones["201"].hang_up()
        talks.caller.report()
        second_s = float(talks.phones["201"].wait_event("CALL_ESTABLISHED", 20, since=known)["at_s"])
        line = records(number=NUMBER)

        clock.set(0)
        wait_followed(box, 0)
        assert told(box) == ["by +3600 s"]
        assert browser.get("/alarms/").status_code == 200
        hung_up_s = time.time()
        talks.phones["203"].hang_up()
        waits.hang_up()
        waits.report()
        talks.closed_s("204")
        inside = records(direction="internal")
        waited = records(number=WAITS)
    for record, began_s, ended_s in (
        (line, talks.answered_s["201"], first_s), (inside, talks.answered_s["204"], hung_up_s),
        (waited, second_s, hung_up_s),
    ):  # fmt: skip
        talk = segment(record, "talk")
        assert (record["outcome"], record["gap"]) == ("answered", "")
        assert talk["duration_s"] == pytest.approx(ended_s - began_s, abs=0.6)
        assert record["duration_s"] == pytest.approx(sum(one["duration_s"] for one in record["segments"]), abs=8)
    assert waited["wait_s"] == pytest.approx(second_s - entered_s, abs=1.5)
    assert recording(box, line).duration_s == pytest.approx(segment(line, "talk")["duration_s"], abs=0.3)
    assert line["started_s"] == pytest.approx(talks.began_s + HOUR_S, abs=5)
    assert inside["started_s"] == pytest.approx(talks.began_s, abs=5)
    assert {row["name"]: row["pid"] for row in box.programs() if row["name"] != "edge"} == {
        name: pid for name, pid in pids.items() if name != "edge"
    }
    assert "Traceback" not in (box.home / "log/exchange.log").read_text()
    for number in ("203", "204"):
        talks.phones[number].switch_off()
    talks.judge("203", hung_up_s, VOICES_HZ["204"])
    talks.judge("204", hung_up_s, VOICES_HZ["203"])
    talks.judge("201", first_s, CALLER_HZ)
