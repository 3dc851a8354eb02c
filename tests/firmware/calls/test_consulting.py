"""Consultations at the desk: the caller hears music while the agent asks somebody, at the one telephone."""

import pytest

from drivers.link.causes import CALL_REJECTED
from firmware.control.call import view
from firmware.control.methods import Asker, Role
from firmware.errors import Refused
from firmware.events import Kind
from tests.fakes.box import Box, config

AGENT = Asker("li", Role.AGENT, agent="201")
NUMBER = "13800138000"


@pytest.fixture
def box(tmp_path):
    """A box whose callers reach agent 201, who may ask 202 by the queue `experts`, or anybody."""
    queues = [
        {"name": "service", "agents": ["201"], "acw_s": 10, "record": True},
        {"name": "experts", "agents": ["202"], "acw_s": 5, "record": True},
    ]
    box = Box(tmp_path, config(queues=queues, routes=[{"name": "all", "to": "queue:service"}]))
    box.login("201", "202")
    yield box
    box.close()


def ask(box, what, **params):
    box.wait(box.exchange.methods.call(AGENT, f"desk.{what}", {"number": "201", **params}))
    box.settle()


def at_hand(box):
    return box.wait(box.exchange.methods.call(AGENT, "desk.show", {"number": "201"})).call


def seen_by_all(box):
    """Return of each other party of the one call: its agent, whom it asks, whether it talks with somebody."""
    return [(leg.agent, leg.asks, leg.talks) for leg in view(box.live[0]).legs]


@pytest.fixture
def caller(box):
    """A caller with whom agent 201 talks."""
    box.phone("201").answers_after(1)
    caller = box.line(1).ring(NUMBER)
    box.clock.advance(12)
    assert caller.hears_party(box.phone("201").party)
    return caller


@pytest.fixture
def agent(box, caller):
    return box.phone("201").party


@pytest.fixture
def asked(box, agent):
    """Extension 204, with whom the agent talks about the caller."""
    box.phone("204").answers_after(1)
    ask(box, "consult", digits="204")
    box.clock.advance(4)
    assert agent.hears_party(box.phone("204").party)
    return box.phone("204").party


def record(box):
    """Return the caller's record, once all is over."""
    (cdr,) = box.calls
    return cdr


def parts(cdr, *kinds):
    return [(one.kind, one.who) for one in cdr.segments if one.kind in kinds]


def over(box):
    """Tell whether nothing is left of any call, and the agents are free."""
    box.clock.advance(20)
    return (box.gateway.channels, box.live, box.agent("201").state) == ({}, [], "ready")


def test_the_caller_hears_music_while_the_agent_asks_at_the_same_telephone(box, caller, agent):
    ask(box, "consult", digits="204")
    box.clock.advance(2)
    assert (caller.hears, agent.hears, box.phone("204").state) == ("music", "tone:ringback", "ringing")
    assert at_hand(box).asked.state == "ringing"
    assert at_hand(box).acts == ["complete", "reconnect"]
    assert box.phone("204").party.channel.caller_number == "201"
    box.phone("204").answer()
    assert (caller.hears, agent.hears_party(box.phone("204").party)) == ("music", True)
    assert at_hand(box).asked.state == "answered"
    assert at_hand(box).acts == ["complete", "swap", "reconnect"]
    assert box.agent("201").state == "talking"
    assert len(box.phone("201").parties) == 1


def test_completed_caller_and_asked_have_each_other_and_the_agent_is_free(box, caller, agent, asked):
    box.clock.advance(6)
    ask(box, "complete")
    assert caller.hears_party(asked)
    assert (agent.state, box.agent("201").state) == ("ended", "acw")
    box.clock.advance(20)
    asked.hang_up()
    assert caller.state == "ended"
    cdr = record(box)
    assert parts(cdr, "talk", "consult", "hold", "transfer") == [
        ("talk", "201"), ("hold", "201"), ("consult", "201>204"), ("talk", "204"),
    ]
    lengths = {one.kind: one.duration_s for one in cdr.segments if one.who != "201"}
    assert (lengths["consult"], lengths["talk"]) == (pytest.approx(9, abs=0.5), pytest.approx(20, abs=0.5))
    assert (cdr.by, cdr.queue, cdr.agent, cdr.outcome, len(cdr.recordings)) == (
        "extension", "service", "201", "answered", 1,
    )
    assert over(box)


