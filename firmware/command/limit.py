"""`busyhour limit`: the daily limits of calls outside."""

import argparse
from typing import Any

from firmware.command.terminal import Terminal

HEADS = ("limit", "extension", "calls", "most", "minutes", "most")


def add_parser(subparsers: "argparse._SubParsersAction[Any]") -> None:
    """Add `limit` and its commands."""
    limit = subparsers.add_parser("limit", help="the daily limits of calls outside: what is used, and a new beginning")
    commands = limit.add_subparsers(dest="limit_command", required=True, metavar="COMMAND")
    listed = commands.add_parser("list", help="calls and minutes today, of the box and of extensions that called")
    listed.set_defaults(run=_run, method="limit.list")
    reset = commands.add_parser("reset", help="count anew from now on: what a limit closed is open again")
    reset.set_defaults(run=_run, method="limit.reset")


def _run(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    limits = terminal.exchange().call(args.method)
    return terminal.show(limits, lambda: terminal.table(HEADS, [_row(terminal, limit) for limit in limits]))


def _row(terminal: Terminal, limit: dict[str, Any]) -> tuple[Any, ...]:
    calls, minutes = ("-" if limit[most] is None else limit[most] for most in ("most_calls", "most_minutes"))
    name = terminal.word(limit["name"].replace("_", " "))
    return name, limit["extension"], limit["calls"], calls, limit["minutes"], minutes
