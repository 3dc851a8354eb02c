"""What the edge says to the torture messages of RFC 4475, and that it neither breaks nor is used to hit others."""

import contextlib
import random
import socket

import pytest

from tests.drivers.sip.test_edge import SDP, invite, register
from tests.drivers.sip.test_edge_streams import within
from tests.peers.edge import RunningEdge
from tests.peers.torture import INVALID, MESSAGES
from tests.peers.wire import Message, Peer

# To one on the LAN who has not signed in; 0 is silence. A well-formed INVITE is asked for its password, a REGISTER too.
ANSWERS = {
    "esc01": 407, "escnull": 401, "esc02": 405, "lwsdisp": 200, "longreq": 407, "dblreq": 400, "semiuri": 200,
    "transports": 200, "mpart01": 405, "unreason": 0, "noreason": 0,
    "badinv01": 0, "clerr": 400, "ncl": 0, "scalar02": 0, "scalarlg": 0, "quotbal": 0, "ltgtruri": 400, "lwsruri": 0,
    "lwsstart": 0, "trws": 200, "escruri": 407, "baddate": 407, "regbadct": 401, "badaspec": 200, "baddn": 200,
    "badvers": 0, "mismatch01": 400, "mismatch02": 400, "bigcode": 0,
    "badbranch": 200, "insuf": 0, "unkscm": 400, "novelsc": 400, "unksm2": 400, "bext01": 420, "invut": 407,
    "regaut01": 401, "multi01": 0, "mcl01": 0, "bcast": 0, "zeromf": 483, "cparam01": 401, "cparam02": 401,
    "regescrt": 401, "sdp01": 407, "inv2543": 407,
    # Kamailio takes no space within SIP/2.0, and no header name with % or `; the RFC would have both read
    "wsinv": 0, "intmeth": 0,
}  # fmt: skip
MARKS = (b"\r\n", b"\0", b"%00", b'"', b"<", b";", b",", b"=", b"@")
BY_STREAM = {"dblreq": 401, "clerr": 0}  # two requests in one stream are two; one that is short is waited for


def said(peer: Peer, sent: bytes, edge: RunningEdge) -> list[Message]:
    """Return all answers to a message; an OPTIONS sent behind it says when there will be no more."""
    sent = sent.replace(b";branch", b";rport;branch", 1)  # answers come here, not to where its Via says
    if peer.tcp:
        peer.socket.sendall(sent)
        return [message] if (message := peer.receive(0.3)) is not None else []
    peer.socket.sendto(sent, edge.server)
    peer.send(peer.request("OPTIONS", f"sip:{edge.server[0]}", call_id="behind"))
    answers = []
    while (message := peer.receive(5)) is not None:
        if message.header("Call-ID") == "behind":
            return answers
        answers.append(message)
    raise AssertionError("the edge does not answer any more")


def test_all_messages_of_the_rfc_are_here() -> None:
    assert set(ANSWERS) == set(MESSAGES)
    assert len(MESSAGES) == 49


@pytest.mark.parametrize("name", MESSAGES)
def test_each_has_its_one_answer(edge: RunningEdge, gateway: Peer, name: str) -> None:
    assert edge.process is not None
    with Peer(edge.server, "127.0.1.50") as peer:
        answers = [message.status for message in said(peer, MESSAGES[name], edge)]
        assert answers == ([ANSWERS[name]] if ANSWERS[name] else [])
    with Peer(edge.server, "127.0.1.50", tcp=True) as peer:
        answers = [message.status for message in said(peer, MESSAGES[name], edge)]
        expected = BY_STREAM.get(name, ANSWERS[name])
        assert answers == ([expected] if expected else [])
    assert edge.process.poll() is None
    assert gateway.receive(0.05) is None  # nobody who did not sign in gets so far


def test_a_call_beside_all_of_them_goes_on(edge: RunningEdge, gateway: Peer) -> None:
    with Peer(edge.server, "127.0.1.51") as phone, Peer(edge.server, "127.0.5.9") as carrier:
        assert register(phone, "241").status == 200
        invite(phone, "241", "9")
        offered = gateway.expect("INVITE")
        gateway.answer(offered, 200, body=SDP)
        answer = phone.expect(200)
        phone.send(within(phone, answer, "241", "ACK", 2))
        gateway.expect("ACK")
        for sent in MESSAGES.values():  # a trunk's go as far as the gateway
            carrier.socket.sendto(sent, edge.server)
            said(phone, sent, edge)
        phone.send(within(phone, answer, "241", "BYE", 3))
        gateway.answer(gateway.expect("BYE"), 200)
        assert phone.expect(200).method == "BYE"


