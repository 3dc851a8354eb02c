"""The one clock: late or stopped, it says so; Python cannot hold it up."""

import json
import os
import signal
import threading
import time
from pathlib import Path

import pytest

from native.media import Core, MediaError, Prompt
from tests import audio
from tests.native.program import program
from tests.native.room import Room, Wire
from tests.native.signals import as_bytes, tone

STALLED = """
room = Room()
room.start()
wire = room.wire()
wire.near.play([Prompt(as_bytes(tone([1000], -15, 1)))], 1, loop=True)
room.wait_ticks(10)
wire.far.record(sys.argv[1])
room.wait_ticks(25)
before = room.core.counters()
print("stop me", flush=True)
sys.stdin.readline()
room.wait_ticks(25)
after = room.core.counters()
wire.far.stop_record()
room.wait_for(wire.far, "recorded")
wire.close()
room.close()
print(json.dumps([before, after]), flush=True)
"""


def test_a_pump_stopped_for_three_seconds_makes_up_for_three_ticks_and_counts_the_rest(tmp_path: Path) -> None:
    with program(STALLED, str(tmp_path / "call.wav")) as process:
        assert process.stdin
        assert process.stdout
        assert process.stdout.readline() == "stop me\n"
        os.kill(process.pid, signal.SIGSTOP)
        time.sleep(3)  # this is the stall itself
        os.kill(process.pid, signal.SIGCONT)
        process.stdin.write("\n")
        process.stdin.flush()
        before, after = json.loads(process.stdout.readline())
        assert process.wait(30) == 0
    change = {name: after[name] - before[name] for name in before}
    assert change["dropped_ticks"] >= 150 - 3 - 3
    assert 3 <= change["caught_up"] <= 6  # a loaded machine may add a stall of its own
    assert after["worst_late_ms"] > 2900
    wav = audio.read_wav(tmp_path / "call.wav")
    assert wav.duration_s == pytest.approx((change["ticks"] + change["dropped_ticks"] + 25) * 0.02, abs=0.4)
    lost = max(audio.silences(wav.channel(0), at_least_ms=1000), key=lambda span: span.duration_s)
    assert lost.duration_s == pytest.approx(change["dropped_ticks"] * 0.02, abs=0.2)  # true time, lost time silent


def test_the_pump_runs_on_while_python_is_held(room: Room, wire: Wire) -> None:
    wire.near.play([Prompt(as_bytes(tone([1000], -15, 0.5)))], 1)
    exponent, held_s = 1_000_000, 0.0
    while held_s < 0.3:
        exponent *= 2
        before = room.core.counters()
        began = time.monotonic()
        7**exponent  # one operation that keeps the GIL for longer than many ticks
        held_s = time.monotonic() - began
        after = room.core.counters()
    gone = after["ticks"] + after["dropped_ticks"] - before["ticks"] - before["dropped_ticks"]
    assert gone >= held_s / 0.02 / 2


def test_busy_threads_in_python_lose_no_tick(room: Room, wire: Wire, tmp_path: Path) -> None:
    stop = threading.Event()

    def spin() -> None:
        while not stop.is_set():
            sum(range(1000))

    threads = [threading.Thread(target=spin) for _ in range(3)]
    before = room.core.counters()
    for thread in threads:
        thread.start()
    try:
        room.wait_ticks(100)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    after = room.core.counters()
    assert after["dropped_ticks"] == before["dropped_ticks"]


def test_nothing_of_this_goes_without_being_counted(room: Room) -> None:
    counters = room.core.counters()
    assert set(counters) >= {
        "ticks", "late_ticks", "worst_late_ms", "caught_up", "dropped_ticks", "slips", "lost_blocks", "event_overflows",
        "recorder_overruns", "failed_connects", "silenced_logs", "parties", "pump_cpu_s", "realtime", "memory_locked",
    }
    room.wait_ticks(5)
    later = room.core.counters()
    assert later["ticks"] >= counters["ticks"] + 5
    assert later["pump_cpu_s"] > counters["pump_cpu_s"]


def test_events_wake_whoever_waits_for_the_descriptor(room: Room, wire: Wire) -> None:
    import select

    room.turn()
    room.core.poll()
    wire.near.play([100], 1)
    assert select.select([room.core.fd], [], [], 30)[0]
    assert [happening.kind for happening in room.core.poll()] == ["finished"]
    assert not select.select([room.core.fd], [], [], 0)[0]


def test_a_flood_of_events_is_counted_and_stops_nothing(room: Room, wire: Wire) -> None:
    before = room.core.counters()["event_overflows"]
    for play_id in range(5000):
        wire.near.play([20], play_id)
        wire.near.stop()
    ticks = room.core.counters()["ticks"]
    while room.core.counters()["ticks"] < ticks + 3:
        room.endpoint.libHandleEvents(5)
    told = room.core.poll()
    assert len(told) + room.core.counters()["event_overflows"] - before == 5000
    assert {happening.kind for happening in told} == {"finished"}


def test_there_is_one_core(room: Room) -> None:
    with pytest.raises(MediaError, match="already"):
        Core()


def test_a_thread_pjlib_does_not_know_is_refused(room: Room, wire: Wire) -> None:
    refused: list[str] = []

    def use() -> None:
        try:
            room.core.leg(wire.far.slot, 999)
        except MediaError as error:
            refused.append(str(error))

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    assert refused == ["this thread is not known to pjlib: libRegisterThread is wanted first"]


WIDE = """
room = Room(clock_hz=16000)
try:
    room.start()
except MediaError as error:
    print(error)
room.close()
"""


def test_a_bridge_of_another_rate_is_refused() -> None:
    with program(WIDE) as process:
        assert process.stdout
        assert "16000 Hz" in process.stdout.readline()
        assert process.wait(30) == 0


ENDED = """
room = Room()
room.start()
wires = [room.wire() for _ in range(5)]
wires[0].far.record(sys.argv[1])
wires[1].near.play([Prompt(as_bytes(tone([1000], -15, 1)))], 7, loop=True)
wires[0].near.detect(digits=True, tones={}, caller_id=True)
room.core.connect(wires[0].far, wires[1].far)
room.wait_ticks(30)
room.core.stop()
room.core.stop()
told = [(happening.kind, happening.value, happening.number) for happening in room.core.poll()]
try:
    room.core.leg(1, 99)
except MediaError as error:
    told.append(str(error))
counters = room.core.counters()
wires.clear()
room.endpoint.libDestroy()
print(json.dumps([told, counters]), flush=True)
"""


def test_stopping_ends_all_that_is_open_properly(tmp_path: Path) -> None:
    with program(ENDED, str(tmp_path / "call.wav")) as process:
        assert process.stdout
        told, counters = json.loads(process.stdout.readline())
        assert process.wait(30) == 0
    assert ["finished", "stopped", 7] in told
    assert [what[0] for what in told if what[0] == "recorded"] == ["recorded"]
    assert told[-1] == "the core does not run"
    assert counters["parties"] == 0
    assert audio.hears_tone(audio.read_wav(tmp_path / "call.wav").channel(1)[2000:-400], 1000)
