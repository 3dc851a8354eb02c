"""What can be asked of the records: pages of calls that fit, and all of one."""

import asyncio
from typing import get_args

import pytest
from sqlalchemy import delete

from firmware.errors import NotFound, Unavailable
from firmware.events import Kind
from firmware.records import schema, search
from firmware.records.database import open_database, url_of
from firmware.records.reader import NEWEST, Reader
from firmware.records.search import Filter, Order, OrderName, Which
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


def page(box, limit=50, order=NEWEST, after="", before="", of_agent=None, **which):
    asked = Which(Filter(**which), (), of_agent)
    return box.wait(box.exchange.records.reader.page(asked, limit, order, after, before))


def ids(found):
    return [call.call_id for call in found.calls]


def test_the_newest_call_comes_first(past):
    found = page(past)
    assert found.total == 7
    assert [call.number for call in found.calls[:2]] == ["202", "013912345678"]
    assert [call.started_s for call in found.calls] == sorted((call.started_s for call in found.calls), reverse=True)


@pytest.mark.parametrize("down", [True, False])
@pytest.mark.parametrize("by", get_args(OrderName))
def test_pages_of_every_order_follow_each_other_without_a_gap_or_a_double_forward_and_back(past, by, down):
    whole = page(past, order=Order(by, down))
    values = [getattr(call, by) for call in whole.calls]
    assert values == sorted(values, reverse=down)
    found = [page(past, 3, Order(by, down))]
    while found[-1].next:
        found.append(page(past, 3, Order(by, down), found[-1].next))
    assert [len(one.calls) for one in found] == [3, 3, 1]
    assert [id for one in found for id in ids(one)] == ids(whole)
    assert [one.total for one in found] == [7, None, None]
    back = [found[-1]]
    while back[-1].previous:
        back.append(page(past, 3, Order(by, down), before=back[-1].previous))
    assert [ids(one) for one in back[::-1]] == [ids(one) for one in found]


def test_calls_of_the_same_instant_are_on_one_page_each(box):
    callers = [box.gateway.incoming(f"line:{line}", "", f"1380000000{line}") for line in (1, 2, 3, 4)]
    box.clock.advance(1)
    for caller in callers:
        caller.hang_up()
    box.clock.advance(1)
    first = page(box, 2)
    second = page(box, 2, after=first.next)
    assert len({*ids(first), *ids(second)}) == 4
    assert ids(page(box, 2, before=second.previous)) == ids(first)


@pytest.mark.parametrize(
    ("which", "numbers"),
    [
        ({"outcome": "abandoned", "number": "00003"}, ["13800000003"]),
        ({"number": "+8613912345678"}, ["013912345678"]),  # by its world-wide form
        ({"number": "+86139"}, ["013912345678"]),  # by how that begins
        ({"number": "8613912"}, ["013912345678"]),  # by a part of that
        ({"number": "203"}, ["202"]),  # by the number dialled
        ({"number": "20"}, []),  # two digits are a whole number
        ({"number": "+86139", "agent": "201"}, ["013912345678"]),
        ({"agent": "201"}, ["013912345678"]),
        ({"queue": "service", "via": "line:2"}, ["013912345678"]),
        ({"queue": "*", "agent": "201"}, ["013912345678"]),
        ({"direction": "internal"}, ["202"]),
        ({"direction": "internal", "queue": "*"}, []),
        ({"wait_from_s": 0.5, "wait_until_s": 5}, ["013912345678"]),
        ({"duration_from_s": 13.5, "duration_until_s": 15}, ["13800000004"]),
        ({"recorded": "yes"}, ["013912345678"]),
        ({"recorded": "no", "direction": "internal"}, ["202"]),
        ({"number": "%"}, []),
        ({"number": "___"}, []),
        ({"number": '" OR "138'}, []),
        ({"queue": "' OR 1=1"}, []),
    ],
)
def test_a_filter_finds_what_fits_in_every_order(past, which, numbers):
    for by in get_args(OrderName):
        found = page(past, order=Order(by), **which)
        assert ([call.number for call in found.calls], found.total) == (numbers, len(numbers))


