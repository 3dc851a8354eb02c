"""The edge lets in who may come in, tells the gateway who that is, and shows nobody what is behind it."""

import re
import time

import pytest

from tests.peers.edge import RunningEdge, secret
from tests.peers.wire import Message, Peer, digest

STRANGER = "127.0.9.9"
CARRIER = "127.0.5.1"
SDP = "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n"


def register(
    peer: Peer,
    number: str,
    password: str | None = None,
    *,
    expires: int = 300,
    to: str = "",
    contact: str | None = None,
) -> Message:
    """Register as a telephone does, and return the final answer."""
    uri = f"sip:{peer.server[0]}"
    aor = f"sip:{to or number}@{peer.server[0]}"
    call_id = f"reg-{number}-{peer.port}-{time.monotonic_ns()}"
    more = f"Expires: {expires}\n"
    peer.send(peer.request("REGISTER", uri, user=number, to=aor, call_id=call_id, more=more, contact=contact))
    challenge = peer.expect(401)
    more += digest(challenge, "REGISTER", uri, number, secret(number) if password is None else password)
    peer.send(peer.request("REGISTER", uri, user=number, to=aor, call_id=call_id, cseq=2, more=more, contact=contact))
    answer = peer.receive()
    assert answer is not None
    return answer


def invite(
    peer: Peer, user: str, dialled: str, *, account: str | None = None, password: str | None = None, more: str = ""
) -> str:
    """Send an INVITE with the right answer to the challenge, and return it."""
    uri = f"sip:{dialled}@{peer.server[0]}:{peer.server[1]}"
    call_id = f"call-{peer.port}-{time.monotonic_ns()}"
    first = peer.request("INVITE", uri, user=user, call_id=call_id, body=SDP, more=more)
    peer.send(first)
    challenge = peer.expect(407)
    peer.ack(first, challenge, user)
    account = account or user
    proof = digest(challenge, "INVITE", uri, account, secret(account) if password is None else password)
    second = peer.request("INVITE", uri, user=user, call_id=call_id, cseq=2, body=SDP, more=f"{more.rstrip()}\n{proof}")
    peer.send(second)
    return second


def hang_up_from_gateway(gateway: Peer, request: Message) -> None:
    """Refuse a call that a test needs no more."""
    gateway.answer(request, 486, "Busy")
    gateway.expect("ACK")


# ---- registration ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tcp", [False, True], ids=["udp", "tcp"])
def test_a_telephone_registers_with_its_password(edge: RunningEdge, tcp: bool) -> None:
    number = "202" if tcp else "201"
    with Peer(edge.server, "127.0.1.1", tcp=tcp) as phone:
        assert register(phone, number).status == 200
        assert edge.rpc.registered()[number] == [phone.uri.replace("x@", f"{number}@")]
        assert register(phone, number, expires=0).status == 200
        assert number not in edge.rpc.registered()


def test_a_wrong_password_and_an_unknown_number_are_refused_alike(edge: RunningEdge) -> None:
    with Peer(edge.server, "127.0.1.2") as phone:
        wrong = register(phone, "203", "wrong")
        unknown = register(phone, "999", "wrong")
        assert (wrong.status, unknown.status) == (401, 401)
        assert {"203", "999"}.isdisjoint(edge.rpc.registered())


def test_an_extension_cannot_register_another_ones_number(edge: RunningEdge) -> None:
    with Peer(edge.server, "127.0.1.2") as phone:
        assert register(phone, "203", to="204").status == 403
        assert "204" not in edge.rpc.registered()


def test_passwords_cannot_be_guessed_from_outside(edge: RunningEdge) -> None:
    with Peer(edge.server, "127.0.20.20") as thief:
        uri = f"sip:{edge.server[0]}"
        answers = 0
        for attempt in range(40):
            thief.send(thief.request("REGISTER", uri, user="205", to="sip:205@x", cseq=2 * attempt + 1))
            challenge = thief.receive(0.3)
            if challenge is None:
                break
            proof = digest(challenge, "REGISTER", uri, "205", f"guess{attempt}")
            thief.send(thief.request("REGISTER", uri, user="205", to="sip:205@x", cseq=2 * attempt + 2, more=proof))
            assert thief.expect(401)
            answers += 1
        assert 5 <= answers <= 12
        thief.send(thief.request("REGISTER", uri, user="205", to="sip:205@x"))
        assert thief.receive(0.5) is None


