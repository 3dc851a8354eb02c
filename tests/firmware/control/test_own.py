"""Signing in and out by the control socket, and what becomes of connections when a session ends."""

import asyncio
import json
import threading

import pytest

from firmware.control.methods import Role
from firmware.events import Event, Kind
from tests.firmware.control.test_rights import BY, LONG, signed_in
from tests.firmware.control.test_server import Peer, opened

HERE = "192.0.2.7"


async def newcomer(door, name="li", role="viewer"):
    """Return a connection as the web page has it, and the one-time password of a new user."""
    peer = await Peer.of(door)
    return peer, (await peer.ask("user.add", name=name, role=role))["result"]["password"]


async def test_a_new_user_signs_in_chooses_a_password_and_signs_out():
    async with opened() as door:
        peer, given = await newcomer(door)
        opening = (await peer.ask("session.open", name="li", password=given, address=HERE))["result"]
        assert (opening["user"]["name"], opening["user"]["password"]) == ("li", "given")
        first = await Peer.of(door)
        await first.ask("session.resume", token=opening["token"])
        assert (await first.ask("live"))["error"]["code"] == "not-allowed"
        assert (await first.ask("subscribe", topics=["live"]))["error"]["code"] == "not-allowed"
        token = (await first.ask("own.password", password=LONG))["result"]["token"]
        assert token != opening["token"]
        second = await Peer.of(door)
        assert (await second.ask("session.resume", token=opening["token"]))["error"]["code"] == "signed-out"
        await second.ask("session.resume", token=token)
        assert "result" in await second.ask("live")
        assert await second.ask("session.close") == {"id": 1, "result": None}
        third = await Peer.of(door)
        assert (await third.ask("session.resume", token=token))["error"]["code"] == "signed-out"


@pytest.mark.parametrize(
    ("name", "password"), [("li", "guess"), ("nobody", "guess"), ("", ""), ("li", ""), ("x" * 200, "y" * 200)]
)
async def test_a_wrong_sign_in_is_told_the_same_whatever_was_wrong(name, password):
    async with opened() as door:
        peer, _ = await newcomer(door)
        answer = await peer.ask("session.open", name=name, password=password, address=HERE)
        assert answer["error"] == {"code": "wrong-password", "message": "name or password is wrong"}


async def test_too_many_wrong_ones_must_wait_and_are_told_how_long():
    async with opened() as door:
        peer, _ = await newcomer(door)
        codes = []
        for _ in range(5):
            answer = await peer.ask("session.open", name="li", password="guess", address=HERE)
            codes.append(answer["error"]["code"])
        assert codes == ["wrong-password"] * 4 + ["too-many-tries"]
        assert answer["error"]["facts"] == {"wait_s": 2}


async def test_a_password_in_a_wrong_request_is_not_told_again():
    async with opened() as door:
        peer, _ = await newcomer(door)
        long = "hunter2" * 40
        for params in ({"name": "li", "password": long}, {"name": "li", "password": [long]}):
            answer = await peer.ask("session.open", **params)
            assert answer["error"]["code"] == "bad-request"
            assert "hunter2" not in json.dumps(answer)
        answer = await peer.ask("session.resume", token=long)
        assert "hunter2" not in json.dumps(answer)


async def test_a_connection_without_a_session_has_nobodys_own_things():
    async with opened() as door:
        peer = await Peer.of(door)
        for method, params in (
            ("session.close", {}),
            ("session.list", {}),
            ("session.end", {"id": "1"}),
            ("own.password", {"password": LONG}),
            ("own.language", {"language": "zh"}),
        ):
            answer = await peer.ask(method, **params)
            assert answer["error"]["code"] == "signed-out", method


async def test_ones_own_sessions_are_listed_and_ended_and_no_others():
    async with opened() as door:
        peer = await signed_in(door, Role.VIEWER)
        other = await signed_in(door, Role.ADMIN)
        await door.users.sign_in("a-viewer", LONG, HERE)
        mine = (await peer.ask("session.list"))["result"]
        assert [(one["address"], one["own"]) for one in mine] == [(HERE, False), ("192.0.2.1", True)]
        (others,) = (await other.ask("session.list"))["result"]
        assert (await peer.ask("session.end", id=others["id"]))["error"]["code"] == "not-found"
        assert (await peer.ask("session.end", id=mine[0]["id"]))["result"] is None
        assert len((await peer.ask("session.list"))["result"]) == 1
        assert "result" in await other.ask("session.list")


