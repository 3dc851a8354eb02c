"""Whoever overhears how a telephone proved itself gains nothing by saying it again."""

import re
import time
from pathlib import Path

import numpy as np
import pytest

from tests import audio
from tests.drivers.sip.test_edge import SDP, hang_up_from_gateway
from tests.peers.baresip import Phone
from tests.peers.edge import RunningEdge, secret
from tests.peers.wire import Message, Peer, digest

PHONE, THIEF = "127.0.1.20", "127.0.1.66"


class Line:
    """What a telephone says as `number`: requests with and without proof, each with a number of its own."""

    def __init__(self, peer: Peer, number: str) -> None:
        self.peer, self.number = peer, number
        self.call_id = f"line-{number}-{time.monotonic_ns()}"
        self.sequence = 0

    def request(self, method: str, proof: str = "") -> str:
        self.sequence += 1
        host = self.peer.server[0]
        to = f"sip:{self.number if method == 'REGISTER' else 9}@{host}"
        call_id = self.call_id if method == "REGISTER" else f"{self.call_id}-{(self.sequence + 1) // 2}"
        return self.peer.request(
            method, self.uri(method), user=self.number, to=to, call_id=call_id, cseq=self.sequence,
            more=f"Expires: 300\n{proof}", body=SDP if method == "INVITE" else "",
        )

    def uri(self, method: str) -> str:
        return f"sip:{self.peer.server[0]}" if method == "REGISTER" else f"sip:9@{self.peer.server[0]}"

    def proof(self, challenge: Message, method: str, **how: object) -> str:
        return digest(challenge, method, self.uri(method), self.number, secret(self.number), **how)  # type: ignore[arg-type]

    def challenged(self, method: str) -> Message:
        """Ask without proof; return the challenge."""
        request = self.request(method)
        self.peer.send(request)
        challenge = self.peer.expect(401 if method == "REGISTER" else 407)
        if method == "INVITE":
            self.peer.ack(request, challenge, self.number)
        return challenge


def stolen(request: str, thief: Peer, method: str) -> str:
    """Return a request of the thief's own, with the proof that a captured one carried."""
    (proof,) = re.findall(r"^(?:Proxy-)?Authorization: .*$", request, re.MULTILINE)
    (user,) = re.findall(r'username="(.*?)"', proof)
    (uri,) = re.findall(r' uri="(.*?)"', proof)
    to = f"sip:{user}@{thief.server[0]}"
    return thief.request(method, uri, user=user, to=to, more=proof.strip(), body=SDP if method == "INVITE" else "")


def nonce(challenge: Message) -> str:
    (found,) = re.findall(r'nonce="(.*?)"', challenge.text)
    return found


@pytest.mark.parametrize("qop", [True, False], ids=["rfc2617", "rfc2069"])
def test_a_captured_registration_registers_nobody_else(edge: RunningEdge, qop: bool) -> None:
    number = "221" if qop else "220"
    with Peer(edge.server, PHONE) as peer, Peer(edge.server, THIEF) as thief:
        phone = Line(peer, number)
        challenge = phone.challenged("REGISTER")
        captured = phone.request("REGISTER", phone.proof(challenge, "REGISTER", qop=qop))
        peer.send(captured)
        assert peer.expect(200)
        thief.send(stolen(captured, thief, "REGISTER"))
        again = thief.expect(401)
        assert nonce(again) != nonce(challenge)
        assert edge.rpc.registered()[number] == [f"sip:{number}@{PHONE}:{peer.port}"]
        # and the telephone itself refreshes
        peer.send(phone.request("REGISTER", phone.proof(phone.challenged("REGISTER"), "REGISTER", qop=qop)))
        assert peer.expect(200)


@pytest.mark.parametrize("qop", [True, False], ids=["rfc2617", "rfc2069"])
def test_a_captured_call_calls_nobody(edge: RunningEdge, gateway: Peer, qop: bool) -> None:
    with Peer(edge.server, PHONE) as peer, Peer(edge.server, THIEF) as thief:
        phone = Line(peer, "222")
        captured = phone.request("INVITE", phone.proof(phone.challenged("INVITE"), "INVITE", qop=qop))
        peer.send(captured)
        hang_up_from_gateway(gateway, gateway.expect("INVITE"))
        thief.send(stolen(captured, thief, "INVITE"))
        assert thief.expect(407)
        assert gateway.receive(0.3) is None
        # and the telephone itself calls again
        peer.send(phone.request("INVITE", phone.proof(phone.challenged("INVITE"), "INVITE", qop=qop)))
        hang_up_from_gateway(gateway, gateway.expect("INVITE"))


