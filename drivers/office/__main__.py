"""The simulated central office as a program: `python -m drivers.office`, with its lines, telephones and spans."""

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import sys
from pathlib import Path

from drivers.office.board import BoardSocket
from drivers.office.control import ControlSocket
from drivers.office.country import COUNTRIES
from drivers.office.office import Office
from drivers.office.pace import Pace
from drivers.office.span import SIDES

EX_CONFIG = 78  # sysexits.h: starting again would not help
MOST_LINES = 64
PRIORITY = 1  # of real-time programs the last: the gateway's pump goes before


def keep_pace() -> None:
    """Run before ordinary programs, where that is allowed: a real board's clock is never late (sched(7))."""
    with contextlib.suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(PRIORITY))


async def serve(office: Office, home: Path) -> None:
    """Run until SIGTERM or SIGINT; OSError when a socket cannot be made."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    board = BoardSocket(office, home / "run" / "board.sock")
    control = ControlSocket(office, board, home / "run" / "office.sock")
    board.listen()
    await control.listen()
    pace = Pace()

    def tick() -> None:
        for late in range(pace.due() - 1, -1, -1):  # the callers' clock misses none
            board.tick(late)

    loop.add_reader(pace.fd, tick)
    logging.getLogger("office").info(
        "central office: %d lines, %d telephones, %d spans at %s",
        len(office.lines), len(office.telephones), len(office.spans), home / "run",
    )
    await ended.wait()
    loop.remove_reader(pace.fd)
    pace.close()
    await control.close()
    board.close()


def main() -> int:
    """Parse the arguments and serve; 0 when ended by a signal, 78 when it could not begin."""
    parser = argparse.ArgumentParser(prog="python -m drivers.office", description=__doc__)
    parser.add_argument("--lines", type=int, default=4, metavar="N", help="how many analog lines (default 4)")
    parser.add_argument(
        "--telephones", type=int, default=2, metavar="N", help="how many telephones at ports of the box (default 2)"
    )
    parser.add_argument("--spans", type=int, default=2, metavar="N", help="how many digital spans, 0 to 2 (default 2)")
    parser.add_argument("--country", choices=sorted(COUNTRIES), default="CN", help="whose tones and times (default CN)")
    arguments = parser.parse_args()
    if not 1 <= arguments.lines <= MOST_LINES:
        parser.error(f"argument --lines: {arguments.lines}, must be 1 to {MOST_LINES}")
    if not 0 <= arguments.telephones <= MOST_LINES:
        parser.error(f"argument --telephones: {arguments.telephones}, must be 0 to {MOST_LINES}")
    if not 0 <= arguments.spans <= len(SIDES):
        parser.error(f"argument --spans: {arguments.spans}, must be 0 to {len(SIDES)}")
    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    home = Path(os.environ.get("BUSYHOUR_HOME", "var")).absolute()
    keep_pace()
    try:
        office = Office(
            COUNTRIES[arguments.country], arguments.lines, telephones=arguments.telephones, spans=arguments.spans
        )
        asyncio.run(serve(office, home))
    except OSError as error:
        print(f"busyhour office: {error}", file=sys.stderr)
        return EX_CONFIG
    return 0


if __name__ == "__main__":
    sys.exit(main())
