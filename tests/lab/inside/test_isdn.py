"""Calls by ISDN between two spans of the real kernel modules: one is the gateway's, one a carrier's of the same code.

Timeslots 1 to 4 are analog lines there, 16 is the D-channel. All others are wanted at once.
"""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np

from drivers.boards.dahdi import device
from drivers.boards.dahdi.device import BLOCK
from drivers.boards.dahdi.span import DahdiSpan
from drivers.link import messages as m
from native.dsp import alaw_decode, alaw_encode
from tests.audio import best_match, write_wav
from tests.drivers.gateway.conftest import GatewayProcess
from tests.drivers.gateway.exchange import Exchange
from tests.lab.carrier import Carrier, Subscriber
from tests.native import signals

TAG = m.Tag("call", "1")
OURS = m.IsdnTrunk(name="carrier", span=1)
SLOTS = [*range(5, 16), *range(17, 32)]
LATE_S = 30
SILENCE = alaw_encode(bytes(2 * BLOCK))


class Talk:
    """What a subscriber says, then nothing, a block for each that is heard."""

    def __init__(self, subscriber: Subscriber, samples: bytes) -> None:
        self.heard = b""
        self._fd = subscriber.call.descriptor()
        places = range(0, len(samples) - 2 * BLOCK, 2 * BLOCK)
        self._blocks = [alaw_encode(samples[at : at + 2 * BLOCK]) for at in places]
        for _ in range(2):
            os.write(self._fd, SILENCE)
        asyncio.get_running_loop().add_reader(self._fd, self._take)

    def _take(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self.heard += os.read(self._fd, BLOCK)
            os.write(self._fd, self._blocks.pop(0) if self._blocks else SILENCE)

    def stop(self) -> None:
        """Listen and talk no more."""
        asyncio.get_running_loop().remove_reader(self._fd)


class Cable(DahdiSpan):
    """A span whose D-channel can be `cut` while its B-channels go on."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.cut = False
        self._device, self._loop = self.dchannel, asyncio.get_running_loop()
        near, self._far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        near.setblocking(False)
        self._far.setblocking(False)
        self.dchannel = near.detach()
        self._loop.add_reader(self._device, self._come)
        self._loop.add_reader(self._far, self._go)

    def _come(self) -> None:
        list(device.events(self._device))
        with contextlib.suppress(BlockingIOError):
            frame = os.read(self._device, device.FRAME_BYTES)
            if not self.cut:
                self._far.send(frame)

    def _go(self) -> None:
        frame = self._far.recv(device.FRAME_BYTES)
        if not self.cut:
            os.write(self._device, frame)

    def take_events(self, fd: int) -> None:
        if fd != self.dchannel:
            super().take_events(fd)

    def close(self) -> None:
        self._loop.remove_reader(self._device)
        self._loop.remove_reader(self._far)
        self._far.close()
        os.close(self._device)
        super().close()


@asynccontextmanager
async def spans(
    gateway: GatewayProcess, *configured: m.SpanSetting
) -> AsyncIterator[tuple[Exchange, Carrier, Cable]]:
    """A gateway whose trunk is up, with all its channels idle; and other spans that are configured."""
    exchange = await Exchange.connect(gateway.home)
    cable = Cable(2)
    carrier = Carrier(cable)
    up = "trunk:carrier" in exchange.snapshot.registered
    exchange.order(
        m.Provision, country="CN", lines=(), users=(), trunks=(), isdn=(OURS,), rtp_first=20000, rtp_last=20100,
        spans=configured,
    )  # fmt: skip
    try:
        if not up:
            await exchange.event(m.RegistrationChanged, LATE_S, name="trunk:carrier", registered=True)
        await asyncio.wait_for(carrier.up.wait(), LATE_S)
        await asyncio.sleep(3)  # both make all channels idle
        yield exchange, carrier, cable
        await carrier.idle()
        await asyncio.sleep(1)  # the last frames are still in the kernel, which forgets them with the channel
    finally:
        carrier.span.close()
        await exchange.close()


async def both_hear(exchange: Exchange, channel: str, caller: Subscriber, digit: str, folder: Path) -> None:
    """See that the caller hears all of a prompt, and the box the caller's key."""
    key = np.concatenate([np.zeros(16000, np.int16), signals.dtmf(digit), np.zeros(1600, np.int16)])
    talk = Talk(caller, key.astype(np.int16).tobytes())
    words = signals.speech_like(2, seed=7)
    write_wav(folder / "prompt.wav", words)
    exchange.order(m.Play, channel=channel, sounds=(m.Prompt(str(folder / "prompt.wav")),))
    assert (await exchange.event(m.Digit, LATE_S, channel=channel)).digit == digit
    await exchange.event(m.Finished, LATE_S, channel=channel)
    await asyncio.sleep(0.5)
    match = best_match(np.frombuffer(alaw_decode(talk.heard), np.int16), words)
    assert match.likeness > 0.95, match
    talk.stop()


async def test_a_call_comes_in_hears_the_prompt_presses_a_key_and_hangs_up(
    gateway: GatewayProcess, tmp_path: Path
) -> None:
    async with spans(gateway) as (exchange, carrier, _):
        caller = carrier.dial("62871234", "13800138000")
        offered = await exchange.event(m.Offered, LATE_S)
        assert (offered.source, offered.did, offered.caller_number) == ("trunk:carrier", "62871234", "13800138000")
        exchange.order(m.Ring, channel=offered.channel)
        await caller.wait("ringing")
        exchange.order(m.Answer, channel=offered.channel)
        await caller.wait("answered")
        await both_hear(exchange, offered.channel, caller, "5", tmp_path)
        caller.call.hang_up(17)
        hungup = await exchange.event(m.Hungup, LATE_S, channel=offered.channel)
        assert (hungup.by, hungup.cause) == ("party", 17)


async def test_the_box_calls_on_all_channels_at_once_and_no_more(gateway: GatewayProcess) -> None:
    async with spans(gateway) as (exchange, carrier, _):
        for count in range(len(SLOTS)):
            exchange.order(m.Dial, channel=f"out-{count}", target=m.ToTrunk("carrier", f"955{count:02}"), tag=TAG)
            call = await carrier.called()
            assert call.did == f"955{count:02}"
            call.answer()
            await exchange.event(m.Answered, LATE_S, channel=f"out-{count}")
        assert sorted(carrier.span.calls) == SLOTS
        exchange.order(m.Dial, channel="more", target=m.ToTrunk("carrier", "1"), tag=TAG)
        assert (await exchange.event(m.Hungup, LATE_S, channel="more")).cause == 34
        for count in range(len(SLOTS)):
            exchange.order(m.Hangup, channel=f"out-{count}", cause=16)
            hungup = await exchange.event(m.Hungup, LATE_S, channel=f"out-{count}")
            assert (hungup.by, hungup.cause) == ("exchange", 16)
        await carrier.idle()
        exchange.order(m.Dial, channel="again", target=m.ToTrunk("carrier", "1"), tag=TAG)
        call = await carrier.called()
        call.call.hang_up(1)
        assert (await exchange.event(m.Hungup, LATE_S, channel="again")).cause == 1


async def test_a_talk_goes_on_while_the_d_channel_is_cut_and_calls_are_made_once_it_is_not(
    gateway: GatewayProcess, tmp_path: Path
) -> None:
    async with spans(gateway) as (exchange, carrier, cable):
        caller = carrier.dial("62871234", "13800138000")
        talk = (await exchange.event(m.Offered, LATE_S)).channel
        exchange.order(m.Answer, channel=talk)
        await caller.wait("answered")
        await exchange.event(m.Answered, LATE_S, channel=talk)
        await asyncio.sleep(1)  # what acknowledges it comes through, too
        cable.cut = True
        down = {"name": m.AlarmName.SPAN_DOWN, "subject": "span:1"}
        assert (await exchange.event(m.Alarm, 60, raised=True, **down)).wrong == m.Wrong("no-dchannel")
        await exchange.event(m.RegistrationChanged, LATE_S, name="trunk:carrier", registered=False)
        await both_hear(exchange, talk, caller, "3", tmp_path)
        exchange.order(m.Dial, channel="none", target=m.ToTrunk("carrier", "1"), tag=TAG)
        assert (await exchange.event(m.Hungup, LATE_S, channel="none")).by == "gateway"
        cable.cut = False
        await exchange.event(m.RegistrationChanged, LATE_S, name="trunk:carrier", registered=True)
        await exchange.event(m.Alarm, LATE_S, raised=False, **down)
        await both_hear(exchange, talk, caller, "4", tmp_path)
        exchange.order(m.Dial, channel="new", target=m.ToTrunk("carrier", "955"), tag=TAG)
        called = await carrier.called()
        called.answer()
        await exchange.event(m.Answered, LATE_S, channel="new")
        exchange.order(m.Hangup, channel="new", cause=16)
        caller.call.hang_up(16)
        hungup = await exchange.event(m.Hungup, LATE_S, channel=talk)
        assert (hungup.by, hungup.cause) == ("party", 16)
