"""Call-progress tones on a line: told within three cadences, and never from anything else."""

from collections.abc import Callable

import numpy as np
import pytest

from native.media import Cadence, MediaError, Prompt
from tests.native.room import Room, Wire
from tests.native.signals import as_bytes, cadence, dtmf, noise, silence, speech_like, tone

CHINA = {
    "dial": Cadence([450], -10, [1000, 0]),
    "busy": Cadence([450], -10, [350, 350]),
    "congestion": Cadence([450], -10, [700, 700]),
    "ringback": Cadence([450], -10, [1000, 4000]),
}
AMERICA = {
    "dial": Cadence([350, 440], -13, [1000, 0]),
    "busy": Cadence([480, 620], -24, [500, 500]),
    "congestion": Cadence([480, 620], -24, [250, 250]),
    "ringback": Cadence([440, 480], -19, [2000, 4000]),
}


def hear(
    room: Room, wires: Callable[[], Wire], said: dict[str, np.ndarray], tones: dict[str, Cadence]
) -> dict[str, list[tuple[str, float]]]:
    """Say each sound on a line of its own, all at once; return what tones were told on each, and after how long."""
    lines = {name: wires() for name in said}
    for name, wire in lines.items():
        wire.far.detect(digits=False, tones=tones, caller_id=False)
        wire.near.play([Prompt(as_bytes(said[name])), 100], 1)
    began_ns = {}
    room.wait_ticks(1)
    heard = {}
    for name, wire in lines.items():
        finished = room.wait_for(wire.near, "finished", timeout_s=60)
        began_ns[name] = finished.at_ns - len(said[name]) / 8000 * 1e9
        room.wait_ticks(5)
        heard[name] = [(tone.value, (tone.at_ns - began_ns[name]) / 1e9) for tone in room.of(wire.far, "tone")]
    return heard


def names(heard: list[tuple[str, float]]) -> list[str]:
    return [name for name, _ in heard]


def test_tones_of_a_country_are_told_apart(room: Room, wires: Callable[[], Wire]) -> None:
    heard = hear(room, wires, {
        "busy": cadence([450], -10, [350, 350], 5),
        "congestion": cadence([450], -10, [700, 700], 3),
        "dial": tone([450], -10, 3),
        "ringback": cadence([450], -10, [1000, 4000], 1),
    }, CHINA)
    assert {name: names(told) for name, told in heard.items()} == {name: [name] for name in CHINA}


def test_tones_of_two_frequencies_are_told_apart(room: Room, wires: Callable[[], Wire]) -> None:
    heard = hear(room, wires, {
        "busy": cadence([480, 620], -24, [500, 500], 3),
        "congestion": cadence([480, 620], -24, [250, 250], 5),
        "dial": tone([350, 440], -13, 3),
        "ringback": cadence([440, 480], -19, [2000, 4000], 1),
    }, AMERICA)
    assert {name: names(told) for name, told in heard.items()} == {name: [name] for name in AMERICA}


def test_busy_is_told_within_three_cadences_wherever_it_is_met(room: Room, wires: Callable[[], Wire]) -> None:
    busy = cadence([450], -10, [350, 350], 4)
    heard = hear(room, wires, {f"{ms} ms": busy[ms * 8 :] for ms in range(0, 700, 50)}, CHINA)
    for start, told in heard.items():
        assert names(told) == ["busy"], start
        assert told[0][1] < 3 * 0.7, start


def test_busy_is_told_from_lines_that_are_not_perfect(room: Room, wires: Callable[[], Wire]) -> None:
    heard = hear(room, wires, {
        "weak": cadence([450], -32, [350, 350], 4),
        "noisy": cadence([450], -20, [350, 350], 4) + noise(-36, 4 * 0.7),
        "hum": cadence([450], -20, [350, 350], 4) + tone([50], -38, 4 * 0.7),
        "low": cadence([428], -10, [350, 350], 4),
        "high": cadence([472], -10, [350, 350], 4),
        "slow": cadence([450], -10, [380, 380], 4),
        "quick": cadence([450], -10, [320, 320], 4),
        "overdriven": np.clip(cadence([450], 3, [350, 350], 4), -9000, 9000),
        "after a louder call": np.concatenate([tone([450], 0, 0.2), silence(7.2), cadence([450], -25, [350, 350], 4)]),
        "after speech": np.concatenate([speech_like(2), silence(0.2), cadence([450], -18, [350, 350], 4)]),
    }, {name: CHINA[name] for name in ("busy", "congestion")})
    assert {name: names(told) for name, told in heard.items()} == {name: ["busy"] for name in heard}


def test_what_is_no_tone_is_not_taken_for_one(room: Room, wires: Callable[[], Wire]) -> None:
    chance = np.random.default_rng(5)
    gated_noise = np.concatenate([np.concatenate([noise(-15, 0.35, seed), silence(0.35)]) for seed in range(10)])
    music = np.concatenate([tone([hz], -14, 0.35) for hz in chance.choice([262, 330, 392, 440, 494, 523], 30)])
    heard = hear(room, wires, {
        **{f"speech {seed}": speech_like(8, seed) for seed in range(8)},
        "noise in the rhythm of busy": gated_noise,
        "chord in the rhythm of busy": cadence([450, 620, 1100], -15, [350, 350], 8),
        "noise": noise(-20, 8),
        "music": music,
        "other frequency": cadence([1000], -10, [350, 350], 8),
        "one burst": np.concatenate([tone([450], -10, 0.35), silence(2)]),
        "two bursts apart": np.concatenate([tone([450], -10, 0.35), silence(1.5)] * 2),
        "digits": dtmf("1234567890" * 3, on_ms=350, off_ms=350, level_dbm0=-8)[: 8 * 8000],
        "speech over the tone": cadence([450], -20, [350, 350], 10) + speech_like(7, 9)[: 7 * 8000],
    }, {name: CHINA[name] for name in ("busy", "congestion")})
    assert {name: told for name, told in heard.items() if told} == {}


def test_a_tone_is_told_once_while_it_lasts_and_again_when_it_comes_again(
    room: Room, wires: Callable[[], Wire]
) -> None:
    busy = cadence([450], -10, [350, 350], 6)
    heard = hear(room, wires, {"line": np.concatenate([busy, silence(1.5), busy])}, {"busy": CHINA["busy"]})
    assert names(heard["line"]) == ["busy", "busy"]


def test_too_many_tones_are_refused(wire: Wire) -> None:
    with pytest.raises(MediaError, match="at most 8"):
        wire.far.detect(digits=False, tones={str(n): CHINA["busy"] for n in range(9)}, caller_id=False)
    with pytest.raises(MediaError, match="name of at most 23"):
        wire.far.detect(digits=False, tones={"a tone with a name without an end": CHINA["busy"]}, caller_id=False)
