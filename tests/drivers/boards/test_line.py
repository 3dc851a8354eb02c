"""A telephone line's calls, told by ring, loop and what was heard; the board and the media core are played by hand."""

import asyncio
from collections.abc import Iterator

import pytest

from drivers.boards.base import Battery, Polarity
from drivers.boards.line import TelephoneLine
from drivers.boards.state import LineState
from drivers.link.causes import (
    DESTINATION_OUT_OF_ORDER,
    NETWORK_OUT_OF_ORDER,
    NO_CIRCUIT_AVAILABLE,
    NO_USER_RESPONDING,
    NORMAL_CLEARING,
    SEND_SPECIAL_INFORMATION_TONE,
    SWITCHING_EQUIPMENT_CONGESTION,
    TEMPORARY_FAILURE,
    USER_BUSY,
)
from drivers.link.errors import WrongState
from drivers.link.messages import LineSetup
from firmware.clock import VirtualLoop
from tests.drivers.boards.played import CALL, EAR, Exchange, PlayedLeg, PlayedLine


class Desk:
    """A line, its exchange, and time that passes at will."""

    def __init__(self) -> None:
        self.loop = VirtualLoop()
        self.exchange = Exchange()
        self.wire = PlayedLine(1, 0)
        self.line = self.loop.run_until_complete(self._make())
        self.told = self.exchange.told
        self.exchange._receivers[CALL] = lambda happening: self.line.heard(happening)

    async def _make(self) -> TelephoneLine:
        return TelephoneLine(self.exchange, self.wire)

    def hang_up(self) -> None:
        """Hang up as a channel does: the line first, then the leg, all before anything else happens."""
        self.line.hang_up()
        self.exchange.close_leg()

    def wait(self, seconds: float) -> None:
        self.loop.run_until_complete(asyncio.sleep(seconds))

    def ring(self, on: bool) -> None:
        self.wire.ringing = on
        self.line.ring_changed()

    def ring_once(self) -> None:
        """One burst, and its pause."""
        self.ring(True)
        self.wait(1)
        self.ring(False)
        self.wait(4)

    def caller_id(self, value: str, number: int = 0) -> None:
        self.exchange.hear(EAR, "caller_id", value, number)

    def tone(self, name: str) -> None:
        self.exchange.hear(CALL, "tone", name)

    def polarity(self, polarity: Polarity) -> None:
        self.wire.polarity = polarity
        self.line.polarity_changed()

    def battery(self, battery: Battery) -> None:
        self.wire.battery = battery
        self.line.battery_changed()

    @property
    def ear(self) -> PlayedLeg:
        return self.exchange.legs[EAR]

    @property
    def leg(self) -> PlayedLeg:
        return self.exchange.legs[CALL]

    def offer(self) -> None:
        self.ring(True)
        self.wait(1)
        self.ring(False)
        self.wait(1)
        self.caller_id("13800138000\tWANG")

    def answer(self) -> None:
        self.offer()
        self.line.answer(CALL)

    def dial(self, number: str = "10086") -> None:
        """Dial, as far as the last digit."""
        self.line.dial(self.exchange, number, CALL)
        self.wait(1)
        self.tone("dial")
        self.wait(1)
        self.exchange.hear(CALL, "finished", "played", 0)

    def sounds(self, *sounds: tuple[float, float]) -> None:
        """Let the far end sound so: seconds and level."""
        for duration_s, level in sounds:
            self.leg.level = level
            self.wait(duration_s)

    def ringback(self) -> None:
        """One burst, and the part of its pause after which the media core knows it."""
        self.sounds((0.6, -60), (1.0, -12), (0.8, -60))
        self.tone("ringback")


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.loop.close()


# ---- calls that come in


def test_an_idle_line_is_always_listened_to_for_caller_id(desk: Desk) -> None:
    assert desk.ear.caller_id
    assert desk.line.status == "idle"


def test_a_call_is_offered_when_its_number_has_come(desk: Desk) -> None:
    desk.ring(True)
    desk.wait(1)
    desk.ring(False)
    desk.wait(1.5)
    assert desk.told == []
    desk.caller_id("13800138000\tWANG")
    assert desk.told == [("offered", "13800138000", "WANG", False)]
    assert desk.exchange.statuses == ["ringing"]


