"""Server-sent events: what keeps an open page fresh (WHATWG HTML §9.2)."""

import threading
import time
from collections.abc import Callable, Iterator

import msgspec

from webui.feed import Feed, Moment

Draw = Callable[[Moment], dict[str, str]]  # the HTML of each part by its name
MOST = 150  # open streams at once; the server's other threads serve pages
HEARTBEAT_S = 15.0
PACE_S = 0.25  # at most four pictures a second to each page
FULL_RETRY_S = 15
LOOK_S = 1.0  # so often each stream looks whether its reader is still signed in


class Streams:
    """Makes the streams of all open pages and counts them."""

    def __init__(self, feed: Feed, build: str, most: int = MOST) -> None:
        self._feed = feed
        self._build = build
        self._free = threading.BoundedSemaphore(most)

    def take(self) -> bool:
        """Take a place among the streams; False when there is none. `give_back` must follow."""
        return self._free.acquire(blocking=False)

    def give_back(self) -> None:
        """Let another page have the place."""
        self._free.release()

    def refusal(self) -> str:
        """Return what a page is told that found no place: to ask again later."""
        return f"retry: {FULL_RETRY_S * 1000}\n" + event("full", {})

    def events(self, draw: Draw, here: Callable[[], bool]) -> Iterator[str]:
        """Yield every part of the page that `draw` makes, then each again when it has changed, and a sign of life.

        It ends soon after `here` says that the reader is no longer signed in. A page that comes back (Last-Event-ID)
        gets all parts again: nothing is ever a difference to what it has.
        """
        yield "retry: 2000\n" + event("hello", {"build": self._build})
        with self._feed.looking():
            yield from self._parts_as_they_change(draw, here)

    def _parts_as_they_change(self, draw: Draw, here: Callable[[], bool]) -> Iterator[str]:
        sent: dict[str, str] = {}
        moment = self._feed.now()
        spoke = time.monotonic()
        while not self._feed.closed:
            if not here():
                yield event("signed-out", {})
                return
            for name, html in draw(moment).items():
                if sent.get(name) != html:
                    sent[name] = html
                    spoke = time.monotonic()
                    yield event("part", {"name": name, "html": html, "now_s": time.time()}, moment.version)
            if time.monotonic() - spoke >= HEARTBEAT_S:
                spoke = time.monotonic()
                yield ": still here\n\n"  # a peer that is gone is noticed by writing to it
            time.sleep(PACE_S)
            moment = self._feed.after(moment.version, min(LOOK_S, HEARTBEAT_S))


def event(name: str, data: dict[str, object], number: int | None = None) -> str:
    """Return one event; JSON in one line, since it holds no raw newline."""
    head = f"id: {number}\n" if number is not None else ""
    return f"{head}event: {name}\ndata: {msgspec.json.encode(data).decode()}\n\n"
