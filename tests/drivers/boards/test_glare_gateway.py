"""Glare in a whole gateway: an office that begins to ring as it learns that the loop is closed."""

import asyncio
import json
from collections.abc import Iterator

import numpy as np
import pytest

from drivers.link import messages as m
from drivers.link.causes import NO_CIRCUIT_AVAILABLE
from native.dsp import alaw_decode
from tests.audio import hears_tone
from tests.drivers.boards.test_sim_board import LyingOffice
from tests.drivers.gateway.conftest import GatewayProcess
from tests.drivers.gateway.exchange import Exchange

TAG = m.Tag("call", "1")
RINGBACK_HZ, BEEP_HZ = 450, 1000
SILENCE = b"\xd5" * 160


class Office(LyingOffice):
    """Its word on line 1, and its ear there."""

    async def come(self) -> None:
        """Take the gateway's board, and give it a line."""
        self.wire = await self.accept()
        (self.audio,) = self.introduce(self.wire, 1)
        self.wire.setblocking(False)
        self.audio.setblocking(False)
        self._told = b""

    async def loop(self, closed: bool) -> None:
        """Wait until the gateway says so of the loop."""
        wanted = json.dumps({"type": "loop", "line": 1, "closed": closed}, separators=(",", ":")).encode()
        async with asyncio.timeout(20):
            while wanted not in self._told:
                self._told += await asyncio.get_running_loop().sock_recv(self.wire, 4096)
        self._told = b""

    async def ring(self, on: bool) -> None:
        """Tell of ring voltage."""
        told = json.dumps({"type": "state", "line": 1, "ring": on}).encode() + b"\n"
        await asyncio.get_running_loop().sock_sendall(self.wire, told)

    async def hear(self, hertz: float) -> None:
        """Wait until the tone sounds on the line for half a second."""
        heard = [bytes(320)] * 25
        async with asyncio.timeout(20):
            while not hears_tone(np.frombuffer(b"".join(heard[-25:]), np.int16).astype(float), hertz):
                heard.append(alaw_decode(await asyncio.get_running_loop().sock_recv(self.audio, 160)))
                self.audio.send(SILENCE)


@pytest.fixture
def gateway() -> Iterator[GatewayProcess]:
    gateway = GatewayProcess()
    yield gateway
    log, status = gateway.log, gateway.stop()
    gateway.remove()
    assert status == 0, log
    assert "Traceback" not in log, log


async def test_a_ring_that_crosses_the_seizing_is_a_caller_who_hears_ringback_and_is_answered(
    gateway: GatewayProcess,
) -> None:
    office = Office(gateway.home)
    await asyncio.to_thread(gateway.start)
    await office.come()
    exchange = await Exchange.connect(gateway.home)
    exchange.order(m.Provision, country="CN", lines=(1,), users=(), trunks=(), rtp_first=20000, rtp_last=20100)
    await exchange.event(m.LineChanged, 20, line=1, state="idle")
    exchange.order(m.Dial, channel="out", target=m.ToLine(1, "10086"), tag=TAG)
    await office.loop(closed=True)
    await office.ring(True)
    ended = await exchange.event(m.Hungup, 20, channel="out")
    assert (ended.cause, ended.by) == (NO_CIRCUIT_AVAILABLE, "gateway")
    offered = await exchange.event(m.Offered, 20, source="line:1")
    await office.ring(False)
    exchange.order(m.Ring, channel=offered.channel)
    await office.hear(RINGBACK_HZ)
    exchange.order(m.Answer, channel=offered.channel)
    await exchange.event(m.Answered, 20, channel=offered.channel)
    exchange.order(m.Play, channel=offered.channel, sounds=(m.Tone("beep"),), loop=True)
    await office.hear(BEEP_HZ)
    exchange.order(m.Hangup, channel=offered.channel)
    await office.loop(closed=False)
    await exchange.event(m.Hungup, 20, channel=offered.channel)
    await exchange.event(m.LineChanged, 20, line=1, state="idle")
    await exchange.close()
    for end in (office.wire, office.audio, office.listener):
        end.close()
