"""A whole exchange on a virtual clock, with people around it: what most tests of the exchange begin with."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from argon2 import PasswordHasher

from firmware.agents.agent import Agent
from firmware.calls.call import Call
from firmware.clock import Clock, VirtualLoop
from firmware.config.configuration import Configuration, exported
from firmware.config.schema import Config
from firmware.events import Event, Kind
from firmware.exchange import Exchange
from firmware.records.cdr import Cdr
from firmware.records.database import url_of
from firmware.records.reader import Detail
from firmware.records.records import Records
from firmware.users.users import Users
from tests.fakes.disk import AtOnce, Disk
from tests.fakes.gateway import FakeGateway
from tests.fakes.machine import Machine
from tests.fakes.outside import Outside
from tests.fakes.parties import Party, Phone
from tests.fakes.workshop import FakeWorkshop

START_S = 1_772_413_200.0  # Monday 2 March 2026, 9:00 in Shanghai
EXTENSIONS = ("201", "202", "203", "204")
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # the kind is right, the effort is not the test's
Result = TypeVar("Result")


def config(**parts: Any) -> Config:
    """Return a configuration with four lines, four extensions, an agent of the same number at each, and one queue."""
    plain: dict[str, Any] = {
        "lines": [{"number": number} for number in (1, 2, 3, 4)],
        "extensions": [{"number": number, "secret": f"secret-of-{number}-0000"} for number in EXTENSIONS],
        "agents": [{"number": number, "extension": number} for number in EXTENSIONS],
        "queues": [{"name": "service", "agents": list(EXTENSIONS)}],
        "routes": [{"name": "all", "to": "queue:service"}],
        "outgoing": [{"name": "outside", "prefix": "9", "strip": 1, "via": ["lines"]}],
    }
    return msgspec.convert(plain | parts, Config)


class BoxClock(Clock):
    """The exchange's clock, which tests also move."""

    def __init__(self, loop: VirtualLoop, timezone: str = "Asia/Shanghai") -> None:
        super().__init__(loop, timezone, START_S - loop.time())
        self._virtual = loop

    def advance(self, seconds: float) -> None:
        """Let all happen that happens in the next seconds."""
        self._virtual.advance(seconds)


class Line:
    """An analog line, seen from the street."""

    def __init__(self, box: Box, number: int) -> None:
        self._box, self.number = box, number

    def ring(self, caller_id: str = "", did: str = "", name: str = "", withheld: bool = False) -> Party:
        """Call the box on this line."""
        party = self._box.gateway.incoming(f"line:{self.number}", did, caller_id, name, withheld)
        self._box.settle()
        return party

    @property
    def far_end(self) -> Phone:
        """Who answers when the box calls out by this line."""
        return self._box.phone(f"line:{self.number}")


class Trunk:
    """A SIP trunk, seen from the carrier."""

    def __init__(self, box: Box, name: str) -> None:
        self._box, self.name = box, name

    def calls(self, did: str, caller_id: str = "", name: str = "") -> Party:
        """Call one of the box's numbers."""
        party = self._box.gateway.incoming(f"trunk:{self.name}", did, caller_id, name)
        self._box.settle()
        return party

    @property
    def far_end(self) -> Phone:
        """Who answers when the box calls out by this trunk."""
        return self._box.phone(f"trunk:{self.name}")


