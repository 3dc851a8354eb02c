"""A telephone of the box is called: by another, or by a caller from outside."""

import pytest

from drivers.link.causes import CALL_REJECTED
from firmware.events import Kind
from tests.fakes.floor import EXTENSIONS, config, queue


def direct(floor, extension="201"):
    """Route every call from outside to an extension."""
    floor.configure(config(
        routes=[{"name": "all", "to": f"extension:{extension}"}], trunks=[{"name": "carrier", "host": "10.0.0.1"}],
    ))


def test_one_telephone_calls_another_and_they_talk(floor):
    caller = floor.phone("201").calls("202")
    floor.wait(1)
    assert floor.rings("202")
    assert caller.state == "offered"
    floor.phone("202").answer()
    assert caller.hears_party(floor.phone("202").party)
    assert floor.seen(Kind.CALL_OFFERED)[0].data["direction"] == "internal"


def test_the_called_telephone_shows_who_calls(floor):
    floor.phone("201").calls("202", name="Ann")
    floor.wait(0.5)
    channel = floor.phone("202").party.channel
    assert (channel.caller_number, channel.caller_name) == ("201", "Ann")


@pytest.mark.parametrize("who", ["caller", "callee"])
def test_whoever_hangs_up_ends_the_call_for_both(floor, who):
    floor.phone("202").answers_after(1)
    caller = floor.phone("201").calls("202")
    floor.wait(5)
    callee = floor.phone("202").party
    (caller if who == "caller" else callee).hang_up()
    floor.wait(0.2)
    assert (caller.state, callee.state) == ("ended", "ended")
    assert floor.live == []


def test_a_caller_who_gives_up_silences_the_telephone(floor):
    caller = floor.phone("201").calls("202")
    floor.wait(2)
    caller.hang_up()
    floor.wait(0.2)
    assert floor.phone("202").state == "ended"


def test_the_calling_telephone_is_told_that_it_rings(floor):
    floor.phone("201").calls("202")
    floor.wait(0.5)
    assert "Ring" in [type(order).__name__ for order in floor.gateway.orders]


def test_a_telephone_in_a_call_is_busy_for_others(floor):
    floor.phone("202").answers_after(1)
    floor.phone("201").calls("202")
    floor.wait(3)
    second = floor.phone("203").calls("202")
    floor.wait(0.5)
    assert (second.state, second.cause) == ("ended", 17)
    assert len(floor.phone("202").parties) == 1


def waiting(extensions=("202",)):
    """Return a configuration in which these have call waiting."""
    return config(extensions=[{"number": one, "call_waiting": one in extensions} for one in EXTENSIONS])


def test_a_telephone_with_call_waiting_gets_a_second_call_in_a_talk_and_no_third(floor):
    floor.configure(waiting())
    floor.phone("202").answers_after(1)
    floor.phone("201").calls("202")
    floor.wait(0.5)
    early = floor.phone("204").calls("202")
    floor.wait(2.5)
    assert early.cause == 17
    second = floor.phone("203").calls("202")
    floor.wait(3)
    third = floor.phone("204").calls("202")
    floor.wait(0.5)
    assert third.cause == 17
    assert len(floor.phone("202").parties) == 2
    assert second.hears_party(floor.phone("202").parties[-1])


def test_no_second_call_comes_into_an_agents_talk_of_a_queue(floor):
    floor.configure(waiting())
    floor.phone("202").answers_after(1)
    floor.login("202")
    floor.call()
    floor.wait(3)
    second = floor.phone("203").calls("202")
    floor.wait(0.5)
    assert second.cause == 17


def test_no_queues_call_comes_into_an_ordinary_talk(floor):
    floor.configure(waiting())
    floor.phone("202").answers_after(1)
    floor.login("202")
    floor.phone("201").calls("202")
    floor.wait(3)
    floor.call()
    floor.wait(5)
    assert len(floor.phone("202").parties) == 1


def test_a_telephone_that_rings_is_busy_for_others(floor):
    floor.phone("201").calls("202")
    second = floor.phone("203").calls("202")
    floor.wait(0.5)
    assert second.cause == 17


def test_an_agent_who_talks_with_a_queues_caller_is_busy_for_others(floor):
    floor.phone("202").answers_after(1)
    floor.login("202")
    floor.call()
    floor.wait(3)
    second = floor.phone("203").calls("202")
    floor.wait(0.5)
    assert second.cause == 17


def test_who_calls_the_own_number_is_busy(floor):
    caller = floor.phone("201").calls("201")
    floor.wait(0.5)
    assert caller.cause == 17


def test_a_telephone_that_is_not_there_is_absent(floor):
    floor.phone("202").unregistered()
    caller = floor.phone("201").calls("202")
    floor.wait(0.5)
    assert (caller.state, caller.cause) == ("ended", 20)


def test_a_telephone_that_refuses_passes_its_cause_on(floor):
    floor.phone("202").refuses(CALL_REJECTED)
    caller = floor.phone("201").calls("202")
    floor.wait(0.5)
    assert caller.cause == CALL_REJECTED


def test_a_telephone_that_is_not_answered_ends_with_no_answer(floor):
    caller = floor.phone("201").calls("202")
    floor.wait(44)
    assert floor.rings("202")
    floor.wait(2)
    assert (caller.state, caller.cause) == ("ended", 19)


