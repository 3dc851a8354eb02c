"""A prompt is spoken into a real telephone, and the next caller hears exactly it; then another in its place."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import audio
from tests.peers.baresip import Phone
from tests.peers.box import Box
from tests.peers.office import Office
from tests.peers.watch import Watch

PIECE_S = 0.25


def speech(seed: int, seconds: float) -> audio.Samples:
    """Return something no two moments of which are alike: pieces of two random tones each."""
    chance = np.random.default_rng(seed)
    t = np.arange(int(PIECE_S * audio.RATE_HZ)) / audio.RATE_HZ
    pieces = [
        sum(np.sin(2 * np.pi * frequency_hz * t) for frequency_hz in chance.uniform(400, 2800, 2))
        for _ in range(int(seconds / PIECE_S))
    ]
    return (audio.amplitude(-15) * np.concatenate(pieces)).astype(np.int16)


@pytest.fixture(scope="module", autouse=True)
def spoken(voices: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> audio.Samples:
    """Return what is said at the telephone for a minute; its voice is `speech`."""
    path = tmp_path_factory.mktemp("speech") / "prompt.wav"
    samples = speech(1, 60)
    audio.write_wav(path, samples)
    voices["speech"] = path
    return samples


def greeting_heard(box: Box, office: Office, folder: Path, number: str, ends: Watch) -> audio.Samples:
    """Return what a caller hears from the answer to the recording notice."""
    path = folder / f"{number}.wav"
    caller = office.call(1, number, record=str(path))
    call = ends.wait("call.offered", number=number)["call"]
    ends.wait("ivr.node", node="notice", call=call)
    caller.hang_up()
    caller.report()
    ends.wait("call.ended", call=call)  # the box has heard the busy tone
    deadline = time.monotonic() + 10
    while box.ask("status")["lines"] != {"idle": 4}:  # now the next one may call
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return audio.read_wav(path).channel(0)


def test_what_is_spoken_into_a_telephone_is_what_the_next_caller_hears(
    box: Box, office: Office, phone: Callable[..., Phone], watch: Watch, spoken: audio.Samples, tmp_path: Path
) -> None:
    telephone = phone("201", says="speech", answer=True)
    with ThreadPoolExecutor(1) as beside:
        command = beside.submit(box.json, "prompt", "record", "ours", "--at", "201")
        began = watch.wait("recording.started")
        time.sleep(4)  # what is said meanwhile
        telephone.press("#")
        kept: dict[str, Any] = command.result(60)
    ended = watch.wait("recording.ended", call=began["call"])
    assert kept["name"] == "file:ours.wav"
    assert kept["duration_s"] == pytest.approx(ended["data"]["duration_s"], abs=0.5)
    telephone.wait_event("CALL_CLOSED", timeout_s=30)
    said = audio.read_wav(telephone.heard).channel(0)
    prompt = audio.read_wav(kept["path"]).channel(0)
    assert audio.best_match(said, prompt[4000:12000]).likeness > 0.95  # heard back at the same telephone

    config = box.ask("config.export", secrets=True)
    flow = config["flows"][0] | {"greeting": ["file:ours.wav"]}
    box.configure(flows=[flow, *config["flows"][1:]])
    assert box.command("prompt", "remove", "ours", check=False).returncode == 1  # it is in use now
    heard = greeting_heard(box, office, tmp_path, "13600000001", watch)
    began_at = audio.best_match(heard, prompt[2000:10000]).offset - 2000
    places = []
    for second in (0.5, 1.0, 1.5, 2.0, 2.5, 3.0):
        piece = heard[began_at + int(second * 8000) :][:4000]
        there = audio.best_match(spoken, piece)
        assert there.likeness > 0.7, f"not what was spoken, at {second} s"
        places.append(there.offset - second * 8000)
    assert np.ptp(places) < 400  # all of it, in its order, but for what a jitter buffer moved

    audio.write_wav(tmp_path / "other.wav", other := speech(2, 5))
    replaced = box.json("prompt", "upload", "ours", str(tmp_path / "other.wav"), "--replace")
    assert replaced["used"] == ["flows[0].greeting[0]"]
    heard = greeting_heard(box, office, tmp_path, "13600000002", watch)
    assert audio.best_match(heard, other[8000:32000]).likeness > 0.95
    assert audio.best_match(heard, prompt[4000:12000]).likeness < 0.5