def test_an_answer_that_nobody_asked_for_is_sent_to_nobody(edge: RunningEdge) -> None:
    with Peer(edge.server, "127.0.40.2") as stranger, Peer(edge.server, "127.0.42.1") as victim:
        host, port = edge.server
        stranger.send(
            f"SIP/2.0 200 OK\nVia: SIP/2.0/UDP {host}:{port};branch=z9hG4bKmade.up\n"
            f"Via: SIP/2.0/UDP {victim.via};branch=z9hG4bKtheirs\nFrom: <sip:a@x>;tag=1\nTo: <sip:b@x>;tag=2\n"
            f"Call-ID: made-up\nCSeq: 1 INVITE\nContact: <sip:b@{stranger.via}>\nContent-Length: 0\n\n"
        )
        assert victim.receive(0.5) is None


def mutants(chance: random.Random, count: int) -> list[bytes]:
    """Return messages made of the RFC's, each spoilt in one of the ways that wires, programs and people spoil them."""
    whole = list(MESSAGES.values())
    made = []
    for _ in range(count):
        text = bytearray(chance.choice(whole))
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(text))
            match chance.randrange(6):
                case 0:
                    text[at] = chance.randrange(256)
                case 1:
                    del text[at : at + chance.randint(1, 80)]
                case 2:
                    text[at:at] = bytes(chance.randrange(256) for _ in range(chance.randint(1, 40)))
                case 3:
                    other = chance.choice(whole)
                    cut = chance.randrange(len(other))
                    text[at:] = other[cut : cut + 3000]
                case 4:
                    text[at:at] = chance.choice(MARKS) * chance.randint(1, 99)
                case _:
                    text[at:at] = str(chance.getrandbits(chance.choice((8, 31, 32, 63, 64, 200)))).encode()
            if not text:
                text = bytearray(b"\r\n")
        made.append(bytes(text[:60000]))
    return made


def stream_to_its_end(edge: RunningEdge, sent: bytes) -> None:
    """Send by a stream of its own, and see it closed: one address has few at once. The edge may have read enough."""
    with (
        socket.create_connection(edge.server, 5, source_address=("127.0.1.53", 0)) as stream,
        contextlib.suppress(ConnectionError),
    ):
        stream.sendall(sent)
        stream.shutdown(socket.SHUT_WR)
        while stream.recv(65536):
            continue


@pytest.mark.parametrize("seed", range(2))
def test_spoilt_messages_break_nothing(edge: RunningEdge, gateway: Peer, seed: int, fuzz: int) -> None:
    """Every so many of them the edge is asked whether it lives, by datagram and by stream."""
    assert edge.process is not None
    chance = random.Random(seed)
    with Peer(edge.server, "127.0.1.52") as peer:
        for start in range(0, fuzz, 50):
            for sent in mutants(chance, 50):
                if chance.random() < 0.5:
                    peer.socket.sendto(sent, edge.server)
                else:
                    stream_to_its_end(edge, sent)
            call_id = f"alive-{seed}-{start}"
            peer.send(peer.request("OPTIONS", "sip:127.0.0.1", call_id=call_id))
            while (message := peer.receive(5)) is not None and message.header("Call-ID") != call_id:
                continue
            assert message is not None, f"silent after messages {start} to {start + 50} of seed {seed}"
    assert edge.process.poll() is None
    with Peer(edge.server, "127.0.1.54", tcp=True) as phone:
        assert register(phone, "242").status == 200
    assert not [line for line in edge.log.read_text(errors="replace").splitlines() if "CRITICAL" in line]


def test_what_is_invalid_never_rings_anybody(edge: RunningEdge, gateway: Peer) -> None:
    """From a trunk, which is asked for no password. What only looks odd to a purist (a date, a URI's headers) may."""
    odd = {"escruri", "baddate"}
    with Peer(edge.server, "127.0.5.10") as carrier:
        for name in sorted(set(INVALID) - odd):
            said(carrier, INVALID[name], edge)
            while (came := gateway.receive(0.02)) is not None:
                assert not came.header("Call-ID").startswith(name)
