"""`person.*`: a caller's data, told and erased on request (PIPL articles 45 and 47, GDPR articles 15 and 17)."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from msgspec import Meta

from firmware.calls.call import Call
from firmware.clock import Clock
from firmware.control.methods import Asker, Role, method
from firmware.control.reason import Why
from firmware.events import Bus, Event, Kind
from firmware.records.audit import Audit, Entry
from firmware.records.notes import Notes
from firmware.retention.persons import Erased, Person, Persons

Number = Annotated[str, Meta(min_length=1, max_length=40, description="a telephone number")]


class PersonMethods:
    """What can be asked of a caller's data."""

    def __init__(
        self, persons: Persons, notes: Notes, audit: Audit, calls: Mapping[str, Call], bus: Bus, clock: Clock
    ) -> None:
        self._persons, self._notes, self._audit = persons, notes, audit
        self._calls, self._bus, self._clock = calls, bus, clock

    @method("person.show", Role.ADMIN)
    async def show(self, session: Asker, number: Number) -> Person:
        """Return all that is on record of a number, however it is written."""
        now_s = self._clock.wall_s()
        found = await self._persons.find(number, now_s)
        digest = self._persons.digest(self._persons.forms(number))
        self._audit.note(
            Entry(now_s, "person.shown", "", session.who, session.address, f"{digest}: {len(found.calls)} calls")
        )
        await self._audit.kept()
        return found

    @method("person.erase", Role.ADMIN)
    async def erase(self, session: Asker, number: Number, reason: Why) -> Erased:
        """Delete a number's recordings and take it out of all records, which stay for statistics.

        Refused while a legal hold keeps any of it. The audit names the number by a keyed hash alone.
        """
        now_s = self._clock.wall_s()
        forms = self._persons.forms(number)
        erased = await self._persons.erase(number, now_s, self._notes, self._live)
        for form in forms:
            reason = reason.replace(form, "…")
        told = f"{self._persons.digest(forms)}: {erased.calls} calls, {erased.recordings} recordings: {reason}"
        self._audit.note(Entry(now_s, "person.erased", "", session.who, session.address, told))
        await self._audit.kept()
        data = {"calls": erased.calls, "name": erased.name}
        self._bus.publish(Event(self._clock.wall_s(), Kind.RECORDS_ERASED, data=data))
        return erased

    def _live(self, forms: Sequence[str]) -> bool:
        """Tell whether a call of a number is under way."""
        numbers: set[str] = set()
        for call in self._calls.values():
            numbers |= {call.number, call.e164, call.did}
            numbers |= {leg.target.rpartition(":")[2] for leg in call.legs.values()}
        return not numbers.isdisjoint(forms)
