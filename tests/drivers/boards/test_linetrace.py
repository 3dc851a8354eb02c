"""What passes on a telephone line, as a technician reads it; the board and the media core are played by hand."""

from collections.abc import Iterator

import pytest

from drivers.boards.base import Battery, Polarity
from drivers.link.causes import NORMAL_CLEARING, USER_BUSY
from drivers.link.messages import LineSetup
from tests.drivers.boards.played import CALL, EAR
from tests.drivers.boards.test_line import Desk


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.loop.close()


def told(desk: Desk, after: int = 1) -> list[str]:
    """Return what passed, each with an arrow: what the box did points to the line."""
    return [f"{'>' if one.sent else '<'} {one.text}" for one in desk.line.trace.after(after)]


def test_it_begins_with_the_battery_as_it_was_found(desk: Desk) -> None:
    assert told(desk, 0) == ["< battery-full"]


def test_a_call_in_is_told_from_its_ring_to_the_busy_tone_of_who_hung_up(desk: Desk) -> None:
    desk.answer()
    desk.wait(1)
    desk.tone("busy")
    assert told(desk) == [
        "< ring-on", "< ring-off", "< caller-id-fsk", "> loop-closed", "> answer", "< tone-busy", "< cleared-tone",
        "< ended", "> loop-opened",
    ]  # fmt: skip
    signals = desk.line.trace.after(1)
    assert [round(one.at_s - signals[0].at_s, 1) for one in signals] == [0, 1, 2, 2, 2, 3, 3, 3, 3]
    caller = signals[2]
    assert (caller.calling, caller.name) == ("13800138000", "WANG")
    assert signals[-2].cause == NORMAL_CLEARING


@pytest.mark.parametrize(
    ("keys", "value", "withheld", "sign"),
    [
        ("", "02087654321\t", 0, "caller-id-fsk"), ("", "\t", 1, "withheld-fsk"),
        ("D02087654321C", "02087654321\t", 0, "caller-id-keys"), ("DC", "\t", 1, "withheld-keys"),
    ],
)  # fmt: skip
def test_a_caller_id_is_told_with_its_kind(desk: Desk, keys: str, value: str, withheld: int, sign: str) -> None:
    for key in keys:
        desk.exchange.hear(EAR, "digit", key)
    desk.caller_id(value, withheld)
    (one,) = desk.line.trace.after(1)
    assert (one.text, one.calling) == (sign, value.strip())


def test_of_keys_that_are_no_number_their_form_is_told_and_not_which_digits(desk: Desk) -> None:
    for key in "B138001C":
        desk.exchange.hear(EAR, "digit", key)
        desk.wait(0.1)
    desk.ring_once()
    desk.ring(True)
    unread = desk.line.trace.after(1)[-1]
    assert (unread.text, unread.calling) == ("caller-id-unread", "B------C")


def test_keys_of_long_ago_are_no_caller_id(desk: Desk) -> None:
    desk.exchange.hear(EAR, "digit", "5")
    desk.wait(60)
    desk.ring_once()
    desk.ring(True)
    assert told(desk)[-1] == "< caller-id-none"


def test_keys_in_a_talk_are_told_without_which_they_are(desk: Desk) -> None:
    desk.answer()
    last = desk.line.trace.last
    for key in "4711":
        desk.exchange.hear(CALL, "digit", key)
    desk.exchange.hear(CALL, "tone", "fax")
    assert told(desk, last) == ["< digit"] * 4 + ["< fax"]
    assert "4711" not in repr(desk.line.trace.after(0))
    assert not any(one.called or one.calling for one in desk.line.trace.after(last))


def test_a_call_out_is_told_with_what_was_dialled_and_what_was_heard(desk: Desk) -> None:
    desk.dial()
    desk.ringback()
    desk.polarity(Polarity.REVERSED)
    desk.polarity(Polarity.NORMAL)
    assert told(desk) == [
        "> loop-closed", "< tone-dial", "> dialled", "< tone-ringback", "< polarity-reversed", "< answer-reversal",
        "< polarity-back", "< cleared-reversal", "< ended", "> loop-opened",
    ]  # fmt: skip
    assert desk.line.trace.after(1)[2].called == "10086"


def test_a_flash_and_the_number_after_it_are_told(desk: Desk) -> None:
    desk.line.setup = LineSetup(1, flash_ms=300)
    desk.answer()
    desk.wait(1)
    last = desk.line.trace.last
    desk.line.flash("203", lambda dialled: None)
    desk.wait(0.5)
    desk.tone("dial")
    assert told(desk, last) == ["> flash", "< tone-dial", "> dialled"]
    assert desk.line.trace.after(last)[-1].called == "203"


def test_an_answer_that_is_assumed_is_told_as_such_and_our_own_hangup_as_ours(desk: Desk) -> None:
    desk.dial()
    desk.ringback()
    last = desk.line.trace.last
    desk.sounds((1.0, -12))
    desk.wait(5)
    desk.hang_up()
    assert told(desk, last) == ["< answer-assumed", "> hang-up", "> loop-opened"]


def test_why_a_call_out_comes_to_nothing_is_told(desk: Desk) -> None:
    desk.dial()
    desk.tone("busy")
    busy = desk.line.trace.after(1)[-2]
    assert (told(desk)[-3:], busy.cause) == (["< tone-busy", "< ended", "> loop-opened"], USER_BUSY)
    desk.exchange.close_leg()
    desk.wait(2)
    last = desk.line.trace.last
    desk.line.dial(desk.exchange, "1", CALL)
    desk.wait(6)
    assert told(desk, last) == ["> loop-closed", "< no-dial-tone", "< ended", "> loop-opened"]
    desk.exchange.close_leg()
    desk.wait(2)
    desk.dial()
    last = desk.line.trace.last
    desk.wait(25)
    assert told(desk, last) == ["< no-sound", "< ended", "> loop-opened"]


def test_what_becomes_of_the_battery_is_told(desk: Desk) -> None:
    desk.battery(Battery.LOW)
    desk.battery(Battery.NONE)
    desk.battery(Battery.FULL)
    desk.wait(2)
    desk.answer()
    desk.wait(1)
    last = desk.line.trace.last
    desk.battery(Battery.NONE)
    desk.wait(0.3)
    assert told(desk)[:3] == ["< battery-low", "< battery-none", "< battery-full"]
    assert told(desk, last) == ["< battery-none", "< break", "< cleared-break", "< ended", "> loop-opened"]


def test_a_call_that_nobody_takes_and_one_that_crosses_ours_are_told(desk: Desk) -> None:
    desk.offer()
    desk.wait(10)
    assert told(desk)[-1] == "< gave-up"
    desk.offer()
    desk.hang_up()
    assert told(desk)[-1] == "> left"
    desk.wait(10)
    last = desk.line.trace.last
    desk.line.dial(desk.exchange, "1", CALL)
    desk.wait(0.2)
    desk.ring(True)
    assert told(desk, last) == ["> loop-closed", "< ring-on", "< glare"]
