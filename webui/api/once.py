"""Idempotency-Key: an act that is asked for twice with one key is carried out once, and answered twice the same.

draft-ietf-httpapi-idempotency-key-header-07. Answers are kept in memory: whoever repeats an act after this program was
restarted must look first whether it was done.
"""

import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

import msgspec
from flask import Response

from webui.api.problem import Trouble

KEPT_S = 3600.0
MOST = 1000  # answers
MOST_BYTES = 64 * 1024  # of an answer that is kept
KEY = re.compile(r"[!-~]{1,128}\Z")


class Told(msgspec.Struct):
    """An act of a key: what was asked, when, and what it came to; no status while it is being carried out."""

    asked: bytes
    at_s: float
    status: int = 0
    body: bytes = b""
    headers: dict[str, str] = {}


class Once:
    """The acts of the last hour by token and key."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._lock = threading.Lock()
        self._told: OrderedDict[tuple[str, str], Told] = OrderedDict()

    def begin(self, who: str, key: str, asked: bytes) -> Response | None:
        """Return the answer to an act that was carried out before; None lets it begin, and `end` must follow.

        Raises Trouble: 409 while it is being carried out, 422 when the key was another act's.
        """
        if not KEY.match(key):
            raise Trouble(400, "bad-key", "Idempotency-Key is 1 to 128 printable ASCII characters, such as a UUID")
        with self._lock:
            self._forget_old()
            told = self._told.get((who, key))
            if told is None:
                self._told[who, key] = Told(asked, self._now_s())
                return None
            if told.asked != asked:
                raise Trouble(422, "key-used", "this Idempotency-Key was sent with another request before")
            if not told.status:
                raise Trouble(409, "under-way", "the first request with this key is not answered yet")
            response = Response(told.body, told.status)
            response.headers.update(told.headers)
            response.headers["Idempotency-Replayed"] = "true"
            return response

    def end(self, who: str, key: str, response: Response) -> None:
        """Keep an act's answer; one that may turn out otherwise next time (5xx, 429) is not kept."""
        with self._lock:
            told = self._told.get((who, key))
            if told is None:
                return
            body = response.get_data()
            if response.status_code >= 500 or response.status_code == 429 or len(body) > MOST_BYTES:
                del self._told[who, key]
                return
            kept = ("Content-Type", "ETag", "Location")
            told.headers = {name: response.headers[name] for name in kept if name in response.headers}
            told.body, told.status = body, response.status_code

    def _forget_old(self) -> None:
        while self._told:
            oldest = next(iter(self._told.values()))
            if len(self._told) < MOST and self._now_s() - oldest.at_s < KEPT_S:
                return
            self._told.popitem(last=False)