# ---- who may call ----------------------------------------------------------------------------------------------------


def test_an_extensions_call_reaches_the_gateway_with_its_name_on_it(edge: RunningEdge, gateway: Peer) -> None:
    with Peer(edge.server, "127.0.1.3") as phone:
        invite(phone, "206", "9")
        offered = gateway.expect("INVITE")
        assert offered.headers("X-Busyhour-Source") == ["extension:206"]
        assert offered.headers("X-Busyhour-Peer") == ["127.0.1.3"]
        assert offered.first.split()[1].startswith("sip:9@")
        assert "Digest" not in offered.text
        hang_up_from_gateway(gateway, offered)
        assert phone.expect(486)


def test_nobody_can_pretend_in_headers_to_be_somebody(edge: RunningEdge, gateway: Peer) -> None:
    lies = (
        "X-Busyhour-Source: trunk:carrier\nx-busyhour-peer: 10.9.9.9\nX-Busyhour-Source : extension:201\n"
        "P-Asserted-Identity: <sip:110@police>\nRemote-Party-ID: <sip:110@police>\n"
        "P-Preferred-Identity: <sip:110@police>"
    )
    with Peer(edge.server, "127.0.1.3") as phone:
        invite(phone, "206", "9", more=lies)
        offered = gateway.expect("INVITE")
        assert offered.headers("X-Busyhour-Source") == ["extension:206"]
        assert offered.headers("X-Busyhour-Peer") == ["127.0.1.3"]
        assert "police" not in offered.text
        hang_up_from_gateway(gateway, offered)


@pytest.mark.parametrize(("user", "account"), [("201", "206"), ("anonymous", "206")])
def test_an_extension_cannot_call_under_another_name(edge: RunningEdge, gateway: Peer, user: str, account: str) -> None:
    with Peer(edge.server, "127.0.1.3") as phone:
        invite(phone, user, "9", account=account)
        assert phone.expect(403)
        assert gateway.receive(0.3) is None


@pytest.mark.parametrize("address", [STRANGER, "127.0.1.4"], ids=["outside", "lan"])
def test_a_call_without_a_password_gets_nowhere(edge: RunningEdge, gateway: Peer, address: str) -> None:
    with Peer(edge.server, address) as stranger:
        stranger.send(stranger.request("INVITE", f"sip:9@{edge.server[0]}", user="206", body=SDP))
        assert stranger.expect(407)
        invite(stranger, "206", "9", password="wrong")
        assert stranger.expect(407)
        assert gateway.receive(0.3) is None


def test_a_trunk_is_known_by_its_address(edge: RunningEdge, gateway: Peer) -> None:
    with Peer(edge.server, CARRIER) as carrier:
        identity = "P-Asserted-Identity: <sip:13800138000@carrier>"
        carrier.send(
            carrier.request("INVITE", f"sip:5551000@{edge.server[0]}", user="anonymous", body=SDP, more=identity)
        )
        offered = gateway.expect("INVITE")
        assert offered.headers("X-Busyhour-Source") == ["trunk:carrier"]
        assert offered.headers("X-Busyhour-Peer") == [CARRIER]
        assert offered.header("P-Asserted-Identity") == "<sip:13800138000@carrier>"
        hang_up_from_gateway(gateway, offered)


def test_a_trunk_taken_off_the_list_is_a_stranger_after_reload(edge: RunningEdge, gateway: Peer) -> None:
    import sqlite3
    from contextlib import closing

    def set_network(old: str, new: str) -> None:
        with closing(sqlite3.connect(edge.home / "edge/subscribers.sqlite")) as database, database:
            database.execute("UPDATE address SET ip_addr = ? WHERE ip_addr = ?", (new, old))
        edge.rpc.reload()

    with Peer(edge.server, CARRIER) as carrier:
        set_network("127.0.5.0", "127.0.6.0")
        try:
            carrier.send(carrier.request("INVITE", f"sip:5551000@{edge.server[0]}", body=SDP))
            assert carrier.expect(407)
        finally:
            set_network("127.0.6.0", "127.0.5.0")
        assert gateway.receive(0.3) is None


