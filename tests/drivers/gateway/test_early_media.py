"""What a far end says before it answers is heard by whoever calls it: announcements, its own ringback."""

import asyncio
from pathlib import Path

import numpy as np
import pytest

from drivers.link import messages as m
from tests import audio
from tests.drivers.gateway.conftest import Bench, GatewayProcess, bench
from tests.drivers.gateway.exchange import Exchange
from tests.drivers.gateway.far_end import Dialog
from tests.drivers.gateway.test_sip_outgoing import provision
from tests.drivers.gateway.test_with_edge import PROVISION, Edge, edge, phone  # noqa: F401 - a fixture
from tests.peers.ports import free_port
from tests.peers.sipp import Callee

CARRIER = m.SipTrunk("carrier", "127.0.0.9", username="box", secret="pencil")
ANNOUNCEMENT_HZ = 800


async def outward(box: Bench) -> tuple[Dialog, str]:
    """Call beyond the carrier; return its far end and our channel."""
    box.exchange.order(m.Provision, **provision(trunks=(CARRIER,)))
    await box.exchange.event(m.Provisioned)
    channel = box.dial(m.ToTrunk("carrier", "01062551234"))
    return await box.far.called(), channel


def speak(far: Dialog, status: int = 183) -> None:
    """Say something before the answer."""
    assert far.invite is not None
    far.voice.tone(ANNOUNCEMENT_HZ)
    far.answer(far.invite, status, "Early", far.sdp())
    far.voice.start(far.invite)


@pytest.mark.parametrize(("status", "source"), [(183, "extension:201"), (180, "trunk:pbx")])
@pytest.mark.parametrize("rung", [False, True], ids=["at once", "after ringing"])
async def test_a_telephone_or_trunk_hears_the_announcement_by_a_183_and_talks_after_the_answer(
    gateway: GatewayProcess, status: int, source: str, rung: bool
) -> None:
    async with bench(gateway) as box:
        phone, offered = await box.incoming(source=source)
        far, channel = await outward(box)
        if rung:
            far.ring()
            await box.exchange.event(m.Ringing, channel=channel)
            box.exchange.order(m.Ring, channel=offered.channel)
            await phone.status(180)
        speak(far, status)
        await box.exchange.event(m.Audible, channel=channel)
        box.exchange.order(m.Listen, channel=offered.channel, other=channel)
        phone.voice.start(await phone.status(183))
        await phone.voice.hears(ANNOUNCEMENT_HZ)
        assert not [one for one in box.exchange.of(channel) if isinstance(one, m.Answered)]
        far.accept()
        await box.exchange.event(m.Answered, channel=channel)
        box.exchange.order(m.Answer, channel=offered.channel)
        await phone.status(200)
        await box.exchange.event(m.Answered, channel=offered.channel)
        box.exchange.order(m.Connect, channel=offered.channel, other=channel)
        await box.exchange.event(m.Connected)
        far.voice.tone(1300)
        phone.voice.tone(500)
        await phone.voice.hears(1300)
        await far.voice.hears(500)


async def test_who_is_answered_already_hears_it_instead_of_what_was_played_and_is_told_its_end(
    gateway: GatewayProcess,
) -> None:
    async with bench(gateway) as box:
        phone, ours = await box.talking(source="extension:201")
        far, channel = await outward(box)
        box.exchange.order(m.Play, channel=ours, sounds=(m.Tone("ringback"),), loop=True)
        await phone.voice.hears(450)
        speak(far)
        await box.exchange.event(m.Audible, channel=channel)
        box.exchange.order(m.Listen, channel=ours, other=channel)
        await phone.voice.hears(ANNOUNCEMENT_HZ)
        far.refuse(404, "Not Found")
        assert (await box.exchange.event(m.Hungup, channel=channel)).cause == 1
        box.exchange.order(m.Play, channel=ours, sounds=(box.prompt("sorry", 1100, 3),))
        await phone.voice.hears(1100)


