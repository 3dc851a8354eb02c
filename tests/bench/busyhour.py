"""The box as a subject: all programs as `run` starts them, with a trunk, a menu and a queue for the load."""

import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from firmware.control.client import SOCKET, Client
from tests.bench import load
from tests.bench.processes import family
from tests.bench.subject import IVR, QUEUE
from tests.peers.box import ROOT, Box

PROGRAMS = ("proxy", "edge", "office", "gateway", "exchange", "web")
REPORT_S = 10.0  # the gateway tells its counters every 3 s
REGISTERED_S = 10.0


def configuration(agents: Sequence[str]) -> dict[str, Any]:
    """Return what the factory configuration is changed to: a trunk, an IVR that plays for long, a queue of agents."""
    trunk = {"name": "bench", "host": load.CALLERS, "addresses": [load.CALLERS], "channels": 500, "numbers": []}
    queue = {
        "name": "bench", "title": "bench", "agents": list(agents), "max_waiting": 500, "acw_s": 0, "record": True,
    }
    flow = {
        "name": "bench", "greeting": ["music"] * 4, "menu": ["music"], "keys": {"1": {"to": "queue:bench"}},
        "repeats": 9,
    }
    return {
        "trunks": [trunk],
        "extensions": [{"number": number, "name": f"Agent {number}"} for number in agents],
        "agents": [{"number": number, "name": f"Agent {number}", "extension": number} for number in agents],
        "queues": [queue],
        "flows": [flow],
        "routes": [
            {"name": "ivr", "source": "trunk:bench", "did": IVR, "to": "flow:bench"},
            {"name": "queue", "source": "trunk:bench", "did": QUEUE, "to": "queue:bench"},
        ],
        "outgoing": [],
    }


class Busyhour:
    """A box of its own, configured for the load unless `configured` is False; `ready_s`: how long it took to start."""

    name = "box"
    note = "all programs as ./build.sh run starts them, in a home of its own; recordings have a channel for each voice"
    recorded_bytes_per_s = 2 * 2 * 8000

    def __init__(self, agents: Sequence[str], configured: bool = True) -> None:
        self._agents, self._configured = agents, configured
        self._box = Box()
        self.server = self._box.sip

    def __enter__(self) -> Self:
        """Start it and wait until it says that all answers."""
        began = time.monotonic()
        self._box.start()
        self.ready_s = time.monotonic() - began
        if self._configured:
            try:
                self._box.configure(**configuration(self._agents))
            except BaseException:
                self._box.stop()
                raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it; after a failure its home is kept, and named on standard error."""
        self._box.__exit__(kind, error, trace)

    @property
    def version(self) -> str:
        """Return what is measured."""
        words = ["git", "describe", "--always", "--dirty"]
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
        return done.stdout.strip() or "unknown"

    def programs(self) -> dict[str, list[int]]:
        """Return the supervisor's programs, and the supervisor without them."""
        assert self._box.process is not None
        return {name: family(self._box.pid(name)) for name in PROGRAMS} | {"supervisor": [self._box.process.pid]}

    def counters(self) -> dict[str, float]:
        """Return the gateway's counters as of a moment after the call."""
        deadline = time.monotonic() + REPORT_S
        with self._client() as client:
            before = client.call("status")["gateway"]["counters"]
            while (now := client.call("status")["gateway"]["counters"]).get("ticks") == before.get("ticks"):
                if time.monotonic() > deadline:
                    raise TimeoutError(f"the gateway told no counters for {REPORT_S} s")
                time.sleep(0.05)
        return dict(now)

    def man(self, telephones: load.Agents, agents: Sequence[str]) -> None:
        """Register the agents' telephones, log the agents in and make them ready."""
        deadline = time.monotonic() + REGISTERED_S
        with self._client() as client:
            for number in agents:
                telephones.register(self.server, number, client.call("extension.secret", number=number)["secret"])
            while not all(one["registered"] for one in client.call("extension.list") if one["number"] in agents):
                if time.monotonic() > deadline:
                    raise TimeoutError(f"the exchange knows not all telephones as registered after {REGISTERED_S} s")
                time.sleep(0.05)
            for number in agents:
                client.call("agent.login", number=number)
                client.call("agent.ready", number=number)

    def recordings(self) -> list[Path]:
        """Return all recordings there are."""
        return list((self._box.home / "recordings").rglob("*.wav"))

    def _client(self) -> Client:
        return Client(self._box.home / SOCKET)
