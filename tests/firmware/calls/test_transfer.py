"""Blind transfers: the one who asks keeps the call until the target talks, and hears what became of it."""

import pytest

from drivers.link.causes import (
    CALL_REJECTED,
    INVALID_NUMBER_FORMAT,
    NO_ANSWER,
    NO_CIRCUIT_AVAILABLE,
    NORMAL_CLEARING,
    SUBSCRIBER_ABSENT,
    TEMPORARY_FAILURE,
    UNALLOCATED_NUMBER,
    USER_BUSY,
)
from drivers.link.messages import ConcludeTransfer, Connect, Transferring
from firmware.events import Kind
from tests.fakes.box import Box, config
from tests.fakes.parties import Party

NUMBER = "13800138000"


@pytest.fixture
def box(tmp_path):
    """A box whose callers reach the queue, where agent 201 is, and by line 3 extension 202."""
    queue = {"name": "service", "agents": ["201"], "acw_s": 10}
    trunk = {"name": "carrier", "host": "192.0.2.1"}
    routes = [{"name": "one", "source": "line:3", "to": "extension:202"}, {"name": "all", "to": "queue:service"}]
    box = Box(tmp_path, config(queues=[queue], trunks=[trunk], routes=routes))
    box.login("201")
    yield box
    box.close()


def served(box) -> tuple[Party, Party]:
    """Return a caller and the agent who talks with them."""
    box.phone("201").answers_after(1)
    caller = box.line(1).ring(NUMBER)
    box.clock.advance(8)
    agent = box.phone("201").party
    assert caller.hears_party(agent)
    return caller, agent


def dialled_out(box) -> tuple[Party, Party]:
    """Return a telephone inside, and whom it called outside and talks with."""
    box.line(4).far_end.answers_after(1)
    inside = box.phone("203").calls("988881234")
    box.clock.advance(4)
    outside = box.line(4).far_end.party
    assert inside.hears_party(outside)
    return inside, outside


def only(box):
    (cdr,) = box.calls
    return cdr


def test_who_transfers_stays_until_the_target_talks_and_is_told_so(box):
    caller, agent = served(box)
    box.phone("204").answers_after(5)
    agent.transfer("204")
    box.clock.advance(3)
    assert (box.phone("204").state, agent.state, agent.told) == ("ringing", "answered", [])
    assert (caller.hears, agent.hears) == ("tone:ringback", "")
    assert box.agent("201").state == "talking"
    box.clock.advance(3)
    assert caller.hears_party(box.phone("204").party)
    assert (agent.state, agent.told) == ("ended", [0])
    assert box.agent("201").state == "acw"
    box.clock.advance(20)
    caller.hang_up()
    cdr = only(box)
    assert [(one.kind, one.who) for one in cdr.segments if one.kind in ("talk", "transfer")] == [
        ("talk", "201"), ("transfer", "204"), ("talk", "204"),
    ]
    assert (cdr.by, cdr.agent, len(cdr.recordings)) == ("caller", "201", 1)


def consulting(box, agent, number="204") -> Party:
    """Let an agent put the caller on hold and talk with another extension; returns the agent's second call."""
    box.phone(number).answers_after(1)
    agent.hold()
    second = box.phone("201").calls(number)
    box.clock.advance(4)
    assert second.hears_party(box.phone(number).party)
    return second


@pytest.mark.parametrize("asks", ["on the first", "on the second"])
def test_who_has_consulted_leaves_the_two_to_each_other(box, asks):
    caller, agent = served(box)
    second = consulting(box, agent)
    assert caller.hears == "music"
    if asks == "on the first":
        agent.transfer("204", second)
    else:
        second.transfer(NUMBER, agent)
    box.clock.advance(1)
    assert caller.hears_party(box.phone("204").party)
    assert (agent.state, second.state) == ("ended", "ended")
    assert (agent.told + second.told) == [0]
    assert box.agent("201").state == "acw"
    box.clock.advance(20)
    caller.hang_up()
    box.clock.advance(1)
    inner, cdr = sorted(box.calls, key=lambda one: one.direction == "in")
    assert [(one.kind, one.who) for one in cdr.segments if one.kind in ("talk", "hold", "transfer", "ring")] == [
        ("ring", "201"), ("talk", "201"), ("hold", "201"), ("transfer", "204"), ("talk", "204"),
    ]
    assert (cdr.by, cdr.outcome, len(cdr.recordings)) == ("caller", "answered", 1)
    last = next(one for one in cdr.segments if (one.kind, one.who) == ("talk", "204"))
    assert last.duration_s == pytest.approx(21, abs=1)
    assert (inner.direction, inner.talk_s) == ("internal", pytest.approx(3, abs=1))
    absorbed = [event for event in box.seen(Kind.LEG_DIALED) if "absorbed" in event.data]
    assert [(event.call, event.data["absorbed"]) for event in absorbed] == [(cdr.call_id, inner.call_id)]


