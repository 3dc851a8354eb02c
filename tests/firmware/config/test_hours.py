"""Opening hours on the minute."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from firmware.config.hours import DAYS, minutes, open_at
from firmware.config.schema import Hours

BERLIN = ZoneInfo("Europe/Berlin")
SHOP = Hours(name="open", week={"mon": ["08:30-12:00", "13:00-17:30"], "sun": ["00:00-24:00"]}, closed=["2026-02-16"])


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-02-09T08:29:59", False),  # a Monday
        ("2026-02-09T08:30:00", True),
        ("2026-02-09T11:59:59", True),
        ("2026-02-09T12:00:00", False),
        ("2026-02-09T13:00:00", True),
        ("2026-02-09T17:30:00", False),
        ("2026-02-10T09:00:00", False),  # a Tuesday
        ("2026-02-15T00:00:00", True),  # a Sunday
        ("2026-02-15T23:59:59", True),
        ("2026-02-16T09:00:00", False),  # a Monday on which the shop is closed
    ],
)
def test_the_shop_is_open_within_its_spans_and_not_on_closed_dates(moment, is_open):
    assert open_at(SHOP, datetime.fromisoformat(moment)) == is_open


NIGHT = Hours(name="night", week={"fri": ["22:00-06:00"], "sun": ["20:00-02:00"]}, closed=["2026-02-20", "2026-02-28"])


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-02-13T21:59:59", False),  # a Friday
        ("2026-02-13T22:00:00", True),
        ("2026-02-13T23:59:59", True),
        ("2026-02-14T00:00:00", True),
        ("2026-02-14T05:59:59", True),
        ("2026-02-14T06:00:00", False),
        ("2026-02-14T22:30:00", False),  # a Saturday
        ("2026-02-13T05:00:00", False),  # the morning before
        ("2026-02-15T20:00:00", True),  # a Sunday
        ("2026-02-16T01:59:59", True),
        ("2026-02-16T02:00:00", False),
        ("2026-02-20T23:00:00", False),  # a holiday: the night that would begin on it is left out
        ("2026-02-21T05:00:00", False),  # with the hours after its midnight
        ("2026-02-27T23:00:00", True),
        ("2026-02-28T05:00:00", True),  # a holiday: the night that began before it goes on
        ("2026-02-28T06:00:00", False),
    ],
)
def test_a_night_belongs_to_the_day_it_begins_on(moment, is_open):
    assert open_at(NIGHT, datetime.fromisoformat(moment).replace(tzinfo=BERLIN)) == is_open


def at(utc: str) -> datetime:
    """Return a moment as Berlin's clocks show it."""
    return datetime.fromisoformat(utc).replace(tzinfo=UTC).astimezone(BERLIN)


# Berlin's clocks: on 29 March 2026 2:00 (01:00 UTC) becomes 3:00; on 25 October 3:00 (01:00 UTC) becomes 2:00
@pytest.mark.parametrize(
    ("span", "opens", "closes"),
    [
        ("22:00-06:00", "2026-03-28 21:00", "2026-03-29 04:00"),  # seven hours
        ("22:00-02:30", "2026-03-28 21:00", "2026-03-29 01:00"),  # half past two is skipped: over with the change
        ("22:00-02:00", "2026-03-28 21:00", "2026-03-29 01:00"),
        ("22:00-03:00", "2026-03-28 21:00", "2026-03-29 01:00"),
        ("22:00-06:00", "2026-10-24 20:00", "2026-10-25 05:00"),  # nine hours
        ("22:00-02:30", "2026-10-24 20:00", "2026-10-25 00:30"),  # half past two the first time, and no second opening
        ("22:00-02:00", "2026-10-24 20:00", "2026-10-25 00:00"),
        ("22:00-03:00", "2026-10-24 20:00", "2026-10-25 02:00"),
    ],
)
def test_a_night_on_which_the_clocks_change_opens_and_closes_once(span, opens, closes):
    assert changes(span, opens, closes) == [(opens, True), (closes, False)]


@pytest.mark.parametrize(
    ("span", "opens", "closes"),
    [
        ("02:30-06:00", "2026-03-29 01:00", "2026-03-29 04:00"),
        ("02:30-06:00", "2026-10-25 00:30", "2026-10-25 05:00"),
        ("00:00-24:00", "2026-10-24 22:00", "2026-10-25 23:00"),
    ],
)
def test_a_day_on_which_the_clocks_change_opens_and_closes_once(span, opens, closes):
    day = closes[:10]
    assert changes(span, opens, closes, day) == [(opens, True), (closes, False)]


def changes(span: str, opens: str, closes: str, day: str = "") -> list[tuple[str, bool]]:
    """Return when the shop opens and closes, minute by minute from four hours before the one to four after the other.

    It is open on one day of the week alone: the given one, or that on which it `opens`.
    """
    day = day or f"{at(opens):%Y-%m-%d}"
    hours = Hours(name="open", week={DAYS[datetime.fromisoformat(day).weekday()]: [span]})
    minute, end = datetime.fromisoformat(opens) - timedelta(hours=4), datetime.fromisoformat(closes)
    found, was = [], False
    while minute < end + timedelta(hours=4):
        written = minute.isoformat(" ", "minutes")
        if (now := open_at(hours, at(written))) != was:
            found.append((written, now))
            was = now
        minute += timedelta(minutes=1)
    return found


@pytest.mark.parametrize(
    ("span", "minutes_of_day"),
    [
        ("08:30-17:00", (510, 1020)),
        ("00:00-24:00", (0, 1440)),
        ("22:00-06:00", (1320, 1800)),
        ("22:00-24:00", (1320, 1440)),
        ("22:00-00:00", (1320, 1440)),
        ("08:00-07:59", (480, 1919)),
    ],
)
def test_a_span_is_minutes_since_its_days_midnight(span, minutes_of_day):
    assert minutes(span) == minutes_of_day


@pytest.mark.parametrize(
    "span",
    [
        "", "8:30-17:00", "08:30", "08:60-09:00", "08:00-08:00", "00:00-00:00", "24:00-08:00", "24:00-24:00",
        "08:00-24:01", "٠٨:00-09:00",
    ],
)
def test_a_span_that_is_none_is_refused(span):
    with pytest.raises(ValueError, match="is right"):
        minutes(span)
