"""The whole program: gunicorn, its threads and streams, against an exchange on a real socket."""

import http.client
import json
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from tests.webui.exchange_stand_in import TOKEN, Exchange
from tests.webui.program import PATIENCE_S, SIGNED_IN, Page
from webui.csrf import made_for
from webui.downloads import MOST as MOST_DOWNLOADS
from webui.picture import Call, Picture
from webui.stream import MOST
from webui.worker import CONNECTIONS, SLOW_S


class Stream:
    """One open page's stream of events."""

    def __init__(self, page: Page) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", page.port, timeout=PATIENCE_S)
        self.connection.request("GET", "/live?lang=en", headers={"Last-Event-ID": "12345"} | SIGNED_IN)
        self.response = self.connection.getresponse()
        self.parts: dict[str, str] = {}

    def next_event(self) -> str:
        kind = ""
        while line := self.response.readline().decode():
            if line.startswith("event: "):
                kind = line[7:].strip()
            if line.startswith("data: ") and kind == "part":
                part = json.loads(line[6:])
                self.parts[part["name"]] = part["html"]
            if line == "\n" and kind:
                return kind
        return "end"

    def until(self, part: str, text: str) -> None:
        """Read until a part holds a text."""
        while text not in self.parts.get(part, ""):
            assert self.next_event() != "end"

    def close(self) -> None:
        self.connection.close()


@pytest.fixture
def page(exchange: Exchange) -> Iterator[Page]:
    program = Page(exchange.home)
    try:
        program.wait_until_it_answers()
        yield program
    finally:
        program.stop()


@pytest.fixture
def stream(page: Page) -> Iterator[Callable[[], Stream]]:
    streams: list[Stream] = []

    def make() -> Stream:
        streams.append(Stream(page))
        return streams[-1]

    yield make
    for each in streams:
        each.close()


def with_calls(picture: Picture, *numbers: str) -> Picture:
    return msgspec.structs.replace(picture, calls=tuple(Call(number, number=number) for number in numbers))


def test_a_call_comes_and_goes_on_every_open_page_by_one_subscription(exchange, stream, picture):
    exchange.tell(with_calls(picture))
    streams = [stream() for _ in range(12)]
    exchange.tell(with_calls(picture, "13911112222"))
    for each in streams:
        each.until("calls", "13911112222")
    exchange.tell(with_calls(picture))
    for each in streams:
        each.until("calls", "No call at the moment")
    assert exchange.subscriptions() == 1


def test_the_page_asks_for_no_more_rights_than_to_look(exchange, stream, picture):
    exchange.tell(picture)
    stream().until("calls", "13800138000")
    asked = [(request["method"], request.get("params")) for request in exchange.requests]
    assert [one for one in asked if not one[0].startswith("session.")] == [("subscribe", {"topics": ["live"]})]
    before = asked.index(("subscribe", {"topics": ["live"]}))
    assert ("session.lower", {"role": "viewer"}) in asked[:before]


def test_a_dead_exchange_is_told_at_once_and_found_again(exchange, page, stream, picture):
    exchange.tell(picture)
    reader = stream()
    reader.until("calls", "13800138000")
    exchange.die()
    reader.until("feed", "The exchange does not answer")
    assert "13800138000" in reader.parts["calls"]
    assert "13800138000" not in page.get()  # nobody can tell who asks
    exchange.start()
    exchange.tell(with_calls(picture, "10086"))
    reader.until("calls", "10086")
    reader.until("feed", "Live")
    assert page.process.poll() is None


@pytest.mark.parametrize("line", [b"this is no JSON", b'{"topic": "live", "data": {"calls": 7}}', b'{"topic": "live"}'])
def test_an_exchange_that_talks_nonsense_does_not_end_the_page(exchange, stream, picture, line):
    exchange.tell(picture)
    reader = stream()
    reader.until("calls", "13800138000")
    exchange.tell_raw(line)
    reader.until("feed", "The exchange does not answer")
    reader.until("feed", "Live")
    assert exchange.subscriptions() == 2


def test_started_before_the_exchange_it_says_what_to_do_and_fills_by_itself(exchange, picture):
    exchange.die()
    page = Page(exchange.home)
    try:
        page.wait_until_it_answers()
        assert "./build.sh run" in page.get()
        exchange.start()
        exchange.tell(picture)
        reader = Stream(page)
        reader.until("calls", "13800138000")
        reader.close()
    finally:
        page.stop()


