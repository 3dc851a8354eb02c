"""`busyhour ban`: who is kept out, telephones that do not get in, and letting somebody in again."""

import argparse
from collections.abc import Iterator
from typing import Any

from firmware.command.terminal import Terminal, printable
from firmware.health.ban_words import ban_words, turned_do, turned_words

HEADS = ("kept out", "why", "since", "until")


def add_parser(subparsers: "argparse._SubParsersAction[Any]") -> None:
    """Add `ban` and its commands."""
    ban = subparsers.add_parser("ban", help="who is kept out, why a telephone does not register, and letting in again")
    commands = ban.add_subparsers(dest="ban_command", required=True, metavar="COMMAND")
    listed = commands.add_parser("list", help="who is kept out now, and telephones turned away within the last hour")
    listed.set_defaults(run=_list)
    lift = commands.add_parser("lift", help="let an address, or a user at sign-in, try again at once")
    lift.add_argument("subject", metavar="ADDRESS", help="as in the list")
    lift.set_defaults(run=_lift)


def _list(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    told = terminal.exchange().call("ban.list")
    return terminal.show(told, lambda: _lines(terminal, told))


def _lift(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    told = terminal.exchange().call("ban.lift", subject=args.subject)
    sentence = terminal.word("{subject} is let in again").format(subject=args.subject)
    return terminal.show(told, lambda: [printable(sentence)])


def _lines(terminal: Terminal, told: dict[str, Any]) -> Iterator[str]:
    if not told["edge"]:
        yield terminal.word("the edge does not tell whom it keeps out")
    rows = [
        (
            one["subject"], ban_words(one, terminal.language),
            terminal.moment(one["since_s"]) if one["since_s"] else "",
            terminal.moment(one["until_s"]),
        )
        for one in told["bans"]
    ]  # fmt: skip
    if rows:
        yield from terminal.table(HEADS, rows)
    for one in told["turned"]:
        said, do = turned_words(one, terminal.language), turned_do(one["why"], terminal.language)
        yield printable(f"{terminal.moment(one['last_s'])}  {said}: {do}")
    if told["more"]:
        yield terminal.word("there are more than the edge can list")
    elif not rows and not told["turned"] and told["edge"]:
        yield terminal.word("nobody is kept out, and no telephone was turned away")
