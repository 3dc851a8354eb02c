"""Agents log in and out, are ready and not ready, and their telephones' calls show in their states."""

import pytest

from firmware.agents.errors import Elsewhere, NoSuchAgent, NoSuchReason, NotLoggedIn
from firmware.errors import BadRequest, NotFound
from firmware.events import Kind
from tests.fakes.floor import config, queue


def talking(floor, number="201"):
    """Let an agent talk with a queue's caller; returns the caller."""
    floor.phone(number).answers_after(1)
    floor.login(number)
    caller = floor.call()
    floor.wait(3)
    assert floor.agent(number).state == "talking"
    return caller


# ---- logging in and out ----------------------------------------------------------------------------------------------


def test_an_agent_logs_in_at_their_own_extension_and_is_ready(floor):
    floor.login("201")
    assert (floor.agent("201").state, floor.agent("201").extension) == ("ready", "201")


def test_an_agent_logs_in_at_another_extension_and_is_rung_there(floor):
    floor.do(floor.roster.login, "201", "204")
    floor.call()
    floor.wait(0.5)
    assert floor.rings("204")
    assert floor.phone("201").parties == []


def test_an_agent_who_logs_in_at_another_desk_moves_there_and_is_what_they_were(floor):
    floor.login("201")
    floor.do(floor.roster.not_ready, "201", "break")
    floor.do(floor.roster.login, "201", "204")
    assert (floor.agent("201").state, floor.agent("201").extension) == ("not_ready", "204")


def test_an_extension_has_one_agent(floor):
    floor.login("201")
    with pytest.raises(Elsewhere, match="extension 201 has agent 201 already"):
        floor.do(floor.roster.login, "202", "201")
    assert floor.agent("202").state == "logged_out"


def test_an_agent_in_a_call_cannot_log_in_elsewhere(floor):
    talking(floor)
    with pytest.raises(Elsewhere, match="agent 201 is talking at extension 201"):
        floor.do(floor.roster.login, "201", "204")


def test_logging_in_twice_is_logging_in_once(floor):
    floor.login("201", "201")
    assert floor.states("201") == ["ready"]
    assert len(floor.seen(Kind.AGENT_STATE)) == 1


def test_who_is_no_agent_cannot_log_in(floor):
    with pytest.raises(NoSuchAgent, match="there is no agent '999'; there are: 201, 202, 203, 204"):
        floor.do(floor.roster.login, "999")


def test_an_extension_that_is_not_there_is_refused(floor):
    with pytest.raises(NotFound, match="there is no extension '999'"):
        floor.do(floor.roster.login, "201", "999")


def test_an_agent_without_an_extension_of_their_own_must_say_where(floor):
    floor.configure(config(agents=[{"number": "201"}], queues=[queue(agents=["201"])]))
    with pytest.raises(BadRequest, match="say at which"):
        floor.do(floor.roster.login, "201")
    floor.do(floor.roster.login, "201", "203")
    assert floor.agent("201").state == "ready"


@pytest.mark.parametrize("method", ["logout", "ready", "not_ready"])
def test_who_is_not_logged_in_is_told_so(floor, method):
    with pytest.raises(NotLoggedIn, match="agent 201 is not logged in"):
        floor.do(getattr(floor.roster, method), "201")


def test_logging_out_in_a_call_waits_for_its_end_and_the_work_after_it(floor):
    caller = talking(floor)
    floor.do(floor.roster.logout, "201")
    assert caller.hears_party(floor.phone("201").party)
    caller.hang_up()
    floor.wait(11)
    assert floor.states("201") == ["ready", "offered", "talking", "acw", "logged_out"]


# ---- ready and not ready ---------------------------------------------------------------------------------------------


def test_not_ready_in_a_call_is_a_wish_granted_after_the_work_that_follows(floor):
    caller = talking(floor)
    floor.do(floor.roster.not_ready, "201", "lunch")
    assert floor.agent("201").state == "talking"
    caller.hang_up()
    floor.wait(5)
    assert floor.agent("201").state == "acw"
    floor.wait(6)
    assert floor.states("201")[-1] == "not_ready(lunch)"


