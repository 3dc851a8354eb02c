"""Who may ask for what: every method and every role. A method that nobody decided on fails here."""

import pytest

from firmware.calls.leg import Purpose
from firmware.control.methods import Role
from firmware.users.by import By
from tests.firmware.control.door import call, leg
from tests.firmware.control.test_server import Peer, opened

# The least role for each
RIGHTS = {
    "agent.list": Role.VIEWER,
    "agent.login": Role.AGENT,
    "agent.logout": Role.AGENT,
    "agent.not_ready": Role.AGENT,
    "agent.ready": Role.AGENT,
    "alarm.acknowledge": Role.SUPERVISOR,
    "alarm.history": Role.SUPERVISOR,
    "alarm.list": Role.VIEWER,
    "backup.drop": Role.ADMIN,
    "backup.list": Role.ADMIN,
    "backup.make": Role.ADMIN,
    "backup.path": Role.ADMIN,
    "backup.restore": Role.ADMIN,
    "backup.schedule": Role.ADMIN,
    "backup.stage": Role.ADMIN,
    "backup.verify": Role.ADMIN,
    "ban.lift": Role.ADMIN,
    "ban.list": Role.SUPERVISOR,
    "call.choices": Role.AGENT,
    "call.disposition": Role.AGENT,
    "call.hang_up": Role.SUPERVISOR,
    "api.show": Role.VIEWER,
    "call.list": Role.AGENT,
    "call.live": Role.VIEWER,
    "call.note": Role.AGENT,
    "call.notes": Role.AGENT,
    "call.show": Role.AGENT,
    "candidate.commit": Role.ADMIN,
    "candidate.discard": Role.ADMIN,
    "candidate.get": Role.SUPERVISOR,
    "candidate.move": Role.ADMIN,
    "candidate.rebase": Role.ADMIN,
    "candidate.remove": Role.ADMIN,
    "candidate.review": Role.SUPERVISOR,
    "candidate.set": Role.ADMIN,
    "candidate.state": Role.SUPERVISOR,
    "candidate.take": Role.ADMIN,
    "certificate.acme": Role.ADMIN,
    "certificate.job": Role.ADMIN,
    "certificate.import": Role.ADMIN,
    "certificate.self_signed": Role.ADMIN,
    "certificate.show": Role.VIEWER,
    "config.check": Role.SUPERVISOR,
    "config.commit": Role.ADMIN,
    "config.compare": Role.SUPERVISOR,
    "config.confirm": Role.ADMIN,
    "config.differences": Role.SUPERVISOR,
    "config.export": Role.ADMIN,
    "config.get": Role.SUPERVISOR,
    "config.history": Role.SUPERVISOR,
    "config.import": Role.ADMIN,
    "config.outline": Role.VIEWER,
    "config.rollback": Role.ADMIN,
    "country.show": Role.VIEWER,
    "desk.complete": Role.AGENT,
    "desk.consult": Role.AGENT,
    "desk.dial": Role.AGENT,
    "desk.hang_up": Role.AGENT,
    "desk.flash": Role.AGENT,
    "desk.hold": Role.AGENT,
    "desk.reconnect": Role.AGENT,
    "desk.resume": Role.AGENT,
    "desk.show": Role.AGENT,
    "desk.swap": Role.AGENT,
    "desk.transfer": Role.AGENT,
    "extension.list": Role.VIEWER,
    "extension.secret": Role.ADMIN,
    "extension.waiting": Role.SUPERVISOR,
    "hold.lift": Role.ADMIN,
    "hold.list": Role.SUPERVISOR,
    "hold.place": Role.ADMIN,
    "extension.sheet": Role.SUPERVISOR,
    "limit.list": Role.SUPERVISOR,
    "limit.reset": Role.ADMIN,
    "line.accept_tone": Role.ADMIN,
    "line.forget_tone": Role.ADMIN,
    "line.learn": Role.ADMIN,
    "line.list": Role.VIEWER,
    "line.mail_report": Role.ADMIN,
    "line.report": Role.SUPERVISOR,
    "line.show": Role.SUPERVISOR,
    "line.stop_learning": Role.ADMIN,
    "line.test": Role.ADMIN,
    "line.trace": Role.SUPERVISOR,
    "live": Role.VIEWER,
    "mail.test": Role.ADMIN,
    "own.language": Role.NEWCOMER,
    "own.password": Role.NEWCOMER,
    "person.erase": Role.ADMIN,
    "person.show": Role.ADMIN,
    "profile.list": Role.VIEWER,
    "prompt.discard": Role.ADMIN,
    "prompt.draft": Role.ADMIN,
    "prompt.keep": Role.ADMIN,
    "prompt.list": Role.SUPERVISOR,
    "prompt.play": Role.ADMIN,
    "prompt.record": Role.ADMIN,
    "prompt.remove": Role.ADMIN,
    "prompt.sound": Role.SUPERVISOR,
    "prompt.speak": Role.ADMIN,
    "prompt.upload": Role.ADMIN,
    "queue.list": Role.VIEWER,
    "picture.show": Role.SUPERVISOR,
    "recording.open": Role.AGENT,
    "session.close": Role.NEWCOMER,
    "session.end": Role.NEWCOMER,
    "session.list": Role.NEWCOMER,
    "session.open": Role.NEWCOMER,
    "span.list": Role.VIEWER,
    "span.restart": Role.ADMIN,
    "span.trace": Role.SUPERVISOR,
    "span.test": Role.ADMIN,
    "span.stop_test": Role.ADMIN,
    "span.last_test": Role.SUPERVISOR,
    "status": Role.VIEWER,
    "token.create": Role.ADMIN,
    "token.list": Role.ADMIN,
    "token.revoke": Role.ADMIN,
    "user.add": Role.ADMIN,
    "user.audit": Role.ADMIN,
    "user.list": Role.ADMIN,
    "user.password": Role.ADMIN,
    "user.remove": Role.ADMIN,
    "user.role": Role.ADMIN,
    "user.set_up": Role.ADMIN,
    "webhook.add": Role.ADMIN,
    "webhook.change": Role.ADMIN,
    "webhook.dead": Role.ADMIN,
    "webhook.list": Role.ADMIN,
    "webhook.redeliver": Role.ADMIN,
    "webhook.remove": Role.ADMIN,
    "webhook.secret": Role.ADMIN,
    "webhook.test": Role.ADMIN,
}
# What the connection itself carries out
OF_THE_CONNECTION = {
    "session.lower": Role.NEWCOMER,
    "session.may": Role.NEWCOMER,
    "session.resume": Role.NEWCOMER,
    "subscribe": Role.VIEWER,
    "token.use": Role.NEWCOMER,
}
BY = By("test", "")
LONG = "correct horse battery"


