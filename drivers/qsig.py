"""What QSIG says in the facilities of a message: that messages wait for somebody (ECMA-165, ECMA-242).

Read with care, as it came from a wire: what is cut, nested otherwise or not known is no service at all.
"""

from collections.abc import Iterator
from typing import NamedTuple

from native import rose

DISCRIMINATOR = 0x08          # of Q.931
SETUP, RELEASE_COMPLETE = 0x05, 0x5A
CAUSE, FACILITY = 0x08, 0x1C  # information elements
NETWORKING = 0x9F             # the profile of a facility's components: networking extensions (ECMA-165 §11.3.1)
HEADER = bytes.fromhex("9faa06800100820100")    # of a facility: for the exchange at either end (NFE, §11.3.2)
INVOKE, RESULT, ERROR, REJECT = 0xA1, 0xA2, 0xA3, 0xA4
COMPONENTS = {RESULT: "result", ERROR: "error", REJECT: "reject"}
INTEGER, SEQUENCE = 0x02, 0x30
ACTIVATE, DEACTIVATE = 80, 81                   # ECMA-242 §6.4: messages wait, or none do any more
OPERATIONS = {ACTIVATE: "mwiActivate", DEACTIVATE: "mwiDeactivate"}
NORMAL_CLEARING = bytes.fromhex("08028190")     # a cause, as an element (Q.850): private network, 16


class Service(NamedTuple):
    """A component: `name` is the operation asked for, or `result`, `error` or `reject` of one; `served`: for whom."""

    name: str
    invoke: int = 0
    served: str = ""


class Message(NamedTuple):
    """A message of Q.931 with its own call `reference`; `head` is all of it that stands before its elements."""

    head: bytes
    reference: bytes
    kind: int
    elements: bytes


def message(body: bytes) -> Message | None:
    """Return what a frame (without its check sum) bears, None where that is no message."""
    length = body[5] & 0x0F if len(body) > 5 else 0
    place = 6 + length
    if len(body) <= place or body[2] & 1 or body[4] != DISCRIMINATOR or not length:
        return None
    return Message(body[: place + 1], bytes([body[6] & 0x7F]) + body[7:place], body[place], body[place + 1 :])


def services(facility: bytes) -> Iterator[Service]:
    """Yield the services of a facility, without those that are not known here."""
    if facility[:1] != bytes([NETWORKING]):
        return
    for tag, component in rose.values(facility[1:]):
        parts = list(rose.values(component))
        invoke = next((int.from_bytes(part) for kind, part in parts[:1] if kind == INTEGER), 0)
        if tag in COMPONENTS:
            yield Service(COMPONENTS[tag], invoke)
        elif tag == INVOKE and len(parts) >= 3 and parts[1][0] == INTEGER and parts[2][0] == SEQUENCE:
            name = OPERATIONS.get(int.from_bytes(parts[1][1]))
            if name is not None:
                yield Service(name, invoke, _number(parts[2][1]))


def accepted(refused: Message, invoke: int, operation: str) -> bytes:
    """Return RELEASE COMPLETE of a call without a channel as an exchange sends it that did what was asked."""
    code = next(code for code, name in OPERATIONS.items() if name == operation)
    done = bytes([INTEGER, 1, code, 0x05, 0x00])   # its result says nothing: NULL
    result = bytes([INTEGER, 1, invoke, SEQUENCE, len(done)]) + done
    facility = HEADER + bytes([RESULT, len(result)]) + result
    return refused.head + NORMAL_CLEARING + bytes([FACILITY, len(facility)]) + facility


def _number(argument: bytes) -> str:
    """Return the digits of the party that an argument begins with (PartyNumber, ECMA-165 annex)."""
    tag, party = next(rose.values(argument), (0, b""))
    if tag in (0xA1, 0xA5):  # public or private, which have the type of number first
        party = next((part for kind, part in rose.values(party) if kind in (0x12, 0x80)), b"")
    return "".join(digit for digit in party.decode("latin-1") if digit in "0123456789*#")
