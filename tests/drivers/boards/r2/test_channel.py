"""Calls on a span through the real gateway, the register signals as sound, both ways."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest

from drivers.link import messages as m
from native import r2
from tests import audio
from tests.drivers.boards import e1
from tests.drivers.boards.r2.carrier import Carrier
from tests.drivers.boards.r2.wires import LocalCas, local_cas
from tests.drivers.gateway.exchange import Exchange

TAG = m.Tag("call", "1")
TRUNK = m.R2Trunk(name="carrier", span=1, variant="china", calling_digits=11)


@pytest.fixture
def box(tmp_path: Path) -> Iterator[tuple[Path, LocalCas]]:
    """A gateway; its home, and the carrier's end of its E1."""
    ours, theirs = local_cas((1, 2, 3))
    fds = ours.descriptors()
    with e1.gateway(tmp_path, "tests.drivers.boards.r2.box", fds.pop(0), fds, ours.end):
        yield tmp_path, theirs
    theirs.end()


@asynccontextmanager
async def span(box: tuple[Path, LocalCas]) -> AsyncIterator[tuple[Exchange, Carrier]]:
    """An exchange that has provisioned the trunk, and the carrier at its far end."""
    home, wire = box
    exchange = await Exchange.connect(home)
    carrier = Carrier(wire, "china", calling_digits=11)
    try:
        exchange.order(
            m.Provision, country="CN", lines=(), users=(), trunks=(), rtp_first=20000, rtp_last=20100, r2=(TRUNK,)
        )
        await exchange.event(m.RegistrationChanged, name="trunk:carrier", registered=True)
        async with asyncio.timeout(5):
            while not all(line.line.free for line in carrier.lines.values()):
                await carrier.news()
        yield exchange, carrier
    finally:
        carrier.close()
        await exchange.close()


async def test_a_call_comes_in_rings_talks_presses_a_key_is_recorded_and_hangs_up(box: tuple[Path, LocalCas]) -> None:
    async with span(box) as (exchange, carrier):
        line = carrier.lines[2]
        line.act(lambda: line.line.call("6287", "13812345678"))
        offered = await exchange.event(m.Offered, 20)
        assert (offered.source, offered.did, offered.caller_number, offered.withheld) == (
            "trunk:carrier", "6287", "13812345678", False
        )  # fmt: skip
        channel = offered.channel
        exchange.order(m.Ring, channel=channel)
        await carrier.event(2, r2.Accepted)
        await carrier.hears(2, 450)     # ringback is ours
        exchange.order(m.Answer, channel=channel)
        await carrier.event(2, r2.Answered)
        path = box[0] / "recordings/span.wav"
        exchange.order(m.Record, channel=channel, path=str(path))
        time_s = np.arange(8000) / 8000
        audio.write_wav(box[0] / "tone.wav", (audio.amplitude(-12) * np.sin(2 * np.pi * 700 * time_s)).astype(np.int16))
        exchange.order(m.Play, channel=channel, sounds=(m.Prompt(str(box[0] / "tone.wav")),), loop=True)
        carrier.says[2] = (770.0, 1336.0)   # the key 5
        assert (await exchange.event(m.Digit, channel=channel)).digit == "5"
        carrier.says[2] = (1000.0,)
        await carrier.hears(2, 700)
        await asyncio.sleep(1)
        line.act(lambda: line.line.hang_up(16))
        await exchange.event(m.Recorded, channel=channel)
        hungup = await exchange.event(m.Hungup, channel=channel)
        assert (hungup.cause, hungup.by) == (16, "party")
        await carrier.event(2, r2.Freed)
        wav = audio.read_wav(path)
        last = slice(len(wav.samples) - 8000, len(wav.samples))
        assert audio.has_tone(wav.channel(0)[last], 1000)
        assert audio.has_tone(wav.channel(1)[last], 700)


async def test_what_the_office_says_before_the_answer_is_heard_by_who_calls(box: tuple[Path, LocalCas]) -> None:
    async with span(box) as (exchange, carrier):
        coming = carrier.lines[1]
        coming.act(lambda: coming.line.call("6287", None))
        offered = await exchange.event(m.Offered, 20)
        exchange.order(m.Answer, channel=offered.channel)
        await exchange.event(m.Answered, 10, channel=offered.channel)
        exchange.order(m.Dial, channel="out", target=m.ToTrunk("carrier", "9555"), tag=TAG)
        await carrier.event(3, r2.Offered)
        out = carrier.lines[3]
        out.act(out.line.accept)
        await exchange.event(m.Audible, 10, channel="out")
        carrier.says[3] = (1000.0,)
        exchange.order(m.Listen, channel=offered.channel, other="out")
        await carrier.hears(1, 1000)
        for channel in ("out", offered.channel):
            exchange.order(m.Hangup, channel=channel)
            await exchange.event(m.Hungup, channel=channel)


