"""Telephones by TLS and by WebSocket: called where they came from, and taken for nobody else."""

import re
import socket
import ssl
from collections.abc import Iterator

import pytest
from playwright.sync_api import Error, Page, sync_playwright

from tests.drivers.sip.test_edge import SDP, call_extension, invite, register
from tests.peers.browser_wire import BrowserPeer
from tests.peers.edge import CARRIER, RunningEdge
from tests.peers.wire import Message, Peer, digest

FAR = "127.0.40.9"


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """A page of Debian's Chromium that minds no self-signed certificate."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu", "--ignore-certificate-errors"]
        )
        yield browser.new_page()
        browser.close()


@pytest.fixture(params=["tls", "wss"])
def phone(request: pytest.FixtureRequest, edge: RunningEdge) -> Iterator[Peer]:
    """A telephone by a stream of each kind."""
    if request.param == "tls":
        with Peer(("127.0.0.1", edge.sips), "127.0.1.30", tls=True) as peer:
            yield peer
    else:
        with BrowserPeer(request.getfixturevalue("page"), ("127.0.0.1", edge.https)) as peer:
            yield peer


def way(phone: Peer, edge: RunningEdge) -> str:
    """Return how the edge must call itself to a telephone."""
    return f"sip:127.0.0.1:{edge.https if phone.transport == 'wss' else edge.sips};transport={phone.transport};"


def within(phone: Peer, answer: Message, number: str, method: str, cseq: int) -> str:
    """Return the caller's request in the dialog that an answer made."""
    routes = "\n".join(f"Route: {route}" for route in reversed(answer.headers("Record-Route")))
    return phone.request(
        method, re.findall(r"<(.*?)>", answer.header("Contact"))[0], user=number, to_tag="answer", more=routes,
        call_id=answer.header("Call-ID"), cseq=cseq,
    )  # fmt: skip


def test_it_calls_and_hangs_up(edge: RunningEdge, gateway: Peer, phone: Peer) -> None:
    assert register(phone, "231").status == 200
    invite(phone, "231", "9")
    offered = gateway.expect("INVITE")
    assert offered.headers("X-Busyhour-Source") == ["extension:231"]
    gateway.answer(offered, 200, body=SDP)
    answer = phone.expect(200)
    assert answer.header("Record-Route").startswith(f"<{way(phone, edge)}")
    phone.send(within(phone, answer, "231", "ACK", 2))
    gateway.expect("ACK")
    phone.send(within(phone, answer, "231", "BYE", 3))
    ended = gateway.expect("BYE")
    assert ended.first.split()[1] == gateway.uri
    gateway.answer(ended, 200)
    assert phone.expect(200).method == "BYE"


def test_it_is_called_by_the_connection_it_came_by_and_the_caller_hangs_up(
    edge: RunningEdge, gateway: Peer, phone: Peer
) -> None:
    assert register(phone, "232").status == 200
    call_extension(gateway, "232")
    request = phone.expect("INVITE")
    assert request.header("Record-Route").startswith(f"<{way(phone, edge)}")
    assert "127.77." not in request.text
    phone.answer(request, 200, contact=phone.uri.replace("x@", "232@"), body=SDP)
    answer = gateway.expect(200)
    for method in ("ACK", "BYE"):
        gateway.send(
            gateway.request(
                method, re.findall(r"<(.*?)>", answer.header("Contact"))[0], user="10086", to_tag="answer",
                call_id=answer.header("Call-ID"), cseq=1 if method == "ACK" else 2,
                more="\n".join(f"Route: {route}" for route in reversed(answer.headers("Record-Route"))),
            )
        )  # fmt: skip
        asked = phone.expect(method)
    phone.answer(asked, 200)
    assert gateway.expect(200).method == "BYE"


def test_it_is_let_go_when_its_gateway_starts_anew(edge: RunningEdge, gateway: Peer, phone: Peer) -> None:
    assert register(phone, "233").status == 200
    invite(phone, "233", "9")
    gateway.answer(gateway.expect("INVITE"), 200, body=SDP)
    phone.send(within(phone, phone.expect(200), "233", "ACK", 2))
    gateway.expect("ACK")
    assert edge.rpc.end_calls() >= 1
    phone.answer(phone.expect("BYE"), 200)


def test_one_that_is_called_is_let_go_too(edge: RunningEdge, gateway: Peer, phone: Peer) -> None:
    assert register(phone, "234").status == 200
    call_extension(gateway, "234")
    request = phone.expect("INVITE")
    phone.answer(request, 200, contact=phone.uri.replace("x@", "234@"), body=SDP)
    answer = gateway.expect(200)
    gateway.send(
        gateway.request(
            "ACK", re.findall(r"<(.*?)>", answer.header("Contact"))[0], user="10086", to_tag="answer",
            call_id=answer.header("Call-ID"),
            more="\n".join(f"Route: {route}" for route in reversed(answer.headers("Record-Route"))),
        )
    )  # fmt: skip
    phone.expect("ACK")
    assert edge.rpc.end_calls() >= 1
    phone.answer(phone.expect("BYE"), 200)


