"""Recordings: two channels, in time with each other, true at every instant, whatever happens to disk or process."""

import errno
import os
import resource
import signal
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from native.media import Cadence, Leg, MediaError, Prompt
from tests import audio
from tests.native.program import program
from tests.native.room import Room, Wire
from tests.native.signals import as_bytes, tone


def speak(wire: Wire, hertz: float, seconds: float = 60) -> None:
    """Have the party behind the wire's far leg sound like this."""
    wire.near.play([Prompt(as_bytes(tone([hertz], -15, seconds)))], 1)


def random_voice(seed: int, seconds: float = 0.5) -> np.ndarray:
    return audio.decode_alaw(np.random.default_rng(seed).integers(0, 256, round(seconds * 8000), np.uint8).tobytes())


def recorded(room: Room, leg: Leg, path: Path, number: int = 1) -> audio.Wav:
    """Wait until a leg's recording is closed and read it; its length is what was told."""
    happening = room.wait_for(leg, "recorded", number)
    wav = audio.read_wav(path)
    assert happening.number == 0
    assert float(happening.value) == pytest.approx(wav.duration_s, abs=0.01)
    assert audio.promised_data_bytes(path) == path.stat().st_size - 44
    return wav


def test_left_is_the_party_and_right_is_all_it_hears(room: Room, wires: Callable[[], Wire], tmp_path: Path) -> None:
    caller, agent = wires(), wires()
    speak(caller, 1000)
    speak(agent, 700)
    room.core.connect(caller.far, agent.far)
    room.wait_for(caller.far, "connected")
    room.wait_ticks(10)
    caller.far.record(str(tmp_path / "call.wav"))
    room.wait_ticks(50)
    caller.far.stop_record()
    wav = recorded(room, caller.far, tmp_path / "call.wav")
    assert (wav.rate_hz, wav.samples.shape[1]) == (8000, 2)
    assert wav.duration_s == pytest.approx(1.0, abs=0.2)
    assert audio.hears_tone(wav.channel(0), 1000)
    assert audio.tone_dbm0(wav.channel(0), 700) < -60
    assert audio.hears_tone(wav.channel(1), 700)
    assert audio.tone_dbm0(wav.channel(1), 1000) < -60


def test_a_recording_follows_a_transfer_and_what_the_box_plays(
    room: Room, wires: Callable[[], Wire], tmp_path: Path
) -> None:
    caller, first, second = wires(), wires(), wires()
    speak(caller, 1000)
    speak(first, 700)
    speak(second, 1500)
    caller.far.record(str(tmp_path / "call.wav"))
    room.core.connect(caller.far, first.far)
    room.wait_ticks(50)
    room.core.disconnect(caller.far, first.far)
    caller.far.play([Cadence([450], -15, [1000, 0])], 1)
    room.wait_for(caller.far, "finished")
    room.core.connect(caller.far, second.far)
    room.wait_ticks(50)
    first.far.close()
    second.far.close()
    room.wait_ticks(10)
    caller.far.stop_record()
    wav = recorded(room, caller.far, tmp_path / "call.wav")
    heard = [round(audio.strongest_hz(audio.cut(wav.channel(1), span))) for span in tones_in(wav.channel(1))]
    assert heard == [700, 450, 1500]
    assert audio.hears_tone(wav.channel(0)[4000:-4000], 1000)


def tones_in(samples: np.ndarray) -> list[audio.Span]:
    """Stretches of half a second and more in which one frequency is the strongest."""
    window = 400
    strongest = []
    for at in range(0, len(samples) - window, window):
        block = samples[at : at + window]
        strongest.append(round(audio.strongest_hz(block) / 50) if audio.level_dbm0(block) > -40 else 0)
    changes = [number for number, (before, now) in enumerate(pairwise(strongest), 1) if now != before]
    return [
        audio.Span((first + 1) * window / 8000, (end - 1) * window / 8000)
        for first, end in pairwise([0, *changes, len(strongest)])
        if strongest[first] and end - first > 10
    ]


def test_both_channels_keep_the_same_time(room: Room, wires: Callable[[], Wire], tmp_path: Path) -> None:
    caller, agent = wires(), wires()
    room.core.connect(caller.far, agent.far)
    room.wait_for(caller.far, "connected")
    caller.far.record(str(tmp_path / "caller.wav"))
    agent.far.record(str(tmp_path / "agent.wav"))
    room.wait_ticks(3)
    question, reply = random_voice(1), random_voice(2)
    caller.near.play([Prompt(as_bytes(question))], 1)
    room.wait_for(caller.near, "finished")
    agent.near.play([Prompt(as_bytes(reply))], 1)
    room.wait_for(agent.near, "finished")
    room.wait_ticks(8)
    caller.far.stop_record()
    agent.far.stop_record()
    of_caller = recorded(room, caller.far, tmp_path / "caller.wav")
    of_agent = recorded(room, agent.far, tmp_path / "agent.wav")
    asked = [where(of_caller.channel(0), question), where(of_agent.channel(1), question)]
    replied = [where(of_caller.channel(1), reply), where(of_agent.channel(0), reply)]
    assert replied[0] - asked[0] == replied[1] - asked[1]
    assert asked[0] - asked[1] == pytest.approx(0, abs=160)  # the recordings began at most a tick apart


