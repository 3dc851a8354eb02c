"""The simulated central office at the other end of DAHDI's own wires: `python -m tests.lab.central_office`.

Its lines 1 to 4 are the channels 32 to 35 (`fxoks`): it rings them, sees their loops, and talks there.
"""

import asyncio
import logging
import os
import signal
import sys
from pathlib import Path

from drivers.boards.dahdi import device
from drivers.office.control import ControlSocket
from drivers.office.country import COUNTRIES
from drivers.office.office import Office
from drivers.office.sound import BLOCK
from native.dahdi import Event, Hook
from native.dsp import alaw_decode, alaw_encode

FIRST_CHANNEL = 32
LINES = 4
BEFORE = 2          # blocks written before the first is heard
DAHDI_EVENT = 500   # ELAST
AGAIN_S = 0.05

log = logging.getLogger("office")


class Wire:
    """One line's channel."""

    def __init__(self, office: Office, number: int) -> None:
        self.line = office.line(number)
        self.fd = device.open_voice(FIRST_CHANNEL + number - 1)
        self.slips = 0
        self._rings = False
        for _ in range(BEFORE):
            self.write(bytes(2 * BLOCK))

    def read(self) -> bytes | None:
        """Return a block's samples, None when there is none."""
        for _ in range(2):
            try:
                block = os.read(self.fd, device.BLOCK)
            except BlockingIOError:
                return None
            except OSError as error:
                if error.errno != DAHDI_EVENT:
                    raise
                self.take_events()
                continue
            return alaw_decode(block)
        return None

    def write(self, samples: bytes) -> None:
        """Send a block."""
        try:
            os.write(self.fd, alaw_encode(samples))
        except BlockingIOError:
            self.slips += 1
        except OSError as error:
            if error.errno != DAHDI_EVENT:
                raise
            self.take_events()
            os.write(self.fd, alaw_encode(samples))

    def take_events(self) -> None:
        """Learn of the loop."""
        for code in device.events(self.fd):
            log.info("line %d: event %d", self.line.number, code)
            if code == Event.RING_OFF_HOOK:
                self._rings = False
                self.line.loop_closed = True
                self.hook(Hook.OFF)
            elif code == Event.ON_HOOK:
                self.line.loop_closed = False
                self.hook(Hook.ON)
            elif code == Event.FLASH:
                self.line.flashed()
            elif code & device.PULSE_DIGIT:
                self.line.pulsed(chr(code & 0xFF))

    def hook(self, what: Hook) -> None:
        """Do that, once the kernel is ready for it."""
        if not device.hook(self.fd, what):
            asyncio.get_running_loop().call_later(AGAIN_S, self.hook, what)

    def ring(self) -> None:
        """Put ring voltage on the wire, or take it off."""
        if self.line.ring and not self._rings:
            self._rings = device.hook(self.fd, Hook.RING)
        elif self._rings and not self.line.ring:
            self._rings = False
            if not self.line.loop_closed:
                device.hook(self.fd, Hook.RING_OFF)


class Wires:
    """All lines, and the one clock: a block of the first one."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.wires = [Wire(office, number) for number in office.lines]
        self.pairs = {wire.line.number: self for wire in self.wires}  # the control socket tells that a board is there
        self.dropped = self.missing = 0

    def tick(self) -> None:
        """Live as many ticks as blocks have come."""
        while (first := self.wires[0].read()) is not None:
            heard = {1: first}
            for wire in self.wires[1:]:
                block = wire.read()
                if block is not None:
                    heard[wire.line.number] = block
            said = self.office.tick(heard)
            for wire in self.wires:
                wire.write(said[wire.line.number])
                wire.ring()
        for wire in self.wires:
            wire.take_events()


async def serve(home: Path) -> None:
    """Run until SIGTERM."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    office = Office(COUNTRIES["CN"], LINES)
    wires = Wires(office)
    control = ControlSocket(office, wires, home / "run" / "office.sock")  # type: ignore[arg-type]
    await control.listen()
    loop.add_reader(wires.wires[0].fd, wires.tick)
    await ended.wait()
    await control.close()
    for wire in wires.wires:
        os.close(wire.fd)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(name)s: %(message)s")
    asyncio.run(serve(Path(os.environ["BUSYHOUR_HOME"])))
