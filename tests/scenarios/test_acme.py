"""A whole box gets its certificate of an authority: Let's Encrypt's own test server, by Debian's client."""

import hashlib
import http.client
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.link.address import parse
from firmware.certificate.pair import read
from firmware.certificate.store import Store
from tests.peers.acme_server import AcmeServer
from tests.peers.authority import Authority
from tests.peers.box import Box


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AcmeServer]:
    from tests.peers.ports import free_port

    with AcmeServer(tmp_path_factory.mktemp("authority"), free_port()) as running:
        yield running


@pytest.fixture(scope="module")
def box(authority: AcmeServer) -> Iterator[Box]:
    web = {"BUSYHOUR_WEB": f"127.0.0.1:{authority.http_port}"}
    with Box(environment=authority.environment | web) as running:
        running.web = web["BUSYHOUR_WEB"]
        yield running


def served(box: Box) -> str:
    given = ssl.get_server_certificate(parse("https", box.https))
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(given)).digest().hex(":").upper()


def get(box: Box, path: str, host: str) -> http.client.HTTPResponse:
    web = parse("web", box.web)
    connection = http.client.HTTPConnection(web.host, web.port, timeout=10)
    connection.request("GET", path, headers={"Host": host})
    return connection.getresponse()


def test_a_certificate_is_got_and_in_force_at_once(box: Box, authority: AcmeServer) -> None:
    told = box.json(
        "certificate", "acme", "calls.example.com", "pbx.example.com", "--directory", authority.directory
    )
    shown = told["certificate"]
    assert told["served"]
    assert sorted(shown["names"]) == ["calls.example.com", "pbx.example.com"]
    assert (shown["kind"], shown["key"]) == ("acme", "ECDSA secp256r1")
    assert "Pebble" in shown["issuer"]
    assert shown["chain"] >= 1
    assert served(box) == shown["fingerprint"]
    assert [path for path in (box.home / "acme").rglob("*.pem") if path.stat().st_mode & 0o077] == []
    assert get(box, "/sign-in", "calls.example.com").status == 200


def test_one_that_ends_within_a_month_is_got_again_by_itself(box: Box, authority: AcmeServer) -> None:
    box.json("certificate", "acme", "calls.example.com", "--directory", authority.directory)
    old, key = Authority().issue("calls.example.com", days=(-60, 20))
    Store(box.home).replace(read(old, key), "acme")
    box.wait_back("exchange", box.kill("exchange"))
    deadline = time.monotonic() + 60
    while "Pebble" not in (shown := box.json("certificate", "show"))["issuer"] or served(box) != shown["fingerprint"]:
        assert time.monotonic() < deadline, box.logs()
        time.sleep(0.5)
    assert box.json("user", "audit")[0]["by"] == "renewal"


def test_a_name_that_leads_elsewhere_gets_none_and_the_reason(box: Box, authority: AcmeServer) -> None:
    before = served(box)
    authority.send_elsewhere("gone.example.com")
    done = box.command(
        "certificate", "acme", "gone.example.com", "--directory", authority.directory, check=False, timeout_s=180
    )
    assert done.returncode == 1
    assert "the authority gives no certificate" in done.stderr
    assert served(box) == before


@pytest.mark.parametrize(
    ("words", "said"),
    [(("192.0.2.1",), "a host name in the internet is right"), (("box",), "a host name in the internet is right"),
     (("$(reboot).example.com",), "a host name in the internet is right"),
     (("a.example.com", "--directory", "http://x/"), "https:// address")],
)  # fmt: skip
def test_what_cannot_be_asked_for_is_told_at_once(box: Box, words: tuple[str, ...], said: str) -> None:
    done = box.command("certificate", "acme", *words, check=False)
    assert done.returncode == 1
    assert said in done.stderr


@pytest.mark.parametrize("token", ["../certificate/box.pem", "..%2f..%2fcertificate%2fbox.pem", "short", "x" * 200])
def test_only_words_for_the_authority_are_given_out(box: Box, token: str) -> None:
    assert get(box, f"/.well-known/acme-challenge/{token}", "calls.example.com").status == 404


def test_a_word_is_given_to_anybody_under_any_name(box: Box) -> None:
    folder: Path = box.home / "acme/challenges"
    (folder / "abcdefghijklmnop").write_text("word")
    answer = get(box, "/.well-known/acme-challenge/abcdefghijklmnop", "not-yet-ours.example.com")
    assert (answer.status, answer.read()) == (200, b"word")
