"""`line.*`: who may look at a line, who may test it, and what they are told."""

from drivers.link.messages import LineLearning, ToneLearnt
from firmware.config.configuration import exported
from firmware.control.methods import Role
from tests.fakes.line_tests import CUT
from tests.firmware.control.test_rights import signed_in
from tests.firmware.control.test_server import opened


async def test_an_admin_tests_a_line_and_all_see_what_was_found():
    async with opened() as door:
        admin = await signed_in(door, Role.ADMIN)
        commits = door.commits
        tested = (await admin.ask("line.test", number=2))["result"]
        assert (tested["line"], tested["by"], tested["outcome"], tested["verdict"]) == (2, "a-admin", "done", "good")
        assert [finding["name"] for finding in tested["findings"]][:2] == ["battery", "dial_tone"]
        assert door.commits == commits + 1
        viewer = await signed_in(door, Role.VIEWER)
        line = (await viewer.ask("line.list"))["result"][1]
        assert (line["verdict"], line["tested_s"]) == ("good", tested["at_s"])
        assert ("line.tested", "line:2", "a-admin", "good") in [
            (entry.what, entry.user, entry.by, entry.detail) for entry in door.audit.entries
        ]


async def test_a_supervisor_looks_at_the_tests_of_a_line_newest_first():
    async with opened() as door:
        admin, supervisor = await signed_in(door, Role.ADMIN), await signed_in(door, Role.SUPERVISOR)
        await admin.ask("line.test", number=2)
        door.found = CUT
        await admin.ask("line.test", number=2)
        shown = (await supervisor.ask("line.show", number=2))["result"]
        assert (shown["line"]["number"], shown["line"]["state"]) == (2, "idle")
        assert [test["verdict"] for test in shown["tests"]] == ["bad", "good"]
        assert len((await supervisor.ask("line.show", number=2, limit=1))["result"]["tests"]) == 1
        assert (await supervisor.ask("line.test", number=2))["error"]["code"] == "not-allowed"


async def test_a_line_that_talks_or_is_not_there_is_refused():
    async with opened() as door:
        admin = await signed_in(door, Role.ADMIN)
        refused = (await admin.ask("line.test", number=1))["error"]
        assert (refused["code"], refused["message"]) == ("line-busy", "line 1 is talking; to test it must be idle")
        for method in ("line.test", "line.show"):
            assert (await admin.ask(method, number=77))["error"]["code"] == "not-found"
        wrong = (await admin.ask("line.test", number=0))["error"]
        assert (wrong["code"], wrong["problems"][0]["path"]) == ("bad-request", "number")


async def test_without_a_gateway_nothing_is_tested():
    async with opened() as door:
        door.gateway.connected = False
        admin = await signed_in(door, Role.ADMIN)
        assert (await admin.ask("line.test", number=2))["error"]["code"] == "unavailable"


LEARNT = {"outcome": "learnt", "tone": "620/180,0/420", "levels": (-14, -60), "spectrum": (-60, -14)}


def tell_learnt(door, line=2, **told):
    """Be a gateway that has learnt, or has not."""
    door.learning.ended(ToneLearnt(1, door.clock.wall_s(), "", line, **({**LEARNT} | told)))


async def test_a_busy_tone_is_learnt_step_by_step_and_in_force_once_it_is_accepted():
    async with opened() as door:
        admin = await signed_in(door, Role.ADMIN)
        begun = (await admin.ask("line.learn", number=2))["result"]
        assert (begun["state"], begun["by"], begun["number"]) == ("waiting", "a-admin", "")
        assert (await admin.ask("line.accept_tone", number=2))["error"]["code"] == "refused"
        door.learning.step(LineLearning(1, door.clock.wall_s(), "", 2, "listening", "tone"))
        shown = (await admin.ask("line.show", number=2))["result"]
        assert (shown["learning"]["state"], shown["learning"]["heard"]) == ("listening", "tone")
        assert shown["line"]["busy_tone"] == ""
        assert (await admin.ask("line.list"))["result"][1]["learning"] == "listening:tone"
        tell_learnt(door)
        shown = (await admin.ask("line.show", number=2))["result"]
        assert (shown["learning"]["tone"], shown["learning"]["levels"]) == ("620/180,0/420", [-14, -60])
        assert door.configuration.config.lines[1].busy_tone == ""
        before = door.configuration.revision.number
        kept = (await admin.ask("line.accept_tone", number=2))["result"]
        assert kept == {"line": 2, "busy_tone": "620/180,0/420", "revision": before + 1}
        assert door.configuration.config.lines[1].busy_tone == "620/180,0/420"
        assert (door.configuration.revision.who, door.configuration.revision.why) == (
            "a-admin", "busy tone of line 2 learnt"
        )
        assert (await admin.ask("line.accept_tone", number=2))["result"]["revision"] == before + 1
        forgotten = (await admin.ask("line.forget_tone", number=2))["result"]
        assert (forgotten["busy_tone"], door.configuration.config.lines[1].busy_tone) == ("", "")
        assert ("line.learn", "line:2", "a-admin", "") in [
            (entry.what, entry.user, entry.by, entry.detail) for entry in door.audit.entries
        ]


async def test_what_was_not_learnt_is_not_accepted_and_says_why():
    async with opened() as door:
        admin = await signed_in(door, Role.ADMIN)
        await admin.ask("line.learn", number=3, dial="10086")
        tell_learnt(door, 3, outcome="failed", reason="music", tone="")
        shown = (await admin.ask("line.show", number=3))["result"]["learning"]
        assert (shown["state"], shown["reason"], shown["number"]) == ("failed", "music", "10086")
        assert (await admin.ask("line.accept_tone", number=3))["error"]["code"] == "refused"


async def test_a_line_in_use_does_not_learn_and_learning_is_stopped_or_ends_with_the_gateway():
    async with opened() as door:
        admin = await signed_in(door, Role.ADMIN)
        assert (await admin.ask("line.learn", number=1))["error"]["code"] == "line-busy"
        assert (await admin.ask("line.learn", number=77))["error"]["code"] == "not-found"
        assert (await admin.ask("line.learn", number=2, dial="12a"))["error"]["code"] == "bad-request"
        await admin.ask("line.learn", number=2)
        await admin.ask("line.stop_learning", number=2)
        assert (await admin.ask("line.show", number=2))["result"]["learning"]["state"] == "stopped"
        await admin.ask("line.learn", number=3)
        for anew in door.gateway.on_anew:
            anew(None)
        ended = (await admin.ask("line.show", number=3))["result"]["learning"]
        assert (ended["state"], ended["reason"]) == ("failed", "gone")


async def test_a_line_that_is_never_answered_is_told_of_and_learns_by_a_call_out_alone():
    lines = [{"number": 1}, {"number": 2, "never_answer": True}]
    async with opened() as door:
        admin = await signed_in(door, Role.ADMIN)
        document = exported(door.configuration.config, secrets=True) | {"lines": lines}
        await door.configuration.replace(document, who="test", why="a test")
        shown = (await admin.ask("line.list"))["result"]
        assert [line["never_answer"] for line in shown] == [False, True]
        assert (await admin.ask("line.learn", number=2))["error"]["code"] == "never-answered"
        assert "result" in await admin.ask("line.learn", number=2, dial="10086")
