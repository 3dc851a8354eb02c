"""Whether a carrier that speaks TLS can be believed: met with real handshakes, and told as an alarm."""

import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import astuple

from drivers.link.messages import Wrong
from firmware.details import LANGUAGES, sentence
from firmware.health.carriers import EVERY_S, Meeting, meet
from tests.peers.authority import Authority
from tests.peers.ports import free_port

ADDRESS = "127.0.0.1"


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def carrier(tmp_path: Path) -> Iterator[Callable[..., int]]:
    """Let HAProxy show a certificate at a port: `carrier(certificate)`, perhaps with `versions` of TLS."""
    running: list[subprocess.Popen[bytes]] = []

    def make(certificate: Path, versions: str = "") -> int:
        port = free_port()
        (tmp_path / "carrier.cfg").write_text(
            "global\n    tune.ssl.default-dh-param 2048\ndefaults\n    mode tcp\n    timeout client 5s\n"
            f"    timeout server 5s\n    timeout connect 5s\n"
            f"listen carrier\n    bind {ADDRESS}:{port} ssl crt {certificate} {versions}\n"
        )
        program = shutil.which("haproxy", path="/usr/sbin:/usr/local/sbin:/usr/bin")
        assert program is not None
        running.append(subprocess.Popen([program, "-db", "-q", "-f", str(tmp_path / "carrier.cfg")]))
        deadline = time.monotonic() + 10
        while True:
            with socket.socket() as probe:
                if probe.connect_ex((ADDRESS, port)) == 0:
                    return port
            assert time.monotonic() < deadline, "the carrier does not listen"
            time.sleep(0.02)

    yield make
    for one in running:
        one.terminate()
        one.wait(5)


def test_one_that_the_authority_vouches_for_by_its_name_is_well(
    tmp_path: Path, authority: Authority, carrier: Callable[..., int]
) -> None:
    port = carrier(authority.certify(tmp_path / "own.pem", "localhost"))
    assert meet("localhost", port, authority.trust.decode()) == Meeting(True)


@pytest.mark.parametrize(
    ("made_out_to", "days", "known", "why", "why_zh"),
    [
        (
            "other.example", 90, True,
            "Hostname mismatch, certificate is not valid for 'localhost'.", "不是发给 localhost 的",
        ),
        ("localhost", -1, True, "certificate has expired", "已经过期"),
        ("localhost", 90, False, "unable to get local issuer certificate", "签发它的机构不受信任"),
    ],
    ids=["another name", "over", "nobody known vouches"],
)  # fmt: skip
def test_one_that_cannot_be_believed_is_told_with_the_reason(
    tmp_path: Path, authority: Authority, carrier: Callable[..., int], made_out_to: str, days: int, known: bool,
    why: str, why_zh: str,
) -> None:  # fmt: skip
    port = carrier(authority.certify(tmp_path / "own.pem", made_out_to, days))
    meeting = meet("localhost", port, authority.trust.decode() if known else "")
    assert meeting.met
    assert meeting.wrong is not None
    told = {language: sentence(*astuple(meeting.wrong), language) for language in LANGUAGES}
    assert told == {"en": f"the certificate of localhost:{port}: {why}", "zh": f"localhost:{port} 的证书：{why_zh}"}


def test_of_one_that_does_not_answer_nothing_is_known() -> None:
    assert meet(ADDRESS, free_port(), "") == Meeting(False)


def test_what_answers_without_tls_is_told() -> None:
    with socket.create_server((ADDRESS, 0)) as server:

        def answer() -> None:
            wire, _ = server.accept()
            with wire:
                wire.sendall(b"SIP/2.0 400 Bad Request\r\n\r\n")
                wire.recv(4096)

        talking = threading.Thread(target=answer)
        talking.start()
        port = server.getsockname()[1]
        wrong = meet(ADDRESS, port, "").wrong
        assert wrong is not None
        assert f"{ADDRESS}:{port} speaks no TLS 1.2 or newer" in sentence(*astuple(wrong), "en")
        assert f"{ADDRESS}:{port} 不支持 TLS 1.2 或更高版本" in sentence(*astuple(wrong), "zh")
        talking.join(5)


def test_an_alarm_tells_of_it_and_is_over_when_it_is_well_again(watched) -> None:
    box = watched(trunks=[
        {"name": "carrier", "host": "sip.example.com", "transport": "tls"}, {"name": "plain", "host": "192.0.2.1"},
    ])  # fmt: skip

    def raised() -> list[tuple[str, str, str]]:
        return [(one.name, one.subject, one.detail) for one in box.exchange.alarms.table()]

    over = Wrong("not-vouched", {"host": "sip.example.com", "port": 5061, "why": "certificate has expired"})
    box.machine.carriers["192.0.2.1"] = Meeting(True, over)  # never asked
    box.clock.advance(2 * EVERY_S)
    assert raised() == []
    box.machine.carriers["sip.example.com"] = Meeting(True, over)
    box.clock.advance(EVERY_S + 10)
    told = "the certificate of sip.example.com:5061: certificate has expired"
    assert raised() == [("trunk-certificate", "trunk:carrier", told)]
    box.machine.carriers["sip.example.com"] = Meeting(False)
    box.clock.advance(EVERY_S + 10)
    assert [name for name, _, _ in raised()] == ["trunk-certificate"]
    box.machine.carriers["sip.example.com"] = Meeting(True)
    box.clock.advance(EVERY_S + 10)
    assert raised() == []
