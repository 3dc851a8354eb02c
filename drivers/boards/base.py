"""A voice board as the gateway sees it: analog lines and telephones, each with hook, ring voltage and samples.

A board tells what happens on the wire and nothing more. Caller id, tones and keys are heard in the samples, and what a
call is doing is known above, in `drivers.boards.line` and `drivers.boards.station`; so every kind of board behaves
alike there. All analog sockets of a machine have one numbering, from 1: a line and a telephone never share a number.
All calls, both ways, are made on the gateway's loop and never wait.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection
from enum import StrEnum
from typing import Protocol

from drivers.link.errors import NoLoop, WrongState
from drivers.link.messages import SpanSetting, SpanState, Wrong


class Polarity(StrEnum):
    """Which wire of the pair is positive; a central office may reverse it on answer or before caller id."""

    NORMAL = "normal"
    REVERSED = "reversed"


class Battery(StrEnum):
    """What the central office feeds a line with, seen by one that is on-hook: some 48 V across the pair.

    A telephone beside us on the same pair that is off-hook brings that to 5-15 V. Off-hook our own loop does so, and
    nothing is told of others. A board that cannot tell `low` says `full`.
    """

    NONE = "none"
    LOW = "low"
    FULL = "full"


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
        self.battery = Battery.FULL
        self.polarity = Polarity.NORMAL

    @abstractmethod
    def set_loop(self, closed: bool) -> None:
        """Go off-hook (closed) or on-hook. Doing it again changes nothing; on a line that is gone it does nothing."""

    @abstractmethod
    def open_loop(self, for_ms: int) -> None:
        """Open the loop for so many milliseconds, and close it again without being told; on-hook it does nothing.

        Going on-hook meanwhile ends it. For a flash, and for each pulse of a dial; not again before the last is over.
        """

    def look(self) -> None:  # noqa: B027 - a board may tell all by itself, and at once
        """See how the line is at this moment; what has changed is told, of this line or others, before it returns."""


class LineWatcher(Protocol):
    """Who is told what happens on a board's lines. A board changes the Line first, then tells; each change once."""

    def line_up(self, line: Line) -> None:
        """Tell of a line that can be used from now on, on-hook, its samples flowing."""

    def line_down(self, line: Line) -> None:
        """Tell that a line is gone (board, driver or simulated office ended); the same number may come up again."""

    def ring_changed(self, line: Line) -> None:
        """Tell that ring voltage began or ended; once for each burst of a cadence, not for each call."""

    def battery_changed(self, line: Line) -> None:
        """Tell that the line's battery is another: a short break may mean a hangup, a long one a cut wire."""

    def loop_broken(self, line: Line) -> None:
        """Tell of a break of the battery that is over, and was no click: the board measured it by itself."""

    def polarity_changed(self, line: Line) -> None:
        """Tell that the polarity was reversed, or back."""

    def board_changed(self, subject: str, wrong: Wrong | None) -> None:
        """Tell what is wrong with a board that does not answer; "" for one that does. Told at each change."""


class Port(ABC):
    """One socket for a telephone (FXS), as it is plugged in now.

    `number` is the socket's; `fd` is as that of a Line. `off_hook` is as last told: breaks of the loop for a digit or
    a flash are none of the hook's.
    """

    def __init__(self, number: int, fd: int) -> None:
        self.law = "alaw"
        self.number = number
        self.fd = fd
        self.off_hook = False

    @abstractmethod
    def set_ring(self, on: bool) -> None:
        """Put ring voltage on the pair, or take it off; samples reach a telephone that is on-hook in the pauses."""

    def announce(self, reverse: bool) -> None:  # noqa: B027 - where samples reach it always, and polarity tells nothing
        """Let samples reach a telephone that is on-hook before it rings; `reverse` its polarity until `set_ring`."""

    def show_waiting(self, waiting: bool) -> None:  # noqa: B027 - few telephones have a lamp, and few boards light one
        """Light the lamp of a telephone for which new messages wait, or put it out."""


