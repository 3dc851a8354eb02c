"""`line.*`, `extension.list` and `.waiting`: what is plugged in, what it does now, and how well the lines are."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated

import msgspec
from msgspec import Meta

from drivers.link.messages import LineFinding
from firmware.agents.roster import Roster
from firmware.calls.call import Call
from firmware.calls.gateway import Gateway
from firmware.calls.leg import LegState
from firmware.clock import Clock
from firmware.config import extensions
from firmware.config.configuration import Configuration
from firmware.config.schema import Extension
from firmware.config.values import ExtensionNumber
from firmware.control.methods import Asker, Role, method
from firmware.control.trace import After, TraceView, traced
from firmware.errors import NotFound
from firmware.lines.learning import Attempt, Learning
from firmware.lines.linetests import LineTests
from firmware.lines.quiet import QuietBearers
from firmware.lines.result import Outcome, Result, Verdict, history
from firmware.lines.traces import Traces
from firmware.mailboxes import Mailboxes, Source
from firmware.records.audit import Audit, Entry
from firmware.records.reader import Reader

Number = Annotated[int, Meta(ge=1, le=960, description="a line's number, 1 to 960")]


class LineView(msgspec.Struct, frozen=True):
    """An analog line: state idle, ringing, in_use, testing, fault, or unknown without a gateway; the call on it, or "".

    `verdict` is that of its last test, at `tested_s` (Unix time), or "" when it was never tested. `busy_tone` is its
    own, by which it hangs up beside the country's, as 480+620/250,0/250, or "". `learning` is how far the last attempt
    to learn it is (waiting, calling, listening:tone, learnt, failed, stopped), or "". `never_answer`: its calls are for
    something else, and ring on.
    """

    number: int
    name: str
    did: str
    state: str
    call: str
    verdict: str = ""
    tested_s: float = 0.0
    busy_tone: str = ""
    learning: str = ""
    never_answer: bool = False


class TestView(msgspec.Struct, frozen=True):
    """A test of a line: who ordered it (a person, `night`, or `again` while it is at fault), and what was found.

    `outcome` is done; or a call came `in` or was to go `out`, or the line went (`gone`): then nothing was found.
    `verdict` is the worst finding's.
    """

    line: int
    at_s: float
    by: str
    outcome: Outcome
    verdict: Verdict
    findings: list[LineFinding]


class LineDetail(msgspec.Struct, frozen=True):
    """A line with its last tests, newest first. `quiet_since_s`: no call came or went since; 0 if that is not known.

    `learning` is the last attempt to learn its busy tone. `opermode` is what the drivers of all lines' ports should be
    loaded with in the country that is configured, as run/modprobe.conf has it, or ""; what they are loaded with is
    known to root alone.
    """

    line: LineView
    tests: list[TestView]
    quiet_since_s: float
    learning: Attempt | None = None
    opermode: str = ""


class ExtensionView(msgspec.Struct, frozen=True):
    """A telephone: whether it is registered, or its `port` there (0: it has none), and who is logged in at it.

    `group`: the trunk group of the PBX that it lives at, or "": it is there while calls can be made to that. `waiting`:
    how many new messages wait for it; `shows_waiting`: whether its telephone can show that, which one at a PBX can
    where that speaks QSIG.
    """

    number: str
    name: str
    registered: bool
    agent: str
    port: int = 0
    waiting: int = 0
    group: str = ""
    shows_waiting: bool = True


class LineMethods:
    """What can be asked of lines and telephones."""

    def __init__(
        self, configuration: Configuration, gateway: Gateway, roster: Roster, calls: Mapping[str, Call], *,
        tests: LineTests, quiet: QuietBearers, learning: Learning, records: Reader, audit: Audit, clock: Clock,
        committed: Callable[[], Awaitable[None]], mailboxes: Mailboxes, traces: Traces,
    ) -> None:  # fmt: skip
        """`committed` returns when all that happened is on disk; it raises NoStorage when it cannot be."""
        self._configuration, self._gateway, self._roster, self._calls = configuration, gateway, roster, calls
        self._tests, self._quiet, self._learning, self._records = tests, quiet, learning, records
        self._audit, self._clock, self._committed, self._mailboxes = audit, clock, committed, mailboxes
        self._traces = traces

    @method("line.list", Role.VIEWER)
    def lines(self) -> list[LineView]:
        """Return all lines by number."""
        busy = _calls_on_lines(self._calls)
        known = self._gateway.lines if self._gateway.connected else {}
        views = []
        for line in sorted(self._configuration.config.lines, key=lambda line: line.number):
            last = self._tests.last.get(line.number)
            views.append(
                LineView(
                    line.number, line.name, line.did, known.get(line.number, "unknown"), busy.get(line.number, ""),
                    last.verdict if last else "", last.at_s if last else 0.0, line.busy_tone,
                    self._learning.told(line.number), line.never_answer,
                )
            )  # fmt: skip
        return views

    @method("line.show", Role.SUPERVISOR)
    async def show(self, number: Number, limit: Annotated[int, Meta(ge=1, le=100)] = 10) -> LineDetail:
        """Return a line with its last tests, newest first."""
        line = self._known(number)
        tests = await self._records.ask(lambda connection: history(connection, number, limit))
        return LineDetail(
            line, [_view(one) for one in tests], self._quiet.since_s(f"line:{number}"),
            self._learning.attempts.get(number), self._gateway.opermode,
        )  # fmt: skip

    @method("line.test", Role.ADMIN)
    async def test(self, session: Asker, number: Number) -> TestView:
        """Test an idle line, and return what was found: ten seconds, or until a call wants the line."""
        one = await self._tests.test(number, session.who)
        self._audit.note(
            Entry(self._clock.wall_s(), "line.tested", f"line:{number}", session.who, session.address, one.verdict)
        )
        await self._committed()
        return _view(one)

    @method("line.trace", Role.SUPERVISOR)
    async def trace(self, number: Number, after: After = 0) -> TraceView:
        """Return what last passed on a line's pair, and was heard on it; ask again with `after` to follow it."""
        self._known(number)
        return await traced(self._traces, "line", number, after)

    @method("extension.list", Role.VIEWER)
    def extensions(self) -> list[ExtensionView]:
        """Return all extensions by number."""
        config = self._configuration.config
        return [self._extension(number, entry) for number, entry in sorted(extensions.every(config).items())]

    @method("extension.waiting", Role.SUPERVISOR)
    async def waiting(
        self, session: Asker, number: ExtensionNumber,
        new: Annotated[int, Meta(ge=0, le=9999, description="how many new messages wait, 0 to 9999")],
    ) -> ExtensionView:
        """Say how many new messages wait for an extension elsewhere; its telephone shows it."""
        entry = extensions.find(self._configuration.config, number)
        if entry is None:
            raise NotFound(f"there is no extension {number}")
        self._mailboxes.tell(number, Source.TOLD, new, session.who)
        await self._committed()
        return self._extension(number, entry)

    def _extension(self, number: str, entry: Extension) -> ExtensionView:
        agent = self._roster.at(number)
        return ExtensionView(
            number, entry.name, self._roster.there(number), agent.number if agent else "", entry.port,
            self._mailboxes.new(number), entry.group, extensions.shows_waiting(self._configuration.config, entry),
        )

    def _known(self, number: int) -> LineView:
        lines = self.lines()
        line = next((line for line in lines if line.number == number), None)
        if line is None:
            there = ", ".join(str(one.number) for one in lines) or "none"
            raise NotFound(f"there is no line {number}; there are: {there}")
        return line


def _view(one: Result) -> TestView:
    return TestView(one.line, one.at_s, one.by, one.outcome, one.verdict, list(one.findings))


def _calls_on_lines(calls: Mapping[str, Call]) -> dict[int, str]:
    found: dict[int, str] = {}
    for call in calls.values():
        for leg in call.legs.values():
            place = call.source if leg is call.caller else leg.target
            kind, _, rest = place.partition(":")
            number = rest.partition(":")[0]
            if kind == "line" and number.isdecimal() and leg.state is not LegState.ENDED:
                found[int(number)] = call.id
    return found
