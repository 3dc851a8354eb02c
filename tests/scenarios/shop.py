"""A shop with steady custom: callers of a trunk who listen to the menu, others who talk with agents and are recorded.

For as long as one likes; what it looks at is whether the box can do so for ever.
"""

import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import numpy as np

from firmware.control.client import SOCKET, Client
from firmware.errors import BusyhourError
from tests import audio
from tests.bench import load
from tests.bench.busyhour import configuration
from tests.bench.processes import family, own_mb
from tests.bench.subject import IVR, QUEUE
from tests.peers.box import Box
from tests.peers.ports import free_port

AGENTS = [str(300 + place) for place in range(8)]
TALK_S, LISTEN_S = 14.0, 3.0  # from the answer; who talks hears first that they are recorded
TALKS_A_S, LISTENERS_A_S = 0.5, 1.5
VOICE_HZ = 620.0
EVERY_S = 3.0


class Reading(NamedTuple):
    """What a program holds: memory of its own (MB) and descriptors, its children counted with it."""

    memory_mb: float
    descriptors: int


class Shop:
    """A box, its agents' telephones, and callers for `seconds`."""

    def __init__(self, seconds: float, listeners_a_s: float = LISTENERS_A_S) -> None:
        self.box = Box()
        self.seconds, self.listeners_a_s = seconds, listeners_a_s
        self.talks, self.listeners = round(seconds * TALKS_A_S), round(seconds * listeners_a_s)
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Open, with every agent ready; nobody calls yet."""
        with ExitStack() as stack:
            self._folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bh-shop-")))
            stack.enter_context(self.box)
            self.box.configure(**configuration(AGENTS))
            self._voice = self._folder / "voice.al"
            phase = 2 * np.pi * VOICE_HZ * np.arange(10 * audio.RATE_HZ) / audio.RATE_HZ
            self._voice.write_bytes(audio.encode_alaw((audio.amplitude(-12) * np.sin(phase)).astype(np.int16)))
            self._telephones = stack.enter_context(
                load.Agents(
                    self._folder / "agents", free_port(load.AGENTS), self._voice, 20 * self.talks + 100,
                    self.seconds + 300,
                )
            )  # fmt: skip
            self._man()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close; after a failure the box's home is kept."""
        self._stack.__exit__(kind, error, trace)

    @contextmanager
    def customers(self) -> Iterator[Sequence[load.Call]]:
        """Let them call, talkers first; whoever is still there at the end is cut off."""
        calls = [
            load.call(self._folder / name, self.box.sip, number, self._voice, count, rate, hold_s, port)
            for name, number, count, rate, hold_s, port in (
                ("talks", QUEUE, self.talks, TALKS_A_S, TALK_S, load.CALLER_PORTS[0]),
                ("listens", IVR, self.listeners, self.listeners_a_s, LISTEN_S, load.CALLER_PORTS[0] + 1000),
            )
        ]
        try:
            yield calls
        finally:
            for call in calls:
                call.stop()

    def readings(self) -> dict[str, Reading]:
        """Return what each program holds now."""
        found = {}
        for name in self.programs():
            pids = family(self.box.pid(name))
            descriptors = sum(len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in pids)
            found[name] = Reading(own_mb(pids), descriptors)
        return found

    def least(self, seconds: float) -> dict[str, Reading]:
        """Return the least that each program holds in so many seconds, without what a busy one takes for a moment."""
        seen = [self.readings()]
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            time.sleep(EVERY_S)
            seen.append(self.readings())
        return {
            name: Reading(*(min(values) for values in zip(*(reading[name] for reading in seen), strict=True)))
            for name in seen[0]
        }

    def programs(self) -> list[str]:
        """Return the names of the supervisor's programs."""
        return [str(row["name"]) for row in self.box.programs()]

    def ready_again(self) -> None:
        """Make ready whoever is not, as an agent does who was told that a call was missed."""
        with Client(self.box.home / SOCKET) as exchange:
            for agent in exchange.call("agent.list"):
                if agent["number"] in AGENTS and agent["state"] == "logged_out":
                    exchange.call("agent.login", number=agent["number"])
                if agent["number"] in AGENTS and agent["state"] in ("logged_out", "not_ready"):
                    exchange.call("agent.ready", number=agent["number"])

    def status(self) -> dict[str, Any]:
        """Return the box's status."""
        with Client(self.box.home / SOCKET) as exchange:
            return dict(exchange.call("status"))

    def wait_empty(self, timeout_s: float = 30) -> None:
        """Wait until no call is left and no record missing; TimeoutError tells what is."""
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                left = self.status()["calls"]
                if not left:
                    return
            except BusyhourError as error:
                left = str(error)
            if time.monotonic() > deadline:
                raise TimeoutError(f"calls left after {timeout_s} s: {left}\n{self.box.logs()}")
            time.sleep(0.2)

    def records(self) -> list[dict[str, Any]]:
        """Return all calls on record."""
        found: list[dict[str, Any]] = []
        with Client(self.box.home / SOCKET) as exchange:
            after = ""
            while True:
                page = exchange.call("call.list", limit=500, after=after)
                found += page["calls"]
                after = page["next"]
                if not after:
                    return found

    def unplayable(self, records: Sequence[dict[str, Any]]) -> list[str]:
        """Return what sox cannot read, or warns of, among the recordings of calls."""
        paths = [self.box.home / path for record in records for path in record["recordings"]]
        wrong = []
        for first in range(0, len(paths), 200):
            some = [str(path) for path in paths[first : first + 200]]
            done = subprocess.run(["soxi", *some], capture_output=True, text=True, check=False)
            if done.returncode or done.stderr:
                wrong.append(done.stderr)
        return wrong

    def _man(self, timeout_s: float = 20) -> None:
        deadline = time.monotonic() + timeout_s
        with Client(self.box.home / SOCKET) as exchange:
            for number in AGENTS:
                secret = exchange.call("extension.secret", number=number)["secret"]
                self._telephones.register(self.box.sip, number, secret)
        for number in AGENTS:
            self.box.wait_registered(number, deadline - time.monotonic())
        self.ready_again()
