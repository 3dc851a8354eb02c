"""What a caller hears in a queue, and how the waiting ends without an agent."""

import pytest

from firmware.events import Kind
from tests.fakes.floor import config, queue


def test_the_position_is_said_on_entry_and_again_every_so_often(floor):
    floor.configure(config(queues=[queue(announce_every_s=30)]))
    floor.login("201")
    floor.do(floor.roster.not_ready, "201", "break")
    floor.call(1)
    caller = floor.call(2)
    floor.wait(20)
    position = ["position-before", "number-2", "position-after"]
    assert [sound for sound in floor.said(caller) if sound != "music"] == position
    assert caller.hears == "music"
    floor.wait(30)
    assert [sound for sound in floor.said(caller) if sound != "music"] == position * 2


def test_whoever_comes_to_the_front_is_told_to_be_next(floor):
    floor.configure(config(queues=[queue(announce_every_s=20)]))
    first, second = floor.call(1), floor.call(2)
    floor.wait(10)
    first.hang_up()
    floor.wait(20)
    assert "next-in-line" in floor.said(second)


def test_without_an_interval_the_position_is_said_once(floor):
    floor.configure(config(queues=[queue(announce_every_s=0, max_wait_s=1000)]))
    floor.login("201")
    floor.do(floor.roster.not_ready, "201", "break")
    caller = floor.call()
    floor.wait(300)
    assert floor.said(caller).count("next-in-line") == 1


def test_the_position_is_said_in_the_callers_language(floor):
    floor.configure(config(
        flows=[{"name": "main", "keys": {"2": {"to": "queue:service", "language": "en"}}}],
        routes=[{"name": "all", "to": "flow:main"}],
    ))
    caller = floor.call()
    caller.press("2")
    floor.wait(1)
    assert "/en/next-in-line" in caller.channel.playing.sounds[0].path


def test_a_caller_who_hangs_up_while_waiting_is_abandoned(floor):
    caller = floor.call()
    floor.wait(12)
    caller.hang_up()
    assert floor.outcomes() == [("abandoned", 12)]
    assert floor.queue().waiting == 0
    assert floor.queue().abandoned_today == 1


def test_a_caller_who_hangs_up_while_an_agent_rings_is_abandoned_and_the_agent_keeps_the_turn(floor):
    floor.login("201")
    floor.wait(1)
    floor.login("202")
    caller = floor.call(1)
    floor.wait(5)
    caller.hang_up()
    floor.wait(0.5)
    assert floor.phone("201").state == "ended"
    assert floor.states("201") == ["ready", "offered", "ready"]
    assert floor.outcomes() == [("abandoned", 5)]
    floor.call(2)
    floor.wait(0.5)
    assert floor.rings("201")


def test_the_longest_wait_leads_to_the_overflow(floor):
    floor.configure(config(
        queues=[queue(max_wait_s=40, overflow="extension:204")],
        extensions=[{"number": "201"}, {"number": "204"}],
        agents=[{"number": "201", "extension": "201"}],
    ))
    floor.login("201")
    floor.do(floor.roster.not_ready, "201")
    floor.phone("204").answers_after(1)
    caller = floor.call()
    floor.wait(39)
    assert caller.hears == "music"
    floor.wait(3)
    assert floor.outcomes() == [("timed_out", 40)]
    assert caller.hears_party(floor.phone("204").party)


def test_after_the_longest_wait_whoever_rings_already_may_still_answer_but_nobody_new_is_rung(floor):
    floor.configure(config(queues=[queue(max_wait_s=30, ring_timeout_s=20)]))
    floor.login("201", "202")
    floor.phone("202").answers_after(15)
    caller = floor.call()
    floor.wait(38)
    assert caller.hears_party(floor.phone("202").party)
    assert floor.outcomes() == [("answered", 35)]


def test_when_the_last_telephone_is_not_answered_after_the_longest_wait_the_caller_overflows(floor):
    floor.configure(config(queues=[queue(max_wait_s=30, ring_timeout_s=20)]))
    floor.login("201", "202", "203")
    caller = floor.call()
    floor.wait(45)
    assert floor.outcomes() == [("timed_out", 40)]
    assert floor.phone("203").state == "idle"
    assert caller.state == "ended"


def test_a_caller_whose_overflow_is_hung_up_is_told_why_first(floor):
    floor.configure(config(queues=[queue(max_wait_s=30)]))
    floor.login("201")
    floor.do(floor.roster.not_ready, "201")
    caller = floor.call()
    floor.wait(35)
    assert floor.said(caller)[-1] == "waited-too-long"
    assert caller.state == "ended"


