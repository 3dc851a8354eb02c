"""All digital spans that the configuration names: opened, tried again while they are not there, and told about."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from drivers.alarms import Alarms
from drivers.boards.base import Board
from drivers.boards.pri.span import Span, SpanHost
from drivers.link.errors import DriverError, WrongState
from drivers.link.messages import AlarmName, IsdnTrunk, Wrong

log = logging.getLogger(__name__)

RETRY_S = 5.0


class Spans:
    """`registered` is told of each trunk, as `trunk:NAME`, whether calls can be made on it."""

    def __init__(
        self, host: SpanHost, board: Board, alarms: Alarms, registered: Callable[[str, bool], None]
    ) -> None:
        self._host, self._board, self._alarms, self._registered = host, board, alarms, registered
        self._wanted: dict[str, IsdnTrunk] = {}
        self._open: dict[str, Span] = {}
        self._retry: asyncio.TimerHandle | None = None

    def provision(self, trunks: tuple[IsdnTrunk, ...]) -> None:
        """Use these from now on; calls on those that are no more, or are others, end."""
        wanted = {trunk.name: trunk for trunk in trunks}
        for name in [name for name, trunk in self._wanted.items() if wanted.get(name) != trunk]:
            self._shut(name)
            self._alarms.forget(AlarmName.TRUNK_LOST, f"trunk:{name}")
        self._wanted = wanted
        self._open_all()

    def __contains__(self, name: str) -> bool:
        """Say whether a trunk is one of these."""
        return name in self._wanted

    def get(self, name: str) -> Span:
        """Return a trunk's span; WrongState when it is not there."""
        if name not in self._open:
            raise WrongState(f"trunk {name}: span {self._wanted[name].span} is not there")
        return self._open[name]

    def close(self) -> None:
        """End all calls on them."""
        if self._retry is not None:
            self._retry.cancel()
        for span in self._open.values():
            span.close()
        self._open.clear()

    # ---- inside

    def _open_all(self) -> None:
        for name, trunk in self._wanted.items():
            if name in self._open:
                continue
            try:
                wire = self._board.open_span(trunk.span)
            except (OSError, DriverError) as error:
                self._say(name, str(error))
                self._retry_later()
                continue
            self._open[name] = Span(self._host, trunk, wire, self._changed, self._lost)
            self._say(name, "the D-channel is down")

    def _again(self) -> None:
        self._retry = None
        self._open_all()

    def _changed(self, span: Span) -> None:
        self._registered(span.subject, span.up)
        self._say(span.trunk.name, span.wrong if span.up or span.wrong else "the D-channel is down")

    def _lost(self, span: Span, why: str) -> None:
        log.error("%s: span %d is lost: %s", span.subject, span.trunk.span, why)
        self._shut(span.trunk.name)
        self._say(span.trunk.name, why)
        self._retry_later()

    def _retry_later(self) -> None:
        if self._retry is None:
            self._retry = asyncio.get_running_loop().call_later(RETRY_S, self._again)

    def _shut(self, name: str) -> None:
        span = self._open.pop(name, None)
        if span is not None:
            span.close()
            self._registered(span.subject, False)

    def _say(self, name: str, why: str) -> None:
        wrong = Wrong("said", {"text": why}) if why else None
        self._alarms.say(AlarmName.TRUNK_LOST, f"trunk:{name}", wrong)
