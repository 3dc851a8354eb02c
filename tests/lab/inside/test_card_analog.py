"""An analog card of our own module, which behaves as wctdm24xxp's do: what only a real pair of wires has.

Polarity, battery, current, neon lamps. The gateway has the first FXO port, whose central office is the FXS port beside
it, and the second FXS port, whose telephone is the FXO port beside it.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from drivers.boards.bell import Way, caller_id
from drivers.boards.dahdi import device, setup
from drivers.link import messages as m
from native.dahdi import Event, Hook, Signalling
from native.tones import ToneSender
from tests.drivers.gateway.conftest import GatewayProcess
from tests.drivers.gateway.exchange import Exchange
from tests.lab.cards import Card, configured, inserted
from tests.lab.inside.test_stations import DEBOUNCE_S, Telephone

LATE_S = 30
TAG = m.Tag("call", "1")
LINE, PORT = 9, 11          # of the machine's sockets: eight are on spans of memory
RATE = 8000
NUMBER = "02079460123"


@pytest.fixture(scope="module")
def card() -> Iterator[Card]:
    with inserted("busyhour_lab_analog") as card:
        yield card


class Desk:
    """The gateway, and who is at the far ends of its pairs."""

    def __init__(self, card: Card) -> None:
        channels = [channel for channel in device.channels() if channel.span == card.spans[0]]
        _, office, _, telephone = (channel.number for channel in channels)
        configured(Path("/run/far.conf"), f"fxoks={office}", f"fxsks={telephone}", f"alaw={office},{telephone}")
        self.card = card
        self.office, self.telephone = Telephone(office), Telephone(telephone, "v23")
        self.gateway = GatewayProcess()
        self.gateway.start(200)

    def close(self) -> None:
        """End the gateway, then let go of the far ends."""
        status, said = self.gateway.stop(), self.gateway.log
        self.gateway.remove()
        for one in (self.office, self.telephone):
            os.close(one.fd)
        assert (status, "Traceback" in said) == (0, False), said


@pytest.fixture(scope="module")
def desk(card: Card) -> Iterator[Desk]:
    text = setup.system_conf(device.spans(), device.channels(), "cn")
    asyncio.run(setup.configure(Path("/run/system.conf"), text))
    desk = Desk(card)
    yield desk
    desk.close()


@asynccontextmanager
async def lines(desk: Desk, country: str, **more: Any) -> AsyncIterator[Exchange]:
    """An exchange that uses the line and the telephone."""
    living = [asyncio.create_task(one.live()) for one in (desk.office, desk.telephone)]
    exchange = await Exchange.connect(desk.gateway.home)
    exchange.order(
        m.Provision, country=country, lines=(LINE,), users=(), trunks=(), rtp_first=20000, rtp_last=20100,
        ports=(m.PortSetup(PORT, "205"),), **more,
    )  # fmt: skip
    try:
        await exchange.event(m.Provisioned, LATE_S)
        await asyncio.sleep(DEBOUNCE_S)
        for one in (desk.office, desk.telephone):
            one.events.clear()
            one.keys = ""
        yield exchange
    finally:
        desk.card.set("cut", 0, 0)
        desk.card.set("shared", 0, 0)
        for task in living:
            task.cancel()
        await exchange.close()


async def line_is(exchange: Exchange, state: str) -> None:
    """Wait until the line is said to be so."""
    await exchange.event(m.LineChanged, LATE_S, line=LINE, state=state)


def test_a_card_is_found_and_set_up_by_what_its_ports_are(card: Card, desk: Desk) -> None:
    span = device.spans()[card.spans[0]]
    channels = [channel for channel in device.channels() if channel.span == card.spans[0]]
    line, office, port, telephone = channels
    assert (span.device, span.digital) == ("Lab card, two FXO and two FXS", False)
    assert [one.signalling for one in channels] == [
        Signalling.FXSKS, Signalling.FXOKS, Signalling.FXOKS, Signalling.FXSKS
    ]  # fmt: skip
    assert {line.law, port.law} == {"mulaw"}
    said, until_s = f"lines are on the channels 1-4,{line.number},{telephone.number}", time.monotonic() + LATE_S
    while said not in desk.gateway.log and time.monotonic() < until_s:
        time.sleep(0.1)
    assert said in desk.gateway.log
    assert office.number == line.number + 1


async def test_the_office_s_reversal_is_an_answer_and_its_return_or_a_break_of_the_battery_a_hangup(desk: Desk) -> None:
    office = desk.office
    async with lines(desk, "CN", setups=(m.LineSetup(LINE, reversal=True),)) as exchange:
        exchange.order(m.Dial, channel="out", target=m.ToLine(LINE, "955"), tag=TAG)
        await office.until(lambda: Event.RING_OFF_HOOK in office.events)
        office.hook(Hook.OFF)
        office.sound = ToneSender([450], -10).read(2 * RATE)
        await office.until(lambda: office.keys == "955")
        await asyncio.sleep(1)
        device.set_polarity(office.fd, True)
        assert not (await exchange.event(m.Answered, LATE_S, channel="out")).assumed
        await asyncio.sleep(1)
        device.set_polarity(office.fd, False)
        hungup = await exchange.event(m.Hungup, LATE_S, channel="out")
        assert (hungup.by, hungup.cause) == ("party", 16)
        await office.until(lambda: Event.ON_HOOK in office.events)
        office.hook(Hook.ON)
        await line_is(exchange, "idle")
        await asyncio.sleep(DEBOUNCE_S)

        office.events.clear()
        office.hook(Hook.RING)
        offered = await exchange.event(m.Offered, LATE_S, source=f"line:{LINE}")
        exchange.order(m.Answer, channel=offered.channel)
        await office.until(lambda: Event.RING_OFF_HOOK in office.events)
        office.hook(Hook.OFF)
        await exchange.event(m.Answered, LATE_S, channel=offered.channel)
        await asyncio.sleep(DEBOUNCE_S)
        office.hook(Hook.ON)    # the kernel opens the pair for half a second, as offices do
        hungup = await exchange.event(m.Hungup, LATE_S, channel=offered.channel)
        assert (hungup.by, hungup.cause) == ("party", 16)
        await line_is(exchange, "idle")
        assert not [one for one in exchange.seen if isinstance(one, m.Alarm) and one.subject == f"line:{LINE}"]


async def test_a_pair_that_is_cut_is_an_alarm_and_one_that_a_telephone_has_is_not_dialled_on(desk: Desk) -> None:
    alarm = {"name": m.AlarmName.NO_BATTERY, "subject": f"line:{LINE}"}
    async with lines(desk, "CN") as exchange:
        desk.card.set("cut", 1, 0)
        await line_is(exchange, "fault")
        assert (await exchange.event(m.Alarm, LATE_S, raised=True, **alarm)).wrong == m.Wrong("no-voltage")
        desk.card.set("cut", 0, 0)
        await line_is(exchange, "idle")
        await exchange.event(m.Alarm, LATE_S, raised=False, **alarm)

        desk.card.set("shared", 1, 0)
        await line_is(exchange, "parallel")
        exchange.order(m.Dial, channel="busy", target=m.ToLine(LINE, "955"), tag=TAG)
        assert (await exchange.event(m.Hungup, LATE_S, channel="busy")).by == "gateway"
        desk.card.set("shared", 0, 0)
        await line_is(exchange, "idle")


async def test_a_caller_is_told_after_a_reversal_to_the_line_and_by_the_port_whose_lamp_is_lit(desk: Desk) -> None:
    office, telephone = desk.office, desk.telephone
    way = Way("v23", before=True, alert=True, reverse=True)
    async with lines(desk, "GB", whole=("206",)) as exchange:
        device.set_polarity(office.fd, True)
        device.pass_on_hook(office.fd, 6000)
        await asyncio.sleep(0.3)
        office.sound = caller_id(way, NUMBER, "")
        await office.until(lambda: not office.sound)
        await asyncio.sleep(0.5)
        device.set_polarity(office.fd, False)
        office.hook(Hook.RING)
        offered = await exchange.event(m.Offered, LATE_S, source=f"line:{LINE}")
        assert offered.caller_number == NUMBER
        office.hook(Hook.RING_OFF)

        exchange.order(m.ShowWaiting, new={"205": 2})
        await telephone.until(lambda: desk.card.read("lamp")[2] == 1)
        exchange.order(
            m.Dial, channel="in", target=m.ToExtension("205"), tag=TAG, caller_number="13800138000"
        )
        await telephone.until(lambda: telephone.rings)
        assert [one.number for one in telephone.shown] == ["13800138000"]
        told = [code for code in telephone.events if code in (Event.POLARITY, Event.RING_BEGIN)]
        assert told[0] == Event.POLARITY  # it is turned back as the ringing begins, told before it or after
        await telephone.until(lambda: telephone.events.count(Event.POLARITY) == 2)
        telephone.hook(Hook.OFF)
        await exchange.event(m.Answered, LATE_S, channel="in")
        assert desk.card.read("lamp")[2] == 0   # a voltage for those that are on-hook
        await asyncio.sleep(DEBOUNCE_S)
        telephone.hook(Hook.FLASH)
        await exchange.event(m.Held, LATE_S, channel="in")
        telephone.hook(Hook.ON)
        exchange.order(m.Hangup, channel="in", cause=16)
        await exchange.event(m.Hungup, LATE_S, channel="in")
        exchange.order(m.ShowWaiting, new={"205": 0})
        await asyncio.sleep(DEBOUNCE_S)
        assert desk.card.read("lamp")[2] == 0
