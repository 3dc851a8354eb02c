"""Whole boxes, telephones and callers for the scenarios; what one test needs is made anew for it."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests import audio
from tests.peers.baresip import Phone
from tests.peers.box import Box
from tests.peers.office import Office
from tests.peers.watch import Watch
from tests.scenarios.talks import Records, Talks

# Whole cycles in 20 ms: a block lost or repeated, on a busy machine, leaves the tone what it is
AGENT_HZ = 1000.0  # what agents' telephones say
CALLER_HZ = 600.0  # what callers say


@pytest.fixture(scope="session")
def voices(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """What the parties say: `agent`, `agent2` and `caller` as WAV, `caller.al` as raw A-law for sipp."""
    folder = tmp_path_factory.mktemp("voices")
    for name, frequency_hz in (("agent", AGENT_HZ), ("agent2", 1400.0), ("caller", CALLER_HZ)):
        audio.write_wav(folder / f"{name}.wav", audio.sine(frequency_hz, 60))
    (folder / "caller.al").write_bytes(audio.encode_alaw(audio.sine(CALLER_HZ, 10)))
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
        secret = box.ask("extension.secret", number=number)["secret"]
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
    """The central office at the far end of the box's lines, which are free."""
    box.wait_idle()
    office = Office(box.home)
    yield office
    office.close()


@pytest.fixture
def records(box: Box) -> Records:
    """Wait for the record of a call: `records(number="1380...")` gives the newest that fits, with its segments.

    With `since_s`, only calls that began since then (Unix time) fit.
    """

    def find(timeout_s: float = 15, since_s: float = 0, **fields: str) -> dict[str, Any]:
        deadline = time.monotonic() + timeout_s
        while True:
            calls = box.ask("call.list", limit=50)["calls"]
            for call in calls:
                if call["started_s"] >= since_s and all(call[key] == value for key, value in fields.items()):
                    shown = box.ask("call.show", id=call["call_id"])
                    return shown["call"] | {"files": shown["recordings"], "events": shown["events"]}
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


@pytest.fixture
def talks(box: Box, office: Office, records: Records, tmp_path: Path) -> Iterator[Talks]:
    """Two talks under way on a box that `talks.configure` has set up; everybody is switched off at the end."""
    with ExitStack() as stack:
        yield Talks(box, office, records, tmp_path, stack)
