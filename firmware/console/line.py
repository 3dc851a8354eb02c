"""`test line`: how an idle line is, in figures."""

from collections.abc import Iterator
from typing import Any

from firmware.console import show
from firmware.console.output import Output
from firmware.console.table import table
from firmware.console.terminal import printable
from firmware.health.line_words import figure, finding_word, outcome_word, reason_word, verdict_word


def numbers(session: Any, before: list[str], begun: str) -> Iterator[tuple[str, str]]:
    """Yield the lines there are, for Tab and `?`."""
    for one in session.glance("line.list"):
        yield str(one["number"]), printable(f"{one['name']} {show.state(session, one['state'])}".strip())


def test(session: Any, arguments: list[str]) -> Output:
    """Test a line, and return what was found."""
    found = session.ask("line.test", number=show.number(arguments[0]))
    language = session.say.language
    told = session.say("test.told", line=str(found["line"]), outcome=outcome_word(found["outcome"], language))
    if not found["findings"]:
        return Output(found, [told])
    rows = [
        (
            finding_word(one["name"], language), verdict_word(one["verdict"], language), figure(one),
            reason_word(one["reason"], language),
        )
        for one in found["findings"]
    ]  # fmt: skip
    heads = [session.say(f"head.{key}") for key in ("finding", "verdict", "figure", "why")]
    head, body = table(heads, rows, session.columns)
    ended = session.say("test.verdict", verdict=verdict_word(found["verdict"], language))
    return Output(found, [*head, *body, ended], [told])
