"""Who calls by a span and is not answered yet hears what the far end of their call says, or that it rings."""

from pathlib import Path

import pytest

from drivers.link import messages as m
from native import isdn
from tests.drivers.boards.pri.test_channel import TAG, Carrier, box, span  # noqa: F401 - box is a fixture
from tests.drivers.boards.pri.wires import LocalSpan
from tests.drivers.gateway.exchange import Exchange

RINGBACK_HZ, ANNOUNCEMENT_HZ = 450, 1000


async def calls_through(exchange: Exchange, carrier: Carrier, name: str = "out") -> tuple[str, isdn.Offered]:
    """Let somebody call on channel 1, and call outside for them; return our channel, and what the far end gets."""
    carrier.dchannel.call("62871234", channel=1)
    offered = await exchange.event(m.Offered)
    exchange.order(m.Dial, channel=name, target=m.ToTrunk("carrier", "95555"), tag=TAG)
    offer = await carrier.event(isdn.Offered)
    assert isinstance(offer, isdn.Offered)
    carrier.dchannel.proceed(offer.call, offer.channel)
    return offered.channel, offer


async def test_an_announcement_is_heard_through_and_then_the_one_who_answers(
    box: tuple[Path, LocalSpan]  # noqa: F811
) -> None:
    async with span(box) as (exchange, carrier):
        caller, offer = await calls_through(exchange, carrier)
        carrier.says[3] = ANNOUNCEMENT_HZ
        carrier.dchannel.progress(offer.call, 3)
        await exchange.event(m.Audible, channel="out")
        exchange.order(m.Listen, channel=caller, other="out")
        told = await carrier.event(isdn.Progress)
        assert isinstance(told, isdn.Progress)
        assert (told.channel, told.inband) == (1, True)
        await carrier.hears(1, ANNOUNCEMENT_HZ)
        exchange.order(m.Listen, channel=caller, other="out")
        assert not carrier.of(isdn.Answered)
        carrier.dchannel.answer(offer.call)
        await exchange.event(m.Answered, channel="out")
        exchange.order(m.Answer, channel=caller)
        await carrier.event(isdn.Answered)
        exchange.order(m.Connect, channel=caller, other="out")
        await exchange.event(m.Connected)
        carrier.says |= {1: 620.0}
        await carrier.hears(3, 620)
        assert not carrier.of(isdn.Progress)  # once is enough


async def test_why_a_number_is_refused_is_heard_and_the_cause_comes_when_that_is_over(
    box: tuple[Path, LocalSpan]  # noqa: F811
) -> None:
    async with span(box) as (exchange, carrier):
        caller, offer = await calls_through(exchange, carrier)
        carrier.says[3] = ANNOUNCEMENT_HZ
        carrier.says_why = True
        carrier.dchannel.hang_up(offer.call, 1)
        assert (await exchange.event(m.Audible, channel="out")).cause == 1
        exchange.order(m.Listen, channel=caller, other="out")
        await carrier.hears(1, ANNOUNCEMENT_HZ)
        exchange.order(m.Hangup, channel="out", cause=16)
        assert (await exchange.event(m.Hungup, channel="out")).cause == 1
        exchange.order(m.Ring, channel=caller)  # another way is tried
        await carrier.event(isdn.Alerting)
        await carrier.hears(1, RINGBACK_HZ)
        exchange.order(m.Hangup, channel=caller, cause=1)
        cleared = await carrier.event(isdn.Cleared)
        assert isinstance(cleared, isdn.Cleared)
        assert cleared.cause == 1
        await carrier.idle()


@pytest.mark.parametrize("side", ["network", "user"])
async def test_a_networks_caller_hears_that_it_rings_and_a_users_hears_it_from_its_network(
    box: tuple[Path, LocalSpan], side: str  # noqa: F811
) -> None:
    async with span(box, side) as (exchange, carrier):
        carrier.dchannel.call("62871234", channel=1)
        offered = await exchange.event(m.Offered)
        exchange.order(m.Ring, channel=offered.channel)
        alerting = await carrier.event(isdn.Alerting)
        assert isinstance(alerting, isdn.Alerting)
        assert alerting.inband == (side == "network")
        if side == "network":
            await carrier.hears(1, RINGBACK_HZ)
        exchange.order(m.Answer, channel=offered.channel)
        await exchange.event(m.Answered, channel=offered.channel)
        await carrier.hears_nothing(1)
