"""A machine whose clock a test sets, for the programs of one box.

libfaketime, when it is told to leave CLOCK_MONOTONIC alone, lets every sleep of Python fail (clock_nanosleep, EINVAL).
"""

import mmap
import struct
import subprocess
from pathlib import Path


class SetClock:
    """What a box's programs need in their environment to have a clock of their own, and the hand that sets it."""

    def __init__(self, folder: Path) -> None:
        library, file = folder / "set_clock.so", folder / "ahead"
        source = Path(__file__).with_name("set_clock.c")
        command = ["cc", "-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o", str(library), str(source), "-ldl"]
        subprocess.run(command, check=True)
        file.write_bytes(bytes(8))
        with file.open("r+b") as opened:
            self._ahead = mmap.mmap(opened.fileno(), 8)
        self.environment = {"LD_PRELOAD": str(library), "SET_CLOCK_FILE": str(file)}

    def set(self, ahead_s: int) -> None:
        """Let the box's clock be so far ahead of the true one, from this moment on."""
        self._ahead[:] = struct.pack("=q", ahead_s)
