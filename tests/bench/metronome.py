"""How well this machine keeps time by itself: a real-time program that does nothing but wake every 20 ms.

What it is late by, no program on the machine can help: a neighbour of the same host, the hypervisor, the kernel. Run as
`python -m tests.bench.metronome SECONDS`, it prints one JSON document.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from tests.peers.box import ROOT

TICK_S = 0.02
LATE_S = 0.005  # as the gateway counts
PRIORITY = 30   # above the gateway's pump


def beat(seconds: float) -> dict[str, float]:
    """Wake every 20 ms for so long, in real time where that is allowed; return how late that was."""
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(PRIORITY))
        realtime = 1.0
    except PermissionError:
        realtime = 0.0
    stolen = _stolen_s()
    began = time.monotonic()
    late_ticks, worst_s, due = 0, 0.0, began
    while due - began < seconds:
        due += TICK_S
        time.sleep(max(0.0, due - time.monotonic()))
        late_s = time.monotonic() - due
        late_ticks += late_s > LATE_S
        worst_s = max(worst_s, late_s)
    took_s = time.monotonic() - began
    return {
        "late_ticks": late_ticks, "worst_late_ms": round(worst_s * 1000, 2), "realtime": realtime,
        "stolen_percent": round(100 * (_stolen_s() - stolen) / took_s / (os.cpu_count() or 1), 1),
    }


def start(seconds: float) -> "subprocess.Popen[str]":
    """Start it beside a measurement."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.bench.metronome", str(seconds)], cwd=ROOT, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
    )


def finish(program: "subprocess.Popen[str]") -> dict[str, float]:
    """Return what it found, when it is done."""
    found: dict[str, float] = json.loads(program.communicate(timeout=30)[0])
    return found


def _stolen_s() -> float:
    """Return the CPU seconds that the hypervisor gave to others while we wanted them (proc(5), stat: steal)."""
    return int(Path("/proc/stat").read_text().split("\n", 1)[0].split()[8]) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    print(json.dumps(beat(float(sys.argv[1]))))
