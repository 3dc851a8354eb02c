"""How much each asker may ask: a bucket of requests that fills again by itself, for tokens and for addresses."""

import hashlib
import ipaddress
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

from webui.api.problem import Trouble

MOST = 2000  # askers remembered; the one seen longest ago is forgotten, and begins anew
STRANGERS_A_MINUTE = 60  # requests of one address that show no token, or none that is good
AT_ONCE = 16  # requests being carried out at once, of all; the server's other threads serve people's pages
AT_ONCE_EACH = 8  # of one token
KNOWN_S = 60.0  # so long is a token known to be good before it is looked up as a stranger's again


class Left(NamedTuple):
    """What is left of an allowance: requests now, of how many a minute, and in how many seconds it is whole again."""

    remaining: int
    quota: int
    reset_s: int

    def headers(self) -> dict[str, str]:
        """Return what tells a client of it (draft-ietf-httpapi-ratelimit-headers-10)."""
        return {
            "RateLimit-Policy": f'"minute";q={self.quota};w=60',
            "RateLimit": f'"minute";r={self.remaining};t={self.reset_s}',
        }


class Buckets:
    """The allowances of many askers; each fills at its rate and holds a minute's worth."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._lock = threading.Lock()
        self._of: OrderedDict[str, tuple[float, float]] = OrderedDict()  # what is in it, and when that was so

    def take(self, who: str, quota: int) -> Left:
        """Take one request. Raises Trouble with 429 when there is none left."""
        now_s = self._now_s()
        with self._lock:
            had, at_s = self._of.pop(who, (float(quota), now_s))
            left = min(float(quota), had + (now_s - at_s) * quota / 60)
            enough = left >= 1
            left -= enough
            self._of[who] = (left, now_s)
            while len(self._of) > MOST:
                self._of.popitem(last=False)
        told = Left(int(left), quota, round((quota - left) * 60 / quota))
        if not enough:
            wait_s = max(1, int((1 - left) * 60 / quota + 0.999))
            raise Trouble(
                429, "too-many-requests", f"more than {quota} requests a minute; go on in {wait_s} s",
                headers={"Retry-After": str(wait_s), **told.headers()},
            )  # fmt: skip
        return told


class Known:
    """Tokens that were good a moment ago, by their hashes: they are not counted among strangers."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._until_s: OrderedDict[bytes, float] = OrderedDict()

    def add(self, token: str) -> None:
        """Note that a token is good."""
        self._until_s.pop(digest(token), None)
        self._until_s[digest(token)] = self._now_s() + KNOWN_S
        while len(self._until_s) > MOST:
            self._until_s.popitem(last=False)

    def __contains__(self, token: str) -> bool:
        """Tell whether a token was good a moment ago."""
        return self._until_s.get(digest(token), 0.0) > self._now_s()

    def forget(self, token: str) -> None:
        """Note that it is not."""
        self._until_s.pop(digest(token), None)


class Places:
    """A number of places for all, and fewer for each; whoever finds none is told to come again."""

    def __init__(self, code: str, retry_s: int) -> None:
        self._code, self._retry_s = code, retry_s
        self._lock = threading.Lock()
        self._taken: dict[str, int] = {}

    def take(self, who: str, most: int, most_each: int) -> None:
        """Take a place; `give_back` must follow. Raises Trouble with 503."""
        with self._lock:
            if sum(self._taken.values()) >= most or self._taken.get(who, 0) >= most_each:
                raise Trouble(
                    503, self._code, f"there are places for {most} at once, {most_each} of each; try again later",
                    headers={"Retry-After": str(self._retry_s)},
                )  # fmt: skip
            self._taken[who] = self._taken.get(who, 0) + 1

    def give_back(self, who: str) -> None:
        """Let somebody else have the place."""
        with self._lock:
            self._taken[who] -= 1
            if not self._taken[who]:
                del self._taken[who]


def digest(text: str) -> bytes:
    """Return what stands for a token where the token itself should not lie about."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def network(address: str) -> str:
    """Return what one household has: an IPv4 address, or the /64 of an IPv6 one."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is None:
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(getattr(found, "ipv4_mapped", None) or found)
