"""What is put under load: the box, a bare pjsua2 loop, another PBX. Each answers SIP calls at an address."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from tests.bench.load import Agents
from tests.peers.box import ROOT

IVR, QUEUE = "8001", "8002"  # what callers dial: a menu that goes on for as long as they listen; a queue of agents
MUSIC = ROOT / "firmware/prompts/sounds/any/music.wav"  # what callers hear of any subject: mono, 8 kHz, 16 bit


class Subject(Protocol):
    """Something that answers calls to IVR at `server` (HOST:PORT, UDP) and plays MUSIC."""

    name: str
    server: str

    def programs(self) -> dict[str, list[int]]:
        """Return its process ids by program, children with their parents."""

    def counters(self) -> dict[str, float]:
        """Return what it counts itself, told just now; empty where it counts nothing."""


class Switchboard(Subject, Protocol):
    """A subject with a queue of agents whose calls are recorded."""

    recorded_bytes_per_s: int

    def man(self, telephones: Agents, agents: Sequence[str]) -> None:
        """Have the agents ready at these telephones."""

    def recordings(self) -> list[Path]:
        """Return all recordings there are."""
