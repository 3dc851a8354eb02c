"""`agent.*`: the agents, and what they or their supervisor ask for."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import msgspec
from msgspec import Meta

from firmware.agents.agent import ACW, LOGGED_OUT, Agent
from firmware.agents.roster import Roster
from firmware.clock import Clock
from firmware.config.values import ExtensionNumber
from firmware.control.methods import Asker, Role, method
from firmware.errors import NotAllowed
from firmware.records.audit import Entry
from firmware.records.notes import Notes

ReasonName = Annotated[str, Meta(max_length=32, description="a reason of the configuration")]


class AgentView(msgspec.Struct, frozen=True):
    """An agent as others see them. `wish` is the state asked for during a call, "" for none.

    `registered` tells whether the telephone they work at is there; times are Unix seconds, `acw_until_s` is 0 outside
    after-call work. `noted` grows with each edit of what is noted of their call, and with each they make of any call.
    """

    number: str
    name: str
    state: str
    reason: str
    extension: str
    registered: bool
    since_s: float
    call: str
    wish: str
    wish_reason: str = ""
    acw_until_s: float = 0.0
    noted: int = 0


class AgentMethods:
    """What can be asked of the agents; a change is confirmed when it is on disk."""

    def __init__(
        self, roster: Roster, committed: Callable[[], Awaitable[None]], notes: Notes, note: Callable[[Entry], None],
        clock: Clock,
    ) -> None:  # fmt: skip
        """`note` keeps what somebody did to another's state."""
        self._roster, self._committed, self._notes, self._note, self._clock = roster, committed, notes, note, clock

    @method("agent.list", Role.VIEWER)
    def everyone(self) -> list[AgentView]:
        """Return all agents by number."""
        return [self.view(agent) for _, agent in sorted(self._roster.agents.items())]

    @method("agent.login", Role.AGENT)
    async def login(
        self, session: Asker, number: ExtensionNumber, extension: ExtensionNumber | None = None
    ) -> AgentView:
        """Log an agent in at an extension, or at their own."""
        check_own(session, number)
        return await self._done(session, self._roster.login(number, extension or ""))

    @method("agent.logout", Role.AGENT)
    async def logout(self, session: Asker, number: ExtensionNumber) -> AgentView:
        """Log an agent out; one in a call, after it."""
        check_own(session, number)
        return await self._done(session, self._roster.logout(number))

    @method("agent.ready", Role.AGENT)
    async def ready(self, session: Asker, number: ExtensionNumber) -> AgentView:
        """Let an agent take calls."""
        check_own(session, number)
        return await self._done(session, self._roster.ready(number))

    @method("agent.not_ready", Role.AGENT)
    async def not_ready(self, session: Asker, number: ExtensionNumber, reason: ReasonName = "") -> AgentView:
        """Let an agent take no calls; one in a call, after it."""
        check_own(session, number)
        return await self._done(session, self._roster.not_ready(number, reason))

    async def _done(self, session: Asker, agent: Agent) -> AgentView:
        if session.agent != agent.number:
            asked = agent.wish or agent
            detail = " ".join(part for part in (str(asked.state), asked.reason) if part)
            what = "agent.state"
            self._note(Entry(self._clock.wall_s(), what, f"agent {agent.number}", session.who, session.address, detail))
        await self._committed()
        return self.view(agent)

    def view(self, agent: Agent) -> AgentView:
        """Return an agent as others see them."""
        return AgentView(
            number=agent.number,
            name=agent.name,
            state=str(agent.state),
            reason=agent.reason,
            extension=agent.extension if agent.state is not LOGGED_OUT else "",
            registered=self._roster.there(agent.extension),
            since_s=agent.since_s,
            call=agent.call,
            wish=str(agent.wish.state) if agent.wish else "",
            wish_reason=agent.wish.reason if agent.wish else "",
            acw_until_s=agent.acw_until_s if agent.state is ACW else 0.0,
            noted=agent.edits + (self._notes.count(agent.call) if agent.call else 0),
        )


def check_own(session: Asker, number: str) -> None:
    """Let a user who is an agent speak for no other one."""
    if session.role is Role.AGENT and session.agent not in ("", number):
        raise NotAllowed(f"{session.who} is agent {session.agent}; others need the role supervisor", needs="supervisor")
