"""Opening hours: what a span means, and whether the shop is open at a moment."""

import re
from datetime import date, datetime

from firmware.config.schema import Day, Hours

DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WHOLE_DAY = 24 * 60
_SPAN = re.compile(r"^([0-9]{2}):([0-9]{2})-([0-9]{2}):([0-9]{2})\Z", re.ASCII)


def minutes(span: str) -> tuple[int, int]:
    """Return a span `08:30-17:00` as minutes of the day, (510, 1020); raises ValueError saying what would be right."""
    match = _SPAN.match(span)
    if not match:
        raise ValueError("HH:MM-HH:MM is right, such as 08:30-17:00")
    hour, minute, end_hour, end_minute = map(int, match.groups())
    first, last = 60 * hour + minute, 60 * end_hour + end_minute
    if minute > 59 or end_minute > 59 or last > WHOLE_DAY:
        raise ValueError("00:00 to 24:00 is right, minutes up to 59")
    if first >= last:
        raise ValueError("an end after the beginning is right; a night is two spans, to 24:00 and from 00:00")
    return first, last


def open_at(hours: Hours, when: datetime) -> bool:
    """Tell whether the shop is open; `when` is local time of the box."""
    if when.date() in {date.fromisoformat(closed) for closed in hours.closed}:
        return False
    now = 60 * when.hour + when.minute
    spans = [minutes(span) for span in hours.week.get(DAYS[when.weekday()], [])]
    return any(first <= now < last for first, last in spans)