def test_without_a_number_it_is_offered_at_the_second_ring(desk: Desk) -> None:
    desk.ring_once()
    assert desk.told == []
    desk.ring(True)
    assert desk.told == [("offered", "", "", False)]


def test_a_number_that_came_before_the_ring_is_offered_with_the_first(desk: Desk) -> None:
    desk.caller_id("02087654321\t")
    assert desk.told == []
    assert desk.line.status == "ringing"  # nobody should dial on it now
    desk.wait(0.5)
    desk.ring(True)
    assert desk.told == [("offered", "02087654321", "", False)]


@pytest.mark.parametrize(("key_before_s", "kind"), [(None, "fsk"), (3.0, "fsk"), (0.0, "keys"), (0.3, "keys")])
def test_the_kind_of_a_caller_id_is_known_by_the_keys_before_it(
    desk: Desk, key_before_s: float | None, kind: str
) -> None:
    if key_before_s is not None:
        desk.exchange.hear(EAR, "digit", "C")
        desk.wait(key_before_s)
    desk.caller_id("02087654321\t")
    assert desk.line.habits.caller_id == kind


def test_a_withheld_number_is_offered_as_such(desk: Desk) -> None:
    desk.ring(True)
    desk.wait(1)
    desk.ring(False)
    desk.caller_id("\t", number=1)
    assert desk.told == [("offered", "", "", True)]


def test_keys_heard_long_before_a_ring_are_nobodys_number(desk: Desk) -> None:
    desk.caller_id("02087654321\t")
    desk.wait(30)
    assert desk.line.status == "idle"
    desk.ring_once()
    desk.ring(True)
    assert desk.told == [("offered", "", "", False)]


def test_answering_closes_the_loop_and_listens_for_keys_and_for_the_end(desk: Desk) -> None:
    desk.answer()
    assert desk.wire.closed
    assert desk.line.status == "in_use"
    assert desk.leg.digits
    assert desk.leg.listening == {"busy", "congestion", "fax"}
    assert desk.ear.closed


def test_a_caller_who_gives_up_is_missed_when_no_ring_comes_any_more(desk: Desk) -> None:
    desk.offer()
    desk.wait(3)
    desk.ring_once()
    desk.wait(1)
    assert desk.told[1:] == []
    desk.wait(1.5)
    assert desk.told[1:] == [("ended", NORMAL_CLEARING, True)]
    assert desk.line.status == "idle"


def test_a_single_ring_is_nobody(desk: Desk) -> None:
    desk.ring_once()
    desk.wait(3)
    assert desk.told == []
    assert desk.exchange.statuses == ["ringing", "idle"]


@pytest.mark.parametrize("tone", ["busy", "congestion"])
def test_busy_tone_is_how_a_caller_hangs_up(desk: Desk, tone: str) -> None:
    desk.answer()
    desk.wait(20)
    desk.tone(tone)
    assert desk.told[1:] == [("ended", NORMAL_CLEARING, True)]
    assert not desk.wire.closed


def test_hanging_up_opens_the_loop_and_the_line_is_free_a_second_later(desk: Desk) -> None:
    desk.answer()
    desk.wait(10)
    desk.hang_up()
    assert not desk.wire.closed
    desk.wait(0.1)
    assert desk.ear.caller_id
    assert not desk.ear.closed
    with pytest.raises(WrongState, match="guard"):
        desk.line.dial(desk.exchange, "1", CALL)
    desk.wait(1.1)
    desk.line.dial(desk.exchange, "1", CALL)
    assert desk.told[1:] == []  # who hangs up need not be told


def test_a_loop_just_closed_stays_so_for_half_a_second_or_the_office_would_not_have_seen_it(desk: Desk) -> None:
    desk.answer()
    desk.hang_up()
    desk.wait(0.45)
    assert desk.wire.closed
    desk.wait(0.1)
    assert not desk.wire.closed
    desk.wait(0.8)
    with pytest.raises(WrongState, match="guard"):
        desk.line.dial(desk.exchange, "1", CALL)
    desk.wait(0.3)
    assert desk.line.status == "idle"


