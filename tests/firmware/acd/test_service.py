"""A caller is served: waits, is brought together with an agent, talks, and everybody is free again."""

from firmware.events import Kind
from tests.fakes.floor import config, queue


def test_a_caller_talks_with_the_agent_who_answers(floor):
    floor.login("201")
    caller = floor.call()
    floor.wait(3)
    assert floor.rings("201")
    floor.phone("201").answer()
    assert caller.hears_party(floor.phone("201").party)
    assert floor.outcomes() == [("answered", 3)]
    assert floor.agent("201").state == "talking"


def test_when_the_caller_hangs_up_the_agent_is_released_and_has_after_call_work_then_is_ready(floor):
    floor.login("201")
    floor.phone("201").answers_after(2)
    caller = floor.call()
    floor.wait(30)
    caller.hang_up()
    assert floor.phone("201").state == "ended"
    assert floor.agent("201").state == "acw"
    floor.wait(9)
    assert floor.agent("201").state == "acw"
    floor.wait(1.1)
    assert floor.agent("201").state == "ready"
    assert floor.live == []


def test_when_the_agent_hangs_up_first_the_caller_is_released_too(floor):
    floor.login("201")
    floor.phone("201").answers_after(2)
    caller = floor.call()
    floor.wait(10)
    floor.phone("201").hang_up()
    floor.wait(0.1)
    assert (caller.state, caller.cause) == ("ended", 16)
    assert floor.seen(Kind.CALL_ENDED)[0].data["by"] == "agent"
    assert floor.agent("201").state == "acw"


def test_without_after_call_work_an_agent_is_ready_as_soon_as_the_talk_is_over(floor):
    floor.configure(config(queues=[queue(acw_s=0)]))
    floor.login("201")
    floor.phone("201").answers_after(1)
    caller = floor.call()
    floor.wait(10)
    assert floor.agent("201").state == "talking"
    caller.hang_up()
    assert floor.agent("201").state == "ready"


def test_the_caller_hears_music_until_an_agent_answers(floor):
    floor.login("201")
    caller = floor.call()
    floor.wait(10)
    assert caller.hears == "music"
    floor.phone("201").answer()
    assert "music" not in caller.hears


def test_no_more_than_one_call_record_is_left_and_each_leg_ends_once(floor):
    floor.login("201")
    floor.phone("201").answers_after(1)
    caller = floor.call()
    floor.wait(5)
    caller.hang_up()
    floor.wait(20)
    assert len(floor.seen(Kind.CALL_ENDED)) == 1
    assert len(floor.seen(Kind.LEG_ENDED)) == 2
    assert [event.data["queue"] for event in floor.seen(Kind.QUEUE_ENTERED)] == ["service"]


def test_the_next_caller_gets_the_agent_when_after_call_work_is_over(floor):
    floor.login("201")
    floor.phone("201").answers_after(1)
    first = floor.call(1)
    floor.wait(5)
    second = floor.call(2)
    floor.wait(5)
    first.hang_up()
    floor.wait(9)
    assert second.hears == "music"
    floor.wait(3)
    assert second.hears_party(floor.phone("201").party)


def test_an_agent_is_shown_the_callers_number(floor):
    floor.login("201")
    floor.call(number="13912345678")
    floor.wait(1)
    assert floor.phone("201").party.channel.caller_number == "13912345678"


def test_two_callers_and_one_agent_the_one_who_came_first_is_served_first(floor):
    first, second = floor.call(1), floor.call(2)
    floor.wait(5)
    floor.phone("201").answers_after(1)
    floor.login("201")
    floor.wait(2)
    assert first.hears_party(floor.phone("201").party)
    assert second.hears == "music"


def test_two_callers_in_the_same_instant_never_get_one_agent(floor):
    floor.login("201")
    floor.gateway.incoming("line:1", "", "1")
    floor.gateway.incoming("line:2", "", "2")
    floor.wait(1)
    assert len(floor.phone("201").parties) == 1
    assert floor.queue().waiting == 2


def test_an_agent_of_two_queues_is_rung_by_the_caller_who_waited_longest_in_either(floor):
    floor.configure(config(
        queues=[queue(), queue("sales")],
        routes=[{"name": "sales", "source": "line:2", "to": "queue:sales"}, {"name": "all", "to": "queue:service"}],
    ))
    in_sales = floor.call(2)
    floor.wait(3)
    in_service = floor.call(1)
    floor.wait(3)
    floor.phone("201").answers_after(1)
    floor.login("201")
    floor.wait(3)
    assert in_sales.hears_party(floor.phone("201").party)
    assert len(floor.phone("201").parties) == 1
    assert in_service.hears == "music"


def test_a_caller_who_was_not_told_hears_the_recording_notice_before_any_agent_is_rung(floor):
    floor.configure(config(queues=[queue(record=True)]))
    floor.login("201")
    caller = floor.call()
    floor.wait(1)
    assert caller.hears == "recording-notice"
    assert floor.phone("201").state == "idle"
    floor.wait(2)
    assert floor.rings("201")


def test_the_recording_begins_when_the_agent_answers_and_ends_with_the_call(floor):
    floor.configure(config(queues=[queue(record=True)]))
    floor.login("201")
    floor.phone("201").answers_after(5)
    caller = floor.call()
    floor.wait(6)
    assert floor.seen(Kind.RECORDING_STARTED) == []
    floor.wait(14)
    caller.hang_up()
    floor.wait(0.2)
    assert floor.seen(Kind.RECORDING_STARTED)[0].leg == "1"
    assert 12 < floor.seen(Kind.RECORDING_ENDED)[0].data["duration_s"] < 13.5


def test_a_queue_that_does_not_record_leaves_no_recording(floor):
    floor.login("201")
    floor.phone("201").answers_after(1)
    caller = floor.call()
    floor.wait(10)
    assert caller.hears_party(floor.phone("201").party)
    caller.hang_up()
    assert floor.seen(Kind.RECORDING_STARTED) == []
    assert "recording-notice" not in floor.said(caller)


def test_an_agent_who_transfers_the_caller_is_free_while_the_caller_goes_on(floor):
    floor.configure(config(queues=[queue(record=True)]))
    floor.login("201")
    floor.phone("201").answers_after(1)
    floor.phone("204").answers_after(1)
    caller = floor.call()
    floor.wait(10)
    floor.phone("201").transfer("204")
    floor.wait(2)
    assert caller.hears_party(floor.phone("204").party)
    assert floor.agent("201").state == "acw"
    assert floor.phone("201").state == "ended"
    caller.hang_up()
    floor.wait(0.2)
    assert len(floor.seen(Kind.RECORDING_STARTED)) == 1    # one recording follows the caller through the transfer


def test_an_agent_who_transfers_to_nobody_keeps_the_caller(floor):
    floor.login("201")
    floor.phone("201").answers_after(1)
    caller = floor.call()
    floor.wait(5)
    floor.phone("201").transfer("777")
    floor.wait(1)
    assert caller.hears_party(floor.phone("201").party)
