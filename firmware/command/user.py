"""`busyhour user`: who may sign in at the page. Whoever runs this is the box's own user, and may do all of it."""

import argparse
from typing import Any

from firmware.command.terminal import Terminal

ROLES = ("admin", "supervisor", "agent", "viewer")
HEADS = ("name", "role", "agent", "language", "password", "signed in")
AUDIT = ("time", "what", "user", "by", "address", "detail")


def add_parser(subparsers: "argparse._SubParsersAction[Any]") -> None:
    """Add `user` and its commands."""
    user = subparsers.add_parser("user", help="who may sign in: list, add, remove, role, password, audit")
    commands = user.add_subparsers(dest="user_command", required=True, metavar="COMMAND")
    commands.add_parser("list", help="who may sign in, and as what").set_defaults(run=_list)
    add = _named(commands, "add", "make a user, and print a one-time password for them", _add)
    _with_role(add, required=True)
    add.add_argument("--language", choices=("zh", "en"), help="what they read (default: the box's language)")
    _named(commands, "remove", "remove a user, who is signed out everywhere", _remove)
    role = _named(commands, "role", "give a user another role; they must sign in again", _role)
    _with_role(role, required=False)
    _named(commands, "password", "print a new one-time password for a user, in place of the one they have", _password)
    audit = commands.add_parser("audit", help="who signed in or was refused, and who changed whom")
    audit.add_argument("--limit", type=int, default=50, metavar="N", help="so many entries, newest first (default 50)")
    audit.set_defaults(run=_audit)


def _named(commands: "argparse._SubParsersAction[Any]", name: str, text: str, run: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text)
    parser.add_argument("name", metavar="NAME")
    parser.set_defaults(run=run)
    return parser


def _with_role(parser: argparse.ArgumentParser, *, required: bool) -> None:
    if required:
        parser.add_argument("--role", choices=ROLES, required=True)
    else:
        parser.add_argument("role", choices=ROLES, metavar="ROLE", help=", ".join(ROLES))
    parser.add_argument("--agent", default="", metavar="NUMBER", help="which agent they are; for the role agent")


def _list(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    found = terminal.exchange().call("user.list")
    rows = [
        (one["name"], terminal.word(one["role"]), one["agent"], one["language"], terminal.word(one["password"]),
         terminal.moment(one["signed_in_s"]) if one["signed_in_s"] else "")
        for one in found
    ]  # fmt: skip
    return terminal.show(found, lambda: terminal.table(HEADS, rows))


def _add(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    wanted = {"language": args.language} if args.language else {}
    return _give(terminal, terminal.exchange().call(
        "user.add", name=args.name, role=args.role, agent=args.agent, **wanted
    ))  # fmt: skip


def _password(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    return _give(terminal, terminal.exchange().call("user.password", name=args.name))


def _give(terminal: Terminal, given: dict[str, Any]) -> int:
    sentence = terminal.word("sign in as {name} with {password}, once, and choose a password")
    return terminal.show(given, lambda: [sentence.format(name=given["user"]["name"], password=given["password"])])


def _remove(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    terminal.exchange().call("user.remove", name=args.name)
    return terminal.show({"removed": args.name}, lambda: [_say(terminal, "user {name} is removed", name=args.name)])


def _role(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    user = terminal.exchange().call("user.role", name=args.name, role=args.role, agent=args.agent)
    sentence = "user {name} has the role {role}"
    return terminal.show(user, lambda: [_say(terminal, sentence, name=user["name"], role=terminal.word(user["role"]))])


def _say(terminal: Terminal, sentence: str, **filled: str) -> str:
    return terminal.word(sentence).format(**filled)


def _audit(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    found = terminal.exchange().call("user.audit", limit=args.limit)
    rows = [
        (terminal.moment(one["at_s"]), one["what"], one["user"], one["by"], one["address"], one["detail"])
        for one in found
    ]
    return terminal.show(found, lambda: terminal.table(AUDIT, rows))
