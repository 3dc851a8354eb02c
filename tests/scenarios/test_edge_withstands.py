"""A whole box on the internet: strangers by the thousand come, say nothing, half or too much, and a talk goes on."""

import contextlib
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from drivers.link.address import parse
from firmware.control.client import SOCKET, Client
from tests.peers.baresip import Phone
from tests.peers.box import Box
from tests.scenarios.test_srtp import hears

Phones = Callable[..., Phone]
HANDSHAKES = int(os.environ.get("BUSYHOUR_HANDSHAKES") or 500)
CONNECTIONS = int(os.environ.get("BUSYHOUR_CONNECTIONS") or 1000)
STRANGER = "127.0.66.6"
OWN_HZ, THEIRS_HZ = 1000.0, 1400.0


@pytest.fixture
def talk(phone: Phones, box: Box) -> Iterator[None]:
    """Two telephones talk, one by TLS, one by UDP; at the end each still hears the other, and no program has died."""
    before = {name: box.program(name)["restarts"] for name in ("edge", "proxy", "gateway", "exchange", "web")}
    one, other = phone("203", transport="tls"), phone("204", answer=True, says="agent2")
    one.dial("204")
    one.wait_event("CALL_ESTABLISHED")
    other.wait_event("CALL_ESTABLISHED")
    yield
    time.sleep(2)  # what is heard after all that
    one.hang_up()
    other.wait_event("CALL_CLOSED")
    one.switch_off()
    other.switch_off()
    hears(one.heard, THEIRS_HZ, OWN_HZ)
    hears(other.heard, OWN_HZ, THEIRS_HZ)
    assert {name: box.program(name)["restarts"] for name in before} == before


def place(address: str) -> tuple[str, int]:
    return tuple(parse("here", address))  # type: ignore[return-value]


def anybody() -> ssl.SSLContext:
    made = ssl.create_default_context()
    made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    return made


def alarms(box: Box, name: str) -> list[dict[str, str]]:
    with Client(box.home / SOCKET) as client:
        return [alarm for alarm in client.call("status")["alarms"] if alarm["name"] == name]


def test_handshakes_by_the_thousand(box: Box, talk: None) -> None:
    """BUSYHOUR_HANDSHAKES says how many; each is whole, and new."""
    context, count = anybody(), iter(range(HANDSHAKES))
    lock = threading.Lock()

    def shake() -> int:
        done = 0
        while True:
            with lock:
                if (number := next(count, None)) is None:
                    return done
            source = (f"127.0.{50 + number % 8}.{1 + number % 200}", 0)
            plain = socket.create_connection(place(box.sips), 30, source_address=source)
            with context.wrap_socket(plain) as secret:
                done += secret.version() == "TLSv1.3"

    with ThreadPoolExecutor(8) as threads:
        made = [threads.submit(shake) for _ in range(8)]
    assert sum(one.result() for one in made) == HANDSHAKES


@pytest.mark.parametrize("way", ["tcp", "tls"])
def test_connections_by_the_thousand_from_one_address(box: Box, talk: None, phone: Phones, way: str) -> None:
    """BUSYHOUR_CONNECTIONS says how many. It gets 300, the rest is refused and said, and others come in as ever."""
    with contextlib.ExitStack() as held:
        kept = []
        for _ in range(CONNECTIONS):
            one = held.enter_context(socket.socket())
            one.bind((STRANGER, 0))
            one.settimeout(10)
            with contextlib.suppress(ConnectionResetError):
                one.connect(place(box.sips if way == "tls" else box.sip))
                kept.append(one)
        phone("201", transport=way)  # somebody else registers as ever
        open_still = 0
        for one in kept:
            one.setblocking(False)
            try:
                open_still += one.recv(1) != b""
            except BlockingIOError:
                open_still += 1
            except ConnectionResetError:
                continue
        assert 200 <= open_still <= 300  # the first may have been let go by now, for they say nothing
        deadline = time.monotonic() + 20
        while not (told := alarms(box, "connections-refused")):
            assert time.monotonic() < deadline, box.logs()
            time.sleep(0.2)
        assert told[0]["subject"].startswith("sip-")
    assert "connections" in told[0]["detail"]


def test_who_says_nothing_is_let_go_soon(box: Box, talk: None) -> None:
    with contextlib.ExitStack() as held:
        silent = [
            held.enter_context(socket.create_connection(place(address), 5, source_address=(STRANGER, 0)))
            for address in (box.sip, box.sips, box.https)
        ]
        for one in silent:
            one.settimeout(25)
            with contextlib.suppress(ConnectionResetError):
                assert one.recv(1) == b""


def test_who_says_half_or_too_much_hurts_nobody(box: Box, talk: None, phone: Phones) -> None:
    head = b"REGISTER sip:x SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bK1\r\nFrom: <sip:201@x>;tag=1\r\n"
    with contextlib.ExitStack() as held:
        for number in range(100):
            source = (f"127.0.67.{1 + number}", 0)
            one = held.enter_context(socket.create_connection(place(box.sip), 5, source_address=source))
            one.settimeout(5)
            one.sendall(head[: 10 + number])
        endless = b"Content-Length: 2000000000\r\n\r\n" + b"v=0\r\n" * 60_000
        for more in (b"X: " + b"a" * 300_000, b"X: a\r\n" * 50_000, endless):
            one = held.enter_context(socket.create_connection(place(box.sip), 5, source_address=(STRANGER, 0)))
            one.settimeout(5)
            with contextlib.suppress(OSError):
                one.sendall(head + more)
                assert b"SIP/2.0 200" not in one.recv(4096)
        phone("202", transport="tcp")
