"""What the exchange of a box tells of its calls, collected as it happens."""

import threading
import time
from pathlib import Path
from typing import Any

from firmware.control.client import SOCKET, Client
from firmware.errors import Unavailable


class Watch:
    """Listens to the exchange's events from now on, also across its restarts (what happens meanwhile is not seen)."""

    def __init__(self, home: Path) -> None:
        self._path = home / SOCKET
        self._changed = threading.Condition()
        self._closed = False
        self._client: Client | None = None
        self.events: list[dict[str, Any]] = []
        self._listening = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        if not self._listening.wait(10):
            raise RuntimeError("the exchange does not answer")

    def close(self) -> None:
        """Listen no more."""
        self._closed = True
        if self._client is not None:
            self._client.close()
        self._thread.join(5)

    def _listen(self) -> None:
        while not self._closed:
            try:
                self._client = Client(self._path)
                told = self._client.subscribe("events")
                self._listening.set()
                for message in told:
                    if message is not None:
                        with self._changed:
                            self.events.append(message[1])
                            self._changed.notify_all()
            except Unavailable:
                time.sleep(0.02)

    def wait(self, kind: str, timeout_s: float = 30, *, call: str = "", leg: str = "", **data: Any) -> dict[str, Any]:
        """Return the first such event whose data has these values; TimeoutError with what was seen instead."""
        deadline = time.monotonic() + timeout_s
        seen = 0
        with self._changed:
            while True:
                for event in self.events[seen:]:
                    if (
                        event["kind"] == kind
                        and call in ("", event["call"])
                        and leg in ("", event["leg"])
                        and all(event["data"].get(key) == value for key, value in data.items())
                    ):
                        return event
                seen = len(self.events)
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError(
                        f"no {kind} {data} within {timeout_s} s; seen: {[e['kind'] for e in self.events]}"
                    )
                self._changed.wait(left)
