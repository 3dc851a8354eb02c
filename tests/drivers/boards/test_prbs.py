"""The pattern is the recommendation's, and what comes back is counted bit by bit, however it comes back."""

import random
from itertools import groupby

import pytest

from drivers.boards import prbs
from drivers.boards.prbs import PERIOD, Comparison, octets, place_of

BLOCK = 160
MOST = 1 << 20


def bits(block: bytes) -> str:
    return "".join(f"{octet:08b}" for octet in block)


def heard(*parts: bytes) -> Comparison:
    """Return what is found of a stream in blocks of 20 ms."""
    one, stream = Comparison(MOST), b"".join(parts)
    for at in range(0, len(stream), BLOCK):
        one.take(stream[at : at + BLOCK])
    return one


def flipped(block: bytes, *places: int) -> bytes:
    number = int.from_bytes(block)
    for place in places:
        number ^= 1 << place
    return number.to_bytes(len(block))


def test_the_pattern_is_that_of_o_150_inverted():
    once = bits(octets(0, PERIOD))
    assert once == once[:PERIOD] * 8
    sent = [int(bit) ^ 1 for bit in once[:PERIOD]]
    assert all(sent[n] == sent[n - 14] ^ sent[n - 15] for n in range(15, PERIOD))
    assert max(len(list(run)) for bit, run in groupby(once[:PERIOD]) if bit == "0") == 15
    assert len({once[n : n + 15] for n in range(PERIOD)}) == PERIOD


@pytest.mark.parametrize("place", [0, 1, 4711, PERIOD - 1])
def test_a_block_tells_its_place_with_some_bits_wrong_too(place: int):
    block = octets(place, BLOCK)
    assert place_of(block) == place
    assert place_of(flipped(block, *range(3, BLOCK * 8, 40))) == place


def test_what_is_not_the_pattern_has_no_place():
    chance = random.Random(7)
    for block in (bytes(BLOCK), b"\xff" * BLOCK, b"\xd5" * BLOCK, b"", b"\x54"):
        assert place_of(block) == -1
    assert all(place_of(chance.randbytes(BLOCK)) == -1 for _ in range(2000))


def test_errors_are_counted_exactly_and_by_their_seconds():
    stream = octets(99, 4 * prbs.SECOND)
    found = heard(flipped(stream, 0, 1, 2, 8 * prbs.SECOND * 3 + 100))  # counted from the end
    assert (found.bits, found.errors, len(found.errored)) == (4 * 64000, 4, 2)
    assert (found.losses, found.slips) == (0, 0)


def test_a_stream_that_begins_with_something_other_is_counted_from_where_the_pattern_begins():
    found = heard(b"\xd5" * BLOCK * 3, octets(5, BLOCK * 10))
    assert (found.begun, found.other, found.bits, found.errors) == (True, BLOCK * 3, BLOCK * 80, 0)


@pytest.mark.parametrize("by", [1, -1, 160])
def test_a_slip_is_told_from_errors(by: int):
    found = heard(octets(0, BLOCK * 10 + 60), octets(BLOCK * 10 + 60 + by, BLOCK * 9 + 100))
    assert (found.slips, found.losses, found.errors, len(found.errored)) == (1, 0, 0, 1)
    assert found.bits == BLOCK * 8 * 19


def test_a_pattern_that_goes_and_comes_again_is_a_loss():
    found = heard(octets(0, BLOCK * 10), bytes(BLOCK * 5), octets(9, BLOCK * 10))
    assert (found.losses, found.errors, found.bits) == (1, 0, BLOCK * 8 * 20)


def test_no_more_is_looked_at_than_is_wanted():
    found = Comparison(BLOCK + 10)
    for at in range(3):
        found.take(octets(at * BLOCK, BLOCK))
    assert (found.over, found.bits) == (True, (BLOCK + 10) * 8)


def test_what_an_earlier_test_left_under_way_counts_for_nothing():
    found = Comparison(MOST, skip=BLOCK * 4)
    stream = octets(700, BLOCK * 3 + 50) + octets(0, BLOCK * 6 + 110)
    for at in range(0, len(stream), BLOCK):
        found.take(stream[at : at + BLOCK])
    assert (found.begun, found.slips, found.errors, found.bits) == (True, 0, 0, BLOCK * 6 * 8)


def test_nothing_is_lost_where_the_box_was_late_and_the_wire_kept_all():
    found = Comparison(MOST)
    found.take(octets(0, BLOCK))
    found.lose()
    found.take(octets(BLOCK, BLOCK))
    assert (found.bits, found.losses) == (BLOCK * 16, 0)
