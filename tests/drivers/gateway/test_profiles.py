"""Every profile with sipp as its far end, through edge and gateway: a call in and one out, headers as in the row."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from drivers.link import messages as m
from firmware.config.check import shaped
from firmware.config.profiles import profiles
from firmware.config.provision import provision
from firmware.config.schema import Config
from firmware.pbx.bearers import Bearers
from tests.drivers.gateway.conftest import GatewayProcess
from tests.drivers.gateway.exchange import Exchange
from tests.drivers.gateway.test_with_edge import Edge
from tests.peers.ports import free_port
from tests.peers.sipp import Callee, Caller
from tests.peers.wire import Message, Peer

OURS, THEIRS, DIALLED = "01088886666", "+8613800138000", "01062551234"


class Row(NamedTuple):
    """What the headers are like by a profile: in as its far end calls us, out as it is called."""

    registers: bool = False
    in_request: str = OURS      # whom the Request-URI of a call in names, To and a header more
    in_to: str = OURS
    in_more: str = ""
    in_from: str = THEIRS       # From, of what it says of the caller
    out_request: str = DIALLED
    out_from: str = OURS
    out_header: tuple[str, str] = ("", "")
    reliable: bool = False
    session_s: int = 600
    codecs: tuple[str, ...] = ("PCMA", "PCMU", "G722", "opus")
    domain: str = ""            # where it is not the host


ASSERTED = f"P-Asserted-Identity: <sip:{THEIRS}@carrier.example>\n"
ROWS = {
    "registering": Row(
        True, in_request="shop", out_from="shop", out_header=("P-Preferred-Identity", OURS),
    ),
    "static": Row(
        in_from="ghost", in_more=ASSERTED, out_request="+861062551234", out_from="+861088886666",
        out_header=("P-Asserted-Identity", "+861088886666"),
    ),
    "ims": Row(
        True, in_request="shop", in_to="group", in_from="ghost",
        in_more=ASSERTED + f"P-Called-Party-ID: <sip:{OURS}@ims.example;user=phone>\n", out_request="+861062551234",
        out_from="+861088886666", out_header=("P-Preferred-Identity", "+861088886666"),
        codecs=("PCMA", "PCMU"),
    ),
    "companyflex": Row(
        True, in_request="shop", out_request="+861062551234", out_from="+861088886666",
        out_header=("P-Preferred-Identity", "+861088886666"), domain="tel.t-online.de",
    ),
    "sipgate": Row(
        True, in_request="shop", out_from="shop", out_header=("P-Preferred-Identity", "861088886666"),
    ),
    "twilio": Row(in_request=OURS, out_request="+861062551234", out_from="+861088886666"),
    "asterisk": Row(in_more="P-Asserted-Identity: <sip:ghost@pbx.example>\n", session_s=1800),
    "audiocodes": Row(session_s=0),
    "freeswitch": Row(
        in_from="ghost", in_more=f"Remote-Party-ID: <sip:{THEIRS}@pbx.example>;party=calling;screen=yes;privacy=off\n",
    ),
    "3cx": Row(in_more="P-Asserted-Identity: <sip:ghost@pbx.example>\n"),
    "newrock": Row(codecs=("PCMA", "PCMU")),
    "synway": Row(codecs=("PCMA", "PCMU")),
    "yeastar": Row(codecs=("PCMA", "PCMU", "G722")),
    "grandstream-gxw": Row(session_s=180),
    "grandstream-ht": Row(session_s=180),
    "cisco-spa": Row(codecs=("PCMU", "PCMA")),
    "dinstar": Row(session_s=1800),
}  # fmt: skip


@dataclass
class Carriers:
    """A gateway with a trunk by every profile, each at an address of its own."""

    edge: Edge
    config: Config
    registered: dict[str, Message]

    def place(self, name: str) -> tuple[str, int]:
        """Where a trunk's far end is."""
        trunk = next(one for one in self.config.trunks if one.profile == name)
        assert trunk.port is not None
        return trunk.host, trunk.port


@pytest.fixture(scope="module")
def carriers() -> Iterator[Carriers]:
    """All of them; those who are registered with answer once, and are then away until their test."""
    gateway = GatewayProcess()
    gateway.start()
    edge = Edge(gateway)
    edge.start()
    trunks = []
    for number, name in enumerate(profiles(), 1):
        host = f"127.0.41.{number}"
        trunks.append({
            "name": f"to-{name}", "profile": name, "host": host, "port": free_port(host), "addresses": [host],
            "username": "shop", "secret": "pencil", "numbers": [OURS], "transport": "udp",
        })  # fmt: skip
    config = shaped({"trunks": trunks, "sip": {"rtp_first": 24000, "rtp_last": 24999}})
    try:
        yield Carriers(edge, config, asyncio.run(registered(edge, config)))
    finally:
        edge.stop()
        log = gateway.log
        gateway.stop()
        gateway.remove()
        assert "Traceback" not in log, log


