"""A user asks a network to join two of its calls (EN 300 369-1): what both are told, and what may come in between."""

import itertools

import pytest

from native.isdn import Cleared, Down, Freed, JoinAsked, Joined, NotJoined, PriError
from native.rose import Component, components, message
from tests.native.pri.pair import Pair


@pytest.fixture
def pair() -> Pair:
    return Pair()


def forwarded(pair: Pair) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return a call that came to the user, and one that goes out again: of each the user's number, the network's."""
    came, at_user = pair.talk(pair.network, pair.user, channel=1)
    goes, at_network = pair.talk(pair.user, pair.network, channel=31)
    return (at_user, came), (goes, at_network)


def asked(pair: Pair, first: int, second: int) -> JoinAsked:
    """Return what the network is told when the user asks."""
    pair.user.dchannel.join(first, second)
    pair.settle()
    found = pair.network.one(JoinAsked)
    assert isinstance(found, JoinAsked)
    return found


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["the one that came first", "the one that goes first"])
def test_the_network_joins_both_and_clears_them(pair: Pair, order: tuple[int, int]) -> None:
    both = forwarded(pair)
    first, second = both[order[0]], both[order[1]]
    join = asked(pair, first[0], second[0])
    assert {join.call, join.other} == {first[1], second[1]}
    pair.live(1)
    assert not pair.user.events + pair.network.events
    pair.network.dchannel.answer_join(join, granted=True)
    pair.settle()
    assert pair.user.events[0] == Joined(first[0], second[0])
    assert {(event.call, event.cause) for event in pair.user.of(Cleared)} == {(first[0], 16), (second[0], 16)}
    for end, numbers in ((pair.user, (first[0], second[0])), (pair.network, (first[1], second[1]))):
        assert {event.call for event in end.of(Freed)} == set(numbers)
        assert end.dchannel.calls == {}
    assert not pair.user.of(NotJoined)


def test_two_that_came_are_joined_too(pair: Pair) -> None:
    numbers = [pair.talk(pair.network, pair.user, channel=channel)[1] for channel in (1, 2)]
    pair.network.dchannel.answer_join(asked(pair, *numbers), granted=True)
    pair.settle()
    assert pair.user.one(Joined) == Joined(*numbers)


def test_a_refusal_leaves_both_as_they_were(pair: Pair) -> None:
    (first, _), (second, _) = forwarded(pair)
    for _ in range(3):
        pair.network.dchannel.answer_join(asked(pair, first, second), granted=False)
        pair.settle()
        assert pair.user.events == [NotJoined(first, second, "refused")]
        pair.user.events = []
    pair.live(600)
    assert not pair.user.events + pair.network.events
    assert set(pair.user.dchannel.calls) == {first, second}


def test_a_network_that_says_nothing_has_ten_seconds(pair: Pair) -> None:
    (first, _), (second, _) = forwarded(pair)
    join = asked(pair, first, second)
    pair.live(9.9)
    assert not pair.user.events
    pair.live(0.2)
    assert pair.user.events == [NotJoined(first, second, "timeout")]
    pair.user.events = []
    with pytest.raises(PriError, match="cannot be joined now"):
        pair.user.dchannel.join(second, first)      # it may still be
    pair.network.dchannel.answer_join(join, granted=True)
    pair.settle()
    assert pair.user.events[0] == Joined(first, second)


def test_a_late_refusal_is_told_once(pair: Pair) -> None:
    (first, _), (second, _) = forwarded(pair)
    join = asked(pair, first, second)
    pair.live(11)
    assert pair.user.one(NotJoined).why == "timeout"
    pair.network.dchannel.answer_join(join, granted=False)
    pair.settle()
    assert not pair.user.events
    assert asked(pair, first, second).call


@pytest.mark.parametrize("which", [0, 1], ids=["the first", "the second"])
@pytest.mark.parametrize("side", ["user", "network"])
def test_a_party_that_hangs_up_before_the_answer_ends_it(pair: Pair, which: int, side: str) -> None:
    both = forwarded(pair)
    join = asked(pair, both[0][0], both[1][0])
    end = getattr(pair, side)
    end.dchannel.hang_up(both[which][side == "network"], 16)
    pair.settle()
    assert pair.user.of(NotJoined) == [NotJoined(both[0][0], both[1][0], "gone")]
    if join.call in pair.network.dchannel.calls:
        pair.network.dchannel.answer_join(join, granted=False)
        pair.settle()
    assert set(pair.user.dchannel.calls) == {both[1 - which][0]}
    assert not pair.user.of(Joined)


def test_the_link_of_a_call_that_is_gone_joins_no_other(pair: Pair) -> None:
    """Its answer would be for whatever call has its place in libpri by then."""
    (first, _), (second, at_network) = forwarded(pair)
    pair.user.dchannel.join(first, second)
    held, pair.user.frames[:] = list(pair.user.frames), []
    for frame in held:
        pair.network.dchannel.receive(frame)
    answers, pair.network.frames[:] = list(pair.network.frames), []
    pair.user.dchannel.hang_up(second, 16)
    pair.user.frames.clear()
    for frame in answers:
        pair.user.dchannel.receive(frame)
    said = [message(frame[4:-2]) for frame in pair.user.frames if not frame[2] & 1]
    assert not [one for one in said if one and one.components]
    pair.live(20)
    assert not pair.network.of(JoinAsked)
    assert pair.user.one(NotJoined) == NotJoined(first, second, "gone")
    assert at_network not in pair.network.dchannel.calls


def test_a_lost_dchannel_leaves_the_talks_alone(pair: Pair) -> None:
    (first, _), (second, _) = forwarded(pair)
    pair.cut = True
    pair.user.dchannel.join(first, second)
    pair.live(60)
    assert pair.user.of(NotJoined) == [NotJoined(first, second, "timeout")]
    assert pair.user.of(Down)
    assert set(pair.user.dchannel.calls) == {first, second}
    pair.cut = False
    pair.live(20)
    assert not pair.network.of(JoinAsked)       # nothing of it is kept for later
    assert asked(pair, first, second).call


def test_what_cannot_be_joined_says_so(pair: Pair) -> None:
    (first, _), (second, _) = forwarded(pair)
    with pytest.raises(PriError, match="cannot be joined now"):
        pair.user.dchannel.join(first, first)
    with pytest.raises(PriError, match="no call 99"):
        pair.user.dchannel.join(first, 99)
    pair.user.dchannel.join(first, second)
    with pytest.raises(PriError, match="cannot be joined now"):
        pair.user.dchannel.join(first, second)
    qsig = Pair("qsig")
    one, other = (qsig.talk(qsig.network, qsig.user, channel=channel)[1] for channel in (1, 2))
    with pytest.raises(PriError, match="qsig has no explicit call transfer"):
        qsig.user.dchannel.join(one, other)


def test_calls_with_the_same_value_of_reference_are_told_apart(pair: Pair) -> None:
    """Each side counts by itself: the other's call of the same value is another (Q.931 §4.3)."""
    (first, _), (second, _) = forwarded(pair)
    third, at_network = pair.talk(pair.user, pair.network, channel=5)
    join = asked(pair, first, second)
    pair.network.dchannel.hang_up(at_network, 17)
    pair.settle()
    assert pair.user.one(Cleared) == Cleared(third, 17)
    pair.network.dchannel.answer_join(join, granted=True)
    pair.settle()
    assert pair.user.one(Joined) == Joined(first, second)


def test_components_are_read_as_the_standard_writes_them() -> None:
    link = bytes.fromhex("1c0e91a10b0201010606040082710104")
    assert components(link) == (Component("invoke", 1, "ect:4"),)
    assert components(bytes.fromhex("08028190" + "1c0691a203020102")) == (
        Component("result", 2),
    )
    assert components(bytes.fromhex("1c0991a306020102020103")) == (Component("error", 2, "3"),)
    assert components(bytes.fromhex("1c0991a406020105810100"))[0].kind == "reject"
    for size in range(len(link)):   # cut anywhere: nothing, and no error
        assert components(link[:size]) == ()


def test_garbled_components_are_passed_over() -> None:
    seeds = itertools.product(range(256), range(3, 16))
    raw = bytearray.fromhex("1c0e91a10b0201010606040082710104")
    for value, place in seeds:
        garbled = bytes(raw[:place]) + bytes((value,)) + bytes(raw[place + 1 :])
        assert len(components(garbled)) <= 2
