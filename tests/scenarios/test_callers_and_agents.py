"""What callers and agents do to each other: give up, do not answer, refuse, hang up first, are all busy."""

import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest

from drivers.link.office import Subscriber
from tests import audio
from tests.peers.baresip import Phone
from tests.peers.box import Box
from tests.peers.office import Office
from tests.peers.watch import Watch
from tests.scenarios.conftest import AGENT_HZ

Records = Callable[..., dict[str, Any]]
Phones = Callable[..., Phone]


@pytest.fixture(scope="module", autouse=True)
def settings(box: Box) -> None:
    """Line 4 leads straight to the queue; telephones ring briefly, work after a call is short."""
    config = box.ask("config.export", secrets=True)
    queue = config["queues"][0] | {"ring_timeout_s": 4, "acw_s": 1, "max_waiting": 1, "overflow": "extension:204"}
    routes = [
        {"name": "straight", "source": "line:4", "to": "queue:service"},
        {"name": "straight-too", "source": "line:3", "to": "queue:service"},
        *config["routes"],
    ]
    box.configure(queues=[queue], routes=routes)


@pytest.fixture(autouse=True)
def nobody_left(box: Box) -> Iterator[None]:
    """Each test begins and ends with all agents logged out."""
    yield
    for agent in box.ask("agent.list"):
        if agent["state"] != "logged_out":
            box.ask("agent.logout", number=agent["number"])


def log_in(box: Box, *numbers: str) -> None:
    for number in numbers:
        box.ask("agent.login", number=number)


def state(box: Box, number: str) -> str:
    return next(agent["state"] for agent in box.ask("agent.list") if agent["number"] == number)


def test_a_caller_gives_up_in_the_menu(box: Box, office: Office, watch: Watch, records: Records) -> None:
    caller = office.call(1, "13700000001")
    watch.wait("ivr.node", node="notice")
    caller.hang_up()
    record = records(number="13700000001")
    assert record["by"] == "caller"
    assert [segment["kind"] for segment in record["segments"]] == ["ivr"]
    assert record["recordings"] == []


def test_a_caller_gives_up_in_the_queue(
    box: Box, office: Office, phone: Phones, watch: Watch, records: Records
) -> None:
    phone("201")
    log_in(box, "201")
    box.ask("agent.not_ready", number="201")
    caller = office.call(4, "13700000002")
    entered = watch.wait("queue.entered")
    time.sleep(3)
    caller.hang_up()
    report = caller.report()
    record = records(number="13700000002")
    assert (record["outcome"], record["queue"], record["agent"]) == ("abandoned", "service", "")
    waited_s = report.started_s + (report.ended_s or 0) - entered["at_s"]
    assert waited_s <= record["wait_s"] < waited_s + 2.4  # the busy tone is recognised within three cadences


def test_a_caller_gives_up_while_the_agent_rings(box: Box, office: Office, phone: Phones, records: Records) -> None:
    agent = phone("201")
    log_in(box, "201")
    caller = office.call(4, "13700000003")
    agent.wait_event("CALL_INCOMING")
    caller.hang_up()
    agent.wait_event("CALL_CLOSED", 5)
    record = records(number="13700000003")
    assert (record["outcome"], record["agent"]) == ("abandoned", "")
    assert state(box, "201") == "ready"


@pytest.mark.parametrize("how", ["does not answer", "refuses", "is not registered"])
def test_the_next_agent_gets_the_call_when_one(
    box: Box, office: Office, phone: Phones, watch: Watch, records: Records, how: str
) -> None:
    number = {"does not answer": "13700000011", "refuses": "13700000012", "is not registered": "13700000013"}[how]
    first = phone("201")
    second = phone("202", answer=True, says="agent2")
    log_in(box, "201")
    time.sleep(0.1)  # so that 201 is the longer idle
    log_in(box, "202")
    if how == "is not registered":
        first.switch_off()
    caller = office.call(4, number, hold_s=8)
    if how == "refuses":
        first.wait_event("CALL_INCOMING")
        first.hang_up()
    second.wait_event("CALL_ESTABLISHED", 20)
    caller.report()
    record = records(number=number)
    assert (record["outcome"], record["agent"]) == ("answered", "202")
    rings = [segment["who"] for segment in record["segments"] if segment["kind"] == "ring"]
    assert rings == (["202"] if how == "is not registered" else ["201", "202"])
    assert state(box, "201") == ("ready" if how == "is not registered" else "not_ready")