def test_what_is_said_about_the_caller_is_in_no_recording(box, caller, agent):
    """Not either where the queue that is asked records its own callers."""
    box.phone("202").answers_after(1)
    ask(box, "consult", queue="experts")
    box.clock.advance(10)
    assert agent.hears_party(box.phone("202").party)
    assert [channel.source for channel in box.gateway.channels.values() if channel.recording] == ["line:1"]
    assert not [said for said in agent.heard if said[1] == "recording-notice"]


def test_the_agent_talks_with_both_in_turn(box, caller, agent, asked):
    assert seen_by_all(box) == [("201", "204", True), ("", "", True)]
    ask(box, "swap")
    assert (caller.hears_party(agent), asked.hears) == (True, "music")
    assert at_hand(box).asked.state == "waiting"
    assert seen_by_all(box) == [("201", "204", True), ("", "", False)]
    box.clock.advance(5)
    ask(box, "swap")
    assert (caller.hears, asked.hears_party(agent)) == ("music", True)
    box.clock.advance(5)
    ask(box, "swap")
    ask(box, "complete")
    assert caller.hears_party(asked)
    caller.hang_up()
    cdr = record(box)
    assert parts(cdr, "talk", "consult") == [
        ("talk", "201"), ("consult", "201>204"), ("talk", "201"), ("consult", "201>204"), ("talk", "201"),
        ("talk", "204"),
    ]
    assert over(box)


@pytest.mark.parametrize("answers", [True, False])
def test_who_gives_up_asking_is_back_with_the_caller(box, caller, agent, answers):
    box.phone("204").answers_after(1) if answers else None
    ask(box, "consult", digits="204")
    box.clock.advance(4)
    ask(box, "reconnect")
    assert caller.hears_party(agent)
    assert (box.phone("204").state, at_hand(box).asked) == ("ended", None)
    assert box.agent("201").state == "talking"
    ask(box, "consult", digits="203")  # and may ask another
    box.clock.advance(2)
    assert (box.phone("203").state, caller.hears) == ("ringing", "music")
    ask(box, "reconnect")
    caller.hang_up()
    assert record(box).by == "caller"
    assert over(box)


FAILURES = {
    "busy": ({"digits": "204"}, lambda box: box.phone("204").busy(), "busy"),
    "in use": ({"digits": "204"}, lambda box: box.phone("204").calls("203"), "busy"),
    "refuses": ({"digits": "204"}, lambda box: box.phone("204").refuses(CALL_REJECTED), "refused"),
    "does not answer": ({"digits": "204"}, lambda box: box.phone("204").rings(), "no_answer"),
    "switched off": ({"digits": "204"}, lambda box: box.phone("204").unregistered(), "failed"),
    "hangs up": ({"digits": "204"}, lambda box: _answers_and_leaves(box, "204"), "hung_up"),
    "hangs up outside": ({"digits": "988881234"}, lambda box: _answers_and_leaves(box, "line:4"), "hung_up"),
    "is busy outside": ({"digits": "988881234"}, lambda box: box.line(4).far_end.busy(), "busy"),
    "may not be called": ({"digits": "9001442012345678"}, lambda box: None, "refused"),
    "nobody is logged in": ({"queue": "experts"}, lambda box: box.do(box.roster.logout, "202"), "hung_up"),
    "the agent of a queue hangs up": ({"queue": "experts"}, lambda box: _answers_and_leaves(box, "202"), "hung_up"),
}


def _answers_and_leaves(box, name):
    phone = box.phone(name).answers_after(1)
    box.loop.call_later(20, lambda: phone.party.hang_up())


