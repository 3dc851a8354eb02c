"""The configuration replaced over and over while a hundred people call: nobody hears it, and nobody is cut off."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from firmware.control.client import SOCKET, Client
from tests import audio
from tests.bench import load
from tests.bench.busyhour import configuration
from tests.bench.subject import IVR
from tests.peers.box import Box
from tests.peers.office import Office
from tests.scenarios.continuity import begins, gaps

CALLS, RATE, HOLD_S = 100, 25.0, 30.0
COMMITS = 20
TONE_HZ = 620.0
LONGEST_GAP_S = 0.046  # two packets, and the judge's own 6 ms


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    """A box with a trunk into a long menu, and line 1 into one that says a steady tone."""
    with Box() as box:
        tone = box.home / "prompts/tone.wav"
        tone.parent.mkdir(exist_ok=True)
        audio.write_wav(tone, audio.sine(TONE_HZ, 50))
        changes = configuration(["300", "301"])
        flow = {"name": "tone", "greeting": ["file:tone.wav"], "menu": ["file:tone.wav"], "keys": {}, "repeats": 9}
        changes["flows"].append(flow)
        changes["routes"].insert(0, {"name": "tone", "source": "line:1", "to": "flow:tone"})
        box.configure(**changes)
        yield box


def test_commits_during_a_hundred_calls_are_heard_by_nobody(box: Box, office: Office, tmp_path: Path) -> None:
    voice = tmp_path / "voice.al"
    voice.write_bytes(audio.encode_alaw(audio.sine(TONE_HZ, 10)))
    began_s = time.time()
    callers = load.call(tmp_path / "callers", box.sip, IVR, voice, CALLS, RATE, HOLD_S)
    heard = tmp_path / "heard.wav"
    listener = office.call(1, "13800138000", record=str(heard))
    listener.wait_for("answered")
    try:
        with Client(box.home / SOCKET) as exchange:
            wait_for_calls(exchange, CALLS + 1)
            config = exchange.call("config.export", secrets=True)
            first = int(exchange.call("status")["revision"])
            for commit in range(COMMITS):
                config["queues"][0]["acw_s"] = commit + 1
                config["extensions"].append({"number": str(400 + commit), "name": f"new {commit}"})
                if commit == COMMITS // 2:  # the menu that somebody is in, and the way there, are gone
                    config["flows"] = [one for one in config["flows"] if one["name"] != "tone"]
                    config["routes"] = [one for one in config["routes"] if one["name"] != "tone"]
                exchange.call("config.import", config=config)
            box.wait_provisioned()
            assert exchange.call("status")["revision"] == first + COMMITS
            assert exchange.call("status")["calls"] == CALLS + 1
            callers.finish()
            listener.hang_up()
            listener.report()
            calls = on_record(exchange, began_s, CALLS + 1)
    finally:
        callers.stop()
    cut_short = [call for call in calls if call["source"] == "trunk:bench" and call["duration_s"] < HOLD_S - 1]
    assert cut_short == []
    assert {(call["outcome"], call["by"]) for call in calls} == {("ivr", "caller")}
    sound = audio.read_wav(heard).channel(0)
    steady = sound[int((begins(sound, TONE_HZ) + 0.1) * audio.RATE_HZ) : -audio.RATE_HZ // 2]
    assert len(steady) > 20 * audio.RATE_HZ
    assert [gap for gap in gaps(steady, TONE_HZ) if abs(gap.length_s) > LONGEST_GAP_S] == []


def wait_for_calls(exchange: Client, count: int, timeout_s: float = 20) -> None:
    """Wait until so many calls are under way."""
    deadline = time.monotonic() + timeout_s
    while (calls := exchange.call("status")["calls"]) != count:
        assert time.monotonic() < deadline, calls
        time.sleep(0.1)


def on_record(exchange: Client, since_s: float, count: int, timeout_s: float = 20) -> list[dict[str, Any]]:
    """Return the records of so many calls once they are there."""
    deadline = time.monotonic() + timeout_s
    while len(calls := exchange.call("call.list", which={"from_s": since_s}, limit=500)["calls"]) != count:
        assert time.monotonic() < deadline, len(calls)
        time.sleep(0.1)
    return list(calls)
