"""The gateway's SIP with telephones and callers of others' making: baresip and sipp, without an edge between."""

import asyncio
import subprocess
from pathlib import Path

import numpy as np
import pytest

from drivers.link import messages as m
from tests import audio
from tests.drivers.gateway.conftest import Bench, GatewayProcess, bench
from tests.drivers.gateway.exchange import Exchange
from tests.peers.baresip import Phone
from tests.peers.sipp import Caller

EDGE = "X-Busyhour-Source: trunk:carrier\nX-Busyhour-Peer: 127.0.0.1\n"


def tone(path: Path, hertz: float, duration_s: float = 30) -> Path:
    """Write a sound file of a tone."""
    time_s = np.arange(round(duration_s * 8000)) / 8000
    audio.write_wav(path, (audio.amplitude(-12) * np.sin(2 * np.pi * hertz * time_s)).astype(np.int16))
    return path


async def test_a_real_telephone_talks_holds_presses_and_transfers(gateway: GatewayProcess, tmp_path: Path) -> None:
    exchange = await Exchange.connect(gateway.home)
    phone = Phone(tmp_path / "phone", f"127.0.0.1:{gateway.sip_port}", "201", "x", tone(tmp_path / "says.wav", 1000))
    listen = [line for line in (phone.folder / "config").read_text().splitlines() if line.startswith("sip_listen")]
    config = (phone.folder / "config").read_text().replace(listen[0], f"sip_listen 127.0.0.1:{gateway.edge_port}")
    (phone.folder / "config").write_text(config)
    await asyncio.to_thread(phone.switch_on)  # it cannot register: there is no registrar here
    try:
        channel = f"real-{exchange.hello.epoch}"
        exchange.order(m.Dial, channel=channel, target=m.ToExtension("201"), tag=m.Tag("c", "2"), caller_number="138")
        await exchange.event(m.Ringing, channel=channel)
        phone.answer()
        await exchange.event(m.Answered, channel=channel)
        path = gateway.home / "recordings/real.wav"
        exchange.order(m.Record, channel=channel, path=str(path))
        await exchange.event(m.Recording)
        await asyncio.sleep(1)
        phone.hold()
        await exchange.event(m.Held, channel=channel)
        phone.resume()
        await exchange.event(m.Resumed, channel=channel)
        for key in "17#":
            phone.press(key)
            digit = await exchange.event(m.Digit, channel=channel)
            assert (digit.digit, digit.via) == (key, "rfc4733")
            await asyncio.sleep(0.2)
        await asyncio.sleep(1)
        phone.command("transfer", "sip:202@busyhour")
        assert (await exchange.event(m.Transferring, channel=channel)).number == "202"
        await exchange.settled()
        assert not [event for event in exchange.of(channel) if isinstance(event, m.Hungup)]
        exchange.order(m.ConcludeTransfer, channel=channel)  # it hangs up by itself when it hears of its success
        hungup = await exchange.event(m.Hungup, channel=channel)
        assert (hungup.cause, hungup.by) == (16, "party")
        heard = audio.read_wav(path).channel(0)
        assert audio.hears_tone(heard[2400:5600], 1000)
        assert audio.hears_tone(heard[-4000:-800], 1000)
    finally:
        await asyncio.to_thread(phone.switch_off)
        await exchange.close()


async def serve(box: Bench, calls: int, prompt: m.Prompt) -> None:
    """Answer that many calls, play to each, until all have hung up."""
    for _ in range(calls):
        offered = await box.exchange.event(m.Offered, timeout_s=20)
        box.exchange.order(m.Claim, channel=offered.channel, tag=box.tag)
        box.exchange.order(m.Answer, channel=offered.channel)
        box.exchange.order(m.Play, channel=offered.channel, sounds=(prompt,), loop=True)
    for _ in range(calls):
        hungup = await box.exchange.event(m.Hungup, timeout_s=20)
        assert (hungup.cause, hungup.by) == (16, "party")


def scenario() -> Caller:
    """A caller whose INVITE carries what the edge says of it."""
    caller = Caller()
    caller._steps[0] = caller._steps[0].replace("Max-Forwards", EDGE + "Max-Forwards")
    return caller


@pytest.mark.parametrize("calls", [60])
async def test_fifty_calls_a_second_are_all_answered(gateway: GatewayProcess, tmp_path: Path, calls: int) -> None:
    async with bench(gateway) as box:
        port = box.far.port
        box.far.close()
        sipp = scenario().answered().wait(1).hang_up().start(
            tmp_path, f"127.0.0.1:{gateway.sip_port}", "4001", port=port, calls=calls, rate=50, timeout_s=30
        )
        await serve(box, calls, box.prompt("busy", 800, 2))
        await asyncio.to_thread(sipp.finish)
        await box.exchange.settled()
        assert not box.exchange.snapshot.channels


async def test_a_caller_presses_a_key_by_info(gateway: GatewayProcess, tmp_path: Path) -> None:
    async with bench(gateway) as box:
        port = box.far.port
        box.far.close()
        sipp = scenario().answered().info("6").wait(0.5).hang_up().start(
            tmp_path, f"127.0.0.1:{gateway.sip_port}", "4001", port=port, timeout_s=30
        )
        offered = await box.exchange.event(m.Offered)
        box.exchange.order(m.Answer, channel=offered.channel)
        digit = await box.exchange.event(m.Digit, channel=offered.channel)
        assert (digit.digit, digit.via) == ("6", "info")
        await box.exchange.event(m.Hungup, channel=offered.channel)
        await asyncio.to_thread(sipp.finish)


def test_the_peers_are_here() -> None:
    """Without them the tests above would say nothing."""
    for program in ("baresip", "sipp"):
        subprocess.run(["which", program], check=True, capture_output=True)
