"""`busyhour line`: the telephone lines, how well they are, and a test of one."""

import argparse
from collections.abc import Iterator
from typing import Any

from firmware.command import tone, trace
from firmware.command.terminal import DONE, FAILED, Terminal, printable
from firmware.health import tone_words
from firmware.health.country_words import field_word, values_words
from firmware.health.line_words import (
    figure,
    finding_word,
    outcome_word,
    reason_word,
    verdict_word,
    who_word,
)

HEADS = ("line", "name", "number", "state", "verdict", "tested", "call")
OPERMODE = (
    "the drivers of lines' ports should be loaded with it: copy run/modprobe.conf to /etc/modprobe.d, and load them "
    "anew outside calls"
)
FINDINGS = ("finding", "verdict", "figure", "why")


def add_parser(subparsers: "argparse._SubParsersAction[Any]") -> None:
    """Add `line` and its commands."""
    line = subparsers.add_parser("line", help="the telephone lines: list, status, report, test, trace, learn")
    commands = line.add_subparsers(dest="line_command", required=True, metavar="COMMAND")
    commands.add_parser("list", help="all lines, and what their last test said").set_defaults(run=_list)
    for name, text, run in (
        ("status", "one line with its last tests", _status),
        ("report", "its last test as a report: print it, or send it by mail", _report),
        ("test", "test a line that is idle: battery, dial tone, noise, echo; about ten seconds", _test),
    ):
        one = commands.add_parser(name, help=text)
        one.add_argument("number", metavar="N", type=int, help="which line")
        one.set_defaults(run=run)
        if name == "report":
            one.add_argument("--mail", metavar="ADDRESS", help="send it there by the mail server of the configuration")
    country = commands.add_parser("country", help="what is known of the lines of a country, and from where")
    country.add_argument("code", metavar="CODE", nargs="?", help="as GB; the box's if none is given")
    country.set_defaults(run=_country)
    trace.add_parser(commands, "line", "what passes on it: ring, battery, caller id, tones; Ctrl-C ends it")
    tone.add_parsers(commands)


def _list(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    lines = terminal.exchange().call("line.list")
    return terminal.show(lines, lambda: terminal.table(HEADS, [_row(terminal, line) for line in lines]))


def _row(terminal: Terminal, line: dict[str, Any]) -> tuple[Any, ...]:
    tested = terminal.moment(line["tested_s"]) if line["tested_s"] else ""
    verdict = verdict_word(line["verdict"], terminal.language)
    return line["number"], line["name"], line["did"], _state(terminal, line), verdict, tested, line["call"]


def _state(terminal: Terminal, line: dict[str, Any]) -> str:
    return terminal.word("used by another telephone" if line["state"] == "parallel" else line["state"])


def _status(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    shown = terminal.exchange().call("line.show", number=args.number)
    return terminal.show(shown, lambda: _shown(terminal, shown))


def _shown(terminal: Terminal, shown: dict[str, Any]) -> Iterator[str]:
    line = shown["line"]
    name = printable(f"{line['name']} {line['did']}".strip())
    yield f"{terminal.word('line')} {line['number']}  {name}  {_state(terminal, line)}  {line['call']}".rstrip()
    if line["never_answer"]:
        yield terminal.word("never answered: its calls are for something else")
    if line["busy_tone"]:
        yield f"{terminal.word('its own busy tone')} {tone_words.tone_words(line['busy_tone'], terminal.language)}"
    if shown["learning"]:
        yield from tone_words.told(shown["learning"], terminal.language)
    if shown["opermode"]:
        yield f"opermode={shown['opermode']}: {terminal.word(OPERMODE)}"
    if shown["quiet_since_s"]:
        yield f"{terminal.word('no call since')} {terminal.moment(shown['quiet_since_s'])}"
    if not shown["tests"]:
        yield terminal.word("never tested")
    for number, test in enumerate(shown["tests"]):
        yield from _told(terminal, test) if number == 0 else [_head(terminal, test)]


def _report(args: argparse.Namespace) -> int:
    """Print the report, or send it, in the language of this terminal."""
    terminal: Terminal = args.terminal
    asked = {"number": args.number, "language": terminal.language}
    if args.mail is None:
        made = terminal.exchange().call("line.report", **asked)
        return terminal.show(made, lambda: map(printable, made["text"].splitlines()))
    sent = terminal.exchange().call("line.mail_report", address=args.mail, **asked)
    return terminal.show(sent, lambda: [terminal.word("sent to {recipients}").format(recipients=sent["address"])])


def _country(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    code = args.code or terminal.exchange().call("config.get")["config"]["box"]["country"]
    told = terminal.exchange().call("country.show", code=code)
    language = terminal.language
    rows = [
        (field_word(fact["field"], language), values_words(fact, language), "; ".join(fact["sources"]))
        for fact in told["facts"]
    ]
    return terminal.show(told, lambda: terminal.table(("country", told["code"], "source"), rows))


def _test(args: argparse.Namespace) -> int:
    """Test it; a line that is not well, or a test that gave way, is a failure."""
    terminal: Terminal = args.terminal
    test = terminal.exchange().call("line.test", number=args.number)
    terminal.show(test, lambda: _told(terminal, test))
    return FAILED if test["outcome"] != "done" or test["verdict"] == "bad" else DONE


def _told(terminal: Terminal, test: dict[str, Any]) -> Iterator[str]:
    language = terminal.language
    yield _head(terminal, test)
    rows = [
        (
            finding_word(one["name"], language), verdict_word(one["verdict"], language), figure(one),
            reason_word(one["reason"], language),
        )
        for one in test["findings"]
    ]  # fmt: skip
    if rows:
        yield from terminal.table(FINDINGS, rows)


def _head(terminal: Terminal, test: dict[str, Any]) -> str:
    language = terminal.language
    ended = verdict_word(test["verdict"], language) if test["outcome"] == "done" else ""
    told = outcome_word(test["outcome"], language)
    who = printable(who_word(test["by"], language))
    return f"{terminal.moment(test['at_s'])}  {terminal.word('line')} {test['line']}  {told}  {ended}  {who}".rstrip()
