"""The media core on channels of the real kernel modules, at the pace of the board's clock."""

import os
import re
import time
from collections.abc import Iterator

import numpy as np
import pytest

from drivers.boards.dahdi import device
from native import dahdi
from native.dsp import alaw_decode, alaw_encode
from native.media import Prompt
from tests.audio import best_match
from tests.native import signals
from tests.native.room import Room

VOICE, ITS_END = 66, 70  # of their own: this process keeps one of them open to its end
CLOCK = 1_000_000


@pytest.fixture(scope="module")
def clock() -> Iterator[int]:
    fd = device.open_clock()
    yield fd
    os.close(fd)


@pytest.fixture(scope="module")
def ends() -> Iterator[tuple[int, int]]:
    """A channel and what it is joined to, which keeps all that comes."""
    here, there = device.open_voice(VOICE, digital=True), device.open_voice(ITS_END, digital=True)
    dahdi.set_buffers(there, 32, device.BLOCK)
    yield here, there
    os.close(here)
    os.close(there)


@pytest.fixture(scope="module")
def room(clock: int) -> Iterator[Room]:
    room = Room()
    room.core.start(clock, CLOCK)
    yield room
    room.close()


def clocks(room: Room) -> list[str]:
    return [happening.value for happening in room.happenings if happening.kind == "clock"]


def test_what_a_leg_plays_comes_whole_at_the_other_end(room: Room, ends: tuple[int, int]) -> None:
    here, there = ends
    timeslot = room.core.timeslot(here)
    leg = room.core.leg(timeslot.slot, room.token())
    try:
        words = signals.speech_like(1, seed=7)
        leg.play([Prompt(signals.as_bytes(words)), 200], 1)
        heard = b""
        while not room.of(leg, "finished"):
            room.turn()
            heard += b"".join(drained(there))
        match = best_match(np.frombuffer(alaw_decode(heard), np.int16), words)
        assert match.likeness > 0.98, (room.core.counters(), clocks(room))
    finally:
        leg.close()
        timeslot.close()


@pytest.mark.parametrize("after_ms", range(0, 20, 2))
def test_nothing_is_missing_of_what_is_said_whenever_it_begins(
    room: Room, ends: tuple[int, int], after_ms: int
) -> None:
    """A block comes from the board at any moment of the pump's round, also just as the pump looks for it."""
    here, there = ends
    room.wait_ticks(100 - int(room.core.counters()["ticks"]) % 100 - 20)
    time.sleep(after_ms / 1000)
    for end in ends:
        dahdi.flush(end)
    timeslot = room.core.timeslot(here)
    leg = room.core.leg(timeslot.slot, room.token())
    try:
        leg.play([Prompt(signals.as_bytes(signals.tone([1000], -10, 1)))], 1)
        heard = b""
        while not room.of(leg, "finished"):
            room.turn()
            heard += b"".join(drained(there))
        said = heard.strip(b"\xd5")
        silent = max(len(run) for run in re.findall(b"\xd5+", said + b"\xd5"))
        assert len(said) > 7600, (len(said), room.core.counters())
        assert silent < 8, (silent, said.index(b"\xd5" * silent), len(said), room.core.counters())
    finally:
        leg.close()
        timeslot.close()


def test_sound_is_whole_again_soon_after_blocks_come_at_another_moment(room: Room, ends: tuple[int, int]) -> None:
    """Also where they come just as the pump looks for them: it missed every second one for good."""
    here, there = ends
    timeslot = room.core.timeslot(here)
    leg = room.core.leg(timeslot.slot, room.token())
    spoken = alaw_encode(signals.as_bytes(signals.tone([1000], -10, 0.02)))

    def talk(ticks: int) -> None:
        until = room.core.counters()["ticks"] + ticks
        while room.core.counters()["ticks"] < until:
            for _ in drained(there):
                os.write(there, spoken)
            room.turn()

    try:
        for _ in range(4):
            os.write(there, spoken)
        talk(60)
        for after_ms in range(0, 20, 4):
            room.wait_ticks(1)
            time.sleep(after_ms / 1000)
            dahdi.flush(here)
            talk(85)
            heard = np.frombuffer(leg.samples(), np.int16)
            silent = np.count_nonzero(np.abs(heard).reshape(-1, 160).max(axis=1) < 100)
            assert silent <= 2, (after_ms, silent, room.core.counters())
    finally:
        leg.close()
        timeslot.close()


def test_the_machines_clock_takes_over_from_a_board_that_stands_still_and_gives_back(room: Room, clock: int) -> None:
    room.wait(lambda: room.core.counters()["board_clock"] == 1)
    room.turn()
    dahdi.pace(clock, 0)
    room.wait(lambda: room.core.counters()["board_clock"] == 0)
    room.turn()
    assert clocks(room)[-1] == "own"
    ticks, began_s = room.core.counters()["ticks"], time.monotonic()
    room.wait_ticks(50)
    took_s = time.monotonic() - began_s
    assert 0.02 * (room.core.counters()["ticks"] - ticks) == pytest.approx(took_s, abs=0.3)
    dahdi.pace(clock, device.BLOCK)
    room.wait(lambda: room.core.counters()["board_clock"] == 1)
    room.turn()
    assert clocks(room)[-1] == "board"
    assert {one.token for one in room.happenings if one.kind == "clock"} == {CLOCK}


def drained(fd: int) -> Iterator[bytes]:
    """Yield all blocks that have come."""
    try:
        while block := os.read(fd, device.BLOCK):
            yield block
    except BlockingIOError:
        return