def test_ready_takes_the_wish_back(floor):
    caller = talking(floor)
    floor.do(floor.roster.not_ready, "201", "lunch")
    floor.do(floor.roster.ready, "201")
    caller.hang_up()
    floor.wait(11)
    assert floor.states("201")[-1] == "ready"


def test_ready_ends_after_call_work_early(floor):
    caller = talking(floor)
    caller.hang_up()
    floor.wait(2)
    floor.do(floor.roster.ready, "201")
    assert floor.agent("201").state == "ready"
    floor.wait(20)
    assert floor.states("201")[-1] == "ready"


def test_not_ready_ends_after_call_work_too(floor):
    caller = talking(floor)
    caller.hang_up()
    floor.wait(2)
    floor.do(floor.roster.not_ready, "201", "break")
    floor.wait(20)
    assert floor.states("201")[-1] == "not_ready(break)"


def test_a_reason_that_is_not_configured_is_refused(floor):
    floor.login("201")
    with pytest.raises(NoSuchReason, match="there is no reason 'golf'; there are: break, lunch, training"):
        floor.do(floor.roster.not_ready, "201", "golf")
    assert floor.agent("201").state == "ready"


def test_another_reason_follows_the_first(floor):
    floor.login("201")
    floor.do(floor.roster.not_ready, "201", "break")
    floor.do(floor.roster.not_ready, "201", "training")
    assert floor.states("201") == ["ready", "not_ready(break)", "not_ready(training)"]


# ---- ordinary calls --------------------------------------------------------------------------------------------------


def test_an_agent_who_calls_somebody_is_on_call_until_the_end_and_then_ready_again(floor):
    floor.login("201")
    floor.phone("203").answers_after(1)
    floor.phone("201").calls("203")
    floor.wait(3)
    assert floor.agent("201").state == "on_call"
    floor.phone("201").hang_up()
    floor.wait(0.2)
    assert floor.states("201") == ["ready", "on_call", "ready"]


def test_an_agent_who_is_called_is_on_call_from_the_first_ring(floor):
    floor.login("201")
    floor.phone("203").calls("201")
    floor.wait(0.5)
    assert floor.agent("201").state == "on_call"
    floor.phone("203").hang_up()
    floor.wait(0.2)
    assert floor.agent("201").state == "ready"


def test_an_ordinary_call_interrupts_not_ready_and_gives_it_back_with_its_reason(floor):
    floor.login("201")
    floor.do(floor.roster.not_ready, "201", "lunch")
    floor.phone("203").calls("201")
    floor.wait(1)
    floor.phone("203").hang_up()
    floor.wait(0.2)
    assert floor.states("201") == ["ready", "not_ready(lunch)", "on_call", "not_ready(lunch)"]


def test_a_short_ordinary_call_interrupts_after_call_work(floor):
    caller = talking(floor)
    caller.hang_up()
    floor.phone("203").calls("201")
    floor.wait(4)
    floor.phone("203").hang_up()
    floor.wait(0.2)
    assert floor.states("201")[-3:] == ["acw", "on_call", "acw"]
    floor.wait(6)
    assert floor.states("201")[-1] == "ready"


def test_after_call_work_whose_time_ended_during_an_ordinary_call_is_over(floor):
    caller = talking(floor)
    caller.hang_up()
    floor.phone("201").rings()
    floor.phone("203").calls("201")
    floor.wait(1)
    floor.phone("201").answer()
    floor.wait(15)
    assert floor.agent("201").state == "on_call"
    floor.phone("203").hang_up()
    floor.wait(0.2)
    assert floor.states("201")[-3:] == ["acw", "on_call", "ready"]


