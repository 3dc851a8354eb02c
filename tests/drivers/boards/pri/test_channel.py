"""Calls on a span through the real gateway: what the exchange is told, and the sound of the B-channels."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest

from drivers.link import messages as m
from native import isdn
from native.isdn import Party
from tests import audio
from tests.drivers.boards import e1
from tests.drivers.boards.pri.wires import FarEnd, LocalSpan, local_e1
from tests.drivers.gateway.exchange import Exchange
from tests.native.pri.pair import speaking

TAG = m.Tag("call", "1")
BLOCK_S = 0.02


@pytest.fixture
def box(tmp_path: Path) -> Iterator[tuple[Path, LocalSpan]]:
    """A gateway; its home, and the carrier's end of its E1."""
    ours, theirs = local_e1((1, 2, 3))
    fds = {slot: end.fileno() for slot, end in ours.sockets.items()}
    with e1.gateway(tmp_path, "tests.drivers.boards.pri.box", ours.dchannel, fds, lambda: let_go(ours)):
        yield tmp_path, theirs
    let_go(theirs)


def let_go(wire: LocalSpan) -> None:
    for end in (wire.frames, *wire.sockets.values()):
        end.close()


class Carrier(FarEnd, e1.Hearing):
    """The far end, which talks and listens on its B-channels too."""

    says_why = False    # its DISCONNECT says that there is something to hear

    def __init__(self, wire: LocalSpan, side: str = "network") -> None:
        FarEnd.__init__(self, wire, side)
        e1.Hearing.__init__(self, wire.slots)
        self.says: dict[int, float] = {}    # Hz, by timeslot
        self._task = asyncio.create_task(self._speak())

    def _send(self, frame: bytes) -> None:
        disconnect = not frame[2] & 1 and frame[8:9] == b"\x45"  # of an E1, whose call references are two octets
        super()._send(speaking(frame) if self.says_why and disconnect else frame)

    async def _speak(self) -> None:
        """Send 20 ms on each timeslot at the pace of the clock, and take what comes."""
        began, sent = self._loop.time(), 0
        while True:
            while sent * BLOCK_S <= self._loop.time() - began:
                time_s = (np.arange(160) + 160 * sent) / 8000
                for slot, end in self.wire.sockets.items():
                    wave = audio.amplitude(-12) * np.sin(2 * np.pi * self.says.get(slot, 0) * time_s)
                    with contextlib.suppress(BlockingIOError):
                        while True:
                            self.heard[slot].append(end.recv(2000))
                    with contextlib.suppress(BlockingIOError):  # nobody listens there yet
                        end.send(audio.encode_alaw(wave.astype(np.int16)))
                sent += 1
            self.changed.set()
            await asyncio.sleep(BLOCK_S / 2)

    async def event(self, kind: type) -> object:
        """Wait for one event of a kind."""
        async with asyncio.timeout(5):
            while not (found := self.of(kind)):
                await self.news()
        return found[0]

    async def idle(self) -> None:
        """Wait until no call is left."""
        async with asyncio.timeout(5):
            while self.dchannel.calls:
                await self.news()

    def close(self) -> None:
        self._task.cancel()
        super().close()


@asynccontextmanager
async def span(box: tuple[Path, LocalSpan], side: str = "user") -> AsyncIterator[tuple[Exchange, Carrier]]:
    """A gateway whose trunk is up."""
    home, wire = box
    exchange = await Exchange.connect(home)
    carrier = Carrier(wire, "network" if side == "user" else "user")
    trunk = m.IsdnTrunk(name="carrier", span=1, side=side)
    try:
        exchange.order(
            m.Provision, country="CN", lines=(), users=(), trunks=(), isdn=(trunk,), rtp_first=24000, rtp_last=24999
        )
        await exchange.event(m.RegistrationChanged, name="trunk:carrier", registered=True)
        restarted = 0
        async with asyncio.timeout(5):
            while (restarted := restarted + len(carrier.of(isdn.Restarted))) < len(wire.slots):
                await carrier.news()
        yield exchange, carrier
    finally:
        carrier.close()
        await exchange.close()


