"""The test of a line, its wire and samples played by hand: what wants the line ends it, and loses nothing by it."""

import asyncio
from collections.abc import Iterator
from typing import Literal

import numpy as np
import pytest

from drivers.alarms import Alarms
from drivers.boards.base import Battery
from drivers.boards.lines import Lines
from drivers.boards.returnloss import NOISE
from drivers.boards.state import LineState
from drivers.link.causes import NO_CIRCUIT_AVAILABLE
from drivers.link.errors import WrongState
from drivers.link.messages import LineFinding
from firmware.clock import VirtualLoop
from tests import audio
from tests.drivers.boards.played import CALL, EAR, Exchange, PlayedLeg, PlayedLine
from tests.native.signals import as_bytes

TEST = 2  # the token of a test's leg: the line's own is the first


def tone(hertz: float, level_dbm0: float = -12.0) -> bytes:
    """Return a second of a tone."""
    return as_bytes(audio.amplitude(level_dbm0) * np.sin(2 * np.pi * hertz * np.arange(8000) / 8000))


def noise(level_dbm0: float) -> bytes:
    """Return a second of white noise."""
    return as_bytes(np.random.default_rng(5).normal(0, audio.amplitude(level_dbm0) / 2**0.5, 8000))


class Desk:
    """Line 1 among the box's lines, and time that passes at will."""

    def __init__(self) -> None:
        self.loop = VirtualLoop()
        self.exchange = Exchange()
        self.wire = PlayedLine(1, 0)
        self.lines = self.loop.run_until_complete(self._make())
        self.line = self.lines.get(1)
        self.told = self.exchange.told

    async def _make(self) -> Lines:
        lines = Lines(self.exchange, Alarms(self.exchange.tell))
        lines.provision((1,))
        lines.line_up(self.wire)
        return lines

    def begin(self) -> None:
        """Begin a test, and let it come to where it seizes the line."""

        async def order() -> None:
            self.lines.test(1, "t1")

        self.loop.run_until_complete(order())

    def wait(self, seconds: float) -> None:
        self.loop.run_until_complete(asyncio.sleep(seconds))

    def ring(self, on: bool) -> None:
        self.wire.ringing = on
        self.line.ring_changed()

    @property
    def leg(self) -> PlayedLeg:
        return self.exchange.legs[TEST]

    def seized(self) -> None:
        """Begin, and wait until the line is off-hook."""
        self.begin()
        self.wait(0.6)
        assert self.wire.closed

    def hear_dial_tone(self, sound: bytes) -> None:
        """Let the office give dial tone from now on."""
        self.leg.sound = sound
        self.wait(0.9)
        self.exchange.hear(TEST, "tone", "dial")

    @property
    def result(self) -> tuple[str, dict[str, LineFinding]]:
        """Outcome and findings of the test, by name."""
        ((_, command, line, outcome, findings),) = [told for told in self.told if told[0] == "linetested"]
        assert (command, line) == ("t1", 1)
        return outcome, {finding.name: finding for finding in findings}


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.wait(30)
    assert [task.exception() for task in desk.exchange.tasks] == [None] * len(desk.exchange.tasks)
    assert len([told for told in desk.told if told[0] == "linetested"]) <= 1
    desk.loop.close()


def test_a_good_line_is_told_with_its_figures_and_let_go(desk: Desk) -> None:
    desk.seized()
    assert desk.exchange.statuses[-1] == "testing"
    desk.wait(0.3)
    desk.hear_dial_tone(tone(450))
    desk.wait(0.5)
    ((keys, _),) = desk.leg.played
    assert keys == desk.exchange.sounds.keys("1")
    desk.leg.sound = noise(-62)
    desk.wait(2.2)
    assert desk.leg.played[1:] == [([NOISE], 0)]
    desk.leg.sound = noise(-33)
    desk.wait(1.7)
    outcome, found = desk.result
    assert outcome == "done"
    assert {name: finding.verdict for name, finding in found.items()} == dict.fromkeys(
        ("battery", "dial_tone", "dial_tone_level", "dial_tone_frequency", "dtmf", "noise", "echo_return_loss"), "good"
    )
    assert found["dial_tone"].figure == pytest.approx(0.4, abs=0.11)
    assert found["dial_tone_level"].figure == pytest.approx(-12, abs=0.2)
    assert found["dial_tone_frequency"].figure == pytest.approx(450, abs=1)
    assert found["noise"].figure == pytest.approx(-62, abs=0.5)
    assert found["echo_return_loss"].figure == pytest.approx(20, abs=0.5)
    assert not desk.wire.closed
    desk.wait(1.1)
    assert desk.line.state is LineState.IDLE
    assert not desk.exchange.legs[EAR].closed


