"""The media core with so many TDM channels alone: `python -m tests.bench.tdm_core SECONDS FOLDER DESCRIPTOR...`.

Each channel listens for digits and for China's busy and congestion tones, talks with its neighbour, and is recorded.
Prints one JSON document in the words of `spandsp/loop.c`, and what each thread took; the first second is not measured.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

from drivers import countries
from drivers.sounds import sign
from native.media import Leg
from tests.native.room import Room

SETTLED_TICKS = 50
THREADS = ("pump", "recorder", "media")  # the last takes RTP in, and has nothing to do here


def threads_cpu_s() -> dict[str, float]:
    """Return the CPU time that each thread of the core has used (schedstat, in ns)."""
    used = {}
    for task in Path("/proc/self/task").iterdir():
        if (name := (task / "comm").read_text().strip()) in THREADS:
            used[f"{name}_cpu_s"] = int((task / "schedstat").read_text().split()[0]) / 1e9
    return used


def serve(seconds: float, folder: Path, descriptors: list[int]) -> dict[str, Any]:
    """Carry all channels for so long; return what it cost and what was heard."""
    room = Room()
    room.start()
    china = countries.country("CN")
    tones = {name: sign(getattr(china, name)) for name in ("busy", "congestion")}
    timeslots = [room.core.timeslot(fd) for fd in descriptors]
    legs: list[Leg] = []
    for slot in timeslots:
        leg = room.core.leg(slot.slot, room.token())
        leg.detect(True, tones, False)
        leg.record(str(folder / f"{leg.token}.wav"))
        legs.append(leg)
    for one, other in zip(legs[::2], legs[1::2], strict=False):
        room.core.connect(one, other)
    room.wait_ticks(SETTLED_TICKS)
    room.happenings.clear()
    before, cpu_s, threads = room.core.counters(), time.process_time(), threads_cpu_s()
    wanted = before["ticks"] + before["dropped_ticks"] + round(seconds / 0.02)
    while True:
        room.happenings += room.core.poll()
        after = room.core.counters()
        if after["ticks"] + after["dropped_ticks"] >= wanted:
            break
        time.sleep(0.1)
    change = {name: after[name] - before[name] for name in before}
    kinds = [happening.kind for happening in room.happenings]
    found = {
        "cpu_s": time.process_time() - cpu_s, "ticks": change["ticks"],
        **{name: round(used - threads[name], 6) for name, used in threads_cpu_s().items()},
        "late_ticks": change["late_ticks"], "dropped_ticks": change["dropped_ticks"], "digits": kinds.count("digit"),
        "tones": kinds.count("tone"), "holes": change["slips"] + change["lost_blocks"],
        "recorder_overruns": change["recorder_overruns"], "realtime": after["realtime"],
    }  # fmt: skip
    for thing in (*legs, *timeslots):
        thing.close()
    room.close()
    return found


if __name__ == "__main__":
    print(json.dumps(serve(float(sys.argv[1]), Path(sys.argv[2]), [int(text) for text in sys.argv[3:]])))