@pytest.mark.parametrize("method", ["MESSAGE", "SUBSCRIBE", "PUBLISH", "NOTIFY", "OPTIONS", "REFER", "INFO"])
def test_strangers_other_requests_are_refused(edge: RunningEdge, gateway: Peer, method: str) -> None:
    with Peer(edge.server, "127.0.9.10") as stranger:
        stranger.send(stranger.request(method, f"sip:201@{edge.server[0]}", more="Event: presence"))
        assert stranger.expect(403)
        assert gateway.receive(0.2) is None


def test_options_are_answered_to_the_lan(edge: RunningEdge) -> None:
    with Peer(edge.server, "127.0.1.4") as phone:
        phone.send(phone.request("OPTIONS", f"sip:{edge.server[0]}"))
        assert "INVITE" in phone.expect(200).header("Allow")


@pytest.mark.parametrize("method", ["BYE", "INVITE", "REFER", "UPDATE"])
def test_a_forged_request_within_a_dialog_cannot_use_the_box_as_a_relay(
    edge: RunningEdge, gateway: Peer, method: str
) -> None:
    with Peer(edge.server, STRANGER) as stranger, Peer(edge.server, CARRIER) as carrier:
        target = f"sip:10086@{CARRIER}:{carrier.port}"
        route = f"Route: <sip:{edge.server[0]}:{edge.server[1]};lr>\nRoute: <{target};lr>"
        stranger.send(stranger.request(method, target, to_tag="forged", more=route))
        forged = gateway.expect(method)
        assert forged.headers("X-Busyhour-Source") == []
        gateway.answer(forged, 481, "No such call")
        assert carrier.receive(0.3) is None


def test_a_preloaded_route_cannot_lead_elsewhere(edge: RunningEdge, gateway: Peer) -> None:
    with Peer(edge.server, "127.0.1.3") as phone, Peer(edge.server, CARRIER) as carrier:
        invite(phone, "206", "9", more=f"Route: <sip:{CARRIER}:{carrier.port};lr>")
        offered = gateway.expect("INVITE")
        assert offered.headers("Route") == []
        assert carrier.receive(0.2) is None
        hang_up_from_gateway(gateway, offered)


# ---- bad input -------------------------------------------------------------------------------------------------------


def test_a_message_that_went_in_circles_is_refused(edge: RunningEdge) -> None:
    with Peer(edge.server, "127.0.1.4") as phone:
        phone.send(phone.request("INVITE", f"sip:9@{edge.server[0]}", max_forwards=0, body=SDP))
        assert phone.expect(483)


@pytest.mark.parametrize(
    "garbage",
    [
        "INVITE sip:9@x SIP/2.0\n\n",
        "INVITE sip:9@x SIP/7.0\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\nFrom: <sip:a@b>;tag=1\nTo: <sip:b@c>\n"
        "Call-ID: 1\nCSeq: 1 BYE\n\n",
        "\0" * 500,
        "A" * 60000,
        "REGISTER sip:x SIP/2.0\nVia: SIP/2.0/UDP h;branch=z9hG4bK2\nFrom: <sip:a@b>;tag=1\nTo: <sip:\udcff\udcfe@\n"
        "Call-ID: 2\nCSeq: 99999999999999999999 REGISTER\nContent-Length: -5\n\n",
        "INVITE sip:"
        + "9" * 3000
        + "@x SIP/2.0\nVia: SIP/2.0/UDP h;branch=z9hG4bK3\nFrom: x\nTo: y\nCall-ID: 3\nCSeq: 1 INVITE\n\n",
    ],
    ids=["empty", "version", "zeros", "long", "not-utf8", "3000-digits"],
)
def test_garbage_reaches_nobody_and_harms_nothing(edge: RunningEdge, gateway: Peer, garbage: str) -> None:
    with Peer(edge.server, "127.0.1.5") as phone:
        phone.send(garbage)
        assert gateway.receive(0.2) is None
        phone.send(phone.request("OPTIONS", f"sip:{edge.server[0]}"))
        assert phone.expect(200)


