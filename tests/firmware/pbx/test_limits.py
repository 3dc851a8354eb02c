"""The daily limits: counted from the journal, told at 80 %, closed at 100 %, open again at midnight or by a person."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.link.causes import CALL_REJECTED
from drivers.link.messages import Dial
from firmware.config.configuration import exported
from firmware.events import Kind
from tests.examples import examples
from tests.fakes.box import Box
from tests.fakes.box import config as box_config
from tests.fakes.floor import Floor, config

LOCAL, ABROAD, PREMIUM = "88886666", "0012125551234", "16812345"
OUTSIDE = [{"name": "outside", "prefix": "9", "strip": 1, "via": ["lines"]}]
EVERYBODY = [
    {"number": number, "rights": "international", "permissions": ["premium"]} for number in ("201", "202", "203", "204")
]
NEVER = [{"name": "never"}]
UNLIMITED = {name: {} for name in ("box", "extension", "international", "extension_international", "special",
                                   "after_hours")}    # fmt: skip


def limited(floor, hours="", **caps):
    """Bring these limits into force, and no others; everybody may call everywhere, and is answered at once."""
    for line in (1, 2, 3, 4):
        floor.phone(f"line:{line}").answers_after(0)
    limits = UNLIMITED | caps | {"hours": hours}
    floor.configure(config(extensions=EVERYBODY, outgoing=OUTSIDE, limits=limits, hours=NEVER))


def call(floor, extension, number, talk_s=1.0):
    """Call outside and talk so long; return the caller."""
    caller = floor.phone(extension).calls(f"9{number}")
    floor.wait(0.1 + talk_s)
    if caller.state != "ended":
        caller.hang_up()
    floor.wait(4)
    return caller


def outside(floor):
    return [order.target.number for order in floor.gateway.orders if isinstance(order, Dial)]


def reasons(floor):
    return [event.data["reason"] for event in floor.seen(Kind.OUTSIDE_REFUSED)]


def alarms(floor):
    """Return what was raised (+) and taken back (-) so far."""
    told = [event.data for event in floor.seen(Kind.ALARM)]
    return [f"{'+' if one['raised'] else '-'}{one['name'].removeprefix('outgoing-limit-')} {one['subject']}"
            for one in told]    # fmt: skip


def used(floor, name, extension=""):
    status = next(one for one in floor.limits.table() if (one.name, one.extension) == (name, extension))
    return status.calls, status.minutes


def test_calls_are_counted_and_the_one_too_many_is_refused_with_words(floor):
    limited(floor, box={"calls": 2})
    call(floor, "201", LOCAL)
    call(floor, "202", LOCAL)
    refused = floor.phone("203").calls(f"9{LOCAL}")
    floor.wait(4)
    assert len(outside(floor)) == 2
    assert ([sound for _, sound in refused.heard], refused.cause) == (["limit-reached"], CALL_REJECTED)
    assert reasons(floor) == ["limit:box:calls"]


def test_one_extension_that_is_at_its_limit_keeps_no_other_from_calling(floor):
    limited(floor, extension={"calls": 1})
    call(floor, "201", LOCAL)
    call(floor, "201", LOCAL)
    call(floor, "202", LOCAL)
    assert len(outside(floor)) == 2
    assert reasons(floor) == ["limit:extension:201:calls"]


@pytest.mark.parametrize(("name", "closed", "open_"), [
    ("international", ABROAD, LOCAL), ("extension_international", ABROAD, LOCAL), ("special", PREMIUM, LOCAL),
])
def test_what_costs_most_has_limits_of_its_own(floor, name, closed, open_):
    limited(floor, **{name: {"calls": 1}})
    for number in (closed, closed, open_):
        call(floor, "201", number)
    assert outside(floor) == [closed, open_]


def test_after_hours_has_a_limit_of_its_own(floor):
    limited(floor, hours="never", after_hours={"calls": 1})
    call(floor, "201", LOCAL)
    call(floor, "202", LOCAL)
    assert reasons(floor) == ["limit:after_hours:calls"]


def test_without_hours_it_is_never_after_hours(floor):
    limited(floor, hours="", after_hours={"calls": 0})
    call(floor, "201", LOCAL)
    assert outside(floor) == [LOCAL]


def test_a_limit_of_none_closes_and_raises_no_alarm(floor):
    limited(floor, special={"calls": 0, "minutes": 0})
    call(floor, "201", PREMIUM)
    assert (outside(floor), alarms(floor)) == ([], [])


def test_minutes_count_while_they_are_talked(floor):
    limited(floor, box={"minutes": 10})
    floor.phone("201").calls(f"9{LOCAL}")
    floor.wait(300)
    assert used(floor, "box") == (1, pytest.approx(5.0, abs=0.1))
    floor.wait(301)
    call(floor, "202", LOCAL)
    assert reasons(floor) == ["limit:box:minutes"]
    assert len(floor.live) == 1    # an ordinary talk is not ended by a limit


def test_ringing_is_not_talk(floor):
    limited(floor, box={"minutes": 10})
    floor.phone("line:4").rings()
    floor.phone("201").calls(f"9{LOCAL}")
    floor.wait(60)
    assert used(floor, "box") == (1, 0.0)


@pytest.mark.parametrize("name", ["international", "extension_international"])
def test_a_talk_abroad_ends_when_its_minutes_are_used_up_and_the_caller_is_told(floor, name):
    limited(floor, **{name: {"minutes": 2}})
    caller = floor.phone("201").calls(f"9{ABROAD}")
    floor.wait(119)
    assert caller.hears_party(floor.phone("line:4").party)
    floor.wait(3)
    assert floor.phone("line:4").party.state == "ended"
    assert [sound for _, sound in caller.heard][-1] == "limit-reached"
    floor.wait(3)
    assert (caller.state, caller.cause) == ("ended", CALL_REJECTED)
    [told] = floor.seen(Kind.OUTSIDE_REFUSED)
    assert (told.leg, told.data["reason"].rpartition(":")[2]) == ("2", "minutes")


def test_two_at_once_use_the_minutes_up_twice_as_fast(floor):
    limited(floor, international={"minutes": 2})
    for extension in ("201", "202"):
        floor.phone(extension).calls(f"9{ABROAD}")
    floor.wait(58)
    assert len(floor.live) == 2
    floor.wait(10)
    assert floor.live == []


# ---- alarms ----------------------------------------------------------------------------------------------------------


def test_an_alarm_at_80_and_at_100_per_cent(floor):
    limited(floor, box={"calls": 5})
    for _ in range(3):
        call(floor, "201", LOCAL)
    assert alarms(floor) == []
    call(floor, "201", LOCAL)
    assert alarms(floor) == ["+near box"]
    assert "4 of 5 calls" in floor.seen(Kind.ALARM)[0].data["detail"]
    call(floor, "201", LOCAL)
    call(floor, "201", LOCAL)
    assert alarms(floor) == ["+near box", "-near box", "+reached box"]


def test_minutes_raise_the_alarm_while_they_are_talked(floor):
    limited(floor, box={"minutes": 10})
    floor.phone("201").calls(f"9{LOCAL}")
    floor.wait(479)
    assert alarms(floor) == []
    floor.wait(2)
    assert alarms(floor) == ["+near box"]
    floor.wait(120)
    assert alarms(floor)[1:] == ["-near box", "+reached box"]


def test_a_higher_limit_takes_the_alarm_back(floor):
    limited(floor, box={"calls": 1})
    call(floor, "201", LOCAL)
    limited(floor, box={"calls": 100})
    assert alarms(floor) == ["+reached box", "-reached box"]


# ---- a new beginning -------------------------------------------------------------------------------------------------


def test_midnight_in_the_boxs_time_zone_begins_anew_and_takes_the_alarm_back(floor):
    limited(floor, box={"calls": 1})
    call(floor, "201", LOCAL)
    midnight_s = 15 * 3600 - (floor.clock.wall_s() - 1_772_413_200)
    floor.wait(midnight_s - 10)
    call(floor, "201", LOCAL)
    assert len(outside(floor)) == 1
    floor.wait(10)
    assert alarms(floor) == ["+reached box", "-reached box"]
    call(floor, "201", LOCAL)
    assert len(outside(floor)) == 2


def test_a_call_counts_on_the_day_it_began(floor):
    limited(floor, box={"minutes": 100})
    floor.wait(15 * 3600 - 60)
    floor.phone("201").calls(f"9{LOCAL}")
    floor.wait(600)
    assert used(floor, "box") == (0, 0.0)


def test_an_administrator_begins_anew(floor):
    limited(floor, box={"calls": 1})
    call(floor, "201", LOCAL)
    floor.do(floor.limits.reset, "anna")
    call(floor, "201", LOCAL)
    assert len(outside(floor)) == 2
    assert alarms(floor) == ["+reached box", "-reached box", "+reached box"]
    assert [event.data for event in floor.seen(Kind.LIMITS_RESET)] == [{"who": "anna"}]


# ---- restarts --------------------------------------------------------------------------------------------------------


def restart(floor):
    floor.kill()
    floor.loop.advance(0.3)
    floor.start()
    floor.wait(1)


def test_a_restart_forgets_nothing(floor):
    limited(floor, box={"calls": 2, "minutes": 10})
    call(floor, "201", LOCAL, talk_s=60)
    floor.phone("202").calls(f"9{LOCAL}")
    floor.wait(60)
    restart(floor)
    assert used(floor, "box") == (2, pytest.approx(2.0, abs=0.1))
    assert alarms(floor) == ["+reached box"]
    call(floor, "203", LOCAL)
    assert reasons(floor) == ["limit:box:calls"]


def test_yesterdays_calls_count_no_more_after_a_restart(floor):
    limited(floor, box={"calls": 5})
    call(floor, "201", LOCAL)
    floor.wait(24 * 3600)
    call(floor, "201", LOCAL)
    restart(floor)
    assert used(floor, "box")[0] == 1


def test_a_reset_outlives_a_restart(floor):
    limited(floor, box={"calls": 2})
    call(floor, "201", LOCAL)
    call(floor, "201", LOCAL)
    floor.do(floor.limits.reset, "anna")
    restart(floor)
    assert used(floor, "box") == (0, 0.0)
    assert alarms(floor)[-1] == "-reached box"


def test_killed_while_the_number_is_dialled_it_counts_once(floor):
    limited(floor, box={"calls": 5})
    floor.phone("line:4").rings()
    floor.phone("201").calls(f"9{LOCAL}")
    floor.wait(1)
    restart(floor)
    restart(floor)
    assert used(floor, "box") == (1, 0.0)


def test_the_whole_exchange_counts_from_its_database(tmp_path):
    """Kill -9, and start on what is on the disk: also the alarm, also yesterday's call that counts no more."""
    limits = UNLIMITED | {"box": {"calls": 2}}
    box = Box(tmp_path, box_config(outgoing=OUTSIDE, limits=limits))
    try:
        box.line(4).far_end.answers_after(0)
        for _ in range(2):
            caller = box.phone("201").calls(f"9{LOCAL}")
            box.clock.advance(61)
            caller.hang_up()
            box.clock.advance(3)
        box.restart(after_s=1)
        assert [(one.calls, round(one.minutes)) for one in box.exchange.limits.table()[:1]] == [(2, 2)]
        refused = box.phone("202").calls(f"9{LOCAL}")
        box.clock.advance(4)
        assert refused.cause == CALL_REJECTED
        [segment] = [one for one in box.calls[-1].segments if one.kind == "refused"]
        assert (segment.who, box.calls[-1].outcome) == ("limit:box:calls", "refused")
        raised = [alarm.name for alarm in box.exchange.alarms.table()]
        assert raised == ["outgoing-limit-reached"]
        box.restart(after_s=15 * 3600)
        box.clock.advance(1)
        assert box.exchange.limits.table()[0].calls == 0
        assert box.exchange.alarms.table() == []
    finally:
        box.close()


@settings(max_examples=examples(25), deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["201", "202"]), st.sampled_from([LOCAL, ABROAD, PREMIUM, "110"]),
                          st.booleans()), max_size=8))    # fmt: skip
def test_a_restart_at_any_time_counts_as_none(tmp_path_factory, story):
    """The same calls with and without restarts in between: the same figures, the same refusals."""
    told = []
    for restarts in (False, True):
        floor = Floor(tmp_path_factory.mktemp("floor"))
        try:
            limited(floor, box={"calls": 5}, international={"calls": 1, "minutes": 1}, special={"calls": 2})
            for extension, number, killed in story:
                call(floor, extension, number, talk_s=20)
                if killed and restarts:
                    restart(floor)
                else:
                    floor.wait(1.3)
            figures = [(one.name, one.extension, one.calls, round(one.minutes)) for one in floor.limits.table()]
            told.append((figures, reasons(floor), outside(floor)))
        finally:
            floor.close()
    assert told[0] == told[1]


def test_factory_limits_hold_where_a_configuration_says_nothing_of_them():
    document = exported(config(), secrets=True)
    assert document["limits"]["international"] == {"calls": 30, "minutes": 60}