@pytest.mark.parametrize("why", FAILURES)
def test_who_reaches_nobody_is_back_with_the_caller_and_reads_why(box, caller, agent, why):
    params, prepare, word = FAILURES[why]
    prepare(box)
    ask(box, "consult", **params)
    box.clock.advance(70)
    assert caller.hears_party(agent)
    assert at_hand(box).asked.state == word
    assert at_hand(box).acts == ["hang_up", "hold", "transfer", "consult"]
    assert box.agent("201").state == "talking"
    assert not [sound for _, sound in caller.heard if sound not in ("music", "recording-notice", "position")][2:]
    caller.hang_up()
    assert over(box)


def test_who_is_asked_outside_is_called_by_the_rights_of_the_agents_extension(box, caller, agent):
    box.line(4).far_end.answers_after(1)
    ask(box, "consult", digits="988881234")
    box.clock.advance(5)
    outside = box.line(4).far_end.party
    assert agent.hears_party(outside)
    (allowed,) = box.seen(Kind.OUTSIDE_ALLOWED)
    assert allowed.data["by"] == "201"
    ask(box, "complete")
    assert caller.hears_party(outside)
    box.clock.advance(10)
    caller.hang_up()
    assert outside.state == "ended"
    assert record(box).direction == "in"
    assert over(box)


@pytest.mark.parametrize("talks", [True, False])
def test_a_caller_who_hangs_up_leaves_the_agent_with_whom_they_asked(box, caller, agent, talks):
    box.phone("204").answers_after(1 if talks else 5)
    ask(box, "consult", digits="204")
    box.clock.advance(3)
    caller.hang_up()
    box.clock.advance(5)
    assert agent.hears_party(box.phone("204").party)
    assert box.agent("201").state == "talking"
    box.phone("204").party.hang_up()
    box.clock.advance(1)
    assert (agent.state, box.agent("201").state) == ("ended", "acw")
    assert over(box)


def test_a_caller_who_hangs_up_while_the_asked_waits_leaves_the_two_to_each_other(box, caller, agent, asked):
    ask(box, "swap")
    caller.hang_up()
    assert agent.hears_party(asked)
    agent.hang_up()
    assert asked.state == "ended"
    assert parts(record(box), "consult") == [("consult", "201>204")] * 2
    assert over(box)


@pytest.mark.parametrize("swapped", [True, False])
def test_an_agent_who_hangs_up_leaves_the_two_to_each_other(box, caller, agent, asked, swapped):
    if swapped:
        ask(box, "swap")
    agent.hang_up()
    assert caller.hears_party(asked)
    assert box.agent("201").state == "acw"
    box.clock.advance(2)
    caller.hang_up()
    assert asked.state == "ended"
    assert over(box)


@pytest.mark.parametrize("how", ["hangs up", "completes"])
def test_an_agent_who_leaves_while_it_rings_sends_the_caller_there(box, caller, agent, how):
    ask(box, "consult", digits="204")
    box.clock.advance(2)
    agent.hang_up() if how == "hangs up" else ask(box, "complete")
    assert (caller.hears, box.phone("204").state) == ("tone:ringback", "ringing")
    assert box.agent("201").state == "acw"
    box.phone("204").answer()
    assert caller.hears_party(box.phone("204").party)
    box.clock.advance(3)
    caller.hang_up()
    assert parts(record(box), "transfer", "talk") == [("talk", "201"), ("transfer", "204"), ("talk", "204")]
    assert over(box)


def test_a_caller_whom_nobody_takes_then_rings_the_agent_again(box, caller, agent):
    ask(box, "consult", digits="204")
    box.clock.advance(2)
    box.phone("201").rings()
    agent.hang_up()
    box.clock.advance(46)
    assert (box.phone("204").state, box.phone("201").state, caller.hears) == ("ended", "ringing", "tone:ringback")
    box.phone("201").answer()
    assert caller.hears_party(box.phone("201").party)
    caller.hang_up()
    assert over(box)


