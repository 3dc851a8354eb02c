"""The exchange killed at any instant of a day: no call, no event and no record is lost, and the gap is marked.

A short form runs always. BUSYHOUR_KILLS=200 (or =all: every turn of the loop) tries so many instants.
"""

import os
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from firmware.events import Kind
from firmware.records.cdr import Cdr
from tests.fakes.box import Box
from tests.fakes.day import AGENTS, LENGTH_S, Day, day_config

KILLS = os.environ.get("BUSYHOUR_KILLS", "40")
LATE_S = 0.3  # what a restart may cost beside the time nobody was there
AGAIN_S = 2.0  # a prompt that was being said is said again from its beginning


class Outcome(NamedTuple):
    """All that a day leaves."""

    records: dict[tuple[str, str], Cdr]
    agents: dict[str, tuple[str, str]]
    offered: list[str]
    ended: list[str]
    left: list[Any]


def a_day(home: Path, kill_at_turns: Sequence[int] = (), dead_s: float = 0.0, **how: bool) -> Outcome:
    """Live through the day, the exchange killed after these turns of the loop and started again after `dead_s`."""
    box = Box(home, day_config())
    try:
        box.login(*AGENTS)
        box.wait(box.journal.committed())
        begin_s, begin_turns = box.loop.time(), box.loop.turns
        Day(box)
        for turn in kill_at_turns:
            while box.loop.turns - begin_turns < turn:
                box.loop.run_turns(turn - (box.loop.turns - begin_turns))
            box.kill(**how)
            if dead_s:
                box.clock.advance(dead_s)
            box.start()
        box.clock.advance(begin_s + LENGTH_S + 20 - box.loop.time())
        return outcome(box)
    finally:
        box.close()


def outcome(box: Box) -> Outcome:
    calls = box.calls
    events = [event for cdr in calls for event in box.record(cdr.call_id).events]
    return Outcome(
        {(cdr.number, cdr.did): cdr for cdr in calls},
        {agent.number: (agent.state, agent.reason) for agent in box.roster.agents.values()},
        sorted(event.call for event in events if event.kind is Kind.CALL_OFFERED),
        sorted(event.call for event in events if event.kind is Kind.CALL_ENDED),
        [*box.gateway.channels.values(), *box.live, *box.gateway.events],
    )


@pytest.fixture(scope="module")
def unkilled(tmp_path_factory):
    return a_day(tmp_path_factory.mktemp("unkilled"))


def turns_of_a_day(home: Path) -> int:
    box = Box(home, day_config())
    try:
        box.login(*AGENTS)
        box.wait(box.journal.committed())
        begin = box.loop.turns
        Day(box)
        box.clock.advance(LENGTH_S)
        return box.loop.turns - begin
    finally:
        box.close()


def instants(total: int) -> list[int]:
    if KILLS == "all":
        return list(range(1, total))
    return sorted(random.Random(7).sample(range(1, total), int(KILLS)))


def assert_same_day(day: Outcome, unkilled: Outcome, dead_s: float) -> None:
    assert day.left == []
    assert day.offered == day.ended == unkilled.offered
    assert day.agents == unkilled.agents
    assert day.records.keys() == unkilled.records.keys()
    for key, cdr in day.records.items():
        assert_same_record(cdr, unkilled.records[key], dead_s)


def assert_same_record(cdr: Cdr, whole: Cdr, dead_s: float) -> None:
    def told(record: Cdr) -> tuple[Any, ...]:
        return (
            record.direction, record.source, record.did, record.number, record.e164, record.outcome, record.cause,
            record.by, record.queue, record.agent, len(record.recordings),
            sorted((segment.kind, segment.who) for segment in record.segments),
        )

    assert told(cdr) == told(whole)
    # A call without a gap may differ too: one before it kept an agent longer
    assert cdr.started_s == pytest.approx(whole.started_s, abs=0.01)
    assert cdr.duration_s == pytest.approx(whole.duration_s, abs=dead_s + LATE_S + AGAIN_S)
    for name in ("wait_s", "talk_s", "hold_s"):
        assert getattr(cdr, name) == pytest.approx(getattr(whole, name), abs=dead_s + LATE_S), name


def test_the_exchange_may_be_killed_at_any_instant_of_the_day(tmp_path, unkilled):
    total = turns_of_a_day(tmp_path / "count")
    wrong = []
    turns = instants(total)
    for turn in turns:
        chance = random.Random(turn)
        dead_s = chance.choice([0.0, 0.4, 1.5])
        how = {"last_words": chance.random() < 0.5, "lost_orders": chance.random() < 0.5}
        try:
            day = a_day(tmp_path / str(turn), [turn], dead_s, **how)
            assert_same_day(day, unkilled, dead_s)
        except AssertionError as error:
            wrong.append(f"killed after turn {turn}, dead for {dead_s} s, {how}: {error}")
    assert not wrong, f"{len(wrong)} of {len(turns)}\n" + "\n\n".join(wrong[:5])


def test_the_exchange_may_be_killed_again_and_again(tmp_path, unkilled):
    """Ten times in a day, also while it has only begun to find its calls again."""
    for seed in range(3):
        chance = random.Random(seed)
        turns = sorted(chance.sample(range(1, 1000), 8))
        turns += [turns[4] + 1, turns[4] + 2]
        day = a_day(tmp_path / str(seed), sorted(turns), 0.1, last_words=chance.random() < 0.5)
        assert_same_day(day, unkilled, 2.0)
