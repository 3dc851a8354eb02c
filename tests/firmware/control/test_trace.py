"""`line.trace`: who may read what passes on a line, and follow it. That of a span is in test_span."""

from firmware.control.methods import Role
from tests.firmware.control.test_rights import signed_in
from tests.firmware.control.test_server import opened


async def test_a_supervisor_reads_what_passed_on_a_line_and_follows_it():
    async with opened() as door:
        supervisor, viewer = await signed_in(door, Role.SUPERVISOR), await signed_in(door, Role.VIEWER)
        told = (await supervisor.ask("line.trace", number=2))["result"]
        assert (told["number"], told["last"]) == (2, 4)
        assert [one["text"] for one in told["messages"]] == ["ring-on", "caller-id-fsk", "loop-closed", "ended"]
        newer = (await supervisor.ask("line.trace", number=2, after=3))["result"]["messages"]
        assert [(one["number"], one["cause"]) for one in newer] == [(4, 16)]
        assert (await viewer.ask("line.trace", number=2))["error"]["code"] == "not-allowed"
        assert (await supervisor.ask("line.trace", number=2, after=-1))["error"]["code"] == "bad-request"


async def test_a_line_that_is_not_there_is_refused_each_time_in_words_that_say_why():
    async with opened() as door:
        supervisor = await signed_in(door, Role.SUPERVISOR)
        missing = (await supervisor.ask("line.trace", number=9))["error"]
        assert (missing["code"], missing["message"]) == ("not-found", "there is no line 9; there are: 1, 2, 3, 4")
        door.gateway.lines[3] = "fault"
        for _ in range(2):
            refused = (await supervisor.ask("line.trace", number=3))["error"]
            assert (refused["code"], refused["message"]) == ("line-not-ready", "line 3 is not plugged in")
        door.gateway.lines[3] = "idle"
        assert (await supervisor.ask("line.trace", number=3))["result"]["last"] == 4
        door.gateway.connected = False
        away = (await supervisor.ask("line.trace", number=3))["error"]
        assert (away["code"], away["message"]) == (
            "unavailable", "the gateway is not there: nobody tells what passes at line:3"
        )
