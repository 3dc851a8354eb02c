"""Digits in the voice of a party (ITU-T Q.24), from tones made by numpy."""

from collections.abc import Callable

import numpy as np

from native.media import Prompt
from tests.native.room import Room, Wire
from tests.native.signals import DTMF_KEYS, as_bytes, dtmf, noise, speech_like, tone


def hear(room: Room, wires: Callable[[], Wire], said: dict[str, np.ndarray]) -> dict[str, str]:
    """Say each sound on a line of its own, all at once; return the digits told on each."""
    lines = {name: wires() for name in said}
    for name, wire in lines.items():
        wire.far.detect(digits=True, tones={}, caller_id=False)
        wire.near.play([Prompt(as_bytes(said[name])), 200], 1)
    for wire in lines.values():
        room.wait_for(wire.near, "finished")
    room.wait_ticks(5)
    return {name: "".join(digit.value for digit in room.of(wire.far, "digit")) for name, wire in lines.items()}


def test_all_sixteen_keys_are_heard_in_order(room: Room, wires: Callable[[], Wire]) -> None:
    assert hear(room, wires, {"line": dtmf(DTMF_KEYS, on_ms=50, off_ms=50)}) == {"line": DTMF_KEYS}


def test_keys_at_the_limits_a_receiver_must_take(room: Room, wires: Callable[[], Wire]) -> None:
    """ITU-T Q.24, AT&T's column."""
    limits = {
        "weak": dtmf("19*0", level_dbm0=-25),
        "strong": dtmf("19*0", level_dbm0=-4),
        "column stronger": dtmf("19*0", twist_db=4),
        "row stronger": dtmf("19*0", twist_db=-8),
        "high": dtmf("19*0", detune=0.014),
        "low": dtmf("19*0", detune=-0.014),
        "long": dtmf("19*0", on_ms=200),
        "short": dtmf("19*0", on_ms=41, off_ms=51),
        "in noise 15 dB below": dtmf("19*0") + noise(-24, len(dtmf("19*0")) / 8000),
    }
    # A receiver hears in blocks: wherever in a block a key begins, it must be heard.
    heard = hear(room, wires, {
        f"{name}, {begins} samples on": np.concatenate([np.zeros(begins), keys])
        for name, keys in limits.items() for begins in (0, 35, 70)
    })
    assert heard == dict.fromkeys(heard, "19*0")


def test_a_long_press_is_one_key(room: Room, wires: Callable[[], Wire]) -> None:
    assert hear(room, wires, {"line": dtmf("5", on_ms=1500)}) == {"line": "5"}


def test_what_is_no_key_is_not_taken_for_one(room: Room, wires: Callable[[], Wire]) -> None:
    heard = hear(room, wires, {
        **{f"speech {seed}": speech_like(8, seed) for seed in range(6)},
        "too far from its frequencies": dtmf("1590", detune=0.04),
        "too short": dtmf("1590", on_ms=20),
        "one tone alone": np.concatenate([tone([hz], -12, 0.1) for hz in (697, 941, 1209, 1633)]),
    })
    assert heard == dict.fromkeys(heard, "")


def test_digits_nobody_wants_are_not_told(room: Room, wire: Wire) -> None:
    told = ""
    for keys, wanted in (("12", True), ("34", False), ("56", True)):
        wire.far.detect(digits=wanted, tones={}, caller_id=False)
        wire.near.play([100, Prompt(as_bytes(dtmf(keys))), 100], 1)
        room.wait_for(wire.near, "finished")
        room.wait_ticks(5)
        told += "".join(digit.value for digit in room.of(wire.far, "digit"))
        room.happenings.clear()
    assert told == "1256"
