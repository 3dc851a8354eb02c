"""The machine under the box: disk, clock and programs, as they are at one moment."""

import ctypes
import os
import time
from pathlib import Path

import msgspec

ADJTIMEX_BYTES = 208  # struct timex of a 64-bit Linux, adjtimex(2); `status` is its fifth field
STATUS_OFFSET = 40
STA_UNSYNC = 0x0040


class Disk(msgspec.Struct, frozen=True):
    """The file system that holds the home."""

    total_bytes: int
    free_bytes: int
    read_only: bool = False


class Program(msgspec.Struct, frozen=True):
    """A program as its supervisor tells it; `died_s` is when it last ended without having been told to, 0 for never."""

    name: str
    state: str
    since_s: float = 0.0
    died_s: float = 0.0


class Facts(msgspec.Struct, frozen=True):
    """What was seen in one look. `synchronised` is None where the kernel does not say."""

    wall_s: float
    steady_s: float
    disk: Disk | None
    synchronised: bool | None
    programs: tuple[Program, ...] = ()


class Machine:
    """This machine. `look` waits for the disk: keep it off the loop."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._libc = ctypes.CDLL(None, use_errno=True)

    def look(self) -> Facts:
        """Return how it is now."""
        return Facts(time.time(), time.monotonic(), self._disk(), self._synchronised(), self._programs())

    def _disk(self) -> Disk | None:
        try:
            found = os.statvfs(self._home)
        except OSError:
            return None  # a disk that answers nothing has other alarms: neither records nor recordings can be written
        read_only = bool(found.f_flag & os.ST_RDONLY)
        return Disk(found.f_blocks * found.f_frsize, found.f_bavail * found.f_frsize, read_only)

    def _synchronised(self) -> bool | None:
        timex = ctypes.create_string_buffer(ADJTIMEX_BYTES)  # modes 0: only ask
        if self._libc.adjtimex(timex) < 0:
            return None
        status = int.from_bytes(timex.raw[STATUS_OFFSET : STATUS_OFFSET + 4], "little")
        return not status & STA_UNSYNC

    def _programs(self) -> tuple[Program, ...]:
        """Return what the supervisor wrote; nothing where there is none, or it is gone."""
        try:
            told = msgspec.json.decode((self._home / "run/programs.json").read_bytes())
            os.kill(told["supervisor"], 0)
            return tuple(msgspec.convert(told["programs"], list[Program]))
        except (OSError, KeyError, TypeError, msgspec.MsgspecError):
            return ()
