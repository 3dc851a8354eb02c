"""What a leg is played is what its party hears."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from native.media import Cadence, Leg, MediaError, Prompt
from tests import audio
from tests.native.room import Room, Wire
from tests.native.signals import as_bytes, tone

BUSY = [350, 350]


def random_alaw(seconds: float, seed: int) -> np.ndarray:
    """Samples that A-law carries without any change."""
    codes = np.random.default_rng(seed).integers(0, 256, round(seconds * 8000), dtype=np.uint8)
    return audio.decode_alaw(codes.tobytes())


def heard_while(room: Room, wire: Wire, path: Path, act: Callable[[], None]) -> np.ndarray:
    """What the far party's line brought while something was done."""
    wire.far.record(str(path))
    room.wait_ticks(5)
    act()
    room.wait_ticks(8)
    wire.far.stop_record()
    room.wait_for(wire.far, "recorded")
    return audio.read_wav(path).channel(0)


def play_through(room: Room, leg: Leg, sounds: list, play_id: int = 1) -> Callable[[], None]:
    def act() -> None:
        leg.play(sounds, play_id)
        room.wait_for(leg, "finished")

    return act


def find(heard: np.ndarray, wanted: np.ndarray) -> int:
    """Where a stretch of samples is, each one the same; -1 when nowhere."""
    at = heard.astype(np.int16).tobytes().find(wanted.astype(np.int16).tobytes())
    return -1 if at < 0 else at // 2


def test_every_sample_of_a_prompt_is_heard_and_none_else(room: Room, wire: Wire, tmp_path: Path) -> None:
    said = random_alaw(1.013, 1)  # not a whole number of ticks
    heard = heard_while(room, wire, tmp_path / "heard.wav", play_through(room, wire.near, [Prompt(as_bytes(said))]))
    at = find(heard, said)
    assert at > 0
    assert audio.level_dbm0(heard[:at]) < -60
    assert audio.level_dbm0(heard[at + len(said) :]) < -60


def test_another_prompt_is_not_taken_for_it(room: Room, wire: Wire, tmp_path: Path) -> None:
    heard = heard_while(
        room, wire, tmp_path / "heard.wav", play_through(room, wire.near, [Prompt(as_bytes(random_alaw(0.5, 2)))])
    )
    assert find(heard, random_alaw(0.5, 3)) == -1


def test_a_sequence_is_played_without_a_gap(room: Room, wire: Wire, tmp_path: Path) -> None:
    first, second = random_alaw(0.333, 1), random_alaw(0.25, 2)
    sounds = [Prompt(as_bytes(first)), Prompt(as_bytes(second)), 125, Prompt(as_bytes(first))]
    heard = heard_while(room, wire, tmp_path / "heard.wav", play_through(room, wire.near, sounds))
    at = find(heard, np.concatenate([first, second]))
    assert at > 0
    after = heard[at + len(first) + len(second) :]
    assert audio.level_dbm0(after[:1000]) < -60
    assert find(after, first) == 1000


def test_a_loop_goes_on_until_stopped(room: Room, wire: Wire, tmp_path: Path) -> None:
    said = random_alaw(0.1, 4)

    def act() -> None:
        wire.near.play([Prompt(as_bytes(said))], 7, loop=True)
        room.wait_ticks(40)
        assert room.of(wire.near, "finished") == []
        wire.near.stop()
        room.wait_for(wire.near, "finished")

    heard = heard_while(room, wire, tmp_path / "heard.wav", act)
    assert find(heard, np.tile(said, 6)) > 0
    finished = room.of(wire.near, "finished")
    assert [(f.value, f.number) for f in finished] == [("stopped", 7)]
    assert audio.level_dbm0(heard[-400:]) < -60


def test_each_play_is_finished_once_with_its_own_id(room: Room, wire: Wire) -> None:
    long, short = Prompt(as_bytes(random_alaw(5, 1))), Prompt(as_bytes(random_alaw(0.2, 2)))
    wire.near.play([long], 1)
    room.wait_ticks(3)
    wire.near.play([long], 2)
    wire.near.play([long], 3)
    wire.near.play([short], 4)
    room.wait_for(wire.near, "finished", 4)
    room.wait_ticks(20)
    assert sorted((f.number, f.value) for f in room.of(wire.near, "finished")) == [
        (1, "stopped"), (2, "stopped"), (3, "stopped"), (4, "played"),
    ]