@pytest.mark.parametrize("act", ["user.remove", "user.role", "user.password", "session.end"])
async def test_a_connection_ends_with_its_session_and_hears_why(act):
    async with opened() as door:
        peer = await signed_in(door, Role.VIEWER)
        await peer.ask("subscribe", topics=["events"])
        boss = await signed_in(door, Role.ADMIN)
        if act == "session.end":
            (mine,) = door.users.sessions.of("a-viewer")
            await door.users.end_session(mine.id, BY)
        else:
            params = {"role": "supervisor"} if act == "user.role" else {}
            assert "result" in await boss.ask(act, name="a-viewer", **params)
        door.bus.publish(Event(1.0, Kind.DIGIT, "k-1", "1", {"digit": "5"}))  # no longer theirs to hear
        (last,) = await peer.end()
        assert (last["id"], last["error"]["code"]) == (None, "signed-out")
        assert "result" in await boss.ask("user.list")


async def test_who_ends_the_own_session_still_gets_the_answer():
    async with opened() as door:
        boss = await signed_in(door, Role.ADMIN)
        await (await Peer.of(door)).ask("user.add", name="other", role="admin")
        boss.say({"id": 7, "method": "user.role", "params": {"name": "a-admin", "role": "viewer"}})
        boss.say({"id": 8, "method": "user.remove", "params": {"name": "other"}})  # too late to be an admin
        answers = await boss.end()
        assert answers[0]["id"] == 7
        assert answers[0]["result"]["role"] == "viewer"
        assert answers[-1]["error"]["code"] == "signed-out"
        assert [answer for answer in answers if "result" in answer] == answers[:1]
        assert [user.name for user in door.users.all()] == ["a-admin", "other"]


async def test_an_agents_number_must_be_one_of_the_configuration():
    async with opened() as door:
        peer = await Peer.of(door)
        answer = await peer.ask("user.add", name="li", role="agent", agent="999")
        assert answer["error"]["problems"] == [
            {"path": "agent", "value": "999", "rule": "one of 201, 202, 203, 204 is right"}
        ]
        assert "result" in await peer.ask("user.add", name="li", role="agent", agent="201")


@pytest.mark.parametrize("name", ["", "a b", " a", "x" * 33, "a\u202eb", "a\x00", "a\nb", "\u200b", "\ud800", 7, None])
async def test_what_is_no_name_is_refused_with_what_would_be_right(name):
    async with opened() as door:
        answer = await (await Peer.of(door)).ask("user.add", name=name, role="viewer")
        assert answer["error"]["code"] == "bad-request"
        assert door.users.all() == []


async def test_the_audit_tells_admins_all_of_it():
    async with opened() as door:
        peer, given = await newcomer(door)
        await peer.ask("session.open", name="li", password="guess", address=HERE)
        await peer.ask("session.open", name="li", password=given, address=HERE)
        told = (await peer.ask("user.audit"))["result"]
        assert [(one["what"], one["user"], one["address"]) for one in told] == [
            ("session.opened", "li", HERE),
            ("session.refused", "li", HERE),
            ("user.added", "li", ""),
        ]
        assert told[-1]["by"] == told[-1]["by"].strip() != ""
        older = (await peer.ask("user.audit", before=told[0]["id"], limit=1))["result"]
        assert older == told[1:2]


async def test_calls_do_not_wait_while_a_password_is_compared():
    """The hash is made on a thread of its own: the loop answers others meanwhile."""
    async with opened() as door:
        peer, given = await newcomer(door)
        begun, go_on = asyncio.Event(), threading.Event()
        loop = asyncio.get_running_loop()

        def slow():
            loop.call_soon_threadsafe(begun.set)
            go_on.wait(10)

        door.working.submit(slow)
        await begun.wait()
        peer.say({"id": 1, "method": "session.open", "params": {"name": "li", "password": given}})
        other = await Peer.of(door)
        for _ in range(20):
            assert "result" in await other.ask("live")
        go_on.set()
        assert (await peer.hear())["result"]["user"]["name"] == "li"