# ---- floods ----------------------------------------------------------------------------------------------------------


def test_a_strangers_flood_meets_silence_and_the_lan_does_not_notice(edge: RunningEdge) -> None:
    with Peer(edge.server, "127.0.30.30") as stranger, Peer(edge.server, "127.0.1.6") as phone:
        for _ in range(400):
            stranger.send(stranger.request("OPTIONS", f"sip:{edge.server[0]}"))
        answers = 0
        while stranger.receive(0.3) is not None:
            answers += 1
        assert answers < 200
        stranger.send(stranger.request("OPTIONS", f"sip:{edge.server[0]}"))
        assert stranger.receive(0.3) is None
        phone.send(phone.request("OPTIONS", f"sip:{edge.server[0]}"))
        assert phone.expect(200, 1)


def test_after_a_power_cut_two_hundred_telephones_register_at_once(edge: RunningEdge) -> None:
    phones = [Peer(edge.server, f"127.0.0.{20 + number % 10}") for number in range(200)]
    numbers = [str(221 + number) for number in range(200)]
    uri = f"sip:{edge.server[0]}"
    started = time.monotonic()
    for phone, number in zip(phones, numbers, strict=True):
        phone.send(phone.request("REGISTER", uri, user=number, to=f"sip:{number}@x", call_id=f"p{number}"))
    for phone, number in zip(phones, numbers, strict=True):
        proof = digest(phone.expect(401), "REGISTER", uri, number, secret(number))
        phone.send(
            phone.request("REGISTER", uri, user=number, to=f"sip:{number}@x", call_id=f"p{number}", cseq=2, more=proof)
        )
    for phone in phones:
        assert phone.expect(200)
    assert time.monotonic() - started < 5
    assert set(numbers) <= set(edge.rpc.registered())
    for phone in phones:
        phone.socket.close()


# ---- calls to telephones and trunks ----------------------------------------------------------------------------------


def call_extension(gateway: Peer, number: str) -> str:
    """Ring an extension as the gateway does, and return the request."""
    host, port = gateway.server
    text = gateway.request(
        "INVITE",
        f"sip:{number}@{host}:{port}",
        user="10086",
        body=SDP,
        call_id=f"g-{time.monotonic_ns()}",
        more=f"X-Busyhour-Tag: inside\nX-Busyhour-Peer: 1.2.3.4\nRoute: <sip:{host}:{port};lr>",
    )
    gateway.send(text)
    return text


def test_the_gateway_rings_all_telephones_of_an_extension_at_once(edge: RunningEdge, gateway: Peer) -> None:
    with Peer(edge.server, "127.0.1.7") as one, Peer(edge.server, "127.0.1.8", tcp=True) as two:
        assert register(one, "207").status == 200
        assert register(two, "207").status == 200
        call_extension(gateway, "207")
        first, second = one.expect("INVITE"), two.expect("INVITE")
        one.answer(first, 180, "Ringing")
        assert gateway.expect(180)
        two.answer(second, 200)
        assert gateway.expect(200)
        one.answer(one.expect("CANCEL"), 200)
        one.answer(first, 487, "Terminated")


def test_an_extension_without_a_telephone_is_told_from_one_that_is_not(edge: RunningEdge, gateway: Peer) -> None:
    first = call_extension(gateway, "208")
    gateway.ack(first, gateway.expect(480))
    second = call_extension(gateway, "9208")
    gateway.ack(second, gateway.expect(404))


def test_the_gateway_reaches_a_trunk_by_its_address(edge: RunningEdge, gateway: Peer) -> None:
    with Peer(edge.server, CARRIER) as carrier:
        gateway.send(gateway.request("INVITE", f"sip:10086@{CARRIER}:{carrier.port}", user="5551000", body=SDP))
        offered = carrier.expect("INVITE")
        assert offered.first == f"INVITE sip:10086@{CARRIER}:{carrier.port} SIP/2.0"
        carrier.answer(offered, 486, "Busy")
        assert gateway.expect(486)


