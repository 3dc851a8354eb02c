"""`line.learn` and what follows: a line's own busy tone is learnt by a test call, and accepted or forgotten."""

from typing import Annotated

import msgspec
from msgspec import Meta

from firmware.clock import Clock
from firmware.config.configuration import Configuration, exported
from firmware.config.edit import place_of
from firmware.control.line import Number
from firmware.control.methods import Asker, Role, method
from firmware.errors import NotFound, Refused
from firmware.lines.learning import Attempt, Learning
from firmware.records.audit import Audit, Entry

Digits = Annotated[str, Meta(pattern=r"^[0-9*#]{0,30}\Z", description="up to 30 of 0-9 * #, as dialled on the line")]


class ToneView(msgspec.Struct, frozen=True):
    """The busy tone that a line has of its own, as 480+620/250,0/250, or ""; and the revision that made it so."""

    line: int
    busy_tone: str
    revision: int


class LearningMethods:
    """What can be done about a line's busy tone."""

    def __init__(self, configuration: Configuration, learning: Learning, audit: Audit, clock: Clock) -> None:
        self._configuration, self._learning, self._audit, self._clock = configuration, learning, audit, clock

    @method("line.learn", Role.ADMIN)
    async def learn(self, session: Asker, number: Number, dial: Digits = "") -> Attempt:
        """Learn a line's busy tone by a test call: the next that comes in, or one to `dial`; return when it is begun.

        `line.show` tells how far it is, and what came of it. Two minutes for the call, one for the tone.
        """
        attempt = await self._learning.begin(number, session.who, dial)
        self._audit.note(
            Entry(self._clock.wall_s(), "line.learn", f"line:{number}", session.who, session.address, dial)
        )
        return attempt

    @method("line.stop_learning", Role.ADMIN)
    def stop(self, number: Number) -> None:
        """End the learning of a line's busy tone; where none is under way, nothing happens."""
        self._learning.stop(number)

    @method("line.accept_tone", Role.ADMIN)
    async def accept(self, session: Asker, number: Number) -> ToneView:
        """Make the tone that was learnt last the line's own: calls hang up by it from the next one on."""
        attempt = self._learning.attempts.get(number)
        if attempt is None or attempt.state != "learnt":
            raise Refused(f"no busy tone was learnt on line {number}; there is nothing to accept")
        return await self._set(session, number, attempt.tone, f"busy tone of line {number} learnt")

    @method("line.forget_tone", Role.ADMIN)
    async def forget(self, session: Asker, number: Number) -> ToneView:
        """Let a line hang up by the country's tones alone again."""
        return await self._set(session, number, "", f"busy tone of line {number} forgotten")

    async def _set(self, session: Asker, number: int, tone: str, why: str) -> ToneView:
        line = next((line for line in self._configuration.config.lines if line.number == number), None)
        if line is None:
            raise NotFound(f"there is no line {number}")
        if line.busy_tone != tone:
            base = self._configuration.revision.number
            document = exported(self._configuration.config, secrets=True)
            document["lines"][place_of(document["lines"], "lines", str(number))]["busy_tone"] = tone
            await self._configuration.replace(document, who=session.who, why=why, base=base)
        return ToneView(number, tone, self._configuration.revision.number)
