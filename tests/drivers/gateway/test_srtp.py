"""Encrypted voice (SRTP, keys by SDES), looked at on the wire by an implementation of the tests' own."""

import asyncio
import re

import pytest

from drivers.link import messages as m
from tests import audio
from tests.drivers.gateway.conftest import Bench, GatewayProcess, bench
from tests.drivers.gateway.far_end import Dialog

PROVISION = {
    "country": "CN", "lines": (), "trunks": (), "rtp_first": 24000, "rtp_last": 24999,
    "users": (m.SipUser("201", "0" * 32, srtp=True), m.SipUser("202", "0" * 32)),
}  # fmt: skip


def keys(sdp: str) -> list[str]:
    return re.findall(r"^a=crypto:\d+ \S+ inline:(\S+)", sdp, re.MULTILINE)


async def assert_talks(box: Bench, dialog: Dialog, channel: str) -> None:
    """Let both sides say a tone: each hears the other's, and what came over the wire was none."""
    dialog.voice.tone(600)  # whole cycles in a packet: one that is late, on a busy machine, leaves the tone what it is
    box.exchange.order(m.Play, channel=channel, sounds=(box.prompt("said", 1000, 1),), loop=True)
    path = box.gateway.home / f"recordings/{channel}.wav"
    box.exchange.order(m.Record, channel=channel, path=str(path))
    await asyncio.sleep(1.5)
    assert audio.hears_tone(dialog.voice.samples(0.5), 1000)
    wire = audio.decode_alaw(bytes(dialog.voice.wire[-4000:]))
    assert audio.hears_tone(wire, 1000) is not dialog.crypto
    if dialog.crypto:
        assert abs(audio.level_dbm0(wire) - audio.level_dbm0(audio.decode_alaw(bytes(range(256))))) < 1  # as of noise
    box.exchange.order(m.StopRecord, channel=channel)
    await box.exchange.event(m.Recorded, channel=channel)
    assert audio.hears_tone(audio.read_wav(path).channel(0)[-8000:], 600)


@pytest.mark.parametrize(
    ("protocol", "crypto"), [("RTP/SAVP", True), ("RTP/AVP", True), ("RTP/AVP", False)], ids=["must", "may", "plain"]
)
async def test_a_call_is_encrypted_as_the_caller_offers(gateway: GatewayProcess, protocol: str, crypto: bool) -> None:
    async with bench(gateway) as box:
        dialog = Dialog(box.far, f"srtp-{protocol}-{crypto}", protocol=protocol, crypto=crypto).call()
        channel = (await box.exchange.event(m.Offered)).channel
        box.exchange.order(m.Answer, channel=channel)
        answer = await dialog.status(200)
        assert f" {protocol} " in answer.body
        assert len(keys(answer.body)) == crypto
        await assert_talks(box, dialog, channel)


async def test_an_offer_that_must_be_encrypted_but_gives_no_key_is_refused(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        dialog = Dialog(box.far, "no-key", protocol="RTP/SAVP").call()
        await dialog.status(406, 488)
        assert not [event for event in box.exchange.seen if isinstance(event, m.Offered)]


async def test_a_telephone_is_offered_what_it_is_configured_for(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        box.exchange.order(m.Provision, **PROVISION)
        await box.exchange.event(m.Provisioned)
        offers = {}
        for number in ("201", "202"):
            channel = box.dial(m.ToExtension(number))
            dialog = await box.far.called()
            assert dialog.invite is not None
            offers[number] = dialog.invite.body
            dialog.crypto = number == "201"
            dialog.protocol = "RTP/SAVP" if dialog.crypto else "RTP/AVP"
            dialog.accept()
            await box.exchange.event(m.Answered, channel=channel)
            await assert_talks(box, dialog, channel)
        assert " RTP/SAVP " in offers["201"]
        assert keys(offers["201"])
        assert " RTP/AVP " in offers["202"]
        assert not keys(offers["202"])


async def test_an_answer_without_a_key_ends_a_call_that_must_be_encrypted(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        box.exchange.order(m.Provision, **PROVISION)
        await box.exchange.event(m.Provisioned)
        channel = box.dial(m.ToExtension("201"))
        dialog = await box.far.called()
        dialog.accept()
        hungup = await box.exchange.event(m.Hungup, channel=channel)
        assert hungup.by != "exchange"
        assert not [event for event in box.exchange.of(channel) if isinstance(event, m.Answered)]


@pytest.mark.parametrize("called", [False, True], ids=["it called", "it was called"])
async def test_an_encrypted_call_is_held_and_taken_back(gateway: GatewayProcess, called: bool) -> None:
    async with bench(gateway) as box:
        if called:
            box.exchange.order(m.Provision, **PROVISION)
            await box.exchange.event(m.Provisioned)
            channel = box.dial(m.ToExtension("201"))
            dialog = await box.far.called()
            dialog.protocol, dialog.crypto = "RTP/SAVP", True
            dialog.accept()
            await box.exchange.event(m.Answered, channel=channel)
        else:
            dialog = Dialog(box.far, "srtp-hold", protocol="RTP/SAVP", crypto=True).call()
            channel = (await box.exchange.event(m.Offered)).channel
            box.exchange.order(m.Answer, channel=channel)
            await dialog.status(200)
        for direction, told in (("sendonly", m.Held), ("sendrecv", m.Resumed)):
            assert (await dialog.hold(direction)).status == 200
            await box.exchange.event(told, channel=channel)
        await assert_talks(box, dialog, channel)


async def test_every_offer_has_keys_of_its_own_and_waits_for_none(gateway: GatewayProcess) -> None:
    """Without OpenSSL pjmedia as delivered sleeps a quarter of a second over the keys of an offer."""
    async with bench(gateway) as box:
        box.exchange.order(m.Provision, **PROVISION)
        await box.exchange.event(m.Provisioned)
        seen: list[str] = []
        waited_s = []
        for _ in range(10):
            asked_s = asyncio.get_running_loop().time()
            channel = box.dial(m.ToExtension("201"))
            dialog = await box.far.called()
            waited_s.append(asyncio.get_running_loop().time() - asked_s)
            assert dialog.invite is not None
            seen += keys(dialog.invite.body)
            box.exchange.order(m.Hangup, channel=channel)
            await box.exchange.event(m.Hungup, channel=channel)
        assert len(seen) >= 10
        assert len(set(seen)) == len(seen)
        assert sorted(waited_s)[5] < 0.1
