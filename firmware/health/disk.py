"""Whether the disk has room, goes on having it, and can be written."""

from collections import deque
from collections.abc import Iterator

from drivers.link.messages import Wrong
from firmware.config.schema import AlarmSettings
from firmware.events import AlarmName
from firmware.health.finding import Finding
from firmware.health.machine import Facts

NAMES = (AlarmName.DISK_SPACE, AlarmName.DISK_FILLING, AlarmName.DISK_READ_ONLY)
MIB = 1024 * 1024
ROOM_AGAIN = 1.1   # so much more than the least must be free until all is well
SAMPLE_S = 600.0
SAMPLES = 144      # a day
LEAST_S = 6 * 3600.0  # a night says nothing of the days, an hour nothing at all
DAY_S = 86400.0


class DiskWatch:
    """Looks at the free space, and remembers a day of it."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int]] = deque(maxlen=SAMPLES)

    def look(self, facts: Facts, settings: AlarmSettings) -> Iterator[Finding]:
        """Yield what is found."""
        disk = facts.disk
        if disk is None or not disk.total_bytes:
            return
        least = max(settings.disk_free_mb * MIB, disk.total_bytes * settings.disk_free_percent / 100)
        least = min(least, disk.total_bytes / 2)  # a small disk cannot have more
        left = Wrong("disk-left", {
            "free_mb": disk.free_bytes // MIB, "total_mb": disk.total_bytes // MIB, "least_mb": round(least / MIB),
        })  # fmt: skip
        yield Finding(
            AlarmName.DISK_SPACE, "disk", left if disk.free_bytes < least else None,
            unsure=least <= disk.free_bytes < least * ROOM_AGAIN,
        )
        yield Finding(AlarmName.DISK_READ_ONLY, "disk", Wrong("read-only") if disk.read_only else None)
        yield self._filling(facts.steady_s, disk.free_bytes, settings.disk_full_days)

    def _filling(self, now_s: float, free_bytes: int, days: float) -> Finding:
        if not self._samples or now_s - self._samples[-1][0] >= SAMPLE_S:
            self._samples.append((now_s, free_bytes))
        first_s, first_bytes = self._samples[0]
        took_s, lost = now_s - first_s, first_bytes - free_bytes
        if took_s < LEAST_S or lost <= 0 or not days:
            return Finding(AlarmName.DISK_FILLING, "disk")
        left_days = free_bytes / (lost / took_s) / DAY_S
        told = Wrong("disk-fills", {
            "mb": lost // MIB, "hours": round(took_s / 3600), "days": round(left_days, 1)
        })  # fmt: skip
        unsure = days <= left_days < days * 1.5
        return Finding(AlarmName.DISK_FILLING, "disk", told if left_days < days else None, unsure=unsure)
