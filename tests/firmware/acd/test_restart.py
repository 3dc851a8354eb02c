"""The exchange is killed and started again: callers keep their place, agents their call, nobody is stuck."""

import pytest

from firmware.events import Kind
from tests.fakes.floor import config, queue


def restart(floor, after=1.0):
    """Kill the exchange, let time pass without one, start the next."""
    floor.kill()
    floor.loop.advance(after)
    floor.start()
    floor.wait(0.5)


def test_waiting_callers_keep_their_order_and_their_waiting_time(floor):
    first, second = floor.call(1), floor.call(2)
    floor.wait(10)
    restart(floor, after=5)
    assert floor.queue().waiting == 2
    assert 15 < floor.queue().longest_wait_s < 16
    floor.phone("201").answers_after(1)
    floor.login("201")
    floor.wait(2)
    assert first.hears_party(floor.phone("201").party)
    assert second.hears == "music"
    [(outcome, wait_s)] = floor.outcomes()
    assert outcome == "answered"
    assert 16 <= wait_s <= 18


def test_a_waiting_caller_is_counted_once_and_told_the_position_once(floor):
    caller = floor.call()
    floor.wait(10)
    restart(floor)
    floor.wait(3)
    assert len(floor.seen(Kind.QUEUE_ENTERED)) == 1
    assert floor.said(caller).count("next-in-line") == 1
    assert caller.hears == "music"


def test_the_longest_wait_counts_the_time_without_an_exchange(floor):
    floor.configure(config(queues=[queue(max_wait_s=60)]))
    floor.login("201")
    floor.do(floor.roster.not_ready, "201")
    floor.call()
    floor.wait(20)
    restart(floor, after=20)
    floor.wait(18)
    assert floor.outcomes() == []
    floor.wait(3)
    assert floor.outcomes() == [("timed_out", 60)]


def test_a_ringing_agent_goes_on_ringing_and_may_answer(floor):
    floor.login("201")
    caller = floor.call()
    floor.wait(3)
    restart(floor)
    assert floor.rings("201")
    assert len(floor.phone("201").parties) == 1
    assert floor.agent("201").state == "offered"
    floor.phone("201").answer()
    floor.wait(0.2)
    assert caller.hears_party(floor.phone("201").party)
    assert floor.agent("201").state == "talking"


def test_an_agent_who_answered_while_there_was_no_exchange_talks_with_the_caller(floor):
    floor.login("201")
    caller = floor.call()
    floor.wait(3)
    floor.kill()
    floor.phone("201").answer()
    floor.loop.advance(1)
    floor.start()
    floor.wait(0.5)
    assert caller.hears_party(floor.phone("201").party)
    assert floor.agent("201").state == "talking"
    assert [outcome for outcome, _ in floor.outcomes()] == ["answered"]


def test_an_agent_who_missed_the_call_while_there_was_no_exchange_is_not_ready(floor):
    floor.login("201", "202")
    floor.call()
    floor.wait(3)
    restart(floor, after=25)
    assert floor.states("201")[-1] == "not_ready(missed)"
    assert floor.rings("202")


def test_a_talk_goes_on_and_its_end_begins_after_call_work(floor):
    floor.login("201")
    floor.phone("201").answers_after(1)
    caller = floor.call()
    floor.wait(10)
    restart(floor)
    assert caller.hears_party(floor.phone("201").party)
    assert floor.agent("201").state == "talking"
    caller.hang_up()
    floor.wait(0.5)
    assert floor.agent("201").state == "acw"
    floor.wait(10)
    assert floor.agent("201").state == "ready"
    assert [outcome for outcome, _ in floor.outcomes()] == ["answered"]


@pytest.mark.parametrize("who", ["caller", "agent"])
def test_a_talk_that_ended_while_there_was_no_exchange_frees_the_agent(floor, who):
    floor.login("201")
    floor.phone("201").answers_after(1)
    caller = floor.call()
    floor.wait(10)
    floor.kill()
    (caller if who == "caller" else floor.phone("201")).hang_up()
    floor.loop.advance(1)
    floor.start()
    floor.wait(1)
    assert floor.agent("201").state == "acw"
    floor.wait(10.5)
    assert floor.agent("201").state == "ready"
    assert floor.live == []
    assert caller.state == "ended"


def test_a_caller_who_hung_up_while_there_was_no_exchange_frees_the_ringing_agent(floor):
    floor.login("201")
    caller = floor.call()
    floor.wait(3)
    floor.kill()
    caller.hang_up()
    floor.loop.advance(1)
    floor.start()
    floor.wait(1)
    assert floor.phone("201").state == "ended"
    assert floor.agent("201").state == "ready"
    assert floor.live == []


def test_after_call_work_lasts_no_longer_for_a_restart(floor):
    floor.login("201")
    floor.phone("201").answers_after(1)
    caller = floor.call()
    floor.wait(5)
    caller.hang_up()
    floor.wait(3)
    restart(floor, after=3)
    assert floor.agent("201").state == "acw"
    floor.wait(3)
    assert floor.agent("201").state == "acw"
    floor.wait(0.6)
    assert floor.agent("201").state == "ready"