def test_a_registration_with_a_trunk_names_the_edge_and_comes_back_to_the_gateway() -> None:
    with (
        RunningEdge("127.0.2.1") as edge,
        Peer(edge.server, "127.0.0.1", port=edge.gateway[1]) as gateway,
        Peer(edge.server, CARRIER) as carrier,
    ):
        own = f"sip:acme@127.0.0.1:{edge.gateway[1]}"
        gateway.send(gateway.request("REGISTER", f"sip:{CARRIER}:{carrier.port}", user="acme", contact=own))
        request = carrier.expect("REGISTER")
        assert request.headers("Contact") == [f"<sip:acme@127.0.2.1:{edge.port}>"]
        carrier.answer(request, 200, contact=f"sip:acme@127.0.2.1:{edge.port}", more="Expires: 600")
        assert gateway.expect(200).headers("Contact") == [f"<{own}>"]
        carrier.send(carrier.request("INVITE", f"sip:acme@127.0.2.1:{edge.port}", body=SDP))
        assert gateway.expect("INVITE").headers("X-Busyhour-Source") == ["trunk:carrier"]


def test_only_the_gateways_own_port_may_use_the_box_as_a_way_out(edge: RunningEdge, gateway: Peer) -> None:
    with Peer(edge.server, "127.0.0.1") as other, Peer(edge.server, CARRIER) as carrier:
        other.send(other.request("INVITE", f"sip:10086@{CARRIER}:{carrier.port}", user="5551000", body=SDP))
        assert other.expect(407)
        assert carrier.receive(0.3) is None


def test_a_dead_gateway_is_told_to_the_caller_with_a_time_to_try_again(edge: RunningEdge) -> None:
    with Peer(edge.server, "127.0.1.3") as phone:
        invite(phone, "206", "9")
        assert phone.expect(503, 12).header("Retry-After") == "5"


# ---- what is seen outside --------------------------------------------------------------------------------------------


def addresses_in(message: Message) -> str:
    """Return the headers that tell who is behind, one text."""
    names = ("Via", "Contact", "Record-Route", "Route", "From", "To", "Call-ID", "Server", "User-Agent")
    return "\n".join(f"{name}: {value}" for name in names for value in message.headers(name))


@pytest.mark.parametrize("direction", ["incoming", "outgoing"])
def test_a_whole_call_shows_the_gateway_to_nobody(direction: str) -> None:
    with (
        RunningEdge("127.0.2.1") as edge,
        Peer(("127.0.2.1", edge.port), "127.0.0.1", port=edge.gateway[1]) as gateway,
        Peer(edge.server, "127.0.1.9") as phone,
    ):
        inside = f"{edge.gateway[0]}:{edge.gateway[1]}"
        seen: list[Message] = []
        assert register(phone, "209").status == 200
        if direction == "incoming":
            invite(phone, "209", "9")
            offered = gateway.expect("INVITE")
            gateway.answer(offered, 180, "Ringing", contact=f"sip:{inside}")
            seen.append(phone.expect(180))
            gateway.answer(offered, 200, contact=f"sip:{inside}", body=SDP)
            answer = phone.expect(200)
            seen.append(answer)
            within = {"user": "209", "call_id": answer.header("Call-ID")}
        else:
            call_extension(gateway, "209")
            request = phone.expect("INVITE")
            seen.append(request)
            assert request.headers("Route") == []
            phone.answer(request, 200, contact=f"sip:209@127.0.1.9:{phone.port}", body=SDP)
            answered = gateway.expect(200)
            ack = gateway.request(
                "ACK",
                re.findall(r"<(.*)>", answered.header("Contact"))[0],
                call_id=answered.header("Call-ID"),
                user="10086",
                to_tag="answer",
                more="\n".join(f"Route: {r}" for r in reversed(answered.headers("Record-Route"))),
            )
            gateway.send(ack)
            seen.append(phone.expect("ACK"))
            within = {"user": "209", "call_id": request.header("Call-ID")}
            answer = request
        target = re.findall(r"<(.*?)>", answer.header("Contact"))[0]
        routes = answer.headers("Record-Route")
        more = "\n".join(f"Route: {route}" for route in (reversed(routes) if direction == "incoming" else routes))
        to_tag = re.findall(r"tag=(\S+)", answer.header("To" if direction == "incoming" else "From"))[0]
        if direction == "incoming":
            phone.send(phone.request("ACK", target, more=more, to_tag=to_tag, cseq=2, **within))
            assert gateway.expect("ACK").first.split()[1] == f"sip:{inside}"
        bye = phone.request(
            "BYE",
            target,
            more=more,
            to_tag=to_tag,
            tag="f" if direction == "incoming" else "answer",
            cseq=3,
            to=re.findall(r"<(.*?)>", answer.header("To" if direction == "incoming" else "From"))[0],
            **within,
        )
        phone.send(bye)
        ended = gateway.expect("BYE")
        assert ended.first.split()[1].endswith(inside)
        if direction == "outgoing":
            assert ended.header("To").startswith(f"<sip:10086@{gateway.host}>")
        assert ended.headers("X-Busyhour-Peer") == ["127.0.1.9"]
        gateway.answer(ended, 200)
        seen.append(phone.expect(200))
        for message in seen:
            assert f":{edge.gateway[1]}" not in message.text
            assert "127.0.0.1" not in addresses_in(message), message.text
            assert "X-Busyhour" not in message.text
            assert "kamailio" not in message.text.lower()


