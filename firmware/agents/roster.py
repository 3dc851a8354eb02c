"""All agents of the box and their states; whoever wants an agent asks here, so nobody is ever rung twice."""

import asyncio
import logging
from collections.abc import Callable, Iterable

from firmware.agents.agent import (
    ACW,
    BUSY,
    IN_CALL,
    LOGGED_OUT,
    NOT_READY,
    OFFERED,
    ON_CALL,
    READY,
    TALKING,
    Agent,
    AgentState,
    Standing,
)
from firmware.agents.errors import Elsewhere, NoSuchAgent, NoSuchReason, NotLoggedIn
from firmware.agents.telephones import Telephones
from firmware.calls.call import Call
from firmware.clock import Clock
from firmware.config import extensions
from firmware.config.schema import Config
from firmware.errors import BadRequest, NotFound
from firmware.events import Bus, Event, Kind

log = logging.getLogger(__name__)


class Roster:
    """Keeps every agent's state, publishes each change as AGENT_STATE, and tells who can be rung now."""

    def __init__(self, bus: Bus, clock: Clock, config: Callable[[], Config]) -> None:
        self.agents: dict[str, Agent] = {}
        self.telephones = Telephones()
        self._bus, self._clock, self._config = bus, clock, config
        self._listeners: list[Callable[[], None]] = []
        self._acw_ends: dict[str, asyncio.TimerHandle] = {}
        self.follow_config()
        bus.subscribe(self._follow)

    # ---- looking -----------------------------------------------------------------------------------------------------

    def get(self, number: str) -> Agent:
        """Return an agent; raises NoSuchAgent."""
        agent = self.agents.get(number)
        if agent is None:
            there = ", ".join(sorted(self.agents)) or "none"
            raise NoSuchAgent(f"there is no agent {number!r}; there are: {there}")
        return agent

    def at(self, extension: str) -> Agent | None:
        """Return who is logged in at an extension."""
        here = (agent for agent in self.agents.values() if agent.extension == extension)
        return next((agent for agent in here if agent.state is not LOGGED_OUT), None)

    def of_call(self, call: str) -> list[Agent]:
        """Return the agents whom a call rings or who talk in it."""
        return [agent for agent in self.agents.values() if agent.call == call and agent.state in (OFFERED, TALKING)]

    def available(self, number: str) -> bool:
        """Tell whether a queue may ring this agent now: ready, telephone registered, and not in any use."""
        agent = self.agents.get(number)
        return (
            agent is not None
            and agent.state is READY
            and self.there(agent.extension)
            and not self.telephones.in_use(agent.extension)
        )

    def there(self, extension: str) -> bool:
        """Tell whether an extension's telephone is there; one at a PBX is while calls can be made to that."""
        return extensions.place(self._config(), extension) in self.telephones.registered

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever somebody may have become available, or no longer is."""
        self._listeners.append(listener)

    # ---- what a person asks for --------------------------------------------------------------------------------------

    def login(self, number: str, extension: str = "") -> Agent:
        """Log in at an extension, their own if not said, and be ready; at another one than before, move there.

        Raises NoSuchAgent, BadRequest (no extension known), NotFound (no such extension), Elsewhere (the extension
        has another agent, or this agent is in a call at another one).
        """
        agent = self.get(number)
        own = next((a.extension for a in self._config().agents if a.number == number), "")
        extension = extension or own
        if not extension:
            raise BadRequest(f"agent {number} has no extension of their own: say at which one to log in")
        if extensions.find(self._config(), extension) is None:
            raise NotFound(f"there is no extension {extension!r}")
        holder = self.at(extension)
        if holder is not None and holder is not agent:
            raise Elsewhere(f"extension {extension} has agent {holder.number} already, who must log out first")
        if agent.state is LOGGED_OUT:
            agent.extension = extension
            self._act(agent, "login")
        elif agent.extension != extension:
            if agent.state in BUSY:
                raise Elsewhere(f"agent {number} is {agent.state} at extension {agent.extension} until that is over")
            agent.extension = extension
            self._tell(agent)
        self._settle(agent)
        return agent

    def logout(self, number: str) -> Agent:
        """Log out, at once or, in a call, after it and its after-call work. Raises NoSuchAgent, NotLoggedIn."""
        agent = self._logged_in(number)
        if agent.state in IN_CALL:
            agent.wish = Standing(LOGGED_OUT)
            self._tell(agent)
        else:
            self._act(agent, "logout")
        return agent

    def ready(self, number: str) -> Agent:
        """Take calls again; ends after-call work early, takes back what was wished in a call.

        Raises NoSuchAgent, NotLoggedIn.
        """
        agent = self._logged_in(number)
        if agent.state in (NOT_READY, ACW):
            self._act(agent, "ready")
            self._settle(agent)
        elif agent.state in IN_CALL:
            agent.wish = None
            if agent.state is ON_CALL:
                agent.interrupted = Standing(READY)
            self._tell(agent)
        return agent

    def not_ready(self, number: str, reason: str = "") -> Agent:
        """Take no calls, for a reason of the configuration (or none); in a call it is granted after after-call work.

        Raises NoSuchAgent, NotLoggedIn, NoSuchReason.
        """
        agent = self._logged_in(number)
        known = self._config().reasons.values()
        if reason and reason not in known:
            raise NoSuchReason(f"there is no reason {reason!r}; there are: {', '.join(known) or 'none'}")
        if agent.state in IN_CALL:
            agent.wish = Standing(NOT_READY, reason)
            self._tell(agent)
        else:
            self._act(agent, "pause", reason)
            self._settle(agent)
        return agent

    # ---- what a queue does -------------------------------------------------------------------------------------------

    def offer(self, number: str, call: str, acw_s: float) -> None:
        """Reserve an available agent for a caller, before the telephone rings; raises Refused for any other."""
        agent = self.get(number)
        self._bind(agent, "offer", call, acw_s)

    def adopt(self, number: str, call: str, acw_s: float, state: AgentState) -> bool:
        """Say what the channels say after a restart: this agent is OFFERED to, or TALKING with, this call's caller.

        False for one who is not there: logged out meanwhile, or no longer configured.
        """
        agent = self.agents.get(number)
        if agent is None or agent.state is LOGGED_OUT:
            return False
        if (agent.state, agent.call) != (state, call):
            self._bind(agent, "adopt_talking" if state is TALKING else "adopt_offered", call, acw_s)
        return True

    def is_offered(self, number: str, call: str) -> bool:
        """Tell whether the agent still is offered this call's caller."""
        return self._serving(number, call, OFFERED) is not None

    def answered(self, number: str, call: str) -> None:
        """Note that the agent talks with the caller they were offered."""
        agent = self._serving(number, call, OFFERED)
        if agent:
            self._act(agent, "answer")

    def withdraw(self, number: str, call: str) -> None:
        """Take the offer back: the caller is gone or has somebody else."""
        agent = self._serving(number, call, OFFERED)
        if agent:
            self._act(agent, "withdraw")
            self._settle(agent)

    def missed(self, number: str, call: str, reason: str) -> None:
        """Note that the agent did not take the offer; they take calls again when they say so."""
        agent = self._serving(number, call, OFFERED)
        if agent:
            self._act(agent, "miss", reason)
            self._settle(agent)

    def ended(self, number: str, call: str) -> None:
        """Note that the talk is over: after-call work begins."""
        agent = self._serving(number, call, TALKING)
        if agent:
            agent.acw_until_s = self._clock.wall_s() + agent.acw_s
            self._act(agent, "end")
            self._begin_acw(agent)

    # ---- start and configuration -------------------------------------------------------------------------------------

    def restore(self, states: Iterable[Event], calls: Iterable[Call]) -> None:
        """Begin again, once, from each agent's last AGENT_STATE event and the calls that had not ended."""
        living = {call.id: call for call in calls}
        for call in living.values():
            self._restore_telephones(call)
        for event in states:
            agent = self.agents.get(str(event.data.get("agent", "")))
            if agent is not None:
                agent.restore(event.data, event.at_s)
            elif event.data.get("state") != LOGGED_OUT:    # no longer configured: nobody may stay logged in for ever
                gone = Agent(str(event.data.get("agent", "")), extension=str(event.data.get("extension", "")))
                self._tell(gone)
        for agent in self.agents.values():
            if agent.state in (OFFERED, TALKING) and agent.call not in living:
                self._part(agent)
            elif agent.acw_until_s:
                self._begin_acw(agent)
            self._settle(agent)
        self.follow_config()

    def set_registered(self, extensions: Iterable[str]) -> None:
        """Say which extensions' telephones are there, all of them."""
        self.telephones.registered = set(extensions)
        self._changed()

    def registration_changed(self, extension: str, registered: bool) -> None:
        """Say that an extension's telephone came or went."""
        (self.telephones.registered.add if registered else self.telephones.registered.discard)(extension)
        self._changed()

    def follow_config(self) -> None:
        """Take in new agents and names; who (or whose extension) is no longer configured is logged out."""
        config = self._config()
        there = extensions.every(config)
        configured = {agent.number: agent for agent in config.agents}
        for number, part in configured.items():
            self.agents.setdefault(number, Agent(number)).name = part.name
        for number, agent in tuple(self.agents.items()):
            if agent.state is not LOGGED_OUT and (number not in configured or agent.extension not in there):
                self.logout(number)
            self._drop(agent)
        self._changed()

    # ---- inside ------------------------------------------------------------------------------------------------------

    def _logged_in(self, number: str) -> Agent:
        agent = self.get(number)
        if agent.state is LOGGED_OUT:
            raise NotLoggedIn(f"agent {number} is not logged in")
        return agent

    def _serving(self, number: str, call: str, state: AgentState) -> Agent | None:
        """Return the agent if they still are in that state for that call (they may have logged out meanwhile)."""
        agent = self.agents.get(number)
        return agent if agent and agent.call == call and agent.state is state else None

    def _bind(self, agent: Agent, act: str, call: str, acw_s: float) -> None:
        agent.call, agent.acw_s = call, acw_s
        self._act(agent, act)

    def _act(self, agent: Agent, act: str, reason: str = "") -> None:
        agent.act(act, self._clock.wall_s(), reason)
        if agent.state in (LOGGED_OUT, READY, NOT_READY):
            agent.wish, agent.call, agent.acw_until_s = None, "", 0.0
        if agent.state not in (ACW, ON_CALL):
            self._stop_acw(agent)
        self._tell(agent)
        self._drop(agent)

    def _drop(self, agent: Agent) -> None:
        """Forget an agent who is no longer configured, once nothing goes on with them."""
        if agent.state is LOGGED_OUT and all(part.number != agent.number for part in self._config().agents):
            self.agents.pop(agent.number, None)

    def _tell(self, agent: Agent) -> None:
        self._bus.publish(Event(at_s=self._clock.wall_s(), kind=Kind.AGENT_STATE, data=agent.facts()))
        self._changed()

    def _changed(self) -> None:
        for listener in tuple(self._listeners):
            listener()

    def _begin_acw(self, agent: Agent) -> None:
        """Let after-call work last its time; with none, or none left after a restart, it is over at once."""
        self._stop_acw(agent)
        left_s = min(agent.acw_until_s - self._clock.wall_s(), agent.acw_s)
        if left_s <= 0:
            self._end_acw(agent)
        else:
            self._acw_ends[agent.number] = asyncio.get_running_loop().call_later(left_s, self._end_acw, agent)
            self._settle(agent)

    def _stop_acw(self, agent: Agent) -> None:
        timer = self._acw_ends.pop(agent.number, None)
        if timer:
            timer.cancel()

    def _end_acw(self, agent: Agent) -> None:
        """The time for after-call work is over: grant what was wished in the call, or be ready."""
        self._acw_ends.pop(agent.number, None)
        agent.acw_until_s = 0.0
        if agent.state is ACW:    # else an ordinary call interrupted it, and sees that it is over
            self._grant(agent)
            self._settle(agent)

    def _grant(self, agent: Agent) -> None:
        wish = agent.wish or Standing(READY)
        acts = {READY: "ready", NOT_READY: "pause", LOGGED_OUT: "logout"}
        self._act(agent, acts[wish.state], wish.reason)

    def _settle(self, agent: Agent) -> None:
        """Let an ordinary call begin or end for the agent at whose telephone it is."""
        on_call = agent.state is not LOGGED_OUT and self.telephones.on_ordinary_call(agent.extension)
        if on_call and agent.state is OFFERED:
            self._act(agent, "withdraw")    # took up the receiver for something else: rung no longer
        if on_call and agent.state in (READY, NOT_READY, ACW):
            agent.interrupted = Standing(agent.state, agent.reason, agent.call)
            agent.call = self.telephones.calling(agent.extension)
            self._act(agent, "phone")
        elif not on_call and agent.state is ON_CALL:
            self._hang_up(agent)

    def _hang_up(self, agent: Agent) -> None:
        """An ordinary call is over: go on with what it interrupted, or with what was wished meanwhile."""
        then, wish = agent.interrupted, agent.wish
        if then.state is ACW:
            if agent.acw_until_s:
                agent.call = then.call
                self._act(agent, "to_acw")
                return
            then = Standing(READY)
        self._act(agent, f"to_{(wish or then).state}", (wish or then).reason)

    def _part(self, agent: Agent) -> None:
        """The call is gone: whatever the agent was in it for is over."""
        if agent.state is OFFERED:
            self.withdraw(agent.number, agent.call)
        elif agent.state is TALKING:
            self.ended(agent.number, agent.call)

    def _follow(self, event: Event) -> None:
        if event.kind is Kind.CONFIG_CHANGED:
            self.follow_config()
            return
        if event.kind is Kind.CLOCK_SET and not event.call:
            for agent in self.agents.values():
                if agent.since_s:
                    agent.correct(event.data["step_s"])
                    self._tell(agent)
            return
        extensions = self.telephones.follow(event)
        for agent in self.of_call(event.call):
            # A stage parted them already, unless it failed, or they stayed to hear what became of a transfer
            hung_up = event.kind is Kind.LEG_ENDED and agent.state is TALKING and agent.extension in extensions
            if hung_up or event.kind is Kind.CALL_ENDED:
                self._part(agent)
        for extension in extensions:
            agent_there = self.at(extension)
            if agent_there:
                self._settle(agent_there)
        if extensions:
            self._changed()

    def _restore_telephones(self, call: Call) -> None:
        for leg in call.legs.values():
            kind, _, extension = (leg.target or call.source).partition(":")
            if kind == "extension" and leg.state != "ended":
                ordinary = leg.purpose != "agent" and not (leg.id == "1" and call.destination.kind == "feature")
                self.telephones.take(extension, call.id, leg.id, ordinary)
