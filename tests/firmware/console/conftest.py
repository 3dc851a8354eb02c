"""The console as a program on a serial cable, a technician at the other end, and behind it a real control socket."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from firmware.console.password import Password
from tests.firmware.control.door import Door, DoorThread
from tests.peers.serial_line import Cable, Technician

PASSWORD = "correct horse"


class Station:
    """A home, a cable into it, and the console that serves the port, started and killed at will."""

    def __init__(self, home: Path, door: DoorThread | None = None) -> None:
        self.home = home
        self.thread = door
        self.folder = Path(tempfile.mkdtemp(prefix="bh-", dir="/tmp"))
        self.cable = Cable(self.folder)
        self.process: subprocess.Popen[bytes] | None = None
        self.log = self.folder / "console.log"
        self._technicians: list[Technician] = []
        (home / "console").mkdir(exist_ok=True)

    @property
    def door(self) -> Door:
        """Return the exchange's door."""
        assert self.thread is not None
        return self.thread.door

    def password(self, text: str = PASSWORD) -> None:
        """Set the console's password."""
        Password(self.home).set(text)

    def start(self, *words: str) -> None:
        """Start the console on the port."""
        self._run("--port", str(self.cable.box), *words)

    def here(self, *words: str) -> None:
        """Start it as somebody does who logged in at a terminal."""
        with self.cable.box.open("r+b", buffering=0) as terminal:
            self._run("--here", *words, stdin=terminal, stdout=terminal)

    def _run(self, *words: str, **how: Any) -> None:
        with self.log.open("ab") as log:
            # It ends with us: one that is left would read the terminal that the next test is given
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", sys.executable, "-m", "firmware.console", *words],
                stderr=log, start_new_session=True,
                env=os.environ | {"BUSYHOUR_HOME": str(self.home)}, **{"stdin": subprocess.DEVNULL} | how,
            )

    def technician(self) -> Technician:
        """Let somebody plug in."""
        technician = Technician(self.cable.technician)
        self._technicians.append(technician)
        return technician

    def logged_in(self) -> Technician:
        """Return somebody who is in."""
        self.password()
        self.start()
        technician = self.technician()
        technician.log_in(PASSWORD)
        return technician

    def end_exchange(self) -> None:
        """Let the exchange die."""
        assert self.thread is not None
        self.thread.run(self.thread.door.close())

    def begin_exchange(self) -> None:
        """Let another one come."""
        assert self.thread is not None
        self.thread.door = Door(self.home)
        self.thread.run(self.thread.door.open())

    def kill(self) -> None:
        """Kill the console as a fault would."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        """End it all."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(10)
        for technician in self._technicians:
            technician.port.close()
        self.cable.close()
        shutil.rmtree(self.folder)


@pytest.fixture
def station() -> Iterator[Station]:
    """A station with the exchange running."""
    with DoorThread() as thread:
        made = Station(thread.door.home, thread)
        try:
            yield made
        finally:
            made.close()
    shutil.rmtree(thread.door.home)


@pytest.fixture
def dead_station() -> Iterator[Station]:
    """A station whose exchange is dead."""
    home = Path(tempfile.mkdtemp(prefix="bh-", dir="/tmp"))
    made = Station(home)
    try:
        yield made
    finally:
        made.close()
        shutil.rmtree(home)


@pytest.fixture
def live_table() -> Callable[[Path, str], None]:
    """Write a supervisor's file into a home."""

    def write(home: Path, text: str) -> None:
        (home / "run").mkdir(exist_ok=True)
        (home / "run/programs.json").write_text(text)

    return write
