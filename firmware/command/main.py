"""The `busyhour` command: one module a noun; parses, runs, and ends as Unix programs end.

A noun's module has `add_parser(subparsers)`, which sets `run` to what carries out the parsed arguments and returns the
exit code. It finds a Terminal in `args.terminal`, and whether JSON is wanted in `args.json`.
"""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from firmware.command import (
    agent,
    alarm,
    backup,
    ban,
    calls,
    certificate,
    config,
    console,
    demo,
    extension,
    hold,
    limit,
    line,
    office,
    person,
    profile,
    prompt,
    queue,
    span,
    status,
    support,
    token,
    user,
    webhook,
)
from firmware.command.terminal import FAILED, IO_ERROR, MISUSED, Terminal
from firmware.control.version import version
from firmware.errors import BusyhourError

NOUNS = (
    status,
    alarm,
    config,
    extension,
    ban,
    calls,
    queue,
    agent,
    line,
    span,
    limit,
    profile,
    prompt,
    user,
    token,
    certificate,
    webhook,
    office,
    console,
    demo,
    support,
    backup,
    hold,
    person,
)


class Misused(Exception):
    """The words on the command line mean nothing together."""

    def __init__(self, usage: str, message: str) -> None:
        super().__init__(message)
        self.usage = usage


class Parser(argparse.ArgumentParser):
    """Raises where argparse would print and exit, so that --json gets its one document then too."""

    def error(self, message: str) -> NoReturn:
        """Raise Misused."""
        raise Misused(self.format_usage(), message)


def parser() -> Parser:
    """Return the command's grammar."""
    whole = Parser(
        prog="busyhour",
        description="Look after a Busyhour box: its state, configuration, calls, queues, agents and users.",
        epilog="BUSYHOUR_HOME says which box (default ./var). --json anywhere gives one JSON document. "
        "Exit codes: 0 done, 1 refused or failed, 2 misused, 69 not running, 74 files or disk.",
    )
    whole.add_argument("--version", action="version", version=f"busyhour {version()}")
    whole.add_argument("--json", action="store_true", help="print one JSON document (may stand anywhere)")
    subparsers = whole.add_subparsers(dest="noun", metavar="NOUN", required=True)
    for noun in NOUNS:
        noun.add_parser(subparsers)
    return whole


def main(words: Sequence[str] | None = None) -> int:
    """Carry out a command line and return the exit code."""
    given = list(sys.argv[1:] if words is None else words)
    as_json = "--json" in given
    for stream in (sys.stdout, sys.stderr):
        _never_fail(stream)
    terminal = Terminal(as_json=as_json)
    try:
        args = parser().parse_args([one for one in given if one != "--json"])
        args.json, args.terminal = as_json, terminal
        code = int(args.run(args) or 0)
        sys.stdout.flush()
        return code
    except Misused as error:
        return _misused(terminal, error)
    except BusyhourError as error:
        return terminal.fail(error)
    except KeyboardInterrupt:
        return _end_by(signal.SIGINT)
    except BrokenPipeError:
        return _end_by(signal.SIGPIPE)
    except OSError as error:
        terminal.complain(f"{error.filename or 'input or output'}: {error.strerror or error}")
        return IO_ERROR
    finally:
        terminal.close()


def _misused(terminal: Terminal, error: Misused) -> int:
    sys.stderr.write(error.usage)
    terminal.complain(str(error))
    if terminal.json:
        terminal.print(terminal.dump({"error": {"code": "usage", "message": str(error)}}))
    return MISUSED


def _end_by(number: signal.Signals) -> int:
    """End as if the signal had not been caught: the shell sees it, and nothing more is printed."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    return FAILED


def _never_fail(stream: Any) -> None:
    """Let a terminal of another character set show what it cannot write as a code."""
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="backslashreplace")


if __name__ == "__main__":
    sys.exit(main())
