"""The report of a line as a letter: what its last test found, for a customer or a carrier who sees no page of ours.

The page prints the same with the same words; this is how it is read without the page, as text and as HTML.
"""

import html
from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import Any, NamedTuple

import msgspec

from firmware.config.schema import Config, Line
from firmware.config.values import Language
from firmware.errors import NotFound, Refused
from firmware.health import line_words, tone_words
from firmware.health.tables import word
from firmware.lines.result import Result
from firmware.mail.letter import plain

WORDS = {
    "title": ("外线 {number} 测试报告", "Report of line {number}"),
    "box": ("设备", "Box"),
    "line": ("外线", "Line"),
    "country": ("国家/地区", "Country"),
    "tone": ("本线忙音", "Its own busy tone"),
    "tested": ("测试于", "Tested"),
    "by": ("测试人", "Ordered by"),
    "verdict": ("结论", "Verdict"),
}
COLOURS = {"good": "#1a7f37", "poor": "#9a6700", "bad": "#cf222e", "unknown": "#59636e"}
CELL = "padding:4px 12px 4px 0;text-align:left;vertical-align:top"


class NeverTested(Refused):
    """There is nothing to tell of a line yet."""

    code = "never-tested"


class LineReport(msgspec.Struct, frozen=True):
    """A report in one language: a title on one line, and the same as text and as a page of HTML without scripts."""

    line: int
    at_s: float
    title: str
    text: str
    html: str


def report(number: int, last: Result | None, config: Config, zone: tzinfo, language: Language | None) -> LineReport:
    """Return the report of a line's last test, times in `zone`, in the box's language unless told otherwise.

    Raises NotFound for a line that is not configured, NeverTested without a test.
    """
    line = next((line for line in config.lines if line.number == number), None)
    if line is None:
        raise NotFound(f"there is no line {number}")
    if last is None:
        raise NeverTested(f"line {number} was never tested: test it first", number=number)
    said = language or config.box.language
    title = f"{plain(config.box.name)}: {word(WORDS, 'title', said).format(number=number)}"
    facts = list(_facts(line, last, config, zone, said))
    findings = [_told(one, said) for one in msgspec.to_builtins(last.findings)]
    return LineReport(number, last.at_s, title, _text(title, facts, findings), _html(title, facts, findings, said))


def _facts(line: Line, last: Result, config: Config, zone: tzinfo, language: Language) -> Iterator[tuple[str, str]]:
    yield word(WORDS, "box", language), plain(config.box.name)
    yield word(WORDS, "line", language), plain(" ".join(filter(None, (str(line.number), line.name, line.did))))
    yield word(WORDS, "country", language), config.box.country
    if line.busy_tone:
        yield word(WORDS, "tone", language), tone_words.tone_words(line.busy_tone, language)
    yield word(WORDS, "tested", language), f"{datetime.fromtimestamp(last.at_s, zone):%Y-%m-%d %H:%M:%S}"
    if last.by:
        yield word(WORDS, "by", language), plain(line_words.who_word(last.by, language))
    yield word(WORDS, "verdict", language), line_words.verdict_word(last.verdict, language)


class Told(NamedTuple):
    """A finding in words, and its verdict as it is."""

    name: str
    verdict: str
    said: str
    figure: str
    why: str


def _told(one: dict[str, Any], language: Language) -> Told:
    why = line_words.reason_word(one["reason"], language) if one["reason"] else ""
    return Told(
        line_words.finding_word(one["name"], language), one["verdict"],
        line_words.verdict_word(one["verdict"], language), line_words.figure(one), why,
    )  # fmt: skip


def _text(title: str, facts: list[tuple[str, str]], findings: list[Told]) -> str:
    lines = [title, "", *(f"{name}: {value}" for name, value in facts), ""]
    for one in findings:
        lines.append(f"{one.name}: {', '.join(filter(None, (one.said, one.figure)))}")
        lines += [f"    {one.why}"] if one.why else []
    return "\n".join(lines) + "\n"


def _html(title: str, facts: list[tuple[str, str]], findings: list[Told], language: Language) -> str:
    """Return a page whose looks are in its elements: mail programs drop style sheets."""
    above = [_row((name, value)) for name, value in facts]
    below = [_row((one.name, one.said, one.figure, one.why), COLOURS.get(one.verdict, "")) for one in findings]
    return (
        f'<!doctype html>\n<html lang="{"zh-CN" if language == "zh" else "en"}">\n<head><meta charset="utf-8">'
        f"<title>{html.escape(title)}</title></head>\n"
        '<body style="font-family:sans-serif;color:#1f2328;background:#fff">\n'
        f"<h1 style=\"font-size:1.3em\">{html.escape(title)}</h1>\n"
        f"<table>\n{''.join(above)}</table>\n<br>\n<table>\n{''.join(below)}</table>\n</body>\n</html>\n"
    )


def _row(cells: tuple[str, ...], colour: str = "") -> str:
    """Return a row; the second cell, a verdict, has a colour where there is one."""
    written = []
    for place, cell in enumerate(cells):
        look = f"{CELL};color:{colour};font-weight:bold" if place == 1 and colour else CELL
        written.append(f'<td style="{look}">{html.escape(cell)}</td>')
    return f"<tr>{''.join(written)}</tr>\n"