def test_stop_with_nothing_played_is_silent(room: Room, wire: Wire) -> None:
    wire.near.stop()
    room.wait_ticks(5)
    assert room.of(wire.near, "finished") == []


def test_closing_a_leg_finishes_what_it_played(room: Room, wire: Wire) -> None:
    wire.near.play([Prompt(as_bytes(random_alaw(5, 1)))], 9)
    room.wait_ticks(3)
    wire.near.close()
    assert room.wait_for(wire.near, "finished")[2:4] == ("stopped", 9)
    with pytest.raises(MediaError, match="closed"):
        wire.near.play([100], 1)


def test_a_cadence_has_its_frequency_level_and_rhythm(room: Room, wire: Wire, tmp_path: Path) -> None:
    def act() -> None:
        wire.near.play([Cadence([450], -10, BUSY)], 1, loop=True)
        room.wait_ticks(130)
        wire.near.stop()

    heard = heard_while(room, wire, tmp_path / "heard.wav", act)
    bursts = audio.sounds(heard)[:3]
    gaps = audio.silences(heard)[1:3]
    for burst in bursts:
        assert burst.duration_s == pytest.approx(0.35, abs=0.011)
        sound = audio.cut(heard, burst)
        assert audio.strongest_hz(sound) == pytest.approx(450, abs=1)
        assert audio.hears_tone(sound, 450)
        assert audio.level_dbm0(sound) == pytest.approx(-10, abs=0.3)
    assert [gap.duration_s for gap in gaps] == pytest.approx([0.35, 0.35], abs=0.011)


def test_two_frequencies_sound_together(room: Room, wire: Wire, tmp_path: Path) -> None:
    heard = heard_while(
        room, wire, tmp_path / "heard.wav", play_through(room, wire.near, [Cadence([480, 620], -16, [500, 500])])
    )
    sound = audio.cut(heard, audio.sounds(heard)[0])
    assert audio.tone_dbm0(sound, 480) == pytest.approx(-16, abs=0.3)
    assert audio.tone_dbm0(sound, 620) == pytest.approx(-16, abs=0.3)


def test_a_steady_tone_has_no_break_when_it_loops(room: Room, wire: Wire, tmp_path: Path) -> None:
    def act() -> None:
        wire.near.play([Cadence([450], -10, [200, 0])], 1, loop=True)
        room.wait_ticks(50)
        wire.near.stop()

    heard = heard_while(room, wire, tmp_path / "heard.wav", act)
    (burst,) = audio.sounds(heard, at_least_ms=100)
    assert burst.duration_s > 0.9
    wanted = audio.decode_alaw(audio.encode_alaw(tone([450], -10, 0.8)))
    assert audio.best_match(audio.cut(heard, burst), wanted).likeness > 0.999


@pytest.mark.parametrize(
    ("sounds", "why"),
    [
        ([], "nothing to play"),
        ([0], "nothing to play"),
        (["greeting.wav"], r"sounds\[0\] is 'greeting.wav'"),
        ([100, -5], r"sounds\[1\] is -5"),
    ],
)
def test_wrong_sounds_are_refused(room: Room, wire: Wire, sounds: list, why: str) -> None:
    with pytest.raises(MediaError, match=why):
        wire.near.play(sounds, 1, loop=True)


@pytest.mark.parametrize(
    ("frequencies", "level", "on_off", "why"),
    [
        ([], -10, [100, 100], "frequencies"),
        ([450], -10, [100], "on_off_ms"),
        ([450], -10, [0, 100], "on_off_ms"),
        ([450, 480], 0, [100, 100], "full scale"),
        ([5000], -10, [100, 100], "frequencies"),
    ],
)
def test_an_impossible_tone_is_refused(frequencies: list, level: float, on_off: list, why: str) -> None:
    with pytest.raises(MediaError, match=why):
        Cadence(frequencies, level, on_off)