def test_not_ready_during_an_ordinary_call_is_granted_when_it_ends(floor):
    floor.login("201")
    floor.phone("203").calls("201")
    floor.wait(1)
    floor.do(floor.roster.not_ready, "201", "break")
    assert floor.agent("201").state == "on_call"
    floor.phone("203").hang_up()
    floor.wait(0.2)
    assert floor.states("201")[-1] == "not_ready(break)"


def test_an_agent_who_logs_in_while_talking_on_that_telephone_is_on_call(floor):
    floor.phone("203").answers_after(1)
    floor.phone("201").calls("203")
    floor.wait(2)
    floor.login("201")
    assert floor.agent("201").state == "on_call"


def test_the_event_names_the_call_an_agent_is_busy_with(floor):
    caller = talking(floor)
    call_id = floor.live[0].id
    caller.hang_up()
    floor.wait(11)
    told = [(event.data["state"], event.data["call_id"]) for event in floor.seen(Kind.AGENT_STATE)]
    assert told == [("ready", ""), ("offered", call_id), ("talking", call_id), ("acw", call_id), ("ready", "")]


# ---- configuration ---------------------------------------------------------------------------------------------------


def test_an_agent_who_is_no_longer_configured_is_logged_out_and_gone(floor):
    floor.login("201")
    floor.configure(config(agents=[{"number": "202", "extension": "202"}], queues=[queue(agents=["202"])]))
    assert floor.states("201")[-1] == "logged_out"
    with pytest.raises(NoSuchAgent):
        floor.agent("201")


def test_an_agent_taken_away_in_a_call_ends_it_first(floor):
    caller = talking(floor)
    floor.configure(config(agents=[{"number": "202", "extension": "202"}], queues=[queue(agents=["202"])]))
    assert caller.hears_party(floor.phone("201").party)
    caller.hang_up()
    floor.wait(11)
    assert floor.states("201")[-1] == "logged_out"
    with pytest.raises(NoSuchAgent):
        floor.agent("201")


def test_an_agent_whose_extension_is_taken_away_is_logged_out(floor):
    floor.do(floor.roster.login, "201", "204")
    floor.configure(config(extensions=[{"number": number} for number in ("201", "202", "203")],
                           agents=[{"number": "201", "extension": "201"}], queues=[queue(agents=["201"])]))
    assert floor.agent("201").state == "logged_out"


def test_new_agents_and_new_names_are_known_at_once(floor):
    floor.configure(config(agents=[{"number": "201", "name": "李雷"}, {"number": "301", "name": "韩梅梅"}],
                           queues=[queue(agents=["201", "301"])]))
    assert (floor.agent("201").name, floor.agent("301").name) == ("李雷", "韩梅梅")


def test_an_agent_removed_while_there_was_no_exchange_is_told_to_be_logged_out(floor):
    floor.login("201")
    floor.kill()
    floor.config = config(agents=[{"number": "202", "extension": "202"}], queues=[queue(agents=["202"])])
    floor.start()
    assert floor.states("201")[-1] == "logged_out"


def test_an_ordinary_call_that_ended_while_there_was_no_exchange_gives_the_agent_back(floor):
    floor.login("201")
    floor.phone("203").answers_after(1)
    floor.phone("201").calls("203")
    floor.wait(3)
    floor.kill()
    floor.phone("201").hang_up()
    floor.loop.advance(1)
    floor.start()
    floor.wait(1)
    assert floor.agent("201").state == "ready"


def test_an_ordinary_call_that_goes_on_keeps_the_agent_on_call(floor):
    floor.login("201")
    floor.phone("203").answers_after(1)
    floor.phone("201").calls("203")
    floor.wait(3)
    floor.kill()
    floor.loop.advance(1)
    floor.start()
    floor.wait(1)
    assert floor.agent("201").state == "on_call"
    assert floor.phone("201").party.hears_party(floor.phone("203").party)
    floor.phone("203").hang_up()
    floor.wait(0.5)
    assert floor.agent("201").state == "ready"
