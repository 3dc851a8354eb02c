"""Whom the edge keeps out and turned away, as its own Kamailio remembers it: asked of the real one."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.link.messages import Banned, Guarded, Turned
from drivers.sip.edge.rpc import LISTED, Edge, EdgeError
from drivers.sip.guard import BANNED_S, Guard, look
from tests.drivers.sip.test_edge import register
from tests.peers.edge import RunningEdge, secret
from tests.peers.wire import Peer, digest

DESK, STRANGER, FLOODER = "127.0.1.20", "127.0.9.20", "127.0.9.21"


@pytest.fixture(scope="module")
def edge() -> Iterator[RunningEdge]:
    """An edge of one's own: what strangers did to another test's would be seen here."""
    with RunningEdge() as running:
        yield running


def born_of(edge: RunningEdge) -> str:
    try:
        return edge.rpc.born()
    except EdgeError:
        return ""


def turned_from(edge: RunningEdge, address: str) -> list[tuple[str, str, int]]:
    return [(one.number, one.why, one.count) for one in look(edge.rpc).turned if one.address == address]


def test_a_telephone_with_a_mistyped_password_is_known_by_extension_and_address_until_it_comes_in(
    edge: RunningEdge,
) -> None:
    before_s = time.time()
    with Peer(edge.server, DESK) as telephone, Peer(edge.server, DESK) as other:
        for _ in range(5):
            assert register(telephone, "203", "mistyped").status == 401
        assert register(other, "204", "mistyped").status == 401
        seen = look(edge.rpc)
        (first,) = [one for one in seen.turned if one.number == "203"]
        assert first == Turned(DESK, "203", "password", 5, first.first_s, first.last_s)
        assert int(before_s) <= first.first_s <= first.last_s <= time.time() + 1
        assert [one.address for one in seen.banned] == []  # five are no guessing
        assert register(telephone, "203").status == 200
        assert turned_from(edge, DESK) == [("204", "password", 1)]


def test_no_such_extension_and_another_name_are_told_apart_and_no_name_can_spoil_the_note(edge: RunningEdge) -> None:
    address = "127.0.1.21"
    with Peer(edge.server, address) as telephone:
        assert register(telephone, "205", to="206").status == 403
        assert register(telephone, "999", "any").status == 401
        assert sorted(turned_from(edge, address)) == [("205", "name", 1), ("999", "extension", 1)]
        for name in ("a b|c 9", "x" * 33, '"'):
            uri = f"sip:{telephone.server[0]}"
            call_id = f"odd-{time.monotonic_ns()}"
            telephone.send(telephone.request("REGISTER", uri, user="7", call_id=call_id))
            proof = digest(telephone.expect(401), "REGISTER", uri, name, "any")
            telephone.send(telephone.request("REGISTER", uri, user="7", call_id=call_id, cseq=2, more=proof))
            assert telephone.receive() is not None
            assert ("", "extension") in [(number, why) for number, why, _ in turned_from(edge, address)], name


def test_a_guesser_is_banned_for_five_minutes_one_note_for_all_it_tried_and_let_in_when_lifted(
    edge: RunningEdge,
) -> None:
    with Peer(edge.server, STRANGER) as stranger:
        for guess in range(11):
            assert register(stranger, str(300 + guess), "guess").status == 401
        with pytest.raises(AssertionError):
            register(stranger, "201")  # not listened to any more
        (ban,) = [one for one in look(edge.rpc).banned if one.address == STRANGER]
        assert ban == Banned(STRANGER, "passwords", ban.since_s, ban.since_s + BANNED_S)
        assert abs(time.time() - ban.since_s) < 60
        assert turned_from(edge, STRANGER) == [("310", "password", 11)]
        assert edge.rpc.lift(STRANGER)
        assert not edge.rpc.lift(STRANGER)
        assert STRANGER not in [one.address for one in look(edge.rpc).banned]
        assert register(stranger, "201", "guess").status == 401  # one more is no reason to ban it again
        assert register(stranger, "201", secret("201")).status == 200
        assert turned_from(edge, STRANGER) == []


def test_a_flood_is_told_as_long_as_it_lasts(edge: RunningEdge) -> None:
    with Peer(edge.server, FLOODER) as flooder:
        for number in range(200):
            flooder.send(flooder.request("OPTIONS", f"sip:{flooder.server[0]}", user="9", call_id=f"flood-{number}"))
        deadline = time.monotonic() + 5
        while not (found := [one for one in look(edge.rpc).banned if one.address == FLOODER]):
            assert time.monotonic() < deadline
        assert (found[0].why, found[0].since_s) == ("flood", 0.0)
        assert time.time() < found[0].until_s < time.time() + 60


def test_more_notes_than_an_answer_holds_are_said_and_the_longest_that_fit_are_told() -> None:
    with RunningEdge() as edge:
        longest = f"password 99999 1764200000 1764200000 {'x' * 32}"
        for number in range(LISTED):
            edge.rpc.call("htable.sets", "refused", f"2001:db8:1111:2222:3333:4444:5555:{number}|{number:08}", longest)
        seen = look(edge.rpc)
        assert (len(seen.turned), seen.more) == (LISTED, False)
        edge.rpc.call("htable.sets", "refused", "192.0.2.1", longest)
        seen = look(edge.rpc)
        assert (len(seen.turned), seen.more) == (0, True)


def test_who_is_kept_out_stays_so_when_the_edge_is_killed_and_who_was_let_in_does_not_come_back(
    edge: RunningEdge,
) -> None:
    guard, guesser, lifted, over = Guard(edge.rpc), "127.0.9.30", "127.0.9.31", "127.0.9.32"
    for address in (guesser, lifted):
        with Peer(edge.server, address) as stranger:
            for guess in range(11):
                register(stranger, str(300 + guess), "guess")
    edge.rpc.call("htable.setxi", "banned", over, int(time.time() - BANNED_S), 30)  # as one whose time is up
    asyncio.run(guard.look())
    assert guard.seen is not None
    (before,) = [one for one in guard.seen.banned if one.address == guesser]
    assert asyncio.run(guard.lift(lifted))
    born = edge.rpc.born()
    edge.kill()
    edge.start()  # what a killed one leaves behind answers until this has ended it
    deadline = time.monotonic() + 15
    while born_of(edge) in (born, ""):
        assert time.monotonic() < deadline
    assert look(edge.rpc).banned == ()  # it remembers nobody by itself
    asyncio.run(guard.look())
    assert guard.seen.banned == (before,)
    with Peer(edge.server, guesser) as stranger, pytest.raises(AssertionError):
        register(stranger, "201")
    assert edge.rpc.lift(guesser)
    asyncio.run(guard.look())
    assert guard.seen.banned == ()  # the same life: nobody is put back


def test_an_edge_that_does_not_answer_keeps_nobody_waiting_and_tells_nothing(tmp_path: Path) -> None:
    guard = Guard(Edge(tmp_path))
    guard.seen = Guarded()
    asyncio.run(guard.look())
    assert guard.seen is None
