"""A token's connection: the rights of the token, and the end of it all when it is revoked."""

from tests.firmware.control.test_server import Peer, opened


async def created(door, **wanted):
    owner = await Peer.of(door)
    answer = await owner.ask("token.create", **{"name": "crm", "role": "viewer"} | wanted)
    return owner, answer["result"]["secret"]


async def shown(door, secret):
    peer = await Peer.of(door)
    answer = await peer.ask("token.use", token=secret, address="198.51.100.9")
    return peer, answer


async def test_a_token_gives_its_role_and_no_more():
    async with opened() as door:
        _, secret = await created(door, role="supervisor")
        peer, answer = await shown(door, secret)
        assert (answer["result"]["name"], answer["result"]["role"]) == ("crm", "supervisor")
        assert "result" in await peer.ask("call.list")
        assert (await peer.ask("token.list"))["error"]["facts"] == {"needs": "admin"}


async def test_a_connection_that_gave_up_rights_gets_none_back_by_a_token():
    async with opened() as door:
        _, secret = await created(door, role="admin")
        peer = await Peer.of(door)
        await peer.ask("session.lower", role="viewer")
        assert "result" in await peer.ask("token.use", token=secret)
        assert (await peer.ask("token.list"))["error"]["code"] == "not-allowed"


async def test_a_connection_is_one_tokens_and_stays_it():
    async with opened() as door:
        owner, viewer = await created(door)
        admin = (await owner.ask("token.create", name="all", role="admin"))["result"]["secret"]
        peer, _ = await shown(door, viewer)
        assert (await peer.ask("token.use", token=admin))["error"]["code"] == "not-allowed"
        assert (await peer.ask("session.resume", token="x"))["error"]["code"] == "not-allowed"
        assert (await peer.ask("token.list"))["error"]["code"] == "not-allowed"


async def test_a_token_is_no_session_and_has_no_password_to_change():
    async with opened() as door:
        _, secret = await created(door, role="admin")
        peer, _ = await shown(door, secret)
        for ask in (peer.ask("own.password", password="correct horse battery"), peer.ask("session.list")):
            assert (await ask)["error"]["code"] == "signed-out"
        assert (await (await Peer.of(door)).ask("session.resume", token=secret))["error"]["code"] == "signed-out"


async def test_who_watches_with_a_token_is_cut_off_when_it_is_revoked():
    async with opened() as door:
        owner, secret = await created(door)
        peer, _ = await shown(door, secret)
        await peer.ask("subscribe", topics=["events"])
        await owner.ask("token.revoke", name="crm")
        (last,) = await peer.end()
        assert last["error"]["code"] == "signed-out"
        _, answer = await shown(door, secret)
        assert answer["error"]["code"] == "signed-out"


async def test_an_agents_token_speaks_for_that_agent_alone():
    async with opened() as door:
        owner, secret = await created(door, role="agent", agent="201")
        peer, _ = await shown(door, secret)
        assert (await peer.ask("agent.login", number="201"))["result"]["state"] == "ready"
        assert (await peer.ask("agent.login", number="202"))["error"]["code"] == "not-allowed"
        every = (await owner.ask("token.create", name="any", role="agent"))["result"]["secret"]
        peer, _ = await shown(door, every)
        assert (await peer.ask("agent.login", number="202"))["result"]["state"] == "ready"


async def test_what_is_wrong_with_a_new_token_is_told_by_its_name():
    async with opened() as door:
        owner = await Peer.of(door)
        for wanted, path in (
            ({"name": "a b"}, "name"), ({"role": "king"}, "role"), ({"agent": "201"}, "agent"),
            ({"role": "agent", "agent": "999"}, "agent"), ({"expires_days": 0}, "expires_days"),
        ):  # fmt: skip
            answer = await owner.ask("token.create", **{"name": "crm", "role": "viewer"} | wanted)
            assert [problem["path"] for problem in answer["error"]["problems"]] == [path], answer
        assert (await owner.ask("token.list"))["result"] == []


async def test_what_a_token_does_is_in_the_history_by_its_name():
    async with opened() as door:
        _, secret = await created(door, role="admin")
        peer, _ = await shown(door, secret)
        await peer.ask("user.add", name="li", role="viewer")
        entry = next(entry for entry in door.audit.entries if entry.what == "user.added")
        assert (entry.by, entry.address) == ("token crm", "198.51.100.9")
