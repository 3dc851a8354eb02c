"""Who may call what: rights and permissions of extensions, and what strangers can bring about."""

from itertools import pairwise

import pytest

from drivers.link.causes import CALL_REJECTED
from drivers.link.messages import Dial
from firmware.calls.destination import Destination
from firmware.events import Kind
from firmware.pbx.rights import REACHES, asker
from tests.fakes.floor import config

OUTSIDE = [{"name": "outside", "prefix": "9", "strip": 1, "max_digits": 30, "via": ["lines"]}]
LOCAL, MOBILE, ABROAD, PREMIUM, SATELLITE = "88886666", "13800138000", "0012125551234", "16812345", "17400001234"
TRUNK = {"name": "carrier", "host": "10.0.0.1", "numbers": ["88880001", "88880002"], "channels": 2}


def extensions(**parts):
    """Return extension 201 with these parts, and the others as they are."""
    return [{"number": "201"} | parts, {"number": "202"}, {"number": "203"}, {"number": "204"}]


def outside(floor):
    """Return the numbers that were sent outside."""
    dials = [order for order in floor.gateway.orders if isinstance(order, Dial)]
    return [dial.target.number for dial in dials if dial.tag.purpose == "outside"]


def reasons(floor):
    return [event.data["reason"] for event in floor.seen(Kind.OUTSIDE_REFUSED)]


@pytest.mark.parametrize(("rights", "allowed"), [
    ("internal", []),
    ("local", [LOCAL]),
    ("national", [LOCAL, MOBILE]),
    ("international", [LOCAL, MOBILE, ABROAD]),
])
def test_rights_reach_so_far_and_no_further(floor, rights, allowed):
    floor.configure(config(extensions=extensions(rights=rights), outgoing=OUTSIDE))
    for number in (LOCAL, MOBILE, ABROAD, PREMIUM, SATELLITE):
        floor.phone("201").calls(f"9{number}").hang_up()
        floor.wait(1)
    assert outside(floor) == allowed


def test_from_the_first_day_the_country_is_open_and_abroad_premium_and_satellite_are_closed(floor):
    floor.configure(config(outgoing=OUTSIDE))
    for number in (LOCAL, MOBILE, ABROAD, PREMIUM, SATELLITE):
        floor.phone("202").calls(f"9{number}").hang_up()
        floor.wait(1)
    assert outside(floor) == [LOCAL, MOBILE]
    assert reasons(floor) == ["rights:international", "permission:premium", "permission:satellite"]


def test_a_refused_caller_hears_why_and_the_record_says_it(floor):
    floor.configure(config(outgoing=OUTSIDE))
    caller = floor.phone("201").calls(f"9{ABROAD}")
    floor.wait(4)
    assert [sound for _, sound in caller.heard] == ["not-permitted"]
    assert (caller.state, caller.cause) == ("ended", CALL_REJECTED)
    [refused] = floor.seen(Kind.OUTSIDE_REFUSED)
    assert refused.data == {"by": "201", "number": ABROAD, "reason": "rights:international"}


@pytest.mark.parametrize(("permission", "number"), [("premium", PREMIUM), ("satellite", SATELLITE)])
def test_a_permission_opens_what_it_names(floor, permission, number):
    floor.configure(config(extensions=extensions(permissions=[permission]), outgoing=OUTSIDE))
    floor.phone("201").calls(f"9{number}")
    floor.phone("202").calls(f"9{number}")
    floor.wait(1)
    assert outside(floor) == [number]


def test_a_premium_number_abroad_needs_both(floor):
    number = "0019005551234"
    for parts in ({"permissions": ["premium"]}, {"rights": "international"}):
        floor.configure(config(extensions=extensions(**parts), outgoing=OUTSIDE))
        floor.phone("201").calls(f"9{number}")
        floor.wait(1)
    assert outside(floor) == []
    floor.configure(config(
        extensions=extensions(permissions=["premium"], rights="international"), outgoing=OUTSIDE,
    ))
    floor.phone("201").calls(f"9{number}")
    floor.wait(1)
    assert outside(floor) == [number]


def test_a_rule_with_a_permission_is_for_those_who_have_it_and_no_later_rule_for_the_others(floor):
    rules = [{"name": "boss", "prefix": "8", "strip": 1, "via": ["line:1"], "permission": "boss"},
             {"name": "all", "prefix": "8", "strip": 1, "via": ["line:2"]}]    # fmt: skip
    floor.configure(config(extensions=extensions(permissions=["boss"]), outgoing=rules))
    floor.phone("201").calls(f"8{MOBILE}")
    floor.phone("202").calls(f"8{MOBILE}")
    floor.wait(1)
    assert outside(floor) == [MOBILE]
    assert reasons(floor) == ["permission:boss"]


def test_what_a_rule_puts_before_a_number_counts(floor):
    floor.configure(config(outgoing=[{"name": "abroad", "prefix": "7", "strip": 1, "prepend": "00", "via": ["lines"]}]))
    floor.phone("201").calls("712125551234")
    floor.wait(1)
    assert outside(floor) == []


def test_the_access_code_of_another_exchange_is_sent_and_not_read(floor):
    lines = [{"number": number, "access_code": "0"} for number in (1, 2, 3, 4)]
    floor.configure(config(lines=lines, outgoing=OUTSIDE))
    for digits in (f"9{MOBILE}", "9075588888888", f"9{ABROAD}", "110"):
        floor.phone("201").calls(digits)
        floor.wait(1)
    assert outside(floor) == [f"0{MOBILE}", "0075588888888", "0110"]


