"""The last messages of a span's signalling, kept as they were on the wire, read when asked for (Q.921, Q.931)."""

from collections import deque
from collections.abc import Callable, Iterator

from drivers import qsig
from drivers.link.messages import Signal
from native import rose

KEPT = 300              # messages
FRAME_BYTES = 260       # N201 of ITU-T Q.921 is 260; what is longer is cut
DISCRIMINATOR = 0x08    # of Q.931
MESSAGES = {
    0x01: "ALERTING", 0x02: "CALL PROCEEDING", 0x03: "PROGRESS", 0x05: "SETUP", 0x07: "CONNECT",
    0x0D: "SETUP ACKNOWLEDGE", 0x0F: "CONNECT ACKNOWLEDGE", 0x20: "USER INFORMATION", 0x45: "DISCONNECT",
    0x46: "RESTART", 0x4D: "RELEASE", 0x4E: "RESTART ACKNOWLEDGE", 0x5A: "RELEASE COMPLETE", 0x62: "FACILITY",
    0x6E: "NOTIFY", 0x75: "STATUS ENQUIRY", 0x7B: "INFORMATION", 0x7D: "STATUS",
}  # fmt: skip
LINK = {0x6F: "SABME", 0x63: "UA", 0x43: "DISC", 0x0F: "DM", 0x87: "FRMR"}  # unnumbered frames, without the P/F bit
CAUSE, CHANNEL, CALLING, CALLED = 0x08, 0x18, 0x6C, 0x70


class Trace:
    """Keeps what passes, no more than `KEPT`. Of the data link only its beginning and end are kept, each told once."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._kept: deque[tuple[int, float, bool, bytes]] = deque(maxlen=KEPT)
        self._link = (b"", False)
        self.last = 0

    def take(self, frame: bytes, sent: bool) -> None:
        """Take a frame as it is on the wire, with two bytes at its end in place of its check sum."""
        body = frame[:-2]
        if len(body) < 3 or body[2] & 3 == 1:
            return  # supervisory: they come all the time and say nothing of calls
        if body[2] & 3 == 3:
            again = (body[:3], sent) == self._link
            self._link = (body[:3], sent)
            if again:
                return  # nobody answers
        else:
            self._link = (b"", False)
        self.last += 1
        self._kept.append((self.last, self._clock(), sent, body[:FRAME_BYTES]))

    def after(self, number: int) -> tuple[Signal, ...]:
        """Return the messages kept that came after one, oldest first, at times of the clock."""
        return tuple(read(*one) for one in tuple(self._kept) if one[0] > number)


def read(number: int, at_s: float, sent: bool, body: bytes) -> Signal:
    """Return a frame as a technician reads it; what cannot be read is told as its bytes."""
    if body[2] & 3 == 3:
        return Signal(number, at_s, sent, LINK.get(body[2] & 0xEF, f"frame {body.hex()}"))
    message = body[4:]
    if len(message) < 3 or message[0] != DISCRIMINATOR:
        return Signal(number, at_s, sent, f"bytes {message.hex()}")
    length = message[1] & 0x0F
    reference = int.from_bytes(message[2 : 2 + length], "big") & ((1 << max(8 * length - 1, 0)) - 1)
    kind = message[2 + length] if len(message) > 2 + length else 0
    found = dict(_elements(message[3 + length :]))
    return Signal(
        number, at_s, sent, MESSAGES.get(kind, f"message {kind:#04x}"), reference,
        _digits(found.get(CALLED, b"")), _digits(found.get(CALLING, b"")), _slot(found.get(CHANNEL, b"")),
        _cause(found.get(CAUSE, b"")),
        services=tuple(_services(message[3 + length :])),
    )  # fmt: skip


def _services(elements: bytes) -> Iterator[str]:
    """Yield what is said of supplementary services; of QSIG's lamps with the extension, and done without a number."""
    lamps = {
        one.invoke: one for code, content in rose.elements(elements) if code == qsig.FACILITY
        for one in qsig.services(content)
    }  # fmt: skip
    for one in rose.components(elements):
        lamp = lamps.get(one.invoke)
        if lamp is None or one.kind in ("error", "reject"):
            yield f"{one.kind}:{one.value}"
        else:
            yield f"{one.kind}:" if one.kind == "result" else f"{one.kind}:mwi:{lamp.name}:{lamp.served}"


def _elements(rest: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the information elements of codeset 0, the last of each kind last (Q.931 §4.5)."""
    place = 0
    while place < len(rest):
        kind = rest[place]
        if kind & 0x80:  # one octet
            place += 1
            continue
        if place + 1 >= len(rest):
            return
        end = place + 2 + rest[place + 1]
        yield kind, rest[place + 2 : end]
        place = end


def _digits(element: bytes) -> str:
    """Return the digits of a party's number (§4.5.8, §4.5.10)."""
    place = 0
    while place < len(element) and not element[place] & 0x80:
        place += 1
    return "".join(chr(one) for one in element[place + 1 :] if chr(one) in "0123456789*#+ABCD")


def _slot(element: bytes) -> int:
    """Return the channel of a primary rate interface, 0 where it is none (§4.5.13)."""
    if not element or not element[0] & 0x20:
        return 0
    place = 1
    if element[0] & 0x40:  # the interface is named
        while place < len(element) and not element[place] & 0x80:
            place += 1
        place += 1
    return element[place + 1] & 0x7F if place + 1 < len(element) else 0


def _cause(element: bytes) -> int:
    """Return the cause (ITU-T Q.850 §2.1)."""
    place = 0 if element and element[0] & 0x80 else 1
    return element[place + 1] & 0x7F if place + 1 < len(element) else 0