async def test_a_caller_who_is_not_answered_is_accepted_to_hear_it_and_then_that_another_rings(
    box: tuple[Path, LocalCas],
) -> None:
    async with span(box) as (exchange, carrier):
        coming = carrier.lines[1]
        coming.act(lambda: coming.line.call("6287", None))
        offered = await exchange.event(m.Offered, 20)
        for name, hertz in (("first", 1000.0), ("second", 770.0)):
            exchange.order(m.Dial, channel=name, target=m.ToTrunk("carrier", "9555"), tag=TAG)
            await carrier.event(3, r2.Offered)
            out = carrier.lines[3]
            out.act(out.line.accept)
            await exchange.event(m.Audible, 10, channel=name)
            carrier.says[3] = (hertz,)
            exchange.order(m.Listen, channel=offered.channel, other=name)
            if name == "first":
                await carrier.event(1, r2.Accepted)
            await carrier.hears(1, hertz)
            if name == "first":
                exchange.order(m.Hangup, channel=name)
                await exchange.event(m.Hungup, channel=name)
                exchange.order(m.Ring, channel=offered.channel)
                await carrier.hears(1, 450)
                await carrier.event(3, r2.Freed)
        out.act(out.line.answer)
        await exchange.event(m.Answered, channel="second")
        exchange.order(m.Answer, channel=offered.channel)
        await carrier.event(1, r2.Answered)
        await exchange.event(m.Answered, channel=offered.channel)
        exchange.order(m.Connect, channel=offered.channel, other="second")
        await exchange.event(m.Connected)
        carrier.says |= {1: (620.0,)}
        await carrier.hears(3, 620)


async def test_a_call_goes_out_and_we_end_it_and_one_comes_in_and_hears_busy_once_we_have(
    box: tuple[Path, LocalCas],
) -> None:
    async with span(box) as (exchange, carrier):
        exchange.order(m.Dial, channel="out", target=m.ToTrunk("carrier", "9555"), tag=TAG, caller_number="62871234")
        offer = await carrier.event(3, r2.Offered)
        assert isinstance(offer, r2.Offered)
        assert (offer.did, offer.caller) == ("9555", "62871234")
        out, coming = carrier.lines[3], carrier.lines[1]
        out.act(out.line.accept)
        await exchange.event(m.Ringing, 10, channel="out")
        await exchange.event(m.Audible, channel="out")
        out.act(out.line.answer)
        await exchange.event(m.Answered, channel="out")
        coming.act(lambda: coming.line.call("6287", None))
        offered = await exchange.event(m.Offered, 20)
        assert (offered.caller_number, offered.withheld) == ("", True)
        exchange.order(m.Answer, channel=offered.channel)
        await exchange.event(m.Answered, 10, channel=offered.channel)
        exchange.order(m.Connect, channel=offered.channel, other="out")
        await exchange.event(m.Connected)
        carrier.says |= {1: (620.0,), 3: (1000.0,)}
        await carrier.hears(1, 1000)
        await carrier.hears(3, 620)
        exchange.order(m.Hangup, channel="out", cause=16)
        exchange.order(m.Hangup, channel=offered.channel, cause=16)
        await carrier.event(1, r2.Freed)
        await carrier.event(3, r2.Freed)
        async with asyncio.timeout(15):
            while (await exchange.event(m.Stats, 10)).counters["parties"]:
                continue


async def test_what_the_carrier_refuses_ends_with_its_reason(box: tuple[Path, LocalCas]) -> None:
    async with span(box) as (exchange, carrier):
        exchange.order(m.Dial, channel="a", target=m.ToTrunk("carrier", "12#"), tag=TAG)
        assert (await exchange.event(m.Hungup, channel="a")).cause == 34
        exchange.order(m.Dial, channel="b", target=m.ToTrunk("carrier", "9555"), tag=TAG, caller_number="1")
        await carrier.event(3, r2.Offered)
        line = carrier.lines[3]
        line.act(lambda: line.line.hang_up(17))
        hungup = await exchange.event(m.Hungup, 10, channel="b")
        assert (hungup.cause, hungup.by) == (17, "party")
