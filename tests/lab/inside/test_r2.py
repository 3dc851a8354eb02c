"""Calls by MFC/R2 between two spans of the real kernel modules: one is the gateway's, one a carrier's of openr2."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from drivers.boards.dahdi.cas import DahdiCas
from drivers.link import messages as m
from native import r2
from tests.drivers.boards.r2.carrier import Carrier
from tests.drivers.gateway.conftest import GatewayProcess
from tests.drivers.gateway.exchange import Exchange

TAG = m.Tag("call", "1")
LATE_S = 30


@asynccontextmanager
async def span(
    gateway: GatewayProcess, variant: str, ours: int = 3, theirs: int = 4, *configured: m.SpanSetting
) -> AsyncIterator[tuple[Exchange, Carrier]]:
    """A gateway that has a span, perhaps to be set up, and the carrier at its other end, all lines idle."""
    exchange = await Exchange.connect(gateway.home)
    wire = DahdiCas(theirs)
    carrier = Carrier(wire, variant, calling_digits=5)
    try:
        exchange.order(
            m.Provision, country="CN", lines=(), users=(), trunks=(), rtp_first=20000, rtp_last=20100,
            r2=(m.R2Trunk("carrier", ours, variant, slots=wire.slots, calling_digits=5),), spans=configured,
        )  # fmt: skip
        await exchange.event(m.RegistrationChanged, LATE_S, name="trunk:carrier", registered=True)
        async with asyncio.timeout(LATE_S):
            while not all(line.line.free for line in carrier.lines.values()):
                await carrier.news()
        yield exchange, carrier
    finally:
        carrier.close()
        wire.close()
        exchange.order(m.Provision, country="CN", lines=(), users=(), trunks=(), rtp_first=20000, rtp_last=20100)
        await exchange.event(m.Provisioned, LATE_S)
        await exchange.close()


async def test_calls_come_in_and_go_out_are_answered_and_joined_and_either_side_hangs_up(
    gateway: GatewayProcess,
) -> None:
    async with span(gateway, "china") as (exchange, carrier):
        coming, going = carrier.lines[1], carrier.lines[3]
        coming.act(lambda: coming.line.call("6287", "13826"))
        offered = await exchange.event(m.Offered, LATE_S)
        assert (offered.source, offered.did, offered.caller_number) == ("trunk:carrier", "6287", "13826")
        exchange.order(m.Ring, channel=offered.channel)
        await carrier.event(1, r2.Accepted)
        await carrier.hears(1, 450)     # ringback is ours
        exchange.order(m.Answer, channel=offered.channel)
        await carrier.event(1, r2.Answered)
        exchange.order(m.Dial, channel="out", target=m.ToTrunk("carrier", "9555"), tag=TAG, caller_number="62834")
        offer = await carrier.event(3, r2.Offered)
        assert isinstance(offer, r2.Offered)
        assert (offer.did, offer.caller) == ("9555", "62834")
        going.act(going.line.accept)
        await exchange.event(m.Ringing, LATE_S, channel="out")
        going.act(going.line.answer)
        await exchange.event(m.Answered, LATE_S, channel="out")
        exchange.order(m.Connect, channel=offered.channel, other="out")
        await exchange.event(m.Connected, LATE_S)
        carrier.says |= {1: (620.0,), 3: (1000.0,)}
        await carrier.hears(1, 1000)
        await carrier.hears(3, 620)
        coming.act(lambda: coming.line.hang_up(16))
        hungup = await exchange.event(m.Hungup, LATE_S, channel=offered.channel)
        assert (hungup.cause, hungup.by) == (16, "party")
        await carrier.event(1, r2.Freed)
        exchange.order(m.Hangup, channel="out", cause=16)
        await carrier.event(3, r2.Cleared)
        await carrier.event(3, r2.Freed)


async def test_a_line_that_is_blocked_is_not_taken_and_a_span_of_blocked_lines_is_told(gateway: GatewayProcess) -> None:
    async with span(gateway, "itu") as (exchange, carrier):
        last = carrier.lines[3]
        last.act(lambda: last.line.shut(True))
        await asyncio.sleep(1)  # the bits are on their way
        exchange.order(m.Dial, channel="out", target=m.ToTrunk("carrier", "9555"), tag=TAG)
        await carrier.event(2, r2.Offered)
        exchange.order(m.Hangup, channel="out", cause=16)
        await carrier.event(2, r2.Freed)
        for line in (carrier.lines[1], carrier.lines[2]):
            line.act(lambda line=line.line: line.shut(True))  # type: ignore[misc]
        await exchange.event(m.RegistrationChanged, LATE_S, name="trunk:carrier", registered=False)
        alarm = await exchange.event(m.Alarm, LATE_S, name=m.AlarmName.SPAN_DOWN, raised=True)
        assert alarm.subject == "span:3"
        assert alarm.wrong.facts == {"text": "no channel is idle: 3 blocked"}
        for line in carrier.lines.values():
            line.act(lambda line=line.line: line.shut(False))  # type: ignore[misc]
        await exchange.event(m.RegistrationChanged, LATE_S, name="trunk:carrier", registered=True)
