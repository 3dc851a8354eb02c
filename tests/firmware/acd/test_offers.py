"""What becomes of an agent's ringing telephone: missed, refused, taken back, answered too late."""

import pytest

from drivers.link.causes import CALL_REJECTED, DESTINATION_OUT_OF_ORDER, USER_BUSY
from tests.fakes.floor import EXTENSIONS, config, queue


def test_an_agent_who_does_not_answer_is_not_ready_and_the_next_is_rung(floor):
    floor.login("201", "202")
    caller = floor.call()
    floor.wait(19.9)
    assert floor.rings("201")
    assert floor.phone("202").state == "idle"
    floor.wait(0.5)
    assert floor.phone("201").state == "ended"
    assert floor.states("201")[-1] == "not_ready(missed)"
    assert floor.rings("202")
    floor.phone("202").answer()
    assert caller.hears_party(floor.phone("202").party)


@pytest.mark.parametrize("cause", [CALL_REJECTED, USER_BUSY])
def test_an_agent_who_refuses_is_not_ready_and_the_next_is_rung_at_once(floor, cause):
    floor.phone("201").refuses(cause)
    floor.login("201", "202")
    floor.call()
    floor.wait(1)
    assert floor.states("201")[-1] == "not_ready(refused)"
    assert floor.rings("202")


def test_a_telephone_that_fails_is_not_the_agents_fault_and_is_not_rung_again(floor):
    floor.phone("201").refuses(DESTINATION_OUT_OF_ORDER)
    floor.login("201", "202")
    floor.call()
    floor.wait(30)
    assert floor.states("201")[-1] == "not_ready(unreachable)"
    assert len(floor.phone("201").parties) == 1


def test_a_caller_keeps_place_and_waiting_time_when_an_agent_misses_the_call(floor):
    first = floor.call(1)
    floor.login("201")
    floor.wait(5)
    floor.call(2)
    floor.wait(20)
    floor.phone("202").answers_after(1)
    floor.login("202")
    floor.wait(2)
    assert first.hears_party(floor.phone("202").party)
    [(outcome, wait_s)] = floor.outcomes()
    assert outcome == "answered"
    assert 26 <= wait_s <= 28


def test_when_all_have_missed_the_call_the_caller_waits_and_gets_the_first_who_is_ready_again(floor):
    floor.login("201")
    caller = floor.call()
    floor.wait(25)
    assert caller.hears == "music"
    floor.phone("201").answers_after(1)
    floor.do(floor.roster.ready, "201")
    floor.wait(2)
    assert caller.hears_party(floor.phone("201").party)


def test_an_agent_whose_telephone_is_not_registered_is_skipped_and_stays_ready(floor):
    floor.phone("201").unregistered()
    floor.login("201", "202")
    floor.call()
    floor.wait(1)
    assert floor.phone("201").parties == []
    assert floor.agent("201").state == "ready"
    assert floor.rings("202")


def test_a_waiting_caller_gets_the_agent_whose_telephone_registers(floor):
    floor.phone("201").unregistered()
    floor.login("201")
    floor.call()
    floor.wait(5)
    floor.phone("201").registers()
    floor.wait(0.5)
    assert floor.rings("201")


def test_an_agent_who_logs_out_while_the_telephone_rings_is_rung_no_longer_and_the_next_is(floor):
    floor.login("201", "202")
    floor.call()
    floor.wait(3)
    floor.do(floor.roster.logout, "201")
    floor.wait(0.2)
    assert floor.phone("201").state == "ended"
    assert floor.rings("202")
    assert floor.states("201")[-1] == "logged_out"


def test_an_agent_who_is_not_ready_while_the_telephone_rings_is_rung_no_longer(floor):
    floor.login("201", "202")
    floor.call()
    floor.wait(3)
    floor.do(floor.roster.not_ready, "201", "break")
    floor.wait(0.2)
    assert floor.phone("201").state == "ended"
    assert floor.states("201")[-1] == "not_ready(break)"
    assert floor.rings("202")


def test_an_agent_who_takes_up_the_receiver_for_another_call_is_rung_no_longer(floor):
    floor.login("201", "202")
    floor.call()
    floor.wait(3)
    queue_call = floor.phone("201").party
    floor.phone("201").calls("203")
    floor.wait(0.5)
    assert queue_call.state == "ended"
    assert floor.agent("201").state == "on_call"
    assert floor.rings("202")


def test_an_agent_on_the_telephone_is_never_rung_by_a_queue(floor):
    floor.login("201")
    floor.phone("203").answers_after(1)
    floor.phone("201").calls("203")
    floor.wait(3)
    before = len(floor.phone("201").parties)
    floor.call()
    floor.wait(30)
    assert len(floor.phone("201").parties) == before
    floor.phone("201").hang_up()
    floor.wait(0.5)
    assert floor.rings("201")