async def test_who_has_heard_one_who_does_not_answer_hears_that_the_next_rings(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        phone, offered = await box.incoming(source="trunk:pbx")
        far, channel = await outward(box)
        speak(far)
        await box.exchange.event(m.Audible, channel=channel)
        box.exchange.order(m.Listen, channel=offered.channel, other=channel)
        phone.voice.start(await phone.status(183))
        await phone.voice.hears(ANNOUNCEMENT_HZ)
        far.refuse(503, "Service Unavailable")
        await box.exchange.event(m.Hungup, channel=channel)
        box.exchange.order(m.Ring, channel=offered.channel)
        await phone.voice.hears(450)
        box.exchange.order(m.Hangup, channel=offered.channel, cause=34)
        await phone.status(503)


async def test_one_who_listens_and_then_talks_with_another_hears_that_one_alone(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        phone, ours = await box.talking(source="extension:201")
        other, theirs = await box.talking(source="extension:202")
        far, channel = await outward(box)
        speak(far)
        await box.exchange.event(m.Audible, channel=channel)
        box.exchange.order(m.Listen, channel=ours, other=channel)
        await phone.voice.hears(ANNOUNCEMENT_HZ)
        other.voice.tone(1300)
        box.exchange.order(m.Connect, channel=ours, other=theirs)
        await box.exchange.event(m.Connected)
        await phone.voice.hears(1300)


async def test_a_far_end_that_says_it_speaks_and_is_not_heard_rings(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        far, channel = await outward(box)
        assert far.invite is not None
        far.answer(far.invite, 183, "Session Progress", far.sdp())
        await box.exchange.event(m.Ringing, channel=channel)
        assert not [one for one in box.exchange.of(channel) if isinstance(one, m.Audible)]
        far.refuse(486, "Busy Here")


async def test_who_is_not_heard_cannot_be_listened_to(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        _, offered = await box.incoming(source="extension:201")
        far, channel = await outward(box)
        far.ring()
        await box.exchange.event(m.Ringing, channel=channel)
        order = box.exchange.order(m.Listen, channel=offered.channel, other=channel)
        assert (await box.exchange.event(m.Refused, command=order)).code == "wrong-state"
        far.refuse(486, "Busy Here")


async def test_a_real_telephone_hears_a_carriers_announcement_through_the_edge(
    edge: Edge, tmp_path: Path  # noqa: F811
) -> None:
    carrier = ("127.0.43.1", free_port("127.0.43.1"))
    time_s = np.arange(8000) / 8000
    said = (audio.amplitude(-12) * np.sin(2 * np.pi * ANNOUNCEMENT_HZ * time_s)).astype(np.int16)
    (tmp_path / "said.alaw").write_bytes(audio.encode_alaw(said))
    exchange = await Exchange.connect(edge.gateway.home)
    trunk = m.SipTrunk("carrier", *carrier)
    command = exchange.order(m.Provision, **PROVISION | {"trunks": (trunk,)})
    await exchange.event(m.Provisioned, command=command, timeout_s=20)
    callee = Callee(tmp_path / "callee", *carrier, sound=tmp_path / "said.alaw")
    desk = phone(edge, tmp_path, "201")
    try:
        await asyncio.to_thread(desk.__enter__)
        await asyncio.to_thread(desk.dial, "901062551234")
        offered = await exchange.event(m.Offered, timeout_s=20)
        exchange.order(m.Dial, channel="out", target=m.ToTrunk("carrier", "01062551234"), tag=m.Tag("c", "1"))
        await exchange.event(m.Audible, channel="out", timeout_s=20)
        exchange.order(m.Listen, channel=offered.channel, other="out")
        assert (await exchange.event(m.Hungup, channel="out", timeout_s=20)).cause == 1
        exchange.order(m.Hangup, channel=offered.channel, cause=1)
        await exchange.event(m.Hungup, channel=offered.channel)
        await asyncio.to_thread(desk.wait_event, "CALL_CLOSED")
    finally:
        await asyncio.to_thread(desk.switch_off)
        await asyncio.to_thread(callee.stop)
    assert audio.has_tone(audio.read_wav(desk.heard).channel(0), ANNOUNCEMENT_HZ, 0.5)
    await exchange.close()