def test_a_caller_on_a_line_is_answered_only_when_the_telephone_is(floor):
    direct(floor)
    caller = floor.call()
    floor.wait(3)
    assert caller.state == "offered"
    floor.phone("201").answer()
    floor.wait(0.2)
    assert caller.hears_party(floor.phone("201").party)


def test_a_caller_on_a_line_hears_in_words_why_there_is_no_talk(floor):
    direct(floor)
    floor.phone("201").busy()
    caller = floor.call()
    floor.wait(4)
    assert (floor.said(caller), caller.state) == (["extension-busy"], "ended")


def test_a_caller_on_a_trunk_learns_the_cause_and_pays_nothing(floor):
    direct(floor)
    floor.phone("201").unregistered()
    caller = floor.call_by_trunk("carrier", "88886666")
    floor.wait(1)
    assert (floor.said(caller), caller.cause) == ([], 20)
    assert floor.seen(Kind.CALL_ANSWERED) == []


def test_a_caller_from_a_menu_hears_ringback_and_then_why_nobody_answered(floor):
    floor.configure(config(
        flows=[{"name": "main", "keys": {"0": {"to": "extension:201"}}}], routes=[{"name": "all", "to": "flow:main"}],
    ))
    caller = floor.call()
    caller.press("0")
    floor.wait(1)
    assert caller.hears == "tone:ringback"
    floor.wait(50)
    assert floor.said(caller)[-1] == "no-answer"
    assert caller.state == "ended"


def test_a_callee_who_transfers_the_caller_is_out_of_the_call(floor):
    direct(floor)
    floor.phone("201").answers_after(1)
    floor.phone("203").answers_after(1)
    caller = floor.call()
    floor.wait(3)
    floor.phone("201").transfer("203")
    floor.wait(2)
    assert caller.hears_party(floor.phone("203").party)
    assert floor.phone("201").state == "ended"
    caller.hang_up()
    assert len(floor.seen(Kind.CALL_ENDED)) == 1


def test_a_caller_who_transfers_leaves_the_callee_in_the_call(floor):
    floor.phone("202").answers_after(1)
    floor.phone("203").answers_after(1)
    caller = floor.phone("201").calls("202")
    floor.wait(3)
    callee = floor.phone("202").party
    caller.transfer("203")
    floor.wait(3)
    assert caller.state == "ended"
    assert callee.hears_party(floor.phone("203").party)
    callee.hang_up()
    floor.wait(0.5)
    assert floor.live == []


def test_killed_while_it_rings_the_telephone_goes_on_ringing(floor):
    caller = floor.phone("201").calls("202")
    floor.wait(2)
    floor.kill()
    floor.loop.advance(0.5)
    floor.start()
    floor.wait(0.5)
    assert len(floor.phone("202").parties) == 1
    floor.phone("202").answer()
    floor.wait(0.2)
    assert caller.hears_party(floor.phone("202").party)


def test_killed_while_they_talk_they_talk_on_and_may_still_transfer(floor):
    floor.phone("202").answers_after(1)
    floor.phone("203").answers_after(1)
    caller = floor.phone("201").calls("202")
    floor.wait(3)
    floor.kill()
    floor.loop.advance(0.5)
    floor.start()
    floor.wait(0.5)
    assert caller.hears_party(floor.phone("202").party)
    floor.phone("202").transfer("203")
    floor.wait(2)
    assert caller.hears_party(floor.phone("203").party)


def test_a_telephone_that_refused_while_there_was_no_exchange_is_not_rung_again(floor):
    caller = floor.phone("201").calls("202")
    floor.wait(2)
    floor.kill()
    floor.phone("202").party.hang_up(CALL_REJECTED)
    floor.loop.advance(0.5)
    floor.start()
    floor.wait(0.5)
    assert (caller.state, caller.cause) == ("ended", CALL_REJECTED)
    assert len(floor.phone("202").parties) == 1


INSTANTS = [*(step / 1000 for step in range(0, 12, 2)), 0.1, 0.5, *(1.1 + step / 1000 for step in range(12))]


@pytest.mark.parametrize("unwritten_s", [0, 0.004])
@pytest.mark.parametrize("killed_at_s", INSTANTS)
def test_killed_at_any_instant_the_two_talk_and_nothing_is_left(floor, killed_at_s, unwritten_s):
    floor.phone("202").answers_after(1)
    floor.unwritten_s = unwritten_s
    caller = floor.gateway.incoming("extension:201", "202", "201")
    floor.loop.advance(killed_at_s)
    floor.kill()
    floor.unwritten_s = 0
    floor.loop.advance(0.3)
    floor.start()
    floor.wait(5)
    assert caller.hears_party(floor.phone("202").party)
    assert len(floor.phone("202").parties) == 1
    caller.hang_up()
    floor.wait(1)
    assert floor.live == []
    assert floor.gateway.channels == {}
    assert not floor.roster.telephones.in_use("202")


def test_an_overflow_to_an_extension_is_served_like_any_call(floor):
    floor.configure(config(queues=[queue(max_waiting=1, overflow="extension:204")]))
    floor.phone("204").answers_after(1)
    floor.call(1)
    caller = floor.call(2)
    floor.wait(3)
    assert caller.hears_party(floor.phone("204").party)
