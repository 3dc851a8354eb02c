"""`span.*`: every channel as it is, who may restart one or read the signalling, and what they are told."""

from types import SimpleNamespace
from typing import Any

import msgspec

from drivers.link.messages import SpanState
from firmware.calls.leg import LegState
from firmware.config.spans import Group, Span
from firmware.control.methods import Role
from tests.firmware.control.test_rights import signed_in
from tests.firmware.control.test_server import opened

UP = SpanState(1, device="TE110", signalling="up", since_s=1000.0)


async def configure(door: Any) -> Any:
    """Have span 1 whose first channels are a carrier's, and span 2, which is not there; return an admin."""
    admin = await signed_in(door, Role.ADMIN)
    now = (await admin.ask("config.get"))["result"]
    spans, groups = [Span(1, "电信"), Span(2, clock=0)], [Group("e1", ["1:1-4", "2"])]
    config = now["config"] | msgspec.to_builtins({"spans": spans, "groups": groups})
    answer = await admin.ask("config.commit", config=config, base=now["revision"]["number"])
    assert "result" in answer, answer
    return admin


def leg(state: LegState) -> SimpleNamespace:
    return SimpleNamespace(state=state, call=SimpleNamespace(id="k-1"))


async def test_each_channel_is_shown_with_its_group_its_state_and_its_call():
    async with opened() as door:
        await configure(door)
        door.gateway.spans = (
            msgspec.structs.replace(UP, calls={1: "c-1", 2: "c-2", 3: "unheard-of"}),
            SpanState(2, there=False, wrong="span 2 is not there; spans are [1]"),
        )
        door.gateway.legs = {"c-1": leg(LegState.RINGING), "c-2": leg(LegState.ANSWERED)}
        viewer = await signed_in(door, Role.VIEWER)
        one, two = (await viewer.ask("span.list"))["result"]
        assert (one["number"], one["name"], one["state"], one["device"]) == (1, "电信", "up", "TE110")
        assert [(slot["state"], slot["group"], slot["call"]) for slot in one["slots"][:5]] == [
            ("ringing", "e1", "k-1"), ("in_use", "e1", "k-1"), ("in_use", "e1", ""), ("idle", "e1", ""),
            ("unused", "", ""),
        ]  # fmt: skip
        assert [slot["slot"] for slot in one["slots"]] == list(range(1, 32))
        assert one["slots"][15]["state"] == "signalling"
        assert (two["state"], two["wrong"]) == ("absent", "span 2 is not there; spans are [1]")
        assert {slot["state"] for slot in two["slots"]} == {"out", "signalling"}
        assert (await viewer.ask("live"))["result"]["spans"] == [one, two]


async def test_a_span_is_down_at_alarm_or_unused_in_that_order_of_what_to_see_to_first():
    async with opened() as door:
        viewer = await signed_in(door, Role.VIEWER)

        async def state(told: SpanState) -> str:
            door.gateway.spans = (told,)
            return (await viewer.ask("span.list"))["result"][0]["state"]

        assert await state(UP) == "unused"
        await configure(door)
        assert await state(msgspec.structs.replace(UP, signalling="down")) == "down"
        assert await state(msgspec.structs.replace(UP, signalling="down", alarms=("red",))) == "alarm"
        assert await state(msgspec.structs.replace(UP, alarms=("recovering",))) == "up"
        assert await state(msgspec.structs.replace(UP, signalling="", wrong="span 1 is being set up")) == "absent"
        door.gateway.spans = ()
        assert [one["state"] for one in (await viewer.ask("span.list"))["result"]] == ["unknown", "unknown"]


async def test_an_admin_restarts_a_channel_and_it_is_in_the_audit():
    async with opened() as door:
        admin, supervisor = await configure(door), await signed_in(door, Role.SUPERVISOR)
        door.gateway.spans = (UP,)
        done = (await admin.ask("span.restart", number=1, slot=3))["result"]
        assert done == {"number": 1, "slot": 3, "answered": True}
        assert ("span.restarted", "a-admin", "1:3") in [(one.what, one.by, one.detail) for one in door.audit.entries]
        assert (await supervisor.ask("span.restart", number=1, slot=3))["error"]["code"] == "not-allowed"
        assert (await admin.ask("span.restart", number=1, slot=32))["error"]["code"] == "bad-request"
        missing = (await admin.ask("span.restart", number=7, slot=1))["error"]
        assert (missing["code"], missing["message"]) == ("not-found", "there is no span 7; there are: 1, 2")
        door.gateway.spans = (msgspec.structs.replace(UP, signalling="down"),)
        refused = (await admin.ask("span.restart", number=1, slot=3))["error"]
        assert (refused["code"], refused["message"]) == ("span-not-ready", "span 1: the D-channel is down")
        assert len([one for one in door.audit.entries if one.what == "span.restarted"]) == 1


