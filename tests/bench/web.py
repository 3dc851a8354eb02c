"""Measures the pages under load and prints one JSON document: `.venv/bin/python -m tests.bench.web [--quick]`.

Fifty agents sit at their desks and five supervisors look at the floor, each by an event stream of their own, while
callers come by a trunk. How long a change of state takes to each page, what the first page weighs and how soon it is
there in Chromium, and whether the gateway's clock is late more often with all pages open than without any.
"""

import argparse
import http.client
import json
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Request, sync_playwright

from firmware.control.client import SOCKET, Client
from tests.bench.__main__ import machine, say
from tests.bench.busyhour import Busyhour
from tests.bench.measurements import Measurements
from tests.bench.processes import Meter
from tests.peers.ports import free_port

AGENTS, SUPERVISORS, CHANGES, CALLS, WINDOW_S = 50, 5, 200, 60, 30.0
QUICK = {"agents": 4, "supervisors": 1, "changes": 10, "calls": 4, "window_s": 8.0}
PASSWORD = "correct horse battery"
AIM_S, AIM_BYTES = 1.0, 300_000
LOADS = 5
REASONS = ("break", "lunch", "training")


class Reader(threading.Thread):
    """An open page: reads its stream, and notes when each part came."""

    def __init__(self, web: str, token: str, path: str) -> None:
        super().__init__(daemon=True)
        host, _, port = web.rpartition(":")
        self._connection = http.client.HTTPConnection(host, int(port), timeout=60)
        self._connection.request("GET", path, headers={"Cookie": f"busyhour={token}"})
        self._answer = self._connection.getresponse()
        self.came: list[tuple[float, str, str]] = []  # when, which part, its HTML
        self.start()

    def run(self) -> None:
        """Read until the connection ends."""
        try:
            while line := self._answer.readline():
                if line.startswith(b"data: ") and b'"html"' in line:
                    part = json.loads(line[6:])
                    self.came.append((time.monotonic(), part["name"], part["html"]))
        except (OSError, http.client.HTTPException, AttributeError):
            return  # the box ended

    def first(self, part: str, text: str, since: float, patience_s: float = 10.0) -> float:
        """Return how long after `since` a part came that has a text."""
        seen = 0
        while time.monotonic() - since < patience_s:
            came = self.came[seen:]
            seen += len(came)
            for at, name, html in came:
                if at >= since and name == part and text in html:
                    return at - since
            time.sleep(0.002)
        raise TimeoutError(f"{part} with {text!r} did not come within {patience_s} s")


def people(home: Path, agents: list[str], supervisors: int) -> dict[str, str]:
    """Make the users, and return each one's token."""
    tokens = {}
    wanted = [(number, "agent") for number in agents] + [(f"s{n}", "supervisor") for n in range(supervisors)]
    for name, role in wanted:
        with Client(home / SOCKET, 60) as client:
            given = client.call("user.add", name=name, role=role, agent=name if role == "agent" else "")["password"]
            token = client.call("session.open", name=name, password=given, address="")["token"]
            client.call("session.resume", token=token)
            tokens[name] = client.call("own.password", password=PASSWORD)["token"]
    return tokens


def delays(home: Path, readers: dict[str, Reader], agents: list[str], changes: int) -> dict[str, Any]:
    """Set agents' states, and measure when their desks and all floors show it."""
    took: dict[str, list[float]] = {"desk": [], "floor": []}
    floors = [reader for name, reader in readers.items() if name not in agents]
    chance = random.Random(1)
    reason = dict.fromkeys(agents, "")
    with Client(home / SOCKET) as client:
        for _ in range(changes):
            number = chance.choice(agents)
            reason[number] = next(one for one in chance.sample(REASONS, 3) if one != reason[number])
            since = time.monotonic()
            client.call("agent.not_ready", number=number, reason=reason[number])
            took["desk"].append(readers[number].first("state", f"<span>{reason[number]}</span>", since))
            took["floor"] += [reader.first("agents", reason[number], since) for reader in floors]
            time.sleep(chance.uniform(0.05, 0.3))
    return {
        page: {
            "p50_s": round(statistics.median(found), 3), "p99_s": round(sorted(found)[int(len(found) * 0.99) - 1], 3),
            "most_s": round(max(found), 3), "measured": len(found),
        }
        for page, found in took.items()
    }  # fmt: skip


