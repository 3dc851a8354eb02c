"""A trunk by TLS at the edge: all that is for its carrier goes by the forwarder, what comes from it is the trunk's.

In the forwarder's place is the test: what it would say by TLS comes here in the clear.
"""

import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from drivers.link.messages import SipTrunk
from drivers.sip.edge.forwards import forwards
from tests.drivers.sip.test_edge import SDP
from tests.peers.edge import RunningEdge
from tests.peers.wire import Message, Peer

TRUNK = SipTrunk("safe", "sip.carrier.example", 5061, "tls", addresses=("127.0.6.1",))
AT = "sip.carrier.example:5061;transport=tls"


@pytest.fixture(scope="module")
def edge() -> Iterator[RunningEdge]:
    with RunningEdge(trunks=(TRUNK,)) as running:
        yield running


@pytest.fixture
def carrier(edge: RunningEdge) -> Iterator[socket.socket]:
    """Where the forwarder would listen."""
    (way,) = forwards((TRUNK,), edge.inside)
    with socket.create_server((way.inside.host, way.inside.port)) as listener:
        yield listener


class Connection(Peer):
    """One to the carrier, which at its end is gone for the edge too: it would send the next request by it else."""

    def __exit__(self, *how: object) -> None:
        """Say goodbye, and hear the edge's."""
        self.socket.shutdown(socket.SHUT_WR)
        self.socket.settimeout(10)
        while self.socket.recv(65536):
            pass
        self.socket.close()


def called(carrier: socket.socket, method: str) -> tuple[Peer, Message]:
    """Return the next of this method at the carrier, and by whom it came; the edge also asks whether it is there."""
    peer = Connection.called(carrier)
    return peer, peer.expect(method, 10)


def way_back(edge: RunningEdge) -> str:
    return f"127.0.0.1:{edge.sips};transport=tls"


def test_a_registration_goes_to_the_carrier_and_tells_it_to_come_by_tls(
    edge: RunningEdge, gateway: Peer, carrier: socket.socket
) -> None:
    own = f"sip:shop@{gateway.host}:{gateway.port}"
    gateway.send(gateway.request("REGISTER", f"sip:{AT}", user="shop", contact=own))
    peer, register = called(carrier, "REGISTER")
    with peer:
        assert register.first == f"REGISTER sip:{AT} SIP/2.0"
        (contact,) = register.headers("Contact")
        assert contact == f"<sip:shop@{way_back(edge)}>"
        peer.answer(register, 200, contact=contact.strip("<>"))
        assert gateway.expect(200).headers("Contact") == [f"<{own}>"]


@pytest.mark.parametrize("method", ["REGISTER", "INVITE"])
def test_a_carrier_whose_domain_is_not_its_host_is_met_where_the_second_route_says(
    edge: RunningEdge, gateway: Peer, carrier: socket.socket, method: str
) -> None:
    routes = f"Route: <sip:127.0.0.1:{edge.port};lr>\nRoute: <sip:{AT};lr>"
    sent = gateway.request(method, "sip:ims.example", more=routes, body=SDP if method == "INVITE" else "")
    gateway.send(sent)
    peer, request = called(carrier, method)
    with peer:
        assert request.first == f"{method} sip:ims.example SIP/2.0"
        assert request.headers("Route") == [f"<sip:{AT};lr>"]
        assert way_back(edge) in request.header("Contact" if method == "REGISTER" else "Record-Route")
        peer.answer(request, 403)
        gateway.expect(403)
        if method == "INVITE":
            gateway.send(sent.replace("INVITE", "ACK"))


def test_a_whole_call_out_goes_by_the_forwarder(edge: RunningEdge, gateway: Peer, carrier: socket.socket) -> None:
    gateway.send(gateway.request("INVITE", f"sip:10086@{AT}", call_id="out", body=SDP))
    peer, invite = called(carrier, "INVITE")
    with peer:
        assert invite.first == f"INVITE sip:10086@{AT} SIP/2.0"
        (route,) = invite.headers("Record-Route")
        assert f"sip:{way_back(edge)};" in route
        peer.answer(invite, 200, contact=f"sip:node7@{AT}", body=SDP)
        answered = gateway.expect(200)
        tail = {
            "call_id": "out", "to_tag": "answer", "more": f"Route: {answered.header('Record-Route')}",
        }  # fmt: skip
        target = answered.header("Contact").strip("<>")
        gateway.send(gateway.request("ACK", target, **tail))
        assert peer.expect("ACK")
        gateway.send(gateway.request("BYE", target, cseq=2, **tail))
        peer.answer(peer.expect("BYE"), 200)
        assert gateway.expect(200).method == "BYE"


@pytest.mark.parametrize("by", ["its own connection", "the forwarder's"])
def test_a_carriers_call_is_the_trunks_and_what_follows_goes_by_the_forwarder(
    edge: RunningEdge, gateway: Peer, carrier: socket.socket, by: str
) -> None:
    if by == "its own connection":
        caller = Peer(("127.0.0.1", edge.sips), "127.0.6.1", tls=True)
    else:
        gateway.send(gateway.request("OPTIONS", f"sip:{AT}"))
        caller, options = called(carrier, "OPTIONS")
        caller.answer(options, 200)
    with ExitStack() as connections, caller:
        caller.send(caller.request("INVITE", "sip:01088880001@127.0.0.1", call_id=f"in-{by[:3]}", body=SDP))
        invite = gateway.expect("INVITE")
        assert invite.headers("X-Busyhour-Source") == ["trunk:safe"]
        gateway.answer(invite, 200, body=SDP)
        answered = caller.expect(200)
        assert f"sip:{way_back(edge)};" in answered.header("Record-Route")
        caller.send(caller.request(
            "ACK", answered.header("Contact").strip("<>"), call_id=f"in-{by[:3]}", to_tag="answer",
            more=f"Route: {answered.header('Record-Route')}",
        ))  # fmt: skip
        assert gateway.expect("ACK")
        gateway.send(gateway.request(
            "BYE", invite.header("Contact").strip("<>"), call_id=f"in-{by[:3]}", tag="answer", to_tag="f",
            more=f"Route: {invite.header('Record-Route')}",
        ))  # fmt: skip
        peer = caller
        if by == "its own connection":
            peer = connections.enter_context(Connection.called(carrier))
        peer.answer(peer.expect("BYE"), 200)
        assert gateway.expect(200).method == "BYE"


@pytest.mark.parametrize("tcp", [False, True], ids=["udp", "tcp"])
def test_a_plain_call_from_the_carriers_address_is_a_strangers(edge: RunningEdge, gateway: Peer, tcp: bool) -> None:
    with Peer(edge.server, "127.0.6.1", tcp=tcp) as caller:
        caller.send(caller.request("INVITE", "sip:01088880001@127.0.0.1", body=SDP))
        assert caller.expect(407)
        assert gateway.receive(0.3) is None


def test_a_call_by_tls_to_who_is_no_trunk_goes_nowhere(edge: RunningEdge, gateway: Peer) -> None:
    gateway.send(gateway.request("INVITE", "sip:10086@elsewhere.example:5061;transport=tls", body=SDP))
    assert gateway.expect(503)
