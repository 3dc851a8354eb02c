"""The machine's clock set while things go on: nothing became longer or shorter by that, on record or to be seen."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from firmware.events import AlarmName, Event, Kind, alarm_data
from firmware.records import schema
from firmware.records.cdr import Cdr
from firmware.users.by import By
from tests.examples import examples
from tests.fakes.box import Box
from tests.fakes.day import AGENTS, LENGTH_S, Day, day_config

HOUR_S = 3600.0
Step = tuple[float, float]  # at this second of the day, by so many seconds


def set_clock(box: Box, step_s: float) -> None:
    """Set the machine's clock, and let the exchange see it."""
    box.do(box.exchange.follow, box.clock.wall_s() + step_s)


def a_day(home: Path, steps: Sequence[Step] = ()) -> tuple[list[Cdr], list[tuple[Any, ...]]]:
    """Live through a day while the clock is set, and return its calls and its agents' states, both as on record."""
    box = Box(home, day_config())
    try:
        box.login(*AGENTS)
        Day(box)
        for at_s, step_s in steps:
            box.loop.call_later(at_s, lambda step_s=step_s: box.exchange.follow(box.clock.wall_s() + step_s))
        box.clock.advance(LENGTH_S + 20)
        table = schema.agent_states
        question = select(table.c.agent, table.c.state, table.c.since_s, table.c.until_s).order_by(table.c.id)
        states = box.wait(box.exchange.records.reader.ask(lambda one: one.execute(question).all()))
        return sorted(box.calls, key=lambda cdr: cdr.call_id), [tuple(row) for row in states]
    finally:
        box.close()


def told(cdr: Cdr) -> list[Any]:
    """Return what a record says beside times."""
    segments = sorted((one.kind, one.who, one.leg) for one in cdr.segments)
    recordings = len(cdr.recordings)
    return [cdr.call_id, cdr.outcome, cdr.by, cdr.cause, cdr.queue, cdr.agent, cdr.gap, recordings, segments]


def lengths(cdr: Cdr) -> list[float]:
    """Return all of a record's times in which no clock has a say."""
    segments = sorted(cdr.segments, key=lambda one: (one.kind, one.who, one.leg, one.since_s))
    return [
        (cdr.answered_s or cdr.started_s) - cdr.started_s, cdr.ended_s - cdr.started_s, cdr.duration_s, cdr.wait_s,
        cdr.talk_s, cdr.hold_s, *(one.duration_s for one in segments),
        *(one.since_s - cdr.started_s for one in segments if one.kind != "acw"),  # which may begin after another step
    ]


@pytest.fixture(scope="module")
def usual(tmp_path_factory):
    return a_day(tmp_path_factory.mktemp("usual"))


STEPS = st.lists(
    st.tuples(st.floats(0.0, LENGTH_S + 10), st.floats(-2 * HOUR_S, 2 * HOUR_S).filter(lambda step: abs(step) > 1.1)),
    min_size=1, max_size=4,
)


@settings(
    max_examples=examples(5), deadline=None, phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=STEPS)
def test_a_day_on_which_the_clock_is_set_leaves_the_same_lengths(usual, tmp_path_factory, steps):
    calls, states = a_day(tmp_path_factory.mktemp("set"), steps)
    assert len(calls) == len(usual[0]) > 10
    for cdr, whole in zip(calls, usual[0], strict=True):
        assert told(cdr) == told(whole)
        assert lengths(cdr) == pytest.approx(lengths(whole), abs=0.001)
    for (agent, state, since_s, until_s), (*then, began_s, ended_s) in zip(states, usual[1], strict=True):
        assert [agent, state] == then
        if ended_s is not None:
            assert until_s - since_s == pytest.approx(ended_s - began_s, abs=0.001)


def test_what_goes_on_is_told_by_the_clock_as_it_is_now(box):
    caller = box.line(1).ring("13800138000")
    box.clock.advance(10)
    set_clock(box, HOUR_S)
    began_s = box.clock.wall_s() - 10.1
    assert box.live[0].started_s == pytest.approx(began_s, abs=0.1)
    assert box.exchange.queues.table()[0].longest_wait_s == pytest.approx(10, abs=0.2)
    caller.hang_up()
    (cdr,) = box.calls
    assert (cdr.outcome, cdr.started_s) == ("abandoned", pytest.approx(began_s, abs=0.1))
    assert (cdr.wait_s, cdr.duration_s) == (pytest.approx(10.05, abs=0.1), pytest.approx(10.05, abs=0.1))
    times = [event.at_s for event in box.record(cdr.call_id).events]
    assert times == sorted(times)


