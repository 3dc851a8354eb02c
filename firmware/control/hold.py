"""`hold.*`: calls and numbers that nothing deletes as long as a hold stands."""

from typing import Annotated

from msgspec import Meta

from firmware.clock import Clock
from firmware.control.call import CallId
from firmware.control.methods import Asker, Role, method
from firmware.control.reason import Why
from firmware.errors import BadRequest, Problem
from firmware.records.audit import Audit, Entry
from firmware.records.reader import Reader
from firmware.retention.holds import CALL, NUMBER, Hold, Holds
from firmware.retention.persons import Persons

Given = Annotated[str, Meta(max_length=100, description="a call's id or a telephone number")]
Until = Annotated[float, Meta(ge=0, description="Unix seconds, 0 until somebody lifts it")]


class HoldMethods:
    """What can be asked of the holds."""

    def __init__(self, holds: Holds, persons: Persons, records: Reader, audit: Audit, clock: Clock) -> None:
        self._holds, self._persons, self._records, self._audit, self._clock = holds, persons, records, audit, clock

    @method("hold.list", Role.SUPERVISOR)
    async def everything(self, call: CallId | None = None) -> list[Hold]:
        """Return all holds, newest first, with those that were lifted; or those that keep one call."""
        return await (self._holds.all() if call is None else self._holds.of_call(call, self._clock.wall_s()))

    @method("hold.place", Role.ADMIN)
    async def place(
        self, session: Asker, why: Why, call: Given = "", number: Given = "", until_s: Until = 0.0
    ) -> list[Hold]:
        """Put a call, or all calls of a number, under a hold, and return all holds."""
        now_s = self._clock.wall_s()
        if bool(call) == bool(number):
            raise BadRequest(problems=[Problem("call", call, "a call's id or a number is right, and not both")])
        if until_s and until_s <= now_s:
            raise BadRequest(problems=[Problem("until_s", until_s, "a time to come is right, or 0")])
        if call:
            await self._records.show(call)
            placed = await self._holds.place(CALL, call, session.who, why, now_s, until_s)
        else:
            forms = self._persons.forms(number)
            subject = next((form for form in forms if form.startswith("+")), forms[0])
            placed = await self._holds.place(NUMBER, subject, session.who, why, now_s, until_s, forms)
        await self._note(session, "hold.placed", placed)
        return await self._holds.all()

    @method("hold.lift", Role.ADMIN)
    async def lift(self, session: Asker, id: Annotated[int, Meta(ge=1)]) -> list[Hold]:
        """End a hold, and return all."""
        await self._holds.lift(id, session.who, self._clock.wall_s())
        await self._note(session, "hold.lifted", id)
        return await self._holds.all()

    async def _note(self, session: Asker, what: str, number: int) -> None:
        """The audit tells the hold's number and not the telephone's: that one may have to be forgotten."""
        self._audit.note(Entry(self._clock.wall_s(), what, "", session.who, session.address, f"hold {number}"))
        await self._audit.kept()
