"""The central office whole: lines, who calls them, whom they call. It knows no socket and no clock but its ticks."""

import itertools
import logging
import time
from collections import deque
from collections.abc import Callable, Mapping

from msgspec import structs

from drivers.link.errors import DriverError, WrongState
from drivers.link.office import HangUp, PlaceCall, Press, Progress, Report, Say, Subscriber
from drivers.office.callee import CalledSubscriber
from drivers.office.caller import Caller, CallerState
from drivers.office.circuit import Circuit
from drivers.office.country import Country
from drivers.office.directory import Directory
from drivers.office.joined import Joined
from drivers.office.line import Line, Way
from drivers.office.party import spoken
from drivers.office.r2 import R2Span
from drivers.office.sound import SILENCE, Recording, load
from drivers.office.span import Span
from drivers.office.telephone import Telephone

log = logging.getLogger("office")
KEPT_CALLS = 100
WHOLE_CALLS = 5
Arrived = tuple[list[bytes], dict[int, bytes]]
NOTHING: Mapping[int, Arrived] = {}


class NoSuchLine(DriverError):
    """The office has no such line."""

    code = "no-such-line"


class NoSuchSpan(DriverError):
    """The office has no such span."""

    code = "no-such-span"


class NoSuchTelephone(DriverError):
    """The office's side of the box has no telephone at that port."""

    code = "no-such-telephone"


class NoSuchCall(DriverError):
    """The call named is not there, or no longer."""

    code = "no-such-call"


