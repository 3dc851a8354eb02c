"""The page of a whole box by HTTPS: who came is known, nobody can pretend, and certificates change under way."""

import hashlib
import http.client
import json
import os
import re
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.link.address import parse
from firmware.control.client import SOCKET, Client
from tests.peers.authority import Authority
from tests.peers.box import Box
from tests.peers.ports import free_port

PATIENCE_S = 10
FAR = "127.0.9.7"


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    with Box() as running:
        yield running


def context(trust: bytes = b"") -> ssl.SSLContext:
    """Return what trusts an authority, or anybody."""
    made = ssl.create_default_context(cadata=trust.decode() or None)
    if not trust:
        made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    return made


def connect(box: Box, trust: bytes = b"", source: str = "127.0.0.1", **more: object) -> http.client.HTTPSConnection:
    host, _, port = box.https.rpartition(":")
    made = context(trust)
    for name, value in more.items():
        setattr(made, name, value)
    return http.client.HTTPSConnection(host, int(port), timeout=PATIENCE_S, context=made, source_address=(source, 0))


def fingerprint(box: Box) -> str:
    host, _, port = box.https.rpartition(":")
    given = ssl.get_server_certificate((host, int(port)))
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(given)).hexdigest()


def refuse_sign_in(box: Box, source: str, **headers: str) -> int:
    """Try a wrong password from an address; return the status."""
    connection = connect(box, source=source)
    connection.request("GET", "/sign-in?lang=en")
    answer = connection.getresponse()
    cookie = (answer.getheader("Set-Cookie") or "").partition(";")[0]
    cookies = "; ".join(value.partition(";")[0] for value in answer.headers.get_all("Set-Cookie") or [])
    (form,) = re.findall(r'name="form" value="([0-9a-f]+)"', answer.read().decode())
    assert cookie.startswith("__Host-")
    body = f"form={form}&name=admin&password=wrong"
    content = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookies}
    connection.request("POST", "/sign-in", body, headers=content | headers)
    status = connection.getresponse().status
    connection.close()
    return status


def test_the_page_comes_by_https_with_all_that_keeps_a_browser_to_it(box: Box) -> None:
    connection = connect(box)
    connection.request("GET", "/sign-in")
    answer = connection.getresponse()
    assert answer.status == 200
    assert answer.getheader("Strict-Transport-Security") == "max-age=31536000"
    assert all("; Secure" in value for value in answer.headers.get_all("Set-Cookie") or [""])
    assert f"https https://{box.https}/" in box.said.decode()


def test_who_came_is_on_record_and_nobody_can_pretend_to_be_another(box: Box) -> None:
    lies = {"X-Forwarded-For": "203.0.113.5", "X-Real-IP": "203.0.113.5", "Forwarded": "for=203.0.113.5"}
    assert refuse_sign_in(box, FAR, **lies) == 422
    (refused,) = [entry for entry in box.json("user", "audit") if entry["what"] == "session.refused"]
    assert refused["address"] == FAR


@pytest.mark.parametrize("first", ["PROXY TCP4 203.0.113.5 127.0.0.1 5 6\r\n", "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c"])
def test_a_client_of_the_plain_port_is_no_proxy(box: Box, first: str) -> None:
    host, _, port = box.web.rpartition(":")
    with socket.create_connection((host, int(port)), PATIENCE_S) as plain:
        address = bytes([203, 0, 113, 5, 127, 0, 0, 1, 0, 5, 0, 6]) if first.startswith("\r\n") else b""
        plain.sendall(first.encode("latin-1") + address + b"GET /sign-in HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b" 200 " not in plain.recv(4096).partition(b"\r\n")[0]


def test_a_client_of_the_plain_port_cannot_say_that_it_speaks_https(box: Box) -> None:
    host, _, port = box.web.rpartition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=PATIENCE_S)
    connection.request("GET", "/sign-in", headers={"X-Forwarded-Proto": "https", "X-Forwarded-For": FAR})
    cookies = connection.getresponse().headers.get_all("Set-Cookie") or []
    assert cookies
    assert not any("Secure" in cookie for cookie in cookies)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_new_tls_is_spoken_with_ciphers_that_keep_the_past_secret(box: Box, version: ssl.TLSVersion) -> None:
    connection = connect(box, maximum_version=version)
    connection.connect()
    name = connection.sock.cipher()[0]  # type: ignore[attr-defined]
    assert re.search("^TLS_|^ECDHE-.*(GCM|POLY1305)", name)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
@pytest.mark.parametrize("ciphers", ["TLSv1.1", "AES128-SHA", "ECDHE-ECDSA-AES128-SHA256"])
def test_old_tls_and_weak_ciphers_are_refused(box: Box, ciphers: str) -> None:
    made = context()
    made.set_ciphers("ALL:@SECLEVEL=0" if ciphers == "TLSv1.1" else f"{ciphers}:@SECLEVEL=0")
    made.minimum_version = ssl.TLSVersion.TLSv1
    made.maximum_version = ssl.TLSVersion.TLSv1_1 if ciphers == "TLSv1.1" else ssl.TLSVersion.TLSv1_2
    host, _, port = box.https.rpartition(":")
    with socket.create_connection((host, int(port)), PATIENCE_S) as plain, pytest.raises(ssl.SSLError):
        made.wrap_socket(plain)


