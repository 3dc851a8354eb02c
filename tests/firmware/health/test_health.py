"""What is wrong with the box is told within a minute, once, and is over by itself when it is well again."""

import pytest

from firmware.alarms import Severity
from firmware.events import Kind
from tests.fakes.machine import GIB, PROGRAMS

MINUTE_S, HOUR_S = 60, 3600


def raised(box):
    return [(alarm.name, alarm.subject) for alarm in box.exchange.alarms.table()]


def told(box, name):
    """Return each change of an alarm so far: raised or over."""
    return [event.data["raised"] for event in box.seen(Kind.ALARM) if event.data["name"] == name]


def test_a_healthy_box_has_no_alarms(box):
    box.clock.advance(48 * HOUR_S)
    assert raised(box) == []


# ---- programs


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("state", ["down", "failed"])
def test_a_program_that_does_not_run_is_told_and_over_when_it_has_run_for_a_while(box, name, state):
    box.machine.program(name, state)
    box.clock.advance(MINUTE_S / 6)
    assert raised(box) == [("program-lost", name)]
    box.machine.program(name, "up")
    box.clock.advance(MINUTE_S)
    assert raised(box) == []


def test_a_program_that_died_and_is_back_at_once_is_told_for_a_minute(box):
    box.machine.program("web", "up", died=True)
    box.clock.advance(6)
    assert raised(box) == [("program-lost", "web")]
    box.clock.advance(45)
    assert raised(box) == [("program-lost", "web")]
    box.clock.advance(30)
    assert raised(box) == []


def test_a_program_that_dies_again_and_again_is_one_alarm(box):
    for _ in range(10):
        box.machine.program("web", "up", died=True)
        box.clock.advance(30)
    assert told(box, "program-lost") == [True]


def test_a_program_that_was_told_to_start_again_is_no_alarm(box):
    box.machine.program("web", "ending")
    box.clock.advance(10)
    box.machine.program("web", "starting")
    box.clock.advance(15)
    box.machine.program("web", "up")
    box.clock.advance(HOUR_S)
    assert told(box, "program-lost") == []


def test_a_program_that_starts_and_never_answers_is_told(box):
    box.machine.program("edge", "starting")
    box.clock.advance(MINUTE_S)
    assert raised(box) == [("program-lost", "edge")]


def test_a_gateway_that_is_away_is_told_and_one_that_was_only_restarted_is_not(box):
    box.lose_gateway(after_s=3)
    box.clock.advance(MINUTE_S)
    assert told(box, "gateway-lost") == []
    box.gateway = box.gateway.die()
    box.gateway.accepts = False
    box.clock.advance(MINUTE_S)
    assert raised(box) == [("gateway-lost", "gateway")]
    assert box.exchange.alarms.table()[0].severity is Severity.CRITICAL
    box.gateway.accepts = True
    box.clock.advance(15)
    assert raised(box) == []


# ---- disk


def test_a_disk_with_little_room_is_told_until_there_is_clearly_more(box):
    box.machine.free_bytes = 4 * GIB  # 5 % of 100 should be free
    box.clock.advance(MINUTE_S)
    assert raised(box) == [("disk-space", "disk")]
    box.machine.free_bytes = int(5.2 * GIB)
    box.clock.advance(MINUTE_S)
    assert raised(box) == [("disk-space", "disk")]
    box.machine.free_bytes = 6 * GIB
    box.clock.advance(MINUTE_S)
    assert raised(box) == []
    box.machine.free_bytes = int(5.2 * GIB)
    box.clock.advance(MINUTE_S)
    assert told(box, "disk-space") == [True, False]


def test_how_much_must_be_free_is_a_setting(watched):
    box = watched(alarms={"disk_free_percent": 40})
    box.machine.free_bytes = 30 * GIB
    box.clock.advance(10)
    assert raised(box) == [("disk-space", "disk")]


def test_a_disk_that_fills_within_days_is_told_before_it_is_full(box):
    for _ in range(8):
        box.clock.advance(HOUR_S)
        box.machine.free_bytes -= 2 * GIB  # full in 21 hours
    box.clock.advance(MINUTE_S)
    assert raised(box) == [("disk-filling", "disk")]
    box.machine.free_bytes = 60 * GIB
    box.clock.advance(MINUTE_S)
    assert raised(box) == []


def test_a_disk_that_fills_in_a_month_is_not_told(box):
    for _ in range(24):
        box.clock.advance(HOUR_S)
        box.machine.free_bytes -= GIB // 20
    assert raised(box) == []


def test_a_disk_that_has_become_read_only_is_told(box):
    box.machine.read_only = True
    box.clock.advance(MINUTE_S)
    assert raised(box) == [("disk-read-only", "disk")]
    box.machine.read_only = False
    box.clock.advance(MINUTE_S)
    assert raised(box) == []


