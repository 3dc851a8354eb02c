"""Who is registered, and from where: what Kamailio's usrloc writes through into location.sqlite."""

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from drivers.sip.edge import clock

log = logging.getLogger(__name__)

EVERY_S = 0.2  # a look costs two stats, as long as nothing changed, and a comparison a contact
SURE_S = 2.0  # read at least so often: many kernels stamp files by a clock so coarse that two writes look like one
# A time is a Julian day there, and half a second less than Kamailio means
CONTACTS = """
    SELECT username, contact, received, (julianday(expires) - 2440587.5) * 86400 + 0.5 FROM location
    ORDER BY last_modified
"""


class Registrations:
    """A view of the edge's location table, EVERY_S behind it; `changed(number, registered)` tells each change.

    `renewed(number)` is told when a telephone that is there registers again: it may have been switched off and on.

    A registration counts until its time is over, whenever the edge comes to clearing its table, and whenever the
    machine's clock is set. `now` tells that clock's Unix time, `steady` the time of the one that nobody sets (s).
    """

    def __init__(
        self, path: Path, changed: Callable[[str, bool], None], now: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic, renewed: Callable[[str], None] = lambda number: None,
    ) -> None:  # fmt: skip
        self._path = path
        self._changed, self._renewed = changed, renewed
        self._now, self._steady = now, steady
        self._contacts: list[tuple[str, str, float]] = []  # number, address, until when; the oldest first
        self._offset_s = 0.0  # of the clock they mean
        self._peers: dict[str, str] = {}
        self._known: frozenset[tuple[str, str, float]] = frozenset()
        self._seen: tuple[int, int] | None = None
        self._read_s = 0.0

    @property
    def numbers(self) -> tuple[str, ...]:
        """The registered extensions."""
        return tuple(sorted(self._peers))

    def peer(self, number: str) -> str:
        """Return the address an extension registered from last, "" if it is not known to be registered."""
        return self._peers.get(number, "")

    async def watch(self) -> None:
        """Look for changes until cancelled."""
        while True:
            await self.refresh()
            await asyncio.sleep(EVERY_S)

    async def refresh(self) -> None:
        """Look now."""
        table = await asyncio.to_thread(self._read)
        if table is not None:
            self._contacts, self._offset_s = table
        now_s = self._steady() + self._offset_s
        peers = {number: address for number, address, until_s in self._contacts if now_s < until_s}
        renewed = {number for number, _, _ in frozenset(self._contacts) - self._known}
        before, self._peers, self._known = self._peers, peers, frozenset(self._contacts)
        for number in sorted(peers.keys() - before.keys()):
            self._changed(number, True)
        for number in sorted(before.keys() - peers.keys()):
            self._changed(number, False)
        for number in sorted(renewed & before.keys() & peers.keys()):
            self._renewed(number)

    def _read(self) -> tuple[list[tuple[str, str, float]], float] | None:
        """Return the table and its clock's offset, or None when it is as it was or cannot be read just now."""
        seen, steady_s = self._stamp(), self._steady()
        if seen == self._seen and steady_s - self._read_s < SURE_S:
            return None
        try:
            uri = f"{self._path.absolute().as_uri()}?mode=ro"
            with closing(sqlite3.connect(uri, uri=True, timeout=0.5)) as database:
                database.execute("BEGIN")  # what was put right, and by which clock, belong together
                rows = database.execute(CONTACTS).fetchall()
                offset_s = clock.reckoned_by(database, self._now() - self._steady())
        except sqlite3.Error as error:
            if self._path.exists():
                log.warning("%s: %s", self._path, error)
            return None
        self._seen, self._read_s = seen, steady_s
        contacts = [(number, host_of(received or contact), until_s) for number, contact, received, until_s in rows]
        return contacts, offset_s

    def _stamp(self) -> tuple[int, int]:
        """Return what changes whenever the database does: the times of the file and of its write-ahead log."""
        times = []
        for path in (self._path, self._path.with_name(self._path.name + "-wal")):
            try:
                status = path.stat()
                times.append(status.st_mtime_ns ^ status.st_size)
            except OSError:
                times.append(0)
        return times[0], times[1]


def host_of(uri: str) -> str:
    """Return the host of a SIP URI, without brackets and port."""
    rest = uri.partition(":")[2].rpartition("@")[2].partition(";")[0].partition(">")[0]
    if rest.startswith("["):
        return rest[1:].partition("]")[0]
    return rest.partition(":")[0]