def test_a_full_queue_sends_the_next_caller_to_the_overflow_at_once(floor):
    floor.configure(config(
        queues=[queue(max_waiting=2, overflow="queue:second"), queue("second")],
    ))
    floor.call(1)
    floor.call(2)
    caller = floor.call(3)
    floor.wait(1)
    assert (floor.queue().waiting, floor.queue("second").waiting) == (2, 1)
    assert floor.outcomes() == [("overflowed", 0)]
    assert caller.state == "answered"


def test_a_line_that_finds_the_queue_full_hears_so(floor):
    floor.configure(config(queues=[queue(max_waiting=1)]))
    floor.call(1)
    caller = floor.call(2)
    floor.wait(4)
    assert floor.said(caller) == ["queue-full"]
    assert caller.state == "ended"


def test_a_trunk_that_finds_the_queue_full_is_told_busy_without_an_answer(floor):
    floor.configure(config(queues=[queue(max_waiting=1)], trunks=[{"name": "carrier", "host": "10.0.0.1"}]))
    floor.call(1)
    caller = floor.call_by_trunk("carrier", "88886666")
    floor.wait(1)
    assert (caller.state, caller.cause) == ("ended", 17)
    assert floor.said(caller) == []


def test_callers_wait_a_minute_for_somebody_to_log_in_and_then_overflow(floor):
    caller = floor.call()
    floor.wait(59)
    assert caller.hears == "music"
    floor.wait(1.5)
    assert floor.outcomes() == [("overflowed", 60)]
    floor.wait(3)
    assert floor.said(caller)[-1] == "no-agents"
    assert caller.state == "ended"


def test_a_caller_who_waited_for_nobody_stays_when_somebody_logs_in_even_if_not_ready(floor):
    caller = floor.call()
    floor.wait(50)
    floor.login("201")
    floor.do(floor.roster.not_ready, "201", "break")
    floor.wait(100)
    assert caller.state == "answered"


def test_the_minute_begins_anew_when_the_last_agent_logs_out(floor):
    floor.login("201")
    floor.do(floor.roster.not_ready, "201", "break")
    caller = floor.call()
    floor.wait(100)
    floor.do(floor.roster.logout, "201")
    floor.wait(50)
    assert caller.state == "answered"
    floor.wait(11)
    assert [outcome for outcome, _ in floor.outcomes()] == ["overflowed"]


def test_callers_of_a_queue_that_is_taken_away_go_to_its_overflow(floor):
    floor.configure(config(queues=[queue(overflow="queue:second"), queue("second")]))
    floor.call(1)
    caller = floor.call(2)
    floor.wait(5)
    floor.configure(config(queues=[queue("second")], routes=[{"name": "all", "to": "queue:second"}]))
    floor.wait(1)
    assert floor.outcomes() == [("overflowed", 5), ("overflowed", 5)]
    assert floor.queue("second").waiting == 2
    assert caller.hears in ("music", "next-in-line", "position-before")


def test_a_queue_taken_away_while_an_agent_rings_releases_the_agent(floor):
    floor.configure(config(queues=[queue(), queue("second")]))
    floor.login("201")
    floor.call()
    floor.wait(3)
    floor.configure(config(queues=[queue("second", agents=["202"])], routes=[{"name": "all", "to": "queue:second"}]))
    floor.wait(0.5)
    assert floor.phone("201").state == "ended"
    assert floor.agent("201").state == "ready"


def test_an_agent_added_to_the_queue_while_a_caller_waits_is_rung(floor):
    floor.configure(config(queues=[queue(agents=["201"])]))
    floor.login("201", "202")
    floor.do(floor.roster.not_ready, "201")
    floor.call()
    floor.wait(5)
    assert floor.phone("202").state == "idle"
    floor.configure(config(queues=[queue(agents=["201", "202"])]))
    floor.wait(0.5)
    assert floor.rings("202")


def test_each_wait_is_counted_once_whatever_its_end(floor):
    floor.configure(config(queues=[queue(max_waiting=2, max_wait_s=30)]))
    floor.login("201")
    floor.phone("201").answers_after(1)
    answered, abandoned = floor.call(1), floor.call(2)
    floor.wait(5)
    abandoned.hang_up()
    floor.call(3)
    floor.wait(1)
    floor.call(4)
    floor.call(2)
    floor.wait(40)
    answered.hang_up()
    live = floor.queue()
    assert live.entered_today == 5
    assert (live.answered_today, live.abandoned_today, live.timed_out_today, live.overflowed_today) == (1, 1, 2, 1)
    assert len(floor.seen(Kind.QUEUE_ENTERED)) == len(floor.seen(Kind.QUEUE_LEFT)) == 5


@pytest.mark.parametrize(("position", "expected"), [(1, 1), (3, 3)])
def test_the_position_on_entry_is_in_the_journal(floor, position, expected):
    for line in range(1, position + 1):
        floor.call(line)
    assert floor.seen(Kind.QUEUE_ENTERED)[-1].data["position"] == expected
