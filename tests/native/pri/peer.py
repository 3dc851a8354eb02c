"""The far end of a D-channel, written down anew from ITU-T Q.921 and Q.931: it sends what no libpri would."""

from collections.abc import Iterable

CHECK = b"\0\0"          # in place of the check sum
SABME, DISC, UA, DM = 0x6F, 0x43, 0x63, 0x0F   # Q.921 table 5, without the P/F bit
POLL = 0x10

ALERTING, PROCEEDING, PROGRESS, SETUP, CONNECT, SETUP_ACK, CONNECT_ACK = 0x01, 0x02, 0x03, 0x05, 0x07, 0x0D, 0x0F
DISCONNECT, RELEASE, RELEASE_COMPLETE, RESTART, RESTART_ACK = 0x45, 0x4D, 0x5A, 0x46, 0x4E
INFORMATION, NOTIFY, STATUS, STATUS_ENQUIRY, FACILITY = 0x7B, 0x6E, 0x7D, 0x75, 0x62

AUDIO = bytes((0x04, 3, 0x90, 0x90, 0xA3))     # bearer capability: 3.1 kHz audio, A-law
COMPLETE = bytes((0xA1,))
INBAND = bytes((0x1E, 2, 0x82, 0x88))


def element(code: int, *content: int) -> bytes:
    """Return an information element (Q.931 §4.5.1)."""
    return bytes((code, len(content), *content))


def channel(number: int, exclusive: bool = True) -> bytes:
    """Return a channel identification of a primary rate (§4.5.13)."""
    return element(0x18, 0xA1 | (8 if exclusive else 0), 0x83, 0x80 | number)


def called(number: str, plan: int = 0x81) -> bytes:
    return element(0x70, plan, *number.encode())


def calling(number: str, presentation: int = 0x80, plan: int = 0x21) -> bytes:
    return element(0x6C, plan, presentation, *number.encode())


def cause(number: int, location: int = 0x82) -> bytes:
    return element(0x08, location, 0x80 | number)


def message(kind: int, reference: int, *elements: bytes, ours: bool = True) -> bytes:
    """Return a message of a call that we (or the box) began, by its reference."""
    high = reference >> 8 & 0x7F | (0 if ours else 0x80)
    return bytes((0x08, 2, high, reference & 0xFF, kind)) + b"".join(elements)


class Peer:
    """The network's data link: acknowledges all, and takes the link up again whenever it is down."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []         # frames for the box
        self.messages: list[bytes] = []     # of Q.931, from the box
        self.up = False
        self._next = self._expected = 0

    def say(self, message: bytes) -> None:
        """Send a message."""
        if not self.up:
            self._reset()
            self.sent.append(bytes((0x02, 0x01, SABME | POLL)) + CHECK)
        self.sent.append(bytes((0x02, 0x01, self._next << 1, self._expected << 1)) + message + CHECK)
        self._next = (self._next + 1) % 128

    def hear(self, frame: bytes) -> None:
        """Take a frame from the box."""
        control = frame[2]
        if control & 1 == 0:
            self._expected = ((control >> 1) + 1) % 128
            self.messages.append(frame[4:-2])
            self._supervise(frame)
        elif control & 3 == 1:
            if frame[0] == 0 and frame[3] & 1:  # a command that asks
                self._supervise(frame)
            self._next = frame[3] >> 1          # what it did not take is not sent again
        elif control & ~POLL == SABME:
            self._reset()
            self.sent.append(bytes((0x00, 0x01, UA | control & POLL)) + CHECK)
        elif control & ~POLL == UA:
            self.up = True
        elif control & ~POLL in (DISC, DM):
            self.up = False

    def kinds(self) -> list[int]:
        """Return the types of the messages that came, oldest first, taken out."""
        kinds = [message[2 + message[1]] for message in self.messages]
        self.messages.clear()
        return kinds

    def _supervise(self, frame: bytes) -> None:
        final = frame[3] & 1
        self.sent.append(bytes((0x00 if final else 0x02, 0x01, 0x01, self._expected << 1 | final)) + CHECK)

    def _reset(self) -> None:
        self.up, self._next, self._expected = True, 0, 0


def references(messages: Iterable[bytes]) -> set[int]:
    """Return the call references of the box's own SETUPs."""
    return {message[2] << 8 & 0x7F00 | message[3] for message in messages if message[4] == SETUP}