# ---- who comes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tls", [False, True], ids=["tcp", "tls"])
def test_the_address_that_counts_is_who_came_to_the_proxy(edge: RunningEdge, gateway: Peer, tls: bool) -> None:
    """127.0.0.0/24 is the LAN here, so the proxy's own address would pass for a telephone of the house."""
    port = edge.sips if tls else edge.port
    with Peer(("127.0.0.1", port), FAR, tls=tls, tcp=True) as stranger:
        stranger.send(stranger.request("OPTIONS", "sip:127.0.0.1"))
        refused = stranger.expect(403)
        assert {f"received={FAR}", f"rport={stranger.port}"} <= set(refused.header("Via").split(";"))
    with Peer(("127.0.0.1", port), "127.0.5.1", tls=tls, tcp=True) as carrier:
        carrier.send(carrier.request("INVITE", "sip:5551000@127.0.0.1", body=SDP))
        offered = gateway.expect("INVITE")  # a trunk is asked for no password
        assert offered.headers("X-Busyhour-Source") == ["trunk:carrier"]
        gateway.answer(offered, 486, "Busy")
        assert carrier.expect(486)


@pytest.mark.parametrize("tls", [False, True], ids=["tcp", "tls"])
@pytest.mark.parametrize(
    "lie",
    [f"PROXY TCP4 {CARRIER.host} 127.0.0.1 5060 5060\r\n",
     "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\x7f\0\x05\x01\x7f\0\0\x01\x13\xc4\x13\xc4"],
    ids=["v1", "v2"],
)  # fmt: skip
def test_nobody_can_pretend_to_be_a_trunk_by_talking_as_the_proxy_does(
    edge: RunningEdge, gateway: Peer, lie: str, tls: bool
) -> None:
    with Peer(("127.0.0.1", edge.sips if tls else edge.port), FAR, tls=tls, tcp=True) as liar:
        text = liar.request("INVITE", "sip:5551000@127.0.0.1", body=SDP).replace("\n", "\r\n")
        liar.socket.sendall(lie.encode("latin-1") + text.encode())
        answer = liar.receive(1)
        assert answer is None or answer.status in (400, 407)
    while (came := gateway.receive(0.3)) is not None:
        assert came.method != "INVITE"


def test_a_password_guessed_by_tls_bans_who_guesses_and_nobody_else(edge: RunningEdge) -> None:

    uri = "sip:127.0.0.1"
    with Peer(("127.0.0.1", edge.sips), "127.0.41.1", tls=True) as thief:
        for number in range(30):
            thief.send(thief.request("REGISTER", uri, user="201", to="sip:201@x", call_id=f"t{number}"))
            challenge = thief.receive(1)
            if challenge is None:
                break
            proof = digest(challenge, "REGISTER", uri, "201", "guess")
            thief.send(thief.request("REGISTER", uri, user="201", to="sip:201@x", call_id=f"t{number}", more=proof))
            if thief.receive(1) is None:
                break
        assert 5 < number < 29
    with Peer(("127.0.0.1", edge.sips), "127.0.1.31", tls=True) as phone:
        assert register(phone, "201").status == 200


# ---- WebSocket -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("path", "protocol"), [("/sip", "chat"), ("/live", "sip"), ("/sip/x", "sip")])
def test_a_websocket_is_for_sip_at_its_one_place(edge: RunningEdge, page: Page, path: str, protocol: str) -> None:
    with pytest.raises(Error, match="closed with 1006"):
        BrowserPeer(page, ("127.0.0.1", edge.https), path=path, protocol=protocol)


@pytest.mark.parametrize("tls", [False, True], ids=["tcp", "tls"])
def test_http_is_not_spoken_where_telephones_come(edge: RunningEdge, tls: bool) -> None:
    with Peer(("127.0.0.1", edge.sips if tls else edge.port), FAR, tls=tls, tcp=True) as browser:
        browser.send(
            "GET /sip HTTP/1.1\nHost: x\nUpgrade: websocket\nConnection: Upgrade\nSec-WebSocket-Protocol: sip\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\nSec-WebSocket-Version: 13\n\n"
        )
        assert b" 101 " not in browser.socket.recv(4096)


def test_old_tls_is_refused(edge: RunningEdge) -> None:


    made = ssl.create_default_context()
    made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    made.set_ciphers("ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0")
    made.maximum_version = ssl.TLSVersion.TLSv1_2
    with socket.create_connection(("127.0.0.1", edge.sips), 5) as plain, pytest.raises(ssl.SSLError):
        made.wrap_socket(plain)