# ---- clock


@pytest.mark.parametrize("step_s", [-HOUR_S, 8, HOUR_S])
def test_a_clock_that_jumps_is_told_for_ten_minutes(box, step_s):
    box.machine.set_by_s = step_s
    box.clock.advance(MINUTE_S)
    (alarm,) = box.exchange.alarms.table()
    assert (alarm.name, alarm.detail) == ("clock-jumped", f"by {step_s:+d} s")
    box.clock.advance(10 * MINUTE_S)
    assert raised(box) == []


def test_a_clock_that_is_moved_gently_is_not_told(box):
    for _ in range(100):
        box.machine.set_by_s += 0.5
        box.clock.advance(10)
    assert told(box, "clock-jumped") == []


def test_a_clock_that_no_server_sets_is_told_after_a_day(box):
    box.machine.synchronised = False
    box.clock.advance(23 * HOUR_S)
    assert raised(box) == []
    box.clock.advance(HOUR_S + MINUTE_S)
    assert raised(box) == [("clock-unsynchronised", "clock")]
    box.machine.synchronised = True
    box.clock.advance(2 * MINUTE_S)
    assert raised(box) == []


def test_a_machine_that_does_not_know_whether_its_clock_is_set_is_believed(box):
    box.machine.synchronised = None
    box.clock.advance(48 * HOUR_S)
    assert raised(box) == []


def test_a_clock_that_shows_a_time_before_this_release_is_told(watched):
    box = watched()
    box.machine.set_by_s = -box.clock.wall_s()
    box.clock.advance(MINUTE_S)
    assert ("clock-impossible", "clock") in raised(box)
    box.machine.set_by_s = 0
    box.clock.advance(MINUTE_S)
    assert ("clock-impossible", "clock") not in raised(box)


# ---- media and queues


def tick(box, seconds, **fields):
    """Let the gateway count: each second 50 ticks, and what is given."""
    for _ in range(seconds // 3):
        for name, more in {"ticks": 150, **fields}.items():
            box.counters[name] = box.counters.get(name, 0.0) + more
        box.gateway.tell_stats(dict(box.counters))
        box.clock.advance(3)


@pytest.mark.parametrize("wrong", [{"late_ticks": 15}, {"dropped_ticks": 2}, {"recorder_overruns": 1}])
def test_a_media_core_that_comes_late_is_told_until_it_has_been_calm(box, wrong):
    box.counters = {}
    tick(box, 120)
    assert raised(box) == []
    tick(box, 60, **wrong)
    assert raised(box) == [("media-late", "gateway")]
    tick(box, 120)
    assert raised(box) == [("media-late", "gateway")]
    tick(box, 300)
    assert raised(box) == []


def test_a_late_tick_now_and_then_is_not_told(box):
    box.counters = {}
    tick(box, 600, late_ticks=1)
    assert told(box, "media-late") == []


def test_a_caller_who_waits_too_long_is_told_where_that_is_wanted(watched):
    box = watched(alarms={"queue_wait_s": 120})
    box.login("201")
    box.do(box.roster.not_ready, "201", "break")
    caller = box.line(1).ring(caller_id="13800138000")
    box.clock.advance(110)
    assert raised(box) == []
    box.clock.advance(20)
    assert raised(box) == [("queue-wait", "service")]
    caller.hang_up()
    box.clock.advance(10)
    assert raised(box) == []


# ---- the watch itself


def test_a_look_that_fails_does_not_end_the_watch(box):
    box.machine.broken = RuntimeError("the disk answers nothing")
    box.clock.advance(MINUTE_S)
    box.machine.broken = None
    box.machine.read_only = True
    box.clock.advance(MINUTE_S)
    assert raised(box) == [("disk-read-only", "disk")]


def test_an_alarm_outlives_the_exchange_and_is_over_after_it(box):
    box.machine.read_only = True
    box.clock.advance(MINUTE_S)
    since_s = box.exchange.alarms.table()[0].since_s
    box.restart(after_s=30)
    box.clock.advance(MINUTE_S)
    assert [(alarm.name, alarm.since_s) for alarm in box.exchange.alarms.table()] == [("disk-read-only", since_s)]
    box.machine.read_only = False
    box.restart()
    box.clock.advance(MINUTE_S)
    assert raised(box) == []
    assert told(box, "disk-read-only") == [True, False]


def test_an_alarm_of_what_is_no_longer_there_is_over(box):
    box.machine.program("office", "down")
    box.clock.advance(MINUTE_S)
    del box.machine.programs["office"]  # this release has none
    box.clock.advance(MINUTE_S)
    assert raised(box) == []
