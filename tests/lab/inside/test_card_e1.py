"""An E1 card of our own module, which behaves as those of wct4xxp do: set up, watched, tested and used by the gateway.

The gateway has the first of its spans, a carrier the second; both are joined by a cable.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from drivers.boards.dahdi import device
from drivers.boards.dahdi.span import DahdiSpan
from drivers.boards.pri.span import RESTART_S
from drivers.link import messages as m
from native import r2
from tests.drivers.gateway.conftest import GatewayProcess
from tests.drivers.gateway.exchange import Exchange
from tests.lab.cards import Card, configured, inserted
from tests.lab.carrier import Carrier
from tests.lab.inside.test_isdn import both_hear
from tests.lab.inside.test_r2 import span as r2_span

LATE_S = 30
TAG = m.Tag("call", "1")
NOTHING: dict[str, Any] = {
    "country": "CN", "lines": (), "users": (), "trunks": (), "rtp_first": 20000, "rtp_last": 20100
}  # fmt: skip
LOSS, AIS = 0x80, 0x40      # of the framer's register frs0
CLOCK = 3       # after those of two spans on other cards
R2_SLOTS = (1, 2, 3)
SLOTS = [*range(1, 16), *range(17, 32)]
TALK_S = 2
QUICK_MS = 500


@pytest.fixture(scope="module")
def card() -> Iterator[Card]:
    with inserted("busyhour_lab_e1") as card:
        yield card


def far_end(card: Card, signalling: str) -> None:
    """Set the carrier's span up, as its own people do: it has the clock."""
    numbers = [one.number for one in device.channels() if one.span == card.spans[1]]
    if signalling == "cas":
        bearers = f"{numbers[0]}-{numbers[R2_SLOTS[-1] - 1]}"
        used = [f"cas={bearers}:1101", f"alaw={bearers}"]
    else:
        bearers = f"{numbers[0]}-{numbers[14]},{numbers[16]}-{numbers[-1]}"
        used = [f"bchan={bearers}", f"dchan={numbers[15]}", f"alaw={numbers[0]}-{numbers[-1]}"]
    configured(Path("/run/far.conf"), f"span={card.spans[1]},0,0,{signalling},hdb3,crc4", *used)


@asynccontextmanager
async def trunk(gateway: GatewayProcess, card: Card) -> AsyncIterator[tuple[Exchange, Carrier]]:
    """A trunk that is up, its wire set up by the gateway; that of the far end is only watched, for its alarms."""
    far_end(card, "ccs")
    exchange = await Exchange.connect(gateway.home)
    carrier = Carrier(DahdiSpan(card.spans[1]))
    ours = m.IsdnTrunk(name="carrier", span=card.spans[0])
    spans = (m.SpanSetting(card.spans[0], clock=CLOCK), m.SpanSetting(card.spans[1], clock=0))
    exchange.order(m.Provision, isdn=(ours,), spans=spans, **NOTHING)
    try:
        await exchange.event(m.RegistrationChanged, LATE_S, name="trunk:carrier", registered=True)
        await asyncio.wait_for(carrier.up.wait(), LATE_S)
        await asyncio.sleep(RESTART_S)
        yield exchange, carrier
        await carrier.idle()
        await asyncio.sleep(1)  # the last frames
    finally:
        carrier.span.close()
        exchange.order(m.Provision, **NOTHING)
        await exchange.event(m.Provisioned, LATE_S)
        await exchange.close()


async def state(exchange: Exchange, number: int) -> m.SpanState:
    """Return how a span is from now on."""
    now_s = exchange.seen[-1].at_s
    while (told := await exchange.event(m.SpanStates, LATE_S)).at_s < now_s:
        continue
    return next(one for one in told.spans if one.number == number)


async def told(exchange: Exchange, span: int, name: str, *, raised: bool) -> m.Wrong | None:
    """Return what is wrong with a span, None for nothing any more."""
    subject = f"span:{span}"
    return (await exchange.event(m.Alarm, LATE_S, name=name, subject=subject, raised=raised)).wrong


