"""Which lines the box uses, whether configuration or board comes first."""

import pytest

from drivers.alarms import Alarms
from drivers.boards.lines import Lines
from drivers.link.errors import NoSuchChannel, WrongState
from tests.drivers.boards.played import CALL, Exchange, PlayedLine


async def test_a_line_is_used_when_it_is_both_configured_and_plugged_in() -> None:
    exchange = Exchange()
    lines = Lines(exchange, Alarms(exchange.tell))
    lines.provision((1, 2))
    assert lines.status() == {1: "fault", 2: "fault"}
    lines.line_up(PlayedLine(2, 0))
    lines.line_up(PlayedLine(3, 0))
    assert lines.status() == {1: "fault", 2: "idle"}
    assert exchange.statuses == ["idle"]
    lines.provision((2, 3))
    assert lines.status() == {2: "idle", 3: "idle"}
    assert lines.get(3).number == 3


async def test_a_line_that_cannot_be_dialled_on_is_named() -> None:
    lines = Lines(Exchange(), Alarms(Exchange().tell))
    lines.provision((1,))
    with pytest.raises(WrongState, match="line 1 is not plugged in"):
        lines.get(1)
    with pytest.raises(NoSuchChannel, match=r"line 4 is not configured; lines are \[1\]"):
        lines.get(4)


async def test_a_line_nobody_configured_may_ring_unheard() -> None:
    exchange = Exchange()
    lines = Lines(exchange, Alarms(exchange.tell))
    wire = PlayedLine(1, 0)
    lines.line_up(wire)
    for _ in range(2):
        wire.ringing = not wire.ringing
        lines.ring_changed(wire)
        lines.battery_changed(wire)
        lines.polarity_changed(wire)
    assert exchange.told == []


async def test_a_line_taken_out_of_the_configuration_ends_its_call_and_hangs_up() -> None:
    exchange = Exchange()
    lines = Lines(exchange, Alarms(exchange.tell))
    lines.provision((1,))
    wire = PlayedLine(1, 0)
    lines.line_up(wire)
    for ringing in (True, False, True):
        wire.ringing = ringing
        lines.ring_changed(wire)
    lines.get(1).answer(CALL)
    lines.provision(())
    assert exchange.told[-1][0] == "ended"
    assert not wire.closed
    assert exchange.slots[0].closed


async def test_a_line_that_is_unplugged_and_plugged_in_again_is_as_new() -> None:
    exchange = Exchange()
    lines = Lines(exchange, Alarms(exchange.tell))
    lines.provision((1,))
    old, new = PlayedLine(1, 0), PlayedLine(1, 0)
    lines.line_up(old)
    lines.line_down(old)
    assert lines.status() == {1: "fault"}
    lines.line_up(new)
    assert lines.status() == {1: "idle"}
    assert exchange.statuses == ["idle", "fault", "idle"]
