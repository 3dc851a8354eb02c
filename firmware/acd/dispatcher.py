"""Brings waiting callers and free agents together; wakes when something changed, never to look whether it has."""

import asyncio
from collections.abc import Callable

from firmware.acd.strategy import STRATEGIES
from firmware.acd.waiting import WaitingCaller
from firmware.agents.agent import LOGGED_OUT, Agent
from firmware.agents.roster import Roster
from firmware.config.schema import Config, Queue

UNATTENDED_S = 60.0    # how long callers wait for somebody to log in


class Dispatcher:
    """All waiting lists. Who has waited longest, in whatever queue, is served first."""

    def __init__(self, roster: Roster, config: Callable[[], Config]) -> None:
        self._roster, self._config = roster, config
        self._waiting: list[WaitingCaller] = []    # oldest first
        self._awake = False
        roster.on_change(self.wake)

    def enter(self, caller: WaitingCaller) -> int:
        """Put a caller in line by the time they have waited, and return their position in their queue, from 1."""
        self._waiting.append(caller)
        self._waiting.sort(key=lambda waiting: waiting.since_s)
        self.wake()
        return self.position(caller)

    def leave(self, caller: WaitingCaller) -> None:
        """Take a caller out of the line."""
        self._waiting.remove(caller)
        caller.attended(True, 0.0)
        self.wake()

    def waiting(self, queue: str) -> list[WaitingCaller]:
        """Return who waits in a queue, oldest first."""
        return [caller for caller in self._waiting if caller.queue == queue]

    def position(self, caller: WaitingCaller) -> int:
        """Return a caller's position in their queue, from 1."""
        return self.waiting(caller.queue).index(caller) + 1

    def queue(self, name: str) -> Queue | None:
        """Return a queue as it is configured now."""
        return next((queue for queue in self._config().queues if queue.name == name), None)

    def correct(self, step_s: float) -> None:
        """Take note that the clock was set by so much: nobody has waited for longer or shorter."""
        for caller in self._waiting:
            caller.since_s += step_s

    def wake(self) -> None:
        """Look through the lines once all that happens at this instant has happened."""
        if not self._awake:
            self._awake = True
            asyncio.get_running_loop().call_soon(self._assign)

    def _assign(self) -> None:
        self._awake = False
        queues = {queue.name: queue for queue in self._config().queues}
        attended = {name: self._attended(queue) for name, queue in queues.items()}
        free = {number: agent for number, agent in self._roster.agents.items() if self._roster.available(number)}
        for caller in self._waiting:
            queue = queues.get(caller.queue)
            if queue is None:
                caller.finish(None)
            elif not caller.end.done():
                caller.attended(attended[queue.name], UNATTENDED_S)
                self._take_back(caller)
                if free:
                    self._offer(caller, queue, free)

    def _attended(self, queue: Queue) -> bool:
        agents = (self._roster.agents.get(number) for number in queue.agents)
        return any(agent is not None and agent.state is not LOGGED_OUT for agent in agents)

    def _take_back(self, caller: WaitingCaller) -> None:
        """Let a telephone ring no longer whose agent logged out, is not ready or is in another call meanwhile."""
        for number, leg in caller.offers.items():
            if leg is not None and not self._roster.is_offered(number, caller.call):
                leg.hang_up()

    def _offer(self, caller: WaitingCaller, queue: Queue, free: dict[str, Agent]) -> None:
        """Reserve and ring: an agent is OFFERED before anybody else is looked at, so nobody is taken twice."""
        strategy = STRATEGIES[queue.strategy]
        if not caller.served or caller.taken() or (caller.offers and not strategy.together):
            return
        candidates = strategy.rank([free[number] for number in queue.agents if number in free])
        for agent in candidates[: None if strategy.together else 1]:
            del free[agent.number]
            self._roster.offer(agent.number, caller.call, queue.acw_s)
            caller.ring(agent.number)