def test_programs_are_shown_as_the_supervisor_sees_them(exchange, page, stream):
    programs = exchange.home / "run/programs.json"
    rows = [{"name": "strange"}, {"name": "gateway", "state": "starting", "pid": 7}, {"name": "exchange"}]
    programs.write_text(json.dumps({"programs": rows}))
    reader = stream()
    reader.until("programs", "starting")
    shown = reader.parts["programs"]
    assert shown.index("Exchange") < shown.index("Gateway") < shown.index("strange")
    programs.write_text("half a docu")
    reader.until("programs", "")
    assert "<main" in page.get()


def test_many_open_pages_leave_room_for_new_ones(page, stream):
    readers = [stream() for _ in range(MOST + 1)]
    assert [each.next_event() for each in readers] == ["hello"] * MOST + ["full"]
    assert "<main" in page.get()
    readers[0].close()
    deadline = time.monotonic() + PATIENCE_S
    page_knows = False
    while not page_knows and time.monotonic() < deadline:
        # the place is free once the server has written to the page that is gone
        rows = [{"name": str(time.monotonic())}]
        (Path(page.log.name).parent / "run/programs.json").write_text(json.dumps({"programs": rows}))
        late = stream()
        page_knows = late.next_event() == "hello"
    assert page_knows


def test_a_page_that_does_not_read_is_dropped_and_disturbs_nobody(exchange, page, stream, picture):
    exchange.tell(picture)
    stuck = socket.socket()
    stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    stuck.connect(("127.0.0.1", page.port))
    cookie = SIGNED_IN["Cookie"].encode()
    stuck.sendall(b"GET /live HTTP/1.1\r\nHost: localhost\r\nCookie: " + cookie + b"\r\n\r\n")
    reader = stream()
    deadline = time.monotonic() + 60
    count = 0
    while "too slow" not in page.said():
        assert time.monotonic() < deadline
        count += 1
        crowd = with_calls(picture, *(f"{count:06}{n:06}" for n in range(100)))
        exchange.tell(crowd)
        reader.until("calls", f"{count:06}000099")
    assert "Traceback" not in page.said()
    stuck.close()


def test_it_ends_when_asked_to_also_with_pages_open(exchange, page, picture):
    exchange.tell(picture)
    with socket.create_connection(("127.0.0.1", page.port), PATIENCE_S) as wire:
        wire.sendall(f"GET /live HTTP/1.1\r\nHost: localhost\r\nCookie: {SIGNED_IN['Cookie']}\r\n\r\n".encode())
        heard = b""
        while b"event: part" not in heard:
            heard += (part := wire.recv(65536))
            assert part, heard
        page.process.terminate()
        while part := wire.recv(65536):
            heard += part
    assert heard.endswith(b"\r\n0\r\n\r\n")  # a stream that is not told to end is cut off when the server dies
    assert page.process.wait(PATIENCE_S) == 0
    assert "Traceback" not in page.said()


def test_a_killed_worker_is_replaced(page, stream):
    reader = stream()
    reader.next_event()
    [worker] = Path(f"/proc/{page.process.pid}/task/{page.process.pid}/children").read_text().split()
    os.kill(int(worker), signal.SIGKILL)
    page.wait_until_it_answers()
    assert stream().next_event() == "hello"


def test_only_who_reaches_the_socket_behind_the_port_may_say_that_it_speaks_https(page, exchange):
    for behind, name in ((True, "__Host-busyhour-visit"), (False, "busyhour-visit")):
        connection = http.client.HTTPConnection("127.0.0.1", page.port, timeout=PATIENCE_S)
        if behind:
            connection.sock = socket.socket(socket.AF_UNIX)
            connection.sock.connect(str(exchange.home / "run/web.sock"))
        connection.request("GET", "/sign-in", headers={"X-Forwarded-Proto": "https"})
        cookie = connection.getresponse().getheader("Set-Cookie") or ""
        connection.close()
        assert cookie.startswith(f"{name}=")
        assert ("; Secure" in cookie) == behind


def test_a_taken_port_is_named(exchange):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        address = f"127.0.0.1:{other.getsockname()[1]}"
        page = Page(exchange.home, address)
        assert page.process.wait(PATIENCE_S) == 78
        assert f"BUSYHOUR_WEB: cannot listen on {address}: Address already in use" in page.said()
        page.stop()


@pytest.mark.parametrize(
    "address", ["8080", "localhost", "127.0.0.1:", "127.0.0.1:99999", "::1:8080", "[::1:8080", ":80"]
)
def test_a_wrong_address_is_named_with_what_would_be_right(exchange, address):
    page = Page(exchange.home, address)
    assert page.process.wait(PATIENCE_S) == 78
    assert f"BUSYHOUR_WEB is {address!r}" in page.said()
    assert "127.0.0.1:8080" in page.said()
    page.stop()


