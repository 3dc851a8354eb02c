"""What a URL means, read so strictly that nobody else can read another one in it."""

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from firmware.outside.reach import Reach

LONGEST = 500
PORTS = {"https": 443, "http": 80}
_PLAIN = re.compile(r"[!-~]+")  # no spaces, control characters, or letters that look like others


class Url(NamedTuple):
    """Where a request goes. `host` is without brackets, `target` is path and query."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """Return host and port as the header Host wants them (RFC 9110 §7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def read(text: str, reach: Reach) -> Url:
    """Return what a URL means; ValueError says what would be right."""
    if len(text) > LONGEST or not _PLAIN.fullmatch(text) or "\\" in text:
        raise ValueError(f"up to {LONGEST} printable ASCII characters without spaces are right")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"a URL is right ({error})") from None
    if parts.scheme not in PORTS or not parts.hostname:
        raise ValueError("https://HOST/PATH is right")
    if parts.scheme == "http" and reach == "public":
        raise ValueError("https is right: what goes over the internet in the clear is read by others")
    if parts.username is not None or parts.password is not None:
        raise ValueError("a URL without a user's name is right; what is sent is signed")
    if parts.fragment or text.endswith("#"):
        raise ValueError("a URL without # is right")
    if port == 0:
        raise ValueError("a port from 1 to 65535 is right")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Url(parts.scheme, parts.hostname, port or PORTS[parts.scheme], target)
