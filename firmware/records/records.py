"""The records as the exchange has them: one thread that writes, one that only reads."""

import logging
from concurrent.futures import Executor

from sqlalchemy import URL
from sqlalchemy.exc import SQLAlchemyError

from firmware.clock import Clock
from firmware.errors import NoStorage
from firmware.events import Bus, Event, Kind
from firmware.records.database import Writer, open_database, reason_of, upgrade
from firmware.records.journal import KEPT_ROWS, Journal
from firmware.records.ledger import Ledger, Unfinished, unfinished
from firmware.records.reader import Reader

log = logging.getLogger(__name__)
TROUBLE, LOST = "records-storage", "records-lost"  # names of alarms


class Records:
    """A database brought to this release's form, a journal into it and a reader of it.

    Raises NoStorage when it cannot be opened or written. Waits for the disk: make it before the loop runs.
    """

    def __init__(self, url: URL | str, writing: Executor, reading: Executor, kept_rows: int = KEPT_ROWS) -> None:
        """Each executor has one thread, or runs things as the loop's clock says."""
        self._engine = open_database(url)
        upgrade(self._engine)
        self._reading = open_database(url, read_only=True)
        self.journal = Journal(Writer(self._engine), writing, kept_rows=kept_rows)
        self.reader = Reader(self._reading, reading)

    def unfinished(self, since_s: float) -> Unfinished:
        """Return what an earlier exchange left, and the queues' events since then. Raises NoStorage."""
        try:
            return unfinished(self._engine, since_s)
        except SQLAlchemyError as error:
            raise NoStorage(f"the records cannot be read: {reason_of(error)}") from error

    def follow(self, bus: Bus, clock: Clock, left: Unfinished) -> Ledger:
        """Write down all that happens from now on, and tell by an alarm when that is not possible."""

        def trouble(reason: str) -> None:
            bus.publish(storage_alarm(clock.wall_s(), reason))
            if not reason and self.journal.dropped:
                bus.publish(loss_alarm(clock.wall_s(), self.journal.dropped))

        self.journal.on_trouble = trouble
        return Ledger(bus, self.journal, left)

    async def close(self) -> None:
        """Write what is left and close the database."""
        await self.journal.close()
        self._engine.dispose()
        self._reading.dispose()


def storage_alarm(at_s: float, reason: str) -> Event:
    """Return the alarm of a disk that takes no records; `reason` "" means it does again."""
    data = {"name": TROUBLE, "subject": "records", "raised": bool(reason), "detail": reason}
    return Event(at_s, Kind.ALARM, data=data)


def loss_alarm(at_s: float, dropped: int) -> Event:
    """Return the alarm of a disk that failed for so long that events were let go of."""
    detail = f"{dropped} events could not be kept while the records could not be written"
    return Event(at_s, Kind.ALARM, data={"name": LOST, "subject": "records", "raised": True, "detail": detail})
