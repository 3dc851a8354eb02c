"""Headers between the edge and the gateway, and what callers write into SIP made safe to show.

The edge removes whatever a peer sent under these names before it sets its own, and removes ours before it passes
anything outside.
"""

import re
from typing import NamedTuple
from urllib.parse import unquote

PEER = "X-Busyhour-Peer"  # the address a request came from, as the edge saw it, without port
SOURCE = "X-Busyhour-Source"  # who the edge found the sender to be: `extension:201`, `trunk:NAME`, `trunk:NAME,NAME`

NAME_CHARACTERS = 80
NUMBER_CHARACTERS = 64

_COMPACT = {"f": "from", "t": "to", "m": "contact", "i": "call-id", "c": "content-type", "k": "supported"}
_NAME_ADDR = re.compile(r'^\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<plain>[^<"]*))\s*<(?P<uri>[^>]*)>', re.DOTALL)
_ESCAPED = re.compile(r"%([0-9A-Fa-f]{2})")


class Address(NamedTuple):
    """Who a From, To or P-Asserted-Identity header names. Both are safe text; either may be empty."""

    name: str
    user: str


def safe(text: str, characters: int) -> str:
    """Return text that can be shown, stored and sent anywhere: valid UTF-8, no control characters, at most so long.

    Bytes that are no UTF-8 (pjsua2 hands them on as surrogates) become U+FFFD. Markup stays what it is, text; those
    who print it into a page escape it there.
    """
    decoded = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    shown = "".join(character if character.isprintable() else " " for character in decoded)
    return " ".join(shown.split())[:characters]


def fields(message: str) -> dict[str, list[str]]:
    """Return a message's headers by small-letter long name, in order, folded lines joined (RFC 3261 §7.3.1)."""
    head = message.partition("\r\n\r\n")[0].replace("\r\n ", " ").replace("\r\n\t", " ")
    found: dict[str, list[str]] = {}
    for line in head.split("\r\n")[1:]:
        name, colon, value = line.partition(":")
        if colon:
            key = name.strip().lower()
            found.setdefault(_COMPACT.get(key, key), []).append(value.strip())
    return found


def request_user(message: str) -> str:
    """Return the user part of a request's own URI, safe; this is the number that was dialled."""
    parts = message.partition("\r\n")[0].split(" ")
    return user_of(parts[1]) if len(parts) > 1 else ""


def address(value: str) -> Address:
    """Return the display name and user of a From-like header value; empty parts where it holds none."""
    match = _NAME_ADDR.match(value)
    if match is None:
        return Address("", user_of(value.partition(";")[0]))
    name = re.sub(r"\\(.)", r"\1", match["quoted"]) if match["quoted"] is not None else (match["plain"] or "")
    return Address(safe(name, NAME_CHARACTERS), user_of(match["uri"]))


def replaces(value: str) -> str:
    """Return the Call-ID of the dialog that a Refer-To's URI wants replaced (RFC 3891 §3), "" where it names none."""
    match = _NAME_ADDR.match(value)
    for header in (match["uri"] if match else value).partition("?")[2].split("&"):
        name, _, content = header.partition("=")
        if name.lower() == "replaces":
            return unquote(content).partition(";")[0].strip()
    return ""


def user_of(uri: str) -> str:
    """Return the user of a sip, sips or tel URI, unescaped, without parameters and visual separators of a number."""
    scheme, colon, rest = uri.strip().partition(":")
    scheme = scheme.lower()
    if not colon or scheme not in ("sip", "sips", "tel"):
        return ""
    if scheme == "tel":
        user = rest.partition(";")[0]
    elif "@" in rest:
        user = rest.rpartition("@")[0].partition(";")[0].partition(":")[0]
    else:
        return ""
    raw = _ESCAPED.sub(lambda match: bytes([int(match[1], 16)]).decode("latin-1"), user)
    if re.fullmatch(r"\+?[0-9().\- ]+", raw):
        raw = re.sub(r"[().\- ]", "", raw)  # RFC 3966 §5.1.1: they carry no meaning
    return safe(raw, NUMBER_CHARACTERS)


def quoted(name: str) -> str:
    """Return a display name as a quoted string with its blank, or nothing (RFC 3261 §25.1)."""
    shown = safe(name, NAME_CHARACTERS)
    return '"' + shown.replace("\\", "\\\\").replace('"', '\\"') + '" ' if shown else ""


def escaped_user(number: str) -> str:
    """Return a number as a URI's user part, everything outside RFC 3261's `user` rule percent-escaped."""
    keep = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.!~*'()&=+$,?/"
    return "".join(chr(byte) if byte in keep else f"%{byte:02X}" for byte in number.encode("utf-8", "replace"))
