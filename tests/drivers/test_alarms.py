"""The gateway's alarms, on a clock that runs as fast as the code."""

import asyncio

import pytest

from drivers.alarms import Alarms
from drivers.boards.base import Battery, Line
from drivers.boards.lines import Lines
from drivers.link.messages import AlarmName, Wrong
from firmware.clock import VirtualLoop
from tests.drivers.boards.played import Exchange, PlayedLine

CUT = Wrong("no-voltage")


class Said:
    """Alarms, and what they told."""

    def __init__(self, loop):
        self.loop = loop
        self.told, self.names = [], []
        self.alarms = Alarms(self._tell)

    def _tell(self, kind, *, name, subject, raised, wrong):
        self.told.append((subject, raised))
        self.names.append(name)

    def say(self, wrong, subject="line:1"):
        self.do(self.alarms.say, AlarmName.NO_BATTERY, subject, wrong)

    def do(self, act, *arguments):
        self.loop.call_soon(act, *arguments)
        self.loop.advance(0.01)


@pytest.fixture
def loop():
    loop = VirtualLoop()
    asyncio.set_event_loop(loop)
    yield loop
    asyncio.set_event_loop(None)
    loop.close()


@pytest.fixture
def said(loop):
    return Said(loop)


def test_what_lasts_is_told_within_seconds_and_over_by_itself(said):
    said.say(CUT)
    said.loop.advance(4)
    assert said.told == []
    said.loop.advance(2)
    assert said.told == [("line:1", True)]
    said.say(None)
    said.loop.advance(10)
    assert said.told == [("line:1", True), ("line:1", False)]


def test_a_short_break_is_told_to_nobody(said):
    for _ in range(20):
        said.say(CUT)
        said.loop.advance(3)
        said.say(None)
        said.loop.advance(1)
    said.loop.advance(60)
    assert said.told == []


def test_what_comes_and_goes_while_it_is_raised_is_one_alarm(said):
    said.say(CUT)
    said.loop.advance(10)
    for _ in range(20):
        said.say(None)
        said.loop.advance(1)
        said.say(CUT)
        said.loop.advance(3)
    assert said.told == [("line:1", True)]


def test_saying_it_again_does_not_put_it_off(said):
    for _ in range(7):
        said.say(CUT)
        said.loop.advance(1)
    assert said.told == [("line:1", True)]


def test_what_is_forgotten_is_over_at_once(said):
    said.say(CUT)
    said.loop.advance(10)
    said.do(said.alarms.forget, AlarmName.NO_BATTERY, "line:1")
    assert said.told == [("line:1", True), ("line:1", False)]
    said.say(CUT, "line:2")
    said.do(said.alarms.forget, AlarmName.NO_BATTERY, "line:2")
    said.loop.advance(10)
    assert len(said.told) == 2


# ---- lines and boards


@pytest.fixture
def wires():
    return {number: PlayedLine(number, 0) for number in (1, 2)}


@pytest.fixture
def lines(loop, said, wires):
    async def make():
        lines = Lines(Exchange(), said.alarms)
        lines.provision((1, 2))
        lines.board_changed("sim", None)
        for wire in wires.values():
            lines.line_up(wire)
        return lines

    return loop.run_until_complete(make())


def cut(said, lines, line: Line, battery=Battery.NONE):
    line.battery = battery
    said.do(lines.battery_changed, line)


def test_a_line_without_battery_is_told_and_over_when_it_is_plugged_in_again(said, lines, wires):
    line = wires[1]
    cut(said, lines, line)
    said.loop.advance(10)
    assert said.told == [("line:1", True)]
    cut(said, lines, line, battery=Battery.FULL)
    said.loop.advance(10)
    assert said.told == [("line:1", True), ("line:1", False)]


def test_a_line_that_is_configured_no_longer_is_no_alarm(said, lines, wires):
    cut(said, lines, wires[1])
    said.loop.advance(10)
    said.do(lines.provision, (2,))
    assert said.told == [("line:1", True), ("line:1", False)]


def test_a_board_that_is_lost_is_one_alarm_not_one_for_each_line(said, lines, wires):
    line = wires[1]
    cut(said, lines, line)
    said.loop.advance(10)
    said.do(lines.line_down, line)
    said.do(lines.board_changed, "sim", Wrong("no-office"))
    said.loop.advance(10)
    assert said.told == [("line:1", True), ("line:1", False), ("sim", True)]
    said.do(lines.board_changed, "sim", None)
    said.loop.advance(10)
    assert said.told[-1] == ("sim", False)


def test_another_telephone_that_has_a_line_for_an_hour_is_told_and_no_dead_line(said, lines, wires):
    cut(said, lines, wires[1], Battery.LOW)
    said.loop.advance(3500)
    assert said.told == []
    said.loop.advance(200)
    assert said.told == [("line:1", True)]
    cut(said, lines, wires[1], Battery.FULL)
    said.loop.advance(10)
    assert said.told[1:] == [("line:1", False)]
    assert said.names == [AlarmName.LEFT_OFF_HOOK] * 2
