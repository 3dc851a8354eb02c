"""`busyhour person`: a caller's data, shown, handed over as one file, and erased on request."""

import argparse
import os
from typing import Any

from firmware.command.calls import HEADS
from firmware.command.terminal import Terminal, duration
from firmware.retention import document


def add_parser(subparsers: "argparse._SubParsersAction[Any]") -> None:
    """Add `person` and its commands."""
    person = subparsers.add_parser("person", help="a caller's data: show, erase")
    commands = person.add_subparsers(dest="person_command", required=True, metavar="COMMAND")
    show = commands.add_parser("show", help="all that is on record of a number, however it is written")
    show.add_argument("number", metavar="NUMBER")
    show.add_argument("--export", metavar="FILE", default="", help="write all of it with the recordings into a new zip")
    show.set_defaults(run=_show)
    erase = commands.add_parser("erase", help="delete the recordings, and take the number out of all records")
    erase.add_argument("number", metavar="NUMBER")
    erase.add_argument("--reason", required=True, metavar="TEXT", help="what the audit says of it")
    erase.set_defaults(run=_erase)


def _show(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    found = terminal.exchange().call("person.show", number=args.number)
    if args.export:
        with open(args.export, "xb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            document.write(found, terminal.home, file)
    return terminal.show(found, lambda: _lines(terminal, found))


def _lines(terminal: Terminal, found: dict[str, Any]) -> list[str]:
    rows = [
        (
            terminal.moment(call["started_s"]), terminal.word(call["direction"]), call["number"], call["name"],
            terminal.word(call["outcome"]), call["queue"], call["agent"], duration(call["wait_s"]),
            duration(call["talk_s"]), call["call_id"],
        )
        for call in (one["call"] for one in found["calls"])
    ]  # fmt: skip
    lines = terminal.table(HEADS, rows) if rows else [terminal.word("nothing is on record of this number")]
    count = sum(len(one["recordings"]) for one in found["calls"])
    lines.append(f"{terminal.word('recordings')}: {count}")
    lines += [f"{terminal.word('legal hold')}: {hold['by']}: {hold['why']}" for hold in found["holds"]]
    lines += [f"{terminal.word('erased')}: {terminal.moment(at_s)}" for at_s in found["erased_s"]]
    return lines


def _erase(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    erased = terminal.exchange().call("person.erase", number=args.number, reason=args.reason)
    sentence = terminal.word("{calls} calls are anonymous now, {recordings} recordings are deleted")
    return terminal.show(erased, lambda: [sentence.format(**erased)])
