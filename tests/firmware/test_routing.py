"""Where a call goes first: by source, by number dialled, by the hour; and what digits mean that are dialled inside."""

from datetime import datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from firmware.routing import dialled, fax, route
from tests.fakes.floor import config

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
MONDAY_NINE = datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI)
TRUNKS = [{"name": "carrier", "host": "10.0.0.1"}, {"name": "other", "host": "10.0.0.2"}]


def goes(source="line:1", did="", now=MONDAY_NINE, **parts):
    """Return where a call goes, as the configuration would write it."""
    call = SimpleNamespace(id="k-1", source=source, did=did)
    return str(route(call, config(**{"trunks": TRUNKS} | parts), now))


def routes(*several):
    return {"routes": [{"name": f"r{place}"} | one for place, one in enumerate(several)]}


# ---- source ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("source", "expected"), [
    ("line:1", "queue:one"), ("line:2", "queue:lines"), ("line:12", "queue:lines"),
    ("trunk:carrier", "queue:carrier"), ("trunk:other", "queue:trunks"),
])
def test_a_call_takes_the_first_route_of_its_source(source, expected):
    way = routes(
        {"source": "line:1", "to": "queue:one"}, {"source": "line", "to": "queue:lines"},
        {"source": "trunk:carrier", "to": "queue:carrier"}, {"source": "trunk", "to": "queue:trunks"},
    )
    assert goes(source, **way) == expected


def test_a_route_without_conditions_takes_everything():
    assert goes("trunk:carrier", "123", **routes({"to": "flow:main"})) == "flow:main"


def test_the_first_of_two_that_fit_is_taken():
    assert goes(**routes({"to": "flow:first"}, {"to": "flow:second"})) == "flow:first"


def test_a_call_that_no_route_fits_ends_as_an_unallocated_number(caplog):
    assert goes("line:1", **routes({"source": "trunk", "to": "flow:main"})) == "hangup:1"
    assert "no route fits line:1" in caplog.text


# ---- number dialled --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("written", ["62348801", "+861062348801", "6234*", "8801"])
def test_a_span_that_sends_the_last_digits_alone_calls_the_whole_number(written):
    spans = {
        "spans": [{"number": 1, "did_digits": 4}],
        "groups": [{"name": "e1", "channels": ["1"], "numbers": ["62348801", "62998802"]}],
    }
    way = routes({"did": written, "to": "queue:first"}, {"to": "queue:second"})
    assert goes("trunk:e1", "8801", **spans, **way) == "queue:first"
    assert goes("trunk:e1", "8802", **spans, **way) == "queue:second"
    assert goes("trunk:carrier", "8801", **spans, **routes({"did": "62348801", "to": "queue:first"})) == "hangup:1"


def test_digits_that_end_two_numbers_are_neither_of_them():
    spans = {
        "spans": [{"number": 1, "did_digits": 2}],
        "groups": [{"name": "e1", "channels": ["1"], "numbers": ["62348801", "62349901"]}],
    }
    assert goes("trunk:e1", "01", **spans, **routes({"did": "6234*", "to": "queue:first"})) == "hangup:1"



@pytest.mark.parametrize("written", ["88886666", "01088886666", "+861088886666", "861088886666", "008601088886666"])
@pytest.mark.parametrize("received", ["88886666", "01088886666", "+861088886666", "861088886666"])
def test_one_number_is_recognised_however_it_is_written(written, received):
    if written.startswith("0086"):
        written = "+861088886666"
    assert goes("trunk:carrier", received, **routes({"did": written, "to": "flow:main"})) == "flow:main"


@pytest.mark.parametrize("received", ["88886667", "02188886666", "8888666", "", "+441088886666"])
def test_another_number_is_another_number(received):
    assert goes("trunk:carrier", received, **routes({"did": "01088886666", "to": "flow:main"})) == "hangup:1"


@pytest.mark.parametrize(("did", "received"), [
    ("8888*", "88886666"), ("8888*", "+861088886666"), ("0108888*", "88886666"), ("+86108888*", "88886666"),
    ("86108888*", "01088886666"), ("*", "anything"), ("10*", "10086"),
])
def test_a_final_star_takes_every_number_that_begins_so_however_it_is_written(did, received):
    assert goes("trunk:carrier", received, **routes({"did": did, "to": "flow:main"})) == "flow:main"


@pytest.mark.parametrize(("did", "received"), [("8888*", "88776666"), ("021*", "88886666"), ("10*", "88886610")])
def test_a_final_star_takes_no_other(did, received):
    assert goes("trunk:carrier", received, **routes({"did": did, "to": "flow:main"})) == "hangup:1"


def test_short_numbers_without_e164_are_compared_as_they_are():
    assert goes("trunk:carrier", "100", **routes({"did": "100", "to": "flow:main"})) == "flow:main"
    assert goes("trunk:carrier", "101", **routes({"did": "100", "to": "flow:main"})) == "hangup:1"


def test_a_line_is_dialled_by_its_own_number():
    way = routes({"did": "01088886666", "to": "flow:main"}, {"to": "flow:other"})
    lines = [{"number": 1, "did": "88886666"}, {"number": 2}]
    assert goes("line:1", lines=lines, **way) == "flow:main"
    assert goes("line:2", lines=lines, **way) == "flow:other"