def test_a_caller_whom_not_even_the_agent_takes_is_told_so(box, caller, agent):
    ask(box, "consult", digits="204")
    box.clock.advance(2)
    box.phone("201").rings()
    agent.hang_up()
    box.clock.advance(100)
    assert (caller.state, caller.heard[-1][1]) == ("ended", "no-answer")


def test_an_agent_asked_through_a_queue_talks_in_a_served_call_and_has_after_call_work(box, caller, agent):
    box.phone("202").answers_after(1)
    ask(box, "consult", queue="experts")
    box.clock.advance(5)
    expert = box.phone("202").party
    assert agent.hears_party(expert)
    assert (box.agent("202").state, box.agent("201").state) == ("talking", "talking")
    ask(box, "complete")
    assert caller.hears_party(expert)
    assert (box.agent("202").state, box.agent("201").state) == ("talking", "acw")
    box.clock.advance(15)
    caller.hang_up()
    box.clock.advance(1)
    assert box.agent("202").state == "acw"
    cdr = record(box)
    assert parts(cdr, "talk", "consult", "wait") == [
        ("wait", "service"), ("talk", "201"), ("consult", "201>202"), ("talk", "202"),
    ]
    assert (cdr.queue, cdr.agent) == ("service", "202")
    assert len(box.seen(Kind.QUEUE_ENTERED)) == 1  # the agent who asks is no caller of the queue
    box.clock.advance(5)
    assert box.agent("202").state == "ready"
    assert over(box)


def test_an_agent_who_leaves_while_a_queue_is_asked_lets_the_caller_wait_in_it(box, caller, agent):
    ask(box, "consult", queue="experts")
    box.clock.advance(5)
    assert box.phone("202").state == "ringing"
    agent.hang_up()
    assert caller.hears == "music"
    assert [event.data["queue"] for event in box.seen(Kind.QUEUE_ENTERED)] == ["service", "experts"]
    box.phone("202").answer()
    assert caller.hears_party(box.phone("202").party)
    box.clock.advance(3)
    caller.hang_up()
    cdr = record(box)
    assert (cdr.queue, cdr.agent, cdr.outcome) == ("experts", "202", "answered")
    assert [event.data["outcome"] for event in box.seen(Kind.QUEUE_LEFT)] == ["answered", "answered"]
    assert over(box)


def test_an_agent_who_called_somebody_asks_about_them_as_well(box):
    box.line(4).far_end.answers_after(1)
    first = box.phone("201").calls("988881234")
    box.clock.advance(4)
    outside = box.line(4).far_end.party
    box.phone("204").answers_after(1)
    ask(box, "consult", digits="204")
    box.clock.advance(3)
    assert (outside.hears, first.hears_party(box.phone("204").party)) == ("music", True)
    ask(box, "reconnect")
    assert outside.hears_party(first)
    ask(box, "consult", digits="204")
    box.clock.advance(3)
    ask(box, "complete")
    assert outside.hears_party(box.phone("204").party)
    assert first.state == "ended"
    outside.hang_up()
    assert record(box).direction == "out"
    assert over(box)


def test_a_supervisor_ends_the_call_for_all_three(box, caller, agent, asked):
    boss = Asker("boss", Role.SUPERVISOR, "s3", "192.0.2.3")
    box.wait(box.exchange.methods.call(boss, "call.hang_up", {"id": box.live[0].id}))
    box.clock.advance(1)
    assert (caller.state, agent.state, asked.state) == ("ended", "ended", "ended")
    assert over(box)