def test_a_recording_begins_in_its_talk(box):
    box.login("201")
    box.phone("201").answers_after(1)
    caller = box.line(1).ring("13800138000")
    box.clock.advance(20)
    set_clock(box, -HOUR_S)
    box.clock.advance(5)
    caller.hang_up()
    (cdr,) = box.calls
    (recording,) = box.record(cdr.call_id).recordings
    (talk,) = [segment for segment in cdr.segments if segment.kind == "talk"]
    assert recording.started_s == pytest.approx(talk.since_s, abs=0.1)
    assert recording.duration_s == pytest.approx(talk.duration_s, abs=0.1)


@pytest.mark.parametrize("step_s", [HOUR_S, -HOUR_S])
def test_a_clock_set_while_there_is_no_exchange_is_found_out_by_the_calls_that_live_on(box, step_s):
    box.login("201")
    box.phone("201").answers_after(1)
    caller = box.line(1).ring("13800138000")
    box.clock.advance(20)
    box.kill()
    box.clock.offset_s += step_s
    box.clock.advance(2)
    box.start()
    box.clock.advance(8)
    caller.hang_up()
    (cdr,) = box.calls
    assert (cdr.outcome, cdr.gap) == ("answered", "exchange")
    assert cdr.duration_s == pytest.approx(30.1, abs=0.3)
    assert cdr.talk_s == pytest.approx(27, abs=0.5)
    assert cdr.gap_s == pytest.approx(19, abs=0.5)  # nothing had been written since the talk began
    assert cdr.ended_s == pytest.approx(box.clock.wall_s(), abs=0.3)


def test_a_clock_put_right_little_by_little_changes_no_length_when_the_exchange_is_killed(box):
    caller = box.line(1).ring("13800138000")
    box.clock.advance(10)
    box.kill()
    box.clock.offset_s += 0.8
    box.start()
    box.clock.advance(10)
    caller.hang_up()
    (cdr,) = box.calls
    assert cdr.wait_s == pytest.approx(20.05, abs=0.15)
    assert box.seen(Kind.CLOCK_SET) == []


def test_an_alarm_lasts_as_long_as_it_did(box):
    def alarm(raised: bool) -> Event:
        data = alarm_data(AlarmName.QUEUE_WAIT, "service", raised=raised)
        return Event(box.clock.wall_s(), Kind.ALARM, data=data)

    box.do(box.bus.publish, alarm(True))
    box.clock.advance(30)
    box.do(box.exchange.alarms.acknowledge, AlarmName.QUEUE_WAIT, "service", "anna")
    box.clock.advance(30)
    set_clock(box, HOUR_S)
    (raised,) = box.exchange.alarms.table()
    assert box.clock.wall_s() - raised.since_s == pytest.approx(60, abs=0.3)
    box.clock.advance(1)
    box.restart()
    (raised,) = box.exchange.alarms.table()
    assert box.clock.wall_s() - raised.since_s == pytest.approx(61, abs=0.5)
    box.do(box.bus.publish, alarm(False))
    table = schema.alarm_history
    (row,) = box.wait(box.exchange.records.reader.ask(lambda one: one.execute(select(table)).all()))
    assert row.over_s - row.raised_s == pytest.approx(61, abs=0.5)
    assert row.acknowledged_s - row.raised_s == pytest.approx(30, abs=0.3)


def test_nobody_is_signed_out_by_it_and_after_a_restart_neither(box):
    by = By("test", "192.0.2.7")
    user, password = box.wait(box.users.add("anna", "viewer", "en", "", by))
    token, _ = box.wait(box.users.sign_in("anna", password, "192.0.2.7"))
    before = box.users.sessions.resume(token, used=False)
    set_clock(box, 24 * HOUR_S)
    box.clock.advance(120)
    assert box.users.sessions.resume(token, used=False).opened_s == pytest.approx(before.opened_s + 24 * HOUR_S)
    box.restart()
    assert box.do(lambda: box.users.sessions.resume(token, used=True)).user == user.name


def test_minutes_outside_are_counted_as_they_pass(box):
    for line in (1, 2, 3, 4):
        box.line(line).far_end.answers_after(1)
    caller = box.phone("201").calls("988881234")
    box.clock.advance(61)
    set_clock(box, HOUR_S)
    (whole,) = [one for one in box.exchange.limits.table() if one.name == "box"]
    assert whole.minutes == pytest.approx(1.0, abs=0.1)
    box.restart()
    box.clock.advance(60)
    caller.hang_up()
    (whole,) = [one for one in box.exchange.limits.table() if one.name == "box"]
    assert whole.minutes == pytest.approx(2.0, abs=0.1)
