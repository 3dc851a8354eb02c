"""Whose a call is that comes from a trunk's address: a telephone may stand there too, and trunks may share it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from drivers.link.messages import SipTrunk
from tests import audio
from tests.drivers.sip.test_edge import SDP, hang_up_from_gateway, invite, register
from tests.drivers.sip.test_edge_peers import gateway_answers
from tests.peers.baresip import Phone
from tests.peers.edge import RunningEdge, secret
from tests.peers.wire import Peer

DESK = "127.0.5.77"  # a telephone's place within the network of the trunk `carrier`


def calls_as(peer: Peer, user: str) -> None:
    """Call outside under a name, without a password."""
    peer.send(peer.request("INVITE", f"sip:0013800138000@{peer.server[0]}", user=user, body=SDP))


def source_of(gateway: Peer) -> str:
    """Return who the next call is said to be from, and refuse it."""
    offered = gateway.expect("INVITE")
    hang_up_from_gateway(gateway, offered)
    (source,) = offered.headers("X-Busyhour-Source")
    return source


@pytest.mark.parametrize("tcp", [False, True], ids=["udp", "tcp"])
def test_a_telephone_in_a_trunks_network_calls_with_its_password_as_an_extension(
    edge: RunningEdge, gateway: Peer, tcp: bool
) -> None:
    number = "302" if tcp else "301"
    with Peer(edge.server, DESK, tcp=tcp) as phone:
        assert register(phone, number).status == 200
        invite(phone, number, "0013800138000")
        assert source_of(gateway) == f"extension:{number}"


def test_without_its_password_it_calls_not_at_all_from_whatever_port(edge: RunningEdge, gateway: Peer) -> None:
    with Peer(edge.server, DESK) as phone, Peer(edge.server, DESK) as thief:
        assert register(phone, "303").status == 200
        calls_as(thief, "303")
        assert thief.expect(407)
        invite(thief, "303", "0013800138000", password="guessed")
        assert thief.expect(407)
        invite(thief, "303", "0013800138000", account="304", password="guessed")
        assert thief.expect(407)
        assert gateway.receive(0.3) is None


def test_a_name_alone_makes_nobody_an_extension_there(edge: RunningEdge, gateway: Peer) -> None:
    with Peer(edge.server, "127.0.1.30") as phone, Peer(edge.server, DESK) as caller:
        assert register(phone, "305").status == 200  # elsewhere: from here it is a trunk's caller of that number
        for name in ("305", "306", "13800138000", "anonymous"):
            calls_as(caller, name)
            assert source_of(gateway) == "trunk:carrier"


def test_a_telephone_that_went_leaves_the_trunks_callers_their_numbers(edge: RunningEdge, gateway: Peer) -> None:
    with Peer(edge.server, DESK) as phone:
        assert register(phone, "307").status == 200
        calls_as(phone, "307")
        assert phone.expect(407)
        assert register(phone, "307", expires=0).status == 200
        calls_as(phone, "307")
        assert source_of(gateway) == "trunk:carrier"


def test_a_telephone_behind_the_trunks_nat_is_known_by_where_its_packets_come_from(
    edge: RunningEdge, gateway: Peer
) -> None:
    with Peer(edge.server, DESK) as phone:
        phone.via, phone.uri = "10.9.9.9:5060", "sip:x@10.9.9.9:5060"
        assert register(phone, "308").status == 200
        assert register(phone, "308", contact="sip:308@10.9.9.8:5060").status == 200
        calls_as(phone, "308")
        assert phone.expect(407)
        assert gateway.receive(0.2) is None


def test_a_restart_of_the_edge_makes_no_trunk_of_a_telephone(edge: RunningEdge, gateway: Peer) -> None:
    with Peer(edge.server, DESK) as phone:
        assert register(phone, "309").status == 200
        edge.kill()
        edge.start()
        calls_as(phone, "309")
        assert phone.expect(407)
        assert gateway.receive(0.2) is None


def test_a_real_telephone_in_a_trunks_network_registers_calls_and_talks(
    edge: RunningEdge, tmp_path: Path
) -> None:
    audio.write_wav(tmp_path / "silence.wav", np.zeros(8000, np.int16))
    answering = gateway_answers(edge, tmp_path / "gateway")
    server = f"127.0.0.1:{edge.port}"
    with Phone(tmp_path / "phone", server, "310", secret("310"), tmp_path / "silence.wav", address=DESK) as phone:
        phone.dial("9")
        phone.wait_event("CALL_ESTABLISHED")
        phone.hang_up()
        answering.finish()
    assert "X-Busyhour-Source: extension:310" in answering.messages
    assert f"X-Busyhour-Peer: {DESK}" in answering.messages


def test_a_call_from_an_address_of_several_trunks_names_all_of_them(tmp_path: Path) -> None:
    trunks = (
        SipTrunk("wide", "h", addresses=("127.0.6.0/24",)),
        SipTrunk("middle", "h", addresses=("127.0.6.0/28", "127.0.7.1")),
        SipTrunk("narrow", "h", addresses=("127.0.6.8/30", "127.0.6.9")),
        SipTrunk("twin", "h", addresses=("127.0.7.1",)),
    )
    expected = {
        "127.0.6.200": "trunk:wide", "127.0.6.1": "trunk:wide,middle", "127.0.6.10": "trunk:wide,middle,narrow",
        "127.0.6.9": "trunk:wide,middle,narrow", "127.0.7.1": "trunk:middle,twin",
    }  # fmt: skip
    with RunningEdge(trunks=trunks) as edge, Peer(edge.server, edge.gateway[0], port=edge.gateway[1]) as gateway:
        for again in (False, True):
            if again:  # as at the start, so after a change
                with closing(sqlite3.connect(edge.home / "edge/subscribers.sqlite")) as database, database:
                    database.execute("DELETE FROM address WHERE grp = 1")
                edge.provision()
                edge.rpc.reload()
            found = {}
            for address in expected:
                with Peer(edge.server, address) as carrier:
                    calls_as(carrier, "13800138000")
                    found[address] = source_of(gateway)
            assert found == expected
