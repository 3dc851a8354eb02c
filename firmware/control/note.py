"""`call.note`, `call.disposition`, `call.notes`: what people write of calls, during them and afterwards."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta

from firmware.agents.roster import Roster
from firmware.calls.call import Call
from firmware.clock import Clock
from firmware.config.schema import Config, Disposition
from firmware.control.call import CallId
from firmware.control.methods import Asker, Role, method
from firmware.errors import BadRequest, NoStorage, NotAllowed, Problem
from firmware.events import Bus, Event, Kind
from firmware.records.callers import Callers
from firmware.records.notes import Edit, Noted, Notes, What
from firmware.records.reader import Reader

NoteText = Annotated[
    str,
    Meta(
        pattern="^[^\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\ud800-\\udfff]{0,4000}\\Z",
        description="up to 4000 characters, no control characters but the line's end",
    ),
]
Mark = Annotated[str, Meta(max_length=32, description="the name of a disposition, or nothing")]


class NotesView(msgspec.Struct, frozen=True):
    """What is noted of a call, how it can be marked, and every edit that led there, oldest first."""

    noted: Noted
    dispositions: list[Disposition]
    edits: list[Edit]


class Subject(NamedTuple):
    """A call that something is noted of: when it began, and its last queue."""

    since_s: float
    queue: str


class NoteMethods:
    """What can be noted; it is confirmed when it is on disk. An agent notes own calls alone, a supervisor any."""

    def __init__(
        self, *, notes: Notes, callers: Callers, records: Reader, calls: Mapping[str, Call], roster: Roster,
        config: Callable[[], Config], clock: Clock, bus: Bus, committed: Callable[[], Awaitable[None]],
    ) -> None:  # fmt: skip
        self._notes, self._callers, self._records, self._calls = notes, callers, records, calls
        self._roster, self._config, self._clock, self._bus = roster, config, clock, bus
        self._committed = committed

    @method("call.note", Role.AGENT)
    async def note(
        self, session: Asker, call: CallId, text: NoteText, after: Annotated[int, Meta(ge=0)] | None = None
    ) -> Noted:
        """Write a call's note anew; `after` the version it was made from, so that nobody's words are lost."""
        await self.subject(session, call)
        return await self._write(session, call, "note", text, after)

    @method("call.disposition", Role.AGENT)
    async def disposition(self, session: Asker, call: CallId, disposition: Mark) -> Noted:
        """Mark a call with a disposition of the configuration, or with none."""
        subject = await self.subject(session, call)
        possible = [one.name for one in dispositions(self._config(), subject.queue)]
        if disposition and disposition not in possible:
            right = f"one of {', '.join(possible)} is right" if possible else "none is right: there is none configured"
            raise BadRequest(problems=[Problem("disposition", disposition, right)])
        return await self._write(session, call, "disposition", disposition, None)

    @method("call.notes", Role.AGENT)
    async def notes(self, session: Asker, call: CallId) -> NotesView:
        """Return what is noted of a call, and who wrote what before."""
        subject = await self.subject(session, call, sure=False)
        noted = await self._notes.of(call)
        return NotesView(noted, dispositions(self._config(), subject.queue), await self._notes.edits(call))

    async def subject(self, session: Asker, call: str, *, sure: bool = True) -> Subject:
        """Return a call that somebody may note something of. Raises NotFound, NotAllowed; where `sure`, NoStorage."""
        living = self._calls.get(call)
        if living is not None:
            subject = Subject(living.started_s, living.queue)
        else:
            await self._ended(sure)
            closed = (await self._records.show(call)).call
            subject = Subject(closed.started_s, closed.queue)
        if session.role < Role.SUPERVISOR and not await self._is_own(session.agent, call, subject.since_s):
            raise NotAllowed(f"call {call} is none of {session.who}'s own calls", needs="supervisor")
        return subject

    async def _ended(self, sure: bool) -> None:
        """Wait until a call that ended just now is on record; a disk that takes nothing keeps nobody from reading."""
        try:
            await self._committed()
        except NoStorage:
            if sure:
                raise

    async def _is_own(self, number: str, call: str, since_s: float) -> bool:
        agent = self._roster.agents.get(number)
        return agent is not None and (agent.call == call or await self._callers.is_served(number, call, since_s))

    async def _write(self, session: Asker, call: str, what: What, text: str, after: int | None) -> Noted:
        before = self._notes.count(call)
        edit = Edit(what, text, self._clock.wall_s(), session.who, session.address)
        noted = await self._notes.write(call, edit, after)
        if session.agent in self._roster.agents:
            self._roster.get(session.agent).edits += 1
        if self._notes.count(call) != before:
            self._bus.publish(Event(edit.at_s, Kind.NOTED, call, data={"what": what, "by": session.who}))
        return noted


def dispositions(config: Config, queue: str) -> list[Disposition]:
    """Return what a call that came to a queue (or to none, "") can be marked with."""
    return [one for one in config.dispositions if not one.queues or queue in one.queues]