def test_an_agent_whose_telephone_rings_for_an_ordinary_call_is_not_rung_by_a_queue(floor):
    floor.login("201")
    floor.phone("203").calls("201")
    floor.wait(0.5)
    floor.call()
    floor.wait(5)
    assert len(floor.phone("201").parties) == 1
    assert floor.agent("201").state == "on_call"


def test_the_agent_who_has_waited_longest_is_rung_first(floor):
    floor.login("202")
    floor.wait(5)
    floor.login("201", "203")
    floor.call()
    floor.wait(0.5)
    assert [number for number in EXTENSIONS if floor.rings(number)] == ["202"]


def test_all_ready_agents_ring_together_and_the_first_who_answers_has_the_caller(floor):
    floor.configure(config(queues=[queue(strategy="ring_all")]))
    floor.login("201", "202", "203")
    caller = floor.call()
    floor.wait(2)
    assert [number for number in EXTENSIONS if floor.rings(number)] == ["201", "202", "203"]
    floor.phone("202").answer()
    floor.wait(0.2)
    assert caller.hears_party(floor.phone("202").party)
    assert (floor.phone("201").state, floor.phone("203").state) == ("ended", "ended")
    assert (floor.agent("201").state, floor.agent("203").state) == ("ready", "ready")


def test_an_agent_who_comes_ready_joins_those_who_ring_together(floor):
    floor.configure(config(queues=[queue(strategy="ring_all")]))
    floor.login("201")
    floor.call()
    floor.wait(3)
    floor.login("202")
    floor.wait(0.5)
    assert floor.rings("201")
    assert floor.rings("202")


def test_two_agents_who_answer_in_the_same_instant_only_one_has_the_caller(floor):
    floor.configure(config(queues=[queue(strategy="ring_all")]))
    floor.login("201", "202")
    caller = floor.call()
    floor.wait(2)
    for number in ("201", "202"):
        floor.gateway.far_answers(floor.phone(number).party.channel)
    floor.wait(1)
    talking = [number for number in ("201", "202") if caller.hears_party(floor.phone(number).party)]
    assert len(talking) == 1
    other = ({"201", "202"} - set(talking)).pop()
    assert floor.phone(other).state == "ended"
    assert floor.agent(other).state == "ready"
    assert floor.agent(talking[0]).state == "talking"


def test_the_agent_answers_in_the_same_instant_in_which_the_caller_hangs_up(floor):
    floor.login("201")
    caller = floor.call()
    floor.wait(2)
    floor.gateway.far_answers(floor.phone("201").party.channel)
    floor.gateway.party_hangs_up(caller.channel, 16)
    floor.wait(1)
    assert floor.phone("201").state == "ended"
    assert floor.outcomes() == [("abandoned", 2)]
    assert floor.agent("201").state == "ready"
    assert floor.live == []


def test_the_caller_hangs_up_just_before_the_agent_answers(floor):
    floor.login("201")
    caller = floor.call()
    floor.wait(2)
    floor.gateway.party_hangs_up(caller.channel, 16)
    floor.gateway.far_answers(floor.phone("201").party.channel)
    floor.wait(1)
    assert floor.phone("201").state == "ended"
    assert [outcome for outcome, _ in floor.outcomes()] == ["abandoned"]
    assert floor.agent("201").state == "ready"


def test_an_agent_who_hangs_up_in_the_instant_of_the_answer_costs_the_caller_nothing(floor):
    floor.login("201")
    caller = floor.call()
    floor.wait(2)
    channel = floor.phone("201").party.channel
    floor.gateway.far_answers(channel)
    floor.gateway.party_hangs_up(channel, 16)
    floor.wait(10)
    assert caller.hears == "music"
    assert floor.outcomes() == []
    assert floor.states("201") == ["ready", "offered", "not_ready(refused)"]
    floor.phone("202").answers_after(1)
    floor.login("202")
    floor.wait(2)
    assert floor.outcomes() == [("answered", 13)]


def test_a_telephone_that_still_rings_from_a_withdrawn_offer_is_not_rung_a_second_time(floor):
    floor.login("201")
    first = floor.call(1)
    second = floor.call(2)
    floor.wait(2)
    first.hang_up()
    floor.wait(1)
    states = [party.state for party in floor.phone("201").parties]
    assert states == ["ended", "ringing"]
    assert second.state == "answered"


def test_a_gateway_that_cannot_join_the_two_leaves_the_caller_waiting_and_nobody_stuck(floor):
    floor.login("201")
    floor.gateway.bridge_refusal = "no bridge today"
    floor.phone("201").answers_after(1)
    caller = floor.call()
    floor.wait(5)
    assert caller.hears == "music"
    assert floor.phone("201").state == "ended"
    assert floor.agent("201").state == "not_ready"
    floor.gateway.bridge_refusal = ""
    floor.do(floor.roster.ready, "201")
    floor.wait(2)
    assert caller.hears_party(floor.phone("201").party)
