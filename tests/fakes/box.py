"""A whole exchange on a virtual clock, with people around it: what most tests of the exchange begin with."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING

from firmware.calls.call import Call, Plant
from firmware.calls.destination import Destination, Stage
from firmware.calls.gateway import Gateway
from firmware.calls.link import Link
from firmware.calls.switch import Switch
from firmware.clock import Clock, VirtualLoop
from firmware.events import Bus, Event, Kind
from firmware.exchange import Visit
from tests.fakes.gateway import FakeGateway
from tests.fakes.parties import Party, Phone

if TYPE_CHECKING:
    pass

START_S = 1_772_413_200.0  # Monday 2 March 2026, 9:00 in Shanghai


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

    def __init__(self, home: Path, seed: int = 1) -> None:
        self.home = home
        self.loop = VirtualLoop()
        self.clock = BoxClock(self.loop)
        self.rng = random.Random(seed)
        self.gateway = FakeGateway(self.loop, self.clock.offset_s, settle=self.settle)
        self.stages: dict[str, Stage] = {}
        self.events: list[Event] = []
        self.destination = Destination("hangup")  # where every incoming call goes
        self.start()

    def start(self) -> None:
        """Start an exchange."""
        self.bus = Bus()
        self.bus.subscribe(self.events.append)
        self.plant = Plant(self.clock, self.bus, Gateway(f"x{self.rng.getrandbits(30):x}"), self.home)
        self.visit = Visit(lambda call: self.destination, self.stages)
        self.switch = Switch(self.plant, self.visit.handle, lambda source, number: "")
        self.plant.gateway.on_news = self.switch.take
        self._link = self.loop.create_task(Link(self.plant.gateway, lambda: self.gateway.connect()).run())
        self.settle()

    def settle(self) -> None:
        """Let happen what follows at once (50 ms)."""
        if not self.loop.is_running():
            self.clock.advance(0.05)

    def line(self, number: int) -> Line:
        """Return a telephone line."""
        return Line(self, number)

    def trunk(self, name: str) -> Trunk:
        """Return a SIP trunk."""
        return Trunk(self, name)

    def phone(self, number: str) -> Phone:
        """Return the telephone of an extension."""
        return self.gateway.phone(number)

    @property
    def live(self) -> list[Call]:
        """Return the calls in progress, oldest first."""
        return list(self.switch.calls.values())

    def seen(self, kind: Kind) -> list[Event]:
        """Return the events of a kind so far."""
        return [event for event in self.events if event.kind is kind]

    def close(self) -> None:
        """End it all."""
        self._link.cancel()
        self.settle()
        self.loop.close()
