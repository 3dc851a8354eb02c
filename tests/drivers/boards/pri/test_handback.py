"""Calls of a span handed back to the carrier: through a span with a clock of its own, and through the real gateway."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from drivers.link import messages as m
from drivers.link.errors import WrongState
from native import isdn
from native.isdn import Party
from tests.drivers.boards.pri.test_channel import TAG, Carrier, box, comes, nobody_left, span
from tests.drivers.boards.pri.test_span import Desk, User
from tests.drivers.boards.pri.wires import LocalSpan
from tests.drivers.gateway.exchange import Exchange

__all__ = ["box"]   # a fixture


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.close()


def forwarded(desk: Desk) -> tuple[User, User, list[str]]:
    """Return who has a call that came, who has the one that it went out by, and what is told of the hand-back."""
    _, came = desk.comes()
    assert came.call is not None
    desk.do(came.call.answer, lambda: True)
    goes = desk.dials()
    desk.do(desk.far.dchannel.answer, desk.far.one(isdn.Offered).call)
    assert came.told[-1] == goes.told[-1] == "answered"
    return came, goes, []


def asks(desk: Desk, came: User, goes: User, told: list[str]) -> isdn.JoinAsked:
    assert came.call is not None
    desk.do(came.call.hand_back, goes.call, told.append)
    asked = desk.far.one(isdn.JoinAsked)
    assert isinstance(asked, isdn.JoinAsked)
    return asked


def test_the_carrier_joins_both_and_their_channels_are_free(desk: Desk) -> None:
    came, goes, told = forwarded(desk)
    before = (list(came.told), list(goes.told))
    desk.do(desk.far.dchannel.answer_join, asks(desk, came, goes, told), granted=True)
    assert told == ["joined"]
    assert (came.told, goes.told) == before     # nothing more: their channels end by what was told
    assert (desk.span.calls, desk.far.dchannel.calls) == ({}, {})


def test_a_carrier_that_refuses_leaves_both_talking(desk: Desk) -> None:
    came, goes, told = forwarded(desk)
    desk.do(desk.far.dchannel.answer_join, asks(desk, came, goes, told), granted=False)
    assert told == ["refused"]
    assert len(desk.span.calls) == 2
    assert (came.told[-1], goes.told[-1]) == ("answered", "answered")


def test_a_carrier_that_says_nothing_may_do_it_later(desk: Desk) -> None:
    came, goes, told = forwarded(desk)
    asked = asks(desk, came, goes, told)
    desk.wait(11)
    assert told == ["unanswered"]
    assert len(desk.span.calls) == 2
    desk.do(desk.far.dchannel.answer_join, asked, granted=True)
    assert told == ["unanswered", "joined"]
    assert desk.span.calls == {}


def test_a_party_that_hangs_up_meanwhile_has_hung_up(desk: Desk) -> None:
    came, goes, told = forwarded(desk)
    asked = asks(desk, came, goes, told)
    desk.do(desk.far.dchannel.hang_up, asked.call, 17)
    assert told == ["gone"]
    assert sorted(user.told[-1] == (17, "party") for user in (came, goes)) == [False, True]
    assert len(desk.span.calls) == 1


def test_a_lost_dchannel_leaves_both_talking(desk: Desk) -> None:
    came, goes, told = forwarded(desk)
    desk.loop.remove_reader(desk.far_wire.dchannel)     # the far end is deaf, and so says nothing
    if desk.far._timer is not None:
        desk.far._timer.cancel()
    assert came.call is not None
    desk.do(came.call.hand_back, goes.call, told.append)
    desk.wait(60)
    assert told == ["unanswered"]
    assert len(desk.span.calls) == 2
    assert desk.ups == [True, False]


def test_what_the_carrier_joined_and_did_not_clear_is_cleared_here(desk: Desk) -> None:
    came, goes, told = forwarded(desk)
    asked = asks(desk, came, goes, told)
    assert came.call is not None
    desk.do(desk.span._happened, isdn.Joined(came.call.number, goes.call.number))
    assert told == ["joined"]
    assert len(desk.span.calls) == 2
    desk.wait(5)
    assert desk.span.calls == {}
    assert asked.call not in desk.far.dchannel.calls


def test_calls_of_two_spans_cannot_be_joined(desk: Desk) -> None:
    came, _, told = forwarded(desk)
    other = Desk()
    try:
        _, elsewhere = other.comes()
        assert came.call is not None
        with pytest.raises(WrongState, match="not on one span"):
            came.call.hand_back(elsewhere.call, told.append)
    finally:
        other.close()


def test_what_a_user_behind_the_box_asks_for_is_refused() -> None:
    desk = Desk(side="network")
    try:
        numbers = []
        for channel in (1, 2):
            number, user = desk.comes(channel=channel)
            assert user.call is not None
            desk.do(user.call.answer, lambda: True)
            numbers.append(number)
        desk.do(desk.far.dchannel.join, *numbers)
        assert desk.far.one(isdn.NotJoined).why == "refused"
        assert len(desk.span.calls) == 2
    finally:
        desk.close()


async def talking(exchange: Exchange, carrier: Carrier) -> tuple[str, int, int]:
    """Forward a call; return its channel here, and the carrier's numbers of both. The other's channel is `out`."""
    number, one = await comes(exchange, carrier, 1, Party("1"))
    exchange.order(m.Dial, channel="out", target=m.ToTrunk("carrier", "95555"), tag=TAG)
    offer = await carrier.event(isdn.Offered)
    assert isinstance(offer, isdn.Offered)
    carrier.dchannel.answer(offer.call, 3)
    await exchange.event(m.Answered, channel="out")
    exchange.order(m.Connect, channel=one, other="out")
    await exchange.event(m.Connected)
    return one, number, offer.call


async def refused(exchange: Exchange, why: str, **order: Any) -> None:
    exchange.order(m.HandBack, **order)
    found = await exchange.event(m.Refused)
    assert found.code == "wrong-state"
    assert why in found.text


async def test_the_exchange_hands_a_call_back_through_the_gateway(box: tuple[Path, LocalSpan]) -> None:
    async with span(box) as (exchange, carrier):
        one, _, _ = await talking(exchange, carrier)
        exchange.order(m.Hold, channel=one)
        await exchange.event(m.Held)
        await refused(exchange, "on hold", channel=one, other="out")
        exchange.order(m.Resume, channel=one)
        await exchange.event(m.Resumed)
        path = str(box[0] / "recordings/span.wav")
        exchange.order(m.Record, channel="out", path=path)
        await exchange.event(m.Recording)
        await refused(exchange, "is recorded", channel=one, other="out")
        exchange.order(m.StopRecord, channel="out")
        await exchange.event(m.Recorded)

        exchange.order(m.HandBack, channel=one, other="out")
        asked = await carrier.event(isdn.JoinAsked)
        assert isinstance(asked, isdn.JoinAsked)
        await refused(exchange, "cannot be joined now", channel="out", other=one)
        carrier.dchannel.answer_join(asked, granted=False)
        assert (await exchange.event(m.HandedBack, channel=one)).outcome == "refused"
        carrier.says |= {1: 620.0, 3: 1000.0}
        await carrier.hears(1, 1000)    # the talk goes on
        await carrier.hears(3, 620)

        exchange.order(m.HandBack, channel=one, other="out")
        again = await carrier.event(isdn.JoinAsked)
        assert isinstance(again, isdn.JoinAsked)
        carrier.dchannel.answer_join(again, granted=True)
        assert (await exchange.event(m.HandedBack, channel=one)).outcome == "joined"
        for channel in (one, "out"):
            hungup = await exchange.event(m.Hungup, channel=channel)
            assert (hungup.cause, hungup.by) == (16, "carrier")
        await nobody_left(exchange)
        assert carrier.dchannel.calls == {}
        exchange.order(m.HandBack, channel=one, other="out")
        assert (await exchange.event(m.Refused)).code == "no-such-channel"