@pytest.mark.parametrize(
    ("sound", "reason", "frequency"),
    [(noise(-66), "silent", None), (noise(-25), "noise", None), (tone(330), "other-tone", 330)],
)
def test_a_line_without_its_dial_tone_is_told_with_what_is_there_instead(
    desk: Desk, sound: bytes, reason: str, frequency: float | None
) -> None:
    desk.seized()
    desk.leg.sound = sound
    desk.wait(4.8)
    assert desk.wire.closed
    desk.wait(0.4)
    outcome, found = desk.result
    assert outcome == "done"
    assert (found["dial_tone"].verdict, found["dial_tone"].reason) == ("bad", reason)
    assert ("dial_tone_frequency" in found) == (frequency is not None)
    if frequency:
        assert found["dial_tone_frequency"].figure == pytest.approx(frequency, abs=1)
    else:
        assert found["noise"].verdict == ("good" if reason == "silent" else "bad")
    assert not desk.wire.closed


def test_a_dial_tone_that_a_key_does_not_break_is_told(desk: Desk) -> None:
    desk.seized()
    desk.hear_dial_tone(tone(450))
    desk.wait(3)
    _, found = desk.result
    assert (found["dtmf"].verdict, found["dtmf"].reason) == ("bad", "tone-stays")
    assert found["noise"].verdict == "unknown"


@pytest.mark.parametrize(("level", "reason"), [(-35.0, "weak"), (-1.0, "loud")])
def test_a_dial_tone_too_weak_or_too_loud_is_poor(desk: Desk, level: float, reason: str) -> None:
    desk.seized()
    desk.hear_dial_tone(tone(450, level))
    desk.wait(3)
    _, found = desk.result
    assert (found["dial_tone_level"].verdict, found["dial_tone_level"].reason) == ("poor", reason)


def test_a_late_dial_tone_is_poor(desk: Desk) -> None:
    desk.seized()
    desk.wait(3.5)
    desk.hear_dial_tone(tone(450))
    desk.wait(3)
    _, found = desk.result
    assert (found["dial_tone"].verdict, found["dial_tone"].reason) == ("poor", "late")


@pytest.mark.parametrize(
    ("caller_id", "hangup", "reasons"),
    [
        ("keys", "reversal", {"caller_id": "otherwise-keys", "hangup": "otherwise-reversal"}),
        ("fsk", "break", {"caller_id": "", "hangup": ""}),
        ("", "", {}),
    ],
)
def test_what_the_office_was_seen_to_do_is_told_beside_what_its_country_does(
    desk: Desk, caller_id: Literal["", "fsk", "keys"], hangup: Literal["", "reversal", "break"], reasons: dict[str, str]
) -> None:
    desk.exchange.sounds.set_country("GB")
    desk.line.habits.caller_id, desk.line.habits.hangup = caller_id, hangup
    desk.seized()
    desk.wait(6)
    outcome, found = desk.result
    assert outcome == "done"
    told = {name: found[name] for name in ("caller_id", "hangup") if name in found}
    assert {name: finding.reason for name, finding in told.items()} == reasons
    assert all(finding.verdict == "good" for finding in told.values())


def test_a_line_in_use_is_never_tested(desk: Desk) -> None:
    desk.line.dial(desk.exchange, "10086", CALL)
    with pytest.raises(WrongState, match="line 1 is seized; to test it must be idle"):
        desk.begin()
    assert desk.told == []


def test_a_line_is_tested_once_at_a_time(desk: Desk) -> None:
    desk.begin()
    with pytest.raises(WrongState, match="line 1 is being tested already"):
        desk.begin()
    desk.wait(9)
    assert desk.result[0] == "done"


def test_a_line_that_has_just_hung_up_is_tested_a_second_later(desk: Desk) -> None:
    desk.line.dial(desk.exchange, "10086", CALL)
    desk.line.hang_up()
    desk.exchange.close_leg()
    desk.begin()
    desk.wait(1.4)
    assert (desk.line.state, desk.wire.closed) == ("guard", False)
    desk.wait(9)
    assert desk.result[0] == "done"


def test_a_line_without_battery_is_told_at_once_and_not_seized(desk: Desk) -> None:
    desk.wire.battery = Battery.NONE
    desk.line.battery_changed()
    desk.begin()
    outcome, found = desk.result
    assert (outcome, [*found], found["battery"].verdict) == ("done", ["battery"], "bad")
    assert not desk.wire.closed


