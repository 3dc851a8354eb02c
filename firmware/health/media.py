"""Whether the media core keeps its pace, by the gateway's counters of the last minute."""

from collections import deque
from collections.abc import Iterator, Mapping

from drivers.link.messages import Wrong
from firmware.config.schema import AlarmSettings
from firmware.events import AlarmName
from firmware.health.finding import Finding

NAMES = (AlarmName.MEDIA_LATE,)
SPAN_S = 60.0
LOST = ("dropped_ticks", "recorder_overruns", "event_overflows")  # each is sound or a key that was lost
CALM_S = 300.0


class MediaWatch:
    """Remembers a minute of counters."""

    def __init__(self) -> None:
        self._told: deque[tuple[float, str, Mapping[str, float]]] = deque()

    def look(
        self, now_s: float, epoch: str, counters: Mapping[str, float], settings: AlarmSettings
    ) -> Iterator[Finding]:
        """Yield what is found; a new gateway counts from nothing."""
        if self._told and self._told[-1][1] != epoch:
            self._told.clear()
        if counters and (not self._told or self._told[-1][2] is not counters):
            self._told.append((now_s, epoch, counters))
        while len(self._told) > 2 and now_s - self._told[1][0] >= SPAN_S:
            self._told.popleft()
        wrong = None
        if len(self._told) > 1:
            before, now = self._told[0][2], self._told[-1][2]
            passed = {name: now[name] - before.get(name, 0.0) for name in now}
            late_percent = 100 * passed.get("late_ticks", 0.0) / max(passed.get("ticks", 0.0), 1.0)
            if late_percent > settings.late_ticks_percent:
                wrong = Wrong("ticks-late", {"percent": round(late_percent, 1)})
            elif any(passed.get(name, 0.0) > settings.lost_ticks for name in LOST):
                wrong = Wrong("sound-lost", {name: round(passed.get(name, 0.0)) for name in LOST})
        yield Finding(AlarmName.MEDIA_LATE, "gateway", wrong, over_s=CALM_S)