async def nobody_left(exchange: Exchange) -> None:
    """Wait until the media core has given all channels back."""
    async with asyncio.timeout(15):
        while (await exchange.event(m.Stats, 10)).counters["parties"]:
            continue


async def comes(exchange: Exchange, carrier: Carrier, slot: int, caller: Party) -> tuple[int, str]:
    """Let a call come in, and answer it; return its numbers there and here."""
    number = carrier.dchannel.call("62871234", caller, channel=slot, kind="subscriber")
    offered = await exchange.event(m.Offered, source="trunk:carrier", did="62871234")
    exchange.order(m.Answer, channel=offered.channel)
    await carrier.event(isdn.Answered)
    await exchange.event(m.Answered, channel=offered.channel)
    return number, offered.channel


async def test_a_call_comes_in_hears_us_presses_a_key_is_recorded_and_hangs_up(box: tuple[Path, LocalSpan]) -> None:
    async with span(box) as (exchange, carrier):
        number = carrier.dchannel.call("62871234", Party("441234567", "Anna", kind="international"), channel=2)
        offered = await exchange.event(m.Offered)
        assert (offered.source, offered.did, offered.caller_number, offered.caller_name, offered.withheld) == (
            "trunk:carrier", "62871234", "+441234567", "Anna", False
        )  # fmt: skip
        channel = offered.channel
        exchange.order(m.Ring, channel=channel)
        await carrier.event(isdn.Alerting)
        exchange.order(m.Answer, channel=channel)
        await carrier.event(isdn.Answered)
        path = box[0] / "recordings/span.wav"
        exchange.order(m.Record, channel=channel, path=str(path))
        time_s = np.arange(8000) / 8000
        audio.write_wav(box[0] / "tone.wav", (audio.amplitude(-12) * np.sin(2 * np.pi * 700 * time_s)).astype(np.int16))
        exchange.order(m.Play, channel=channel, sounds=(m.Prompt(str(box[0] / "tone.wav")),), loop=True)
        carrier.says[2] = 1000.0
        await carrier.hears(2, 700)
        await asyncio.sleep(1)
        carrier.dchannel.hang_up(number, 16)
        await exchange.event(m.Recorded, channel=channel)
        hungup = await exchange.event(m.Hungup, channel=channel)
        assert (hungup.cause, hungup.by) == (16, "party")
        await nobody_left(exchange)
        wav = audio.read_wav(path)
        last = slice(len(wav.samples) - 8000, len(wav.samples))
        assert audio.has_tone(wav.channel(0)[last], 1000)
        assert audio.has_tone(wav.channel(1)[last], 700)


async def test_two_calls_of_a_span_talk_to_each_other(box: tuple[Path, LocalSpan]) -> None:
    async with span(box) as (exchange, carrier):
        _, one = await comes(exchange, carrier, 1, Party("1"))
        exchange.order(m.Dial, channel="out", target=m.ToTrunk("carrier", "95555"), tag=TAG, caller_number="62871234")
        offer = await carrier.event(isdn.Offered)
        assert isinstance(offer, isdn.Offered)
        assert (offer.did, offer.caller.number, offer.channel) == ("95555", "62871234", 3)
        carrier.dchannel.alert(offer.call, 3)
        await exchange.event(m.Ringing, channel="out")
        carrier.dchannel.answer(offer.call)
        await exchange.event(m.Answered, channel="out")
        exchange.order(m.Connect, channel=one, other="out")
        await exchange.event(m.Connected)
        carrier.says |= {1: 620.0, 3: 1000.0}
        await carrier.hears(1, 1000)
        await carrier.hears(3, 620)
        carrier.dchannel.hang_up(offer.call, 17)
        hungup = await exchange.event(m.Hungup, channel="out")
        assert (hungup.cause, hungup.by) == (17, "party")
        exchange.order(m.Hangup, channel=one, cause=21)
        cleared = await carrier.event(isdn.Cleared)
        assert isinstance(cleared, isdn.Cleared)
        assert cleared.cause == 21
        await carrier.idle()
        await nobody_left(exchange)


