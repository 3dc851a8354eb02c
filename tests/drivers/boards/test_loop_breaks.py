"""Digits dialled by breaks of the loop, and flashes; the board and the media core are played by hand."""

import pytest

from drivers.boards.state import LineState
from drivers.link.causes import NORMAL_CLEARING
from drivers.link.errors import WrongState
from drivers.link.messages import LineSetup
from native.media import MediaError
from tests.drivers.boards.played import CALL, PlayedLeg
from tests.drivers.boards.test_line import Desk, desk  # noqa: F401 - a fixture


def call(desk: Desk) -> PlayedLeg:  # noqa: F811
    """A call that came in and is answered, on a line that may be flashed."""
    if not desk.line.setup.flash_ms:
        desk.line.setup = LineSetup(1, flash_ms=300)
    desk.ring_once()
    desk.ring(True)
    desk.line.answer(CALL)
    desk.ring(False)
    desk.wait(1)
    assert desk.line.state is LineState.TALKING
    return desk.exchange.legs[CALL]


def flash(desk: Desk, digits: str = "") -> list[bool]:  # noqa: F811
    done: list[bool] = []
    desk.line.flash(digits, done.append)
    desk.wait(0.02)
    return done


def test_digits_are_dialled_by_ten_breaks_a_second(desk: Desk) -> None:  # noqa: F811
    desk.line.setup = LineSetup(1, dialling="pulses")
    desk.line.dial(desk.exchange, "2", CALL)  # type: ignore[arg-type]
    desk.exchange.hear(CALL, "tone", "dial")
    assert desk.wire.breaks_ms == [60]
    desk.wait(0.11)
    assert desk.wire.breaks_ms == [60, 60]
    assert desk.line.state is LineState.DIALING
    desk.wait(1)
    assert desk.wire.breaks_ms == [60, 60]
    assert desk.line.state is LineState.PROCEEDING
    assert not desk.exchange.legs[CALL].played, "keys beside the pulses"


def test_a_pause_parts_the_digits_and_none_is_ten(desk: Desk) -> None:  # noqa: F811
    desk.line.setup = LineSetup(1, dialling="pulses")
    desk.line.dial(desk.exchange, "10", CALL)  # type: ignore[arg-type]
    desk.exchange.hear(CALL, "tone", "dial")
    desk.wait(0.8)
    assert len(desk.wire.breaks_ms) == 1
    desk.wait(3)
    assert len(desk.wire.breaks_ms) == 11
    assert desk.line.state is LineState.PROCEEDING


def test_who_hangs_up_dials_no_further(desk: Desk) -> None:  # noqa: F811
    desk.line.setup = LineSetup(1, dialling="pulses")
    desk.line.dial(desk.exchange, "10086", CALL)  # type: ignore[arg-type]
    desk.exchange.hear(CALL, "tone", "dial")
    desk.wait(1.2)
    given = len(desk.wire.breaks_ms)
    desk.hang_up()
    desk.wait(5)
    assert len(desk.wire.breaks_ms) == given
    assert desk.line.state is LineState.IDLE


def test_a_flash_is_as_long_as_the_line_wants_it(desk: Desk) -> None:  # noqa: F811
    desk.line.setup = LineSetup(1, flash_ms=100)
    leg = call(desk)
    assert flash(desk) == [True]
    assert desk.wire.breaks_ms == [100]
    assert desk.line.state is LineState.TALKING
    assert leg.listening == set(), "busy tone of somebody called meanwhile would end the talk"
    desk.exchange.hear(CALL, "tone", "busy")  # heard just before
    assert desk.line.state is LineState.TALKING
    assert flash(desk) == [True]
    assert {"busy", "congestion"} <= leg.listening


def test_a_flash_waits_until_the_office_must_have_seen_the_answer(desk: Desk) -> None:  # noqa: F811
    desk.line.setup = LineSetup(1, flash_ms=300)
    desk.ring_once()
    desk.ring(True)
    desk.line.answer(CALL)
    flash(desk)
    assert desk.wire.breaks_ms == []
    desk.wait(0.5)
    assert desk.wire.breaks_ms == [300]


def test_a_number_after_a_flash_waits_for_dial_tone(desk: Desk) -> None:  # noqa: F811
    leg = call(desk)
    done = flash(desk, "201")
    assert leg.listening == {"dial"}
    with pytest.raises(WrongState):
        desk.line.flash("", done.append)
    desk.wait(1)
    assert not leg.played
    desk.exchange.hear(CALL, "tone", "dial")
    assert len(leg.played) == 1
    assert done == []
    desk.exchange.hear(CALL, "finished", number=0)
    assert done == [True]
    assert (desk.line.state, leg.listening) == (LineState.TALKING, set())


def test_a_number_after_a_flash_is_not_dialled_without_dial_tone(desk: Desk) -> None:  # noqa: F811
    leg = call(desk)
    done = flash(desk, "201")
    desk.wait(5.1)
    assert done == [False]
    assert desk.line.state is LineState.TALKING
    desk.exchange.hear(CALL, "tone", "dial")
    assert not leg.played
    flash(desk)
    assert "busy" in leg.listening


def test_a_number_after_a_flash_goes_by_pulses_where_the_line_does(desk: Desk) -> None:  # noqa: F811
    desk.line.setup = LineSetup(1, dialling="pulses", flash_ms=300)
    leg = call(desk)
    with pytest.raises(WrongState, match="by pulses"):
        desk.line.flash("*21", lambda dialled: None)
    assert desk.wire.breaks_ms == []
    done = flash(desk, "2")
    desk.exchange.hear(CALL, "tone", "dial")
    desk.wait(1.2)
    assert desk.wire.breaks_ms == [300, 60, 60]
    assert (done, leg.played) == ([True], [])


def test_a_number_that_cannot_be_sent_is_told_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    leg = call(desk)
    done = flash(desk, "201")

    def broken(*how: object, **more: object) -> None:
        raise MediaError("no more legs")

    monkeypatch.setattr(leg, "play", broken)
    desk.exchange.hear(CALL, "tone", "dial")
    assert (done, desk.line.state) == ([False], LineState.TALKING)


def test_the_office_ends_a_call_also_in_a_recall(desk: Desk) -> None:  # noqa: F811
    call(desk)
    flash(desk, "201")
    desk.line.down()
    assert desk.line.state is LineState.GONE
    assert desk.told[-1][0] == "ended"


def test_a_line_is_flashed_only_where_its_setting_says_for_how_long(desk: Desk) -> None:  # noqa: F811
    call(desk)
    desk.line.setup = LineSetup(1)
    with pytest.raises(WrongState, match="by its setting"):
        flash(desk)
    assert desk.wire.breaks_ms == []


def test_there_is_no_flash_but_in_a_talk(desk: Desk) -> None:  # noqa: F811
    desk.line.setup = LineSetup(1, flash_ms=300)
    with pytest.raises(WrongState):
        desk.line.flash("", lambda dialled: None)
    desk.line.dial(desk.exchange, "10086", CALL)  # type: ignore[arg-type]
    with pytest.raises(WrongState):
        desk.line.flash("", lambda dialled: None)
    assert desk.wire.breaks_ms == []


def test_the_next_call_knows_of_no_flash(desk: Desk) -> None:  # noqa: F811
    call(desk)
    flash(desk)
    desk.hang_up()
    desk.wait(2)
    leg = call(desk)
    assert "busy" in leg.listening
    desk.exchange.hear(CALL, "tone", "busy")
    assert desk.told[-1] == ("ended", NORMAL_CLEARING, True)
