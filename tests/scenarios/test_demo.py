"""`busyhour demo` on a box as it leaves the factory."""

import subprocess
import sys
import time
from pathlib import Path

from tests import audio
from tests.peers.box import ROOT, Box


def test_a_newcomer_sees_a_whole_call_and_both_sides_heard_each_other(box: Box) -> None:
    shown = box.json("demo")
    assert shown["ok"]
    assert (shown["call"]["outcome"], shown["call"]["queue"], shown["call"]["agent"]) == ("answered", "service", "201")
    for who in ("caller", "agent", "left", "right"):
        assert shown["heard"][who]["other_s"] >= 4
        assert shown["heard"][who]["own_s"] == 0
    kinds = [event["kind"] for event in shown["events"]]
    assert kinds.index("call.offered") < kinds.index("queue.entered") < kinds.index("bridge.joined")
    assert "call.ended" in kinds
    recording = audio.read_wav(box.home / shown["call"]["recordings"][0])
    assert len(recording.channel(0)) / audio.RATE_HZ > 5
    assert {agent["state"] for agent in box.json("agent", "list")} == {"logged_out"}


def test_an_agent_is_afterwards_what_they_were_also_when_it_is_cut_short(box: Box) -> None:
    box.command("agent", "login", "201")
    box.command("agent", "not-ready", "201", "--reason", "lunch")
    command = str(Path(sys.executable).parent / "busyhour")
    running = subprocess.Popen(
        [command, "demo"], env=box.environment, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert running.stdout is not None
    assert "a call comes in" in running.stdout.readline()
    running.send_signal(2)
    running.communicate(timeout=30)
    assert running.returncode == -2
    deadline = time.monotonic() + 20
    while box.json("calls", "live") and time.monotonic() < deadline:
        time.sleep(0.1)
    agent = box.json("agent", "list")[0]
    assert (agent["state"], agent["reason"], agent["registered"]) == ("not_ready", "lunch", False)
    box.command("agent", "logout", "201")
