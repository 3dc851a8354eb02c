"""Whom a queue rings: pure ranking, no I/O."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from firmware.agents.agent import Agent


def longest_idle(agents: Sequence[Agent]) -> list[Agent]:
    """Rank first the agent who has waited longest since the last queue call; of equals, the lowest number."""
    return sorted(agents, key=lambda agent: (agent.idle_since_s, agent.number))


class Strategy(NamedTuple):
    """How a queue shares out its callers."""

    rank: Callable[[Sequence[Agent]], list[Agent]]
    together: bool    # all who are free are rung at once, and who comes free joins in


STRATEGIES = {
    "longest_idle": Strategy(longest_idle, together=False),
    "ring_all": Strategy(longest_idle, together=True),
}
