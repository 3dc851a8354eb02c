"""`call.*`: calls in progress, and calls on record."""

from collections.abc import Mapping
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from firmware import numbers
from firmware.calls.call import Call
from firmware.calls.leg import Leg, LegState
from firmware.clock import Clock
from firmware.config import ways
from firmware.config.configuration import Configuration
from firmware.control.methods import Asker, Role, method
from firmware.errors import BadRequest, ForHelp, NotAllowed, NotFound, Problem
from firmware.records.audit import Audit, Entry
from firmware.records.reader import Detail, Page, Reader
from firmware.records.search import Filter, Order, OrderName, Which
from firmware.reports.hours import hours_of

ALL = Filter()
LONGEST_HOURS_S = 32 * 86400.0
CallId = Annotated[str, Meta(min_length=1, max_length=100, description="the id of a call")]


class LegView(msgspec.Struct, frozen=True):
    """Another party of a call. purpose: agent, extension, outside; state: dialing, ringing, answered.

    `asks` is whom they consult about the caller, "" for nobody; `talks` tells whether they hear another party now.
    """

    purpose: str
    target: str
    agent: str
    state: str
    held: bool
    asks: str = ""
    talks: bool = False


class CallView(msgspec.Struct, frozen=True):
    """A call in progress. `where` is the kind of place it is in (flow, queue, extension ...), `name` which one."""

    id: str
    direction: str
    source: str
    did: str
    number: str
    e164: str
    caller_name: str
    withheld: bool
    started_s: float
    state: str
    where: str
    name: str
    recording: bool
    legs: list[LegView]


class Choice(msgspec.Struct, frozen=True):
    """A value of a filter, and what people call it."""

    value: str
    title: str


class Choices(msgspec.Struct, frozen=True):
    """What calls can be filtered by, as it is configured now; older calls may have other values."""

    via: list[Choice]
    queue: list[Choice]
    agent: list[Choice]


class CallMethods:
    """What can be asked of the calls."""

    def __init__(
        self, calls: Mapping[str, Call], records: Reader, audit: Audit, clock: Clock, configuration: Configuration
    ) -> None:
        self._calls, self._records, self._audit, self._clock = calls, records, audit, clock
        self._configuration = configuration

    @method("call.live", Role.VIEWER)
    def seen(self, session: Asker) -> list[CallView]:
        """Return the calls in progress, oldest first; to an agent, those that ring or talk with them."""
        own = session.agent if session.role is Role.AGENT else ""
        return [call for call in self.live() if not own or any(leg.agent == own for leg in call.legs)]

    def live(self) -> list[CallView]:
        """Return the calls in progress, oldest first."""
        return [view(call) for call in sorted(self._calls.values(), key=lambda call: call.started_s)]

    @method("call.hang_up", Role.SUPERVISOR)
    async def hang_up(self, session: Asker, id: CallId) -> None:
        """End a call in progress for everybody in it. One for help (emergency) is not ended here."""
        call = self._calls.get(id)
        if call is None:
            raise NotFound(f"there is no call {id!r} in progress")
        if call.emergency:
            raise ForHelp(f"call {id} is for help: only those who talk may end it")
        self._audit.note(Entry(self._clock.wall_s(), "call.hung_up", id, session.who, session.address))
        call.hang_up()
        await self._audit.kept()

    @method("call.list", Role.AGENT)
    async def page(
        self,
        session: Asker,
        which: Filter = ALL,
        sort: OrderName = "started_s",
        down: bool = True,
        limit: Annotated[int, Meta(ge=1, le=500)] = 20,
        after: Annotated[str, Meta(max_length=100)] = "",
        before: Annotated[str, Meta(max_length=100)] = "",
    ) -> Page:
        """Return closed calls that fit, newest first unless told otherwise, without their segments.

        `after` is a former page's `next`, `before` its `previous`. Agents see the calls in which they talked.
        """
        wanted = self._which(which, session)
        return await self._records.page(wanted, limit, Order(sort, down), after, before)

    @method("call.choices", Role.AGENT)
    def choices(self) -> Choices:
        """Return the lines and trunks, queues and agents that there are."""
        config = self._configuration.config
        return Choices(
            [Choice(f"line:{line.number}", line.name) for line in config.lines]
            + [Choice(f"trunk:{trunk.name}", "") for trunk in ways.trunks(config)],
            [Choice(queue.name, queue.title) for queue in config.queues],
            [Choice(agent.number, agent.name) for agent in config.agents],
        )

    @method("call.show", Role.AGENT)
    async def show(self, session: Asker, id: CallId) -> Detail:
        """Return all of a closed call: segments, recordings; events, among them keys pressed, to admins alone.

        Agents are shown the calls in which they talked.
        """
        await self.need(session, id)
        detail = await self._records.show(id)
        return detail if session.role >= Role.ADMIN else msgspec.structs.replace(detail, events=[])

    async def need(self, session: Asker, id: str) -> None:
        """Raise NotAllowed when a call is none of somebody's."""
        if session.role < Role.SUPERVISOR and not await self._records.talked(session.agent, id):
            raise NotAllowed(f"calls of others need the role supervisor; {session.who} did not talk in {id}",
                             needs=str(Role.SUPERVISOR))

    def _which(self, wanted: Filter, session: Asker) -> Which:
        """Return a filter as the records are asked by it: numbers in the form all others contain, hours as times."""
        box = self._configuration.config.box
        if wanted.number:
            part = numbers.part(wanted.number, box.country, box.area_code)
            wanted = msgspec.structs.replace(wanted, number=part or wanted.number)
        hours: list[tuple[float, float]] = []
        if wanted.hour is not None:
            if not 0 < wanted.from_s < wanted.until_s <= wanted.from_s + LONGEST_HOURS_S:
                rule = "only within from_s and until_s, at most 32 days apart"
                raise BadRequest(problems=[Problem("which.hour", wanted.hour, rule)])
            zone = ZoneInfo(box.timezone)
            hours = list(hours_of(wanted.from_s, wanted.until_s, zone, wanted.hour))
        return Which(wanted, hours, None if session.role >= Role.SUPERVISOR else session.agent)


def view(call: Call) -> CallView:
    """Return a call in progress as others see it."""
    asking = call.consultation
    caller, at = (asking.caller, asking.destination) if asking is not None else (call.caller, call.destination)
    others = [leg for leg in call.legs.values() if leg is not caller and leg.state is not LegState.ENDED]
    return CallView(
        id=call.id,
        direction=call.direction,
        source=call.source,
        did=call.did,
        number=call.number,
        e164=call.e164,
        caller_name=call.caller_name,
        withheld=call.withheld,
        started_s=call.started_s,
        state=str(caller.state),
        where=at.kind,
        name=at.name,
        recording=any(leg.recording for leg in call.legs.values()),
        legs=[_leg(call, leg) for leg in others],
    )


def _leg(call: Call, leg: Leg) -> LegView:
    asking = call.consultation
    asks = asking.to if asking is not None and leg is asking.leg else ""
    return LegView(
        str(leg.purpose), leg.target, leg.agent, str(leg.state), bool(leg.held), asks, leg.id in call.bridge
    )