# ---- faults ----------------------------------------------------------------------------------------------------------


def test_registrations_survive_a_kill(edge: RunningEdge, gateway: Peer) -> None:
    with Peer(edge.server, "127.0.1.10") as phone:
        assert register(phone, "210").status == 200
        edge.kill()
        edge.start()
        assert "210" in edge.rpc.registered()
        call_extension(gateway, "210")
        request = phone.expect("INVITE")
        phone.answer(request, 486, "Busy")
        assert gateway.expect(486)


def test_an_edge_whose_masking_key_a_power_cut_took_makes_another() -> None:
    starting = RunningEdge()
    key = starting.home / "edge/mask.key"
    key.parent.mkdir()
    key.touch()
    with starting:
        assert len(key.read_text()) == 32
        assert key.stat().st_mode & 0o077 == 0


def test_a_call_goes_on_after_a_kill(edge: RunningEdge, gateway: Peer) -> None:
    with Peer(edge.server, "127.0.1.11") as phone:
        invite(phone, "211", "9")
        offered = gateway.expect("INVITE")
        gateway.answer(offered, 200, body=SDP)
        answer = phone.expect(200)
        edge.kill()
        edge.start()
        more = "\n".join(f"Route: {route}" for route in reversed(answer.headers("Record-Route")))
        target = re.findall(r"<(.*?)>", answer.header("Contact"))[0]
        phone.send(
            phone.request(
                "BYE", target, user="211", call_id=answer.header("Call-ID"), cseq=3, more=more, to_tag="answer"
            )
        )
        assert gateway.expect("BYE").first == f"BYE {gateway.uri} SIP/2.0"


def test_both_sides_are_told_when_the_gateway_starts_anew(edge: RunningEdge) -> None:
    with Peer(edge.server, "127.0.1.12") as phone, Peer(edge.server, "127.0.1.13") as ringing:
        assert register(ringing, "213").status == 200
        with Peer(edge.server, *edge.gateway[:1], port=edge.gateway[1]) as gateway:
            invite(phone, "212", "9")
            offered = gateway.expect("INVITE")
            gateway.answer(offered, 200, body=SDP)
            answer = phone.expect(200)
            more = "\n".join(f"Route: {route}" for route in reversed(answer.headers("Record-Route")))
            target = re.findall(r"<(.*?)>", answer.header("Contact"))[0]
            phone.send(
                phone.request(
                    "ACK", target, user="212", call_id=answer.header("Call-ID"), cseq=2, more=more, to_tag="answer"
                )
            )
            gateway.expect("ACK")
            call_extension(gateway, "213")
            ringing.answer(ringing.expect("INVITE"), 180, "Ringing")
            gateway.expect(180)
        assert edge.rpc.end_calls() >= 2
        phone.answer(phone.expect("BYE"), 200)
        assert ringing.expect("CANCEL")
