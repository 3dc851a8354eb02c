"""The machine under the box: disk, clock and programs, as they are at one moment."""

import ctypes
import os
import time
from pathlib import Path

import msgspec

from firmware.certificate.store import Store
from firmware.errors import KeyLost, Unavailable
from firmware.health.carriers import Meeting, meet
from firmware.proxy.runtime import Runtime

ADJTIMEX_BYTES = 208  # struct timex of a 64-bit Linux, adjtimex(2); `status` is its fifth field
STATUS_OFFSET = 40
STA_UNSYNC = 0x0040
BROKEN = frozenset({"ro", "emergency_ro", "shutdown"})


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


class Entrance(msgspec.Struct, frozen=True):
    """A way in, as the proxy tells it: so many connections it has, may have, and has refused since it began."""

    name: str
    now: int
    most: int
    refused: int


class Facts(msgspec.Struct, frozen=True):
    """What was seen in one look. `synchronised` is None where the kernel does not say.

    `most_from` is who has the most connections. `certificate_until_s` is 0 where it cannot be read.
    """

    wall_s: float
    steady_s: float
    disk: Disk | None
    synchronised: bool | None
    programs: tuple[Program, ...] = ()
    entrances: tuple[Entrance, ...] = ()
    most_from: str = ""
    certificate_until_s: float = 0.0


class Machine:
    """This machine. `look` waits for the disk: keep it off the loop."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._proxy, self._certificates = Runtime(home), Store(home)
        self._libc = ctypes.CDLL(None, use_errno=True)

    def look(self) -> Facts:
        """Return how it is now."""
        entrances, most_from = self._entrances()
        return Facts(
            time.time(), time.monotonic(), self._disk(), self._synchronised(), self._programs(), entrances, most_from,
            self._certificate_until_s(),
        )  # fmt: skip

    def meet(self, host: str, port: int, authority: str) -> Meeting:
        """Meet a carrier that speaks TLS."""
        return meet(host, port, authority)

    def _entrances(self) -> tuple[tuple[Entrance, ...], str]:
        try:
            found = self._proxy.counters()
            rows = tuple(Entrance(name, row["scur"], row["slim"], row["dcon"]) for name, row in found.items())
            return rows, self._proxy.most_from() if any(row.refused for row in rows) else ""
        except Unavailable:
            return (), ""  # that it does not run is said of the program

    def _certificate_until_s(self) -> float:
        try:
            return self._certificates.show().not_after_s
        except KeyLost:
            return 0.0

    def _disk(self) -> Disk | None:
        try:
            found = os.statvfs(self._home)
        except OSError:
            return None  # a disk that answers nothing has other alarms: neither records nor recordings can be written
        read_only = bool(found.f_flag & os.ST_RDONLY) or self._broken()
        return Disk(found.f_blocks * found.f_frsize, found.f_bavail * found.f_frsize, read_only)

    def _broken(self) -> bool:
        """Whether the file system found itself broken and takes no more: since Linux 6.14 ext4 tells that here alone.

        A line of mountinfo has the device third and the file system's own options last (proc_pid_mountinfo(5)).
        """
        try:
            device = self._home.stat().st_dev
            rows = [line.split() for line in Path("/proc/self/mountinfo").read_text().splitlines()]
        except OSError:
            return False
        name = f"{os.major(device)}:{os.minor(device)}"
        return any(row[2] == name and not BROKEN.isdisjoint(row[-1].split(",")) for row in rows)

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
