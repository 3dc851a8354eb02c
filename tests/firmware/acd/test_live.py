"""The figures of a queue as they are now and since midnight."""

from tests.fakes.floor import config, queue


def test_an_idle_queue_shows_its_agents_and_no_callers(floor):
    floor.login("201", "202")
    floor.do(floor.roster.not_ready, "202", "lunch")
    live = floor.queue()
    assert (live.waiting, live.longest_wait_s, live.agents, live.ready, live.not_ready) == (0, 0.0, 2, 1, 1)


def test_waiting_callers_and_the_longest_wait_are_shown(floor):
    floor.call(1)
    floor.wait(10)
    floor.call(2)
    floor.wait(5)
    live = floor.queue()
    assert live.waiting == 2
    assert 15 < live.longest_wait_s < 15.5


def test_each_agent_is_counted_in_the_state_they_are_in(floor):
    floor.login("201", "202", "203")
    floor.phone("201").answers_after(1)
    first = floor.call(1)
    floor.wait(3)
    floor.call(2)
    floor.wait(1)
    live = floor.queue()
    assert (live.talking, live.offered, live.ready, live.waiting) == (1, 1, 1, 1)
    first.hang_up()
    assert floor.queue().acw == 1


def test_an_agent_whose_telephone_is_not_there_is_logged_in_but_not_ready(floor):
    floor.login("201")
    floor.phone("201").unregistered()
    live = floor.queue()
    assert (live.agents, live.ready) == (1, 0)


def test_an_answer_counts_as_in_time_only_within_the_service_level(floor):
    floor.configure(config(queues=[queue(service_level_s=10, acw_s=0)]))
    for ringing_s in (5, 15):
        floor.phone("201").answers_after(ringing_s)
        if ringing_s == 5:
            floor.login("201")
        caller = floor.call()
        floor.wait(ringing_s + 2)
        caller.hang_up()
        floor.wait(1)
    live = floor.queue()
    assert (live.answered_today, live.answered_in_time_today) == (2, 1)


def test_a_new_day_begins_with_nothing(floor):
    floor.call().hang_up()
    assert floor.queue().abandoned_today == 1
    floor.wait(15 * 3600 - 10)
    assert floor.queue().abandoned_today == 1
    floor.wait(20)
    assert floor.queue().abandoned_today == 0
    floor.call().hang_up()
    assert floor.queue().abandoned_today == 1


def test_queues_are_listed_as_they_are_configured(floor):
    floor.configure(config(queues=[queue("sales"), queue("service", title="Kundendienst")]))
    assert [(status.name, status.title) for status in floor.live_queues.table()] == [
        ("sales", ""), ("service", "Kundendienst"),
    ]
