"""Each figure counts what its formula says, and exactly the calls that its list finds."""

import asyncio
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest

from firmware.records.search import Filter, Which
from firmware.reports import metrics
from firmware.reports.hours import hours_of
from tests.fakes.past import CALL, Past

ZONE = ZoneInfo("Asia/Shanghai")
FROM_S = datetime(2026, 3, 2, tzinfo=ZONE).timestamp()
UNTIL_S = datetime(2026, 3, 4, tzinfo=ZONE).timestamp()


def at(day, hour, minute=0):
    return datetime(2026, 3, day, hour, minute, tzinfo=ZONE).timestamp()


def call(number, started_s, outcome="answered", **fields):
    row = {"recordings": (), "segments": (), "queue": "service", "wait_s": 10.0, "duration_s": 60.0} | fields
    return msgspec.structs.replace(CALL, call_id=f"m-{number}", started_s=started_s, outcome=outcome, **row)


@pytest.fixture
def past(tmp_path):
    past = Past(tmp_path)
    past.add(
        call(1, at(2, 0), wait_s=0.0), call(2, at(2, 9, 59), wait_s=5.0), call(3, at(3, 9), "abandoned", wait_s=5.0),
        call(4, at(3, 9, 30), "ivr", queue="", wait_s=0.0), call(5, at(3, 23, 59), wait_s=400.0, via="trunk:carrier"),
        call(6, at(2, 9), "answered", direction="out", queue="", wait_s=0.0, via="line:1", duration_s=3600.0),
        call(7, at(3, 10), "answered", queue="", wait_s=0.0, via="line:9"),
        call(8, at(3, 9, 1), "busy", direction="internal", via=""),
        call(9, FROM_S - 1), call(10, UNTIL_S), call(11, at(3, 10), "not_ours", queue="", wait_s=0.0, via="line:9"),
    )  # fmt: skip
    yield past
    past.close()


def asked(past, question):
    return asyncio.run(past.ask(question))


def listed(past, **which):
    """Return how many calls the list of a figure has, by the same times."""
    hours = list(hours_of(FROM_S, UNTIL_S, ZONE, which["hour"])) if "hour" in which else []
    wanted = Filter(from_s=FROM_S, until_s=UNTIL_S, **which)
    return asyncio.run(past.page(Which(wanted, hours))).total


def test_totals_are_of_calls_that_came_in(past):
    found = asked(past, lambda connection: metrics.totals(connection, FROM_S, UNTIL_S))
    assert (found.incoming, found.answered, found.abandoned) == (6, 4, 1)
    assert found.answered_share == 4 / 5
    assert found.wait_s == pytest.approx((0 + 5 + 400) / 3)  # the one that came to no queue waited for nobody
    assert found.incoming == listed(past, direction="in", outcome="ours")
    assert found.answered == listed(past, direction="in", outcome="answered")


def test_nothing_is_divided_by_nothing(past):
    found = asked(past, lambda connection: metrics.totals(connection, 1.0, 2.0))
    assert (found.incoming, found.answered_share, found.wait_s) == (0, None, None)


def test_each_hour_has_the_calls_that_began_in_it_on_all_days(past):
    found = asked(past, lambda connection: metrics.by_hour(connection, FROM_S, UNTIL_S, ZONE))
    assert [one.hour for one in found] == list(range(24))
    counts = {one.hour: (one.incoming, one.answered, one.abandoned) for one in found if one.incoming}
    assert counts == {0: (1, 1, 0), 9: (3, 1, 1), 10: (1, 1, 0), 23: (1, 1, 0)}
    for one in found:
        assert one.incoming == listed(past, direction="in", hour=one.hour, outcome="ours")
        assert one.abandoned == listed(past, direction="in", hour=one.hour, outcome="abandoned")


def test_a_day_on_which_the_clock_is_set_counts_each_call_once_at_its_walls_hour(tmp_path):
    berlin = ZoneInfo("Europe/Berlin")
    past = Past(tmp_path)
    begin = datetime(2026, 10, 25, tzinfo=berlin).timestamp()
    past.add(*(call(n, begin + 3600 * n + 60) for n in range(25)))
    found = asked(past, lambda connection: metrics.by_hour(connection, begin, begin + 25 * 3600, berlin))
    assert {one.hour: one.incoming for one in found} == {hour: 2 if hour == 2 else 1 for hour in range(24)}
    past.close()


def test_waits_are_grouped_from_the_first_second_and_before_the_last(past):
    found = asked(past, lambda connection: metrics.waits(connection, FROM_S, UNTIL_S))
    counts = {one.from_s: (one.answered, one.abandoned) for one in found if one.answered or one.abandoned}
    assert counts == {0.0: (1, 0), 5.0: (1, 1), 300.0: (1, 0)}
    for one in found:
        which = {"wait_from_s": one.from_s, "wait_until_s": one.until_s or 0.0, "queue": "*", "direction": "in"}
        assert one.answered == listed(past, outcome="answered", **which)
        assert one.abandoned == listed(past, outcome="abandoned", **which)


def test_lines_have_the_calls_that_used_them_also_unused_ones_and_those_that_are_no_more(past):
    names = ["line:1", "line:2", "line:3", "trunk:carrier"]
    found = asked(past, lambda connection: metrics.ways(connection, FROM_S, UNTIL_S, names, FROM_S + 36000))
    assert [(one.via, one.calls, one.busy_s) for one in found] == [
        ("line:1", 1, 3600.0), ("line:2", 4, 240.0), ("line:3", 0, 0.0), ("trunk:carrier", 1, 60.0),
        ("line:9", 2, 120.0),
    ]  # fmt: skip
    assert found[0].at_once == pytest.approx(0.1)  # one hour of the ten that have passed
    assert [one.calls for one in found] == [listed(past, via=one.via) for one in found]
