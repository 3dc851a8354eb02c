"""What a trunk's far end is particular about, one setting after the other: headers, keys, ringing, codecs."""

import asyncio
import re
from collections.abc import Callable

import pytest

from drivers.link import messages as m
from drivers.link.manner import Manner
from tests import audio
from tests.drivers.gateway.conftest import Bench, GatewayProcess, bench
from tests.drivers.gateway.far_end import Dialog
from tests.drivers.gateway.test_media import dtmf
from tests.drivers.gateway.test_sip_outgoing import provision

HOST = "127.0.0.9"
MANNERS = {
    "rpid": Manner(caller_from="remote-party-id", caller_in="remote-party-id", did_from="diversion"),
    "withheld": Manner(caller_in="asserted", presentation="withheld"),
    "account": Manner(caller_in="preferred", sender="username", presentation="withheld"),
    "shy": Manner(presentation="withheld", caller_in="remote-party-id"),
    "inband": Manner(dtmf="inband"),
    "info": Manner(dtmf="info"),
    "early": Manner(early_media=True),
    "reliable": Manner(prack="offer"),
    "patient": Manner(session_timer_s=1800),
    "untimed": Manner(session_timer_s=0),
    "wideband": Manner(codecs=("g722", "pcma")),
}


async def trunks(box: Bench) -> None:
    """Give the gateway a trunk of each manner."""
    all_of_them = tuple(
        m.SipTrunk(name, HOST, username="box", secret="pencil", manner=of) for name, of in MANNERS.items()
    )
    command = box.exchange.order(m.Provision, **provision(trunks=all_of_them))
    await box.exchange.event(m.Provisioned, command=command, timeout_s=20)


@pytest.mark.parametrize(
    ("headers", "did", "number"),
    [
        (
            'Diversion: <sip:first@h>;reason=unconditional, "a, b" <sip:4007@h>;reason=no-answer\r\n'
            'Remote-Party-ID: "Bob" <sip:13900139000@h>;party=calling;privacy=off\r\n', "4007", "13900139000",
        ),
        ("Diversion: <sip:4008@h>\r\nDiversion: <sip:4009@h>\r\n", "4009", "13800138000"),
        ("Remote-Party-ID: <sip:13900139000@h>;party=calling;privacy=full\r\n", "4001", ""),
    ],
)  # fmt: skip
async def test_caller_and_called_are_found_where_they_are_said_else_where_they_always_are(
    gateway: GatewayProcess, headers: str, did: str, number: str
) -> None:
    async with bench(gateway) as box:
        await trunks(box)
        _, offered = await box.incoming(source="trunk:rpid", headers=headers)
        assert (offered.did, offered.caller_number, offered.withheld) == (did, number, not number)


@pytest.mark.parametrize(
    ("trunk", "sender", "header", "value", "privacy"),
    [
        ("rpid", '"Shop" <sip:4001@127.0.0.9>', "remote-party-id",
         '"Shop" <sip:4001@127.0.0.9>;party=calling;privacy=off;screen=no', ""),
        ("withheld", '"Anonymous" <sip:anonymous@anonymous.invalid>', "p-asserted-identity",
         '"Shop" <sip:4001@127.0.0.9>', "id"),
        ("account", "<sip:box@127.0.0.9>", "p-preferred-identity", '"Shop" <sip:4001@127.0.0.9>', "id"),
        ("shy", '"Anonymous" <sip:anonymous@anonymous.invalid>', "remote-party-id",
         '"Shop" <sip:4001@127.0.0.9>;party=calling;privacy=full;screen=no', "id"),
        ("inband", '"Shop" <sip:4001@127.0.0.9>', "p-asserted-identity", "", ""),
    ],
)  # fmt: skip
async def test_our_number_is_said_or_withheld_in_the_headers_it_belongs_to(
    gateway: GatewayProcess, trunk: str, sender: str, header: str, value: str, privacy: str
) -> None:
    async with bench(gateway) as box:
        await trunks(box)
        box.dial(m.ToTrunk(trunk, "95555"), caller_number="4001", caller_name="Shop")
        dialog = await box.far.called()
        assert dialog.invite is not None
        assert dialog.invite.header("from").partition(";tag=")[0] == sender
        assert (dialog.invite.header(header), dialog.invite.header("privacy")) == (value, privacy)
        dialog.refuse(486, "Busy Here")


WAYS = ["inband", "info", "rpid"]


async def until(true: Callable[[], bool]) -> None:
    """Wait until it is so; AssertionError if it never is."""
    for _ in range(250):
        if true():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("not within 5 s")


def hears_five(far: Dialog) -> bool:
    """Tell whether it hears the sound of a 5 now, whose louder half is 1336 Hz."""
    return abs(audio.strongest_hz(far.voice.samples(0.06)) - 1336) < 20


@pytest.mark.parametrize("trunk", WAYS)
async def test_keys_go_to_a_trunk_by_its_own_way_alone(gateway: GatewayProcess, trunk: str) -> None:
    async with bench(gateway) as box:
        await trunks(box)
        far, channel = await box.talking(source=f"trunk:{trunk}")
        answer = next(one for one in far.received_messages if one.status == 200)
        assert ("telephone-event" in answer.body) is (trunk != "inband")
        phone, other = await box.talking(source="extension:201")
        box.exchange.order(m.Connect, channel=channel, other=other)
        await box.exchange.event(m.Connected)
        await phone.voice.press("5")
        if trunk == "info":
            told = await far.asked("INFO")
            assert told.body.replace(" ", "").startswith("Signal=5")
            far.answer(told, 200)
        elif trunk == "inband":
            await until(lambda: hears_five(far))
        else:
            await until(lambda: (5, True) in far.voice.events)
        assert bool(far.voice.events) is (trunk == "rpid")