def test_a_trunk_to_another_pbx_has_an_access_code_too(floor):
    trunk = TRUNK | {"access_code": "9"}
    floor.configure(config(trunks=[trunk], lines=[], outgoing=[OUTSIDE[0] | {"via": ["trunk:carrier"]}]))
    for digits in (f"9{MOBILE}", "110"):
        floor.phone("201").calls(digits)
        floor.wait(1)
    assert outside(floor) == [f"9{MOBILE}", "9110"]


def test_an_extension_that_is_no_more_may_call_nothing(floor):
    floor.configure(config(extensions=[{"number": "202"}], agents=[], queues=[], outgoing=OUTSIDE, routes=[]))
    floor.phone("201").calls(f"9{LOCAL}")
    floor.wait(1)
    assert outside(floor) == []


# ---- strangers, transfers --------------------------------------------------------------------------------------------


def test_a_transfer_outside_goes_as_far_as_the_one_who_transfers_may(floor):
    floor.configure(config(
        extensions=extensions(rights="international"), trunks=[TRUNK], outgoing=OUTSIDE,
        routes=[{"name": "a", "did": "88880001", "to": "extension:201"},
                {"name": "b", "did": "88880002", "to": "extension:202"}],
    ))    # fmt: skip
    for did, extension in (("88880001", "201"), ("88880002", "202")):
        floor.phone(extension).answers_after(1)
        caller = floor.call_by_trunk("carrier", did)
        floor.wait(3)
        floor.phone(extension).transfer(f"9{ABROAD}")
        floor.wait(5)
        talks_on = caller.hears_party(floor.phone(extension).party)
        caller.hang_up()
        floor.wait(1)
    assert outside(floor) == [ABROAD]
    assert [event.data["by"] for event in floor.seen(Kind.OUTSIDE_REFUSED)] == ["202"]
    assert floor.phone("202").party.told == [CALL_REJECTED]    # who has the caller back
    assert talks_on


def test_after_a_transfer_that_was_refused_each_asks_for_themselves_again(floor):
    floor.configure(config(extensions=extensions(rights="international"), outgoing=OUTSIDE))
    floor.phone("202").answers_after(1)
    floor.phone("201").calls("202")
    floor.wait(3)
    floor.phone("202").transfer(f"9{ABROAD}")
    floor.wait(2)
    floor.phone("201").transfer(f"9{ABROAD}")
    floor.wait(2)
    assert [event.data["by"] for event in floor.seen(Kind.OUTSIDE_REFUSED)] == ["202"]
    assert outside(floor) == [ABROAD]


def test_who_transfers_is_remembered_over_a_restart(floor):
    floor.configure(config(trunks=[TRUNK], outgoing=OUTSIDE, routes=[{"name": "a", "to": "extension:201"}]))
    floor.phone("201").answers_after(1)
    floor.call_by_trunk("carrier", "88880001")
    floor.wait(3)
    floor.phone("201").transfer(f"9{MOBILE}")
    floor.wait(1)
    floor.kill()
    floor.start()
    floor.wait(0.5)
    assert asker(floor.live[0]) == "201"


def test_a_caller_from_outside_goes_out_again_only_where_a_route_says_so(floor):
    route = {"name": "a", "to": f"number:9{MOBILE}"}
    floor.configure(config(trunks=[TRUNK], outgoing=OUTSIDE, routes=[route]))
    floor.call_by_trunk("carrier", "88880001")
    floor.wait(1)
    assert outside(floor) == [MOBILE]


def test_a_route_that_is_no_more_lets_nobody_out(floor):
    """A caller on the way while the configuration changes, or after a restart with another one."""
    route = {"name": "a", "to": "extension:201"}
    floor.configure(config(trunks=[TRUNK], outgoing=OUTSIDE, routes=[route]))
    caller = floor.call_by_trunk("carrier", "88880001")
    call = floor.live[0]
    floor.loop.create_task(floor.stages["number"].run(call, Destination("number", f"9{MOBILE}")))
    floor.wait(3)
    assert outside(floor) == []
    assert reasons(floor) == ["unasked"]
    caller.hang_up()


# ---- the number shown ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("caller_id", "shown"), [("", "88880001"), ("88880002", "88880002")])
def test_an_extension_shows_its_own_number_or_the_trunks_first(floor, caller_id, shown):
    rules = [OUTSIDE[0] | {"via": ["trunk:carrier"]}]
    floor.configure(config(extensions=extensions(caller_id=caller_id), trunks=[TRUNK], outgoing=rules))
    floor.phone("201").calls(f"9{MOBILE}", name="110")
    floor.wait(1)
    [dial] = [order for order in floor.gateway.orders if isinstance(order, Dial)]
    assert (dial.caller_number, dial.caller_name) == (shown, "")


def test_a_number_of_another_trunk_is_not_shown_on_this_one(floor):
    other = {"name": "other", "host": "10.0.0.2", "numbers": ["77770001"]}
    rules = [OUTSIDE[0] | {"via": ["trunk:other"]}]
    floor.configure(config(extensions=extensions(caller_id="88880002"), trunks=[TRUNK, other], outgoing=rules))
    floor.phone("201").calls(f"9{MOBILE}")
    floor.wait(1)
    [dial] = [order for order in floor.gateway.orders if isinstance(order, Dial)]
    assert dial.caller_number == "77770001"


def test_each_of_the_rights_has_all_of_the_one_before():
    reaches = list(REACHES.values())
    assert all(set(less) < set(more) for less, more in pairwise(reaches))
