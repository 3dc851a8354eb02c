"""What is kept for how long: nightly by the rules; and where the disk has too little room, the oldest recordings go."""

import asyncio
import logging
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from drivers.link.messages import Wrong
from firmware.clock import Clock
from firmware.config.schema import Config
from firmware.errors import BusyhourError
from firmware.events import AlarmName, Bus, Event, Kind, alarm_data
from firmware.records.audit import Entry
from firmware.records.records import Records
from firmware.retention import pieces
from firmware.retention.date import DAY_S, BelievedDate

log = logging.getLogger(__name__)
LOOK_S = 30.0
BREATH_S = 0.05  # between two pieces: others have the disk
MIB = 1 << 20
ROOM_AGAIN = 1.05  # so much more than the floor is made, not to begin again at once
BY = "retention"


def free_bytes(home: Path) -> int:
    """Return how much room a home's disk has."""
    state = os.statvfs(home)
    return state.f_bavail * state.f_frsize


class Retention:
    """Lets go of what is too old. All work is done by the threads that write and read; the exchange only waits."""

    def __init__(
        self, home: Path, *, clock: Clock, bus: Bus, config: Callable[[], Config], records: Records,
        date: BelievedDate, free: Callable[[Path], int] = free_bytes,
    ) -> None:  # fmt: skip
        self._home, self._clock, self._bus, self._config, self._records = home, clock, bus, config, records
        self._date, self._free = date, free
        self._watching: asyncio.Task[None] | None = None
        self._next_s = 0.0
        self._alarm: Wrong | None = None

    def start(self) -> None:
        """Begin to watch the room and the hour; within the running loop."""
        self._watching = asyncio.get_running_loop().create_task(self._watch())

    async def close(self) -> None:
        """Leave off, between two pieces."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)

    async def _watch(self) -> None:
        while True:
            try:
                await self.look()
            except (BusyhourError, OSError) as error:
                log.error("old records and recordings cannot be removed: %s", error)
            except Exception:
                log.exception("the retention of records failed")
            await asyncio.sleep(LOOK_S)

    async def look(self) -> None:
        """Make room if there is too little; carry out the rules if it is their hour."""
        self._date.look()
        await self.make_room()
        now = self._clock.now()
        if not self._next_s or self._next_s > now.timestamp() + 2 * DAY_S:
            self._next_s = _next(now, self._config().retention.at)
        if now.timestamp() >= self._next_s:
            self._next_s = _next(now, self._config().retention.at)
            await self.sweep()

    async def sweep(self) -> dict[str, int]:
        """Carry out all rules by the date that is believed, and return how many of what went."""
        rules, now_s = self._config().retention, self._date.wall_s()
        by_queue = {
            one.name: one.recordings_days for one in self._config().queues if one.recordings_days is not None
        }
        gone = {"recordings": 0, "calls": 0, "audit": 0, "alarms": 0}
        if rules.recordings_days or any(by_queue.values()):
            gone["recordings"] = await self._recordings(
                lambda connection: pieces.old_recordings(connection, now_s, rules.recordings_days, by_queue)
            )
            rule = f"older than {rules.recordings_days} days, or than their queue's"
            self._note("recordings", gone["recordings"], rule)
        if rules.records_days:
            before_s = now_s - rules.records_days * DAY_S
            gone["calls"] = await self._calls(now_s, before_s)
            await self._rows(pieces.forget_events, before_s)
            await self._rows(pieces.forget_states, before_s)
            self._note("calls", gone["calls"], f"older than {rules.records_days} days")
        if rules.audit_days:
            gone["audit"] = await self._rows(pieces.forget_audit, now_s - rules.audit_days * DAY_S)
            self._note("audit", gone["audit"], f"older than {rules.audit_days} days")
        if rules.alarms_days:
            gone["alarms"] = await self._rows(pieces.forget_alarms, now_s - rules.alarms_days * DAY_S)
            self._note("alarms", gone["alarms"], f"older than {rules.alarms_days} days")
        return gone

    async def make_room(self) -> int:
        """Remove the oldest recordings until the floor is free again; return how many went. Records never go for it."""
        floor = self._config().retention.floor_mb * MIB
        free = await asyncio.to_thread(self._free, self._home)
        if free >= floor:
            if free >= floor * ROOM_AGAIN:
                self._tell(None)
            return 0
        count, now_s = 0, self._date.wall_s()
        while free < floor * ROOM_AGAIN:
            found = await self._records.reader.ask(lambda one: pieces.oldest_recordings(one, now_s, 20))
            if not found:
                break
            await self._remove([sound.path for sound in found])
            count += len(found)
            free = await asyncio.to_thread(self._free, self._home)
        self._note("recordings", count, f"the disk had less than {floor // MIB} MB free: the oldest first")
        code = "removed" if free >= floor else "removed-all"
        self._tell(Wrong(code, {"count": count, "free_mb": free // MIB}))
        return count

    async def _recordings(self, find: Callable[[Connection], list[pieces.Sound]]) -> int:
        count = 0
        while found := await self._records.reader.ask(find):
            await self._remove([sound.path for sound in found])
            count += len(found)
            await asyncio.sleep(BREATH_S)
        return count

    async def _remove(self, paths: list[str]) -> None:
        """Remove files, then their rows: after a power cut in between, the next time finds rows without files."""
        await asyncio.to_thread(pieces.remove, self._home, paths)
        await self._records.change(lambda connection: pieces.forget_recordings(connection, paths))

    async def _calls(self, now_s: float, before_s: float) -> int:
        count = 0
        while ids := await self._records.reader.ask(lambda one: pieces.old_calls(one, now_s, before_s)):
            await forget(self._home, self._records, ids)
            count += len(ids)
            await asyncio.sleep(BREATH_S)
        return count

    async def _rows(self, piece: Callable[[Connection, float], int], before_s: float) -> int:
        count = 0
        while gone := await self._records.change(lambda connection: piece(connection, before_s)):
            count += gone
            await asyncio.sleep(BREATH_S)
        return count

    def _note(self, what: str, count: int, rule: str) -> None:
        if count:
            log.info("%d %s removed: %s", count, what, rule)
            self._records.audit.note(Entry(self._clock.wall_s(), f"retention.{what}", "", BY, "", f"{count}: {rule}"))

    def _tell(self, wrong: Wrong | None) -> None:
        if (wrong is None) != (self._alarm is None):
            data = alarm_data(AlarmName.ROOM_MADE, "disk", raised=wrong is not None, wrong=wrong)
            self._bus.publish(Event(self._clock.wall_s(), Kind.ALARM, data=data))
        self._alarm = wrong


async def forget(home: Path, records: Records, call_ids: list[str]) -> None:
    """Let go of calls with their recordings. Raises NoStorage, OSError."""
    paths = await records.reader.ask(lambda connection: pieces.recordings_of(connection, call_ids))
    await asyncio.to_thread(pieces.remove, home, paths)
    await records.change(lambda connection: pieces.forget_calls(connection, call_ids))


def _next(now: datetime, at: str) -> float:
    hour, minute = (int(part) for part in at.split(":"))
    due = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return (due if due > now else due + timedelta(days=1)).timestamp()
