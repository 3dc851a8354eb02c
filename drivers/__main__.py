"""Runs the gateway: `python -m drivers`."""

import asyncio
import gc
import logging
import os
import signal
import sys
from pathlib import Path

from drivers.boards.base import Board
from drivers.boards.dahdi import board as dahdi
from drivers.boards.sim.board import SimBoard
from drivers.gateway import Gateway
from drivers.link.address import parse
from drivers.link.errors import DriverError
from native.media import MediaError

EX_CONFIG = 78  # sysexits.h: starting again would not help
SWITCH_S = 0.0005  # a thread that reads a prompt must not hold up the answer to an INVITE


def main() -> None:
    """Read the environment and run until SIGTERM or SIGINT; exits with 78 and a line on standard error if it cannot."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    sys.setswitchinterval(SWITCH_S)
    try:
        asyncio.run(run(Path(os.environ.get("BUSYHOUR_HOME") or "var").resolve()))
    except (DriverError, MediaError, OSError) as error:
        print(f"busyhour gateway: {error}", file=sys.stderr)
        sys.exit(EX_CONFIG)


async def run(home: Path) -> None:
    """Run the gateway that the environment describes until told to end."""
    edge = parse("BUSYHOUR_SIP", os.environ.get("BUSYHOUR_SIP") or "127.0.0.1:5060")
    listen = parse("BUSYHOUR_GATEWAY_SIP", os.environ.get("BUSYHOUR_GATEWAY_SIP", ""))
    inside = parse("BUSYHOUR_EDGE", os.environ.get("BUSYHOUR_EDGE") or str(edge))
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    board: Board = dahdi.DahdiBoard(home) if dahdi.found() else SimBoard(home)
    gateway = Gateway(home, listen, edge, board, inside.port)
    await gateway.start()
    gc.freeze()  # what is there now stays: a collection need not look at it each time
    gc.set_threshold(20_000, 20, 50)
    await ended.wait()
    await gateway.close()


if __name__ == "__main__":
    main()
