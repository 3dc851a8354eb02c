"""`busyhour alarm`: what needs a person, and what needed one."""

import argparse
from collections.abc import Iterator
from typing import Any

from firmware.command.terminal import Terminal, printable
from firmware.details import sentence
from firmware.health.words import alarm_words

HISTORY = ("raised", "over", "severity", "alarm", "subject", "seen by", "detail")


def add_parser(subparsers: "argparse._SubParsersAction[Any]") -> None:
    """Add `alarm` and its commands."""
    alarm = subparsers.add_parser("alarm", help="what needs a person: list, acknowledge, history")
    commands = alarm.add_subparsers(dest="alarm_command", required=True, metavar="COMMAND")
    listed = commands.add_parser("list", help="what is wrong now, and what to do about it")
    listed.set_defaults(run=_list)
    seen = commands.add_parser("acknowledge", help="note that you have seen an alarm; an emergency call's is over then")
    seen.add_argument("name", metavar="NAME")
    seen.add_argument("subject", metavar="SUBJECT", nargs="?", default="")
    seen.add_argument("--note", default="", help="what you found, or will do")
    seen.set_defaults(run=_acknowledge)
    history = commands.add_parser("history", help="the alarms that were, newest first")
    history.add_argument("--limit", type=int, default=50, metavar="N", help="so many (default 50)")
    history.set_defaults(run=_history)


def _list(args: argparse.Namespace) -> int:
    return _show(args.terminal, args.terminal.exchange().call("alarm.list"))


def _acknowledge(args: argparse.Namespace) -> int:
    exchange = args.terminal.exchange()
    return _show(
        args.terminal, exchange.call("alarm.acknowledge", name=args.name, subject=args.subject, note=args.note)
    )


def _show(terminal: Terminal, alarms: list[dict[str, Any]]) -> int:
    return terminal.show(alarms, lambda: _lines(terminal, alarms))


def _lines(terminal: Terminal, alarms: list[dict[str, Any]]) -> Iterator[str]:
    if not alarms:
        yield terminal.word("no alarms")
    for alarm in alarms:
        words = alarm_words(alarm["name"], terminal.language)
        what = printable(f"{alarm['name']} {alarm['subject']}".strip())
        yield f"{terminal.moment(alarm['since_s'])}  {terminal.word(alarm['severity'])}  {what}"
        for text in (words.wrong, printable(_exactly(alarm, terminal.language)), words.remedy):
            if text:
                yield f"    {text}"
        if alarm["acknowledged_s"]:
            when = terminal.moment(alarm["acknowledged_s"])
            seen = f"{terminal.word('seen by')} {alarm['acknowledged_by']}, {when}  {alarm['note']}"
            yield f"    {printable(seen)}".rstrip()


def _exactly(alarm: dict[str, Any], language: str) -> str:
    return sentence(alarm["code"], alarm["facts"], language, alarm["detail"])


def _history(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    found = terminal.exchange().call("alarm.history", limit=args.limit)
    rows = [
        (
            terminal.moment(one["raised_s"]), terminal.moment(one["over_s"]) if one["over_s"] else "",
            terminal.word(one["severity"]), one["name"], one["subject"], one["acknowledged_by"],
            _exactly(one, terminal.language),
        )
        for one in found
    ]  # fmt: skip
    return terminal.show(found, lambda: terminal.table(HISTORY, rows))
