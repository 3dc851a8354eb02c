"""Opening hours on the minute."""

from datetime import datetime

import pytest

from firmware.config.hours import minutes, open_at
from firmware.config.schema import Hours

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


def test_a_span_is_minutes_of_the_day():
    assert minutes("08:30-17:00") == (510, 1020)
    assert minutes("00:00-24:00") == (0, 1440)


@pytest.mark.parametrize(
    "span", ["", "8:30-17:00", "08:30", "08:60-09:00", "17:00-08:00", "08:00-08:00", "08:00-24:01", "٠٨:00-09:00"]
)
def test_a_span_that_is_none_is_refused(span):
    with pytest.raises(ValueError, match="is right"):
        minutes(span)