class PortWatcher(Protocol):
    """Who is told what happens at a board's telephones, as a LineWatcher is of its lines."""

    def ports_found(self, numbers: Collection[int]) -> None:
        """Tell which sockets of the board are for telephones, whether or not they are used."""

    def port_up(self, port: Port) -> None:
        """Tell of a port that can be used from now on; its telephone may be off-hook already."""

    def port_down(self, port: Port) -> None:
        """Tell that a port is gone."""

    def hook_changed(self, port: Port) -> None:
        """Tell that the receiver was lifted or put down."""

    def flashed(self, port: Port) -> None:
        """Tell that the hook was pressed for a moment."""

    def pulsed(self, port: Port, digit: str) -> None:
        """Tell of a digit that was dialled by breaks of the loop."""


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

    def keep(self, fd: int, *, much: bool) -> None:  # noqa: B027 - some wires lose nothing
        """Have `much` of a descriptor's octets kept, whatever the delay, or little; what waits is forgotten."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the D-channel."""


class CasWire(ABC):
    """One digital span (E1) of a board whose timeslot 16 bears ABCD bits for each other one (ITU-T G.704 §5.1.3.2).

    `wakes` is readable while something has happened that `changed` has not told. What `open` returns carries 20 ms, 160
    bytes of `law`, each read and write; it is the wire's, which has each once.
    """

    def __init__(self, number: int, wakes: int, slots: tuple[int, ...], law: str = "alaw") -> None:
        self.number, self.wakes, self.slots, self.law = number, wakes, slots, law

    @abstractmethod
    def changed(self) -> set[int]:
        """Return the timeslots that something may have happened on since the last time; OSError: the wire is gone."""

    @abstractmethod
    def bits(self, slot: int) -> int | None:
        """Return the ABCD bits received; None while there is an alarm, and they say nothing."""

    @abstractmethod
    def send(self, slot: int, bits: int) -> None:
        """Send these ABCD bits from now on."""

    @abstractmethod
    def open(self, slot: int) -> int:
        """Return the descriptor of a timeslot's sound, with nothing kept of what came before."""

    def keep(self, fd: int, *, much: bool) -> None:  # noqa: B027 - some wires lose nothing
        """Have `much` of a descriptor's octets kept, whatever the delay, or little; what waits is forgotten."""

    @abstractmethod
    def close(self) -> None:
        """Let go of all timeslots."""


class Board(ABC):
    """A card, or what stands for one. `subject` names it in alarms: `sim` or `dahdi`.

    `clock_fd` has POLLPRI at each 20 ms of the board's clock, which all media then follow; -1: it has none of its own.
    """

    subject: str
    clock_fd: int = -1

    ports: PortWatcher | None = None  # to be set before `start`, where telephones are wanted

    @abstractmethod
    async def start(self, watcher: LineWatcher) -> None:
        """Begin to watch the lines; return when that is under way, whether or not any line is up yet.

        A board that fails or goes away is tried again for ever, by itself, with `line_down` and `line_up` told.
        """

    def use_ports(self, numbers: frozenset[int]) -> None:  # noqa: B027 - a board may use all that it has
        """Learn which ports are extensions; others may stay shut."""

    def set_country(self, opermode: str) -> str:
        """Learn what impedance and loop the country's lines have, in DAHDI's words; "" where that is not known.

        Return what the board's drivers should be loaded with for it; "" where its lines are the same everywhere.
        """
        return ""

    def set_up(self, spans: tuple[SpanSetting, ...]) -> None:  # noqa: B027 - most boards have nothing to set up
        """Learn how the digital spans are to be; those that are otherwise are set up anew before they are opened."""

    def span_states(self) -> list[SpanState]:
        """Return the spans there are, as their wires are now; OSError when that cannot be found out."""
        return []

    def loop_back(self, number: int, looped: bool) -> None:
        """Have the card loop a digital span back towards the box, or no more; OSError or NoLoop: it cannot."""
        raise NoLoop(f"span {number}: this board has no loop of its own")

    def open_span(self, number: int) -> SpanWire:
        """Return a digital span; OSError or DriverError says why it is not there."""
        raise WrongState(f"span {number} is not there: this board has none")

    def open_cas(self, number: int) -> CasWire:
        """Return a digital span with bits for each timeslot, as R2 uses it; OSError or DriverError as `open_span`."""
        raise WrongState(f"span {number} is not there: this board has none")

    @abstractmethod
    async def close(self) -> None:
        """Put all lines on-hook and let go of them; `line_down` is told for each that was up."""
