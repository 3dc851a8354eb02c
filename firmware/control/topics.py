"""What clients are told without asking: every event as it happens, and the whole live picture when it has changed."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Literal, Protocol

from drivers.link.framing import encode
from firmware.control.history import History, NumberedEvent
from firmware.events import Bus, Event

log = logging.getLogger(__name__)
Topic = Literal["live", "events"]
GATHER_S = 0.2  # changes within it are one picture
PULSE_S = 5.0  # a picture comes at least so often: what changes by itself (registrations, counters) is in it


class Listener(Protocol):
    """A session that subscribes."""

    def tell(self, line: bytes) -> None:
        """Send a line, in order with the others."""

    def tell_newest(self, topic: str, line: bytes) -> None:
        """Send a whole state, in place of one that was not sent yet."""


class Topics:
    """Who listens to what. Nothing here waits for a listener, and nothing is made that nobody listens to."""

    def __init__(self, bus: Bus, live: Callable[[], Awaitable[Any]]) -> None:
        self._live, self._history = live, History()
        self._listeners: dict[Topic, dict[Listener, None]] = {"live": {}, "events": {}}
        self._changed = asyncio.Event()
        self._drawing: asyncio.Task[None] | None = None
        self._unsubscribe = bus.subscribe(self._happened)

    def close(self) -> None:
        """Tell nobody anything any more."""
        self._unsubscribe()
        if self._drawing is not None:
            self._drawing.cancel()

    def join(self, listener: Listener, topics: Iterable[Topic]) -> list[Topic]:
        """Begin to tell a session of topics, and return all those it listens to; `live` begins with a picture."""
        for topic in topics:
            self._listeners[topic][listener] = None
            if topic == "live":
                self._changed.set()
                if self._drawing is None:
                    self._drawing = asyncio.create_task(self._draw())
        return [topic for topic, listeners in self._listeners.items() if listener in listeners]

    def missed(self, after: str) -> tuple[list[NumberedEvent], bool]:
        """Return the events after one that a listener had, and whether some between are not kept any more."""
        return self._history.after(after)

    @property
    def newest(self) -> str:
        """The id of the newest event."""
        return self._history.newest

    def leave(self, listener: Listener) -> None:
        """Tell a session nothing any more."""
        for listeners in self._listeners.values():
            listeners.pop(listener, None)

    def redraw(self) -> None:
        """Tell a new picture, since something changed that no event tells of."""
        self._changed.set()

    def _happened(self, event: Event) -> None:
        self._changed.set()
        numbered = self._history.take(event)
        if self._listeners["events"]:
            line = encode({"topic": "events", "data": numbered})
            for listener in tuple(self._listeners["events"]):
                listener.tell(line)

    async def _draw(self) -> None:
        """Tell pictures as long as somebody looks, never more than one in GATHER_S."""
        try:
            while self._listeners["live"]:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(PULSE_S):
                        await self._changed.wait()
                self._changed.clear()
                await self._tell_picture()
                await asyncio.sleep(GATHER_S)
        finally:
            self._drawing = None

    async def _tell_picture(self) -> None:
        try:
            line = encode({"topic": "live", "data": await self._live()})
        except Exception:
            log.exception("the live picture could not be drawn")
            return
        for listener in tuple(self._listeners["live"]):
            listener.tell_newest("live", line)