def test_a_refused_call_rings_on_and_is_not_offered_again(desk: Desk) -> None:
    desk.offer()
    desk.hang_up()
    for _ in range(4):
        desk.ring_once()
    assert len(desk.told) == 1
    assert desk.line.status == "ringing"
    assert not desk.wire.closed
    desk.wait(3)
    assert desk.line.status == "idle"


def test_another_number_during_the_ring_is_another_call(desk: Desk) -> None:
    desk.offer()
    desk.wait(2.5)
    desk.caller_id("02087654321\t")
    assert desk.told[1:] == [("ended", NORMAL_CLEARING, True), ("offered", "02087654321", "", False)]
    desk.line.answer(CALL)
    assert desk.line.status == "in_use"


def test_a_call_that_follows_at_once_is_offered_with_its_own_number(desk: Desk) -> None:
    desk.answer()
    desk.wait(10)
    desk.hang_up()
    desk.wait(0.2)
    desk.caller_id("02087654321\t")
    desk.wait(0.3)
    desk.ring(True)
    assert desk.told[1:] == [("offered", "02087654321", "", False)]


def test_a_call_can_be_answered_once_and_only_while_it_is_offered(desk: Desk) -> None:
    with pytest.raises(WrongState, match="line 1 is idle"):
        desk.line.answer(CALL)
    desk.answer()
    with pytest.raises(WrongState, match="line 1 is talking"):
        desk.line.answer(CALL)


# ---- calls that go out


def test_dialling_waits_for_dial_tone_then_sends_the_keys(desk: Desk) -> None:
    desk.line.dial(desk.exchange, "10086", CALL)
    assert desk.wire.closed
    assert desk.leg.listening >= {"dial"}
    desk.wait(2)
    assert desk.leg.played == []
    desk.tone("dial")
    ((keys, play_id),) = desk.leg.played
    assert (len(keys), play_id) == (10, 0)  # five keys, five pauses
    assert not desk.leg.digits


def test_without_dial_tone_the_line_cannot_be_used(desk: Desk) -> None:
    desk.line.dial(desk.exchange, "10086", CALL)
    desk.wait(5.1)
    assert desk.told == [("ended", NO_CIRCUIT_AVAILABLE, True)]
    assert not desk.wire.closed


def test_a_line_that_rings_or_is_about_to_is_not_seized(desk: Desk) -> None:
    desk.caller_id("02087654321\t")
    with pytest.raises(WrongState, match="announced"):
        desk.line.dial(desk.exchange, "10086", CALL)
    desk.ring(True)
    with pytest.raises(WrongState, match="rings"):
        desk.line.dial(desk.exchange, "10086", CALL)
    assert not desk.wire.closed


def test_a_reversal_announces_a_caller_and_the_line_is_not_seized_until_the_ring_must_have_come(desk: Desk) -> None:
    desk.polarity(Polarity.REVERSED)
    desk.wait(2.8)
    with pytest.raises(WrongState, match="announced"):
        desk.line.dial(desk.exchange, "10086", CALL)
    desk.wait(0.3)
    desk.dial()
    assert desk.wire.closed


def test_a_call_announced_by_a_reversal_goes_on_when_the_polarity_comes_back_with_the_answer(desk: Desk) -> None:
    desk.line.setup = LineSetup(1, reversal=True)
    desk.polarity(Polarity.REVERSED)
    desk.wait(1)
    desk.caller_id("02087654321\t")
    desk.ring(True)
    desk.line.answer(CALL)
    desk.ring(False)
    desk.wait(0.1)
    desk.polarity(Polarity.NORMAL)
    desk.wait(30)
    assert desk.told == [("offered", "02087654321", "", False)]
    desk.hang_up()
    desk.wait(2)
    desk.polarity(Polarity.REVERSED)  # and the next one is known by it as well
    with pytest.raises(WrongState, match="announced"):
        desk.line.dial(desk.exchange, "10086", CALL)


def request(desk: Desk, bursts: int = 2) -> None:
    """Let the office ask, as Japan's do, whether anybody takes caller id: half a second of ring, and as much pause."""
    for _ in range(bursts - 1):
        desk.ring(True)
        desk.wait(0.5)
        desk.ring(False)
        desk.wait(0.5)
    desk.ring(True)


