"""Parties hear each other, only each other, from the moment it is told; whatever is ordered in whatever order."""

import os
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from native.media import Cadence, Leg, MediaError, Prompt
from tests import audio
from tests.native.heap import allocated_bytes
from tests.native.room import Room, Wire
from tests.native.signals import as_bytes, tone


def speak(wire: Wire, hertz: float) -> None:
    """Have the party behind the wire's far leg sound like this."""
    wire.near.play([Prompt(as_bytes(tone([hertz], -15, 1)))], 1, loop=True)


def hears(room: Room, folder: Path, *wires: Wire) -> list[np.ndarray]:
    """Half a second of what each party hears: what its line brings to its own end."""
    first = len(list(folder.iterdir()))
    paths = [folder / f"{first + number}.wav" for number in range(len(wires))]
    for wire, path in zip(wires, paths, strict=True):
        wire.near.record(str(path))
    room.wait_ticks(28)
    for wire in wires:
        wire.near.stop_record()
    for wire in wires:
        room.wait(lambda wire=wire: room.of(wire.near, "recorded"))
    room.happenings.clear()
    return [audio.read_wav(path).channel(0)[160:] for path in paths]


def frequencies(samples: np.ndarray) -> set[int]:
    return {hertz for hertz in (500, 700, 1000, 1500) if audio.tone_dbm0(samples, hertz) > -40}


def test_each_party_hears_the_other_and_not_itself(
    room: Room, wires: Callable[[], Wire], tmp_path: Path
) -> None:
    one, other = wires(), wires()
    speak(one, 1000)
    speak(other, 700)
    room.core.connect(one.far, other.far)
    told = room.wait_for(one.far, "connected")
    assert (told.token, told.number) == (one.far.token, other.far.token)
    room.wait_ticks(8)  # the lines' own delay
    assert [frequencies(heard) for heard in hears(room, tmp_path, one, other)] == [{700}, {1000}]
    room.core.disconnect(one.far, other.far)
    room.wait_ticks(8)
    assert [audio.level_dbm0(heard) for heard in hears(room, tmp_path, one, other)] == [pytest.approx(-66, abs=1)] * 2


def test_three_in_a_conference_hear_the_other_two(room: Room, wires: Callable[[], Wire], tmp_path: Path) -> None:
    parties = [wires() for _ in range(3)]
    for wire, hertz in zip(parties, (500, 700, 1000), strict=True):
        speak(wire, hertz)
    for a, b in ((0, 1), (0, 2), (1, 2)):
        room.core.connect(parties[a].far, parties[b].far)
    room.wait_for(parties[1].far, "connected")
    room.wait_ticks(8)
    assert [frequencies(heard) for heard in hears(room, tmp_path, *parties)] == [{700, 1000}, {500, 1000}, {500, 700}]


def test_a_prompt_is_heard_over_the_other_party(room: Room, wires: Callable[[], Wire], tmp_path: Path) -> None:
    one, other = wires(), wires()
    speak(other, 700)
    room.core.connect(one.far, other.far)
    one.far.play([Cadence([1500], -20, [1000, 0])], 1, loop=True)
    room.wait_ticks(10)
    assert [frequencies(heard) for heard in hears(room, tmp_path, one, other)] == [{700, 1500}, set()]


def test_connecting_again_is_told_again_and_changes_nothing(
    room: Room, wires: Callable[[], Wire], tmp_path: Path
) -> None:
    one, other = wires(), wires()
    speak(other, 700)
    for count in (1, 2):
        room.core.connect(one.far, other.far)
        room.wait_for(one.far, "connected", count)
    room.wait_ticks(8)
    (heard,) = hears(room, tmp_path, one)
    assert audio.level_dbm0(heard) == pytest.approx(-15, abs=0.3)  # not twice as loud
    room.core.disconnect(one.far, other.far)
    room.wait_ticks(8)
    (heard,) = hears(room, tmp_path, one)
    assert frequencies(heard) == set()


def test_parting_before_it_was_applied_is_silent(room: Room, wires: Callable[[], Wire], tmp_path: Path) -> None:
    one, other = wires(), wires()
    speak(other, 700)
    room.wait_ticks(10)
    room.core.connect(one.far, other.far)
    room.core.disconnect(one.far, other.far)
    room.wait_ticks(8)
    (heard,) = hears(room, tmp_path, one)
    assert frequencies(heard) == set()


