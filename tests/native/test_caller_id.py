"""Who calls, from the samples of an idle line alone."""

from collections.abc import Callable

import numpy as np

from native.media import Prompt
from tests.native.room import Room, Wire
from tests.native.signals import BELL_202, V_23, as_bytes, caller_id, dtmf, mdmf, noise, sdmf, silence, tone

KNOWN, WITHHELD, UNAVAILABLE = 0, 1, 2
TIME, NUMBER, ABSENT, NAME = 1, 2, 4, 7


def listen(room: Room, wires: Callable[[], Wire], said: dict[str, np.ndarray]) -> dict[str, list[tuple[str, int]]]:
    """Say each sound on a line of its own, all at once; return the caller ids told on each."""
    lines = {name: wires() for name in said}
    for name, wire in lines.items():
        wire.far.detect(digits=False, tones={}, caller_id=True)
        wire.near.play([Prompt(as_bytes(said[name])), 800], 1)
    for wire in lines.values():
        room.wait_for(wire.near, "finished")
    room.wait_ticks(5)
    return {name: [(c.value, c.number) for c in room.of(wire.far, "caller_id")] for name, wire in lines.items()}


def test_fsk_of_both_modems_and_both_message_forms(room: Room, wires: Callable[[], Wire]) -> None:
    full = mdmf((TIME, b"11221430"), (NUMBER, b"13800138000"), (NAME, b"ZHANG SAN"))
    heard = listen(room, wires, {
        "bell": caller_id(full, BELL_202),
        "v23": caller_id(full, V_23),
        "single": caller_id(sdmf(b"11221430", b"02112345678"), BELL_202),
        "noisy": caller_id(full, BELL_202) + noise(-40, len(caller_id(full)) / 8000),
        "chinese name": caller_id(mdmf((NUMBER, b"10086"), (NAME, "中国移动".encode("gb18030")))),
    })
    zhang = [("13800138000\tZHANG SAN", KNOWN)]
    assert heard == {
        "bell": zhang, "v23": zhang, "single": [("02112345678\t", KNOWN)], "noisy": zhang,
        "chinese name": [("10086\t中国移动", KNOWN)],
    }


def test_a_number_that_is_not_shown_is_told_as_such(room: Room, wires: Callable[[], Wire]) -> None:
    heard = listen(room, wires, {
        "withheld": caller_id(mdmf((TIME, b"11221430"), (ABSENT, b"P"))),
        "unavailable": caller_id(mdmf((TIME, b"11221430"), (ABSENT, b"O"))),
        "withheld in a single message": caller_id(sdmf(b"11221430", b"P")),
        "withheld by digits": dtmf("D1#"),
        "unavailable by digits": dtmf("B00C"),
    })
    assert heard == {
        "withheld": [("\t", WITHHELD)], "unavailable": [("\t", UNAVAILABLE)],
        "withheld in a single message": [("\t", WITHHELD)],
        "withheld by digits": [("\t", WITHHELD)], "unavailable by digits": [("\t", UNAVAILABLE)],
    }


def test_dtmf_in_each_form_a_network_uses(room: Room, wires: Callable[[], Wire]) -> None:
    forms = ["D{}C", "A{}C", "A{}#", "{}#", "A{}", "D{}", "{}", "A{}D10010C"]
    heard = listen(room, wires, {
        form: np.concatenate([silence(0.2), dtmf(form.format("13800138000"), on_ms=50, off_ms=50)]) for form in forms
    })
    assert heard == {form: [("13800138000\t", KNOWN)] for form in forms}


def test_what_is_no_caller_id_is_not_taken_for_one(room: Room, wires: Callable[[], Wire]) -> None:
    spoiled = bytearray(mdmf((NUMBER, b"13800138000")))
    spoiled[3] = 200  # a field longer than its message
    heard = listen(room, wires, {
        "wrong checksum": caller_id(mdmf((NUMBER, b"13800138000")), broken=True),
        "field beyond the message": caller_id(bytes(spoiled)),
        "another message": caller_id(bytes([0x82, 3, 0x0B, 1, 255])),  # message waiting
        "noise": noise(-20, 3),
        "tone": tone([2100], -10, 2),
        "one key": dtmf("5"),
        "an end code alone": dtmf("C"),
    })
    assert heard == {name: [] for name in heard}


def test_one_message_is_told_once_and_the_next_again(room: Room, wires: Callable[[], Wire]) -> None:
    calls = [caller_id(mdmf((NUMBER, number))) for number in (b"111111", b"222222")]
    heard = listen(room, wires, {"line": np.concatenate([calls[0], silence(2.5), calls[1]])})
    assert heard["line"] == [("111111\t", KNOWN), ("222222\t", KNOWN)]


def test_a_longest_number_and_name_fit(room: Room, wires: Callable[[], Wire]) -> None:
    long = caller_id(mdmf((NUMBER, b"9" * 60), (NAME, b"N" * 100)))
    ((value, known),) = listen(room, wires, {"line": long})["line"]
    assert (value, known) == ("9" * 40 + "\t" + "N" * 87, KNOWN)
