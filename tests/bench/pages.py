"""What pages, REST reads and event streams cost, and prints one JSON document: `.venv/bin/python -m tests.bench.pages`.

A box with fifty agents and calls on record is asked for each page and each common read, one request after the other and
eight at once: milliseconds until the answer, and milliseconds of CPU in the page's program and in the exchange. Then
event streams: what each subscriber costs, and how much memory those take who do not read.
"""

import argparse
import http.client
import json
import socket
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from firmware.control.client import SOCKET, Client
from tests.bench import records
from tests.bench.__main__ import machine, say
from tests.bench.busyhour import Busyhour, configuration
from tests.bench.processes import Meter, pss_mb
from tests.bench.web import PASSWORD

AGENTS, CALLS, REQUESTS, AT_ONCE, CHANGES = 50, 100_000, 200, 8, 1000
PAGES = (
    "/", "/desk/?agent=3001", "/calls/", "/calls/?outcome=answered&sort=wait_s", "/pictures/?days=30", "/alarms/",
    "/settings/", "/account/", "/users/",
)  # fmt: skip
READS = ("/status", "/queues", "/agents", "/calls/live", "/calls", "/calls?outcome=answered&sort=wait_s", "/calls/{id}")
READERS = 50
STREAMS = 16


class Web:
    """A keep-alive connection to the page's program."""

    def __init__(self, web: str, headers: dict[str, str]) -> None:
        host, _, port = web.rpartition(":")
        self._place, self._headers = (host, int(port)), headers
        self._connection: http.client.HTTPConnection | None = None

    def get(self, path: str) -> bytes:
        """Return a body. Raises RuntimeError on anything but 200."""
        for last in (False, True):
            if self._connection is None:
                self._connection = http.client.HTTPConnection(*self._place, timeout=60)
            try:
                self._connection.request("GET", path, headers=self._headers)
                answer = self._connection.getresponse()
                break
            except (ConnectionError, http.client.RemoteDisconnected):  # an idle connection was let go meanwhile
                self._connection = None
                if last:
                    raise
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {body[:300]!r}")
        return body


def timed(ask: Callable[[], bytes], meter: Callable[[], Meter], requests: int) -> dict[str, Any]:
    """Return how long answers take, one after the other, and what each costs."""
    for _ in range(3):
        body = ask()
    took_ms = []
    metered = meter()
    for _ in range(requests):
        began = time.perf_counter()
        ask()
        took_ms.append((time.perf_counter() - began) * 1000)
    spent = metered.spent_s()
    return {
        "p50_ms": round(statistics.median(took_ms), 1), "p95_ms": round(statistics.quantiles(took_ms, n=20)[-1], 1),
        "cpu_ms": {name: round(seconds / requests * 1000, 2) for name, seconds in spent.items()}, "bytes": len(body),
    }  # fmt: skip


def together(asks: list[Callable[[], bytes]], requests: int) -> dict[str, Any]:
    """Return how many answers come a second when so many ask at once, and how long each takes then."""
    took_ms: list[float] = []

    def run(ask: Callable[[], bytes]) -> None:
        for _ in range(requests // len(asks)):
            began = time.perf_counter()
            ask()
            took_ms.append((time.perf_counter() - began) * 1000)

    threads = [threading.Thread(target=run, args=(ask,)) for ask in asks]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took_s = time.perf_counter() - began
    return {
        "per_s": round(len(took_ms) / took_s, 1), "p50_ms": round(statistics.median(took_ms), 1),
        "p95_ms": round(statistics.quantiles(took_ms, n=20)[-1], 1),
    }  # fmt: skip


class Deaf:
    """A reader of a stream that asks and then reads nothing."""

    def __init__(self, web: str, path: str, headers: dict[str, str]) -> None:
        host, _, port = web.rpartition(":")
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.connect((host, int(port)))
        lines = [f"GET {path} HTTP/1.1", f"Host: {web}", *(f"{name}: {value}" for name, value in headers.items())]
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())


class Hearing(threading.Thread):
    """A reader of a stream that reads all."""

    def __init__(self, deaf: Deaf) -> None:
        super().__init__(daemon=True)
        self.deaf, self.bytes = deaf, 0
        self.start()

    def run(self) -> None:
        """Read until the end."""
        try:
            while some := self.deaf.socket.recv(65536):
                self.bytes += len(some)
        except OSError:
            return


