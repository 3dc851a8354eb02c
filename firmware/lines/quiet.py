"""Lines and trunks by which no call came or went for days: something may be wrong that no test finds."""

import asyncio
from collections.abc import Callable, Iterator

from sqlalchemy import Connection, bindparam, delete, func, insert, select

from drivers.link.messages import Wrong
from firmware.clock import Clock
from firmware.config import extensions, ways
from firmware.config.schema import Config
from firmware.events import AlarmName, Bus, Event, Kind
from firmware.health.clock import EARLIEST
from firmware.health.finding import Finding
from firmware.records import schema
from firmware.records.records import Records

LOOK_S = 3600.0  # in the records; what happens meanwhile is seen at once
DAY_S = 86400.0
ERROR_S = 60.0  # a time kept from so far in the future was told by a wrong clock
FORGET = delete(schema.bearers).where(schema.bearers.c.name == bindparam("of_name"))
KEEP = insert(schema.bearers)


class QuietBearers:
    """Since when there was no call on each line and trunk: since the last one, or since it was configured.

    It is kept apart from the records of calls, which may be let go of before.
    """

    def __init__(self, *, records: Records, bus: Bus, clock: Clock, config: Callable[[], Config]) -> None:
        self._records, self._clock, self._config = records, clock, config
        self._since: dict[str, float] = {}
        self._kept: dict[str, float] = {}  # of it, what is on disk
        self._legs: dict[tuple[str, str], str] = {}
        self._loop = asyncio.get_running_loop()
        self._next_s = self._loop.time()
        bus.subscribe(self._follow)

    async def look(self) -> None:
        """Read the records, when it is time to, or a line or trunk is new. Raises Unavailable."""
        names = _names(self._config())
        now_s = self._clock.wall_s()
        if now_s < EARLIEST.timestamp() or (self._loop.time() < self._next_s and names == self._since.keys()):
            return  # before the clock is right, nothing can be said of days
        self._next_s = self._loop.time() + LOOK_S
        self._kept, last = await self._records.reader.ask(lambda connection: _read(connection, sorted(names)))
        for name in names:
            known = [one.get(name, 0.0) for one in (self._since, self._kept, last)]
            since_s = max(known) or now_s
            self._since[name] = now_s if since_s > now_s + ERROR_S else since_s
        for name in {*self._since, *self._kept} - names:
            self._since.pop(name, None)
        self._keep()

    def findings(self, config: Config) -> Iterator[Finding]:
        """Yield which are quiet for too long."""
        days, now_s = config.alarms.no_call_days, self._clock.wall_s()
        for name in sorted(_names(config) & self._since.keys()) if days else ():
            quiet_s = now_s - self._since[name]
            wrong = Wrong("no-calls", {"days": f"{days:g}"}) if quiet_s >= days * DAY_S else None
            yield Finding(AlarmName.NO_CALLS, name, wrong)

    def since_s(self, name: str) -> float:
        """Return since when there was no call, as Unix time; 0 when that is not known yet."""
        return self._since.get(name, 0.0)

    def _follow(self, event: Event) -> None:
        if event.kind is Kind.CALL_OFFERED:
            self._called(self._bearer(event.data.get("source", "")), event.at_s)
        elif event.kind is Kind.LEG_DIALED:
            kind, _, rest = self._bearer(event.data.get("target", "")).partition(":")
            if kind in ("line", "trunk"):
                self._legs[event.call, event.leg] = f"{kind}:{rest.partition(':')[0]}"
        elif event.kind in (Kind.LEG_RINGING, Kind.LEG_ANSWERED):
            self._called(self._legs.get((event.call, event.leg), ""), event.at_s)
        elif event.kind is Kind.LEG_ENDED:
            self._legs.pop((event.call, event.leg), None)

    def _bearer(self, party: str) -> str:
        """Return a party as it is; of an extension at a PBX the trunk group that it is met by."""
        kind, _, number = party.partition(":")
        return extensions.place(self._config(), number) if kind == "extension" else party

    def _called(self, name: str, at_s: float) -> None:
        if name in self._since:
            self._since[name] = max(self._since[name], at_s)

    def _keep(self) -> None:
        """Put on disk what differs from what is there."""
        for name in {*self._since, *self._kept}:
            since_s = self._since.get(name)
            if since_s != self._kept.get(name):
                rows = [] if since_s is None else [(KEEP, {"name": name, "since_s": since_s})]
                self._records.journal.add([(FORGET, {"of_name": name}), *rows])
        self._kept = dict(self._since)


def _names(config: Config) -> set[str]:
    return set(ways.names(config))


def _read(connection: Connection, names: list[str]) -> tuple[dict[str, float], dict[str, float]]:
    """Return since when each was known to be quiet, and when the last call on record began."""
    kept = {row.name: row.since_s for row in connection.execute(select(schema.bearers))}
    calls = schema.calls
    found = {
        name: connection.execute(select(func.max(calls.c.started_s)).where(calls.c.via == name)).scalar()
        for name in names
    }
    return kept, {name: at_s for name, at_s in found.items() if at_s is not None}
