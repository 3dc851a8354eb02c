"""`line.*`: who may look at a line, who may test it, and what they are told."""

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
