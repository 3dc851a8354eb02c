"""Agents dial feature codes, and hear what became of it."""

import pytest

from firmware.events import Kind
from tests.fakes.floor import config, queue


def dial(floor, digits, extension="201"):
    """Dial a code and return what was said, the telephone's voice having ended."""
    caller = floor.phone(extension).calls(digits)
    floor.wait(3)
    assert caller.state == "ended"
    return floor.said(caller)


def test_an_agent_logs_in_at_their_own_telephone(floor):
    assert dial(floor, "*20") == ["agent-logged-in"]
    assert floor.agent("201").state == "ready"


def test_an_agent_logs_in_at_any_telephone_by_number(floor):
    assert dial(floor, "*20203") == ["agent-logged-in"]
    assert (floor.agent("203").state, floor.agent("203").extension) == ("ready", "201")


def test_a_telephone_that_is_nobodys_own_asks_for_the_number(floor):
    floor.configure(config(agents=[{"number": "301"}], queues=[queue(agents=["301"])]))
    caller = floor.phone("201").calls("*20")
    floor.wait(1)
    assert caller.hears == "enter-agent"
    caller.press("301#")
    floor.wait(3)
    assert floor.said(caller) == ["enter-agent", "agent-logged-in"]
    assert floor.agent("301").extension == "201"


def test_an_agent_logs_out(floor):
    floor.login("201")
    assert dial(floor, "*21") == ["agent-logged-out"]
    assert floor.agent("201").state == "logged_out"


def test_an_agent_is_not_ready_for_a_reason_and_ready_again(floor):
    floor.login("201")
    assert dial(floor, "*232") == ["agent-not-ready"]
    assert floor.states("201")[-1] == "not_ready(lunch)"
    assert dial(floor, "*22") == ["agent-ready"]
    assert floor.agent("201").state == "ready"


def test_a_reason_may_be_left_out(floor):
    floor.login("201")
    assert dial(floor, "*23") == ["agent-not-ready"]
    assert floor.states("201")[-1] == "not_ready"


def test_not_ready_dialled_in_a_call_is_said_to_come_later(floor):
    floor.phone("201").answers_after(1)
    floor.login("201")
    caller = floor.call()
    floor.wait(3)
    assert dial(floor, "*231") == ["agent-not-ready-later"]
    assert floor.agent("201").state == "talking"
    caller.hang_up()
    floor.wait(11)
    assert floor.states("201")[-1] == "not_ready(break)"


@pytest.mark.parametrize(("digits", "said"), [
    ("*20999", "agent-unknown"), ("*21", "agent-not-logged-in"), ("*22", "agent-not-logged-in"),
    ("*231", "agent-not-logged-in"), ("*229", "agent-not-logged-in"),
])
def test_what_cannot_be_done_is_said(floor, digits, said):
    assert dial(floor, digits) == [said]


@pytest.mark.parametrize(("digits", "said"), [("*237", "reason-unknown"), ("*229", "number-not-possible")])
def test_a_code_with_digits_it_does_not_know_changes_nothing(floor, digits, said):
    floor.login("201")
    assert dial(floor, digits) == [said]
    assert floor.agent("201").state == "ready"


def test_an_extension_that_has_another_agent_says_so(floor):
    floor.login("202")
    assert dial(floor, "*20201", extension="202") == ["agent-elsewhere"]
    assert floor.agent("201").state == "logged_out"


def test_a_feature_call_is_no_ordinary_call_and_leaves_no_mark_on_the_agent(floor):
    floor.login("201")
    dial(floor, "*231")
    dial(floor, "*22")
    assert floor.states("201") == ["ready", "not_ready(break)", "ready"]


def test_nobody_is_rung_by_a_queue_while_they_dial_a_feature_code(floor):
    floor.call()
    floor.phone("201").calls("*20")
    floor.wait(1)
    assert floor.agent("201").state == "ready"
    assert len(floor.phone("201").parties) == 1
    floor.wait(2)
    assert floor.rings("201")


def test_what_was_done_before_a_kill_is_said_and_not_done_again(floor):
    caller = floor.phone("201").calls("*20")
    floor.wait(0.5)
    floor.kill()
    floor.loop.advance(0.3)
    floor.start()
    floor.wait(3)
    assert floor.said(caller) == ["agent-logged-in", "agent-logged-in"]
    assert caller.state == "ended"
    assert len(floor.seen(Kind.AGENT_STATE)) == 1


def test_the_codes_are_those_of_the_configuration(floor):
    floor.configure(config(features={"login": "*77"}))
    assert dial(floor, "*77") == ["agent-logged-in"]
    refused = floor.phone("202").calls("*20")
    floor.wait(0.5)
    assert refused.cause == 1


def test_what_cannot_be_kept_is_not_confirmed(floor):
    floor.disk_full = True
    assert dial(floor, "*20") == ["fault"]


def test_what_is_no_telephone_of_the_box_has_no_features(floor):
    floor.configure(config(routes=[{"name": "all", "to": "queue:service"}]))
    floor.login("201")
    floor.phone("201").answers_after(1)
    caller = floor.call()
    floor.wait(3)
    floor.phone("201").transfer("*21")
    floor.wait(1)
    assert caller.hears_party(floor.phone("201").party)
    assert floor.agent("201").state == "talking"
