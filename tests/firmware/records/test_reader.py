"""What can be asked of the records: pages of calls that fit, and all of one."""

import asyncio

import pytest

from firmware.errors import NotFound, Unavailable
from firmware.events import Kind
from firmware.records.database import open_database, url_of
from firmware.records.reader import Filter, Reader
from tests.fakes.disk import AtOnce


@pytest.fixture
def past(box):
    """A box on whose records are seven calls: five abandoned by different numbers, one served, one from inside."""
    for number in range(5):
        caller = box.line(1).ring(f"1380000000{number}")
        box.clock.advance(10 + number)
        caller.hang_up()
    box.phone("201").answers_after(2)
    box.login("201")
    caller = box.line(2).ring("013912345678")
    box.clock.advance(20)
    caller.hang_up()
    box.clock.advance(20)
    box.phone("202").calls("203").hang_up()
    box.clock.advance(1)
    return box


def page(box, limit=50, after="", **which):
    return box.wait(box.exchange.records.reader.page(Filter(**which), limit, after))


def test_the_newest_call_comes_first(past):
    found = page(past)
    assert found.total == 7
    assert [call.number for call in found.calls[:2]] == ["202", "013912345678"]
    assert [call.started_s for call in found.calls] == sorted((call.started_s for call in found.calls), reverse=True)


def test_pages_follow_each_other_without_a_gap_or_a_double(past):
    seen, after = [], ""
    for size in (3, 3, 1):
        found = page(past, 3, after)
        assert (len(found.calls), found.total) == (size, 7)
        seen += [call.call_id for call in found.calls]
        after = found.next
    assert after == ""
    assert seen == [call.call_id for call in page(past).calls]


def test_calls_of_the_same_instant_are_on_one_page_each(box):
    callers = [box.gateway.incoming(f"line:{line}", "", f"1380000000{line}") for line in (1, 2, 3, 4)]
    box.clock.advance(1)
    for caller in callers:
        caller.hang_up()
    box.clock.advance(1)
    first = page(box, 2)
    second = page(box, 2, first.next)
    assert len({call.call_id for call in first.calls + second.calls}) == 4


@pytest.mark.parametrize(
    ("which", "numbers"),
    [
        ({"outcome": "abandoned", "number": "00003"}, ["13800000003"]),
        ({"number": "+8613912345678"}, ["013912345678"]),  # by its world-wide form
        ({"number": "203"}, ["202"]),  # by the number dialled
        ({"agent": "201"}, ["013912345678"]),
        ({"queue": "service", "source": "line:2"}, ["013912345678"]),
        ({"direction": "internal"}, ["202"]),
        ({"number": "%"}, []),
        ({"number": "_"}, []),
        ({"queue": "' OR 1=1"}, []),
    ],
)
def test_a_filter_finds_what_fits(past, which, numbers):
    found = page(past, **which)
    assert ([call.number for call in found.calls], found.total) == (numbers, len(numbers))


def test_times_bound_the_calls_from_the_first_and_before_the_last(past):
    calls = page(past).calls
    found = page(past, from_s=calls[4].started_s, until_s=calls[2].started_s)
    assert [call.call_id for call in found.calls] == [calls[3].call_id, calls[4].call_id]


def test_all_of_one_call_are_its_segments_recordings_and_events(past):
    served = page(past, agent="201").calls[0]
    detail = past.record(served.call_id)
    assert {segment.kind for segment in detail.call.segments} == {"wait", "ring", "talk", "acw"}
    assert [recording.path for recording in detail.recordings] == list(detail.call.recordings)
    assert (detail.events[0].kind, detail.events[-1].kind) == (Kind.CALL_OFFERED, Kind.CALL_ENDED)
    acw = next(segment for segment in detail.call.segments if segment.kind == "acw")
    assert (acw.who, acw.duration_s) == ("201", pytest.approx(10, abs=0.01))


def test_a_call_that_is_not_there_and_a_page_that_is_not_are_named(past):
    with pytest.raises(NotFound, match="'nonsense'"):
        past.record("nonsense")
    with pytest.raises(NotFound, match="'x/y'"):
        page(past, 5, "x/y")


def test_records_that_cannot_be_read_are_told(tmp_path):
    reader = Reader(open_database(url_of(tmp_path / "nowhere"), read_only=True), AtOnce())
    with pytest.raises(Unavailable, match="the records cannot be read: unable to open database file"):
        asyncio.run(reader.page())
