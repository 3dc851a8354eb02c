"""Calls that the gateway places by SIP, through the edge."""

import asyncio
import contextlib
import socket

import pytest

from drivers.link import messages as m
from tests.drivers.gateway.conftest import GatewayProcess, bench
from tests.peers.ports import free_range

CARRIER = m.SipTrunk("carrier", "127.0.0.9", port=5080, username="box", secret="pencil")


def provision(**fields: object) -> dict[str, object]:
    return {"country": "CN", "lines": (), "users": (), "trunks": (), "rtp_first": 24000, "rtp_last": 24999} | fields


async def test_an_extension_is_called_by_number_with_the_caller_shown(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        channel = box.dial(m.ToExtension("201"), caller_number="13800138000", caller_name='王 "Q"')
        dialog = await box.far.called()
        assert dialog.invite is not None
        assert dialog.invite.first.startswith(f"INVITE sip:201@127.0.0.1:{gateway.edge_port} ")
        assert dialog.invite.header("from").startswith('"王 \\"Q\\"" <sip:13800138000@')
        dialog.ring()
        await box.exchange.event(m.Ringing, channel=channel)
        dialog.accept()
        answered = await box.exchange.event(m.Answered, channel=channel)
        assert answered.assumed is False


async def test_without_a_caller_number_the_call_is_anonymous(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        box.dial(m.ToExtension("201"))
        dialog = await box.far.called()
        assert dialog.invite is not None
        assert dialog.invite.header("from").startswith('"Anonymous" <sip:anonymous@anonymous.invalid>')
        dialog.refuse(486, "Busy Here")


async def test_two_provisional_answers_are_one_ringing(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        channel = box.dial(m.ToExtension("201"))
        dialog = await box.far.called()
        dialog.ring()
        dialog.ring()
        dialog.refuse(486, "Busy Here")
        await box.exchange.event(m.Hungup, channel=channel)
        assert [type(event).__name__ for event in box.exchange.of(channel)] == ["Ringing", "Hungup"]


@pytest.mark.parametrize(
    ("status", "phrase", "headers", "cause"),
    [
        (486, "Busy Here", "", 17), (600, "Busy Everywhere", "", 17), (480, "Temporarily Unavailable", "", 18),
        (480, "Not registered", "", 20), (404, "No such extension", "", 1), (403, "Forbidden", "", 21),
        (603, "Decline", "", 21), (488, "Not Acceptable Here", "", 88), (503, "Service Unavailable", "", 41),
        (408, "Request Timeout", "", 102), (484, "Address Incomplete", "", 28), (499, "Strange", "", 41),
        (302, "Moved Temporarily", "Contact: <sip:x@127.0.0.1>\r\n", 31),
        (486, "Busy Here", 'Reason: Q.850;cause=34;text="no circuit"\r\n', 34),
    ],
)  # fmt: skip
async def test_a_refusal_is_told_as_its_cause(
    gateway: GatewayProcess, status: int, phrase: str, headers: str, cause: int
) -> None:
    async with bench(gateway) as box:
        channel = box.dial(m.ToExtension("201"))
        (await box.far.called()).refuse(status, phrase, headers)
        hungup = await box.exchange.event(m.Hungup, channel=channel)
        assert (hungup.cause, hungup.by) == (cause, "party")


async def test_who_does_not_answer_in_time_is_left_alone(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        channel = box.dial(m.ToExtension("201"), timeout_s=0.5)
        dialog = await box.far.called()
        dialog.ring()
        await dialog.asked("CANCEL")
        hungup = await box.exchange.event(m.Hungup, channel=channel)
        assert (hungup.cause, hungup.by) == (19, "gateway")


async def test_a_dialled_call_is_cancelled_by_hanging_up(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        channel = box.dial(m.ToExtension("201"))
        dialog = await box.far.called()
        dialog.ring()
        await box.exchange.event(m.Ringing, channel=channel)
        box.exchange.order(m.Hangup, channel=channel, cause=26)
        assert "cause=26" in (await dialog.asked("CANCEL")).header("reason")
        assert (await box.exchange.event(m.Hungup, channel=channel)).by == "exchange"


async def test_an_answer_that_crosses_our_hangup_is_ended(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        channel = box.dial(m.ToExtension("201"))
        dialog = await box.far.called()
        dialog.ring()
        await box.exchange.event(m.Ringing, channel=channel)
        dialog.picks_up_too_late = True
        box.exchange.order(m.Hangup, channel=channel)
        await dialog.asked("BYE")
        await box.exchange.event(m.Hungup, channel=channel)
        assert not [event for event in box.exchange.of(channel) if isinstance(event, m.Answered)]


async def test_a_telephone_without_a_codec_of_ours_is_no_talk(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        channel = box.dial(m.ToExtension("201"))
        dialog = await box.far.called()
        dialog.accept(codecs="unknown")
        hungup = await box.exchange.event(m.Hungup, channel=channel)
        assert hungup.cause == 88
        await dialog.asked("BYE")


async def test_a_trunk_is_called_through_the_edge_and_knows_our_password(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        box.exchange.order(m.Provision, **provision(trunks=(CARRIER,)))
        await box.exchange.event(m.Provisioned)
        channel = box.dial(m.ToTrunk("carrier", "01062551234"), caller_number="4001")
        dialog = await box.far.called()
        assert dialog.invite is not None
        assert dialog.invite.first.startswith("INVITE sip:01062551234@127.0.0.9:5080 ")
        assert "<sip:4001@127.0.0.9>" in dialog.invite.header("from")
        challenge = 'Proxy-Authenticate: Digest realm="carrier", nonce="n1", algorithm=MD5\r\n'
        dialog.refuse(407, "Proxy Authentication Required", challenge)
        again = await dialog._wait(lambda message: "proxy-authorization" in message.headers, 5, "credentials")
        assert 'username="box"' in again.header("proxy-authorization")
        assert "pencil" not in again.header("proxy-authorization")
        dialog.invite = again
        dialog.accept()
        await box.exchange.event(m.Answered, channel=channel)


async def test_a_trunk_nobody_knows_is_out_of_order(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        channel = box.dial(m.ToTrunk("nosuch", "1"))
        hungup = await box.exchange.event(m.Hungup, channel=channel)
        assert (hungup.cause, hungup.by) == (38, "gateway")


async def test_a_registering_trunk_is_registered_at_through_the_edge(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        trunk = m.SipTrunk("registrar", "127.0.0.9", username="box", secret="pencil", register=True)
        box.exchange.order(m.Provision, **provision(trunks=(trunk,)))
        register = await asyncio.wait_for(box.far.others.get(), 5)
        assert register.first.startswith("REGISTER sip:127.0.0.9")
        vias = "".join(f"Via: {via}\r\n" for via in register.headers["via"])
        box.far.send(
            f"SIP/2.0 200 OK\r\n{vias}From: {register.header('from')}\r\nTo: {register.header('to')};tag=x\r\n"
            f"Call-ID: {register.header('call-id')}\r\nCSeq: {register.header('cseq')}\r\n"
            f"Contact: {register.header('contact')};expires=600\r\nContent-Length: 0\r\n\r\n"
        )
        changed = await box.exchange.event(m.RegistrationChanged, name="trunk:registrar")
        assert changed.registered is True
        box.exchange.order(m.Provision, **provision())
        leaving = await asyncio.wait_for(box.far.others.get(), 5)
        assert leaving.header("expires") == "0"


@pytest.mark.parametrize("number", ["2 0 1", "<sip:x>", "1;transport=tcp", "*20#", "1" * 40, "\r\nX: y"])
async def test_no_number_breaks_out_of_its_uri(gateway: GatewayProcess, number: str) -> None:
    async with bench(gateway) as box:
        channel = box.dial(m.ToExtension(number))
        dialog = await box.far.called()
        assert dialog.invite is not None
        uri = dialog.invite.first.split()[1]
        assert uri.startswith("sip:")
        assert uri.endswith(f"@127.0.0.1:{gateway.edge_port}")
        assert "x" not in dialog.invite.headers
        dialog.refuse(404, "No such extension")
        await box.exchange.event(m.Hungup, channel=channel)


async def test_media_of_a_call_uses_the_configured_ports(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        first = free_range(100)
        box.exchange.order(m.Provision, **provision(rtp_first=first, rtp_last=first + 99))
        await box.exchange.event(m.Provisioned)
        ports = []
        for _ in range(3):
            dialog, _ = await box.dialled()
            assert dialog.invite is not None
            ports.append(dialog.invite.media[1])
        assert all(first <= port <= first + 99 for port in ports)
        assert len(set(ports)) == 3


async def test_a_call_finds_the_one_free_pair_among_hundreds_in_use(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        first = free_range(704)
        with contextlib.ExitStack() as taken:
            for port in range(first, first + 700):
                held = taken.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
                held.bind(("127.0.0.1", port))
            box.exchange.order(m.Provision, **provision(rtp_first=first, rtp_last=first + 703))
            await box.exchange.event(m.Provisioned)
            ports = set()
            for _ in range(2):
                dialog, channel = await box.talking()
                ports.add(next(answer.media[1] for answer in dialog.received_messages if answer.status == 200))
            too_many = box.dial(m.ToExtension("201"))
            assert (await box.exchange.event(m.Hungup, channel=too_many)).cause == 34
            box.exchange.order(m.Hangup, channel=channel)
            await box.exchange.event(m.Hungup, channel=channel)
            await box.dialled()
        assert ports == {first + 700, first + 702}
        box.exchange.order(m.Provision, **provision())
        await box.exchange.event(m.Provisioned)


async def test_the_media_address_is_the_one_for_the_peers_network(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        addresses = (m.MediaAddress("0.0.0.0/0", "203.0.113.7"), m.MediaAddress("10.0.0.0/8", "10.1.2.3"))
        box.exchange.order(m.Provision, **provision(media_addresses=addresses))
        await box.exchange.event(m.Provisioned)
        shown = {}
        for peer in ("10.9.9.9", "198.51.100.4"):
            dialog, channel = await box.talking(peer=peer)
            answer = next(message for message in dialog.received_messages if message.status == 200)
            shown[peer] = {line.split()[-1] for line in answer.body.splitlines() if " IP4 " in line}
            box.exchange.order(m.Hangup, channel=channel)
            await box.exchange.event(m.Hungup, channel=channel)
        assert shown == {"10.9.9.9": {"10.1.2.3"}, "198.51.100.4": {"203.0.113.7"}}
        box.exchange.order(m.Provision, **provision())
        await box.exchange.event(m.Provisioned)


async def test_without_configuration_the_route_to_the_peer_decides(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        dialog, _ = await box.talking(peer="127.0.0.77")
        answer = next(message for message in dialog.received_messages if message.status == 200)
        assert answer.media[0] == "127.0.0.1"