def idle_connections(page: Page, number: int) -> list[socket.socket]:
    """Return so many connections that ask for nothing."""
    found = []
    for _ in range(number):
        connection = socket.create_connection(("127.0.0.1", page.port), PATIENCE_S)
        found.append(connection)
    return found


def test_hundreds_of_idle_connections_keep_nobody_waiting(exchange, page, stream, picture):
    exchange.tell(picture)
    reader = stream()
    idle = idle_connections(page, CONNECTIONS - 50)
    began = time.monotonic()
    assert "13800138000" in page.get()
    assert time.monotonic() - began < SLOW_S  # none of them had to be waited for
    exchange.tell(with_calls(picture, "10086"))
    reader.until("calls", "10086")
    for connection in idle:
        connection.close()


def test_of_too_many_connections_the_longest_idle_go_and_who_asks_is_served(exchange, page, stream, picture):
    exchange.tell(picture)
    reader = stream()
    reader.until("calls", "13800138000")
    idle = idle_connections(page, 2 * CONNECTIONS)
    assert "13800138000" in page.get()
    assert idle[0].recv(100) == b""  # let go
    exchange.tell(with_calls(picture, "10086"))
    reader.until("calls", "10086")
    assert page.said().count(f"more than {CONNECTIONS} connections at once") == 1
    for connection in idle:
        connection.close()


def test_a_connection_that_asks_for_nothing_is_dropped_in_time(page):
    [idle] = idle_connections(page, 1)
    idle.settimeout(PATIENCE_S)
    assert idle.recv(100) == b""


def test_of_too_many_downloads_some_are_refused_and_pages_go_on(exchange, page):
    backup = exchange.home / "large.backup"
    with backup.open("wb") as file:
        file.truncate(100 << 20)
    exchange.answers["backup.path"] = {"path": str(backup)}
    statuses, slow = [], []
    for _ in range(MOST_DOWNLOADS + 3):
        slow.append(http.client.HTTPConnection("127.0.0.1", page.port, timeout=PATIENCE_S))
        slow[-1].request("GET", "/backups/file?name=large.backup&lang=en", headers=SIGNED_IN)
        answer = slow[-1].getresponse()
        statuses.append(answer.status)
        if answer.status == 503:
            assert "Too many downloads at once" in answer.read().decode()
            assert answer.getheader("Retry-After")
    assert statuses == [200] * MOST_DOWNLOADS + [503] * 3
    assert "Busyhour" in page.get()
    slow[0].close()
    deadline = time.monotonic() + PATIENCE_S
    while "Too many" in (taken := page.get("/backups/file?name=large.backup&lang=en")):
        assert time.monotonic() < deadline
    assert len(taken) == 100 << 20
    for connection in slow:
        connection.close()


def memory_mb(process: int) -> float:
    """Return the most that the page's worker has held so far."""
    (worker,) = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    (most,) = (line for line in Path(f"/proc/{worker}/status").read_text().splitlines() if line.startswith("VmHWM:"))
    return int(most.split()[1]) / 1024


@pytest.mark.parametrize(("path", "mb"), [("/backups/upload", 200), ("/prompts/upload", 31)])
def test_a_large_file_goes_to_the_disk_and_not_to_memory(page, path, mb):
    page.get()
    before_mb = memory_mb(page.process.pid)
    edge = "----a-file"
    part = f'--{edge}\r\nContent-Disposition: form-data; name="{{}}"{{}}\r\n\r\n'
    head = part.format("form", "") + made_for(TOKEN) + "\r\n" + part.format("name", "") + "greeting\r\n"
    head += part.format("file", '; filename="large.wav"')
    tail = f"\r\n--{edge}--\r\n"
    connection = http.client.HTTPConnection("127.0.0.1", page.port, timeout=PATIENCE_S)
    connection.putrequest("POST", path)
    for name, value in SIGNED_IN.items():
        connection.putheader(name, value)
    connection.putheader("Content-Type", f"multipart/form-data; boundary={edge}")
    connection.putheader("Content-Length", str(len(head) + (mb << 20) + len(tail)))
    connection.endheaders(head.encode())
    for _ in range(mb):
        connection.send(bytes(1 << 20))
    connection.send(tail.encode())
    answer = connection.getresponse()
    assert answer.status == 303, answer.read().decode()
    connection.close()
    assert memory_mb(page.process.pid) < before_mb + 16
