"""Whom a queue rings first."""

from firmware.acd.strategy import STRATEGIES, longest_idle
from firmware.agents.agent import Agent


def test_who_has_waited_longest_since_the_last_queue_call_is_first():
    agents = [Agent("201", idle_since_s=30), Agent("202", idle_since_s=10), Agent("203", idle_since_s=20)]
    assert [agent.number for agent in longest_idle(agents)] == ["202", "203", "201"]


def test_of_two_who_waited_equally_long_the_lower_number_is_first():
    agents = [Agent("202", idle_since_s=10), Agent("201", idle_since_s=10)]
    assert [agent.number for agent in longest_idle(agents)] == ["201", "202"]


def test_ranking_changes_nobody_and_needs_nobody():
    agents = [Agent("202", idle_since_s=2), Agent("201", idle_since_s=1)]
    longest_idle(agents)
    assert [agent.number for agent in agents] == ["202", "201"]
    assert longest_idle([]) == []


def test_one_strategy_rings_one_and_the_other_rings_all():
    assert not STRATEGIES["longest_idle"].together
    assert STRATEGIES["ring_all"].together