def test_caller_id_that_must_be_asked_for_is_taken_off_hook_and_the_call_is_offered_as_it_rings(desk: Desk) -> None:
    desk.exchange.sounds.set_country("JP")
    desk.polarity(Polarity.REVERSED)
    request(desk)
    assert (desk.wire.closed, desk.line.status, desk.told) == (True, "ringing", [])
    desk.ring(False)  # it is tripped
    desk.wait(0.8)
    desk.caller_id("0312345678\t")
    assert (desk.wire.closed, desk.told, desk.ear.closed) == (False, [], False)
    with pytest.raises(WrongState, match="announced"):
        desk.line.dial(desk.exchange, "10086", CALL)
    desk.wait(0.5)
    desk.ring(True)
    assert desk.told == [("offered", "0312345678", "", False)]
    desk.line.answer(CALL)
    assert desk.line.state is LineState.TALKING
    assert desk.wire.closed


def test_where_nothing_is_told_to_who_asks_it_goes_on_hook_in_time_and_the_call_rings(desk: Desk) -> None:
    desk.exchange.sounds.set_country("JP")
    request(desk)
    desk.ring(False)
    desk.wait(2.4)
    assert desk.wire.closed
    desk.wait(0.2)
    assert (desk.wire.closed, desk.line.status) == (False, "ringing")
    desk.ring(True)
    assert desk.told == [("offered", "", "", False)]


@pytest.mark.parametrize(("country", "setup", "bursts"), [
    ("CN", LineSetup(1), ((0.5, 0.5),)), ("JP", LineSetup(1, never_answer=True), ((0.5, 0.5),)),
    ("JP", LineSetup(1), ((1.0, 2.0),)), ("JP", LineSetup(1), ((0.5, 2.0),)), ("JP", LineSetup(1), ((0.1, 0.1),)),
    ("JP", LineSetup(1), ((1.0, 0.5),)),
])  # fmt: skip
def test_a_ring_that_does_not_ask_or_is_not_for_us_is_not_answered(
    desk: Desk, country: str, setup: LineSetup, bursts: tuple[tuple[float, float], ...]
) -> None:
    desk.exchange.sounds.set_country(country)
    desk.line.setup = setup
    for on_s, off_s in bursts:
        desk.ring(True)
        desk.wait(on_s)
        desk.ring(False)
        desk.wait(off_s)
    desk.ring(True)
    assert (desk.wire.closed, desk.told) == (False, [("offered", "", "", False)])


def test_a_battery_that_goes_while_caller_id_is_taken_is_a_fault_and_the_line_listens_again(desk: Desk) -> None:
    desk.exchange.sounds.set_country("JP")
    request(desk)
    desk.ring(False)
    desk.battery(Battery.NONE)
    assert (desk.line.status, desk.told) == ("fault", [])
    desk.wait(1)
    assert not desk.wire.closed
    desk.battery(Battery.FULL)
    desk.wait(2)
    desk.caller_id("0312345678\t")
    desk.ring(True)
    assert desk.told == [("offered", "0312345678", "", False)]


def test_a_number_that_is_not_told_is_noted_until_the_next_is(desk: Desk) -> None:
    desk.ring_once()
    desk.ring(True)
    assert (desk.told, desk.line.habits.caller_id) == ([("offered", "", "", False)], "none")
    desk.ring(False)
    desk.wait(7)
    desk.caller_id("", 1)
    desk.ring(True)
    assert (desk.told[-1], desk.line.habits.caller_id) == (("offered", "", "", True), "fsk")


def test_ringback_then_speech_is_ringing_then_an_answer_that_is_assumed(desk: Desk) -> None:
    desk.dial()
    desk.ringback()
    desk.sounds((3.2, -60), (1.0, -12), (1.5, -60))
    assert desk.told == [("ringing",)]
    desk.sounds((0.7, -20), (0.3, -60), (0.9, -20), (0.5, -60))
    assert desk.told == [("ringing",), ("answered", True)]
    assert desk.leg.digits


def test_reversed_polarity_is_an_answer_that_is_certain(desk: Desk) -> None:
    desk.dial()
    desk.ringback()
    desk.polarity(Polarity.REVERSED)
    assert desk.told == [("ringing",), ("answered", False)]
    desk.wait(30)
    desk.polarity(Polarity.NORMAL)
    assert desk.told[2:] == [("ended", NORMAL_CLEARING, True)]


