"""The gateway behind the real edge, with real telephones: what each must know of the other."""

import asyncio
import hashlib
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.link import messages as m
from drivers.sip.edge.rpc import Edge as Rpc
from tests import audio
from tests.drivers.gateway.conftest import ROOT, GatewayProcess
from tests.drivers.gateway.exchange import Exchange
from tests.drivers.gateway.test_real_peers import tone
from tests.drivers.sip.test_edge import register
from tests.peers.baresip import Phone
from tests.peers.ports import free_port
from tests.peers.wire import Peer

USERS = tuple(
    m.SipUser(number, hashlib.md5(f"{number}:house:secret-{number}".encode()).hexdigest())  # noqa: S324 - RFC 3261
    for number in ("201", "202")
)
PROVISION = {
    "country": "CN", "lines": (), "users": USERS, "trunks": (), "rtp_first": 24000, "rtp_last": 24999, "realm": "house",
}  # fmt: skip
SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.9\r\ns=-\r\nc=IN IP4 127.0.0.9\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n"


class Edge:
    """Kamailio as the box runs it."""

    def __init__(self, gateway: GatewayProcess) -> None:
        self.gateway = gateway

    def start(self) -> None:
        environment = os.environ | {
            "BUSYHOUR_HOME": str(self.gateway.home), "BUSYHOUR_SIP": f"127.0.0.1:{self.gateway.edge_port}",
            "BUSYHOUR_GATEWAY_SIP": f"127.0.0.1:{self.gateway.sip_port}",
            "BUSYHOUR_SIPS": f"127.0.0.1:{free_port()}", "BUSYHOUR_HTTPS": f"127.0.0.1:{free_port()}",
            "BUSYHOUR_EDGE": f"127.0.0.1:{free_port()}",
        }
        with (self.gateway.home / "edge.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "drivers.sip.edge"], cwd=ROOT, env=environment, stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, start_new_session=True,
            )
        deadline = time.monotonic() + 20
        while not (self.gateway.home / "run/edge.sock").exists():
            assert self.process.poll() is None, (self.gateway.home / "edge.log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def stop(self) -> None:
        """As the supervisor does it: Kamailio's processes now and then wait for each other for ever."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(3)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@pytest.fixture
def edge(own_gateway: GatewayProcess) -> Iterator[Edge]:
    """The edge in front of a gateway of its own."""
    edge = Edge(own_gateway)
    edge.start()
    yield edge
    edge.stop()


def phone(edge: Edge, folder: Path, number: str, **how: object) -> Phone:
    """A telephone registered at the edge."""
    says = tone(folder / f"{number}.wav", 1000 if number == "201" else 1500)
    server = f"127.0.0.1:{edge.gateway.edge_port}"
    return Phone(folder / number, server, number, f"secret-{number}", says, **how)  # type: ignore[arg-type]


async def test_a_telephone_comes_is_called_calls_and_goes(edge: Edge, tmp_path: Path) -> None:
    exchange = await Exchange.connect(edge.gateway.home)
    command = exchange.order(m.Provision, **PROVISION)
    await exchange.event(m.Provisioned, command=command, timeout_s=10)
    one = phone(edge, tmp_path, "201", answer=True)
    await asyncio.to_thread(one.__enter__)
    try:
        changed = await exchange.event(m.RegistrationChanged, name="201")
        assert changed.registered is True
        again = await Exchange.connect(edge.gateway.home)
        assert again.snapshot.registered == ("201",)
        await exchange.close()
        exchange = again

        exchange.order(m.Dial, channel="to-201", target=m.ToExtension("201"), tag=m.Tag("c", "2"), caller_number="138")
        await exchange.event(m.Answered, channel="to-201")
        await asyncio.sleep(1)
        exchange.order(m.Hangup, channel="to-201")
        await exchange.event(m.Hungup, channel="to-201")

        await asyncio.sleep(0.3)
        await asyncio.to_thread(one.dial, "202")
        offered = await exchange.event(m.Offered)
        assert (offered.source, offered.did, offered.caller_number) == ("extension:201", "202", "201")
        exchange.order(m.Hangup, channel=offered.channel, cause=17)
        await exchange.event(m.Hungup, channel=offered.channel)
    finally:
        await asyncio.to_thread(one.switch_off)
    gone = await exchange.event(m.RegistrationChanged, name="201")
    assert gone.registered is False

    begun_s = time.monotonic()
    exchange.order(m.Dial, channel="absent", target=m.ToExtension("201"), tag=m.Tag("c", "3"))
    assert (await exchange.event(m.Hungup, channel="absent")).cause == 20
    exchange.order(m.Dial, channel="nobody", target=m.ToExtension("299"), tag=m.Tag("c", "4"))
    assert (await exchange.event(m.Hungup, channel="nobody")).cause == 1
    assert time.monotonic() - begun_s < 1
    await exchange.close()


async def test_two_telephones_talk_through_the_gateway_and_survive_a_restart_of_the_edge(
    edge: Edge, tmp_path: Path
) -> None:
    exchange = await Exchange.connect(edge.gateway.home)
    exchange.order(m.Provision, **PROVISION)
    await exchange.event(m.Provisioned, timeout_s=10)
    phones = [phone(edge, tmp_path, number, answer=True) for number in ("201", "202")]
    try:
        for one in phones:
            await asyncio.to_thread(one.__enter__)
        for number in ("201", "202"):
            exchange.order(m.Dial, channel=f"to-{number}", target=m.ToExtension(number), tag=m.Tag("c", number))
            await exchange.event(m.Answered, channel=f"to-{number}")
        path = edge.gateway.home / "recordings/two.wav"
        exchange.order(m.Record, channel="to-201", path=str(path))
        exchange.order(m.Connect, channel="to-201", other="to-202")
        await exchange.event(m.Connected)
        await asyncio.sleep(1)
        await asyncio.to_thread(edge.stop)
        await asyncio.to_thread(edge.start)
        await asyncio.sleep(1)
        exchange.order(m.StopRecord, channel="to-201")
        await exchange.event(m.Recorded)
        wav = audio.read_wav(path)
        last = slice(-7200, None)   # since the edge is there again
        assert audio.has_tone(wav.channel(0)[last], 1000)
        assert audio.has_tone(wav.channel(1)[last], 1500)
        for number in ("201", "202"):
            exchange.order(m.Hangup, channel=f"to-{number}")
            await exchange.event(m.Hungup, channel=f"to-{number}")
            await asyncio.to_thread(phones[int(number) - 201].wait_event, "CALL_CLOSED")
    finally:
        for one in phones:
            await asyncio.to_thread(one.switch_off)
        await exchange.close()


async def test_two_accounts_with_one_carrier_are_two_trunks_told_apart_by_who_is_called(edge: Edge) -> None:
    exchange = await Exchange.connect(edge.gateway.home)
    with Peer(("127.0.0.1", edge.gateway.edge_port), "127.0.0.9") as carrier:
        common = {"host": carrier.host, "port": carrier.port, "secret": "pencil", "register": True}
        trunks = (
            m.SipTrunk("shop", username="u100", called=("01088886666", "u100"), **common),  # type: ignore[arg-type]
            m.SipTrunk("office", username="u200", called=("01088887777", "u200"), **common),  # type: ignore[arg-type]
        )
        command = exchange.order(m.Provision, **PROVISION | {"trunks": trunks})
        await exchange.event(m.Provisioned, command=command, timeout_s=10)
        contacts: dict[str, str] = {}
        while len(contacts) < 2:
            asked = await asyncio.to_thread(carrier.expect, "REGISTER")
            (contact,) = re.findall(r"<(.*?)>", asked.header("Contact"))
            contacts[asked.header("From").partition("sip:")[2].partition("@")[0]] = contact
            carrier.answer(asked, 200, contact=contact, more="Expires: 600")
        us = f"127.0.0.1:{edge.gateway.edge_port}"
        for uri, source, did in (
            (contacts["u200"], "trunk:office", "u200"),
            (contacts["u100"], "trunk:shop", "u100"),
            (f"sip:01088887777@{us}", "trunk:office", "01088887777"),
            (f"sip:010-8888-6666@{us}", "trunk:shop", "01088886666"),
            (f"sip:01088885555@{us}", "trunk:shop", "01088885555"),  # the first, where it is none's
        ):
            invite = carrier.request("INVITE", uri, user="13800138000", body=SDP)
            carrier.send(invite)
            offered = await exchange.event(m.Offered)
            assert (offered.source, offered.did) == (source, did)
            exchange.order(m.Hangup, channel=offered.channel, cause=17)
            carrier.ack(invite, await asyncio.to_thread(carrier.expect, 486), "13800138000")
            await exchange.event(m.Hungup, channel=offered.channel)
    await exchange.close()
    assert "01088885555" in edge.gateway.log


async def test_a_configuration_before_the_edge_runs_is_in_force_when_it_does(own_gateway: GatewayProcess) -> None:
    exchange = await Exchange.connect(own_gateway.home)
    command = exchange.order(m.Provision, **PROVISION)
    await exchange.event(m.Provisioned, command=command)
    edge = Edge(own_gateway)
    edge.start()
    try:
        server, folder = f"127.0.0.1:{own_gateway.edge_port}", own_gateway.home / "phone"
        folder.mkdir()
        with Phone(folder, server, "202", "secret-202", tone(own_gateway.home / "x.wav", 500)):
            assert (await exchange.event(m.RegistrationChanged, name="202")).registered is True
    finally:
        edge.stop()
        await exchange.close()


class Carrier:
    """A trunk's far end that answers OPTIONS as long as it is there."""

    def __init__(self, port: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", port))
        self._socket.settimeout(0.2)
        self._gone = threading.Event()
        self._thread = threading.Thread(target=self._answer, daemon=True)
        self._thread.start()

    def _answer(self) -> None:
        while not self._gone.is_set():
            try:
                asked, sender = self._socket.recvfrom(65536)
            except TimeoutError:
                continue
            lines = asked.decode().split("\r\n")
            kept = [line for line in lines[1:] if re.match("(?i)(via|from|to|call-id|cseq):", line)]
            answer = ["SIP/2.0 404 Not Found", *kept, "Content-Length: 0", "", ""]
            self._socket.sendto("\r\n".join(answer).encode(), sender)

    def go(self) -> None:
        self._gone.set()
        self._thread.join(5)
        self._socket.close()


async def test_a_trunk_that_does_not_answer_is_an_alarm_within_a_minute_and_over_when_it_is_back(edge: Edge) -> None:
    port = free_port()
    trunk = m.SipTrunk("carrier", "127.0.0.1", port=port)
    exchange = await Exchange.connect(edge.gateway.home)
    begun_s = time.monotonic()
    exchange.order(m.Provision, **PROVISION | {"trunks": (trunk,)})
    raised = await exchange.event(m.Alarm, name="trunk-lost", timeout_s=60)
    assert (raised.subject, raised.raised) == ("trunk:carrier", True)
    assert time.monotonic() - begun_s > 10  # two silences, not one
    carrier = Carrier(port)
    over = await exchange.event(m.Alarm, name="trunk-lost", raised=False, timeout_s=40)
    assert over.subject == "trunk:carrier"
    carrier.go()
    await exchange.close()


async def test_whom_the_edge_turned_away_and_banned_is_told_and_a_ban_is_lifted_on_order(edge: Edge) -> None:
    exchange = await Exchange.connect(edge.gateway.home)
    exchange.order(m.Provision, **PROVISION)
    await exchange.event(m.Provisioned, timeout_s=10)
    with Peer(("127.0.0.1", edge.gateway.edge_port), "127.0.0.1") as telephone:
        assert (await asyncio.to_thread(register, telephone, "201", "mistyped")).status == 401
    Rpc(edge.gateway.home).call("htable.sets", "banned", "192.0.2.7", str(int(time.time())))

    def told() -> m.Guarded:
        stats = [one for one in exchange.seen if isinstance(one, m.Stats)]
        return (stats[-1].guarded if stats else None) or m.Guarded()

    deadline = time.monotonic() + 15
    while not (told().turned and told().banned):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)
    assert [(one.number, one.address, one.why) for one in told().turned] == [("201", "127.0.0.1", "password")]
    assert [one.address for one in told().banned] == ["192.0.2.7"]
    for was in (True, False):
        order = exchange.order(m.LiftBan, address="192.0.2.7")
        assert (await exchange.event(m.BanLifted, command=order)).was is was
        assert told().banned == ()
    await asyncio.to_thread(edge.stop)
    order = exchange.order(m.LiftBan, address="192.0.2.7")
    assert (await exchange.event(m.Refused, command=order, timeout_s=10)).code == "edge"
    edge.start()
    await exchange.close()


def summary(telephone: Peer, edge: Edge) -> str:
    """Take and answer the NOTIFY of waiting messages that came; return what it says."""
    notify = telephone.expect("NOTIFY", 15)
    assert notify.header("Event") == "message-summary"
    assert notify.header("Subscription-State") == "active"
    assert notify.header("Content-Type") == "application/simple-message-summary"
    assert notify.first.split()[1] == f"sip:201@{telephone.via}"
    assert f"sip:busyhour@127.0.0.1:{edge.gateway.edge_port}" in notify.header("From")
    assert str(edge.gateway.sip_port) not in notify.text
    telephone.answer(notify, 200)
    return notify.text.partition("\r\n\r\n")[2]


async def test_telephones_are_told_how_many_messages_wait_and_anew_when_they_register_again(edge: Edge) -> None:
    exchange = await Exchange.connect(edge.gateway.home)
    exchange.order(m.Provision, **PROVISION)
    await exchange.event(m.Provisioned, timeout_s=10)
    server = ("127.0.0.1", edge.gateway.edge_port)
    with Peer(server, "127.0.0.9") as desk, Peer(server, "127.0.0.10") as hall:
        assert (await asyncio.to_thread(register, desk, "201")).status == 200
        await exchange.event(m.RegistrationChanged, name="201")
        exchange.order(m.ShowWaiting, new={"201": 2, "202": 5})
        told = await asyncio.to_thread(summary, desk, edge)
        assert told == "Messages-Waiting: yes\r\nVoice-Message: 2/0 (0/0)\r\n"
        assert (await asyncio.to_thread(register, hall, "201")).status == 200
        for one in (desk, hall):
            assert "2/0" in await asyncio.to_thread(summary, one, edge)
        exchange.order(m.ShowWaiting, new={"201": 0, "202": 5})
        for one in (desk, hall):
            assert (await asyncio.to_thread(summary, one, edge)).startswith("Messages-Waiting: no\r\n")
    await exchange.close()
