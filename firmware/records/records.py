"""The records as the exchange has them: one thread that writes, one that only reads."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from pathlib import Path
from typing import TypeVar

from sqlalchemy import URL, Connection
from sqlalchemy.exc import SQLAlchemyError

from drivers.link.messages import Wrong
from firmware.clock import Clock
from firmware.events import AlarmName, Bus, Event, Kind, alarm_data
from firmware.records.alarms import AlarmHistory
from firmware.records.audit import Audit
from firmware.records.callers import Callers
from firmware.records.database import Broken, Writer, open_database, set_aside, storage_error, upgrade
from firmware.records.journal import KEPT_ROWS, Journal
from firmware.records.ledger import Ledger, Unfinished, unfinished
from firmware.records.notes import Notes
from firmware.records.outbox import Outbox
from firmware.records.reader import Reader

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")


class Records:
    """A database brought to this release's form, a journal into it and a reader of it.

    A broken one is put aside and a new one begun: calls must go on. Raises NoStorage when it cannot be opened or
    written. Waits for the disk: make it before the loop runs.
    """

    def __init__(self, url: URL | str, writing: Executor, reading: Executor, kept_rows: int = KEPT_ROWS) -> None:
        """Each executor has one thread, or runs things as the loop's clock says."""
        self._engine, self._reading = open_database(url), open_database(url, read_only=True)
        self._writing = writing
        self._aside: list[Path] = []  # where broken databases were put, until that is told
        self._told: Callable[[], None] = lambda: None
        try:
            upgrade(self._engine)
        except Broken as error:
            self._begin_anew(error)
        self.journal = Journal(Writer(self._engine, self._begin_anew), writing, kept_rows=kept_rows)
        self.reader = Reader(self._reading, reading)
        self.audit = Audit(self.journal, self.reader)
        self.notes, self.callers = Notes(self.journal, self.reader), Callers(self.reader)
        self.alarms = AlarmHistory(self.reader)
        self.outbox = Outbox(self.journal, self.reader)

    async def change(self, work: Callable[[Connection], Answer]) -> Answer:
        """Carry out a bounded change in the thread that writes, between two writes of the journal. Raises NoStorage."""

        def act() -> Answer:
            with self._engine.begin() as connection:
                return work(connection)

        return await self._write(act)

    async def wipe(self) -> None:
        """Leave nothing of what was changed in the index of texts, nor in the journal's own file (WAL).

        As far as readers allow it now. The index is written anew, half a minute for a million calls: what is deleted
        from it is only marked otherwise, and a short name is in it whole.
        """

        def act() -> None:
            with self._engine.begin() as connection:
                connection.exec_driver_sql("INSERT INTO calls_text (calls_text) VALUES ('optimize')")
            with self._engine.connect() as connection:
                cursor = connection.connection.cursor()
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")

        if self._engine.url.get_backend_name() == "sqlite":
            await self._write(act)

    async def _write(self, act: Callable[[], Answer]) -> Answer:
        try:
            return await asyncio.wrap_future(self._writing.submit(act))
        except SQLAlchemyError as error:
            raise storage_error("the records cannot be changed", error) from error

    def unfinished(self, since_s: float) -> Unfinished:
        """Return what an earlier exchange left, and the queues' events since then. Raises NoStorage."""
        try:
            return unfinished(self._engine, since_s)
        except SQLAlchemyError as error:
            wrong = storage_error("the records cannot be read", error)
            if not isinstance(wrong, Broken):
                raise wrong from error
            self._begin_anew(wrong)
            return Unfinished()

    def _begin_anew(self, error: Broken) -> None:
        """Put the broken database aside and begin a new one; at the start, or in the thread that writes."""
        self._reading.dispose()
        aside = set_aside(self._engine)
        log.error("%s; it is kept as %s, new records are begun", error, aside)
        upgrade(self._engine)
        self._aside.append(aside)
        self._told()

    def follow(self, bus: Bus, clock: Clock, left: Unfinished) -> Ledger:
        """Write down all that happens from now on, and tell by an alarm when that is not possible."""

        def trouble(reason: str) -> None:
            bus.publish(storage_alarm(clock.wall_s(), reason))
            if not reason and self.journal.dropped:
                bus.publish(loss_alarm(clock.wall_s(), self.journal.dropped))

        self.journal.on_trouble = trouble
        def tell() -> None:
            while self._aside:
                bus.publish(broken_alarm(clock.wall_s(), self._aside.pop()))

        self._told = partial(_soon, asyncio.get_running_loop(), tell)
        self._told()
        return Ledger(bus, self.journal, left)

    async def close(self) -> None:
        """Write what is left and close the database."""
        await self.journal.close()
        await self.reader.close()
        self.abandon()

    def abandon(self) -> None:
        """Close the database as the end of the program does, writing nothing."""
        self._engine.dispose()
        self._reading.dispose()


def _soon(loop: asyncio.AbstractEventLoop, act: Callable[[], None]) -> None:
    with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is left to be told
        loop.call_soon_threadsafe(act)


def storage_alarm(at_s: float, reason: str) -> Event:
    """Return the alarm of a disk that takes no records; `reason` "" means it does again."""
    wrong = Wrong("not-written", {"why": reason}) if reason else None
    data = alarm_data(AlarmName.NO_RECORDS, "records", raised=bool(reason), wrong=wrong)
    return Event(at_s, Kind.ALARM, data=data)


def broken_alarm(at_s: float, aside: Path) -> Event:
    """Return the alarm of records that could not be read any more."""
    wrong = Wrong("set-aside", {"file": str(aside)})
    data = alarm_data(AlarmName.RECORDS_BROKEN, str(aside.name), raised=True, wrong=wrong)
    return Event(at_s, Kind.ALARM, data=data)


def loss_alarm(at_s: float, dropped: int) -> Event:
    """Return the alarm of a disk that failed for so long that events were let go of."""
    wrong = Wrong("events-lost", {"count": dropped})
    data = alarm_data(AlarmName.RECORDS_LOST, "records", raised=True, wrong=wrong)
    return Event(at_s, Kind.ALARM, data=data)
