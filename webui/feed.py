"""The one subscription to the exchange that all open pages share: a thread reads it, each page waits for news.

A page that is slow gets the newest picture next, never a backlog, so nothing piles up however many look on. When nobody
looks, nothing is asked of the exchange: it draws no pictures for an empty room.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import msgspec

from firmware.errors import BusyhourError
from webui.picture import Picture, Program

log = logging.getLogger(__name__)
RETRY_S = 1.0
LOOK_S = 1.0
LINGER_S = 20.0  # the exchange is followed on for so long after the last one looked
FIRST_S = 1.0  # a page waits for its first picture at most so long


class Moment(msgspec.Struct, frozen=True):
    """What is known at one time. `version` grows with every news; `lost_s` is when the exchange fell silent.

    Without a picture and without a loss the exchange has not been asked yet.
    """

    version: int = 0
    picture: Picture | None = None
    lost_s: float | None = None
    programs: tuple[Program, ...] = ()


class Feed:
    """Keeps the newest picture while somebody looks, and tells all who wait for it."""

    def __init__(
        self, pictures: Callable[[], Iterator[Picture]], programs: Callable[[], tuple[Program, ...]] = tuple
    ) -> None:
        """`pictures` connects to the exchange and yields what it tells, until it raises a BusyhourError or ends.

        `programs` returns what the supervisor says of all programs, the exchange among them.
        """
        self._pictures = pictures
        self._programs = programs
        self._news = threading.Condition()
        self._moment = Moment()
        self._lookers = 0
        self._asked_at = -LINGER_S
        self._closed = threading.Event()

    def start(self) -> None:
        """Begin to follow the exchange when somebody looks, and to look at the programs."""
        for target in (self._follow, self._look_at_programs):
            threading.Thread(target=target, name=target.__name__, daemon=True).start()

    def close(self) -> None:
        """Let all who wait go; the pages' streams end then."""
        self._closed.set()
        with self._news:
            self._news.notify_all()

    @property
    def closed(self) -> bool:
        """Tell whether there will be no more news because this program ends."""
        return self._closed.is_set()

    @contextmanager
    def looking(self) -> Iterator[None]:
        """Have the exchange followed within."""
        with self._news:
            self._lookers += 1
            self._news.notify_all()
        try:
            yield
        finally:
            with self._news:
                self._lookers -= 1

    def now(self) -> Moment:
        """Return what is known now; if nothing is, the exchange is asked and given a moment to answer."""
        with self._news:
            self._asked_at = time.monotonic()
            self._news.notify_all()
            self._news.wait_for(lambda: self._moment.picture or self._moment.lost_s or self.closed, FIRST_S)
            return self._moment

    def after(self, version: int, wait_s: float) -> Moment:
        """Return the newest moment as soon as it is newer than `version`, or what there is after `wait_s`."""
        with self._news:
            self._news.wait_for(lambda: self._moment.version > version or self.closed, wait_s)
            return self._moment

    def _wanted(self) -> bool:
        return self._lookers > 0 or time.monotonic() - self._asked_at < LINGER_S

    def _follow(self) -> None:
        while self._wait_until_wanted():
            try:
                with closing(self._pictures()) as pictures:  # type: ignore[type-var]
                    reason = self._read(pictures)
            except (BusyhourError, OSError) as error:
                reason = str(error)
            except Exception:  # the page must not stay behind for ever because of one strange message
                log.exception("what the exchange told could not be read")
                reason = "it could not be understood"
            if reason:
                self._lose(reason)
                self._closed.wait(RETRY_S)

    def _wait_until_wanted(self) -> bool:
        """Forget what will be old when somebody looks again; False when this program ends."""
        with self._news:
            if not self._wanted():
                if self._moment.picture or self._moment.lost_s:
                    self._tell(picture=None, lost_s=None)
                self._news.wait_for(lambda: self._wanted() or self.closed)
        return not self.closed

    def _read(self, pictures: Iterator[Picture]) -> str:
        """Tell each picture while somebody looks; returns why no more came, "" when no more are wanted."""
        for picture in pictures:
            self._tell(picture=picture, lost_s=None)
            if self.closed or not self._wanted():
                return ""
        return "it closed the connection"

    def _look_at_programs(self) -> None:
        """Look again and again: the programs are most worth seeing when the exchange tells nothing."""
        while True:
            programs = self._programs()
            if programs != self._moment.programs:
                self._tell(programs=programs)
            if self._closed.wait(LOOK_S):
                return

    def _lose(self, reason: str) -> None:
        if self._moment.lost_s is None:  # else it is told already
            log.warning("lost sight of the exchange: %s", reason)
            self._tell(lost_s=time.time())

    def _tell(self, **news: Any) -> None:
        with self._news:
            self._moment = msgspec.structs.replace(self._moment, version=self._moment.version + 1, **news)
            self._news.notify_all()
