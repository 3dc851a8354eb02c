"""`busyhour extension`: the telephones inside."""

import argparse
from typing import Any

from firmware.command.terminal import Terminal


def add_parser(subparsers: "argparse._SubParsersAction[Any]") -> None:
    """Add `extension` and its commands."""
    extension = subparsers.add_parser("extension", help="the telephones inside: list them, tell a secret, new messages")
    commands = extension.add_subparsers(dest="extension_command", required=True, metavar="COMMAND")
    listed = commands.add_parser("list", help="which are registered, and who is logged in there")
    listed.set_defaults(run=_list)
    secret = commands.add_parser("secret", help="print the secret to type into a telephone")
    secret.add_argument("number", metavar="NUMBER")
    secret.set_defaults(run=_secret)
    waiting = commands.add_parser("waiting", help="say how many new messages wait elsewhere: the telephone shows it")
    waiting.add_argument("number", metavar="NUMBER")
    waiting.add_argument("new", metavar="COUNT", type=int, help="0 for none")
    waiting.set_defaults(run=_waiting)


def _list(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    found = terminal.exchange().call("extension.list")
    rows = [
        (
            one["number"], one["name"], terminal.word("registered" if one["registered"] else "absent"),
            one["port"] or "-", one["group"] or "-", one["agent"], _new(terminal, one),
        )
        for one in found
    ]  # fmt: skip
    heads = ("number", "name", "telephone", "port", "group", "agent", "new messages")
    return terminal.show(found, lambda: terminal.table(heads, rows))


def _waiting(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    found = terminal.exchange().call("extension.waiting", number=args.number, new=args.new)
    return terminal.show(found, lambda: [f"{found['number']}: {_new(terminal, found)} {terminal.word('new messages')}"])


def _new(terminal: Terminal, extension: dict[str, Any]) -> str:
    """Return how many new messages wait, and that nobody sees it where that is so."""
    unseen = extension["waiting"] and not extension["shows_waiting"]
    return str(extension["waiting"]) + (f" ({terminal.word('not shown: no QSIG')})" if unseen else "")


def _secret(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    found = terminal.exchange().call("extension.secret", number=args.number)
    return terminal.show(found, lambda: [found["secret"]])