async def test_a_supervisor_reads_the_signalling_and_follows_it():
    async with opened() as door:
        door.gateway.spans = (UP,)
        supervisor, viewer = await signed_in(door, Role.SUPERVISOR), await signed_in(door, Role.VIEWER)
        told = (await supervisor.ask("span.trace", number=1))["result"]
        assert [one["text"] for one in told["messages"]] == ["SABME", "SETUP", "DISCONNECT"]
        assert told["last"] == 3
        newer = (await supervisor.ask("span.trace", number=1, after=2))["result"]["messages"]
        assert [one["number"] for one in newer] == [3]
        begun_anew = (await supervisor.ask("span.trace", number=1, after=90))["result"]["messages"]
        assert [one["number"] for one in begun_anew] == [1, 2, 3]
        assert (await viewer.ask("span.trace", number=1))["error"]["code"] == "not-allowed"
        assert (await supervisor.ask("span.trace", number=9))["error"]["code"] == "not-found"


async def test_a_trace_that_is_refused_is_told_each_time():
    async with opened() as door:
        supervisor = await signed_in(door, Role.SUPERVISOR)
        for _ in range(2):
            assert (await supervisor.ask("span.trace", number=1))["error"]["code"] == "span-not-ready"
        door.gateway.spans = (UP,)
        assert (await supervisor.ask("span.trace", number=1))["result"]["last"] == 3


async def test_without_a_gateway_nothing_is_said_to_a_span():
    async with opened() as door:
        door.gateway.connected = False
        admin = await signed_in(door, Role.ADMIN)
        assert (await admin.ask("span.trace", number=1))["error"]["code"] == "unavailable"
        assert (await admin.ask("span.restart", number=1, slot=1))["error"]["code"] == "unavailable"


async def test_an_admin_begins_a_test_and_what_comes_back_is_told_while_it_goes_and_after():
    async with opened() as door:
        admin, supervisor = await configure(door), await signed_in(door, Role.SUPERVISOR)
        door.gateway.spans = (msgspec.structs.replace(UP, signalling="down"),)
        assert (await supervisor.ask("span.last_test", number=1))["result"] == {"number": 1, "test": None}
        begun = (await admin.ask("span.test", number=1, seconds=20))["result"]
        assert (begun["state"], begun["by"], begun["slot"], begun["seconds"]) == ("running", "a-admin", 0, 20)
        assert ("span.tested", "a-admin", "1") in [(one.what, one.by, one.detail) for one in door.audit.entries]
        door.end_span_test()
        test = (await supervisor.ask("span.last_test", number=1))["result"]["test"]
        assert (test["state"], test["verdict"], test["bits"], test["errors"]) == ("done", "errors", 1280000, 64)
        assert test["ratio"] == 64 / 1280000
        assert [one["errored_s"] for one in test["channels"]] == [0, 3]


async def test_a_test_is_stopped_and_the_span_it_is_on_is_the_last_that_was():
    async with opened() as door:
        admin, supervisor = await configure(door), await signed_in(door, Role.SUPERVISOR)
        door.gateway.spans = (UP,)
        await admin.ask("span.test", number=1, slot=3)
        assert (await supervisor.ask("span.stop_test", number=1))["error"]["code"] == "not-allowed"
        assert (await admin.ask("span.stop_test", number=1))["result"] is None
        assert (await admin.ask("span.last_test", number=1))["result"]["test"]["state"] == "stopped"


async def test_what_cannot_be_tested_is_refused_with_a_code_of_its_own():
    async with opened() as door:
        admin, supervisor = await configure(door), await signed_in(door, Role.SUPERVISOR)

        async def refused(told: SpanState, **how: Any) -> tuple[str, dict[str, Any]]:
            door.gateway.spans = (told,)
            error = (await admin.ask("span.test", **({"number": 1} | how)))["error"]
            return error["code"], error.get("facts", {})

        down = msgspec.structs.replace(UP, signalling="down")
        assert (await refused(UP))[0] == "span-is-up"
        calls = {"channels": "3, 4", "span": 1, "slot": 0}
        assert await refused(msgspec.structs.replace(down, calls={4: "", 3: ""})) == ("span-has-calls", calls)
        assert (await refused(msgspec.structs.replace(UP, calls={3: ""}), slot=3))[0] == "span-has-calls"
        assert (await refused(msgspec.structs.replace(UP, calls={3: ""}), local=True))[0] == "span-has-calls"
        assert (await refused(msgspec.structs.replace(down, alarms=("red",))))[0] == "span-without-signal"
        assert (await refused(msgspec.structs.replace(down, testing=(1,))))[0] == "span-under-test"
        assert (await refused(down, number=7))[0] == "not-found"
        assert (await refused(down, seconds=0))[0] == "bad-request"
        assert (await refused(down, slot=32))[0] == "bad-request"
        assert (await supervisor.ask("span.test", number=1))["error"]["code"] == "not-allowed"
        door.gateway.connected = False
        assert (await refused(down))[0] == "unavailable"


async def test_a_channel_that_is_tested_is_shown_so():
    async with opened() as door:
        admin = await configure(door)
        door.gateway.spans = (msgspec.structs.replace(UP, testing=(2,)),)
        slots = (await admin.ask("span.list"))["result"][0]["slots"]
        assert [slot["state"] for slot in slots[:3]] == ["idle", "testing", "idle"]
