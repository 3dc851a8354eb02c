"""The clock of a whole box an hour forward and back while people talk, wait and are signed in: nobody is the wiser."""

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from firmware.control.client import SOCKET, Client
from tests.peers.baresip import Phone
from tests.peers.box import Box
from tests.peers.office import Office
from tests.peers.set_clock import SetClock
from tests.scenarios.day import VOICES_HZ
from tests.scenarios.talks import CALLER_HZ, NUMBER, Talks, configure, recording, segment

HOUR_S = 3600
SEEN_S = 20.0  # within so long the box has seen it, told of it, and is as before
REACHED_S = 15.0  # so long a call from a line's first ring to who answers at once may take; registering anew takes more
PASSWORD = "correct horse battery"
WAITS = "13800000078"


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> SetClock:
    """The box's clock."""
    return SetClock(tmp_path_factory.mktemp("clock"))


@pytest.fixture(scope="module")
def box(clock: SetClock) -> Iterator[Box]:
    """A box whose lines 3 and 4 lead straight to agent 201, and line 2 to telephone 202."""
    with Box(environment=clock.environment) as box:
        configure(box, {"name": "desk", "source": "line:2", "to": "extension:202"})
        yield box


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


def reach(office: Office, phone: Phone) -> None:
    """Assert that who calls telephone 202 by its line now reaches it."""
    known = len(phone.events)
    caller = office.call(2)
    phone.wait_event("CALL_ESTABLISHED", REACHED_S, since=known)
    caller.wait_for("answered")
    caller.hang_up()
    phone.wait_event("CALL_CLOSED", since=known)
    caller.report()


def wait_followed(box: Box, exchange: Client, ahead_s: float, edge: int) -> None:
    """Wait until the box, with another edge, goes by a clock so far ahead of ours; no telephone is gone meanwhile."""
    deadline = time.monotonic() + SEEN_S
    followed = False
    while not followed or (now := box.program("edge"))["pid"] == edge or now["state"] != "up":
        assert time.monotonic() < deadline, box.logs()
        there = {one["number"] for one in exchange.call("extension.list") if one["registered"]}
        assert there >= {"201", "202", "203", "204"}
        followed = abs(exchange.call("status")["at_s"] - time.time() - ahead_s) < 5
        time.sleep(0.05)


def alarms(exchange: Client) -> list[tuple[str, str]]:
    """Return what is told to be wrong with the box."""
    return [(one["name"], one["detail"]) for one in exchange.call("alarm.list")]


def wait_told(exchange: Client) -> None:
    """Wait until the box tells of its clock."""
    deadline = time.monotonic() + SEEN_S
    while ("clock-jumped", "by +3600 s") not in (told := alarms(exchange)):
        assert time.monotonic() < deadline, told
        time.sleep(0.1)


def test_an_hour_forward_and_back_hurts_no_call_no_wait_and_no_session(
    box: Box, clock: SetClock, office: Office, talks: Talks, browser: httpx.Client, records: Callable[..., Any]
) -> None:
    phones = talks.phones
    with Client(box.home / SOCKET) as exchange:
        waits = office.call(3, WAITS, tone_hz=CALLER_HZ)
        waits.wait_for("answered")
        entered_s = time.time()
        pids = {row["name"]: row["pid"] for row in box.programs()}

        clock.set(HOUR_S)
        wait_followed(box, exchange, HOUR_S, pids["edge"])
        reach(office, phones["202"])
        assert browser.get("/alarms/").status_code == 200
        (queue,) = exchange.call("queue.list")
        assert queue["longest_wait_s"] == pytest.approx(time.time() - entered_s, abs=1.5)
        wait_told(exchange)
        known = len(phones["201"].events)
        first_s = time.time()
        phones["201"].hang_up()
        talks.caller.report()
        second_s = float(phones["201"].wait_event("CALL_ESTABLISHED", 20, since=known)["at_s"])
        line = records(number=NUMBER)

        known = len(phones["201"].events)
        edge = box.pid("edge")
        clock.set(0)
        wait_followed(box, exchange, 0, edge)
        reach(office, phones["202"])
        assert browser.get("/alarms/").status_code == 200
        waits.hang_up()  # the box and telephone 201 learn of it by the line's busy tone
        waited_s = float(phones["201"].wait_event("CALL_CLOSED", since=known)["at_s"])
        hung_up_s = time.time()
        phones["203"].hang_up()
        talks.closed_s("204")
        inside = records(direction="internal")
        waited = records(number=WAITS)
        assert alarms(exchange) == [("clock-jumped", "by +3600 s")]

    for record, began_s, ended_s in (
        (line, talks.answered_s["201"], first_s), (inside, talks.answered_s["204"], hung_up_s),
        (waited, second_s, waited_s),
    ):  # fmt: skip
        talk = segment(record, "talk")
        assert (record["outcome"], record["gap"]) == ("answered", "")
        assert talk["duration_s"] == pytest.approx(ended_s - began_s, abs=0.5)
        assert record["duration_s"] == pytest.approx(record["wait_s"] + talk["duration_s"], abs=0.2)
        assert record["ended_s"] - record["started_s"] == pytest.approx(record["duration_s"], abs=0.001)
    assert waited["wait_s"] == pytest.approx(second_s - entered_s, abs=1)
    for record in (line, waited):
        assert recording(box, record).duration_s == pytest.approx(segment(record, "talk")["duration_s"], abs=0.3)
    assert line["started_s"] == pytest.approx(talks.began_s + HOUR_S, abs=5)
    assert inside["started_s"] == pytest.approx(talks.began_s, abs=5)
    assert {row["name"]: row["pid"] for row in box.programs() if row["name"] != "edge"} == {
        name: pid for name, pid in pids.items() if name != "edge"
    }
    assert "Traceback" not in (box.home / "log/exchange.log").read_text()
    for number in ("203", "204"):
        phones[number].switch_off()
    talks.judge("203", hung_up_s, VOICES_HZ["204"])
    talks.judge("204", hung_up_s, VOICES_HZ["203"])
    talks.judge("201", first_s, CALLER_HZ)
