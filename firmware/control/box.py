"""`status` and `live`: the box at a glance."""

import msgspec

from firmware.alarms import Alarms, Raised
from firmware.calls.gateway import Gateway
from firmware.clock import Clock
from firmware.config.configuration import Configuration
from firmware.config.trial import Trial
from firmware.control.agent import AgentMethods, AgentView
from firmware.control.ban import BanMethods
from firmware.control.call import CallMethods, CallView
from firmware.control.line import LineMethods, LineView
from firmware.control.methods import Asker, Role, method
from firmware.control.queue import QueueMethods, QueueView
from firmware.control.span import SpanMethods, SpanView
from firmware.control.version import version
from firmware.errors import BusyhourError, Problem
from firmware.events import Bus, Event, Kind
from firmware.records.cdr import Cdr
from firmware.records.reader import Reader

LAST = 10  # calls on record that a picture shows
SETTLED_S = 6.0  # a call's record is on disk so long after its end; longer than the pulse of pictures


class BoxView(msgspec.Struct, frozen=True):
    """Whose picture it is."""

    name: str
    timezone: str


class GatewayView(msgspec.Struct, frozen=True):
    """The gateway: its epoch, its counters as told last; `provisioned`: our configuration is in force there."""

    connected: bool
    epoch: str
    counters: dict[str, float]
    provisioned: bool = False


class Status(msgspec.Struct, frozen=True):
    """How the box is. `config_problems`: what was wrong with the newest revisions at the start.

    `trial`: the revision in force goes back by itself unless it is confirmed.

    `banned` are those who are kept out, `turned` the telephones that do not get in: `ban.list` tells more.
    """

    at_s: float
    started_s: float
    version: str
    box: BoxView
    revision: int
    gateway: GatewayView
    lines: dict[str, int]
    calls: int
    waiting: int
    agents: dict[str, int]
    extensions: int
    registered: int
    alarms: list[Raised]
    config_problems: list[Problem]
    trial: Trial | None = None
    banned: int = 0
    turned: int = 0


class PastView(msgspec.Struct, frozen=True):
    """A call on record, in short."""

    id: str
    direction: str
    number: str
    caller_name: str
    withheld: bool
    outcome: str
    queue: str
    agent: str
    started_s: float
    wait_s: float
    talk_s: float


class WaitingView(msgspec.Struct, frozen=True):
    """New messages that wait for an extension."""

    number: str
    name: str
    new: int


class Live(msgspec.Struct, frozen=True):
    """Everything that somebody looks at, as it is at `at_s`; `trial` is that of `revision`, the one in force."""

    at_s: float
    box: BoxView
    gateway: bool
    alarms: list[Raised]
    lines: list[LineView]
    calls: list[CallView]
    queues: list[QueueView]
    agents: list[AgentView]
    last: list[PastView]
    revision: int = 0
    trial: Trial | None = None
    spans: list[SpanView] = []
    waiting: list[WaitingView] = []  # extensions for which new messages wait


