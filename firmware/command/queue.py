"""`busyhour queue`: the waiting lists."""

import argparse
from typing import Any

from firmware.command.terminal import Terminal, duration

HEADS = (
    "queue", "title", "waiting", "longest", "agents", "ready", "talking", "acw", "not ready", "answered", "abandoned",
    "timed out", "overflowed",
)  # fmt: skip


def add_parser(subparsers: "argparse._SubParsersAction[Any]") -> None:
    """Add `queue` and its commands."""
    queue = subparsers.add_parser("queue", help="the waiting lists, now and today")
    commands = queue.add_subparsers(dest="queue_command", required=True, metavar="COMMAND")
    listed = commands.add_parser("list", help="callers and agents now, and what became of today's callers")
    listed.set_defaults(run=_list)


def _list(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    queues = terminal.exchange().call("queue.list")
    return terminal.show(queues, lambda: terminal.table(HEADS, [_row(queue) for queue in queues]))


def _row(queue: dict[str, Any]) -> tuple[Any, ...]:
    longest = duration(queue["longest_wait_s"]) if queue["waiting"] else "-"
    return (
        queue["name"], queue["title"], queue["waiting"], longest, queue["agents"], queue["ready"], queue["talking"],
        queue["acw"], queue["not_ready"], queue["answered_today"], queue["abandoned_today"], queue["timed_out_today"],
        queue["overflowed_today"],
    )  # fmt: skip
