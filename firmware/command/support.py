"""`busyhour support`: the file that a support engineer asks for first."""

import argparse
import time
from pathlib import Path
from typing import Any

from firmware import support
from firmware.command.terminal import Terminal


def add_parser(subparsers: "argparse._SubParsersAction[Any]") -> None:
    """Add `support`."""
    parser = subparsers.add_parser("support", help="write releases, state, configuration and logs into one file")
    parser.add_argument("file", nargs="?", metavar="FILE", help="a new file (default: one named after now, here)")
    parser.set_defaults(run=_support)


def _support(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    path = Path(args.file or support.file_name(time.time()))
    size = support.write(path, terminal.home, lambda method: terminal.exchange().call(method))
    return terminal.show({"path": str(path), "bytes": size}, lambda: [f"{path} ({size} bytes)"])
