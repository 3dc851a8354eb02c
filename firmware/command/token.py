"""`busyhour token`: what other programs show to the box's REST interface, with a role each."""

import argparse
import secrets
from typing import Any

from firmware.command.terminal import Terminal

ROLES = ("admin", "supervisor", "agent", "viewer")
HEADS = ("name", "role", "agent", "by", "expires", "used", "address")


def add_parser(subparsers: "argparse._SubParsersAction[Any]") -> None:
    """Add `token` and its commands; without one of them it makes a token."""
    token = subparsers.add_parser(
        "token", help="what programs show to the REST interface: create, list, revoke; --role alone creates one"
    )
    commands = token.add_subparsers(dest="token_command", metavar="COMMAND")
    _with_rights(token, required=False)
    token.set_defaults(run=_create)
    create = commands.add_parser("create", help="make a token and print what to show; it is told only now")
    _with_rights(create, required=True)
    create.set_defaults(run=_create)
    commands.add_parser("list", help="all tokens: rights, age, last use").set_defaults(run=_list)
    revoke = commands.add_parser("revoke", help="make a token void at once")
    revoke.add_argument("name", metavar="NAME")
    revoke.set_defaults(run=_revoke)


def _with_rights(parser: argparse.ArgumentParser, *, required: bool) -> None:
    parser.add_argument("--role", choices=ROLES, required=required)
    parser.add_argument("--name", required=required, help="what it is for, such as crm; no spaces")
    parser.add_argument("--agent", default="", metavar="NUMBER", help="with the role agent: the only one it speaks for")
    parser.add_argument("--expires", type=int, metavar="DAYS", help="void after so many days (default: never)")


def _create(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    if args.role is None:
        return _list(args)
    name = args.name or f"{args.role}-{secrets.token_hex(3)}"
    wanted = {"expires_days": args.expires} if args.expires is not None else {}
    created = terminal.exchange().call("token.create", name=name, role=args.role, agent=args.agent, **wanted)
    sentence = terminal.word("token {name}, role {role}; it is told only now:")
    told = sentence.format(name=created["token"]["name"], role=terminal.word(created["token"]["role"]))
    return terminal.show(created, lambda: [told, created["secret"]])


def _list(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    found = terminal.exchange().call("token.list")
    rows = [
        (one["name"], terminal.word(one["role"]), one["agent"], one["by"], _moment(terminal, one["expires_s"]),
         _moment(terminal, one["used_s"]), one["used_from"])
        for one in found
    ]  # fmt: skip
    return terminal.show(found, lambda: terminal.table(HEADS, rows))


def _moment(terminal: Terminal, at_s: float) -> str:
    return terminal.moment(at_s) if at_s else ""


def _revoke(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    terminal.exchange().call("token.revoke", name=args.name)
    told = terminal.word("token {name} is revoked").format(name=args.name)
    return terminal.show({"revoked": args.name}, lambda: [told])