class BoxMethods:
    """What can be asked of the box as a whole."""

    def __init__(
        self,
        *,
        clock: Clock,
        bus: Bus,
        alarms: Alarms,
        configuration: Configuration,
        gateway: Gateway,
        records: Reader,
        agents: AgentMethods,
        calls: CallMethods,
        lines: LineMethods,
        queues: QueueMethods,
        bans: BanMethods,
        spans: SpanMethods,
    ) -> None:
        self._clock, self._configuration, self._gateway, self._records = clock, configuration, gateway, records
        self._agents, self._calls, self._lines, self._queues = agents, calls, lines, queues
        self._alarms, self._bans, self._spans = alarms, bans, spans
        self._started_s = clock.wall_s()
        self._last: list[PastView] = []
        self._last_fresh_until_s = 0.0  # after an event that changes records they are read again until here
        bus.subscribe(self._follow)
        self._follow(Event(self._started_s, Kind.CALL_ENDED))

    @method("status", Role.VIEWER)
    def status(self) -> Status:
        """Say how the box is."""
        lines = self._lines.lines()
        agents = self._agents.everyone()
        extensions, bans = self._lines.extensions(), self._bans.table()
        return Status(
            at_s=self._clock.wall_s(),
            started_s=self._started_s,
            version=version(),
            box=self._box(),
            revision=self._configuration.revision.number,
            gateway=GatewayView(
                self._gateway.connected, self._gateway.epoch, self._gateway.counters, self._gateway.provisioned
            ),
            lines=_count([line.state for line in lines]),
            calls=len(self._calls.live()),
            waiting=sum(queue.waiting for queue in self._queues.table()),
            agents=_count([agent.state for agent in agents]),
            extensions=len(extensions),
            registered=sum(extension.registered for extension in extensions),
            alarms=self._alarms.table(),
            config_problems=self._configuration.problems,
            trial=self._configuration.trial,
            banned=len(bans.bans),
            turned=len(bans.turned),
        )

    @method("live", Role.VIEWER)
    async def seen(self, session: Asker) -> Live:
        """Return the picture as the topic `live` tells it; to an agent, own queues and calls alone."""
        live = await self.live()
        return of_agent(live, session.agent) if session.role is Role.AGENT and session.agent else live

    async def live(self) -> Live:
        """Return the whole picture."""
        last = await self._last_calls()
        return Live(
            at_s=self._clock.wall_s(),
            box=self._box(),
            gateway=self._gateway.connected,
            alarms=self._alarms.table(),
            lines=self._lines.lines(),
            calls=self._calls.live(),
            queues=self._queues.table(),
            agents=self._agents.everyone(),
            last=last,
            revision=self._configuration.revision.number,
            trial=self._configuration.trial,
            spans=self._spans.everyone(),
            waiting=[WaitingView(one.number, one.name, one.waiting) for one in self._lines.extensions() if one.waiting],
        )

    def _box(self) -> BoxView:
        box = self._configuration.config.box
        return BoxView(box.name, box.timezone)

    def _follow(self, event: Event) -> None:
        if event.kind is Kind.RECORDS_ERASED:
            self._last = []
        if event.kind is Kind.CLOCK_SET and not event.call:
            self._started_s += event.data["step_s"]
            self._last_fresh_until_s += event.data["step_s"]
        if event.kind in (Kind.CALL_ENDED, Kind.RECORDS_ERASED):
            self._last_fresh_until_s = self._clock.wall_s() + SETTLED_S

    async def _last_calls(self) -> list[PastView]:
        if self._clock.wall_s() < self._last_fresh_until_s or not self._last:
            try:
                self._last = [_past(call) for call in await self._records.last(LAST)]
            except BusyhourError:
                return self._last  # the records cannot be read just now; everything else can be shown
        return self._last


def of_agent(live: Live, number: str) -> Live:
    """Return what an agent may see of a picture: own calls, the own queues and those who serve them too."""
    queues = [queue for queue in live.queues if number in queue.members]
    beside = {number, *(member for queue in queues for member in queue.members)}
    busy = {agent.call for agent in live.agents if agent.number == number}
    own = {agent.extension for agent in live.agents if agent.number == number}
    return msgspec.structs.replace(
        live,
        lines=[],
        spans=[],
        calls=[call for call in live.calls if call.id in busy or any(leg.agent == number for leg in call.legs)],
        queues=queues,
        agents=[agent for agent in live.agents if agent.number in beside],
        last=[call for call in live.last if call.agent == number],
        waiting=[one for one in live.waiting if one.number in own],
    )


def _past(call: Cdr) -> PastView:
    return PastView(
        id=call.call_id,
        direction=call.direction,
        number=call.number,
        caller_name=call.name,
        withheld=call.withheld,
        outcome=call.outcome,
        queue=call.queue,
        agent=call.agent,
        started_s=call.started_s,
        wait_s=call.wait_s,
        talk_s=call.talk_s,
    )


def _count(states: list[str]) -> dict[str, int]:
    return {state: states.count(state) for state in dict.fromkeys(states)}