def test_a_pair_connected_the_other_way_round_tells_answer_and_hangup_as_well(desk: Desk) -> None:
    desk.polarity(Polarity.REVERSED)
    desk.wait(4)
    desk.dial()
    desk.polarity(Polarity.NORMAL)
    assert desk.told == [("answered", False)]
    desk.polarity(Polarity.REVERSED)
    assert desk.told[1:] == [("ended", NORMAL_CLEARING, True)]


def test_where_the_carrier_reverses_nothing_else_is_taken_for_an_answer(desk: Desk) -> None:
    desk.line.setup = LineSetup(1, reversal=True)
    desk.dial()
    desk.ringback()
    desk.sounds((3.2, -60), (1.0, -12), (3.0, -20), (0.3, -60), (0.9, -20))
    assert desk.told == [("ringing",)]
    desk.polarity(Polarity.REVERSED)
    assert desk.told[1:] == [("answered", False)]


@pytest.mark.parametrize(("reversal", "ends"), [(True, [("ended", NORMAL_CLEARING, True)]), (False, [])])
def test_a_call_that_came_in_ends_by_a_reversal_only_where_the_carrier_gives_it(
    desk: Desk, reversal: bool, ends: list[object]
) -> None:
    desk.line.setup = LineSetup(1, reversal=reversal)
    desk.answer()
    desk.wait(0.1)
    desk.polarity(Polarity.REVERSED)  # the office's answer to ours
    desk.wait(20)
    assert desk.told[1:] == []
    desk.polarity(Polarity.NORMAL)
    assert desk.told[1:] == ends
    assert desk.line.habits.hangup == ("reversal" if ends else "")


@pytest.mark.parametrize(
    ("tone", "cause"),
    [
        ("busy", USER_BUSY),
        ("congestion", SWITCHING_EQUIPMENT_CONGESTION),
        ("dial", TEMPORARY_FAILURE),
        ("information", SEND_SPECIAL_INFORMATION_TONE),
        ("information (E.180)", SEND_SPECIAL_INFORMATION_TONE),
    ],
)
def test_tones_tell_why_a_call_fails(desk: Desk, tone: str, cause: int) -> None:
    desk.dial()
    desk.wait(1)
    desk.tone(tone)
    assert desk.told == [("ended", cause, True)]
    assert not desk.wire.closed


def test_silence_after_the_last_digit_ends_in_no_user_responding(desk: Desk) -> None:
    desk.dial()
    desk.wait(21)
    assert desk.told == [("ended", NO_USER_RESPONDING, True)]


def test_hanging_up_while_it_rings_ends_it_quietly(desk: Desk) -> None:
    desk.dial()
    desk.ringback()
    desk.hang_up()
    desk.wait(30)
    assert desk.told == [("ringing",)]
    assert desk.line.status == "idle"


# ---- faults


def test_lost_battery_is_a_fault_and_comes_back(desk: Desk) -> None:
    desk.battery(Battery.NONE)
    assert desk.line.status == "fault"
    with pytest.raises(WrongState, match="fault"):
        desk.line.dial(desk.exchange, "10086", CALL)
    desk.battery(Battery.FULL)
    assert desk.line.status == "idle"
    assert desk.exchange.statuses == ["fault", "idle"]


def test_a_short_break_of_the_battery_ends_a_call_and_is_no_fault(desk: Desk) -> None:
    desk.answer()
    desk.wait(10)
    desk.battery(Battery.NONE)
    desk.wait(0.25)
    assert desk.told[1:] == [("ended", NORMAL_CLEARING, True)]
    assert desk.line.habits.hangup == "break"
    assert not desk.wire.closed
    desk.wait(0.7)
    desk.battery(Battery.FULL)
    desk.wait(10)
    assert desk.exchange.statuses == ["ringing", "in_use", "idle"]


def test_a_click_of_the_battery_ends_nothing(desk: Desk) -> None:
    desk.answer()
    for _ in range(5):
        desk.battery(Battery.NONE)
        desk.wait(0.15)
        desk.battery(Battery.FULL)
        desk.wait(0.15)
    assert desk.told[1:] == []
    assert desk.wire.closed