def test_who_consulted_may_go_back_to_the_caller_instead(box):
    caller, agent = served(box)
    second = consulting(box, agent)
    second.hang_up()
    agent.resume()
    box.clock.advance(1)
    assert caller.hears_party(agent)
    assert box.phone("204").state == "ended"


def test_a_telephone_joins_its_own_calls_alone(box):
    """Whoever learns the name of another telephone's call cannot have it."""
    caller, agent = served(box)
    box.phone("204").answers_after(1)
    others = box.phone("203").calls("204")
    box.clock.advance(4)
    agent.transfer("204", others)
    box.clock.advance(1)
    assert agent.told == [CALL_REJECTED]
    assert caller.hears_party(agent)
    assert others.hears_party(box.phone("204").party)


def test_who_is_still_being_called_cannot_be_joined(box):
    caller, agent = served(box)
    box.phone("204").rings()
    second = box.phone("201").calls("204")
    box.clock.advance(2)
    agent.transfer("204", second)
    box.clock.advance(1)
    assert agent.told == [CALL_REJECTED]
    assert caller.hears_party(agent)


def test_who_was_consulted_outside_is_not_absorbed_since_the_limits_are_those_of_that_call(box):
    caller, agent = served(box)
    box.line(4).far_end.answers_after(1)
    second = box.phone("201").calls("988881234")
    box.clock.advance(4)
    assert second.hears_party(box.line(4).far_end.party)
    agent.transfer("988881234", second)
    box.clock.advance(1)
    assert agent.told == [CALL_REJECTED]
    assert caller.hears_party(agent)


def test_the_two_talk_on_over_a_restart_of_the_exchange(box):
    caller, agent = served(box)
    agent.transfer("204", consulting(box, agent))
    box.clock.advance(2)
    box.restart(after_s=2)
    box.clock.advance(5)
    assert caller.hears_party(box.phone("204").party)
    assert len(box.live) == 1
    box.phone("204").hang_up()
    box.clock.advance(2)
    assert caller.state == "ended"
    cdr = next(one for one in box.calls if one.direction == "in")
    assert cdr.by == "extension"


FAILURES = {
    "busy": ("204", lambda box: box.phone("204").busy(), USER_BUSY),
    "in use": ("204", lambda box: box.phone("204").calls("203"), USER_BUSY),
    "refuses": ("204", lambda box: box.phone("204").refuses(CALL_REJECTED), CALL_REJECTED),
    "switched off": ("204", lambda box: box.phone("204").unregistered(), SUBSCRIBER_ABSENT),
    "does not answer": ("204", lambda box: box.phone("204").rings(), NO_ANSWER),
    "the one who asks": ("201", lambda box: None, USER_BUSY),
    "nobody": ("777", lambda box: None, UNALLOCATED_NUMBER),
    "too short": ("91", lambda box: None, INVALID_NUMBER_FORMAT),
    "a feature": ("*21", lambda box: None, CALL_REJECTED),
    "outside is busy": ("988881234", lambda box: box.line(4).far_end.busy(), USER_BUSY),
    "no line is free": (
        "988881234", lambda box: [box.line(number).ring() for number in (2, 3, 4)], NO_CIRCUIT_AVAILABLE,
    ),
}


@pytest.mark.parametrize("why", FAILURES)
def test_who_cannot_transfer_has_the_call_still_and_is_told_why(box, why):
    number, prepare, cause = FAILURES[why]
    caller, agent = served(box)
    prepare(box)
    agent.transfer(number)
    box.clock.advance(50)
    assert agent.told == [cause]
    assert caller.hears_party(agent)
    assert box.agent("201").state == "talking"
    agent.transfer("202")  # and may try another
    box.clock.advance(3)
    assert (agent.told, agent.state) == ([cause], "answered")
    box.phone("202").answer()
    assert caller.hears_party(box.phone("202").party)
    assert (agent.told, agent.state) == ([cause, 0], "ended")


def test_who_hears_that_a_transfer_failed_has_the_call_already(box):
    """Some telephones hang up when they hear it: that is the end of a talk, and theirs."""
    caller, agent = served(box)
    box.phone("204").busy()
    agent.transfer("204")
    while not agent.told:
        box.loop.run_turns(1)
    assert caller.hears_party(agent)
    agent.hang_up()
    assert caller.state == "ended"
    assert only(box).by == "agent"


