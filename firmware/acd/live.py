"""The queues as they are now, and what they have done today: told from events, so nothing is counted twice."""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date

import msgspec

from firmware.acd.dispatcher import Dispatcher
from firmware.agents.agent import ACW, LOGGED_OUT, NOT_READY, OFFERED, ON_CALL, READY, TALKING
from firmware.agents.roster import Roster
from firmware.clock import Clock
from firmware.config.schema import Config, Queue
from firmware.events import Event, Kind

IN_TIME = "in_time"


class QueueStatus(msgspec.Struct, frozen=True):
    """One queue. Callers now; agents now, by state; callers since midnight, by how their waiting ended."""

    name: str
    title: str
    strategy: str
    waiting: int
    longest_wait_s: float
    agents: int              # logged in
    ready: int               # a caller would ring their telephones now
    offered: int
    talking: int
    on_call: int
    acw: int
    not_ready: int
    entered_today: int
    answered_today: int
    answered_in_time_today: int    # within `service_level_s`
    service_level_s: float
    abandoned_today: int
    timed_out_today: int
    overflowed_today: int


class LiveQueues:
    """Counts as events come; give it today's QUEUE_ENTERED and QUEUE_LEFT events again after a restart (`follow`)."""

    def __init__(self, config: Callable[[], Config], dispatcher: Dispatcher, roster: Roster, clock: Clock) -> None:
        self._config, self._dispatcher, self._roster, self._clock = config, dispatcher, roster, clock
        self._day = date.min
        self._today: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def follow(self, event: Event) -> None:
        """Count one event; a new day begins with nothing."""
        if event.kind not in (Kind.QUEUE_ENTERED, Kind.QUEUE_LEFT):
            return
        day = self._clock.at(event.at_s).date()
        if day > self._day:
            self._day = day
            self._today.clear()
        elif day < self._day:
            return
        name = str(event.data["queue"])
        if event.kind is Kind.QUEUE_ENTERED:
            self._today[name]["entered"] += 1
            return
        outcome = str(event.data["outcome"])
        self._today[name][outcome] += 1
        queue = self._dispatcher.queue(name)
        if outcome == "answered" and queue and float(event.data["wait_s"]) <= queue.service_level_s:
            self._today[name][IN_TIME] += 1

    def table(self) -> list[QueueStatus]:
        """Return every queue's status, in the configuration's order."""
        if self._clock.now().date() > self._day:
            self._today.clear()
        return [self._status(queue) for queue in self._config().queues]

    def _status(self, queue: Queue) -> QueueStatus:
        waiting = self._dispatcher.waiting(queue.name)
        now_s = self._clock.wall_s()
        agents = [self._roster.agents[number] for number in queue.agents if number in self._roster.agents]
        states = Counter(agent.state for agent in agents)
        ready = sum(self._roster.available(agent.number) for agent in agents if agent.state is READY)
        today = self._today[queue.name]
        return QueueStatus(
            name=queue.name,
            title=queue.title,
            strategy=queue.strategy,
            waiting=len(waiting),
            longest_wait_s=max((now_s - caller.since_s for caller in waiting), default=0.0),
            agents=len(agents) - states[LOGGED_OUT],
            ready=ready,
            offered=states[OFFERED],
            talking=states[TALKING],
            on_call=states[ON_CALL],
            acw=states[ACW],
            not_ready=states[NOT_READY],
            entered_today=today["entered"],
            answered_today=today["answered"],
            answered_in_time_today=today[IN_TIME],
            service_level_s=queue.service_level_s,
            abandoned_today=today["abandoned"],
            timed_out_today=today["timed_out"],
            overflowed_today=today["overflowed"],
        )
