"""What QSIG sends where messages wait for an extension of a PBX (ECMA-242), read by OpenSSL's decoder."""

import re
import subprocess

import pytest

from native.isdn import Cleared, Freed, PriError
from tests.native.pri.pair import Pair

FACILITY_NOT_IMPLEMENTED = 69
SETUP, CONNECT, RELEASE, RELEASE_COMPLETE, DISCONNECT = 0x05, 0x07, 0x4D, 0x5A, 0x45


@pytest.fixture
def pair() -> Pair:
    return Pair("qsig")


def messages(pair: Pair) -> list[bytes]:
    """Return the messages of Q.931 that the box has sent and that have not arrived yet."""
    return [frame[4:-2] for frame in pair.network.frames if not frame[2] & 1]


def kind(message: bytes) -> int:
    return message[2 + message[1]]


def elements(message: bytes) -> dict[int, bytes]:
    """Return the elements of a message by their codes; none of these messages has one of one octet."""
    found, rest = {}, message[3 + message[1] :]
    while rest:
        found[rest[0]], rest = rest[2 : 2 + rest[1]], rest[2 + rest[1] :]
    return found


def parsed(data: bytes) -> list[tuple[str, bytes]]:
    """Return tag and contents of each part of BER, outer ones first, as OpenSSL reads them."""
    done = subprocess.run(["openssl", "asn1parse", "-inform", "DER"], input=data, capture_output=True, check=True)
    lines = re.findall(r"(\d+):d=\d+ +hl=(\d+) l= *(\d+) \w+: (cont \[ \d+ \]|\w+)", done.stdout.decode())
    return [(tag, data[int(at) + int(head) :][: int(length)]) for at, head, length, tag in lines]


@pytest.mark.parametrize(("waiting", "operation"), [(True, 80), (False, 81)])
def test_the_far_end_is_asked_to_show_it_by_a_call_without_a_channel(pair: Pair, waiting: bool, operation: int) -> None:
    pair.network.dchannel.show_waiting("345", waiting)
    (setup,) = messages(pair)
    assert kind(setup) == SETUP
    found = elements(setup)
    assert found[0x04][0] & 0x1F == 0x08            # unrestricted digital: no speech (Q.931 §4.5.5)
    assert found[0x18] == b"\xac"                   # no B-channel (§4.5.13)
    assert found[0x70][1:] == b"345"
    facility = found[0x1C]
    assert facility[0] == 0x9F                      # networking extensions (ECMA-165)
    end = 2 + facility[2]
    assert [tag for tag, _ in parsed(facility[1 : 1 + end])] == ["cont [ 10 ]", "cont [ 0 ]", "cont [ 2 ]"]
    assert facility[1 + end : 4 + end] == b"\x8b\x01\x00"   # whoever knows it not may pass it over
    component = parsed(facility[4 + end :])
    (tag, _), (invoke, _), (local, code), (argument, _), (number, served), (basic, service) = component
    assert (tag, invoke, local, argument) == ("cont [ 1 ]", "INTEGER", "INTEGER", "SEQUENCE")
    assert (int.from_bytes(code), number, served) == (operation, "cont [ 0 ]", b"345")  # unknownPartyNumber
    assert (basic, service) == ("ENUMERATED", b"\x01")      # speech


def test_a_far_end_that_knows_it_not_refuses_and_both_forget_the_call(pair: Pair) -> None:
    number = pair.network.dchannel.show_waiting("345", True)
    pair.settle()
    assert pair.network.events == [Cleared(number, FACILITY_NOT_IMPLEMENTED), Freed(number)]
    assert (pair.network.dchannel.calls, pair.user.dchannel.calls, pair.user.events) == ({}, {}, [])


def test_a_far_end_that_answers_first_is_let_go(pair: Pair) -> None:
    """A PBX may say that it is done in CONNECT, and leave the end to us (ECMA-165 §7.3)."""
    number = pair.network.dchannel.show_waiting("345", True)
    (setup,) = pair.network.frames
    pair.network.frames.clear()
    pair.user.dchannel.receive(setup)
    (released,) = [frame for frame in pair.user.frames if not frame[2] & 1]
    place = 6 + (released[5] & 15)
    connected = released[:place] + bytes([CONNECT]) + released[-2:]
    pair.user.frames.clear()
    pair.network.dchannel.receive(connected)
    sent = [kind(message) for message in messages(pair)]
    assert sent[-1] in (DISCONNECT, RELEASE), sent
    pair.settle()
    pair.live(60)
    assert Freed(number) in pair.network.events
    assert pair.network.dchannel.calls == {}


def test_without_an_answer_it_is_over_after_a_while(pair: Pair) -> None:
    number = pair.network.dchannel.show_waiting("345", True)
    pair.network.frames.clear()
    pair.cut = True
    pair.live(120)
    assert Freed(number) in pair.network.events
    assert pair.network.dchannel.calls == {}


def test_what_cannot_be_told_is_refused(pair: Pair) -> None:
    for number in ("", "3a5", "3" * 64):
        with pytest.raises(PriError):
            pair.network.dchannel.show_waiting(number, True)
    with pytest.raises(PriError, match="QSIG alone"):
        Pair("euroisdn").network.dchannel.show_waiting("345", True)
    pair.cut = True
    pair.live(60)
    with pytest.raises(PriError, match="down"):
        pair.network.dchannel.show_waiting("345", True)
    assert pair.network.dchannel.calls == {}
