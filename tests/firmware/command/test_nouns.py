"""Calls, queues, agents and the box, as somebody at a terminal sees them."""

import json
import time

from firmware.events import Event, Kind, alarm_data
from tests.fakes.said import said
from tests.firmware.control.door import call


def test_an_agent_logs_in_works_and_logs_out(command, door):
    assert command("agent", "login", "201").out == "agent 201 ready\n"
    assert command("agent", "not-ready", "201", "--reason", "lunch").out == "agent 201 not_ready (lunch)\n"
    agent = json.loads(command("agent", "list", "--json").out)[0]
    assert (agent["state"], agent["reason"], agent["extension"]) == ("not_ready", "lunch", "201")
    assert agent["registered"]
    assert command("agent", "ready", "201").out == "agent 201 ready\n"
    assert command("agent", "logout", "201").out == "agent 201 logged_out\n"
    assert door.door.commits == 4  # each confirmed when it was on disk


def test_an_agent_logs_in_at_another_telephone(command):
    assert json.loads(command("agent", "login", "201", "--extension", "203", "--json").out)["extension"] == "203"
    run = command("agent", "login", "202", "--extension", "203")
    assert run.code == 1
    assert "extension 203 has agent 201 already" in run.err


def test_an_unknown_reason_is_refused_with_those_there_are(command):
    command("agent", "login", "201")
    run = command("agent", "not-ready", "201", "--reason", "golf")
    assert run.code == 1
    assert "there are: break, lunch, training" in run.err


def test_calls_on_record(command):
    lines = command("calls").out.splitlines()
    assert "2026-01-02 00:00:00" in lines[1]  # as the box's wall clock in Shanghai showed it
    assert "13900139000" in lines[1]
    page = json.loads(command("calls", "--json").out)
    assert [one["call_id"] for one in page["calls"]] == ["k-0"]


def test_one_call_in_full(command):
    out = command("calls", "show", "k-0").out
    assert ["+3.0", "s", "ivr", "main", "8.0"] in [line.split() for line in out.splitlines()]
    assert "recordings/2026/01/02/k-0-1.wav  40.0 s" in out
    assert "call.offered" in out
    document = json.loads(command("calls", "show", "k-0", "--json").out)
    assert (document["queue"], document["files"][0]["duration_s"]) == ("service", 40.0)
    assert [one["kind"] for one in document["segments"]] == ["ivr", "wait", "talk"]


def test_no_calls_at_all(command, door):
    door.door.records.clear()
    assert command("calls").out == "no calls are on record\n"
    assert command("calls", "live").out == "no calls are in progress\n"


def test_a_call_in_progress(command, door):
    door.door.calls["k-1"] = call()
    assert "李雷" in command("calls", "live").out
    assert "queue service" in command("calls", "live").out


def test_queues_show_who_waits(command, door):
    queue = json.loads(command("queue", "list", "--json").out)[0]
    assert (queue["name"], queue["waiting"], queue["callers"]) == ("service", 0, [])
    assert "service" in command("queue", "list").out


def test_status_tells_the_box_at_a_glance(command, door):
    command("agent", "login", "201")
    door.do(
        lambda: door.door.bus.publish(
            Event(
                1767283200.0,
                Kind.ALARM,
                data=alarm_data("line-fault", "4", raised=True, wrong=said("no battery")),
            )
        )
    )
    out = command("status").out
    assert "configuration 1" in out
    assert "lines: 1 in_use, 2 idle, 1 fault" in out
    assert "agents: 1 ready, 3 logged_out" in out
    assert "telephones: 1 / 4 registered" in out
    assert "alarms: 2026-01-02 00:00:00  line-fault 4: no battery" in out
    document = json.loads(command("status", "--json").out)
    assert document["gateway"] == {
        "connected": True, "epoch": "g1", "counters": {"ticks": 50.0}, "provisioned": True,
    }  # fmt: skip
    assert document["revision"] == 1


def test_what_was_called_outside_today_and_a_new_beginning(command, door):
    data = {"by": "201", "number": "0012125551234", "distance": "international", "special": "", "after_hours": False}
    door.do(lambda: door.door.bus.publish(Event(time.time(), Kind.OUTSIDE_ALLOWED, "k-9", data=data)))
    rows = [line.split() for line in command("limit", "list").out.splitlines()]
    assert ["international", "-", "1", "30", "0.0", "60"] in rows
    assert ["extension", "international", "201", "1", "10", "0.0", "30"] in rows
    told = json.loads(command("limit", "reset", "--json").out)
    assert told[0] == {
        "name": "box", "extension": "", "calls": 0, "most_calls": 1000, "minutes": 0.0, "most_minutes": 3000,
    }
    assert door.door.commits == 1