def test_an_agent_hangs_up_first(box: Box, office: Office, phone: Phones, records: Records) -> None:
    agent = phone("201", answer=True)
    log_in(box, "201")
    caller = office.call(4, "13700000004")
    established = agent.wait_event("CALL_ESTABLISHED")
    time.sleep(2)
    agent.hang_up()
    closed_s = time.time()
    report = caller.report(15)
    assert report.ended_by == "box"
    record = records(number="13700000004")
    assert (record["outcome"], record["by"]) == ("answered", "agent")
    assert record["talk_s"] == pytest.approx(closed_s - established["at_s"], abs=0.2)


def test_when_all_are_busy_one_waits_and_the_next_goes_where_the_queue_overflows(
    box: Box, office: Office, phone: Phones, watch: Watch, records: Records
) -> None:
    agent = phone("201", answer=True)
    other = phone("204", answer=True, says="agent2")
    log_in(box, "201")
    first = office.call(4, "13700000005")
    agent.wait_event("CALL_ESTABLISHED")
    second = office.call(3, "13700000006")
    watch.wait("queue.entered", position=1, call=watch.wait("call.offered", source="line:3")["call"])
    third = office.call(4 - 2, "13700000007", digits="1", wait_s=13)
    other.wait_event("CALL_ESTABLISHED", 40)
    assert watch.wait("queue.left", outcome="overflowed")
    known = len(agent.events)
    first.hang_up()
    agent.wait_event("CALL_ESTABLISHED", 20, since=known)
    second.hang_up()
    third.hang_up()
    assert records(number="13700000005")["outcome"] == "answered"
    waited = records(number="13700000006")
    assert (waited["outcome"], waited["agent"]) == ("answered", "201")
    assert waited["wait_s"] > 5
    assert records(number="13700000007")["by"] == "caller"


def talks_with(box: Box, office: Office, agent: Phone, number: str) -> Any:
    """Let a caller come in and talk with the agent; return them."""
    caller = office.call(4, number)
    agent.wait_event("CALL_ESTABLISHED", 20)
    time.sleep(1)
    return caller


def test_an_agent_transfers_a_caller_and_hears_of_it(
    box: Box, office: Office, phone: Phones, records: Records
) -> None:
    agent, other = phone("201", answer=True), phone("203", says="agent2")
    log_in(box, "201")
    caller = talks_with(box, office, agent, "13700000008")
    known = len(agent.events)
    agent.command("transfer", f"sip:203@{box.sip}")
    other.wait_event("CALL_INCOMING")
    time.sleep(1)
    assert [event["type"] for event in agent.events[known:] if "type" in event] == []    # it has its call still
    other.answer()
    agent.wait_event("CALL_CLOSED", 5, since=known)
    other.wait_event("CALL_ESTABLISHED")
    time.sleep(2)
    caller.hang_up()
    other.wait_event("CALL_CLOSED", 10)
    record = records(number="13700000008")
    assert (record["outcome"], record["by"], record["agent"]) == ("answered", "caller", "201")
    told = [(segment["kind"], segment["who"]) for segment in record["segments"]]
    assert [one for one in told if one[0] in ("talk", "transfer")] == [
        ("talk", "201"), ("transfer", "203"), ("talk", "203"),
    ]
    other.switch_off()
    assert audio.hears_tone(audio.read_wav(box.home / record["recordings"][0]).channel(1)[-12000:-8000], 1400.0)


