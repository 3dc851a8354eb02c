"""The hours of the box's wall, also on the days when its clock is set."""

from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from firmware.reports.hours import hours_of

SHANGHAI, BERLIN, KOLKATA = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Kolkata")


def at(zone, *parts):
    return datetime(*parts, tzinfo=zone).timestamp()


@pytest.mark.parametrize("zone", [SHANGHAI, KOLKATA])
def test_a_day_has_its_hours_one_after_the_other(zone):
    found = list(hours_of(at(zone, 2026, 3, 2), at(zone, 2026, 3, 3), zone))
    assert len(found) == 24
    assert found[0][0] == at(zone, 2026, 3, 2)
    assert all(one[1] == other[0] for one, other in pairwise(found))


def test_one_hour_of_the_day_is_there_once_a_day():
    found = list(hours_of(at(SHANGHAI, 2026, 3, 2), at(SHANGHAI, 2026, 3, 5), SHANGHAI, 9))
    assert found == [(at(SHANGHAI, 2026, 3, day, 9), at(SHANGHAI, 2026, 3, day, 10)) for day in (2, 3, 4)]


def test_the_first_and_the_last_are_cut_to_the_time_asked_for():
    found = list(hours_of(at(SHANGHAI, 2026, 3, 2, 9, 40), at(SHANGHAI, 2026, 3, 2, 11, 5), SHANGHAI))
    assert [(to - since) / 60 for since, to in found] == [20, 60, 5]


def test_an_hour_is_there_twice_when_the_clock_is_set_back_and_not_when_it_is_set_forward():
    back = list(hours_of(at(BERLIN, 2026, 10, 25), at(BERLIN, 2026, 10, 26), BERLIN, 2))
    forward = list(hours_of(at(BERLIN, 2026, 3, 29), at(BERLIN, 2026, 3, 30), BERLIN, 2))
    assert (len(back), len(forward)) == (2, 0)
