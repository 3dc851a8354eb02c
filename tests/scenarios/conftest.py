"""Whole boxes, telephones and callers for the scenarios; what one test needs is made anew for it."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import audio
from tests.peers.baresip import Phone
from tests.peers.box import Box
from tests.peers.office import Office
from tests.peers.watch import Watch

# Whole cycles in 20 ms: a block lost or repeated, on a busy machine, leaves the tone what it is
AGENT_HZ = 1000.0  # what agents' telephones say
CALLER_HZ = 600.0  # what callers say


def sine(frequency_hz: float, duration_s: float, level_dbm0: float = -12) -> "np.ndarray":
    """Return a steady tone."""
    time_s = np.arange(int(duration_s * audio.RATE_HZ)) / audio.RATE_HZ
    return (audio.amplitude(level_dbm0) * np.sin(2 * np.pi * frequency_hz * time_s)).astype(np.int16)


@pytest.fixture(scope="session")
def voices(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """What the parties say: `agent`, `agent2` and `caller` as WAV, `caller.al` as raw A-law for sipp."""
    folder = tmp_path_factory.mktemp("voices")
    for name, frequency_hz in (("agent", AGENT_HZ), ("agent2", 1400.0), ("caller", CALLER_HZ)):
        audio.write_wav(folder / f"{name}.wav", sine(frequency_hz, 60))
    (folder / "caller.al").write_bytes(audio.encode_alaw(sine(CALLER_HZ, 10)))
    return {path.name.removesuffix(".wav"): path for path in folder.iterdir()}


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    """A box as it leaves the factory, shared by the tests of a module; each leaves it idle."""
    with Box() as box:
        yield box


@pytest.fixture
def phone(box: Box, voices: dict[str, Path], tmp_path: Path) -> Iterator[Callable[..., Phone]]:
    """Make registered telephones: `phone("201", answer=True)`; all are switched off at the end."""
    phones: list[Phone] = []

    def make(number: str, *, says: str = "agent", **how: object) -> Phone:
        secret = box.json("extension", "secret", number)["secret"]
        server = box.sips if how.get("transport") == "tls" else box.server(str(how.get("address", "127.0.0.1")))
        made = Phone(tmp_path / f"phone-{number}-{len(phones)}", server, number, secret, voices[says], **how)  # type: ignore[arg-type]
        phones.append(made)
        made.__enter__()
        box.wait_registered(number)
        return made

    yield make
    for made in phones:
        if made.process.poll() is None:
            made.switch_off()


@pytest.fixture
def office(box: Box) -> Iterator[Office]:
    """The central office at the far end of the box's lines."""
    office = Office(box.home)
    yield office
    office.close()


@pytest.fixture
def records(box: Box) -> Callable[..., dict[str, Any]]:
    """Wait for the record of a call: `records(number="1380...")` gives the newest that fits, with its segments.

    With `since_s`, only calls that began since then (Unix time) fit.
    """

    def find(timeout_s: float = 15, since_s: float = 0, **fields: str) -> dict[str, Any]:
        deadline = time.monotonic() + timeout_s
        while True:
            calls = box.json("calls", "--limit", "50")["calls"]
            for call in calls:
                if call["started_s"] >= since_s and all(call[key] == value for key, value in fields.items()):
                    return box.json("calls", "show", call["call_id"])
            if time.monotonic() > deadline:
                raise AssertionError(f"no record with {fields} among {calls}")
            time.sleep(0.2)

    return find


@pytest.fixture
def watch(box: Box) -> Iterator[Watch]:
    """What happens in the exchange while the test runs."""
    watch = Watch(box.home)
    yield watch
    watch.close()
