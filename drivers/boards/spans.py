"""All digital spans that the configuration names: opened, tried again while they are not there, and told about."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping

from drivers.alarms import Alarms
from drivers.boards.base import Board
from drivers.boards.pri import span as pri
from drivers.boards.r2 import span as r2
from drivers.boards.r2.call import CircuitHost
from drivers.boards.ranges import ranges
from drivers.boards.spare import Spare
from drivers.boards.trunk import TrunkSpan
from drivers.link.errors import DriverError, NoSuchChannel, WrongState
from drivers.link.messages import AlarmName, Fact, IsdnTrunk, R2Trunk, SpanSetting, Wrong

log = logging.getLogger(__name__)

RETRY_S = 2.0   # less than it takes for an alarm: a span that is being set up is none
Trunk = IsdnTrunk | R2Trunk
SPAN_OF: dict[type[Trunk], Callable[..., TrunkSpan]] = {IsdnTrunk: pri.Span.of, R2Trunk: r2.Span.of}


class Spans:
    """`registered` is told of each trunk, as `trunk:NAME`, whether calls can be made on it.

    `touched` is called when a channel of a span has another state than before, or a span comes or goes.
    """

    def __init__(
        self, host: CircuitHost, board: Board, alarms: Alarms, registered: Callable[[str, bool], None]
    ) -> None:
        self._host, self._board, self._alarms, self._registered = host, board, alarms, registered
        self._wanted: dict[int, tuple[Trunk, ...]] = {}
        self._settings: dict[int, SpanSetting] = {}
        self._open: dict[int, TrunkSpan] = {}
        self._spare: dict[int, Spare] = {}  # of those that no trunk uses: what a test has
        self._ready: set[int] = set()       # of those: set up on their wires
        self._why: dict[int, str] = {}      # of those that are not open
        self._retry: asyncio.TimerHandle | None = None
        self._waiting: Mapping[str, Mapping[str, bool]] = {}
        self.touched: Callable[[], None] = lambda: None

    def provision(self, trunks: tuple[Trunk, ...], settings: tuple[SpanSetting, ...] = ()) -> None:
        """Use these from now on; calls on those that are no more, or are others, end."""
        wanted = {number: tuple(one for one in trunks if one.span == number) for number in {t.span for t in trunks}}
        known = {one.number: one for one in settings}
        for number, parts in self._wanted.items():
            if wanted.get(number) != parts or known.get(number) != self._settings.get(number):
                self._shut(number)
                self._why.pop(number, None)
                for name in (AlarmName.SPAN_LOST, AlarmName.SPAN_DOWN, AlarmName.SPAN_SHORT):
                    self._alarms.forget(name, f"span:{number}")
        for number, setting in self._settings.items():
            if number in wanted or known.get(number) != setting:
                self._ready.discard(number)
                if number in self._spare:
                    self._spare[number].close()
        self._wanted, self._settings = wanted, known
        self._board.set_up(settings)
        self._open_all()
        self.touched()

    def __contains__(self, name: str) -> bool:
        """Say whether a trunk is one of these."""
        return any(part.name == name for parts in self._wanted.values() for part in parts)

    @property
    def wanted(self) -> tuple[int, ...]:
        """The spans that the configuration names."""
        return tuple(sorted({*self._wanted, *self._settings}))

    @property
    def ungrouped(self) -> tuple[int, ...]:
        """Those of them that no trunk uses, so that nobody opens them."""
        return tuple(sorted(set(self._settings) - set(self._wanted)))

    @property
    def spare(self) -> dict[int, Spare]:
        """What a test has of spans that no trunk uses."""
        return dict(self._spare)

    def testable(self, number: int) -> TrunkSpan | Spare:
        """Return a span for a test, also one that no trunk uses.

        NoSuchChannel when the configuration does not name it, OSError or DriverError when it is not there.
        """
        if number not in self.wanted:
            raise NoSuchChannel(f"span {number} is not configured; configured are {list(self.wanted)}")
        if number not in self.ungrouped:
            return self.span(number)
        if number not in self._spare:
            self._spare[number] = Spare.of(self._board, self._settings[number], lambda: self._given_back(number))
        return self._spare[number]

    @property
    def open(self) -> dict[int, TrunkSpan]:
        """The spans that can be used, though perhaps not now."""
        return dict(self._open)

    def why(self, number: int) -> str:
        """Return what keeps a span from being used, "" for nothing."""
        return self._why.get(number, "")

    def get(self, name: str) -> TrunkSpan:
        """Return a trunk's span: the first of its that has a channel free. WrongState when none is there."""
        spans = [self._open[number] for number in sorted(self._open) if self._open[number].serves(name)]
        if not spans:
            missing = ", ".join(str(number) for number in sorted(self._wanted) if number not in self._open)
            raise WrongState(f"trunk {name}: span {missing} is not there")
        return next((span for span in spans if span.up and span.has_free(name)), spans[0])

    def span(self, number: int) -> TrunkSpan:
        """Return a span; NoSuchChannel when the configuration names none such, WrongState when it is not there."""
        if number not in self._wanted:
            raise NoSuchChannel(f"span {number} is in no trunk group; spans in use are {sorted(self._wanted)}")
        if number not in self._open:
            raise WrongState(f"span {number} is not there: {self.why(number)}")
        return self._open[number]

    def show_waiting(self, waiting: Mapping[str, Mapping[str, bool]]) -> None:
        """Tell the PBX of each trunk, by each of its spans, for which of its extensions messages wait."""
        self._waiting = waiting
        for span in self._open.values():
            self._show_waiting(span)

    def close(self) -> None:
        """End all calls on them."""
        if self._retry is not None:
            self._retry.cancel()
        for span in self._open.values():
            span.close()
        self._open.clear()
        for spare in tuple(self._spare.values()):
            spare.close()

    # ---- inside

    def _open_all(self) -> None:
        for number, parts in self._wanted.items():
            if number in self._open:
                continue
            try:
                self._open[number] = SPAN_OF[type(parts[0])](
                    self._host, parts, self._board, self._changed, self._lost, lambda: self.touched()
                )
            except (OSError, DriverError) as error:
                self._lack(number, str(error))
                self._retry_later()
                continue
            self._why.pop(number, None)
            self._show_waiting(self._open[number])
            self._alarms.say(AlarmName.SPAN_LOST, f"span:{number}", None)
            self._say_down(self._open[number])
            self._say_short(self._open[number], parts)

        for number in set(self.ungrouped) - self._ready:
            try:
                Spare.of(self._board, self._settings[number], lambda: None).close()
            except (OSError, DriverError) as error:
                self._why[number] = str(error)
                self._retry_later()
                continue
            self._ready.add(number)
            self._why.pop(number, None)

    def _show_waiting(self, span: TrunkSpan) -> None:
        span.show_waiting({
            number: waits for name in span.names for number, waits in self._waiting.get(name, {}).items()
        })  # fmt: skip

    def _given_back(self, number: int) -> None:
        del self._spare[number]
        self.touched()

    def _again(self) -> None:
        self._retry = None
        self._open_all()

    def _changed(self, span: TrunkSpan) -> None:
        for name in span.names:
            up = any(one.up for one in self._open.values() if one.serves(name))
            self._registered(f"trunk:{name}", up)
        self._say_down(span)

    def _lost(self, span: TrunkSpan, why: str) -> None:
        log.error("span %d is lost: %s", span.number, why)
        self._shut(span.number)
        self._lack(span.number, why)
        self._retry_later()

    def _retry_later(self) -> None:
        if self._retry is None:
            self._retry = asyncio.get_running_loop().call_later(RETRY_S, self._again)

    def _shut(self, number: int) -> None:
        span = self._open.pop(number, None)
        if span is not None:
            span.close()
            for name in span.names:
                if not any(one.up for one in self._open.values() if one.serves(name)):
                    self._registered(f"trunk:{name}", False)

    def _lack(self, number: int, why: str) -> None:
        self._why[number] = why
        self.touched()
        self._alarms.say(AlarmName.SPAN_LOST, f"span:{number}", Wrong("said", {"text": why}))
        for name in (AlarmName.SPAN_DOWN, AlarmName.SPAN_SHORT):
            self._alarms.say(name, f"span:{number}", None)  # what is wrong now is the span

    def _say_short(self, span: TrunkSpan, parts: tuple[Trunk, ...]) -> None:
        """Say which channels it does not have: an administrator's own file may set up fewer than are configured."""
        missing = {slot for part in parts for slot in part.slots} - set(span.slots)
        facts: dict[str, Fact] = {"missing": ranges(missing), "there": ranges(span.slots)}
        self._alarms.say(AlarmName.SPAN_SHORT, f"span:{span.number}", Wrong("no-slots", facts) if missing else None)

    def _say_down(self, span: TrunkSpan) -> None:
        wrong = None
        if span.wrong:
            wrong = Wrong("said", {"text": span.wrong})
        elif not span.up:
            wrong = Wrong("no-dchannel")
        self._alarms.say(AlarmName.SPAN_DOWN, f"span:{span.number}", wrong)