def test_a_transfer_that_failed_leaves_one_whole_record(box):
    caller, agent = served(box)
    box.phone("204").busy()
    agent.transfer("204")
    box.clock.advance(10)
    agent.hang_up()
    assert caller.state == "ended"
    box.clock.advance(1)
    assert box.agent("201").state == "acw"
    cdr = only(box)
    assert (cdr.outcome, cdr.by, cdr.agent, cdr.queue) == ("answered", "agent", "201", "service")
    assert [(one.kind, one.who) for one in cdr.segments if one.kind in ("talk", "transfer", "ring")] == [
        ("ring", "201"), ("talk", "201"), ("ring", "204"), ("transfer", "204"), ("talk", "201"),
    ]
    assert [event.data["cause"] for event in box.seen(Kind.TRANSFER_FAILED)] == [USER_BUSY]


@pytest.mark.parametrize("after_s", [0.0, 0.0005, 0.0015, 0.01, 1.0])
def test_who_transfers_and_hangs_up_at_once_is_not_missed(box, after_s):
    caller, agent = served(box)
    box.phone("204").answers_after(3)
    box.gateway.transfer(agent.channel, "204")
    if after_s:
        box.clock.advance(after_s)
    agent.hang_up()
    box.clock.advance(1)
    assert (box.phone("204").state, caller.hears) == ("ringing", "tone:ringback")
    assert box.agent("201").state == "acw"
    box.clock.advance(4)
    assert caller.hears_party(box.phone("204").party)
    assert agent.told == []
    caller.hang_up()
    assert (only(box).by, only(box).agent) == ("caller", "201")


def test_who_was_transferred_by_somebody_gone_is_told_why_there_is_no_talk(box):
    caller, agent = served(box)
    box.phone("204").busy()
    box.gateway.transfer(agent.channel, "204")
    agent.hang_up()
    box.clock.advance(10)
    assert caller.heard[-1][1] == "extension-busy"
    assert caller.state == "ended"
    assert box.gateway.channels == {}


def test_a_caller_inside_who_cannot_transfer_talks_on_with_the_one_outside(box):
    inside, outside = dialled_out(box)
    box.phone("204").busy()
    inside.transfer("204")
    box.clock.advance(2)
    assert inside.told == [USER_BUSY]
    assert inside.hears_party(outside)
    inside.hang_up()
    assert outside.state == "ended"
    cdr = only(box)
    assert (cdr.direction, cdr.by, cdr.outcome) == ("out", "caller", "answered")
    assert [one.who for one in cdr.segments if one.kind == "talk"] == ["line:4:88881234", "line:4:88881234"]


def test_an_extension_that_transfers_to_itself_is_busy(box):
    box.phone("202").answers_after(1)
    caller = box.line(3).ring(NUMBER)
    box.clock.advance(3)
    called = box.phone("202").party
    called.transfer("202")
    assert called.told == [USER_BUSY]
    assert caller.hears_party(called)
    assert len(box.phone("202").parties) == 1


def test_a_caller_who_gives_up_while_the_target_rings_ends_it_all(box):
    caller, agent = served(box)
    agent.transfer("204")
    box.clock.advance(2)
    assert box.phone("204").state == "ringing"
    caller.hang_up()
    assert (box.phone("204").state, agent.state, agent.told) == ("ended", "ended", [NORMAL_CLEARING])
    assert box.agent("201").state == "acw"
    assert (only(box).by, only(box).outcome) == ("caller", "answered")


@pytest.mark.parametrize("after_s", [0.0, 0.0002, 0.0005, 0.0009])
def test_a_target_who_hangs_up_in_the_moment_of_the_answer_gives_the_call_back(box, after_s):
    caller, agent = served(box)
    agent.transfer("204")
    box.clock.advance(2)
    target = box.phone("204").party
    box.gateway.far_answers(target.channel)
    box.loop.call_later(after_s, box.gateway.party_hangs_up, target.channel, NORMAL_CLEARING)
    box.clock.advance(1)
    assert agent.told == [NORMAL_CLEARING]
    assert caller.hears_party(agent)


def test_a_bridge_that_cannot_be_made_gives_the_call_back(box):
    caller, agent = served(box)
    box.phone("204").answers_after(1)
    agent.transfer("204")
    box.gateway.bridge_refusal = "no slot is free"
    tried = len(connects(box))
    while len(connects(box)) == tried:
        box.loop.run_turns(1)
    box.gateway.bridge_refusal = ""
    box.clock.advance(1)
    assert agent.told == [TEMPORARY_FAILURE]
    assert caller.hears_party(agent)
    assert box.phone("204").state == "ended"


def connects(box) -> list[Connect]:
    return [order for order in box.gateway.orders if isinstance(order, Connect)]


def test_a_call_that_cannot_be_given_back_either_ends(box):
    caller, agent = served(box)
    box.phone("204").busy()
    box.gateway.bridge_refusal = "no slot is free"
    agent.transfer("204")
    box.clock.advance(2)
    assert (caller.state, agent.state) == ("ended", "ended")
    assert len(agent.told) == 1
    assert agent.told != [0]
    assert box.gateway.channels == {}