def where(heard: np.ndarray, wanted: np.ndarray) -> int:
    at = heard.astype(np.int16).tobytes().find(wanted.astype(np.int16).tobytes())
    assert at >= 0
    return at // 2


def test_a_second_recording_of_a_leg_is_a_file_of_its_own(room: Room, wire: Wire, tmp_path: Path) -> None:
    for number in (1, 2):
        path = tmp_path / f"{number}.wav"
        wire.far.record(str(path))
        room.wait_ticks(10)
        wire.far.stop_record()
        assert recorded(room, wire.far, path, number).duration_s > 0.1


def test_a_recording_stopped_at_once_is_a_whole_file(room: Room, wire: Wire, tmp_path: Path) -> None:
    wire.far.record(str(tmp_path / "short.wav"))
    wire.far.stop_record()
    assert recorded(room, wire.far, tmp_path / "short.wav").duration_s < 0.2


def test_closing_a_leg_closes_its_recording(room: Room, wire: Wire, tmp_path: Path) -> None:
    speak(wire, 1000)
    room.wait_ticks(10)
    wire.far.record(str(tmp_path / "call.wav"))
    room.wait_ticks(30)
    wire.far.close()
    assert audio.hears_tone(recorded(room, wire.far, tmp_path / "call.wav").channel(0), 1000)


def test_what_cannot_be_recorded_is_refused(room: Room, wire: Wire, tmp_path: Path) -> None:
    taken = tmp_path / "taken.wav"
    taken.write_text("evidence")
    with pytest.raises(MediaError, match=f"{taken}: File exists"):
        wire.far.record(str(taken))
    assert taken.read_text() == "evidence"
    with pytest.raises(MediaError, match=r"nowhere/call\.wav: No such file or directory"):
        wire.far.record(str(tmp_path / "nowhere" / "call.wav"))
    wire.far.record(str(tmp_path / "call.wav"))
    with pytest.raises(MediaError, match="being recorded already"):
        wire.far.record(str(tmp_path / "other.wav"))
    assert not (tmp_path / "other.wav").exists()


def test_a_full_disk_ends_the_recording_and_nothing_else(room: Room, wire: Wire, tmp_path: Path) -> None:
    speak(wire, 1000)
    room.wait_ticks(10)
    lost = room.core.counters()["dropped_ticks"]
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (44 + 10_001, hard))  # and that in the middle of a sample
    try:
        wire.far.record(str(tmp_path / "call.wav"))
        room.wait_for(wire.far, "recorded")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    (told,) = room.of(wire.far, "recorded")
    assert told.number == errno.EFBIG
    wav = audio.read_wav(tmp_path / "call.wav")
    assert audio.promised_data_bytes(tmp_path / "call.wav") == (tmp_path / "call.wav").stat().st_size - 44
    assert wav.duration_s == pytest.approx(float(told.value), abs=0.01)
    room.wait_ticks(10)
    wire.far.record(str(tmp_path / "next.wav"))
    room.wait_ticks(30)
    wire.far.stop_record()
    assert audio.hears_tone(recorded(room, wire.far, tmp_path / "next.wav", 2).channel(0), 1000)
    assert room.core.counters()["dropped_ticks"] == lost


RECORDING = """
room = Room()
room.start()
wire = room.wire()
wire.near.play([Prompt(as_bytes(tone([1000], -15, 1)))], 1, loop=True)
room.wait_ticks(10)
wire.far.record(sys.argv[1])
room.wait_ticks(75)
print("recording", flush=True)
while True:
    room.turn()
"""


def test_a_recording_is_playable_after_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    with program(RECORDING, str(path)) as process:
        assert process.stdout
        assert process.stdout.readline() == "recording\n"
        os.kill(process.pid, signal.SIGKILL)
    wav = audio.read_wav(path)
    assert wav.duration_s > 1.0
    assert audio.hears_tone(wav.channel(0), 1000)
    promised = audio.promised_data_bytes(path)
    assert 1.0 < promised / 32000 <= wav.duration_s