@pytest.mark.parametrize("trunk", WAYS)
async def test_keys_come_from_a_trunk_by_its_own_way_alone(gateway: GatewayProcess, trunk: str) -> None:
    async with bench(gateway) as box:
        await trunks(box)
        far, channel = await box.talking(source=f"trunk:{trunk}")
        await far.voice.press("7")
        far.request("INFO", "Signal=8\r\nDuration=160\r\n", kind="application/dtmf-relay")
        await far.status(200, method="INFO")
        far.voice.say(dtmf(770, 1336))
        told = await box.exchange.event(m.Digit, channel=channel)
        await asyncio.sleep(1)
        keys = {(one.digit, one.via) for one in box.exchange.of(channel) if isinstance(one, m.Digit)}
        expected = {"inband": ("5", "inband"), "info": ("8", "info"), "rpid": ("7", "rfc4733")}[trunk]
        assert keys == {expected}
        assert (told.digit, told.via) == expected


async def test_a_caller_hears_our_ringback_before_the_answer_where_the_trunk_wants_that(
    gateway: GatewayProcess,
) -> None:
    async with bench(gateway) as box:
        await trunks(box)
        far, offered = await box.incoming(source="trunk:early")
        box.exchange.order(m.Ring, channel=offered.channel)
        early = await far.status(183)
        far.voice.start(early)
        await far.voice.hears(450)  # China's ringback
        box.exchange.order(m.Answer, channel=offered.channel)
        await far.status(200)
        prompt = box.prompt("greeting", 900, 3)
        box.exchange.order(m.Play, channel=offered.channel, sounds=(prompt,))
        await far.voice.hears(900)
        await box.exchange.event(m.Finished)
        await asyncio.sleep(0.3)
        assert audio.level_dbm0(far.voice.samples(0.2)) < -60  # the ringback is over


async def test_others_hear_that_we_ring_without_a_voice(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        await trunks(box)
        far, offered = await box.incoming(source="trunk:reliable")
        box.exchange.order(m.Ring, channel=offered.channel)
        assert (await far.status(180)).body == ""


async def test_a_provisional_answer_is_reliable_where_both_sides_can(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        await trunks(box)
        for trunk in ("reliable", "early"):
            far, offered = await box.incoming(source=f"trunk:{trunk}", headers="Supported: 100rel\r\n")
            box.exchange.order(m.Ring, channel=offered.channel)
            ringing = await far.status(180, 183)
            assert ("100rel" in ringing.header("require")) is (trunk == "reliable")
            if trunk == "reliable":
                far.to = ringing.header("to")
                far.request("PRACK", headers=f"RAck: {ringing.header('rseq')} 1 INVITE\r\n")
                await far.status(200, method="PRACK")


async def test_a_far_end_that_wants_its_provisional_answer_acknowledged_is_obeyed_whatever_the_trunk_says(
    gateway: GatewayProcess,
) -> None:
    async with bench(gateway) as box:
        await trunks(box)
        box.dial(m.ToTrunk("info", "95555"), caller_number="4001")
        dialog = await box.far.called()
        assert dialog.invite is not None
        dialog.answer(dialog.invite, 180, "Ringing", headers="Require: 100rel\r\nRSeq: 7\r\n")
        acknowledged = await dialog.asked("PRACK")
        assert acknowledged.header("rack").startswith("7 ")
        dialog.answer(acknowledged, 200)
        dialog.refuse(486, "Busy Here")


async def test_a_call_in_has_the_session_timer_of_its_trunk(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        await trunks(box)
        for trunk, expires in (("rpid", "600"), ("patient", "1800"), ("untimed", "")):
            far, offered = await box.incoming(source=f"trunk:{trunk}", headers="Supported: timer\r\n")
            box.exchange.order(m.Answer, channel=offered.channel)
            answer = await far.status(200)
            assert answer.header("session-expires").partition(";")[0] == expires


async def test_a_trunk_is_offered_and_answered_its_codecs_alone_best_first(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        await trunks(box)
        box.dial(m.ToTrunk("wideband", "95555"), caller_number="4001")
        dialog = await box.far.called()
        assert dialog.invite is not None
        voice = re.search(r"^m=audio \d+ RTP/AVP (\d+) (\d+) (\d+)\r$", dialog.invite.body, re.MULTILINE)
        assert voice is not None
        assert voice.groups()[:2] == ("9", "8")
        assert f"a=rtpmap:{voice[3]} telephone-event/8000" in dialog.invite.body
        assert "PCMU" not in dialog.invite.body
        dialog.refuse(486, "Busy Here")
        far, _ = await box.talking(source="trunk:wideband")
        answer = next(one for one in far.received_messages if one.status == 200)
        assert re.search(r"^m=audio \d+ RTP/AVP 8 ", answer.body, re.MULTILINE)
