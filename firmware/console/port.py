"""The serial port: waited for, opened, watched for the first Enter, then given to a session of its own process."""

import contextlib
import json
import logging
import os
import shutil
import subprocess
import sys
import termios
import time
from pathlib import Path

import serial

from firmware.console.programs import CONSOLE

log = logging.getLogger(__name__)
LOOK_AGAIN_S = 2.0
GREETING_S = 2.0  # nobody may be reading it
BAUDS = (1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200)
GREETING = b"\r\nBusyhour: press Enter to log in\r\n"


class Port:
    """One port, served as long as this program lives. What it is doing stands in run/console.json and in the log."""

    def __init__(self, path: str, baud: int, home: Path, idle_s: float) -> None:
        self._path, self._baud, self._home, self._idle_s = path, baud, home, idle_s
        self._state = ("", "")

    def serve(self) -> None:
        """Serve one session after the other, for ever."""
        while True:
            try:
                with serial.Serial(self._path, self._baud, exclusive=True, write_timeout=GREETING_S) as port:
                    self._note("open")
                    self._wait_for_enter(port)
                    self._note("in use")
                    self._session(port)
            except (OSError, termios.error) as error:  # serial.SerialException is an OSError
                self._note("waiting", str(error))
                time.sleep(LOOK_AGAIN_S)

    def _wait_for_enter(self, port: serial.Serial) -> None:
        with contextlib.suppress(serial.SerialTimeoutException):
            port.write(GREETING)
        while port.read(1) not in (b"\r", b"\n"):
            pass  # noise on the line, or a modem that talks

    def _session(self, port: serial.Serial) -> None:
        """Run a session to its end. It leads a process session of its own: hang-up and Ctrl-C reach it, and only it."""
        words = [sys.executable, "-m", "firmware.console", "--session", "--idle-s", str(self._idle_s)]
        if shutil.which("setpriv"):
            words = ["setpriv", "--pdeathsig", "HUP", *words]
        _hear_hang_up(port)
        os.set_blocking(port.fileno(), True)  # a slow reader is waited for
        with subprocess.Popen(words, stdin=port.fileno(), stdout=port.fileno(), start_new_session=True) as session:
            session.wait()
        log.info("the session is over (%d)", session.returncode)

    def _note(self, state: str, detail: str = "") -> None:
        if (state, detail) == self._state:
            return
        self._state = (state, detail)
        log.info("%s: %s%s", self._path, state, f": {detail}" if detail else "")
        told = {"port": self._path, "baud": self._baud, "state": state, "detail": detail, "since_s": time.time()}
        path = self._home / CONSOLE
        fresh = path.with_suffix(".new")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_text(json.dumps(told))
            fresh.replace(path)
        except OSError as error:  # who comes by the port must get in all the same
            log.warning("%s cannot be written: %s", path, error.strerror)


def _hear_hang_up(port: serial.Serial) -> None:
    """Let the kernel end the session when the carrier goes, if there is one: a cable of three wires has none."""
    try:
        carrier = port.cd
    except OSError:
        return  # no such wire
    if carrier:
        modes = termios.tcgetattr(port.fileno())
        modes[2] &= ~termios.CLOCAL
        termios.tcsetattr(port.fileno(), termios.TCSANOW, modes)