def test_who_is_on_hold_before_a_transfer_that_fails_is_on_hold_after_it(box):
    caller, agent = served(box)
    agent.hold()
    box.clock.advance(2)
    assert caller.hears == "music"
    box.phone("204").rings()
    agent.transfer("204")
    box.clock.advance(10)
    assert caller.hears == "tone:ringback"
    box.clock.advance(40)
    assert agent.told == [NO_ANSWER]
    assert caller.hears == "music"
    box.clock.advance(3)
    agent.resume()
    assert caller.hears_party(agent)
    caller.hang_up()
    assert only(box).hold_s == pytest.approx(2 + 5 + 3, abs=0.2)  # while the target rings it is no hold


def test_nobody_outside_may_transfer(box):
    caller, agent = served(box)
    caller.transfer("988881234")
    assert caller.told == [CALL_REJECTED]
    assert caller.hears_party(agent)


def test_who_talks_with_nobody_cannot_transfer(box):
    caller = box.phone("203").calls("204")
    box.clock.advance(1)
    box.gateway.tell(Transferring, channel=caller.channel.id, number="202")
    box.clock.advance(1)
    orders = [order for order in box.gateway.orders if isinstance(order, ConcludeTransfer)]
    assert [(order.channel, order.cause) for order in orders] == [(caller.channel.id, CALL_REJECTED)]
    assert box.phone("204").state == "ringing"


def test_the_target_of_a_transfer_may_transfer_on_and_get_the_call_back(box):
    caller, agent = served(box)
    box.phone("203").answers_after(1)
    agent.transfer("203")
    box.clock.advance(3)
    second = box.phone("203").party
    box.phone("204").busy()
    second.transfer("204")
    box.clock.advance(2)
    assert (second.told, second.state) == ([USER_BUSY], "answered")
    assert caller.hears_party(second)
    assert agent.told == [0]


def test_a_transfer_outside_is_over_when_somebody_answers_there(box):
    caller, agent = served(box)
    box.line(4).far_end.answers_after(2)
    agent.transfer("988881234")
    box.clock.advance(4)
    assert caller.hears_party(box.line(4).far_end.party)
    assert (agent.told, agent.state) == ([0], "ended")


# ---- the exchange dies meanwhile -------------------------------------------------------------------------------------

INSTANTS = [*(step / 1000 for step in range(12)), 0.05, 0.5, *(1.09 + step / 1000 for step in range(0, 40, 2)), 1.5]


@pytest.mark.parametrize("target", ["answers", "refuses"])
@pytest.mark.parametrize("how", [{}, {"last_words": True}, {"lost_orders": True}])
@pytest.mark.parametrize("killed_at_s", INSTANTS)
def test_killed_at_any_instant_a_transfer_ends_as_it_would_have(box, killed_at_s, how, target):
    caller, agent = served(box)
    phone = box.phone("204")
    phone.rings_after_s = 0.1
    phone.answers_after(1) if target == "answers" else None
    box.gateway.transfer(agent.channel, "204")
    if target == "refuses":
        box.loop.call_later(1.1, lambda: phone.parties and phone.party.hang_up(CALL_REJECTED))
    box.clock.advance(killed_at_s)
    box.kill(**how)
    box.clock.advance(0.3)
    box.start()
    box.clock.advance(5)
    if target == "refuses" and phone.state == "ringing":  # asked anew after the restart
        phone.party.hang_up(CALL_REJECTED)
        box.clock.advance(1)
    assert len([party for party in phone.parties if party.state == "answered"]) == (target == "answers")
    if target == "answers":
        assert (agent.told, agent.state) == ([0], "ended")
        assert caller.hears_party(phone.party)
    else:
        assert (agent.told, agent.state) == ([CALL_REJECTED], "answered")
        assert caller.hears_party(agent)
    caller.hang_up()
    box.clock.advance(15)
    assert (box.gateway.channels, box.live) == ({}, [])
    assert box.agent("201").state == "ready"
    assert only(box).outcome == "answered"


@pytest.mark.parametrize("dead_before", [True, False])
def test_who_transfers_without_an_exchange_and_hangs_up_leaves_the_caller_to_the_next(box, dead_before):
    caller, agent = served(box)
    box.phone("204").answers_after(1)
    if dead_before:
        box.kill()
    box.gateway.transfer(agent.channel, "204")
    if not dead_before:
        box.clock.advance(0.003)
        box.kill()
    agent.hang_up() if not dead_before else box.gateway.party_hangs_up(agent.channel, NORMAL_CLEARING)
    box.clock.advance(1)
    assert caller.state == "answered"
    box.start()
    box.clock.advance(4)
    assert caller.hears_party(box.phone("204").party)
    assert box.agent("201").state == "acw"