def first_page(box: Busyhour, web: str, tokens: dict[str, str]) -> dict[str, Any]:
    """Load the floor and a desk in Chromium with nothing in its cache; `bytes` are as they are sent."""
    found: dict[str, Any] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for path, name in (("/", "s0"), ("/desk/", next(iter(tokens)))):
            loads = []
            meter = Meter({name: pids for name, pids in box.programs().items() if name in ("web", "exchange")})
            for _ in range(LOADS):
                context = browser.new_context()
                context.add_cookies([{"name": "busyhour", "value": tokens[name], "url": f"http://{web}"}])
                page = context.new_page()
                asked: list[Request] = []
                page.on("request", lambda request, asked=asked: asked.append(request))
                began = time.monotonic()
                page.goto(f"http://{web}{path}", wait_until="domcontentloaded")
                page.locator("#part-queues h2, #part-state h2").first.wait_for()
                loads.append(time.monotonic() - began)
                context.close()
            spent = meter.spent_s()
            bodies = [_body(one.url, tokens[name]) for one in asked if one.resource_type != "eventsource"]
            found[path] = {
                "median_s": round(statistics.median(loads), 3), "most_s": round(max(loads), 3), "requests": len(bodies),
                "bytes": sum(map(len, bodies)),
                "cpu_ms": {name: round(seconds / LOADS * 1000, 1) for name, seconds in spent.items()},
            }  # fmt: skip
        browser.close()
    return found


def _body(address: str, token: str) -> bytes:
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.netloc, timeout=30)
    connection.request("GET", f"{parts.path}?{parts.query}", headers={
        "Cookie": f"busyhour={token}", "Accept-Encoding": "gzip",
    })  # fmt: skip
    body = connection.getresponse().read()
    connection.close()
    return body


def measure(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Return all figures."""
    size = QUICK if options.quick else {
        "agents": AGENTS, "supervisors": SUPERVISORS, "changes": CHANGES, "calls": CALLS, "window_s": WINDOW_S,
    }  # fmt: skip
    agents = [str(3001 + n) for n in range(size["agents"])]
    bench = Measurements(folder, size["window_s"], free_port("127.0.0.10"))
    result: dict[str, Any] = {"machine": machine(), "size": size}
    with Busyhour(agents) as box:
        home, web = box._box.home, box._box.web
        say("users and agents")
        tokens = people(home, agents, size["supervisors"])
        with Client(home / SOCKET) as client:
            for number in agents:
                client.call("agent.login", number=number)
        say("late ticks without a page")
        result["without_pages"] = late(bench.ivr(box, size["calls"]))
        say("pages open")
        readers = {
            name: Reader(web, token, "/desk/stream?lang=en" if name in agents else "/live?lang=en")
            for name, token in tokens.items()
        }
        time.sleep(2)
        found: dict[str, Any] = {}
        acting = threading.Thread(target=lambda: found.update(delays(home, readers, agents, size["changes"])))
        acting.start()
        result["with_pages"] = late(bench.ivr(box, size["calls"]))
        acting.join()
        result["shown_after"] = found
        say("first page")
        result["first_page"] = first_page(box, web, tokens)
    result["load_average_after"] = round(os.getloadavg()[0], 2)
    result["problems"] = bench.problems
    aims = {
        "shown within 1 s": bool(found) and all(row["most_s"] <= AIM_S for row in found.values()),
        "first page under 300 kB": all(row["bytes"] < AIM_BYTES for row in result["first_page"].values()),
        "first page within 1 s": all(row["median_s"] <= AIM_S for row in result["first_page"].values()),
    }
    return result | {"aims": aims}


def late(row: dict[str, Any]) -> dict[str, Any]:
    """Return what a window says of the clock, and of what the programs cost."""
    return {key: value for key, value in row.items() if "tick" in key or "cpu" in key}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="tests.bench.web", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="few pages and calls: tries the bench only")
    with tempfile.TemporaryDirectory(prefix="bh-bench-") as name:
        result = measure(parser.parse_args(), Path(name))
    print(json.dumps(result, indent=1, ensure_ascii=False))
    sys.exit(1 if result["problems"] else 0)


if __name__ == "__main__":
    main()
