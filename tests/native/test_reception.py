"""The thread that takes RTP in: the only one that does, and asleep while nothing comes."""

from pathlib import Path

from tests.native.room import Room


def switches(task: Path) -> int:
    """Return how often a thread has gone to sleep by itself (proc(5), status)."""
    lines = dict(line.split(":\t") for line in (task / "status").read_text().splitlines() if ":\t" in line)
    return int(lines["voluntary_ctxt_switches"])


def test_the_reception_sleeps_while_nothing_comes(room: Room) -> None:
    tasks = [task for task in Path("/proc/self/task").iterdir() if (task / "comm").read_text() == "media\n"]
    assert len(tasks) == 1  # pjmedia's own has ended
    before = switches(tasks[0])
    room.wait_ticks(50)
    assert switches(tasks[0]) - before <= 30  # in a second; pjmedia's wakes a hundred times
