"""`desk.*`: what an agent sees of the call at hand, and does with it at a page instead of at the telephone."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import msgspec
from msgspec import Meta

from drivers.link.causes import (
    CALL_REJECTED,
    NO_ANSWER,
    NO_USER_RESPONDING,
    NORMAL_CLEARING,
    RECOVERY_ON_TIMER_EXPIRY,
    USER_BUSY,
)
from firmware import routing
from firmware.agents.agent import LOGGED_OUT, TALKING, Agent
from firmware.agents.errors import NotLoggedIn, TelephoneAway, TelephoneInUse
from firmware.agents.roster import Roster
from firmware.calls.call import Call
from firmware.calls.leg import Leg, LegState
from firmware.calls.switch import Switch
from firmware.clock import Clock
from firmware.config import extensions
from firmware.config.schema import Config, Disposition
from firmware.config.values import ExtensionNumber
from firmware.control.agent import AgentMethods, AgentView, check_own
from firmware.control.methods import Asker, Role, method
from firmware.control.note import dispositions
from firmware.control.queue import QueueMethods, QueueView
from firmware.errors import NobodyThere, NoCall, NotFound, Unavailable
from firmware.records.callers import Callers, PastCall
from firmware.records.cdr import Cdr
from firmware.records.notes import Noted, Notes
from firmware.records.reader import Reader

# What an agent may do about a hold: one begun at the telephone is ended there
HOLDING = {"": ["hold"], "exchange": ["resume"], "party": []}
UNREACHED = {
    USER_BUSY: "busy", CALL_REJECTED: "refused", NORMAL_CLEARING: "hung_up",
    NO_ANSWER: "no_answer", NO_USER_RESPONDING: "no_answer", RECOVERY_ON_TIMER_EXPIRY: "no_answer",
}  # fmt: skip
Dialled = Annotated[str, Meta(pattern=r"^[0-9]{1,24}\Z", description="1 to 24 digits")]

Flashed = Annotated[str, Meta(pattern=r"^[0-9*#]{0,24}\Z", description="up to 24 of 0-9 * #")]


class Asked(msgspec.Struct, frozen=True):
    """Whom the agent asks while the caller waits: the digits, or `queue:` and its name.

    state: `ringing`, `answered` (they talk), `waiting` (they hear music while the agent talks with the caller); or why
    nobody was reached: `busy`, `no_answer`, `refused`, `hung_up`, `failed`.
    """

    to: str
    state: str


class DeskCall(msgspec.Struct, frozen=True):
    """The call an agent is busy with, or was until after-call work. Times are Unix seconds, 0 for never.

    `line` is what people call the line or trunk of `source`. `since_s`: in the queue; `served_s`: an agent answered;
    `state` of the agent's own telephone: dialing, ringing, answered, held, ended. `acts`: what can be done now.
    `asked`: whom the agent consults, or did last without reaching them.
    """

    id: str
    direction: str
    source: str
    line: str
    did: str
    number: str
    e164: str
    name: str
    withheld: bool
    queue: str
    queue_title: str
    started_s: float
    since_s: float
    wait_s: float | None
    state: str
    recording: bool
    acts: list[str]
    asked: Asked | None = None


class Desk(msgspec.Struct, frozen=True):
    """All that an agent's page shows. `extension` is the agent's own one, `extensions` all with their names.

    `dispositions` fit the call at hand, `titles` are what people call each there is, `queue_titles` each queue.
    `past` are the caller's earlier calls, `served` the agent's own last ones.
    """

    agent: AgentView
    extension: str
    reasons: list[str]
    extensions: dict[str, str]
    queues: list[QueueView]
    dispositions: list[Disposition]
    titles: dict[str, str]
    queue_titles: dict[str, str]
    call: DeskCall | None
    noted: Noted
    past: list[PastCall]
    served: list[PastCall]


class DeskMethods:
    """What can be asked at a desk: an agent's own one, for a supervisor any."""

    def __init__(
        self, *, roster: Roster, switch: Switch, config: Callable[[], Config], clock: Clock, agents: AgentMethods,
        queues: QueueMethods, notes: Notes, callers: Callers, records: Reader, committed: Callable[[], Awaitable[None]],
    ) -> None:  # fmt: skip
        self._roster, self._switch, self._config, self._clock = roster, switch, config, clock
        self._agents, self._queues, self._notes, self._callers = agents, queues, notes, callers
        self._records, self._committed = records, committed

    @method("desk.show", Role.AGENT)
    async def show(self, session: Asker, number: ExtensionNumber) -> Desk:
        """Return an agent's desk."""
        check_own(session, number)
        agent, config = self._roster.get(number), self._config()
        call = await self._call(agent)
        own = {queue.name for queue in config.queues if number in queue.agents}
        now_s = self._clock.wall_s()
        return Desk(
            agent=self._agents.view(agent),
            extension=next((one.extension for one in config.agents if one.number == number), ""),
            reasons=list(config.reasons.values()),
            extensions={number: one.name for number, one in extensions.every(config).items()},
            queues=[queue for queue in self._queues.table() if queue.name in own],
            dispositions=dispositions(config, call.queue) if call else [],
            titles={one.name: one.title or one.name for one in config.dispositions},
            queue_titles={queue.name: queue.title or queue.name for queue in config.queues},
            call=call,
            noted=await self._notes.of(call.id) if call else Noted(),
            past=await self._callers.past(call.e164, but=call.id) if call else [],
            served=await self._callers.served(number, now_s),
        )

    @method("desk.dial", Role.AGENT)
    async def dial(self, session: Asker, number: ExtensionNumber, digits: Dialled) -> None:
        """Ring the agent's telephone, and call the digits for it once it is answered: as if dialled there."""
        check_own(session, number)
        agent = self._logged_in(number)
        if routing.dialled(digits, self._config()).kind == "hangup":
            raise NobodyThere(f"nobody can be called by dialling {digits!r}", digits=digits)
        if not self._switch.plant.gateway.connected:
            raise Unavailable("the gateway does not answer: no call can be made now")
        if not self._roster.there(agent.extension):
            raise TelephoneAway(f"telephone {agent.extension} is not registered", extension=agent.extension)
        if self._roster.telephones.in_use(agent.extension):
            raise TelephoneInUse(f"telephone {agent.extension} is in use", extension=agent.extension)
        self._switch.originate(agent.extension, digits)
        await self._committed()

    @method("desk.hang_up", Role.AGENT)
    async def hang_up(self, session: Asker, number: ExtensionNumber) -> None:
        """End the agent's part of the call at hand; one that only rings is refused."""
        _, leg = self.at_hand(session, number)
        leg.leave()

    @method("desk.hold", Role.AGENT)
    def hold(self, session: Asker, number: ExtensionNumber) -> None:
        """Put whom the agent talks with on hold: they hear music, and the agent nothing."""
        call, leg = self.at_hand(session, number)
        call.hold_by(leg)

    @method("desk.resume", Role.AGENT)
    def resume(self, session: Asker, number: ExtensionNumber) -> None:
        """Take back whom `desk.hold` put on hold; who holds by the telephone takes them back there."""
        call, leg = self.at_hand(session, number)
        call.resume_by(leg)

    @method("desk.transfer", Role.AGENT)
    async def transfer(self, session: Asker, number: ExtensionNumber, digits: Dialled) -> None:
        """Send whom the agent talks with to a number; if nobody takes them there, they come back."""
        call, leg = self.at_hand(session, number)
        call.transfer_by(leg, digits)
        await self._committed()

    @method("desk.flash", Role.AGENT)
    async def flash(self, session: Asker, number: ExtensionNumber, digits: Flashed = "") -> None:
        """Press the hook of the analog line that the agent talks by, for the exchange behind it to act.

        `digits` are dialled once that gives dial tone; the agent's hangup then mostly leaves both others to each other.
        """
        call, leg = self.at_hand(session, number)
        await call.flash_by(leg, digits)
        await self._committed()

    def _logged_in(self, number: str) -> Agent:
        agent = self._roster.get(number)
        if agent.state is LOGGED_OUT:
            raise NotLoggedIn(f"agent {number} is not logged in")
        return agent

    def at_hand(self, session: Asker, number: str) -> tuple[Call, Leg]:
        """Return the call at hand at a desk, and the agent's leg of it. Raises NotAllowed, NotLoggedIn, NoCall."""
        check_own(session, number)
        agent = self._logged_in(number)
        call = self._switch.calls.get(agent.call) or self._switch.calls.get(
            self._roster.telephones.calling(agent.extension)
        )
        leg = own_leg(call, agent) if call is not None else None
        if call is None or leg is None:
            raise NoCall(f"agent {number} is in no call")
        return call, leg

    async def _call(self, agent: Agent) -> DeskCall | None:
        if agent.state is LOGGED_OUT or not agent.call:
            return None
        call = self._switch.calls.get(agent.call)
        if call is not None:
            return self._living(call, agent)
        await self._committed()
        try:
            return self._closed((await self._records.show(agent.call)).call)
        except NotFound:
            return None  # of a call that left no record, since it could not be made

    def _living(self, call: Call, agent: Agent) -> DeskCall:
        leg = own_leg(call, agent)
        asking = call.consultation
        at = asking.destination if asking is not None else call.destination
        since_s = at.since_s if at.kind == "queue" else 0.0
        state = "ended" if leg is None else "held" if leg.held else str(leg.state)
        acts = []
        if leg is not None and not leg.hanging_up and call.transferor is None:
            acts = _acts(call, leg, self._config())
        return DeskCall(
            id=call.id, direction=call.direction, source=call.source, line=self._line(call.source), did=call.did,
            number=call.number, e164=call.e164, name=call.caller_name, withheld=call.withheld, queue=call.queue,
            queue_title=self._title(call.queue), started_s=call.started_s, since_s=since_s,
            wait_s=agent.since_s - since_s if agent.state is TALKING and since_s else None, state=state,
            recording=any(one.recording for one in call.legs.values()), acts=acts,
            asked=_asked(call),
        )  # fmt: skip

    def _closed(self, call: Cdr) -> DeskCall:
        return DeskCall(
            id=call.call_id, direction=call.direction, source=call.source, line=self._line(call.source), did=call.did,
            number=call.number, e164=call.e164, name=call.name, withheld=call.withheld, queue=call.queue,
            queue_title=self._title(call.queue), started_s=call.started_s, since_s=0.0,
            wait_s=call.wait_s if call.queue else None, state="ended", recording=False, acts=[],
        )  # fmt: skip

    def _line(self, source: str) -> str:
        kind, _, name = source.partition(":")
        names = {str(line.number): line.name for line in self._config().lines} if kind == "line" else {}
        return names.get(name) or name

    def _title(self, name: str) -> str:
        return next((queue.title for queue in self._config().queues if queue.name == name), "") or name


