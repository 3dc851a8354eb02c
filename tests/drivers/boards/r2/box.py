"""The real gateway on one end of a simulated E1 with bits for each timeslot: `python -m tests.drivers.boards.r2.box`.

Arguments: the bits' descriptor, then SLOT=DESCRIPTOR for each timeslot; the environment is the gateway's.
"""

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

from drivers.gateway import Gateway
from drivers.link.address import parse
from tests.drivers.boards.r2.wires import CasBoard, LocalCas


async def serve(bits: int, slots: dict[int, int]) -> None:
    """Run until SIGTERM."""
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    span = LocalCas(1, socket.socket(fileno=bits), {slot: socket.socket(fileno=fd) for slot, fd in slots.items()})
    edge, listen = (parse(name, os.environ[name]) for name in ("BUSYHOUR_SIP", "BUSYHOUR_GATEWAY_SIP"))
    gateway = Gateway(Path(os.environ["BUSYHOUR_HOME"]), listen, edge, CasBoard({1: span}))
    await gateway.start()
    await ended.wait()
    await gateway.close()


if __name__ == "__main__":
    given = dict(argument.split("=") for argument in sys.argv[2:])
    asyncio.run(serve(int(sys.argv[1]), {int(slot): int(fd) for slot, fd in given.items()}))
