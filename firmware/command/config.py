"""`busyhour config`: the configuration, shown, checked, replaced and taken back."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from firmware.command.terminal import DONE, FAILED, Terminal, printable
from firmware.config import check, document
from firmware.config.changes import Difference
from firmware.errors import BadConfig, Problem, Unavailable
from firmware.prompts import catalogue


def add_parser(subparsers: "argparse._SubParsersAction[Any]") -> None:
    """Add `config` and its commands."""
    config = subparsers.add_parser("config", help="the configuration: show, check, import, export, history, rollback")
    commands = config.add_subparsers(dest="config_command", required=True, metavar="COMMAND")

    show = commands.add_parser("show", help="what is in force, without secrets")
    show.add_argument("revision", nargs="?", type=int, metavar="REV", help="an earlier revision instead")
    show.set_defaults(run=_show)

    checked = commands.add_parser("check", help="say what is wrong with a configuration, changing nothing")
    checked.add_argument("file", metavar="FILE", help="a JSON file; - for standard input")
    checked.set_defaults(run=_check)

    imported = commands.add_parser("import", help="put a configuration in force, whole, or refuse it whole")
    imported.add_argument("file", metavar="FILE", help="a JSON file as `config export` writes it; - for standard input")
    imported.add_argument("--why", default="", metavar="TEXT", help="what the history says of it")
    imported.set_defaults(run=_import)

    exported = commands.add_parser("export", help="print what is in force as JSON that `config import` takes")
    exported.add_argument("--secrets", action="store_true", help="with all secrets in clear; else they are left out")
    exported.set_defaults(run=_export)

    history = commands.add_parser("history", help="all revisions: who, when, why")
    history.add_argument("revision", nargs="?", type=int, metavar="REV", help="what this one changed")
    history.set_defaults(run=_history)

    rollback = commands.add_parser("rollback", help="put an earlier revision in force again, as a new one")
    rollback.add_argument("revision", type=int, metavar="REV")
    rollback.add_argument("--why", default="", metavar="TEXT", help="what the history says of it")
    rollback.set_defaults(run=_rollback)


def _show(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    shown = terminal.exchange().call("config.get", revision=args.revision)
    return terminal.show(shown, lambda: _outline(shown["config"]))


def _check(args: argparse.Namespace) -> int:
    """The exchange knows best, stages and all; with it dead, the configuration's own rules are applied here."""
    terminal: Terminal = args.terminal
    try:
        config = _read(args.file)
    except BadConfig as error:
        return terminal.fail(error)
    try:
        found = terminal.exchange().call("config.check", config=config)["problems"]
        problems = msgspec.convert(found, list[Problem])
    except Unavailable:
        terminal.complain("the exchange is not running: only the rules of the configuration itself are applied")
        problems = _problems(config)
    if problems:
        for problem in problems:
            terminal.complain(f"{_name(args.file)}: {printable(str(problem))}")
    terminal.show({"problems": problems}, lambda: [] if problems else [terminal.word("nothing is wrong")])
    return FAILED if problems else DONE


def _problems(config: Any) -> list[Problem]:
    try:
        check.load(config, catalogue.wrong_with)
    except BadConfig as error:
        return error.problems
    return []


def _import(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    config = _read(args.file)
    try:
        change = terminal.exchange().call("config.import", config=config, why=args.why)
    except BadConfig as error:
        return terminal.fail(error, _name(args.file))
    return terminal.show(change, lambda: _change(terminal, change))


def _export(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    terminal.print(terminal.dump(terminal.exchange().call("config.export", secrets=args.secrets)))
    return DONE


def _history(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    if args.revision is not None:
        found = terminal.exchange().call("config.differences", revision=args.revision)
        return terminal.show(found, lambda: _differences(terminal, found))
    history = terminal.exchange().call("config.history")
    rows = [(one["number"], one["when"], one["who"], one["why"] or one["broken"]) for one in history]
    return terminal.show(history, lambda: terminal.table(("revision", "when", "who", "why"), rows))


def _rollback(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    change = terminal.exchange().call("config.rollback", revision=args.revision, why=args.why)
    return terminal.show(change, lambda: _change(terminal, change))


def _read(file: str) -> Any:
    """Return a file's document; raises BadConfig for what is none, OSError for what cannot be read."""
    data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    return document.read(data, _name(file))


def _name(file: str) -> str:
    return "standard input" if file == "-" else file


def _change(terminal: Terminal, change: dict[str, Any]) -> Iterator[str]:
    yield f"{terminal.word('revision')} {change['revision']['number']} {terminal.word('is in force')}"
    yield from _differences(terminal, change["differences"])


def _differences(terminal: Terminal, found: list[dict[str, Any]]) -> Iterator[str]:
    if not found:
        yield terminal.word("nothing changed")
    for difference in msgspec.convert(found, list[Difference]):
        yield f"  {printable(str(difference))}"


def _outline(value: Any, depth: int = 0) -> Iterator[str]:
    """Print nested values by indentation: shorter to read than JSON."""
    space = "  " * depth
    for key, one in value.items():
        if isinstance(one, dict) and one:
            yield f"{space}{key}:"
            yield from _outline(one, depth + 1)
        elif isinstance(one, list) and one and isinstance(one[0], dict):
            yield f"{space}{key}:"
            for entry in one:
                first, *rest = _outline(entry, depth + 2)
                yield f"{space}  - {first.strip()}"
                yield from rest
        else:
            yield f"{space}{key}: {_scalar(one)}"


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return printable(value) or '""'
    if isinstance(value, list | dict):
        return ", ".join(_scalar(one) for one in value) or "-"
    return "-" if value is None else f"{value:g}" if isinstance(value, float) else str(value).lower()