def test_a_battery_that_goes_during_the_test_is_what_it_found(desk: Desk) -> None:
    desk.seized()
    desk.wire.battery = Battery.NONE
    desk.line.battery_changed()
    outcome, found = desk.result
    assert (outcome, [*found], found["battery"].verdict) == ("done", ["battery"], "bad")
    desk.wait(0.5)
    assert not desk.wire.closed


@pytest.mark.parametrize("after_s", [None, 0.3])
def test_a_line_that_another_telephone_has_is_not_tested_and_not_at_fault(desk: Desk, after_s: float | None) -> None:
    desk.wire.battery = Battery.LOW
    if after_s is None:
        desk.line.battery_changed()
    desk.begin()
    if after_s is not None:
        desk.wait(after_s)
        desk.line.battery_changed()
        desk.wait(0.5)
    assert desk.result == ("parallel", {})
    assert not desk.wire.closed


@pytest.mark.parametrize("announced", ["ring", "key"])
def test_a_call_that_is_announced_before_the_line_is_seized_rings_as_ever(desk: Desk, announced: str) -> None:
    desk.begin()
    desk.wait(0.2)
    if announced == "ring":
        desk.ring(True)
    else:
        desk.exchange.hear(EAR, "digit", "D")
    desk.wait(1)
    assert desk.result == ("in", {})
    assert not desk.wire.closed
    desk.exchange.hear(EAR, "caller_id", "13800138000\t")
    if announced == "key":
        desk.ring(True)
    assert [told for told in desk.told if told[0] == "offered"] == [("offered", "13800138000", "", False)]


def test_a_call_that_meets_the_seizure_is_offered_and_can_be_answered(desk: Desk) -> None:
    desk.seized()
    desk.ring(True)
    assert desk.result == ("in", {})
    assert desk.told[-1] == ("offered", "", "", False)
    assert desk.wire.closed
    assert desk.line.status == "ringing"
    desk.ring(False)
    leg = desk.line.answer(CALL)
    assert desk.line.state is LineState.TALKING
    assert not leg.closed
    desk.line.hang_up()
    desk.exchange.close_leg()
    desk.wait(0.5)
    assert not desk.wire.closed


def test_a_call_that_meets_the_seizure_and_is_not_answered_is_let_go(desk: Desk) -> None:
    desk.seized()
    desk.ring(True)
    desk.wait(7)
    assert desk.told[-1][0] == "ended"
    assert not desk.wire.closed


def test_a_call_that_is_to_go_out_before_the_line_is_seized_goes_at_once(desk: Desk) -> None:
    desk.begin()
    desk.wait(0.2)
    assert desk.line.dial(desk.exchange, "10086", CALL) is not None
    desk.wait(0.5)
    assert desk.result == ("out", {})
    assert desk.line.state is LineState.SEIZED


def test_a_call_that_is_to_go_out_ends_the_test_and_goes_when_the_office_has_seen_the_line_on_hook(desk: Desk) -> None:
    desk.seized()
    desk.hear_dial_tone(tone(450))
    assert desk.line.dial(desk.exchange, "10086", CALL) is None
    assert desk.result == ("out", {})
    assert not desk.wire.closed
    desk.wait(0.9)
    assert not desk.wire.closed
    desk.wait(0.2)
    assert desk.told[-1] == ("seized", CALL)
    assert (desk.wire.closed, desk.line.state) == (True, LineState.SEIZED)


def test_who_hangs_up_while_a_test_gives_way_is_not_dialled_for(desk: Desk) -> None:
    desk.seized()
    desk.line.dial(desk.exchange, "10086", CALL)
    desk.line.hang_up()
    desk.wait(3)
    assert ("seized", CALL) not in desk.told
    assert desk.line.state is LineState.IDLE


def test_a_call_that_comes_in_while_one_waits_to_go_out_has_the_line(desk: Desk) -> None:
    desk.seized()
    desk.line.dial(desk.exchange, "10086", CALL)
    desk.wait(0.6)
    desk.ring(True)
    assert desk.told[-1] == ("ended", NO_CIRCUIT_AVAILABLE, False)
    assert desk.line.state is LineState.RINGING


def test_a_line_that_goes_while_it_is_tested_is_told(desk: Desk) -> None:
    desk.seized()
    desk.lines.line_down(desk.wire)
    assert desk.result == ("gone", {})
