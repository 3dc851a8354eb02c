"""Opening hours: what a span means, and whether the shop is open at a moment."""

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from firmware.config.schema import Hours
from firmware.config.values import Day

DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WHOLE_DAY = 24 * 60
_SPAN = re.compile(r"^([0-9]{2}):([0-9]{2})-([0-9]{2}):([0-9]{2})\Z", re.ASCII)


def minutes(span: str) -> tuple[int, int]:
    """Return a span as minutes since the midnight its day begins with; raises ValueError saying what would be right.

    `08:30-17:00` is (510, 1020). A span whose end is not after its beginning goes on over midnight: `22:00-06:00` is
    (1320, 1800). 24:00 is the midnight its day ends with, and so is an end of 00:00; `00:00-24:00` is the whole day.
    """
    match = _SPAN.match(span)
    if not match:
        raise ValueError("HH:MM-HH:MM is right, such as 08:30-17:00")
    hour, minute, end_hour, end_minute = map(int, match.groups())
    first, last = 60 * hour + minute, 60 * end_hour + end_minute
    if minute > 59 or end_minute > 59 or first >= WHOLE_DAY or last > WHOLE_DAY:
        raise ValueError("00:00 to 23:59 is right, and 24:00 as an end")
    if first == last:
        raise ValueError("an end other than the beginning is right; the whole day is 00:00-24:00")
    return first, last if last > first else last + WHOLE_DAY


def open_at(hours: Hours, when: datetime) -> bool:
    """Tell whether the shop is open; `when` is local time of the box.

    A span belongs to the day it begins on, holidays too: a night that begins before a holiday goes on into it, and
    one that would begin on the holiday is left out, the hours after its midnight as well.
    """
    return any(_passed(first, when) and not _passed(last, when) for first, last in _spans(hours, when))


def _spans(hours: Hours, when: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield the spans of that day and of the day before, as local times."""
    for day in (when.date() - timedelta(days=1), when.date()):
        if day in {date.fromisoformat(closed) for closed in hours.closed}:
            continue
        midnight = datetime.combine(day, time.min, when.tzinfo)
        for span in hours.week.get(DAYS[day.weekday()], []):
            first, last = minutes(span)
            yield midnight + timedelta(minutes=first), midnight + timedelta(minutes=last)


def _passed(moment: datetime, when: datetime) -> bool:
    """Tell whether the clock on the wall has shown a moment by now.

    Times of one zone compare as the wall shows them (PEP 495), so that a moment which the change to summer time skips
    is passed with the change. One that the change back repeats is passed when it was shown first, and stays so.
    """
    return when >= moment or when.timestamp() >= moment.timestamp()