def test_another_certificate_is_served_at_once_and_who_is_connected_stays(box: Box, tmp_path: Path) -> None:
    authority = Authority()
    own, key = authority.issue("127.0.0.1", "calls.example.com")
    (tmp_path / "chain.pem").write_bytes(own + authority.chain)
    (tmp_path / "key.pem").write_bytes(key)
    before, pid = fingerprint(box), box.pid("proxy")
    staying = connect(box)
    staying.request("GET", "/sign-in")
    staying.getresponse().read()
    told = box.json("certificate", "import", str(tmp_path / "chain.pem"), str(tmp_path / "key.pem"))
    assert told["served"]
    assert told["certificate"]["fingerprint"].replace(":", "").lower() == fingerprint(box) != before
    connect(box, authority.trust).connect()  # whoever trusts the root needs nothing else
    assert staying.sock is not None
    staying.request("GET", "/sign-in")
    assert staying.getresponse().status == 200
    box.wait_back("proxy", box.kill("proxy"))
    assert box.pid("proxy") != pid
    connect(box, authority.trust).connect()
    named = connect(box)
    named.request("GET", "/sign-in", headers={"Host": "calls.example.com"})
    assert named.getresponse().status == 200


def test_a_certificate_that_does_not_fit_changes_nothing(box: Box, tmp_path: Path) -> None:
    before = fingerprint(box)
    own, _ = Authority().issue("127.0.0.1")
    _, key = Authority().issue("127.0.0.1")
    (tmp_path / "both.pem").write_bytes(own + key)
    done = box.command("certificate", "import", str(tmp_path / "both.pem"), check=False)
    assert done.returncode == 1
    assert "key: it belongs to none of the certificates: the private key of CN=box is right" in done.stderr
    assert fingerprint(box) == before


def test_the_box_makes_one_of_its_own_for_the_names_it_is_given(box: Box) -> None:
    told = box.json("certificate", "self-signed", "pbx.example.org")
    assert told["certificate"]["names"][0] == "pbx.example.org"
    assert box.json("certificate", "show") == told["certificate"]
    assert fingerprint(box) == told["certificate"]["fingerprint"].replace(":", "").lower()
    done = box.command("certificate", "self-signed", "no name", check=False)
    assert 'names[0]: "no name": a host name' in done.stderr
    what = [entry["what"] for entry in box.json("user", "audit")]
    assert what.count("certificate.replaced") == 2


def test_who_may_only_look_sees_the_certificate_but_never_its_key(box: Box) -> None:
    with Client(box.home / SOCKET) as client:
        client.call("session.lower", role="viewer")
        assert "PRIVATE" not in json.dumps(client.call("certificate.show"))


def test_one_address_cannot_take_all_connections(box: Box) -> None:
    host, _, port = box.https.rpartition(":")
    held, closed = [], 0
    try:
        for _ in range(130):
            try:
                held.append(socket.create_connection((host, int(port)), PATIENCE_S, source_address=(FAR, 0)))
            except ConnectionResetError:
                closed += 1
        for one in held:
            one.settimeout(0.02)
            try:
                closed += one.recv(1) == b""
            except TimeoutError:
                continue
            except ConnectionResetError:
                closed += 1
        assert closed >= 30
        connection = connect(box)
        connection.request("GET", "/sign-in")
        assert connection.getresponse().status == 200
    finally:
        for one in held:
            one.close()


def test_who_comes_from_another_machine_is_sent_to_https() -> None:
    from drivers.link.address import local_addresses

    (address, *_) = [one for one in local_addresses(4) if not one.startswith("127.")]
    with Box(environment={"BUSYHOUR_WEB": f"0.0.0.0:{(port := _free())}", "BUSYHOUR_HTTPS": ""}) as box:
        connection = http.client.HTTPConnection(address, port, timeout=PATIENCE_S)
        connection.request("GET", "/sign-in?lang=en")
        answer = connection.getresponse()
        https = int(re.findall(rb"https https://127\.0\.0\.1:(\d+)/", box.said)[0])
        assert (answer.status, answer.getheader("Location")) == (308, f"https://{address}:{https}/sign-in?lang=en")
        assert https == port + 363
        near = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
        near.request("GET", "/sign-in")
        assert near.getresponse().status == 200


def _free() -> int:
    from tests.peers.ports import free_port

    while True:
        port = free_port()
        if port + 363 < 65536:
            return port


def test_a_port_that_somebody_else_listens_at_is_named(tmp_path: Path) -> None:
    ports = {name: f"127.0.0.1:{free_port()}" for name in ("SIP", "SIPS", "EDGE", "HTTPS")}
    with socket.create_server(("127.0.0.1", parse("HTTPS", ports["HTTPS"]).port)):
        ended = subprocess.run(
            [sys.executable, "-m", "firmware.proxy"], capture_output=True, text=True, timeout=PATIENCE_S, check=False,
            env=os.environ | {f"BUSYHOUR_{name}": value for name, value in ports.items()}
            | {"BUSYHOUR_HOME": str(tmp_path)},
        )  # fmt: skip
    assert ended.returncode
    assert f"Address already in use) for [{ports['HTTPS']}]" in ended.stderr
    assert "WARNING" not in ended.stderr