def test_what_cannot_be_asked_is_refused_and_changes_nothing(box, caller, agent):
    for what, params, code in (
        ("consult", {}, "bad-request"),
        ("consult", {"digits": "204", "queue": "experts"}, "bad-request"),
        ("consult", {"digits": "777"}, "nobody-there"),
        ("consult", {"queue": "nobody"}, "not-found"),
        ("swap", {}, "no-call"),
        ("complete", {}, "no-call"),
        ("reconnect", {}, "no-call"),
    ):
        with pytest.raises(Refused) as told:
            ask(box, what, **params)
        assert told.value.code == code
    agent.hold()
    with pytest.raises(Refused) as told:
        ask(box, "consult", digits="204")
    assert told.value.code == "held-there"
    agent.resume()
    assert caller.hears_party(agent)
    ask(box, "consult", digits="204")
    with pytest.raises(Refused) as told:
        ask(box, "swap")  # nobody has answered
    assert told.value.code == "no-call"
    with pytest.raises(Refused) as told:
        ask(box, "consult", digits="203")
    assert told.value.code == "no-call"
    agent.transfer("203")  # by the telephone's own key
    assert agent.told == [CALL_REJECTED]
    assert caller.hears == "music"


# ---- the exchange or the gateway dies meanwhile ----------------------------------------------------------------------

INSTANTS = [0, 0.001, 0.003, 0.05, 1.1, 1.102, 1.104, 1.106, 3]
DEATHS = [({"lost_orders": True}, "hang up"), ({"last_words": True}, "reconnect"), ({}, "complete")]


@pytest.mark.parametrize(
    ("killed_at_s", "how", "then"),
    [(at_s, *DEATHS[0]) for at_s in INSTANTS] + [(at_s, *DEATHS[1 + turn % 2]) for turn, at_s in enumerate(INSTANTS)],
)
def test_killed_at_any_instant_an_agent_asks_on(box, caller, agent, killed_at_s, how, then):
    phone = box.phone("204").answers_after(1)
    box.loop.run_until_complete(box.exchange.methods.call(AGENT, "desk.consult", {"number": "201", "digits": "204"}))
    box.clock.advance(killed_at_s)
    box.kill(**how)
    box.clock.advance(0.3)
    box.start()
    box.clock.advance(5)
    asked = next(party for party in phone.parties if party.state == "answered")
    assert (caller.hears, agent.hears_party(asked)) == ("music", True)
    if then == "reconnect":
        ask(box, "reconnect")
        assert caller.hears_party(agent)
    else:
        agent.hang_up() if then == "hang up" else ask(box, "complete")
        assert caller.hears_party(asked)
    caller.hang_up()
    assert over(box)
    assert record(box).outcome == "answered"


@pytest.mark.parametrize("how", [{}, {"lost_orders": True}])
@pytest.mark.parametrize("act", ["swap", "complete", "reconnect"])
@pytest.mark.parametrize("killed_at_s", [0, 0.001, 0.004])
def test_killed_while_it_is_ended_nobody_is_lost(box, caller, agent, asked, killed_at_s, act, how):
    box.loop.run_until_complete(box.exchange.methods.call(AGENT, f"desk.{act}", {"number": "201"}))
    box.clock.advance(killed_at_s)
    box.kill(**how)
    box.clock.advance(0.3)
    box.start()
    box.clock.advance(3)
    together = [
        caller.hears_party(agent) and asked.hears in ("", "music"),
        caller.hears_party(asked) and agent.state == "ended",
        agent.hears_party(asked) and caller.hears == "music",
    ]
    assert together.count(True) == 1
    caller.hang_up()
    agent.hang_up()
    assert over(box)


@pytest.mark.parametrize("who", ["agent", "caller", "asked"])
def test_who_hangs_up_while_there_is_no_exchange_is_missed_when_it_is_back(box, caller, agent, asked, who):
    box.kill()
    {"agent": agent, "caller": caller, "asked": asked}[who].hang_up()
    box.clock.advance(1)
    box.start()
    box.clock.advance(2)
    box.phone("201").rings()
    box.clock.advance(100)
    for party in (caller, agent, asked):
        party.hang_up()
    assert over(box)
    assert len(box.calls) == 1


def test_with_the_gateway_all_is_lost_and_the_record_closed(box, caller, agent, asked):
    box.lose_gateway()
    box.clock.advance(1)
    assert box.live == []
    assert (record(box).gap, record(box).outcome) == ("gateway", "answered")
    box.clock.advance(15)
    assert box.agent("201").state == "ready"