def test_an_agent_asks_a_colleague_first_and_leaves_the_caller_to_them(
    box: Box, office: Office, phone: Phones, watch: Watch, records: Records
) -> None:
    """A real telephone with two lines, through the edge: hold, consultation, REFER with Replaces."""
    agent, other = phone("201", answer=True), phone("203", answer=True, says="agent2")
    log_in(box, "201")
    caller = talks_with(box, office, agent, "13700000014")
    first = agent.wait_event("CALL_ESTABLISHED")["id"]
    agent.hold()
    watch.wait("hold.started", by="party")
    agent.dial("203")
    other.wait_event("CALL_ESTABLISHED")
    watch.wait("bridge.joined", call=watch.wait("call.offered", source="extension:201", did="203")["call"])
    time.sleep(1)
    known = len(agent.events)
    replaces = quote(f"{first};to-tag=1;from-tag=1", safe="")  # it has no button for it; its second call asks
    agent.command("transfer", f"sip:13700000014@{box.sip}?Replaces={replaces}")
    agent.wait_event("CALL_CLOSED", 10, since=known)
    time.sleep(2)
    assert len(box.ask("call.live")) == 1
    caller.hang_up()
    other.wait_event("CALL_CLOSED", 10)
    record = records(number="13700000014")
    told = [(segment["kind"], segment["who"]) for segment in record["segments"]]
    assert [one for one in told if one[0] in ("talk", "hold", "transfer")] == [
        ("talk", "201"), ("hold", "201"), ("transfer", "203"), ("talk", "203"),
    ]
    assert (record["outcome"], record["by"], record["agent"]) == ("answered", "caller", "201")
    other.switch_off()
    assert audio.hears_tone(audio.read_wav(box.home / record["recordings"][0]).channel(1)[-12000:-8000], 1400.0)


def test_an_agent_hears_why_a_transfer_failed(box: Box, office: Office, phone: Phones, records: Records) -> None:
    agent = phone("201", answer=True)
    log_in(box, "201")
    caller = talks_with(box, office, agent, "13700000009")
    known = len(agent.events)
    agent.command("transfer", f"sip:204@{box.sip}")    # which is not registered
    failed = agent.wait_event("TRANSFER_FAILED", 5, since=known)
    assert failed["param"] == "480 Subscriber absent"
    caller.report(15)    # baresip hangs up by itself now, which nobody can keep it from
    assert records(number="13700000009")["by"] == "agent"


def test_an_agent_who_transfers_and_hangs_up_at_once_has_transferred(
    box: Box, office: Office, phone: Phones, records: Records
) -> None:
    agent, other = phone("201", answer=True), phone("203", answer=True, says="agent2")
    log_in(box, "201")
    caller = talks_with(box, office, agent, "13700000010")
    agent.command("transfer", f"sip:203@{box.sip}")
    agent.hang_up()
    other.wait_event("CALL_ESTABLISHED", 10)
    time.sleep(2)
    caller.hang_up()
    record = records(number="13700000010")
    assert [segment["who"] for segment in record["segments"] if segment["kind"] == "talk"] == ["201", "203"]


def test_extensions_call_each_other(box: Box, phone: Phones, records: Records) -> None:
    one, other = phone("203"), phone("204", says="agent2")
    one.dial("204")
    other.wait_event("CALL_INCOMING")
    one.wait_event("CALL_RINGING")
    other.answer()
    one.wait_event("CALL_ESTABLISHED")
    time.sleep(3)
    one.hang_up()
    other.wait_event("CALL_CLOSED")
    one.switch_off()
    other.switch_off()
    assert audio.hears_tone(audio.read_wav(one.heard).channel(0)[8000:-4000], 1400.0)
    assert audio.hears_tone(audio.read_wav(other.heard).channel(0)[4000:-4000], AGENT_HZ)
    record = records(direction="internal", number="203")
    assert (record["source"], record["outcome"]) == ("extension:203", "answered")


def test_an_extension_calls_out_by_a_line(box: Box, office: Office, phone: Phones, records: Records) -> None:
    office.order("subscriber", Subscriber(number="62345678", answer_after_s=5, voice="tone", tone_hz=800))
    one = phone("203")
    one.dial("62345678")
    one.wait_event("CALL_ESTABLISHED", 40)
    time.sleep(4)
    one.hang_up()
    record = records(direction="out")
    one.switch_off()
    assert audio.hears_tone(audio.read_wav(one.heard).channel(0)[-16000:-4000], 800)
    assert office.dialled("62345678").ended_by == "box"
    assert record["outcome"] == "answered"


def test_an_agent_logs_in_and_out_on_the_telephone(box: Box, phone: Phones, watch: Watch) -> None:
    one = phone("202")
    for code, becomes in (("*20", "ready"), ("*232", "not_ready"), ("*22", "ready"), ("*21", "logged_out")):
        one.dial(code)
        watch.wait("agent.state", 15, agent="202", state=becomes)
        watch.wait("call.ended", 30)
        watch.events.clear()
        assert state(box, "202") == becomes