def _acts(call: Call, leg: Leg, config: Config) -> list[str]:
    """Return what can be done now at the desk of the agent whose leg it is."""
    if call.consultation is not None and call.consultation.leg is leg:
        return ["complete", "swap", "reconnect"] if call.consultation.answered else ["complete", "reconnect"]
    if call.consultation is not None:
        return ["hang_up"]  # they are whom another agent asks
    acts = ["hang_up"]
    partner = call.partner(leg)
    if partner is not None:
        acts += [*HOLDING[leg.held], "transfer", *(["consult"] if leg.held != "party" else [])]
        line = call.party(partner).split(":")[1] if call.party(partner).startswith("line:") else ""
        if line and not leg.held and any(str(one.number) == line and one.flash_ms for one in config.lines):
            acts.append("flash")
    return acts


def _asked(call: Call) -> Asked | None:
    if call.consultation is not None:
        asking = call.consultation
        return Asked(asking.to, "waiting" if call.swapped else "answered" if asking.answered else "ringing")
    if call.unreached is None:
        return None
    to, cause = call.unreached
    return Asked(to, UNREACHED.get(cause, "failed"))


def own_leg(call: Call, agent: Agent) -> Leg | None:
    """Return the leg of the telephone an agent works at, if it lives."""
    target = f"extension:{agent.extension}"
    for leg in call.legs.values():
        if (leg.target or (call.source if leg.id == "1" else "")) == target and leg.state is not LegState.ENDED:
            return leg
    return None
