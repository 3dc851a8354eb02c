"""What a test of a line came to, as it is kept."""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec
from sqlalchemy import Connection, select

from drivers.link.messages import LineFinding, LineTested
from firmware.events import Event, Kind
from firmware.records import schema

Outcome = Literal["done", "in", "out", "gone", "parallel"]
Verdict = Literal["good", "poor", "bad", "unknown"]
WORST: tuple[Verdict, ...] = ("bad", "poor", "unknown", "good")


class Result(msgspec.Struct, frozen=True):
    """One test: when it ended, on whose order, what it found; `verdict` is its worst finding's.

    `by` is a person, `night`, `again` for a line at fault, or "" of an exchange that is no more. `outcome`: done; or a
    call came `in`, was to go `out`, the line went (`gone`), or another telephone has it (`parallel`): then nothing is
    found and nothing is kept.
    """

    at_s: float
    line: int
    by: str
    outcome: Outcome
    verdict: Verdict
    findings: tuple[LineFinding, ...]

    def is_bad(self, name: str) -> LineFinding | None:
        """Return the finding of a name if it is bad."""
        return next((one for one in self.findings if one.name == name and one.verdict == "bad"), None)


def result(tested: LineTested, by: str) -> Result:
    """Return what the gateway told, on whose order."""
    return Result(tested.at_s, tested.line, by, tested.outcome, worst(tested.findings), tested.findings)


def worst(findings: Sequence[LineFinding]) -> Verdict:
    """Return the worst verdict of all; what could not be found out is better than what is wrong."""
    verdicts = {one.verdict for one in findings}
    return next((verdict for verdict in WORST if verdict in verdicts), "unknown")


def event_of(one: Result) -> Event:
    """Return the event that tells of a test."""
    data = msgspec.to_builtins(one)
    del data["at_s"]
    return Event(one.at_s, Kind.LINE_TESTED, data=data)


def result_of(at_s: float, data: dict[str, Any]) -> Result:
    """Return the test that an event, or a row, tells of."""
    return msgspec.convert({**data, "at_s": at_s}, Result)


def history(connection: Connection, line: int, limit: int) -> list[Result]:
    """Return a line's newest tests that were done, newest first."""
    table = schema.line_tests
    rows = connection.execute(
        select(table).where(table.c.line == line).order_by(table.c.id.desc()).limit(limit)
    ).all()
    return [result_of(row.at_s, row.data) for row in rows]
