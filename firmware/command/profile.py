"""`busyhour profile`: the carriers and gateways a trunk may name as its profile, and what each sets."""

import argparse
from collections.abc import Iterator
from typing import Any

from firmware.command.terminal import Terminal, printable
from firmware.errors import NotFound

HEADS = ("profile", "name", "tried with")


def add_parser(subparsers: "argparse._SubParsersAction[Any]") -> None:
    """Add `profile` and its commands."""
    profile = subparsers.add_parser("profile", help="what is usual with carriers and gateways, for trunks to name")
    commands = profile.add_subparsers(dest="profile_command", required=True, metavar="COMMAND")
    listed = commands.add_parser("list", help="all profiles")
    listed.set_defaults(run=_list)
    show = commands.add_parser("show", help="what a profile sets, where that is published, and what the far end needs")
    show.add_argument("name", metavar="NAME", help="as in the list")
    show.set_defaults(run=_show)


def _list(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    told = terminal.exchange().call("profile.list")
    rows = [(one["name"], one[terminal.language], one["tried"]) for one in told]
    return terminal.show(told, lambda: terminal.table(HEADS, rows))


def _show(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    told = terminal.exchange().call("profile.list")
    found = next((one for one in told if one["name"] == args.name), None)
    if found is None:
        raise NotFound(f"there is no profile {args.name}; there are {', '.join(one['name'] for one in told)}")
    return terminal.show(found, lambda: _lines(terminal, found))


def _lines(terminal: Terminal, one: dict[str, Any]) -> Iterator[str]:
    yield printable(one[terminal.language])
    for key, value in one["sets"].items():
        written = " ".join(value) if isinstance(value, list) else str(value)
        yield printable(f"  {key} {written.lower()}")
    if advice := one[f"advice_{terminal.language}"]:
        yield printable(advice)
    for source in one["sources"]:
        yield printable(f"  {source}")
