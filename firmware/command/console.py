"""`busyhour console`: the serial console's own password."""

import argparse
import getpass
import sys
from typing import Any

from firmware.command.terminal import FAILED, Terminal
from firmware.console.password import BadPassword, Password


def add_parser(subparsers: "argparse._SubParsersAction[Any]") -> None:
    """Add `console` and its command."""
    console = subparsers.add_parser("console", help="the serial console: password")
    commands = console.add_subparsers(dest="console_command", required=True, metavar="COMMAND")
    password = commands.add_parser("password", help="set its password; read from standard input if that is no terminal")
    password.set_defaults(run=_password)


def _password(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    if sys.stdin.isatty():
        chosen = getpass.getpass("console password: ")
        if getpass.getpass("again: ") != chosen:
            terminal.complain("these two are not the same")
            return FAILED
    else:
        chosen = sys.stdin.readline().rstrip("\r\n")
    try:
        Password(terminal.home).set(chosen)
    except BadPassword as error:
        terminal.complain(f"console password: {error}")
        return FAILED
    return terminal.show({"set": True}, lambda: [terminal.word("the console's password is set")])
