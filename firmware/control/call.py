"""`call.*`: calls in progress, and calls on record."""

from collections.abc import Mapping
from typing import Annotated

import msgspec
from msgspec import Meta

from firmware.calls.call import Call
from firmware.calls.leg import Leg, LegState
from firmware.clock import Clock
from firmware.control.methods import Asker, Role, method
from firmware.errors import ForHelp, NotFound
from firmware.records.audit import Audit, Entry
from firmware.records.reader import Detail, Filter, Page, Reader

CallId = Annotated[str, Meta(min_length=1, max_length=100, description="the id of a call")]


class LegView(msgspec.Struct, frozen=True):
    """Another party of a call. purpose: agent, extension, outside; state: dialing, ringing, answered."""

    purpose: str
    target: str
    agent: str
    state: str
    held: bool


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


class CallMethods:
    """What can be asked of the calls."""

    def __init__(self, calls: Mapping[str, Call], records: Reader, audit: Audit, clock: Clock) -> None:
        self._calls, self._records, self._audit, self._clock = calls, records, audit, clock

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
        call.caller.hang_up()
        await self._audit.kept()

    @method("call.list", Role.SUPERVISOR)
    async def page(
        self,
        which: Filter | None = None,
        limit: Annotated[int, Meta(ge=1, le=500)] = 20,
        after: Annotated[str, Meta(max_length=200)] = "",
    ) -> Page:
        """Return closed calls that fit, newest first, without their segments; `after` is a former page's `next`."""
        return await self._records.page(which or Filter(), limit, after)

    @method("call.show", Role.SUPERVISOR)
    async def show(self, id: CallId) -> Detail:
        """Return all of a closed call: segments, recordings, events."""
        return await self._records.show(id)


def view(call: Call) -> CallView:
    """Return a call in progress as others see it."""
    others = [leg for leg in call.legs.values() if leg is not call.caller and leg.state is not LegState.ENDED]
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
        state=str(call.caller.state),
        where=call.destination.kind,
        name=call.destination.name,
        recording=any(leg.recording for leg in call.legs.values()),
        legs=[_leg(leg) for leg in others],
    )


def _leg(leg: Leg) -> LegView:
    return LegView(str(leg.purpose), leg.target, leg.agent, str(leg.state), leg.held)
