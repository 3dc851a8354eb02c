"""`busyhour extension`: the telephones inside."""

import argparse
from typing import Any

from firmware.command.terminal import Terminal


def add_parser(subparsers: "argparse._SubParsersAction[Any]") -> None:
    """Add `extension` and its commands."""
    extension = subparsers.add_parser("extension", help="the telephones inside: list them, tell a secret")
    commands = extension.add_subparsers(dest="extension_command", required=True, metavar="COMMAND")
    listed = commands.add_parser("list", help="which are registered, and who is logged in there")
    listed.set_defaults(run=_list)
    secret = commands.add_parser("secret", help="print the secret to type into a telephone")
    secret.add_argument("number", metavar="NUMBER")
    secret.set_defaults(run=_secret)


def _list(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    found = terminal.exchange().call("extension.list")
    rows = [
        (
            one["number"], one["name"], terminal.word("registered" if one["registered"] else "absent"),
            one["port"] or "-", one["agent"],
        )
        for one in found
    ]  # fmt: skip
    return terminal.show(found, lambda: terminal.table(("number", "name", "telephone", "port", "agent"), rows))


def _secret(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    found = terminal.exchange().call("extension.secret", number=args.number)
    return terminal.show(found, lambda: [found["secret"]])