def test_a_leg_that_closes_leaves_the_other_in_silence(room: Room, wires: Callable[[], Wire], tmp_path: Path) -> None:
    one, other = wires(), wires()
    speak(one, 1000)
    room.core.connect(one.far, other.far)
    room.wait_for(one.far, "connected")
    one.far.close()
    room.wait_ticks(8)
    (heard,) = hears(room, tmp_path, other)
    assert frequencies(heard) == set()
    with pytest.raises(MediaError, match="closed"):
        room.core.connect(other.far, one.far)


def test_a_leg_goes_on_where_its_stream_was_made_anew(room: Room, wires: Callable[[], Wire], tmp_path: Path) -> None:
    one, other, anew = wires(), wires(), wires()
    speak(other, 700)
    speak(anew, 1500)
    room.core.connect(one.far, other.far)
    room.wait_for(one.far, "connected")
    other.far.record(str(tmp_path / "other.wav"))
    slot = anew.far.slot
    anew.far.close()
    room.wait_ticks(3)
    for end in one.ends:
        end.close()  # the old stream goes, as in a re-INVITE
    one.far.move(slot)
    assert one.far.slot == slot
    room.wait_ticks(30)
    other.far.stop_record()
    room.wait_for(other.far, "recorded")
    assert audio.hears_tone(audio.read_wav(tmp_path / "other.wav").channel(1)[-3000:], 1500)
    (tmp_path / "other.wav").unlink()
    assert [frequencies(heard) for heard in hears(room, tmp_path, anew, other)] == [{700}, {1500}]
    assert one.far.level_dbm0() == pytest.approx(-15, abs=0.5)


def test_a_leg_cannot_hear_itself(room: Room, wire: Wire) -> None:
    with pytest.raises(MediaError, match="itself"):
        room.core.connect(wire.far, wire.far)


def test_a_token_belongs_to_one_leg(room: Room, wire: Wire) -> None:
    with pytest.raises(MediaError, match="already"):
        room.core.leg(wire.far.slot, wire.near.token)


def storm(room: Room, folder: Path, seed: int) -> None:
    """Order everything, in any order, without ever waiting for the pump; then close all and wait for that."""
    chance = random.Random(seed)
    prompt = Prompt(as_bytes(tone([1000], -20, 0.05)))
    busy = Cadence([450], -10, [350, 350])
    open_wires: list[Wire] = []
    for step in range(600):
        if len(open_wires) < 2 or (len(open_wires) < 12 and chance.random() < 0.2):
            open_wires.append(room.wire())
        legs: list[Leg] = [leg for wire in open_wires for leg in (wire.near, wire.far)]
        one, other = chance.sample(legs, 2)
        act = chance.randrange(9)
        if act == 0:
            room.core.connect(one, other)
        elif act == 1:
            room.core.disconnect(one, other)
        elif act == 2:
            one.play([prompt, 10, busy], step, loop=chance.random() < 0.5)
        elif act == 3:
            one.stop()
        elif act == 4:
            one.detect(digits=True, tones={"busy": busy}, caller_id=chance.random() < 0.5)
        elif act == 5:
            one.stop_record()
            one.record(str(folder / f"{seed}-{step}.wav"))
        elif act == 6:
            one.stop_record()
        elif act == 7:
            open_wires.pop(chance.randrange(len(open_wires))).close()
        elif chance.random() < 0.1:
            room.turn()
    for wire in open_wires:
        wire.close()
    room.wait(lambda: room.core.counters()["parties"] == 0)
    room.wait(lambda: sum(h.kind == "recorded" for h in room.happenings) == len(list(folder.iterdir())))


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


def test_storms_of_orders_leave_nothing_behind(room: Room, tmp_path: Path) -> None:
    storm(room, tmp_path, 0)  # what is allocated once is allocated
    room.wait_ticks(10)  # and the last that were told of as ended have gone
    files, memory = open_files(), allocated_bytes()
    for seed in range(1, 11):
        storm(room, tmp_path, seed)
    # A ring of 165 kB a storm would be more
    room.wait(lambda: open_files() <= files, 30)
    room.wait(lambda: allocated_bytes() - memory < 500_000, 30)
    for path in tmp_path.iterdir():
        assert audio.promised_data_bytes(path) == path.stat().st_size - 44
    assert room.core.counters()["event_overflows"] == 0

