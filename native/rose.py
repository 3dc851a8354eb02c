"""What supplementary services say in a message: the components of its facility elements (ITU-T Q.932 §8.2, X.880)."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

FACILITY = 0x1C                 # the information element
PROFILES = (0x11, 0x12, 0x1F)   # supplementary services by ROSE, by CMIP and ROSE, and networking extensions (QSIG)
KINDS: dict[int, Literal["invoke", "result", "error", "reject"]] = {
    0xA1: "invoke", 0xA2: "result", 0xA3: "error", 0xA4: "reject",
}  # fmt: skip
INTEGER, OBJECT, SEQUENCE = 0x02, 0x06, 0x30
ECT = bytes((0x04, 0x00, 0x82, 0x71, 0x01))   # of ETSI's own operations of explicit call transfer: 0.4.0.369.1


class Component(NamedTuple):
    """`value`: the operation of an invoke, or the error: a local number, or an object identifier; "" for none."""

    kind: Literal["invoke", "result", "error", "reject"]
    invoke: int     # -1: none was given
    value: str = ""


class Message(NamedTuple):
    """A message of Q.931: `ours` says that we began the call that it is of (§4.3), had it been sent to us."""

    reference: int
    ours: bool
    components: tuple[Component, ...]


def message(body: bytes) -> Message | None:
    """Return what a message says, from its protocol discriminator on; None for what is none of Q.931."""
    if len(body) < 3 or body[0] != 0x08 or len(body) < 3 + (length := body[1] & 0x0F):
        return None
    raw = int.from_bytes(body[2 : 2 + length], "big")
    flag = 1 << max(8 * length - 1, 0)
    return Message(raw & ~flag, bool(raw & flag), components(body[3 + length :]))


def components(message: bytes) -> tuple[Component, ...]:
    """Return those of all facility elements, in order; what is none, or is cut off, is passed over."""
    return tuple(
        one for code, content in elements(message) if code == FACILITY and content and content[0] & 0x1F in PROFILES
        for tag, inner in values(content[1:]) if tag in KINDS for one in _component(tag, inner)
    )  # fmt: skip


def _component(tag: int, inner: bytes) -> Iterator[Component]:
    parts = list(values(inner))
    if not parts:
        return
    first, *rest = parts
    invoke = int.from_bytes(first[1], "big", signed=True) if first[0] == INTEGER else -1
    if tag == 0xA2:  # its operation, if any, is inside a sequence
        rest = [part for kind, sequence in rest if kind == SEQUENCE for part in values(sequence)]
    value = next((_name(kind, content) for kind, content in rest if kind in (INTEGER, OBJECT)), "")
    yield Component(KINDS[tag], invoke, value)


def _name(kind: int, content: bytes) -> str:
    """Return a local number, or an object identifier: ETSI's of call transfer by their last number alone."""
    if kind == INTEGER:
        return str(int.from_bytes(content, "big", signed=True))
    return f"ect:{content[len(ECT)]}" if content[:-1] == ECT else content.hex()


def values(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield tag and content of each value (X.690: definite lengths, tags of one octet)."""
    place = 0
    while place + 2 <= len(raw):
        tag, size = raw[place], raw[place + 1]
        place += 2
        if size & 0x80:
            octets = size & 0x7F
            size = int.from_bytes(raw[place : place + octets], "big")
            place += octets
        if place + size > len(raw):
            return
        yield tag, raw[place : place + size]
        place += size


def elements(rest: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the information elements of more than one octet (Q.931 §4.5)."""
    place = 0
    while place + 1 < len(rest):
        if rest[place] & 0x80:
            place += 1
            continue
        end = place + 2 + rest[place + 1]
        if end <= len(rest):
            yield rest[place], rest[place + 2 : end]
        place = end
