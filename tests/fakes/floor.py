"""A box with all its stages, agents and queues, on a virtual clock: a call centre's floor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from drivers.link.messages import Happening, LineChanged, RegistrationChanged
from firmware import routing
from firmware.acd.dispatcher import Dispatcher
from firmware.acd.live import LiveQueues, QueueStatus
from firmware.acd.queue import QueueStage
from firmware.agents.agent import Agent
from firmware.agents.roster import Roster
from firmware.calls.call import Call, Plant
from firmware.calls.destination import Destination
from firmware.calls.gateway import Gateway
from firmware.calls.link import Link
from firmware.calls.switch import Switch
from firmware.calls.visit import Visit
from firmware.clock import Clock, VirtualLoop
from firmware.config.schema import Config
from firmware.errors import NoStorage
from firmware.events import Bus, Event, Kind
from firmware.ivr.flow import FlowStage
from firmware.pbx.bearers import Bearers
from firmware.pbx.extension import ExtensionStage
from firmware.pbx.feature import FeatureStage
from firmware.pbx.limits import Limits
from firmware.pbx.number import NumberStage
from tests.fakes.gateway import FakeGateway
from tests.fakes.parties import Party, Phone

START_S = 1_772_413_200.0    # Monday 2 March 2026, 9:00 in Shanghai
EXTENSIONS = ("201", "202", "203", "204")


def config(**parts: Any) -> Config:
    """Return a configuration with four lines, four extensions, an agent of the same number at each, and one queue."""
    plain: dict[str, Any] = {
        "lines": [{"number": number} for number in (1, 2, 3, 4)],
        "extensions": [{"number": number} for number in EXTENSIONS],
        "agents": [{"number": number, "extension": number} for number in EXTENSIONS],
        "queues": [queue()],
        "routes": [{"name": "all", "to": "queue:service"}],
        "outgoing": [{"name": "outside", "prefix": "9", "strip": 1, "via": ["lines"]}],
    }
    return msgspec.convert(plain | parts, Config)


def queue(name: str = "service", **parts: Any) -> dict[str, Any]:
    """Return a queue for `config`: all agents, nothing recorded."""
    return {"name": name, "agents": list(EXTENSIONS), "record": False} | parts


class Floor:
    """The stages as the exchange composes them, with a journal in memory, so that it can be killed and started again.

    What people do is told to the exchange at once; `wait` lets time pass.
    """

    def __init__(self, home: Path, first: Config | None = None) -> None:
        self.home = home
        self.config = first or config()
        self.loop = VirtualLoop()
        self.clock = Clock(self.loop, "Asia/Shanghai", START_S - self.loop.time())
        self.gateway = FakeGateway(self.loop, self.clock.offset_s, settle=self.settle)
        self.events: list[Event] = []
        self.unwritten_s = 0.0    # what happened in the last so many seconds is lost when the exchange is killed
        self.disk_full = False
        self._written_s: list[float] = []    # of each event
        self._marks: list[tuple[float, str, int]] = []
        self._taken: dict[str, int] = {}
        self._born = 0
        for extension in self.config.extensions:
            self.gateway.phone(extension.number)
        for line in self.config.lines:
            self.gateway.line_states[line.number] = "idle"
        self.start()

    # ---- the exchange ------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start an exchange; a later one begins from the journal of the earlier."""
        self._born += 1
        born = self._born
        self.bus = Bus()

        def write(event: Event) -> None:
            if self._born == born:    # a killed exchange writes nothing more
                self.events.append(event)
                self._written_s.append(self.loop.time())

        def take(epoch: str, seq: int, at_s: float) -> None:
            if self._born == born:
                self._marks.append((self.loop.time(), epoch, seq))
                self._acknowledge()

        self.bus.subscribe(write)
        gateway = Gateway(f"x{born}", self.clock, dict(self._taken))
        self.plant = Plant(self.clock, self.bus, gateway, self.home, internal=self._internal)
        self._compose(gateway)
        gateway.on_taken = take
        self._link_to = Link(gateway, lambda: self.gateway.connect())
        self._link = self.loop.create_task(self._link_to.run())
        self.settle()

    def _compose(self, gateway: Gateway) -> None:
        def current() -> Config:
            return self.config

        self.roster = Roster(self.bus, self.clock, current)
        self.dispatcher = Dispatcher(self.roster, current)
        self.live_queues = LiveQueues(current, self.dispatcher, self.roster, self.clock)
        self.bearers = Bearers(current, lambda: gateway.lines)
        self.bus.subscribe(self.live_queues.follow)
        self.bus.subscribe(self.bearers.follow)
        self.limits = Limits(current, self.bus, self.clock, lambda *leg: number.end(*leg))
        self.bus.subscribe(self.limits.follow)
        number = NumberStage(self.bearers, self.limits, current, lambda: self.switch.calls)
        self.stages = {
            "flow": FlowStage(current),
            "queue": QueueStage(self.dispatcher, self.roster, current),
            "extension": ExtensionStage(self.roster, current),
            "number": number,
            "feature": FeatureStage(self.roster, current, self._committed),
        }
        self.switch = Switch(self.plant, Visit(self._route, self.stages).handle, lambda *told: "")
        gateway.on_registered = lambda: self.roster.set_registered(gateway.registered)
        gateway.on_news = self._news
        if self.events:
            self._restore()

    def _acknowledge(self) -> None:
        """Tell the gateway what is written."""
        while self._marks and self._marks[0][0] <= self.loop.time() - self.unwritten_s:
            _, epoch, seq = self._marks.pop(0)
            self._taken[epoch] = seq
            self.plant.gateway.acknowledge(epoch, seq)

    def _restore(self) -> None:
        ended = {event.call for event in self.events if event.kind is Kind.CALL_ENDED}
        self.switch.restore([e for e in self.events if e.call and e.call not in ended], self.events[-1].at_s)
        states = {str(e.data["agent"]): e for e in self.events if e.kind is Kind.AGENT_STATE}
        calls = list(self.switch.calls.values())
        for event in tuple(self.events):
            self.live_queues.follow(event)
        self.bearers.restore(calls)
        self.loop.call_soon(self.roster.restore, states.values(), calls)
        self.loop.call_soon(self.limits.restore, tuple(self.events))
        self.loop.step()

    def _news(self, happening: Happening) -> None:
        if isinstance(happening, RegistrationChanged):
            self.roster.registration_changed(happening.name, happening.registered)
        elif isinstance(happening, LineChanged):
            self.bearers.line_changed()
        else:
            self.switch.take(happening)

    def _internal(self, call: Call, number: str) -> Destination:
        return routing.transferred(number, self.config)

    def _route(self, call: Call) -> Destination:
        return routing.route(call, self.config, self.clock.now())

    async def _committed(self) -> None:
        if self.disk_full:
            raise NoStorage("the disk is full")

    def kill(self) -> None:
        """Kill the exchange as kill -9 does: from now on nothing it does is written or reaches the gateway."""
        self._born += 1
        self._acknowledge()
        while self._written_s and self._written_s[-1] > self.loop.time() - self.unwritten_s:
            del self._written_s[-1], self.events[-1]
        self._marks.clear()
        self._link_to.close()
        self._link.cancel()
        for call in self.live:
            if call.task is not None:
                call.task.cancel()
        for _ in range(20):    # turns of the loop until all that was cancelled has ended
            self.loop.step()

    def close(self) -> None:
        """End it all."""
        self.kill()
        self.loop.close()

    # ---- people ------------------------------------------------------------------------------------------------------

    def do(self, what: Any, *arguments: Any) -> Any:
        """Let a person at a screen do something, and return what it gave when all that follows at once has happened."""
        outcome: list[Any] = []

        def act() -> None:
            try:
                outcome.append(what(*arguments))
            except Exception as error:
                outcome.append(error)

        self.loop.call_soon(act)
        self.settle()
        if isinstance(outcome[0], Exception):
            raise outcome[0]
        return outcome[0]

    def login(self, *numbers: str) -> None:
        """Log agents in at their own extensions, one after the other."""
        for number in numbers:
            self.do(self.roster.login, number)

    def agent(self, number: str) -> Agent:
        """Return an agent."""
        return self.roster.get(number)

    def configure(self, new: Config) -> None:
        """Bring a new configuration into force."""
        self.config = new
        self.do(self.bus.publish, Event(self.clock.wall_s(), Kind.CONFIG_CHANGED, data={"revision": 2}))

    def queue(self, name: str = "service") -> QueueStatus:
        """Return a queue's live figures."""
        return next(status for status in self.live_queues.table() if status.name == name)

    def call(self, line: int = 1, number: str = "13800138000") -> Party:
        """Let somebody call on a telephone line."""
        return self._incoming(f"line:{line}", "", number)

    def call_by_trunk(self, trunk: str, did: str, number: str = "13800138000") -> Party:
        """Let somebody call by a SIP trunk."""
        return self._incoming(f"trunk:{trunk}", did, number)

    def _incoming(self, source: str, did: str, number: str) -> Party:
        party = self.gateway.incoming(source, did, number)
        self.settle()
        return party

    def phone(self, name: str) -> Phone:
        """Return an extension's telephone, or whoever answers beyond `line:N` or `trunk:NAME`."""
        return self.gateway.phone(name)

    def settle(self) -> None:
        """Let happen what follows at once."""
        if not self.loop.is_running():
            self.loop.advance(0.05)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.loop.advance(seconds)

    def rings(self, number: str) -> bool:
        """Tell whether an extension's telephone rings now."""
        return self.phone(number).state == "ringing"

    @property
    def live(self) -> list[Call]:
        """Return the calls in progress, oldest first."""
        return list(self.switch.calls.values())

    # ---- what happened -----------------------------------------------------------------------------------------------

    def seen(self, kind: Kind) -> list[Event]:
        """Return the events of a kind so far."""
        return [event for event in self.events if event.kind is kind]

    def said(self, party: Party) -> list[str]:
        """Return all a party was played, in order."""
        return [sound for _, sound in party.heard]

    def outcomes(self) -> list[tuple[str, float]]:
        """Return how each wait in a queue ended, and after how many seconds (rounded)."""
        return [(e.data["outcome"], round(e.data["wait_s"])) for e in self.seen(Kind.QUEUE_LEFT)]

    def states(self, number: str) -> list[str]:
        """Return the states an agent went through, each with its reason if there is one."""
        events = [event.data for event in self.seen(Kind.AGENT_STATE) if event.data["agent"] == number]
        named = [f"{data['state']}({data['reason']})" if data["reason"] else str(data["state"]) for data in events]
        return [state for place, state in enumerate(named) if place == 0 or named[place - 1] != state]