class Office:
    """Lines numbered from 1, and after them telephones. `tick` is all the time there is: tests run it at will."""

    def __init__(
        self, country: Country, lines: int, wall_s: Callable[[], float] = time.time, telephones: int = 0, spans: int = 0
    ) -> None:
        self.country = country
        self.directory = Directory()
        self._joined: list[Joined] = []
        self.lines = {
            number: Line(number, country, self.directory, self._dialled, self._joined.append)
            for number in range(1, lines + 1)
        }
        self.telephones = {number: Telephone(number, country) for number in range(lines + 1, lines + 1 + telephones)}
        self.spans = {number: Span(number, self._dialled) for number in range(1, spans + 1)}
        self.silenced: set[tuple[int, str]] = set()
        self._wall_s = wall_s
        self._ids = itertools.count(1)
        self._callers: dict[str, Caller] = {}
        self._called: deque[CalledSubscriber] = deque(maxlen=KEPT_CALLS)

    def tick(self, heard: Mapping[int, bytes], arrived: Mapping[int, Arrived] = NOTHING) -> dict[int, bytes]:
        """Live 20 ms: take what the box said on each line (samples), return what it hears.

        `arrived`: its frames and samples on each span; what it gets there is in `Span.said`.
        """
        said = {}
        outside = [*self._callers.values(), *(callee for callee in self._called if not callee.over)]
        clocks = [(someone, someone.ticks) for someone in outside]
        for number, line in self.lines.items():
            block = SILENCE if (number, "from_box") in self.silenced else heard.get(number, SILENCE)
            block = line.tick(block)
            said[number] = SILENCE if (number, "to_box") in self.silenced else block
        for number, span in self.spans.items():
            span.tick(*arrived.get(number, ()))
        for pair in self._joined:
            pair.tick()
        self._joined[:] = [pair for pair in self._joined if not pair.over]
        for someone, ticks in clocks:
            if someone.ticks == ticks and not someone.over:  # no line let them talk
                someone.wait()
        for caller in [caller for caller in self._callers.values() if caller.over]:
            del self._callers[caller.call]
        return said

    def line(self, number: int) -> Line:
        """Return a line by its number."""
        if number not in self.lines:
            raise NoSuchLine(f"line: {number}, this office has lines 1 to {len(self.lines)}")
        return self.lines[number]

    def telephone(self, port: int) -> Telephone:
        """Return the telephone at a port of the box."""
        if port not in self.telephones:
            there = ", ".join(map(str, self.telephones)) or "none"
            raise NoSuchTelephone(f"port: {port}, there are telephones at {there}")
        return self.telephones[port]

    def span(self, number: int) -> Span:
        """Return a span by its number."""
        if number not in self.spans:
            raise NoSuchSpan(f"span: {number}, this office has spans {sorted(self.spans)}")
        return self.spans[number]

    def speak(self, number: int, *, r2: bool) -> Span:
        """Have a span speak as the box does, by MFC/R2 or ISDN; return it."""
        span = self.span(number)
        if isinstance(span, R2Span) != r2:
            span.unplug()
            former = span
            span = R2Span(number, self._dialled, self.country) if r2 else Span(number, self._dialled)
            span.fault, span.variant, span.r2_variant = former.fault, former.variant, former.r2_variant
            self.spans[number] = span
        return span

    def prepare(self, order: PlaceCall, tell: Callable[[Progress], None]) -> Caller:
        """Return somebody ready to call; BadSound or NoDisk when their sound or record cannot be opened."""
        way: Line | Circuit
        way = self.line(order.line) if order.line is not None else Circuit(self.span(order.span or 0), 0, order)
        when = time.strftime("%m%d%H%M", time.localtime(self._wall_s()))
        caller = Caller(f"c{next(self._ids)}", order, way, self.country, self._wall_s(), tell, when)
        self._callers[caller.call] = caller
        return caller

    def press(self, order: Press) -> None:
        """Let a caller press keys."""
        self._talking(order.call).press(order.digits)

    def say(self, order: Say) -> None:
        """Let a caller say something else."""
        self._talking(order.call).say(spoken(order.play, order.tone_hz, -10.0, None))

    def hang_up(self, order: HangUp) -> None:
        """Let a caller hang up."""
        self._caller(order.call).hang_up()

    def subscribe(self, subscriber: Subscriber) -> None:
        """Let a number behave so; BadSound when its file cannot be spoken, NoDisk when its record cannot be written."""
        if subscriber.voice == "file":
            load(subscriber.play)
        if subscriber.record:
            Recording(subscriber.record).close()
        self.directory.set(subscriber)

    def calls(self) -> list[Report]:
        """Return the calls of the box, oldest first; only the last few tell each second: one message must hold all."""
        reports = [callee.report() for callee in self._called]
        brief = [structs.replace(old, heard=structs.replace(old.heard, seconds=())) for old in reports[:-WHOLE_CALLS]]
        return brief + reports[-WHOLE_CALLS:]

    def call_on(self, line: Line) -> str:
        """Return the call that holds a line, "" for none."""
        party = line.party
        return party.call if isinstance(party, Caller | CalledSubscriber) else ""

    def _dialled(self, way: Way, number: str) -> CalledSubscriber:
        subscriber = self.directory.find(number)
        call = f"c{next(self._ids)}"
        try:
            callee = CalledSubscriber(call, subscriber, way, self.country, self._wall_s(), _log_progress)
        except DriverError as error:  # its sound or record has gone meanwhile; a call is not lost for that
            log.warning("call %s: %s", call, error)
            plain = structs.replace(subscriber, voice="silence", record="")
            callee = CalledSubscriber(call, plain, way, self.country, self._wall_s(), _log_progress)
        self._called.append(callee)
        return callee

    def _caller(self, call: str) -> Caller:
        if call not in self._callers:
            raise NoSuchCall(f"call: {call!r} is not under way")
        return self._callers[call]

    def _talking(self, call: str) -> Caller:
        caller = self._caller(call)
        if caller.state is not CallerState.TALKING:
            raise WrongState(f"call: {call!r} is {caller.state}, only a talking caller is heard")
        return caller


def _log_progress(progress: Progress) -> None:
    log.info("call %s %.2f s %s %s", progress.call, progress.at_s, progress.event, progress.detail)
