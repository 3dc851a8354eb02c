"""`busyhour hold`: calls and numbers that nothing deletes."""

import argparse
from typing import Any

from firmware.command.terminal import Terminal

HEADS = ("hold", "kind", "subject", "by", "why", "since", "until", "lifted")


def add_parser(subparsers: "argparse._SubParsersAction[Any]") -> None:
    """Add `hold` and its commands."""
    hold = subparsers.add_parser("hold", help="legal holds on calls and numbers: list, place, lift")
    commands = hold.add_subparsers(dest="hold_command", required=True, metavar="COMMAND")
    commands.add_parser("list", help="all holds, newest first").set_defaults(run=_list)
    place = commands.add_parser("place", help="let nothing delete a call, or all calls of a number")
    what = place.add_mutually_exclusive_group(required=True)
    what.add_argument("--call", default="", metavar="CALL")
    what.add_argument("--number", default="", metavar="NUMBER")
    place.add_argument("--why", required=True, metavar="TEXT")
    place.set_defaults(run=_place)
    lift = commands.add_parser("lift", help="end a hold")
    lift.add_argument("hold", type=int, metavar="HOLD", help="its number")
    lift.set_defaults(run=_lift)


def _list(args: argparse.Namespace) -> int:
    return _show(args.terminal, args.terminal.exchange().call("hold.list"))


def _place(args: argparse.Namespace) -> int:
    client = args.terminal.exchange()
    return _show(args.terminal, client.call("hold.place", call=args.call, number=args.number, why=args.why))


def _lift(args: argparse.Namespace) -> int:
    return _show(args.terminal, args.terminal.exchange().call("hold.lift", id=args.hold))


def _show(terminal: Terminal, holds: list[dict[str, Any]]) -> int:
    rows = [
        (
            one["id"], one["kind"], one["subject"], one["by"], one["why"], terminal.moment(one["since_s"]),
            terminal.moment(one["until_s"]) if one["until_s"] else "",
            terminal.moment(one["lifted_s"]) if one["lifted_s"] else "",
        )
        for one in holds
    ]  # fmt: skip
    return terminal.show(holds, lambda: terminal.table(HEADS, rows))
