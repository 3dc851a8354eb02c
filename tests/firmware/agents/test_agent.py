"""The table of an agent's states."""

import pytest

from firmware.agents.agent import TRANSITIONS, Agent, AgentState, Standing
from firmware.errors import Refused

S = AgentState


def test_what_the_table_does_not_know_is_refused_and_changes_nothing():
    agent = Agent("1001", state=S.TALKING, call="k1-1", since_s=5)
    with pytest.raises(Refused, match="agent 1001 is talking"):
        agent.act("offer", 10)
    assert (agent.state, agent.since_s) == (S.TALKING, 5)


def test_nobody_is_offered_a_caller_but_one_who_is_ready():
    offered_from = {state for (state, act) in TRANSITIONS if act == "offer"}
    assert offered_from == {S.READY}


def test_every_state_that_waits_for_a_machine_has_a_way_out_that_needs_no_person():
    ends = {S.OFFERED: "withdraw", S.TALKING: "end", S.ON_CALL: "to_ready", S.ACW: "ready"}
    assert all((state, act) in TRANSITIONS for state, act in ends.items())


def test_every_state_leads_back_to_ready():
    reaches = {S.READY}
    while more := {state for (state, _), after in TRANSITIONS.items() if after in reaches} - reaches:
        reaches |= more
    assert reaches == set(AgentState)


@pytest.mark.parametrize(("state", "act", "resets"), [
    (S.LOGGED_OUT, "login", True), (S.NOT_READY, "ready", True), (S.ACW, "ready", True),
    (S.OFFERED, "withdraw", False), (S.ON_CALL, "to_ready", False),
])
def test_the_turn_of_an_agent_is_lost_by_their_own_acts_not_by_others(state, act, resets):
    agent = Agent("1001", state=state, idle_since_s=1)
    agent.act(act, 100)
    assert agent.state is S.READY
    assert agent.idle_since_s == (100 if resets else 1)


@pytest.mark.parametrize("agent", [
    Agent("1", state=S.NOT_READY, reason="lunch", extension="201", since_s=5, idle_since_s=3),
    Agent("1", state=S.TALKING, extension="201", since_s=5, call="k-1", acw_s=10, wish=Standing(S.NOT_READY, "break")),
    Agent("1", state=S.ACW, extension="201", since_s=5, call="k-1", acw_s=10, acw_until_s=15),
    Agent("1", state=S.ON_CALL, since_s=5, call="k-2", interrupted=Standing(S.ACW, "", "k-1"), acw_s=9, acw_until_s=15),
])
def test_what_the_journal_keeps_brings_an_agent_back_as_they_were(agent):
    again = Agent("1")
    again.restore(agent.facts(), at_s=99)
    if agent.state is S.ON_CALL:
        agent.acw_s = again.acw_s    # the time it ends is what counts
    assert again == agent


def test_what_an_older_release_wrote_is_enough():
    agent = Agent("1")
    agent.restore({"agent": "1", "state": "ready", "reason": "", "extension": "201", "call_id": ""}, at_s=50)
    assert (agent.state, agent.since_s, agent.idle_since_s) == (S.READY, 50, 50)
