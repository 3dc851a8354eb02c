"""What processes cost: CPU seconds and proportional memory, read from /proc."""

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """Return a process and all its descendants, as they are now."""
    found = [pid]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            found += [int(child) for child in task.read_text().split()]
    return found


def cpu_s(pids: Iterable[int]) -> float:
    """Return the user and system CPU seconds of these processes, all threads counted (proc(5), utime and stime)."""
    total = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS_PER_S


def pss_mb(pids: Iterable[int]) -> float:
    """Return the proportional set size in MB (of 1024 kB): shared pages are divided among those who share them."""
    total_kb = 0
    for pid in pids:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total_kb += int(line.split()[1])
    return total_kb / 1024


def own_mb(pids: Iterable[int]) -> float:
    """Return what these processes have written themselves and hold in memory, in MB: their part of what they share.

    Pages of files are left out: how many others have them, too, changes with what else runs on the machine.
    """
    total_kb = 0
    for pid in pids:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith(("Pss_Anon:", "Pss_Shmem:")):
                total_kb += int(line.split()[1])
    return total_kb / 1024


def udp_drops(pids: Iterable[int]) -> int:
    """Return how many UDP packets these processes' open sockets had no room for (proc(5), net/udp: drops)."""
    held = set()
    for pid in pids:
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):  # closed meanwhile
                held.add(os.readlink(entry))
    rows = [line.split() for line in Path("/proc/net/udp").read_text().splitlines()[1:]]
    return sum(int(row[12]) for row in rows if f"socket:[{row[9]}]" in held)


class Meter:
    """CPU of programs, given as process ids by name, since the meter was made."""

    def __init__(self, programs: Mapping[str, Iterable[int]]) -> None:
        self._programs = {name: list(pids) for name, pids in programs.items()}
        self._before = self._read()

    def _read(self) -> dict[str, float]:
        return {name: cpu_s(pids) for name, pids in self._programs.items()}

    def spent_s(self) -> dict[str, float]:
        """Return the CPU seconds of each program since this meter was made."""
        now = self._read()
        return {name: now[name] - before for name, before in self._before.items()}
