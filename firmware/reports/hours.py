"""The hours of the box's wall within some time, told as Unix times."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo


def hours_of(from_s: float, until_s: float, zone: tzinfo, hour: int | None = None) -> Iterator[tuple[float, float]]:
    """Yield from when to when each hour lasted, all of them or those of one hour of the day (0 to 23).

    Where the clock is set back an hour lasts twice, where it is set forward it is missing. The first and the last may
    be cut short by the time asked for.
    """
    at = datetime.fromtimestamp(from_s, zone).replace(minute=0, second=0, microsecond=0).astimezone(UTC)
    while (since_s := at.timestamp()) < until_s:
        at += timedelta(hours=1)
        to_s = at.timestamp()
        if to_s > from_s and hour in (None, datetime.fromtimestamp(since_s, zone).hour):
            yield max(since_s, from_s), min(to_s, until_s)