def change(home: Path, agents: list[str], changes: int, a_second: float) -> None:
    """Set states of agents, each of which is an event."""
    with Client(home / SOCKET) as client:
        for number in range(changes):
            agent, reason = agents[number % len(agents)], ("break", "lunch", "training")[number // len(agents) % 3]
            client.call("agent.not_ready", number=agent, reason=reason)
            time.sleep(1 / a_second)


@contextmanager
def box(agents: list[str], calls: int) -> Iterator[Busyhour]:
    """Have a box with calls on record."""
    one = Busyhour(agents, configured=False)
    say(f"{calls} calls on record")
    (one._box.home / "records").mkdir(mode=0o700)
    records.make(one._box.home, calls)
    with one:
        one._box.configure(**configuration(agents), api={"requests_per_minute": 60000, "streams": STREAMS})
        yield one


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Return all figures."""
    agents = [str(3001 + n) for n in range(AGENTS)]
    result: dict[str, Any] = {"machine": machine(), "calls_on_record": options.calls, "agents": AGENTS}
    with box(agents, options.calls) as one:
        home, web = one._box.home, one._box.web
        with Client(home / SOCKET) as client:
            for number in agents:
                client.call("agent.login", number=number)
            admin = client.call("user.add", name="boss", role="admin", agent="")["password"]
            tokens = [client.call("token.create", role="supervisor", name=f"t{n}", expires_days=1)["secret"]
                      for n in range(-(-STREAMS // 4))]  # fmt: skip
            call_id = client.call("call.list", limit=1)["calls"][0]["call_id"]
        with Client(home / SOCKET) as client:
            session = client.call("session.open", name="boss", password=admin, address="")["token"]
            client.call("session.resume", token=session)
            session = client.call("own.password", password=PASSWORD)["token"]
        programs = {name: pids for name, pids in one.programs().items() if name in ("web", "exchange")}

        def meter() -> Meter:
            return Meter(programs)

        cookie = {"Cookie": f"busyhour={session}"}
        bearer = {"Authorization": f"Bearer {tokens[0]}"}
        result["pages"] = {}
        for path in PAGES:
            say(path)
            asking = Web(web, cookie)
            result["pages"][path] = timed(lambda asking=asking, path=path: asking.get(path), meter, options.requests)
        result["reads"] = {}
        for path in READS:
            say(path)
            address = f"/api/v1{path.format(id=call_id)}"
            asking = Web(web, bearer)
            row = timed(lambda asking=asking, address=address: asking.get(address), meter, options.requests)
            many = [Web(web, bearer) for _ in range(AT_ONCE)]
            asks = [lambda each=each, address=address: each.get(address) for each in many]
            row[f"{AT_ONCE}_at_once"] = together(asks, options.requests)
            result["reads"][path] = row
        result["streams"] = streams(one, home, web, agents, tokens, options.changes, meter)
        result["slow_readers"] = slow(home, web, agents, tokens, cookie, options.changes, programs)
        result["problems"] = []
    return result


def streams(
    one: Busyhour, home: Path, web: str, agents: list[str], tokens: list[str], changes: int, meter: Callable[[], Meter]
) -> dict[str, Any]:
    """Return what an event costs with no stream open and with all there may be."""
    found: dict[str, Any] = {"events": changes}
    for number in (0, STREAMS):
        say(f"{number} event streams")
        with ExitStack() as stack:
            readers = []
            for n in range(number):
                headers = {"Authorization": f"Bearer {tokens[n // 4]}"}
                deaf = Deaf(web, "/api/v1/events?kinds=agent.state", headers)
                stack.callback(deaf.socket.close)
                readers.append(Hearing(deaf))
            time.sleep(2)
            metered = meter()
            change(home, agents, changes, 100)
            time.sleep(1)
            spent = metered.spent_s()
            found[str(number)] = {name: round(seconds / changes * 1e6) for name, seconds in spent.items()}
            if readers:
                found["bytes_least"], found["bytes_most"] = (f(r.bytes for r in readers) for f in (min, max))
    found["unit"] = "microseconds of CPU an event, by program"
    found["us_per_event_and_stream"] = {
        name: round((found[str(STREAMS)][name] - found["0"][name]) / STREAMS, 1) for name in found["0"]
    }
    return found


def slow(
    home: Path, web: str, agents: list[str], tokens: list[str], cookie: dict[str, str], changes: int,
    programs: dict[str, list[int]],
) -> dict[str, Any]:  # fmt: skip
    """Return how memory grows while readers do not read: pages, REST streams, clients of the exchange."""
    found: dict[str, Any] = {}
    ways = {
        f"{READERS} pages": lambda n: Deaf(web, "/live?lang=en", cookie),
        f"{STREAMS} event streams": lambda n: Deaf(
            web, "/api/v1/events", {"Authorization": f"Bearer {tokens[n // 4]}"}),
        f"{READERS} subscribers of the exchange": lambda n: _deaf_subscriber(home),
    }  # fmt: skip
    for what, make in ways.items():
        say(f"{what} that do not read")
        before = {name: pss_mb(pids) for name, pids in programs.items()}
        most = dict(before)
        readers = [make(n) for n in range(int(what.split()[0]))]
        time.sleep(1)
        acting = threading.Thread(target=change, args=(home, agents, changes * 3, 150))
        acting.start()
        while acting.is_alive():
            acting.join(0.5)
            most = {name: max(most[name], pss_mb(pids)) for name, pids in programs.items()}
        for reader in readers:
            (reader.socket if isinstance(reader, Deaf) else reader).close()
        found[what] = {name: round(most[name] - before[name], 1) for name in before}
        time.sleep(3)
    found["unit"] = f"MB of memory at most beyond before, while {changes * 3} events happened"
    return found


def _deaf_subscriber(home: Path) -> Any:
    client = Client(home / SOCKET)
    client.subscribe("events", "live")
    return client


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="tests.bench.pages", description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=CALLS, metavar="N", help=f"on record (default {CALLS})")
    parser.add_argument("--requests", type=int, default=REQUESTS, metavar="N", help=f"of each kind ({REQUESTS})")
    parser.add_argument("--changes", type=int, default=CHANGES, metavar="N", help=f"events for the streams ({CHANGES})")
    result = measure(parser.parse_args())
    print(json.dumps(result, indent=1, ensure_ascii=False))
    sys.exit(1 if result["problems"] else 0)


if __name__ == "__main__":
    main()