async def test_a_card_is_set_up_and_used_and_its_alarms_and_slips_are_told_while_a_talk_goes_on(
    gateway: GatewayProcess, card: Card, tmp_path: Path
) -> None:
    async with trunk(gateway, card) as (exchange, carrier):
        ours = card.spans[0]
        assert re.search(r'"Busyhour lab E1 card Span 1".* CCS/HDB3/CRC4 ', card.set_up_as(0)), card.set_up_as(0)
        assert not any(isinstance(one, m.Alarm) and one.subject == f"span:{ours}" for one in exchange.seen)
        caller = carrier.dial("62871234", "13800138000")
        offered = await exchange.event(m.Offered, LATE_S)
        assert (offered.source, offered.did) == ("trunk:carrier", "62871234")
        exchange.order(m.Answer, channel=offered.channel)
        await caller.wait("answered")

        for register, value in (("fec", 2), ("cvc", 3), ("cec", 4), ("ebc", 5), ("slips", 6)):
            card.set(register, value, 0)
        assert await told(exchange, ours, "span-slips", raised=True) == m.Wrong("slips", {"slips": 6})
        seen = await state(exchange, ours)
        assert (seen.device, seen.digital, seen.channels) == ("Lab card, two E1", True, 31)
        assert (seen.alarms, seen.signalling, seen.clock) == ((), "up", ours)
        assert [seen.counters[name] for name in ("fas", "bpv", "crc4", "ebit")] == [2, 3, 4, 5]

        card.set("alarmsettle", QUICK_MS)  # so long the far end is told that it is not heard, after it is
        for defects, names in (((LOSS, 0), ("wire-red", "wire-yellow")), ((0, AIS), ("wire-yellow", "wire-blue"))):
            card.set("frs0", *defects)
            for span, name in zip(card.spans, names, strict=True):
                assert await told(exchange, span, "span-alarm", raised=True) == m.Wrong(name)
            card.set("frs0", 0, 0)
            for span in card.spans:
                assert await told(exchange, span, "span-alarm", raised=False) is None
        assert device.slips(ours) == 0  # forgotten by the driver, and not by the box
        assert (await state(exchange, ours)).slips_day == 6

        await both_hear(exchange, offered.channel, caller, "3", tmp_path)
        exchange.order(m.Hangup, channel=offered.channel, cause=16)
        await caller.wait(16)


async def test_the_card_s_own_loop_is_measured_bit_by_bit_and_calls_go_on_after_it(
    gateway: GatewayProcess, card: Card
) -> None:
    async with trunk(gateway, card) as (exchange, carrier):
        exchange.order(m.TestSpan, span=card.spans[0], seconds=TALK_S, local=True)
        while not any(one.bits for one in (await exchange.event(m.SpanTesting, LATE_S)).slots):
            continue
        card.set("wrong", 3, 0)
        tested = await exchange.event(m.SpanTested, LATE_S, span=card.spans[0])
        assert (tested.outcome, tested.late) == ("done", 0)
        found = {one.slot: (one.heard, one.bits, one.errors, one.slips, one.losses) for one in tested.slots}
        assert found == dict.fromkeys(SLOTS, ("pattern", TALK_S * 64000, 3, 0, 0))
        async with asyncio.timeout(LATE_S):
            while (await state(exchange, card.spans[0])).signalling != "up":
                continue
        caller = carrier.dial("62871234", "13800138000")
        offered = await exchange.event(m.Offered, LATE_S)
        caller.call.hang_up(16)
        await exchange.event(m.Hungup, LATE_S, channel=offered.channel)


async def test_a_span_that_was_isdn_is_set_up_anew_for_r2_whose_timeslot_16_is_no_channel(
    gateway: GatewayProcess, card: Card
) -> None:
    far_end(card, "cas")
    setting = m.SpanSetting(card.spans[0], "r2", clock=CLOCK, slots=R2_SLOTS)
    async with r2_span(gateway, "china", *card.spans, setting) as (exchange, carrier):
        coming = carrier.lines[2]
        coming.act(lambda: coming.line.call("6287", "13826"))
        offered = await exchange.event(m.Offered, LATE_S)
        assert (offered.source, offered.did, offered.caller_number) == ("trunk:carrier", "6287", "13826")
        exchange.order(m.Answer, channel=offered.channel)
        await carrier.event(2, r2.Answered)
        coming.act(lambda: coming.line.hang_up(16))
        await exchange.event(m.Hungup, LATE_S, channel=offered.channel)
        await carrier.event(2, r2.Freed)
