"""Time that a test makes pass, and the wall clock that follows it."""

import asyncio
import threading

import pytest

from firmware.clock import Clock, VirtualLoop


@pytest.fixture
def loop():
    loop = VirtualLoop()
    yield loop
    loop.close()


def test_a_day_of_sleeping_passes_at_once(loop):
    async def a_day():
        for _ in range(24):
            await asyncio.sleep(3600)

    loop.run_until_complete(a_day())
    assert loop.time() == pytest.approx(86400)


def test_things_happen_in_the_order_of_their_times(loop):
    happened = []
    for second in (3, 1, 2):
        loop.call_later(second, happened.append, second)
    loop.advance(2.5)
    assert happened == [1, 2]
    loop.advance(1)
    assert happened == [1, 2, 3]


def test_advancing_stops_exactly_there(loop):
    loop.advance(1.25)
    assert loop.time() == pytest.approx(1.25)


def test_two_runs_are_alike_turn_by_turn():
    def run():
        loop = VirtualLoop()
        happened = []
        for number in range(50):
            loop.call_later(number * 0.37 % 5, lambda number=number: happened.append((number, loop.time())))
        loop.advance(6)
        turns = loop.turns
        loop.close()
        return happened, turns

    assert run() == run()


def test_it_can_be_stopped_after_any_turn_and_go_on(loop):
    happened = []
    for second in range(5):
        loop.call_later(second + 1, happened.append, second)
    seen = []
    while len(happened) < 5:
        loop.run_turns(1)
        seen.append(len(happened))
    assert set(seen) >= {1, 2, 3, 4, 5}
    assert happened == [0, 1, 2, 3, 4]


def test_a_step_does_what_is_ready_and_lets_no_time_pass(loop):
    happened = []
    loop.call_soon(happened.append, "now")
    loop.call_later(0.001, happened.append, "later")
    loop.step()
    assert (happened, loop.time()) == (["now"], 0.0)


def test_another_threads_word_is_heard_when_nothing_else_is_left_to_happen(loop):
    async def asks():
        future = loop.create_future()
        threading.Timer(0.05, lambda: loop.call_soon_threadsafe(future.set_result, "done")).start()
        return await future

    assert loop.run_until_complete(asks()) == "done"


def test_the_wall_shows_loop_time_plus_its_offset_in_the_boxs_zone(loop):
    clock = Clock(loop, "Asia/Shanghai", offset_s=1_772_413_200.0)
    assert clock.now().isoformat() == "2026-03-02T09:00:00+08:00"
    loop.advance(3661)
    assert clock.now().isoformat() == "2026-03-02T10:01:01+08:00"
    assert clock.wall_s() == pytest.approx(1_772_413_200.0 + 3661)
    clock.move_to("Europe/Berlin")
    assert clock.now().isoformat() == "2026-03-02T03:01:01+01:00"


def test_a_wall_clock_that_was_set_is_followed_and_a_tremor_is_not(loop):
    clock = Clock(loop, offset_s=1000.0)
    assert clock.follow(1000.4) == 0.0
    assert clock.wall_s() == 1000.0
    assert clock.follow(5000.0) == 4000.0
    assert clock.wall_s() == 5000.0
    assert clock.follow(4000.0) == -1000.0
    assert clock.wall_s() == 4000.0