def test_after_call_work_that_ended_meanwhile_is_over_at_once(floor):
    floor.login("201")
    floor.phone("201").answers_after(1)
    caller = floor.call()
    floor.wait(5)
    caller.hang_up()
    floor.wait(1)
    restart(floor, after=30)
    assert floor.agent("201").state == "ready"


def test_a_wish_made_in_a_call_is_granted_after_the_restart(floor):
    floor.login("201")
    floor.phone("201").answers_after(1)
    caller = floor.call()
    floor.wait(5)
    floor.do(floor.roster.not_ready, "201", "lunch")
    restart(floor)
    caller.hang_up()
    floor.wait(11)
    assert floor.states("201")[-1] == "not_ready(lunch)"


def test_states_that_persons_chose_are_as_they_were(floor):
    floor.login("201", "202", "203")
    floor.do(floor.roster.not_ready, "202", "lunch")
    floor.do(floor.roster.logout, "203")
    restart(floor)
    assert [str(floor.agent(number).state) for number in ("201", "202", "203", "204")] == [
        "ready", "not_ready", "logged_out", "logged_out",
    ]
    assert floor.agent("202").reason == "lunch"


def test_who_waited_longest_for_a_call_still_comes_first(floor):
    floor.login("202")
    floor.wait(5)
    floor.login("201")
    restart(floor)
    floor.call()
    floor.wait(0.5)
    assert floor.rings("202")
    assert floor.phone("201").state == "idle"


def test_all_who_rang_together_still_do_and_one_answer_silences_the_rest(floor):
    floor.configure(config(queues=[queue(strategy="ring_all")]))
    floor.login("201", "202", "203")
    caller = floor.call()
    floor.wait(2)
    restart(floor)
    assert [floor.rings(number) for number in ("201", "202", "203")] == [True] * 3
    floor.phone("203").answer()
    floor.wait(0.5)
    assert caller.hears_party(floor.phone("203").party)
    assert [floor.phone(number).state for number in ("201", "202")] == ["ended"] * 2
    assert [str(floor.agent(number).state) for number in ("201", "202")] == ["ready"] * 2


def test_todays_figures_are_still_there(floor):
    for line in (1, 2, 3):
        floor.call(line).hang_up()
    assert floor.queue().abandoned_today == 3
    restart(floor)
    assert floor.queue().abandoned_today == 3


INSTANTS = [0.001, 0.052, 0.1, 0.5, *(2.05 + step / 1000 for step in range(12)), 2.15, 3, 4.1]
INSTANTS += [4.15 + step / 1000 for step in range(16)] + [4.2, 5, 9]


@pytest.mark.parametrize("unwritten_s", [0, 0.002, 0.006])
@pytest.mark.parametrize("killed_at_s", INSTANTS)
def test_killed_at_any_instant_the_caller_gets_the_agent_and_all_is_free_at_the_end(floor, killed_at_s, unwritten_s):
    floor.configure(config(queues=[queue(record=True)]))
    floor.login("201")
    floor.phone("201").answers_after(2)
    floor.wait(1)
    floor.unwritten_s = unwritten_s
    caller = floor.gateway.incoming("line:1", "", "13800138000")
    floor.loop.advance(killed_at_s)
    floor.kill()
    floor.unwritten_s = 0
    floor.loop.advance(0.5)
    floor.start()
    floor.wait(10)
    assert caller.hears_party(floor.phone("201").party)
    assert floor.agent("201").state == "talking"
    assert len(floor.phone("201").parties) == 1
    caller.hang_up()
    floor.wait(12)
    assert floor.agent("201").state == "ready"
    assert floor.live == []
    assert floor.gateway.channels == {}
    assert [outcome for outcome, _ in floor.outcomes()] == ["answered"]
    assert len(floor.seen(Kind.QUEUE_ENTERED)) == 1


@pytest.mark.parametrize("killed_at_s", [*(step / 5 for step in range(26)), *(3.1 + step / 1000 for step in range(12))])
def test_killed_while_the_caller_gives_up_or_the_agent_misses_nobody_is_stuck(floor, killed_at_s):
    floor.configure(config(queues=[queue(ring_timeout_s=3)]))
    floor.login("201", "202")
    floor.wait(1)
    floor.unwritten_s = 0.004
    caller = floor.gateway.incoming("line:1", "", "13800138000")
    floor.loop.call_later(4, floor.gateway.party_hangs_up, caller.channel, 16)
    floor.loop.advance(killed_at_s)
    floor.kill()
    floor.unwritten_s = 0
    floor.loop.advance(0.3)
    floor.start()
    floor.wait(10)
    assert floor.live == []
    assert floor.gateway.channels == {}
    assert {str(floor.agent(number).state) for number in ("201", "202")} <= {"ready", "not_ready"}
    assert str(floor.agent("202").state) == "ready"
    assert len(floor.seen(Kind.CALL_ENDED)) == 1
