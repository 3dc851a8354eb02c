"""`busyhour calls`: the records of calls, and the calls in progress."""

import argparse
from collections.abc import Iterator
from typing import Any

from firmware.command.terminal import Terminal, duration, printable

HEADS = ("time", "direction", "from", "name", "outcome", "queue", "agent", "waited", "talked", "call")
LIVE_HEADS = ("since", "direction", "from", "name", "line", "where", "with", "call")


def add_parser(subparsers: "argparse._SubParsersAction[Any]") -> None:
    """Add `calls` and its commands."""
    calls = subparsers.add_parser("calls", help="calls on record, newest first; `calls show CALL`, `calls live`")
    calls.add_argument("--limit", type=_count, default=20, metavar="N", help="at most so many (default 20)")
    calls.set_defaults(run=_list)
    commands = calls.add_subparsers(dest="calls_command", metavar="COMMAND")
    show = commands.add_parser("show", help="all that is known of one call: segments, recordings, events")
    show.add_argument("call", metavar="CALL", help="its id")
    show.set_defaults(run=_show)
    live = commands.add_parser("live", help="the calls in progress")
    live.set_defaults(run=_live)


def _count(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 500:
        raise argparse.ArgumentTypeError(f"{text}: 1 to 500 is right")
    return number


def _list(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    page = terminal.exchange().call("call.list", limit=args.limit)
    return terminal.show(page, lambda: _table(terminal, page["calls"]))


def _table(terminal: Terminal, calls: list[dict[str, Any]]) -> list[str]:
    if not calls:
        return [terminal.word("no calls are on record")]
    return terminal.table(HEADS, [_row(terminal, call) for call in calls])


def _row(terminal: Terminal, call: dict[str, Any]) -> tuple[Any, ...]:
    return (
        terminal.moment(call["started_s"]), terminal.word(call["direction"]), call["number"], call["name"],
        terminal.word(call["outcome"]), call["queue"], call["agent"], duration(call["wait_s"]),
        duration(call["talk_s"]), call["call_id"],
    )  # fmt: skip


def _show(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    detail = terminal.exchange().call("call.show", id=args.call)
    document = detail["call"] | {"files": detail["recordings"], "events": detail["events"]}
    return terminal.show(document, lambda: lines(terminal, document))


def lines(terminal: Terminal, call: dict[str, Any]) -> Iterator[str]:
    """Return a record in full, for people."""
    yield from _table(terminal, [call])
    start_s = call["started_s"]
    segments = [
        (f"{one['since_s'] - start_s:+.1f} s", one["kind"], one["who"], one["duration_s"]) for one in call["segments"]
    ]
    if segments:
        yield f"\n{terminal.word('segments')}"
        yield from terminal.table(("time", "kind", "with", "lasted"), segments)
    if call["files"]:
        yield f"\n{terminal.word('recordings')}"
        for file in call["files"]:
            length = "" if file["duration_s"] is None else f"  {file['duration_s']:.1f} s"
            yield f"{terminal.home / file['path']}{length}"
    if call["events"]:
        yield f"\n{terminal.word('events')}"
        for event in call["events"]:
            if event["kind"] == "stage.entered":
                continue  # for the exchange's own restart; it tells nothing new
            data = "  ".join(f"{key}={value}" for key, value in event["data"].items())
            yield printable(f"{event['at_s'] - start_s:+9.2f} s  {event['kind']:<18} {event['leg']:<2} {data}").rstrip()


def _live(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    calls = terminal.exchange().call("call.live")
    return terminal.show(calls, lambda: _live_table(terminal, calls))


def _live_table(terminal: Terminal, calls: list[dict[str, Any]]) -> list[str]:
    if not calls:
        return [terminal.word("no calls are in progress")]
    rows = [
        (
            terminal.moment(call["started_s"]), terminal.word(call["direction"]), call["number"], call["caller_name"],
            call["source"], f"{call['where']} {call['name']}".strip(),
            ", ".join(f"{leg['agent'] or leg['target']} {terminal.word(leg['state'])}" for leg in call["legs"]),
            call["id"],
        )
        for call in calls
    ]  # fmt: skip
    return terminal.table(LIVE_HEADS, rows)