async def registered(edge: Edge, config: Config) -> dict[str, Message]:
    """Give the gateway its trunks; return with what it registered at whom."""
    server = ("127.0.0.1", edge.gateway.edge_port)
    peers = {
        one.profile: Peer(server, one.host, port=one.port or 0) for one in config.trunks if ROWS[one.profile].registers
    }  # fmt: skip
    exchange = await Exchange.connect(edge.gateway.home)
    exchange.send(provision(config, "p"))
    await exchange.event(m.Provisioned, command="p", timeout_s=10)
    found = {}
    for name, peer in peers.items():
        found[name] = await asyncio.to_thread(peer.expect, "REGISTER", 10)
        contact = found[name].header("Contact").strip("<>")
        more = "Expires: 600\nService-Route: <sip:inner@127.0.41.99;lr>\n"  # is for who is met apart from his domain
        peer.answer(found[name], 200, contact=contact, more=more)
        peer.socket.close()
    await exchange.close()
    return found


def test_every_profile_is_tried() -> None:
    assert ROWS.keys() == profiles().keys()


@pytest.mark.parametrize("name", ROWS)
async def test_a_call_in_names_caller_and_called_where_the_row_says(
    carriers: Carriers, tmp_path: Path, name: str
) -> None:
    row, (host, port) = ROWS[name], carriers.place(name)
    exchange = await Exchange.connect(carriers.edge.gateway.home)
    caller = Caller(row.in_from)
    invite = caller._steps[0].replace("To: <sip:[service]@", f"To: <sip:{row.in_to}@")
    caller._steps[0] = invite.replace("Max-Forwards", row.in_more + "Max-Forwards")
    sipp = caller.refused(486).start(
        tmp_path, f"127.0.0.1:{carriers.edge.gateway.edge_port}", row.in_request, address=host, port=port,
        timeout_s=10,
    )  # fmt: skip
    offered = await exchange.event(m.Offered)
    exchange.order(m.Hangup, channel=offered.channel, cause=17)
    await exchange.event(m.Hungup, channel=offered.channel)
    await asyncio.to_thread(sipp.finish)
    await exchange.close()
    assert (offered.source, offered.did, offered.caller_number, offered.withheld) == (
        f"trunk:to-{name}", OURS, THEIRS, False,
    )  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
async def test_a_call_out_is_written_as_the_row_says(carriers: Carriers, tmp_path: Path, name: str) -> None:
    row, (host, port) = ROWS[name], carriers.place(name)
    exchange = await Exchange.connect(carriers.edge.gateway.home)
    bearers = Bearers(lambda: carriers.config, dict)
    way = next(one for one in bearers.emergency_ways(DIALLED, "") if one.name == f"trunk:to-{name}")
    callee = Callee(tmp_path, host, port)
    try:
        channel = f"out-{name}"
        exchange.order(
            m.Dial, channel=channel, target=way.target, tag=m.Tag("c", "2"), caller_number=way.shown, caller_name=""
        )
        invite = await asyncio.to_thread(callee.invite)
        await exchange.event(m.Answered, channel=channel)
        exchange.order(m.Hangup, channel=channel)
        await exchange.event(m.Hungup, channel=channel)
    finally:
        await asyncio.to_thread(callee.stop)
        await exchange.close()
    assert invite.first.startswith(f"INVITE sip:{row.out_request}@{row.domain or f'{host}:{port}'} ")
    assert f"<sip:{row.out_from}@" in invite.header("From")
    told = {
        header: invite.header(header)
        for header in ("P-Asserted-Identity", "P-Preferred-Identity", "Remote-Party-ID") if invite.header(header)
    }  # fmt: skip
    header, number = row.out_header
    assert told == ({header: f"<sip:{number}@{row.domain or host}>"} if header else {})
    assert invite.header("Session-Expires") == (str(row.session_s) if row.session_s else "")
    keys = ("telephone-event",) * (2 if "opus" in row.codecs else 1)  # of each clock rate
    assert offered_codecs(invite.text) == (*row.codecs, *keys)


def offered_codecs(sdp: str) -> tuple[str, ...]:
    """Return what an SDP offers, in its order, by name."""
    names = dict(re.findall(r"^a=rtpmap:(\d+) ([\w-]+)", sdp, re.MULTILINE))
    (payloads,) = re.findall(r"^m=audio \d+ \S+ ([\d ]+)", sdp, re.MULTILINE)
    return tuple(names[one] for one in payloads.split())


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row.registers])
def test_who_wants_that_is_registered_with(carriers: Carriers, name: str) -> None:
    request = carriers.registered[name]
    host = ROWS[name].domain or carriers.place(name)[0]
    assert f"<sip:shop@{host}>" in request.header("To")
    assert request.header("Expires") == "600"


def test_a_setting_of_a_trunk_stands_above_its_profile(carriers: Carriers) -> None:
    trunk = msgspec.structs.replace(
        carriers.config.trunks[0], register=False, dtmf="info", session_timer_s=0, codecs=["g722"]
    )
    told = provision(msgspec.structs.replace(carriers.config, trunks=[trunk]), "p").trunks[0]
    assert (told.register, told.manner.dtmf, told.manner.session_timer_s) == (False, "info", 0)
    assert (told.manner.codecs, told.manner.did_from) == (("g722",), "to")
