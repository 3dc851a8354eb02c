"""What the exchange tells of the box, as the pages need it (control method and topic `live`).

Every picture is whole, never a difference. Unknown fields are passed over and missing ones have defaults, so that an
older page and a newer exchange understand each other. Times are Unix seconds of the exchange's clock.
"""

from typing import Any

import msgspec


class Part(msgspec.Struct, frozen=True):
    """Common shape of the picture's parts."""


class Box(Part, frozen=True):
    """Whose picture it is."""

    name: str = ""
    timezone: str = ""


class Program(Part, frozen=True):
    """One program of the box, as its supervisor sees it: up, starting, down or failed."""

    name: str
    state: str = "unknown"


class Line(Part, frozen=True):
    """An analog line: its state as the gateway says it, or unknown; its last test, as line.list tells it."""

    number: int
    name: str = ""
    did: str = ""
    state: str = "unknown"
    verdict: str = ""
    tested_s: float = 0.0
    busy_tone: str = ""
    never_answer: bool = False
    learning: str = ""


class Slot(Part, frozen=True):
    """A channel of a span: idle, ringing, in_use, out, unused or signalling."""

    slot: int
    state: str = "unknown"
    group: str = ""
    call: str = ""


class Span(Part, frozen=True):
    """A digital span: up, down, alarm, absent, unused or unknown; see span.list of the exchange."""

    number: int
    name: str = ""
    state: str = "unknown"
    configured: bool = False
    device: str = ""
    alarms: tuple[str, ...] = ()
    signalling: str = ""
    since_s: float = 0.0
    clock: int = 0
    slips_day: int = 0
    wrong: str = ""
    slots: tuple[Slot, ...] = ()


class Leg(Part, frozen=True):
    """Another party of a call: purpose agent, extension or outside; state dialing, ringing or answered.

    `asks` is whom they consult about the caller; `talks` tells whether they hear another party now.
    """

    purpose: str
    target: str = ""
    agent: str = ""
    state: str = ""
    held: bool = False
    asks: str = ""
    talks: bool = False


class Call(Part, frozen=True):
    """A call now. `where` is the kind of its destination (flow, queue, extension ...), `name` which one."""

    id: str
    direction: str = "in"
    source: str = ""
    did: str = ""
    number: str = ""
    caller_name: str = ""
    withheld: bool = False
    where: str = ""
    name: str = ""
    started_s: float = 0.0
    recording: bool = False
    legs: tuple[Leg, ...] = ()


class Queue(Part, frozen=True):
    """A queue: who waits, since when the longest, how many agents are there and how many could take a call now."""

    name: str
    title: str = ""
    waiting: int = 0
    longest_since_s: float | None = None
    ready: int = 0
    agents: int = 0
    members: tuple[str, ...] = ()


class Agent(Part, frozen=True):
    """An agent; `registered` tells whether the telephone they work at is there, `wish` the state after this call."""

    number: str
    name: str = ""
    state: str = "logged_out"
    reason: str = ""
    extension: str = ""
    registered: bool = True
    since_s: float = 0.0
    wish: str = ""
    wish_reason: str = ""
    call: str = ""
    acw_until_s: float = 0.0
    noted: int = 0


class Past(Part, frozen=True):
    """A call that is over."""

    id: str
    direction: str = "in"
    number: str = ""
    caller_name: str = ""
    withheld: bool = False
    outcome: str = ""
    queue: str = ""
    agent: str = ""
    started_s: float = 0.0
    wait_s: float = 0.0
    talk_s: float = 0.0


class Waiting(Part, frozen=True):
    """New messages that wait for an extension."""

    number: str
    name: str = ""
    new: int = 0


class Alarm(Part, frozen=True):
    """What needs a person: a stable name, what it is about, and what exactly is wrong (firmware.details).

    `severity` is critical, major, minor or warning.
    """

    name: str
    subject: str = ""
    since_s: float = 0.0
    detail: str = ""
    severity: str = "major"
    acknowledged_s: float | None = None
    acknowledged_by: str = ""
    code: str = ""
    facts: dict[str, Any] = {}


class Trial(Part, frozen=True):
    """A revision that goes back by itself at a time, unless somebody confirms it."""

    revision: int = 0
    back_to: int = 0
    deadline_s: float = 0.0


class Picture(Part, frozen=True):
    """All a page shows. `at_s` is when it was so, `gateway` whether the exchange has one."""

    at_s: float = 0.0
    box: Box = Box()
    gateway: bool = True
    alarms: tuple[Alarm, ...] = ()
    lines: tuple[Line, ...] = ()
    calls: tuple[Call, ...] = ()
    queues: tuple[Queue, ...] = ()
    agents: tuple[Agent, ...] = ()
    last: tuple[Past, ...] = ()
    revision: int = 0
    trial: Trial | None = None
    spans: tuple[Span, ...] = ()
    waiting: tuple[Waiting, ...] = ()

    def agent(self, number: str) -> Agent | None:
        """Return an agent."""
        return next((agent for agent in self.agents if agent.number == number), None)

    def of_agent(self, number: str) -> "Picture":
        """Return what an agent may see of it: own calls, the own queues and those who serve them too."""
        queues = tuple(queue for queue in self.queues if number in queue.members)
        beside = {number, *(member for queue in queues for member in queue.members)}
        own = self.agent(number)
        return msgspec.structs.replace(
            self,
            lines=(),
            spans=(),
            calls=tuple(
                call for call in self.calls
                if (own and call.id == own.call) or any(leg.agent == number for leg in call.legs)
            ),
            queues=queues,
            agents=tuple(agent for agent in self.agents if agent.number in beside),
            last=tuple(call for call in self.last if call.agent == number),
            waiting=tuple(one for one in self.waiting if own and one.number == own.extension),
        )  # fmt: skip

    def titles(self) -> dict[str, str]:
        """Return what people call each queue, by its name."""
        return {queue.name: queue.title for queue in self.queues if queue.title}


def picture_of(told: Any) -> Picture:
    """Return the picture in what the exchange told; raises msgspec.ValidationError where a field is of a wrong kind."""
    return msgspec.convert(told, Picture, strict=False)