def test_a_break_after_our_own_hangup_is_no_fault(desk: Desk) -> None:
    desk.answer()
    desk.wait(10)
    desk.hang_up()
    desk.battery(Battery.NONE)
    desk.wait(0.4)
    desk.battery(Battery.FULL)
    desk.wait(2)
    assert desk.exchange.statuses == ["ringing", "in_use", "idle"]


def test_a_battery_that_stays_away_ends_a_call_and_then_is_a_fault(desk: Desk) -> None:
    desk.answer()
    desk.wait(10)
    desk.battery(Battery.NONE)
    desk.wait(1.5)
    assert desk.told[1:] == [("ended", NORMAL_CLEARING, True)]
    assert desk.line.status == "fault"
    desk.battery(Battery.FULL)
    assert desk.line.status == "idle"


def test_a_break_that_the_board_measured_ends_a_call_at_once(desk: Desk) -> None:
    desk.line.loop_broken()
    assert desk.told == []
    desk.answer()
    desk.line.loop_broken()
    assert desk.told[1:] == [("ended", NORMAL_CLEARING, True)]


def test_a_break_before_the_answer_ends_a_call_out_as_out_of_order(desk: Desk) -> None:
    desk.dial()
    desk.battery(Battery.NONE)
    desk.wait(0.3)
    desk.battery(Battery.FULL)
    assert desk.told == [("ended", DESTINATION_OUT_OF_ORDER, True)]
    desk.wait(2)
    assert desk.line.status == "idle"


def test_battery_lost_while_a_call_rings_ends_it_as_out_of_order(desk: Desk) -> None:
    desk.offer()
    desk.battery(Battery.NONE)
    assert desk.told[1:] == [("ended", DESTINATION_OUT_OF_ORDER, True)]


@pytest.mark.parametrize("state", ["idle", "offered", "talking", "seized"])
def test_a_line_taken_away_ends_its_call_and_gives_everything_back(desk: Desk, state: str) -> None:
    {"idle": lambda: None, "offered": desk.offer, "talking": desk.answer,
     "seized": lambda: desk.line.dial(desk.exchange, "1", CALL)}[state]()  # fmt: skip
    desk.line.down()
    assert desk.told[-1:] == ([] if state == "idle" else [("ended", NETWORK_OUT_OF_ORDER, False)])
    assert desk.line.state is LineState.GONE
    assert desk.line.status == "fault"
    assert desk.ear.closed
    assert desk.exchange.slots[0].closed
    assert not desk.wire.closed
    desk.wait(60)
    assert desk.line.state is LineState.GONE


def test_a_line_that_is_never_answered_is_not_whoever_orders_it(desk: Desk) -> None:
    desk.line.setup = LineSetup(1, never_answer=True)
    desk.offer()
    with pytest.raises(WrongState, match="never answered, by its setting"):
        desk.line.answer(CALL)
    assert not desk.wire.closed
    assert desk.line.status == "ringing"
    desk.wait(7)
    assert desk.told == [("offered", "13800138000", "WANG", False), ("ended", NORMAL_CLEARING, True)]
    desk.dial("119")
    assert desk.wire.closed


def test_a_fax_that_calls_is_no_hangup(desk: Desk) -> None:
    desk.answer()
    desk.tone("fax")
    desk.wait(1)
    assert (desk.line.status, desk.wire.closed) == ("in_use", True)


def test_a_line_has_its_gains_but_in_a_test_which_hears_it_as_it_is(desk: Desk) -> None:
    desk.line.setup = LineSetup(1, rx_gain_db=3, tx_gain_db=-2)
    (slot,) = desk.exchange.slots
    assert slot.gain_db == (3, -2)
    desk.line.seize(desk.exchange, CALL)  # type: ignore[arg-type]
    assert slot.gain_db == (0, 0)
    desk.hang_up()
    assert slot.gain_db == (3, -2)
    desk.wait(2)
    desk.line.seize(desk.exchange, CALL)  # type: ignore[arg-type]
    desk.ring(True)  # a call comes in at that moment
    assert slot.gain_db == (3, -2)