@pytest.mark.parametrize("by", ["progress", "alert"])
async def test_what_the_carrier_says_before_the_answer_is_heard(box: tuple[Path, LocalSpan], by: str) -> None:
    async with span(box) as (exchange, carrier):
        _, one = await comes(exchange, carrier, 1, Party("1"))
        exchange.order(m.Dial, channel="out", target=m.ToTrunk("carrier", "95555"), tag=TAG)
        offer = await carrier.event(isdn.Offered)
        assert isinstance(offer, isdn.Offered)
        carrier.says[3] = 1000.0
        if by == "progress":
            carrier.dchannel.proceed(offer.call, 3)
            carrier.dchannel.progress(offer.call, 3)
        else:
            carrier.dchannel.alert(offer.call, 3, inband=True)
        await exchange.event(m.Audible, channel="out")
        exchange.order(m.Listen, channel=one, other="out")
        await carrier.hears(1, 1000)
        carrier.dchannel.answer(offer.call)
        await exchange.event(m.Answered, channel="out")
        exchange.order(m.Connect, channel=one, other="out")
        await exchange.event(m.Connected)
        carrier.says |= {1: 620.0}
        await carrier.hears(3, 620)
        for channel in ("out", one):
            exchange.order(m.Hangup, channel=channel)
            await exchange.event(m.Hungup, channel=channel)
        await nobody_left(exchange)


async def test_who_withholds_the_number_is_not_named(box: tuple[Path, LocalSpan]) -> None:
    async with span(box) as (exchange, carrier):
        carrier.dchannel.call("1", Party("13800138000", "Anna", "restricted"), channel=1)
        offered = await exchange.event(m.Offered)
        assert (offered.caller_number, offered.caller_name, offered.withheld) == ("", "", True)
        exchange.order(m.Hangup, channel=offered.channel, cause=21)
        cleared = await carrier.event(isdn.Cleared)
        assert isinstance(cleared, isdn.Cleared)
        assert cleared.cause == 21


async def test_what_cannot_be_dialled_ends_at_once(box: tuple[Path, LocalSpan]) -> None:
    async with span(box) as (exchange, carrier):
        for name, number, cause in (("a", "abc", 28), ("b", "", 28)):
            exchange.order(m.Dial, channel=name, target=m.ToTrunk("carrier", number), tag=TAG)
            assert (await exchange.event(m.Hungup, channel=name)).cause == cause
        for slot in (1, 2, 3):
            await comes(exchange, carrier, slot, Party("1"))
        exchange.order(m.Dial, channel="c", target=m.ToTrunk("carrier", "95555"), tag=TAG)
        assert (await exchange.event(m.Hungup, channel="c")).cause == 34


async def test_an_extension_at_a_pbx_is_called_by_its_trunk_and_no_other_is(box: tuple[Path, LocalSpan]) -> None:
    async with span(box) as (exchange, pbx):
        exchange.order(
            m.Provision, country="CN", lines=(), users=(), trunks=(), rtp_first=24000, rtp_last=24999,
            isdn=(m.IsdnTrunk(name="carrier", span=1),), pbx=(m.PbxSetup("carrier", "300", "399"),),
        )  # fmt: skip
        exchange.order(m.Dial, channel="in", target=m.ToExtension("345"), tag=TAG, caller_number="201")
        offer = await pbx.event(isdn.Offered)
        assert isinstance(offer, isdn.Offered)
        assert (offer.did, offer.caller.number) == ("345", "201")
        pbx.dchannel.alert(offer.call, offer.channel)
        await exchange.event(m.Ringing, channel="in")
        pbx.dchannel.hang_up(offer.call, 17)
        assert (await exchange.event(m.Hungup, channel="in")).cause == 17
        exchange.order(m.Dial, channel="none", target=m.ToExtension("400"), tag=TAG)
        exchange.order(m.Dial, channel="last", target=m.ToExtension("399"), tag=TAG)
        offer = await pbx.event(isdn.Offered)
        assert isinstance(offer, isdn.Offered)
        assert offer.did == "399"
