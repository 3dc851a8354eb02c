"""A line whose pair another telephone has: its battery is low, and nobody seizes it."""

from collections.abc import Iterator

import pytest

from drivers.alarms import Alarms
from drivers.boards.base import Battery
from drivers.boards.lines import Lines
from drivers.boards.state import LineState
from drivers.link.causes import NO_CIRCUIT_AVAILABLE, NON_SELECTED_USER_CLEARING
from drivers.link.errors import WrongState
from tests.drivers.boards.played import CALL, Exchange, PlayedLine
from tests.drivers.boards.test_line import Desk


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.loop.close()


def test_a_line_that_another_telephone_has_is_told_and_not_seized(desk: Desk) -> None:
    desk.battery(Battery.LOW)
    assert desk.line.status == "parallel"
    with pytest.raises(WrongState, match="line 1 is parallel; to dial it must be idle"):
        desk.line.dial(desk.exchange, "10086", CALL)
    with pytest.raises(WrongState, match="line 1 is parallel"):
        desk.line.seize(desk.exchange, CALL)
    assert not desk.wire.closed


def test_after_it_was_hung_up_the_office_sees_the_pair_on_hook_before_we_seize_it(desk: Desk) -> None:
    desk.battery(Battery.LOW)
    desk.battery(Battery.FULL)
    with pytest.raises(WrongState, match="guard"):
        desk.line.dial(desk.exchange, "10086", CALL)
    desk.wait(1.1)
    assert desk.exchange.statuses == ["parallel", "in_use", "idle"]
    desk.dial()


def test_what_is_seen_at_the_last_moment_counts(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def look() -> None:
        desk.battery(Battery.LOW)

    monkeypatch.setattr(desk.wire, "look", look)
    with pytest.raises(WrongState, match="parallel"):
        desk.line.dial(desk.exchange, "10086", CALL)
    assert not desk.wire.closed


def test_a_call_that_is_answered_there_ends_here_at_once(desk: Desk) -> None:
    desk.offer()
    desk.battery(Battery.LOW)
    assert desk.told[1:] == [("ended", NON_SELECTED_USER_CLEARING, True)]
    with pytest.raises(WrongState, match="parallel"):
        desk.line.answer(CALL)


def test_the_caller_of_a_call_answered_there_is_not_the_next_one(desk: Desk) -> None:
    desk.caller_id("13800138000\tWANG")  # announced before the ring
    desk.battery(Battery.LOW)
    desk.battery(Battery.FULL)
    desk.wait(10)
    desk.ring_once()
    desk.ring(True)
    assert desk.told == [("offered", "", "", False)]


def test_one_that_is_lifted_in_a_call_of_ours_changes_nothing_until_we_hang_up(desk: Desk) -> None:
    desk.answer()
    desk.battery(Battery.LOW)
    desk.wait(10)
    assert desk.told[1:] == []
    desk.hang_up()
    desk.wait(2)
    assert desk.line.status == "parallel"


def test_a_line_may_come_up_so_and_lose_its_battery_and_get_it_back_so(desk: Desk) -> None:
    wire = PlayedLine(1, 0)
    wire.battery = Battery.LOW
    line = Exchange()
    lines = Lines(line, Alarms(line.tell))

    async def up() -> None:
        lines.provision((1,))
        lines.line_up(wire)

    desk.loop.run_until_complete(up())
    assert lines.status() == {1: "parallel"}
    desk.battery(Battery.NONE)
    desk.battery(Battery.LOW)
    assert desk.exchange.statuses == ["fault", "parallel"]


def test_for_help_it_is_seized_and_the_number_dialled_only_if_there_is_dial_tone(desk: Desk) -> None:
    desk.battery(Battery.LOW)
    desk.line.dial(desk.exchange, "110", CALL, parallel=True)
    assert desk.wire.closed
    desk.wait(5.1)
    assert desk.told == [("ended", NO_CIRCUIT_AVAILABLE, True)]
    assert desk.leg.played == []
    desk.wait(2)
    assert desk.line.status == "parallel"
    desk.line.dial(desk.exchange, "110", CALL, parallel=True)
    desk.tone("dial")
    assert len(desk.leg.played) == 1


def test_a_ring_shows_that_the_voltage_was_none_of_a_telephone(desk: Desk) -> None:
    desk.battery(Battery.LOW)
    desk.ring_once()
    desk.ring(True)
    assert desk.told == [("offered", "", "", False)]
    assert desk.line.state is LineState.OFFERED
