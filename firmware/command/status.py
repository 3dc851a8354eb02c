"""`busyhour status`: how the box is."""

import argparse
from collections.abc import Iterator
from typing import Any

import msgspec

from firmware.command.terminal import Terminal, duration, printable
from firmware.details import sentence
from firmware.errors import BusyhourError


def add_parser(subparsers: "argparse._SubParsersAction[Any]") -> None:
    """Add `status`."""
    parser = subparsers.add_parser("status", help="how the box is: programs, lines, calls, agents, alarms")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print it; with the exchange dead, what the supervisor knows, and fail."""
    terminal: Terminal = args.terminal
    programs = programs_of(terminal)
    try:
        status = terminal.exchange().call("status")
    except BusyhourError as error:
        if not terminal.json:
            terminal.show(None, lambda: _programs(terminal, programs))
        return terminal.fail(error)
    return terminal.show(status | {"programs": programs}, lambda: _lines(terminal, status, programs))


def programs_of(terminal: Terminal) -> list[dict[str, Any]]:
    """Return what the supervisor wrote of its programs; nothing when it never ran here."""
    try:
        written = msgspec.json.decode((terminal.home / "run" / "programs.json").read_bytes())
    except (OSError, msgspec.DecodeError):
        return []
    rows = written.get("programs", []) if isinstance(written, dict) else written
    return [row for row in rows if isinstance(row, dict)]


def _lines(terminal: Terminal, status: dict[str, Any], programs: list[dict[str, Any]]) -> Iterator[str]:
    word = terminal.word
    up = duration(status["at_s"] - status["started_s"])
    name, release = printable(status["box"]["name"]), status["version"]
    yield f"{name}  busyhour {release}  {word('up')} {up}  {word('configuration')} {status['revision']}"
    yield from _programs(terminal, programs)
    gateway = word("connected" if status["gateway"]["connected"] else "not connected")
    if not status["gateway"]["provisioned"]:
        gateway += f", {word('not yet configured')}"
    facts = {
        "gateway": gateway,
        "lines": _counts(terminal, status["lines"]),
        "calls": f"{status['calls']}, {status['waiting']} {word('waiting')}",
        "agents": _counts(terminal, status["agents"]),
        "telephones": f"{status['registered']} / {status['extensions']} {word('registered')}",
    }
    if status["banned"] or status["turned"]:
        facts["kept out"] = str(status["banned"])
        facts["telephones turned away"] = f"{status['turned']} (busyhour ban list)"
    for fact, value in facts.items():
        yield f"{word(fact)}: {value}"
    for alarm in status["alarms"]:
        what = f"{alarm['name']} {alarm['subject']}".strip()
        exactly = sentence(alarm["code"], alarm["facts"], terminal.language, alarm["detail"])
        yield f"{word('alarms')}: {terminal.moment(alarm['since_s'])}  {printable(what)}: {printable(exactly)}"
    for problem in status["config_problems"]:
        yield f"{word('configuration')}: {printable(problem['path'])}: {printable(str(problem['value']))}"


def _programs(terminal: Terminal, programs: list[dict[str, Any]]) -> Iterator[str]:
    if programs:
        told = (
            f"{row.get('name', '?')} {terminal.word(row.get('state', ''))} ({row.get('pid', '-')})" for row in programs
        )
        yield f"{terminal.word('programs')}: {printable(', '.join(told))}"


def _counts(terminal: Terminal, counts: dict[str, int]) -> str:
    told = [f"{count} {terminal.word(state)}" for state, count in counts.items()]
    return ", ".join(told) or terminal.word("none")