@pytest.mark.parametrize(
    ("part", "names"),
    [
        ("王", ["王芳"]), ("芳", ["王芳"]), ("王芳", ["王芳"]),
        ("贸", ["明德商贸有限公司"]), ("商贸", ["明德商贸有限公司"]),
        ("德商贸", ["明德商贸有限公司"]), ("zhang", ["ZHANG Wei"]), ("wei", ["ZHANG Wei"]), ("100%", ["100% Tea"]),
        ("李", []), ("%", ["100% Tea"]), ('"', []),
    ],
)  # fmt: skip
def test_a_name_is_found_by_any_part_of_it(box, part, names):
    for name in ("王芳", "明德商贸有限公司", "ZHANG Wei", "100% Tea", ""):
        caller = box.gateway.incoming("trunk:carrier", "", "13800138000", name)
        box.clock.advance(1)
        caller.hang_up()
    box.clock.advance(1)
    for order in (NEWEST, Order("name", False), Order("talk_s")):
        assert [call.name for call in page(box, order=order, name=part).calls] == names
        assert [call.name for call in page(box, order=order, name=part, number="13800138").calls] == names


def test_what_many_calls_have_in_common_is_found_as_what_few_have(past, monkeypatch):
    """Where too many fit to be sorted, pages are read off an index instead; the answer is the same."""
    asked = [
        {"number": "1380000"}, {"number": "+86138"}, {"agent": "201"}, {"queue": "service", "outcome": "abandoned"},
        {"of_agent": "201"}, {"from_s": page(past).calls[4].started_s},
    ]  # fmt: skip
    few = [[ids(page(past, 2, Order(by), **one)) for by in get_args(OrderName)] for one in asked]
    for name in ("FEW", "FEW_ROWS", "FEW_TEXTS"):
        monkeypatch.setattr(search, name, 0)
    assert [[ids(page(past, 2, Order(by), **one)) for by in get_args(OrderName)] for one in asked] == few
    assert all(all(found) for found in few)


def test_an_agent_finds_the_calls_they_talked_in_and_no_others(past):
    past.login("202")
    past.phone("202").calls("203").hang_up()  # an ordinary call, which no queue gave them
    past.clock.advance(1)
    served = page(past, agent="201")
    assert ids(page(past, of_agent="201")) == ids(served)
    assert ids(page(past, of_agent="201", number="139123")) == ids(served)
    assert ids(page(past, of_agent="201", number="138")) == []
    assert [call.number for call in page(past, of_agent="202").calls] == ["202"]
    assert ids(page(past, of_agent="203")) == ids(page(past, of_agent="")) == []


def test_more_than_is_worth_counting_is_not_counted(past, monkeypatch):
    monkeypatch.setattr(search, "COUNTED", 6)
    assert page(past, 2).total is None
    assert page(past, 2, outcome="abandoned").total == 5


def test_times_bound_the_calls_from_the_first_and_before_the_last(past):
    calls = page(past).calls
    found = page(past, from_s=calls[4].started_s, until_s=calls[2].started_s)
    assert ids(found) == [calls[3].call_id, calls[4].call_id]


def test_hours_are_times_that_are_given(past):
    calls = page(past).calls
    hours = [(calls[4].started_s, calls[3].started_s), (calls[1].started_s, calls[0].started_s)]
    found = past.wait(past.exchange.records.reader.page(Which(Filter(hour=9), hours)))
    assert ids(found) == [calls[1].call_id, calls[4].call_id]


def test_the_last_calls_are_the_newest_page_without_its_count(past):
    newest = past.wait(past.exchange.records.reader.last(3))
    assert newest == page(past, 3).calls


def test_a_line_is_told_of_whoever_used_it_first(box):
    box.phone("201").answers_after(1)
    box.login("201")
    caller = box.line(2).ring("13800138000")
    box.clock.advance(9)
    caller.hang_up()
    box.clock.advance(1)
    assert [call.number for call in page(box, via="line:2").calls] == ["13800138000"]
    assert page(box, via="line:1").calls == []


def test_a_call_whose_recordings_were_removed_is_a_call_without(past):
    with past.exchange.records._engine.begin() as connection:  # as keeping rules will
        connection.execute(delete(schema.recordings))
    assert page(past, recorded="yes").calls == []
    assert [call.number for call in page(past, recorded="no", agent="201").calls] == ["013912345678"]


def test_a_call_that_was_removed_is_found_no_more(past):
    with past.exchange.records._engine.begin() as connection:
        connection.execute(delete(schema.calls).where(schema.calls.c.number == "013912345678"))
    assert page(past, number="139123").calls == []
    assert page(past, number="13800000").total == 5


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
    with pytest.raises(NotFound, match="beside the call 'x/y'"):
        page(past, 5, after="x/y")


def test_records_that_cannot_be_read_are_told(tmp_path):
    reader = Reader(open_database(url_of(tmp_path / "nowhere"), read_only=True), AtOnce())
    with pytest.raises(Unavailable, match="the records cannot be read: unable to open database file"):
        asyncio.run(reader.page())
