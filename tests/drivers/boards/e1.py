"""What the tests of calls on digital spans share: a gateway with an E1 of its own, and a far end that listens."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from tests import audio
from tests.peers.ports import free_port, wait_listening

QUIET = 16  # what A-law makes of no sound at all is 8
ROOT = Path(__file__).resolve().parents[3]


@contextmanager
def gateway(
    home: Path, program: str, signalling: int, slots: dict[int, int], given: Callable[[], None]
) -> Iterator[None]:
    """Run a module as the gateway, with these descriptors of its E1; `given` lets go of them here.

    It has to end well, and without an error that nobody thought of.
    """
    environment = os.environ | {
        "BUSYHOUR_HOME": str(home), "BUSYHOUR_SIP": f"127.0.0.1:{free_port()}",
        "BUSYHOUR_GATEWAY_SIP": f"127.0.0.1:{free_port()}", "PYTHONFAULTHANDLER": "1",
    }  # fmt: skip
    arguments = [str(signalling), *(f"{slot}={fd}" for slot, fd in slots.items())]
    with (home / "gateway.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", program, *arguments], cwd=ROOT, env=environment,
            pass_fds=(signalling, *slots.values()), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        )
    given()
    wait_listening(home / "run/gateway.sock", process)
    yield
    process.send_signal(signal.SIGTERM)
    status = process.wait(15)
    said = (home / "gateway.log").read_text()
    assert (status, "Traceback" in said) == (0, False), said


class Hearing:
    """What a far end hears on its timeslots, in blocks of A-law; whoever takes it sets `changed`."""

    def __init__(self, slots: list[int]) -> None:
        self.heard: dict[int, list[bytes]] = {slot: [] for slot in slots}
        self.changed = asyncio.Event()

    async def hears(self, slot: int, hertz: float) -> None:
        """Wait until a tone is on a timeslot."""
        async with asyncio.timeout(10):
            while True:
                codes = np.frombuffer(b"".join(self.heard[slot][-15:]), np.uint8)
                if audio.hears_tone(audio.decode_alaw(codes), hertz):
                    return
                await self.news()

    async def hears_nothing(self, slot: int) -> None:
        """Wait until there is silence on a timeslot."""
        async with asyncio.timeout(10):
            while True:
                codes = np.frombuffer(b"".join(self.heard[slot][-15:]), np.uint8)
                if np.abs(audio.decode_alaw(codes)).max(initial=0) < QUIET:
                    return
                await self.news()

    async def news(self) -> None:
        """Wait a moment in which something may have happened."""
        self.changed.clear()
        await self.changed.wait()
