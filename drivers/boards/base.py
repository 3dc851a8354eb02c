"""A voice board as the gateway sees it: analog lines, each with a loop, ring voltage, battery, polarity and samples.

A board tells what happens on the wire and nothing more. Caller id, tones and digits are heard in the samples, and
what a line's call is doing is known above, in `drivers.boards.line`; so every kind of board behaves alike there.
All calls, both ways, are made on the gateway's loop and never wait.
"""

from abc import ABC, abstractmethod
from enum import StrEnum
from typing import Protocol

from drivers.link.errors import WrongState
from drivers.link.messages import Wrong


class Polarity(StrEnum):
    """Which wire of the pair is positive; a central office may reverse it on answer or before caller id."""

    NORMAL = "normal"
    REVERSED = "reversed"


class Line(ABC):
    """One line from the central office, as it is plugged in now.

    `number` is the line's name in the configuration, from 1. `fd` carries the samples both ways: one datagram (or
    one block of a device) is 20 ms, 160 bytes of `law` ("alaw" or "mulaw"), always flowing, on-hook too. The board
    owns `fd` and keeps it open until `LineWatcher.line_down` for this line has returned. The three states are as last
    told.
    """

    def __init__(self, number: int, fd: int) -> None:
        self.law = "alaw"
        self.number = number
        self.fd = fd
        self.ringing = False
        self.battery = True
        self.polarity = Polarity.NORMAL

    @abstractmethod
    def set_loop(self, closed: bool) -> None:
        """Go off-hook (closed) or on-hook. Doing it again changes nothing; on a line that is gone it does nothing."""


class LineWatcher(Protocol):
    """Who is told what happens on a board's lines. A board changes the Line first, then tells; each change once."""

    def line_up(self, line: Line) -> None:
        """Tell of a line that can be used from now on, on-hook, its samples flowing."""

    def line_down(self, line: Line) -> None:
        """Tell that a line is gone (board, driver or simulated office ended); the same number may come up again."""

    def ring_changed(self, line: Line) -> None:
        """Tell that ring voltage began or ended; once for each burst of a cadence, not for each call."""

    def battery_changed(self, line: Line) -> None:
        """Tell that the line's battery came or went: a short break may mean a hangup, a long one a cut wire."""

    def polarity_changed(self, line: Line) -> None:
        """Tell that the polarity was reversed, or back."""

    def board_changed(self, subject: str, wrong: Wrong | None) -> None:
        """Tell what is wrong with a board that does not answer; "" for one that does. Told at each change."""


class SpanWire(ABC):
    """One digital span (E1) of a board: frames of its D-channel and sound of its B-channels, by timeslot.

    A read or write of `dchannel`, non-blocking, is one HDLC frame with two bytes of check sum at its end; one of what
    `open` returns is 20 ms, 160 bytes of `law`.
    """

    def __init__(self, number: int, dchannel: int, slots: tuple[int, ...], law: str = "alaw") -> None:
        self.number, self.dchannel, self.slots, self.law = number, dchannel, slots, law

    @abstractmethod
    def open(self, slot: int) -> int:
        """Return a B-channel's descriptor, the caller's to close; OSError when that cannot be."""

    @abstractmethod
    def flush(self, fd: int) -> None:
        """Forget what a B-channel's descriptor has kept since its last call."""

    @abstractmethod
    def take_events(self, fd: int) -> None:
        """Take out what the board tells of one of its descriptors beside frames and sound, so that they go on."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the D-channel."""


class Board(ABC):
    """A card, or what stands for one. `subject` names it in alarms: `sim` or `dahdi`.

    `clock_fd` has POLLPRI at each 20 ms of the board's clock, which all media then follow; -1: it has none of its own.
    """

    subject: str
    clock_fd: int = -1

    @abstractmethod
    async def start(self, watcher: LineWatcher) -> None:
        """Begin to watch the lines; return when that is under way, whether or not any line is up yet.

        A board that fails or goes away is tried again for ever, by itself, with `line_down` and `line_up` told.
        """

    def open_span(self, number: int) -> SpanWire:
        """Return a digital span; OSError or DriverError says why it is not there."""
        raise WrongState(f"span {number} is not there: this board has none")

    @abstractmethod
    async def close(self) -> None:
        """Put all lines on-hook and let go of them; `line_down` is told for each that was up."""