class Box:
    """The exchange and its surroundings. What people do is told to it at once; `clock.advance` lets time pass."""

    def __init__(
        self, home: Path, first: Config | None = None, seed: int = 1, *, watched: bool = False, reached: bool = False
    ) -> None:
        """`watched`: there is a machine under it, whose state the test sets; `reached`: a world outside, the test's."""
        self.home = home
        self.machine: Machine | None = None
        self.loop = VirtualLoop()
        self.clock = BoxClock(self.loop)
        self.rng = random.Random(seed)
        self.gateway = FakeGateway(self.loop, self.clock.offset_s, settle=self.settle)
        self.events: list[Event] = []  # of all exchanges so far
        self._first = first
        self.outside = Outside(self.loop) if reached else None
        if watched:
            self.machine = Machine(self.clock.wall_s, self.loop.time)
        self.workshop = FakeWorkshop()
        self.start()

    # ---- the exchange ------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start an exchange on what an earlier one left."""
        configuration = Configuration(
            self.home / "config", now=self.clock.now, wrong_with_sound=lambda name: "", run=_at_once
        )
        configuration.open()
        if configuration.revision.number == 1:
            first = exported(self._first or config(), secrets=True)
            self.loop.run_until_complete(configuration.replace(first, who="test", why="first"))
        self.configuration = configuration
        self.disk = Disk(self.loop)
        self.exchange = self.loop.run_until_complete(self._compose())
        self.bus, self.plant, self.switch = self.exchange.bus, self.exchange.plant, self.exchange.switch
        self.roster, self.journal = self.exchange.roster, self.exchange.records.journal
        self.settle()

    async def _compose(self) -> Exchange:
        records = Records(url_of(self.home), self.disk, AtOnce())
        self.users = Users(
            self.home / "users", clock=self.clock, working=AtOnce(), limits=lambda: self.configuration.config.sign_in,
            hasher=QUICK,
        )
        self.users.open()
        exchange = Exchange(
            self.home, clock=self.clock, chance=self.rng, configuration=self.configuration, records=records,
            users=self.users,
            connect=lambda: self.gateway.connect(),
            machine=self.machine,
            outside=self.outside,
            run=_at_once,
            workshop=self.workshop, working=AtOnce(),
        )
        disk = self.disk

        def follow(event: Event) -> None:
            if not disk.dead:  # what a killed exchange's remains do has not happened
                self.events.append(event)

        exchange.bus.subscribe(follow)
        exchange.start()
        return exchange

    def kill(self, *, last_words: bool = False, lost_orders: bool = False) -> None:
        """Kill the exchange as kill -9 does: nothing more is written, sent or done.

        With `last_words` a commit that was under way succeeds, though nobody lived to hear of it; with `lost_orders`
        the gateway never reads what was sent last.
        """
        self.disk.die(last_words)
        self.gateway.hang_up_on_exchange(lost_orders)
        self.configuration.close()
        self.users.close()
        self.exchange.records.abandon()
        while tasks := asyncio.all_tasks(self.loop):
            for task in tasks:
                task.cancel()
            self.loop.step()

    def restart(self, after_s: float = 0.0) -> None:
        """Kill the exchange, and start it again after so long."""
        self.kill()
        if after_s:
            self.clock.advance(after_s)
        self.start()

    def lose_gateway(self, after_s: float = 0.0) -> None:
        """Kill the gateway, and start it again after so long."""
        self.gateway = self.gateway.die()
        if after_s:
            self.gateway.accepts = False
            self.clock.advance(after_s)
            self.gateway.accepts = True
        self.clock.advance(3)

    def settle(self) -> None:
        """Let happen what follows at once (50 ms)."""
        if not self.loop.is_running():
            self.clock.advance(0.05)

    def wait(self, asked: Coroutine[Any, Any, Result] | Awaitable[Result]) -> Result:
        """Return what a person's act or a question gives."""
        return self.loop.run_until_complete(asked)

    def do(self, act: Callable[..., Result], *arguments: Any) -> Result:
        """Let a person do something at a screen, and return what it gave when all that follows at once has happened."""

        async def acting() -> Result:
            return act(*arguments)

        result = self.loop.run_until_complete(acting())
        self.settle()
        return result

    def close(self) -> None:
        """End it all."""
        self.kill()
        self.loop.close()

    # ---- people ------------------------------------------------------------------------------------------------------

    def line(self, number: int) -> Line:
        """Return a telephone line."""
        return Line(self, number)

    def trunk(self, name: str) -> Trunk:
        """Return a SIP trunk."""
        return Trunk(self, name)

    def phone(self, number: str) -> Phone:
        """Return the telephone of an extension."""
        return self.gateway.phone(number)

    def agent(self, number: str) -> Agent:
        """Return an agent."""
        return self.roster.get(number)

    def login(self, *numbers: str) -> None:
        """Log agents in at their own extensions, one after the other."""
        for number in numbers:
            self.do(self.roster.login, number)

    # ---- what happened -----------------------------------------------------------------------------------------------

    @property
    def live(self) -> list[Call]:
        """Return the calls in progress, oldest first."""
        return list(self.switch.calls.values())

    @property
    def calls(self) -> list[Cdr]:
        """Return the records on disk, oldest first, as whoever asks for them gets them."""
        self.settle()
        page = self.wait(self.exchange.records.reader.page(limit=500))
        return [self.record(cdr.call_id).call for cdr in reversed(page.calls)]

    def record(self, call_id: str) -> Detail:
        """Return all that is on disk of a closed call."""
        return self.wait(self.exchange.records.reader.show(call_id))

    def forget(self) -> None:
        """Let the surroundings keep nothing of what is past, when no call is left: what is there is the exchange's."""
        self.events.clear()
        self.gateway.forget()

    def seen(self, kind: Kind) -> list[Event]:
        """Return the events of a kind so far."""
        return [event for event in self.events if event.kind is kind]


async def _at_once(work: Callable[[], Any]) -> Any:
    return work()
