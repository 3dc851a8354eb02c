"""A serial cable between a technician's port and the box's, made of two pseudo-terminals, and the technician.

The technician drives the console as a script would: by pyserial, and by what comes back on the line.
"""

import contextlib
import os
import pty
import re
import select
import threading
import time
import tty
from pathlib import Path
from types import TracebackType
from typing import Self

import serial

BITS_A_BYTE = 10  # start, eight, stop
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>78]")
LINE_ENDS = re.compile(r"\r+\n")
PATIENCE_S = 20.0


class Cable:
    """Two ports and what is between them. `baud` 0 is as fast as it goes; `technician` and `box` are the ports' paths.

    The box's port appears as `box`, a link, so that it can be unplugged and come back under its name.
    """

    def __init__(self, folder: Path, baud: int = 0) -> None:
        self.baud = baud
        self.box = folder / "ttyTEST"
        self._near, self._near_port = _pair()
        self.technician = os.ttyname(self._near_port)
        self._far, self._far_port = -1, -1
        self._lock = threading.Lock()
        self._over = threading.Event()
        self.carried = 0  # bytes from the box so far
        self.plug()
        self._thread = threading.Thread(target=self._carry, daemon=True)
        self._thread.start()

    def plug(self) -> None:
        """Let the box have its port."""
        with self._lock:
            self._far, self._far_port = _pair()
            self.box.symlink_to(os.ttyname(self._far_port))

    def unplug(self) -> None:
        """Take the box's port away, as a USB adapter goes: whoever has it open hears a hang-up."""
        with self._lock:
            self.box.unlink()
            os.close(self._far_port)
            os.close(self._far)
            self._far = self._far_port = -1

    def close(self) -> None:
        """Take the cable away."""
        self._over.set()
        self._thread.join()
        if self._far >= 0:
            self.unplug()
        os.close(self._near)
        os.close(self._near_port)

    def _carry(self) -> None:
        while not self._over.is_set():
            with self._lock:
                far = self._far
                ends = [end for end in (self._near, far) if end >= 0]
                ready, _, _ = select.select(ends, [], [], 0.005)
                for end in ready:
                    self._carry_some(end, far if end == self._near else self._near)
            if not ready:
                time.sleep(0.001)

    def _carry_some(self, source: int, target: int) -> None:
        piece = max(1, self.baud // BITS_A_BYTE // 50) if self.baud else 4096
        with contextlib.suppress(OSError):  # one side is just being unplugged or hung up
            if target >= 0 and not select.select([], [target], [], 0.01)[1]:
                return  # nobody reads there: what comes has to wait where it is
            data = os.read(source, piece)
            left = memoryview(data)
            while left and target >= 0 and not self._over.is_set():
                if select.select([], [target], [], 0.01)[1]:
                    with contextlib.suppress(BlockingIOError):
                        left = left[os.write(target, left) :]
            if source == self._far:
                self.carried += len(data)
            if self.baud:
                time.sleep(len(data) * BITS_A_BYTE / self.baud)


def _pair() -> tuple[int, int]:
    master, port = pty.openpty()
    tty.setraw(port)
    os.set_blocking(master, False)
    return master, port


class Technician:
    """Somebody with a laptop at the port. What comes is read only when something is waited for."""

    def __init__(self, port: str) -> None:
        self.port = serial.Serial(port, 9600, timeout=0.05)
        self.raw = ""
        self._read_to = 0

    def __enter__(self) -> Self:
        """Be there."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the laptop."""
        self.port.close()

    @property
    def seen(self) -> str:
        r"""Return all that came, without what moves the cursor; each line ends with \n alone."""
        return LINE_ENDS.sub("\n", ESCAPES.sub("", self.raw))

    def type(self, text: str | bytes) -> None:
        """Press keys."""
        self.port.write(text if isinstance(text, bytes) else text.encode())

    def expect(self, text: str, timeout_s: float = PATIENCE_S) -> str:
        """Wait until a text comes after what was waited for before; return all up to its end."""
        deadline = time.monotonic() + timeout_s
        while (found := self.seen.find(text, self._read_to)) < 0:
            if time.monotonic() > deadline:
                raise AssertionError(f"waited {timeout_s} s for {text!r}; came {self.seen[self._read_to :]!r}")
            self.raw += self.port.read(4096).decode("utf-8", "replace")
        start, self._read_to = self._read_to, found + len(text)
        return self.seen[start : self._read_to]

    def run(self, line: str, prompt: str = "busyhour>", timeout_s: float = PATIENCE_S) -> str:
        """Type a line of less than a row, wait for its echo and the next prompt, and return what came between."""
        self.type(line + "\r")
        self.expect(f"{line}\n", timeout_s)
        return self.expect(prompt, timeout_s).removesuffix(prompt).replace("\r", "")

    def asked(self, name: str = "") -> None:
        """Say who one is, nobody in particular without a name, and be asked for the password."""
        self.name(name)
        self.expect("Password: ")

    def name(self, name: str = "") -> None:
        """Say who one is when asked for it."""
        self.expect("the console's own password): ")
        self.type(name + "\r")

    def log_in(self, password: str, name: str = "") -> None:
        """Wake the port and come in."""
        self.expect("press Enter")
        self.type("\r")
        self.asked(name)
        self.type(password + "\r")
        self.expect("busyhour>")
