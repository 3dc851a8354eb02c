"""Events as they happen (server-sent events, WHATWG HTML §9.2), as long as the token is good and the reader reads."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from firmware.control.client import Client
from firmware.errors import BusyhourError
from webui.api.kinds import FIGURES

HEARTBEAT_S = 10.0
RETRY_MS = 2000
LOOK_S = 1.0  # so often a stream looks whether this program ends


class Stream:
    """One reader's events. `client` is a connection that has the token's rights; it is closed with the stream."""

    def __init__(self, client: Client, kinds: frozenset[str], after: str, closed: Callable[[], bool]) -> None:
        """Begin to listen, until `closed` tells that this program ends. Raises what the exchange refuses with."""
        self._client, self._kinds, self._closed = client, kinds, closed
        self._figures: dict[str, Any] = {}
        self._newest = ""
        topics = ["events", "live"] if FIGURES in kinds else ["events"]
        self._begun = client.call("subscribe", topics=topics, after=after)

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def lines(self) -> Iterator[str]:
        """Yield what the reader is sent, for ever: a greeting, what was missed, then what happens.

        A reader that does not read is dropped by the server, and by the exchange when too much waits for it.
        """
        missed, self._newest = self._begun["missed"], self._begun["newest"]
        yield f"retry: {RETRY_MS}\n" + _event("hello", {"gap": self._begun["gap"]}, "" if missed else self._newest)
        for event in missed:
            yield from self._told("events", event)
        spoke = time.monotonic()
        try:
            for news in self._client.told(LOOK_S):
                if self._closed():
                    return
                lines = list(self._told(*news)) if news is not None else []
                yield from lines
                if lines:
                    spoke = time.monotonic()
                elif time.monotonic() - spoke >= HEARTBEAT_S:
                    spoke = time.monotonic()
                    # A peer that is gone is noticed by writing to it; who reads few kinds still moves on in the history
                    yield f"id: {self._newest}\n: still here\n\n"
        except BusyhourError as error:
            yield _event("bye", {"code": error.code, "detail": str(error)})

    def _told(self, topic: str, data: Any) -> Iterator[str]:
        if topic == "events":
            self._newest = data["id"]
            if data["kind"] in self._kinds:
                yield _event(data["kind"], data, data["id"])
            return
        for queue in data["queues"]:
            figures = {key: value for key, value in queue.items() if key != "longest_wait_s"}
            if self._figures.get(queue["name"]) != figures:
                self._figures[queue["name"]] = figures
                yield _event(FIGURES, {"at_s": data["at_s"], "kind": FIGURES, "call": "", "leg": "", "data": queue})


def _event(name: str, data: dict[str, Any], event_id: str = "") -> str:
    """Return one event; JSON stands in one line, since it holds no raw newline."""
    head = f"id: {event_id}\n" if event_id else ""
    return f"{head}event: {name}\ndata: {msgspec.json.encode(data).decode()}\n\n"
