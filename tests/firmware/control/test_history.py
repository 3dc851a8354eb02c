"""The last events: numbered, kept for a while, and a gap told where some are missing."""

import pytest

from firmware.control.history import History
from firmware.events import Event, Kind
from tests.firmware.control.test_server import Peer, opened


def happened(history, count):
    return [history.take(Event(float(number), Kind.DIGIT, f"k-{number}")).id for number in range(count)]


def test_who_was_away_gets_what_came_meanwhile_and_nothing_twice():
    history = History()
    ids = happened(history, 10)
    missed, gap = history.after(ids[6])
    assert ([event.call for event in missed], gap) == (["k-7", "k-8", "k-9"], False)
    assert history.after(ids[-1]) == ([], False)
    assert history.newest == ids[-1]


def test_what_is_not_kept_any_more_is_a_gap():
    history = History(kept=4)
    ids = happened(history, 10)
    missed, gap = history.after(ids[2])
    assert ([event.call for event in missed], gap) == (["k-6", "k-7", "k-8", "k-9"], True)
    assert history.after(ids[5]) == (missed, False)


@pytest.mark.parametrize(
    "stranger", ["", "17", "-3", "abc-1", "x-y", "{run}-11", "{run}-١", "{run}--1", "{run}-" + "9" * 30]
)
def test_after_an_event_of_another_exchange_or_of_none_comes_all_that_is_kept_and_a_gap(stranger):
    history = History()
    ids = happened(history, 10)
    missed, gap = history.after(stranger.format(run=ids[0].rpartition("-")[0]))
    assert (len(missed), gap) == (10, True)


async def test_a_client_that_comes_back_is_told_what_it_missed_with_the_answer():
    async with opened() as door:
        peer = await Peer.of(door)
        begun = (await peer.ask("subscribe", topics=["events"]))["result"]
        assert (begun["missed"], begun["gap"]) == ([], False)
        door.bus.publish(Event(1.0, Kind.CALL_ANSWERED, "k-1"))
        first = (await peer.hear())["data"]["id"]
        door.bus.publish(Event(2.0, Kind.CALL_ENDED, "k-1"))
        again = await Peer.of(door)
        told = (await again.ask("subscribe", topics=["events"], after=first))["result"]
        assert [(event["kind"], event["call"]) for event in told["missed"]] == [("call.ended", "k-1")]
        assert (told["missed"][-1]["id"], told["gap"]) == (told["newest"], False)
