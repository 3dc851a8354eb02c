"""Calls on record, as each role may ask for them."""

import msgspec
import pytest

from firmware.control.methods import Role
from tests.fakes.past import CALL
from tests.firmware.control.test_rights import signed_in
from tests.firmware.control.test_server import opened

OTHERS = msgspec.structs.replace(
    CALL, call_id="k-1", agent="202", number="01062345678", e164="+861062345678", recordings=(), segments=(),
    started_s=CALL.started_s + 7200,
)  # fmt: skip


def ids(answer):
    return [call["call_id"] for call in answer["result"]["calls"]]


async def test_supervisors_see_all_calls_and_agents_those_in_which_they_talked():
    async with opened() as door:
        door.records.add(OTHERS)
        assert ids(await (await signed_in(door, Role.SUPERVISOR)).ask("call.list")) == ["k-1", "k-0"]
        agent = await signed_in(door, Role.AGENT)  # who is 201
        answer = await agent.ask("call.list")
        assert (ids(answer), answer["result"]["total"]) == (["k-0"], 1)
        for which in ({"agent": "202"}, {"number": "62345678"}, {"outcome": "answered"}, {"queue": "service"}):
            assert "k-1" not in ids(await agent.ask("call.list", which=which))
        assert (await agent.ask("call.show", id="k-0"))["result"]["call"]["agent"] == "201"
        for id in ("k-1", "no-such-call"):
            refused = (await agent.ask("call.show", id=id))["error"]
            assert (refused["code"], refused["facts"]) == ("not-allowed", {"needs": "supervisor"})


@pytest.mark.parametrize(("role", "told"), [(Role.AGENT, 0), (Role.SUPERVISOR, 0), (Role.ADMIN, 1)])
async def test_a_calls_events_in_which_keys_pressed_are_told_to_admins_alone(role, told):
    async with opened() as door:
        detail = (await (await signed_in(door, role)).ask("call.show", id="k-0"))["result"]
        assert (len(detail["events"]), len(detail["call"]["segments"])) == (told, 3)


@pytest.mark.parametrize("written", ["+86 10 6234-5678", "010-62345678", "0086 10 6234 5678", "62345678", "2345"])
async def test_a_number_is_found_in_any_form(written):
    async with opened() as door:
        door.records.add(OTHERS)
        peer = await signed_in(door, Role.ADMIN)
        await peer.ask("config.import", config=beijing((await peer.ask("config.export"))["result"]))
        assert ids(await peer.ask("call.list", which={"number": written})) == ["k-1"]


def beijing(config):
    config["box"] |= {"country": "CN", "area_code": "10"}
    return config


async def test_an_hour_of_the_day_is_that_of_the_boxs_wall_within_times_that_are_given():
    async with opened() as door:
        door.records.add(OTHERS)  # two hours after the other, which was at 0:00 in Shanghai
        peer = await signed_in(door, Role.SUPERVISOR)
        day = {"from_s": CALL.started_s - 86400, "until_s": CALL.started_s + 86400}
        assert ids(await peer.ask("call.list", which=day | {"hour": 2})) == ["k-1"]
        assert ids(await peer.ask("call.list", which=day | {"hour": 0})) == ["k-0"]
        assert ids(await peer.ask("call.list", which=day | {"hour": 3})) == []
        for wrong in ({"hour": 2}, day | {"hour": 2, "until_s": CALL.started_s + 40 * 86400}, day | {"hour": 24}):
            assert (await peer.ask("call.list", which=wrong))["error"]["code"] == "bad-request"


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"sort": "cause"}, "sort"),
        ({"limit": 501}, "limit"),
        ({"which": {"recorded": "perhaps"}}, "which.recorded"),
        ({"which": {"from_s": -1}}, "which.from_s"),
        ({"which": {"colour": "red"}}, "which.colour"),
    ],
)
async def test_what_cannot_be_asked_is_named(params, field):
    async with opened() as door:
        answer = await (await signed_in(door, Role.SUPERVISOR)).ask("call.list", **params)
        assert [problem["path"] for problem in answer["error"]["problems"]] == [field]


async def test_pages_are_asked_for_forward_and_back():
    async with opened() as door:
        door.records.add(OTHERS)
        peer = await signed_in(door, Role.SUPERVISOR)
        first = await peer.ask("call.list", limit=1, sort="number", down=False)
        second = await peer.ask("call.list", limit=1, sort="number", down=False, after=first["result"]["next"])
        again = await peer.ask("call.list", limit=1, sort="number", down=False, before=second["result"]["previous"])
        assert [ids(one) for one in (first, second, again)] == [["k-1"], ["k-0"], ["k-1"]]
        assert (await peer.ask("call.list", after="gone"))["error"]["code"] == "not-found"