def test_a_count_written_into_a_proof_that_does_not_cover_it_revives_no_nonce(edge: RunningEdge, gateway: Peer) -> None:
    """Without qop the response says nothing of nc (RFC 2617 §3.2.2.1): anybody could write the next one."""
    with Peer(edge.server, PHONE) as peer, Peer(edge.server, THIEF) as thief:
        phone = Line(peer, "223")
        captured = phone.request("INVITE", phone.proof(phone.challenged("INVITE"), "INVITE", qop=False))
        peer.send(captured)
        hang_up_from_gateway(gateway, gateway.expect("INVITE"))
        for count in (1, 2, 200):
            thief.send(stolen(captured, thief, "INVITE").replace("algorithm=MD5", f"algorithm=MD5, nc={count:08x}"))
            assert thief.expect(407)
        assert gateway.receive(0.3) is None


@pytest.mark.parametrize("method", ["REGISTER", "INVITE"])
def test_a_telephone_that_keeps_its_nonce_is_challenged_once_more_and_asks_nobody_for_a_password(
    edge: RunningEdge, gateway: Peer, method: str
) -> None:
    with Peer(edge.server, PHONE) as peer:
        phone = Line(peer, "224")
        first = phone.challenged("REGISTER")
        peer.send(phone.request("REGISTER", phone.proof(first, "REGISTER")))
        assert peer.expect(200)
        kept = phone.proof(first, method, count=2)
        kept = kept.replace("Authorization", "Proxy-Authorization") if method == "INVITE" else kept
        request = phone.request(method, kept)
        peer.send(request)
        again = peer.expect(401 if method == "REGISTER" else 407)
        assert "stale=true" in again.text
        if method == "INVITE":
            peer.ack(request, again, "224")
        peer.send(phone.request(method, phone.proof(again, method)))
        if method == "REGISTER":
            assert peer.expect(200)
        else:
            hang_up_from_gateway(gateway, gateway.expect("INVITE"))


def test_a_wrong_password_is_not_called_stale(edge: RunningEdge) -> None:
    with Peer(edge.server, PHONE) as peer:
        phone = Line(peer, "225")
        wrong = digest(phone.challenged("REGISTER"), "REGISTER", phone.uri("REGISTER"), "225", "wrong")
        peer.send(phone.request("REGISTER", wrong))
        assert "stale" not in peer.expect(401).text


def test_what_is_sent_again_because_no_answer_came_is_answered_again(edge: RunningEdge, gateway: Peer) -> None:
    with Peer(edge.server, PHONE) as peer:
        phone = Line(peer, "226")
        register = phone.request("REGISTER", phone.proof(phone.challenged("REGISTER"), "REGISTER"))
        invite = Line(peer, "226")
        call = invite.request("INVITE", invite.proof(invite.challenged("INVITE"), "INVITE"))
        for request in (register, register):
            peer.send(request)
            assert peer.expect(200)
        for _ in range(3):
            peer.send(call)
        offered = gateway.expect("INVITE")
        hang_up_from_gateway(gateway, offered)
        assert peer.expect(486)
        assert gateway.receive(0.3) is None


def test_what_a_real_telephone_said_is_worth_nothing_and_it_goes_on_calling(
    edge: RunningEdge, gateway: Peer, tmp_path: Path
) -> None:
    says = tmp_path / "silence.wav"
    audio.write_wav(says, np.zeros(8000, np.int16))
    server = f"{edge.server[0]}:{edge.server[1]}"
    with (
        Phone(tmp_path / "phone", server, "227", secret("227"), says, address=PHONE, traced=True) as phone,
        Peer(edge.server, THIEF) as thief,
    ):
        registered = edge.rpc.registered()["227"]
        for _ in range(3):
            since = len(phone.events)
            phone.dial("9")
            hang_up_from_gateway(gateway, gateway.expect("INVITE"))
            phone.wait_event("CALL_CLOSED", since=since)
        captured = [request for request in phone.sent() if "Authorization: Digest" in request]
        assert [request.split()[0] for request in captured] == ["REGISTER", "INVITE", "INVITE", "INVITE"]
        for request in captured:
            method = request.split()[0]
            thief.send(stolen(request, thief, method))
            assert thief.expect(401 if method == "REGISTER" else 407)
        assert edge.rpc.registered()["227"] == registered
        assert gateway.receive(0.3) is None