async def signed_in(door, role):
    """Return a connection whose user has a role."""
    agent = "201" if role is Role.AGENT else ""
    wanted = "viewer" if role is Role.NEWCOMER else str(role)
    _, given = await door.users.add(f"a-{role}", wanted, "en", agent, BY)
    token, user = await door.users.sign_in(f"a-{role}", given, "192.0.2.1")
    if role is not Role.NEWCOMER:
        session, _ = door.users.resume(token, used=True)
        token = await door.users.choose_password(user.name, "", LONG, session.id, BY)
    peer = await Peer.of(door)
    resumed = await peer.ask("session.resume", token=token)
    assert resumed["result"]["user"]["name"] == f"a-{role}"
    return peer


async def test_every_method_is_decided_on():
    async with opened() as door:
        assert set(door.methods.names()) == set(RIGHTS)


@pytest.mark.parametrize("role", Role)
async def test_every_role_may_ask_for_what_it_should_and_for_nothing_else(role):
    async with opened() as door:
        peer = await signed_in(door, role)
        refused, allowed = set(), set()
        for name, least in RIGHTS.items():
            answer = await peer.ask("session.may", what=name)
            (refused if "error" in answer else allowed).add(name)
            if "error" in answer:
                assert answer["error"]["code"] == "not-allowed"
                assert answer["error"]["facts"] == {"needs": str(least)}
        assert allowed == {name for name, least in RIGHTS.items() if role >= least}
        assert refused == {name for name, least in RIGHTS.items() if role < least}


