"""What becomes of calls while there is no exchange, and when one comes back."""

import asyncio

import pytest

from drivers.link import messages as m
from tests.drivers.gateway.conftest import GatewayProcess, bench
from tests.drivers.gateway.exchange import Exchange
from tests.drivers.gateway.far_end import Dialog


async def test_a_new_call_is_refused_after_five_seconds(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        await box.exchange.close()
        await asyncio.sleep(0.1)
        dialog = Dialog(box.far, "nobody-there").call()
        begun_s = asyncio.get_running_loop().time()
        refusal = await dialog.status(503, timeout_s=8)
        assert asyncio.get_running_loop().time() - begun_s == pytest.approx(5, abs=0.5)
        assert int(refusal.header("retry-after")) > 0
        box.exchange = await Exchange.connect(gateway.home)
        offered = await box.exchange.event(m.Offered)
        hungup = await box.exchange.event(m.Hungup, channel=offered.channel)
        assert (hungup.cause, hungup.by) == (41, "gateway")


async def test_a_new_call_is_there_for_an_exchange_that_comes_back_in_time(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        await box.exchange.close()
        await asyncio.sleep(0.1)
        dialog = Dialog(box.far, "in-time").call()
        await dialog.status(100)
        await asyncio.sleep(0.5)
        box.exchange = await Exchange.connect(gateway.home)
        offered = await box.exchange.event(m.Offered)
        assert offered.channel in {state.channel for state in box.exchange.snapshot.channels}
        await asyncio.sleep(5)
        box.exchange.order(m.Answer, channel=offered.channel)
        assert (await dialog.status(200)).status == 200
        await box.exchange.event(m.Answered)


async def test_a_talk_goes_on_and_ends_with_its_party(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        caller, one = await box.talking()
        agent, other = await box.dialled()
        caller.voice.tone(620)
        agent.voice.tone(1000)
        box.exchange.order(m.Connect, channel=one, other=other)
        await box.exchange.event(m.Connected)
        await box.exchange.close()
        await asyncio.sleep(1)
        await caller.voice.hears(1000)
        await agent.voice.hears(620)
        caller.bye()
        await agent.asked("BYE", timeout_s=1)
        box.exchange = await Exchange.connect(gateway.home)
        first = await box.exchange.event(m.Hungup, channel=one)
        second = await box.exchange.event(m.Hungup, channel=other)
        assert (first.by, second.by, second.cause) == ("party", "gateway", 16)
        assert first.seq < second.seq


async def test_who_waits_hears_music_when_a_prompt_ends(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        music = box.prompt("music", 1300, 0.5)
        box.exchange.order(
            m.Provision, country="CN", lines=(), users=(), trunks=(), rtp_first=24000, rtp_last=24999, music=music.path
        )
        await box.exchange.event(m.Provisioned)
        waiting, one = await box.talking()
        silent, _ = await box.talking()
        looped, _ = await box.talking()
        box.exchange.order(m.Play, channel=one, sounds=(box.prompt("greeting", 500, 0.6),))
        box.exchange.order(
            m.Play, channel=box.exchange.seen[-1].channel, sounds=(box.prompt("hold", 900, 0.5),), loop=True  # type: ignore[union-attr]
        )
        await box.exchange.settled()
        await box.exchange.close()
        await asyncio.sleep(1)
        await waiting.voice.hears(1300, 0.4)
        await silent.voice.hears(1300, 0.4)
        await looped.voice.hears(900, 0.4)
        box.exchange = await Exchange.connect(gateway.home)
        assert {state.playing != "" for state in box.exchange.snapshot.channels} == {True, False}
        for state in box.exchange.snapshot.channels:
            box.exchange.order(m.Hangup, channel=state.channel)
            await box.exchange.event(m.Hungup, channel=state.channel)
        assert not [e for e in box.exchange.seen if isinstance(e, m.Finished) and e.command == ""]
