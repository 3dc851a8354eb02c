"""The journal: takes rows at once, writes them in groups behind the calls' back, and says what is on disk."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from concurrent.futures import Executor

from firmware.errors import NoStorage
from firmware.records.database import Row, Writer

log = logging.getLogger(__name__)
GATHER_S = 0.05             # what happens at one instant, and what follows from it at once, is one transaction
AT_ONCE_S = 0.001           # somebody waits
ROWS_AT_ONCE = 5000
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 5.0
KEPT_ROWS = 200_000         # about 100 MB: beyond it, detail is let go of; records are kept up to four times as many


class Journal:
    """Rows on their way to disk, in order. Nothing here waits; who must be sure awaits `committed`.

    While the disk takes nothing, rows wait in memory, `on_trouble` is told (and again when it is over), and nothing is
    said to be on disk. Past KEPT_ROWS rows that are only detail are dropped and counted, past four times that all are.
    """

    def __init__(self, writer: Writer, executor: Executor, *, kept_rows: int = KEPT_ROWS) -> None:
        """`executor` has one thread, or runs things as the loop's clock says."""
        self.on_disk: Callable[[str, int], None] = lambda epoch, seq: None
        self.on_trouble: Callable[[str], None] = lambda reason: None  # "" when it is over
        self.taken_row: Callable[[str, int, float], Row] | None = None  # what writes down a mark
        self.trouble = ""
        self.dropped = 0
        self._writer, self._executor, self._kept_rows = writer, executor, kept_rows
        self._waiting: list[Row] = []
        self._taken: tuple[str, int, float] | None = None
        self._added = self._written = 0
        self._askers: list[tuple[int, asyncio.Future[None]]] = []
        self._next: asyncio.TimerHandle | None = None
        self._busy = self._closed = False
        self._pause_s = FIRST_PAUSE_S

    def add(self, rows: Iterable[Row], *, detail: bool = False) -> None:
        """Take rows for the next write. `detail`: what may go first when the disk has failed for too long."""
        if self._closed:
            return
        for row in rows:
            if len(self._waiting) >= (self._kept_rows if detail else 4 * self._kept_rows):
                self.dropped += 1
                continue
            self._waiting.append(row)
            self._added += 1
        self._schedule(GATHER_S)

    def mark(self, epoch: str, seq: int, at_s: float) -> None:
        """Note that all the gateway told up to `seq` is in the rows added so far, or leaves none."""
        if self._closed:
            return
        self._taken = (epoch, seq, at_s)
        self._schedule(GATHER_S)

    async def committed(self) -> None:
        """Return when all rows added so far are on disk. Raises NoStorage when the disk does not take them now."""
        if self._written >= self._added:
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._askers.append((self._added, future))
        if self._next is not None and not self.trouble:
            self._next.cancel()
            self._next = None
        self._schedule(AT_ONCE_S)
        await future

    async def close(self) -> None:
        """Write what is left, if the disk takes it, and take no more: what ends now is for the next exchange to see."""
        self._closed = True
        try:
            await self.committed()
        except NoStorage as error:
            log.error("%d rows are lost at the end: %s", len(self._waiting), error)

    def _schedule(self, seconds: float) -> None:
        if self._next is None and not self._busy:
            self._next = asyncio.get_running_loop().call_later(seconds, self._write)

    def _write(self) -> None:
        self._next, self._busy = None, True
        batch, whole = self._waiting[:ROWS_AT_ONCE], len(self._waiting) <= ROWS_AT_ONCE
        taken = self._taken if whole else None
        rows = [*batch, self.taken_row(*taken)] if taken is not None and self.taken_row is not None else batch
        future = asyncio.wrap_future(self._executor.submit(self._writer.write, rows))
        future.add_done_callback(lambda done: self._wrote(done, len(batch), taken))

    def _wrote(self, done: asyncio.Future[None], count: int, taken: tuple[str, int, float] | None) -> None:
        self._busy = False
        if done.cancelled():
            return
        error = done.exception()
        if error is not None:
            self._failed(error)
            return
        del self._waiting[:count]
        self._written += count
        self._pause_s = FIRST_PAUSE_S
        if self.trouble:
            self.trouble = ""
            log.info("records can be written again")
            self.on_trouble("")
        if taken is not None:
            if self._taken == taken:
                self._taken = None
            self.on_disk(taken[0], taken[1])
        while self._askers and self._askers[0][0] <= self._written:
            _answer(self._askers.pop(0)[1], None)
        if self._waiting or self._taken is not None:
            self._schedule(AT_ONCE_S if self._askers else GATHER_S)

    def _failed(self, error: BaseException) -> None:
        if not isinstance(error, NoStorage):
            log.error("the journal failed", exc_info=error)
        if not self.trouble:
            log.error("records cannot be written: %s", error)
            self.trouble = str(error) or "unknown"
            self.on_trouble(self.trouble)
        askers, self._askers = self._askers, []
        for _, future in askers:
            _answer(future, NoStorage(f"the records cannot be written: {error}"))
        self._schedule(self._pause_s)
        self._pause_s = min(self._pause_s * 2, LONGEST_PAUSE_S)


def _answer(future: asyncio.Future[None], error: Exception | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(None)
    else:
        future.set_exception(error)