@pytest.mark.parametrize("role", Role)
async def test_what_may_not_be_asked_for_is_not_carried_out(role):
    async with opened() as door:
        peer = await signed_in(door, role)
        for name, least in (RIGHTS | OF_THE_CONNECTION).items():
            if name in ("session.close", "session.open"):
                continue  # the one ends this connection; the other is told in its own tests
            answer = await peer.ask(name, nonsense=1)  # who has the right to it is told that this is nonsense
            codes = {"bad-request"} if role >= least else {"not-allowed"}
            assert answer["error"]["code"] in codes, (name, answer)


async def test_an_agent_speaks_for_no_other_one():
    async with opened() as door:
        peer = await signed_in(door, Role.AGENT)
        assert (await peer.ask("agent.login", number="201"))["result"]["state"] == "ready"
        for name in ("agent.login", "agent.logout", "agent.ready", "agent.not_ready"):
            answer = await peer.ask(name, number="202")
            assert (answer["error"]["code"], answer["error"]["facts"]) == ("not-allowed", {"needs": "supervisor"})
        supervisor = await signed_in(door, Role.SUPERVISOR)
        assert "result" in await supervisor.ask("agent.login", number="202")


async def test_an_agent_sees_own_queues_and_own_calls_alone():
    async with opened() as door:
        door.calls["own"] = call(id="own", legs={"1": leg(Purpose.CALLER), "2": leg(Purpose.AGENT, agent="201")})
        door.calls["other"] = call(id="other", legs={"1": leg(Purpose.CALLER), "2": leg(Purpose.AGENT, agent="202")})
        agent, viewer = await signed_in(door, Role.AGENT), await signed_in(door, Role.VIEWER)
        for peer, seen in ((agent, ["own"]), (viewer, ["own", "other"])):
            assert [one["id"] for one in (await peer.ask("call.live"))["result"]] == seen
            assert [one["id"] for one in (await peer.ask("live"))["result"]["calls"]] == seen
        refused = await agent.ask("subscribe", topics=["live"])
        assert (refused["error"]["code"], refused["error"]["facts"]) == ("not-allowed", {"needs": "supervisor"})
        assert "result" in await viewer.ask("subscribe", topics=["live"])


async def test_rights_given_up_do_not_come_back_with_a_session():
    async with opened() as door:
        admin = await signed_in(door, Role.ADMIN)
        assert "result" in await admin.ask("user.list")
        token = await token_of(door, "a-admin")
        peer = await Peer.of(door)
        await peer.ask("session.lower", role="viewer")
        assert "result" in await peer.ask("session.resume", token=token)
        assert (await peer.ask("user.list"))["error"]["code"] == "not-allowed"
        assert (await peer.ask("session.lower", role="admin"))["error"]["code"] == "not-allowed"


async def test_a_connection_is_one_users_and_stays_it():
    async with opened() as door:
        await signed_in(door, Role.ADMIN)
        token = await token_of(door, "a-admin")
        peer = await signed_in(door, Role.VIEWER)
        answer = await peer.ask("session.resume", token=token)
        assert answer["error"]["code"] == "not-allowed"
        assert (await peer.ask("user.list"))["error"]["code"] == "not-allowed"


async def test_the_configurations_history_says_which_user_changed_it():
    async with opened() as door:
        peer = await signed_in(door, Role.ADMIN)
        config = (await peer.ask("config.export"))["result"]
        config["box"]["name"] = "Other"
        await peer.ask("config.import", config=config)
        assert door.configuration.revision.who == "a-admin"


async def token_of(door, name):
    token, _ = await door.users.sign_in(name, LONG, "192.0.2.1")
    return token
