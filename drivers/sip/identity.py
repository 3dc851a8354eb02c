"""Who calls whom: where the headers of a call in say it, and where those of a call out must."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from drivers.link.manner import CallerFrom, DidFrom, Manner
from drivers.sip import headers

ANONYMOUS = '"Anonymous" <sip:anonymous@anonymous.invalid>'  # RFC 3323 §4.1.1.3
# Of a trunk's far end alone are they believed
CALLER_HEADERS = {"asserted": "p-asserted-identity", "remote-party-id": "remote-party-id"}
OUR_HEADERS = {
    "asserted": "P-Asserted-Identity", "preferred": "P-Preferred-Identity", "remote-party-id": "Remote-Party-ID",
}  # fmt: skip
PRIVATE = ("id", "user", "header")  # RFC 3323 §4.2, RFC 3325 §9.3

Fields = Mapping[str, Sequence[str]]


class Caller(NamedTuple):
    """Who calls, as safe text; both empty where that is `withheld`."""

    number: str
    name: str
    withheld: bool


def called(invite: str, fields: Fields, did_from: DidFrom = "request") -> str:
    """Return whom an INVITE is for; what the Request-URI says where the header that should say it is missing."""
    values = fields.get(did_from, [""]) if did_from != "request" else [""]
    # The number that was called first is the last of several diversions (RFC 5806 §6)
    place = -1 if did_from == "diversion" else 0
    return headers.address(_entries(values)[place]).user or headers.request_user(invite)


def caller(fields: Fields, caller_from: CallerFrom = "asserted") -> Caller:
    """Return who an INVITE is from, by From where the header that should say it is missing."""
    shown = headers.address(fields.get("from", [""])[0])
    told = _entries(fields.get(CALLER_HEADERS.get(caller_from, ""), [""]))[0]
    found = headers.address(told) if told else shown
    words = [word.strip() for value in fields.get("privacy", []) for word in value.lower().split(";")]
    parameters = told.rpartition(">")[2].lower().replace(" ", "") if caller_from == "remote-party-id" else ""
    withheld = (
        shown.user.lower() == "anonymous"
        or any(word in PRIVATE for word in words)
        or any(f";privacy={word}" in parameters for word in ("full", "uri"))
    )
    return Caller("", "", True) if withheld else Caller(found.user, found.name or shown.name, False)


def sender(
    number: str, name: str, domain: str, manner: Manner | None = None, username: str = ""
) -> tuple[str, list[tuple[str, str]]]:
    """Return From for a call out, and the headers that say besides who calls. A `number` of "" is unknown.

    `domain` is what numbers belong to, `username` that of our account with a trunk.
    """
    of = manner or Manner()
    shown = number or username
    uri = f"<sip:{headers.escaped_user(shown)}@{domain}>" if shown else ""
    withheld = of.presentation == "withheld"
    account = of.sender == "username" and username != ""
    more = []
    if uri and (header := OUR_HEADERS.get(of.caller_in)):
        value = headers.quoted(name) + uri
        if of.caller_in == "remote-party-id":
            value += f";party=calling;privacy={'full' if withheld else 'off'};screen=no"
        more.append((header, value))
    if withheld:
        more.append(("Privacy", "id"))
    if account:
        return f"<sip:{headers.escaped_user(username)}@{domain}>", more
    return (ANONYMOUS if withheld or not uri else headers.quoted(name) + uri), more


def _entries(values: Iterable[str]) -> list[str]:
    """Return the addresses of a header, which may stand in one line with commas or in several; never none."""
    found: list[str] = []
    for value in values:
        begin, quoted, angled = 0, False, False
        for place, character in enumerate(value):
            if character == '"' and value[place - 1 : place] != "\\" and not angled:
                quoted = not quoted
            elif character in "<>" and not quoted:
                angled = character == "<"
            elif character == "," and not quoted and not angled:
                found.append(value[begin:place].strip())
                begin = place + 1
        found.append(value[begin:].strip())
    return found or [""]
