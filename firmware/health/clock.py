"""Whether the machine's clock can be believed."""

from collections.abc import Iterator
from datetime import UTC, datetime

from drivers.link.messages import Wrong
from firmware.config.schema import AlarmSettings
from firmware.events import AlarmName
from firmware.health.finding import Finding
from firmware.health.machine import Facts

NAMES = (AlarmName.CLOCK_JUMPED, AlarmName.CLOCK_UNSYNCHRONISED, AlarmName.CLOCK_IMPOSSIBLE)
TOLD_S = 600.0  # so long a jump is told
EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)  # this release was made later


class ClockWatch:
    """Holds the wall's clock against the one that nobody sets (clock_gettime(2), CLOCK_MONOTONIC)."""

    def __init__(self) -> None:
        self._offset_s: float | None = None
        self._jumped: Wrong | None = None
        self._jumped_s = 0.0

    def look(self, facts: Facts, settings: AlarmSettings) -> Iterator[Finding]:
        """Yield what is found."""
        offset_s = facts.wall_s - facts.steady_s
        step_s = 0.0 if self._offset_s is None else offset_s - self._offset_s
        self._offset_s = offset_s
        if abs(step_s) >= settings.clock_step_s:
            self._jumped, self._jumped_s = Wrong("clock-step", {"step_s": f"{step_s:+.0f}"}), facts.steady_s
        elif facts.steady_s - self._jumped_s >= TOLD_S:
            self._jumped = None
        yield Finding(AlarmName.CLOCK_JUMPED, "clock", self._jumped)
        if facts.synchronised is not None and settings.clock_unsynchronised_h:
            told = None if facts.synchronised else Wrong("clock-unset")
            yield Finding(
                AlarmName.CLOCK_UNSYNCHRONISED, "clock", told, after_s=settings.clock_unsynchronised_h * 3600, over_s=60
            )
        early = facts.wall_s < EARLIEST.timestamp()
        shown = datetime.fromtimestamp(facts.wall_s, UTC).strftime("%Y-%m-%d %H:%M")
        yield Finding(AlarmName.CLOCK_IMPOSSIBLE, "clock", Wrong("clock-shows", {"time": shown}) if early else None)