# ---- hours -----------------------------------------------------------------------------------------------------------

WEEK = {"mon": ["09:00-12:00", "13:30-18:00"], "tue": ["22:00-06:00"]}    # a night shift
SHOP = [{"name": "shop", "week": WEEK, "closed": ["2026-03-09"]}]


@pytest.mark.parametrize(("when", "is_open"), [
    ("2026-03-02 08:59:59", False), ("2026-03-02 09:00:00", True), ("2026-03-02 11:59:59", True),
    ("2026-03-02 12:00:00", False), ("2026-03-02 13:30:00", True), ("2026-03-02 18:00:00", False),
    ("2026-03-03 09:00:00", False), ("2026-03-03 23:59:59", True), ("2026-03-04 00:00:00", True),
    ("2026-03-04 05:59:59", True), ("2026-03-04 06:00:00", False), ("2026-03-09 10:00:00", False),
    ("2026-03-16 10:00:00", True),
])
def test_the_shop_is_open_when_the_wall_clock_says_so(when, is_open):
    now = datetime.fromisoformat(when).replace(tzinfo=SHANGHAI)
    way = routes({"hours": "shop", "to": "flow:main", "otherwise": "flow:closed"})
    assert goes(now=now, hours=SHOP, **way) == ("flow:main" if is_open else "flow:closed")


def test_outside_the_hours_without_otherwise_the_next_route_is_tried():
    way = routes({"hours": "shop", "to": "flow:main"}, {"to": "flow:night"})
    sunday = datetime(2026, 3, 1, 10, 0, tzinfo=SHANGHAI)
    assert goes(now=sunday, hours=SHOP, **way) == "flow:night"


@pytest.mark.parametrize(("utc", "is_open"), [
    ("2026-03-29 06:30", True), ("2026-03-28 06:30", False),     # 8:30 and 7:30 in Berlin: summer time has begun
    ("2026-10-25 06:30", False), ("2026-10-24 06:30", True),     # 7:30 and 8:30: it has ended
])
def test_hours_follow_the_wall_clock_through_summer_time(utc, is_open):
    now = datetime.fromisoformat(utc).replace(tzinfo=ZoneInfo("UTC")).astimezone(BERLIN)
    every_day = {day: ["08:00-09:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    way = routes({"hours": "shop", "to": "flow:main", "otherwise": "flow:closed"})
    expected = "flow:main" if is_open else "flow:closed"
    assert goes(now=now, hours=[{"name": "shop", "week": every_day}], **way) == expected


# ---- dialled inside --------------------------------------------------------------------------------------------------

OUTSIDE = [{"name": "short", "prefix": "9", "strip": 1, "min_digits": 4, "max_digits": 6, "via": ["lines"]},
           {"name": "world", "prefix": "00", "min_digits": 8, "via": ["trunk:carrier"]}]


@pytest.mark.parametrize(("digits", "expected"), [
    ("201", "extension:201"), ("*20", "feature:*20"), ("*20202", "feature:*20202"), ("*231", "feature:*231"),
    ("9114", "number:9114"), ("0049301234567", "number:0049301234567"),
    ("119", "number:119"), ("9119", "number:9119"), ("112", "number:112"),
    ("205", "hangup:1"), ("", "hangup:1"), ("*99", "hangup:1"), ("#", "hangup:1"), ("777777", "hangup:1"),
    ("91", "hangup:28"), ("9" * 40, "hangup:28"), ("<b>", "hangup:1"), ("２０１", "hangup:1"),
])
def test_digits_dialled_inside_mean_one_thing(digits, expected):
    assert str(dialled(digits, config(trunks=TRUNKS, outgoing=OUTSIDE))) == expected


def test_a_call_from_a_telephone_of_the_box_takes_no_route():
    assert goes("extension:201", "202", **routes({"to": "flow:main"})) == "extension:202"


def test_an_emergency_number_is_one_before_it_is_anything_else():
    extensions = [{"number": "119"}, {"number": "201"}]
    assert str(dialled("119", config(extensions=extensions, agents=[], queues=[]))) == "number:119"


def test_only_what_is_taken_off_a_number_is_an_outside_prefix():
    rules = [{"name": "all", "prefix": "0", "via": ["lines"]}]
    assert str(dialled("0119", config(outgoing=rules))) == "number:0119"
    assert str(dialled("9119", config(outgoing=rules))) == "hangup:1"


@pytest.mark.parametrize(("source", "expected"), [("line:2", "elsewhere"), ("line:1", "queue:service")])
def test_a_call_on_a_line_that_is_never_answered_is_not_ours_whatever_the_routes_say(source, expected):
    lines = [{"number": 1}, {"number": 2, "never_answer": True}]
    assert goes(source, lines=lines, **routes({"to": "queue:service"})) == expected


@pytest.mark.parametrize(("source", "expected"), [
    ("line:1", "extension:203"), ("line:2", "number:62220009"), ("trunk:carrier", "extension:203"),
    ("extension:201", "None"),
])
def test_a_fax_goes_where_its_line_says_else_where_the_box_says(source, expected):
    lines = [{"number": 1}, {"number": 2, "fax": "number:62220009"}]
    assert str(fax(source, config(lines=lines, box={"fax": "extension:203"}))) == expected
    assert fax("line:1", config(lines=lines)) is None
