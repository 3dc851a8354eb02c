"""`python -m firmware.console`: the serial console. `--port` serves a port, `--here` the terminal it is started in."""

import argparse
import logging
import os
import signal
import sys
import termios
from pathlib import Path

from firmware.console.port import BAUDS, Port
from firmware.console.session import Session
from firmware.console.terminal import HangUp, Terminal, stdin_is_terminal
from firmware.console.words import WORDS

IDLE_S = 900.0
MISUSED, FAILED = 2, 1


def main() -> int:
    """Serve, and return the exit code. Without --here the port comes from --port or from BUSYHOUR_CONSOLE."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    parser = argparse.ArgumentParser(prog="python -m firmware.console", description="The box's serial console.")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--port", metavar="PORT", help="a serial port such as /dev/ttyS0 (default: BUSYHOUR_CONSOLE)")
    where.add_argument("--here", action="store_true", help="the terminal this is started in")
    where.add_argument("--session", action="store_true", help=argparse.SUPPRESS)  # one session, on a port just opened
    parser.add_argument("--baud", type=int, choices=BAUDS, help="the port's speed (default 9600)")
    parser.add_argument("--idle-s", type=float, default=IDLE_S, metavar="S", help="log out after (default %(default)g)")
    args = parser.parse_args()
    home = Path(os.environ.get("BUSYHOUR_HOME") or "var").resolve()
    if args.here or args.session:
        return _session(home, args.idle_s, on_port=args.session)
    named, _, speed = os.environ.get("BUSYHOUR_CONSOLE", "").partition(":")
    port, baud = args.port or named, args.baud or (int(speed) if speed.isdecimal() and not args.port else 9600)
    if not port:
        parser.error("--port or --here is needed, or BUSYHOUR_CONSOLE, such as /dev/ttyS0:9600")
    if baud not in BAUDS:
        parser.error(f"BUSYHOUR_CONSOLE: {baud}: one of {', '.join(map(str, BAUDS))} is right")
    Port(port, baud, home, args.idle_s).serve()
    return FAILED


def _session(home: Path, idle_s: float, *, on_port: bool) -> int:
    if not stdin_is_terminal():
        print("console: this is no terminal; --port serves a serial port", file=sys.stderr)
        return MISUSED
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    terminal = Terminal(sys.stdin.fileno(), idle_s, WORDS["bye.idle"].en)
    try:
        if on_port:
            terminal.own()
        Session(terminal, home, may_set_password=not on_port).run()
        terminal.drain()
    except (HangUp, EOFError, termios.error):
        return 0
    finally:
        terminal.leave()
    return 0


if __name__ == "__main__":
    sys.exit(main())
