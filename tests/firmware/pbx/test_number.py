"""Calls go outside by lines and trunks, emergency calls from any telephone."""

import pytest

from drivers.link.causes import (
    NETWORK_OUT_OF_ORDER,
    NO_CIRCUIT_AVAILABLE,
    SWITCHING_EQUIPMENT_CONGESTION,
    UNALLOCATED_NUMBER,
    USER_BUSY,
)
from drivers.link.messages import Dial
from firmware.events import Kind
from tests.fakes.floor import config, queue

TRUNK = {"name": "carrier", "host": "10.0.0.1", "numbers": ["88886666", "88886667"], "channels": 2}
OTHER = {"name": "other", "host": "10.0.0.2"}
BY_TRUNK = {"name": "outside", "prefix": "9", "strip": 1, "via": ["trunk:carrier", "lines"]}


def dialled(floor):
    """Return what was dialled outside, as records name it, with the number shown."""
    dials = [order for order in floor.gateway.orders if isinstance(order, Dial)]
    targets = {event.data["channel"]: event.data["target"] for event in floor.seen(Kind.LEG_DIALED)}
    return [(targets[dial.channel], dial.caller_number) for dial in dials]


def test_a_telephone_calls_outside_by_the_highest_free_line_without_the_prefix(floor):
    floor.phone("line:4").answers_after(2)
    caller = floor.phone("201").calls("910086")
    floor.wait(5)
    assert dialled(floor) == [("line:4:10086", "")]
    assert caller.hears_party(floor.phone("line:4").party)
    assert floor.live[0].direction == "out"


def test_the_next_caller_takes_the_next_line_down(floor):
    floor.phone("201").calls("910086")
    floor.phone("202").calls("910086")
    floor.wait(1)
    assert [target for target, _ in dialled(floor)] == ["line:4:10086", "line:3:10086"]


def test_two_who_dial_in_the_same_instant_take_two_lines(floor):
    floor.gateway.incoming("extension:201", "910086", "201")
    floor.gateway.incoming("extension:202", "910086", "202")
    floor.wait(1)
    assert sorted(target for target, _ in dialled(floor)) == ["line:3:10086", "line:4:10086"]


def test_a_line_on_which_somebody_calls_in_is_passed_over(floor):
    floor.call(4)
    floor.wait(1)
    floor.phone("201").calls("910086")
    floor.wait(1)
    assert [target for target, _ in dialled(floor)] == ["line:3:10086"]


def test_a_line_with_a_fault_is_passed_over(floor):
    floor.gateway._line(4, "fault")
    floor.wait(0.1)
    floor.phone("201").calls("910086")
    floor.wait(1)
    assert [target for target, _ in dialled(floor)] == ["line:3:10086"]


def shared(floor, *numbers, **parts):
    """Let something else answer these of the four lines."""
    lines = [{"number": number, "never_answer": number in numbers} for number in (1, 2, 3, 4)]
    floor.configure(config(lines=lines, **parts))


def test_a_line_that_is_never_answered_is_no_way_out_among_others_but_by_its_name(floor):
    shared(floor, 4)
    floor.phone("201").calls("910086")
    floor.wait(1)
    assert dialled(floor) == [("line:3:10086", "")]
    shared(floor, 4, outgoing=[{"name": "outside", "prefix": "9", "strip": 1, "via": ["line:4"]}])
    floor.phone("202").calls("910086")
    floor.wait(1)
    assert dialled(floor)[1:] == [("line:4:10086", "")]


def test_a_call_for_help_takes_a_line_that_is_never_answered_last_of_all(floor):
    shared(floor, 4)
    for line in (1, 2, 3):
        floor.call(line)
    floor.wait(1)
    floor.phone("201").calls("110")
    floor.wait(1)
    assert dialled(floor) == [("line:4:110", "")]


def test_a_line_taken_in_the_same_instant_leads_to_the_next(floor):
    floor.gateway.line_states[4] = "ringing"    # the gateway knows, the exchange not yet
    floor.phone("201").calls("910086")
    floor.wait(1)
    assert [target for target, _ in dialled(floor)] == ["line:4:10086", "line:3:10086"]


def test_with_all_lines_taken_the_caller_is_told_so(floor):
    for line in (1, 2, 3, 4):
        floor.call(line)
    caller = floor.phone("201").calls("910086")
    floor.wait(1)
    assert (caller.state, caller.cause) == ("ended", 34)
    assert dialled(floor) == []


def test_lines_that_other_telephones_have_are_passed_over(floor):
    floor.gateway.line_is(4, "parallel")
    floor.gateway.line_is(2, "parallel")
    for extension in ("201", "202"):
        floor.phone(extension).calls("910086")
        floor.wait(1)
    assert [target for target, _ in dialled(floor)] == ["line:3:10086", "line:1:10086"]


@pytest.mark.parametrize(("states", "heard"), [
    (("parallel", "parallel", "parallel", "parallel"), ["lines-held"]),
    (("parallel", "parallel", "fault", "parallel"), ["lines-held"]),
    (("fault", "fault", "fault", "fault"), []),
    (("parallel", "parallel", "in_use", "parallel"), []),
])  # fmt: skip
def test_who_finds_all_lines_taken_by_other_telephones_is_told_so(floor, states, heard):
    for line, state in enumerate(states, 1):
        floor.gateway.line_is(line, state)
    caller = floor.phone("201").calls("910086")
    floor.wait(1)
    assert ([sound for _, sound in caller.heard], dialled(floor)) == (heard, [])
    floor.wait(5)
    assert (caller.state, caller.cause) == ("ended", 34)


def test_a_call_out_that_met_a_caller_on_its_line_goes_by_the_next_and_the_caller_is_served(floor):
    floor.phone("201").calls("910086")
    floor.wait(1)
    floor.gateway.ended(floor.phone("line:4").party.channel, NO_CIRCUIT_AVAILABLE, "gateway")
    caller = floor.call(4)
    floor.wait(3)
    assert [target for target, _ in dialled(floor)] == ["line:4:10086", "line:3:10086"]
    assert caller.state == "answered"


def test_a_line_that_turns_out_to_be_another_telephones_leads_to_the_next(floor):
    floor.gateway.line_states[4] = "parallel"    # the gateway has seen it at this moment
    floor.phone("201").calls("910086")
    floor.wait(1)
    assert [target for target, _ in dialled(floor)] == ["line:4:10086", "line:3:10086"]


def test_a_line_is_free_again_after_its_call(floor):
    floor.phone("line:4").answers_after(1)
    caller = floor.phone("201").calls("910086")
    floor.wait(3)
    caller.hang_up()
    floor.wait(1)
    floor.phone("202").calls("910086")
    floor.wait(1)
    assert [target for target, _ in dialled(floor)] == ["line:4:10086"] * 2


def test_a_trunk_shows_only_a_number_the_carrier_gave(floor):
    floor.configure(config(trunks=[TRUNK], outgoing=[BY_TRUNK]))
    floor.phone("201").calls("913800138000")
    floor.wait(1)
    assert dialled(floor) == [("trunk:carrier:13800138000", "88886666")]


def test_a_group_of_channels_is_a_trunk_with_as_many_calls_as_it_has_channels(floor):
    floor.configure(config(
        spans=[{"number": 1}],
        groups=[{"name": "e1", "channels": ["1:1-2"], "numbers": ["88886666"], "access_code": "0"}],
        outgoing=[BY_TRUNK | {"via": ["trunk:e1", "lines"]}],
    ))
    for number in ("201", "202", "203"):
        floor.phone(number).calls("913800138000")
        floor.wait(1)
    by_group = ("trunk:e1:013800138000", "88886666")
    assert dialled(floor) == [by_group, by_group, ("line:4:13800138000", "")]


def test_a_caller_from_outside_who_is_sent_outside_never_shows_the_own_number(floor):
    floor.configure(config(
        trunks=[TRUNK], outgoing=[BY_TRUNK], routes=[{"name": "all", "to": "number:913900139000"}],
    ))
    floor.call(1, number="13812345678")
    floor.wait(1)
    assert dialled(floor) == [("trunk:carrier:13900139000", "88886666")]


def test_a_trunk_without_numbers_shows_none(floor):
    floor.configure(config(trunks=[OTHER], outgoing=[BY_TRUNK | {"via": ["trunk:other"]}]))
    floor.phone("201").calls("910086")
    floor.wait(1)
    assert dialled(floor) == [("trunk:other:10086", "")]


def test_a_trunk_that_fails_leads_to_the_next_way(floor):
    floor.configure(config(trunks=[TRUNK], outgoing=[BY_TRUNK]))
    floor.phone("trunk:carrier").refuses(NETWORK_OUT_OF_ORDER)
    floor.phone("line:4").answers_after(1)
    caller = floor.phone("201").calls("910086")
    floor.wait(3)
    assert [target for target, _ in dialled(floor)] == ["trunk:carrier:10086", "line:4:10086"]
    assert caller.hears_party(floor.phone("line:4").party)


def test_a_trunk_with_all_its_channels_taken_leads_to_the_next_way(floor):
    floor.configure(config(trunks=[TRUNK], outgoing=[BY_TRUNK]))
    for extension in ("201", "202", "203"):
        floor.phone(extension).calls("910086")
        floor.wait(0.5)
    assert [target for target, _ in dialled(floor)] == ["trunk:carrier:10086"] * 2 + ["line:4:10086"]


@pytest.mark.parametrize("cause", [USER_BUSY, UNALLOCATED_NUMBER])
def test_whoever_is_busy_or_unknown_is_not_called_again_by_another_way(floor, cause):
    floor.configure(config(trunks=[TRUNK], outgoing=[BY_TRUNK]))
    floor.phone("trunk:carrier").refuses(cause)
    caller = floor.phone("201").calls("910086")
    floor.wait(1)
    assert len(dialled(floor)) == 1
    assert caller.cause == cause


def test_when_every_way_fails_the_last_cause_is_the_callers(floor):
    floor.configure(config(trunks=[TRUNK], outgoing=[BY_TRUNK | {"via": ["trunk:carrier"]}]))
    floor.phone("trunk:carrier").refuses(SWITCHING_EQUIPMENT_CONGESTION)
    caller = floor.phone("201").calls("910086")
    floor.wait(1)
    assert caller.cause == SWITCHING_EQUIPMENT_CONGESTION


def test_digits_are_put_before_and_taken_away_as_the_rule_says(floor):
    floor.configure(config(outgoing=[
        {"name": "mobiles", "prefix": "01", "strip": 1, "prepend": "17909", "via": ["line:2"]},
    ]))
    floor.phone("201").calls("013800138000")
    floor.wait(1)
    assert [target for target, _ in dialled(floor)] == ["line:2:1790913800138000"]


def test_the_first_rule_that_fits_in_prefix_and_length_is_taken(floor):
    floor.configure(config(outgoing=[
        {"name": "short", "prefix": "9", "strip": 1, "max_digits": 4, "via": ["line:1"]},
        {"name": "long", "prefix": "9", "strip": 1, "via": ["line:2"]},
    ]))
    floor.phone("201").calls("9114")
    floor.phone("202").calls("910086")
    floor.wait(1)
    assert [target for target, _ in dialled(floor)] == ["line:1:114", "line:2:10086"]


@pytest.mark.parametrize(("digits", "cause"), [("777777", 1), ("9" + "1" * 40, 28), ("91", 28)])
def test_a_number_that_no_rule_lets_out_ends_with_its_cause(floor, digits, cause):
    caller = floor.phone("201").calls(digits)
    floor.wait(0.5)
    assert (caller.state, caller.cause) == ("ended", cause)
    assert dialled(floor) == []


def test_ringing_is_passed_on_and_nobody_is_answered_before_the_far_end_is(floor):
    floor.configure(config(trunks=[TRUNK], outgoing=[BY_TRUNK]))
    caller = floor.phone("201").calls("910086")
    floor.wait(2)
    assert caller.state == "offered"
    assert "Ring" in [type(order).__name__ for order in floor.gateway.orders]
    floor.phone("trunk:carrier").answer()
    assert caller.hears_party(floor.phone("trunk:carrier").party)


def test_a_far_end_that_is_heard_before_it_answers_is_what_the_caller_hears(floor):
    floor.configure(config(trunks=[TRUNK], outgoing=[BY_TRUNK]))
    carrier = floor.phone("trunk:carrier").speaks()
    caller = floor.phone("201").calls("910086")
    floor.wait(2)
    assert (caller.state, caller.hears) == ("offered", f"party:{carrier.party.channel.id}")
    assert "Ring" not in [type(order).__name__ for order in floor.gateway.orders]  # it has its own ringback
    assert [event.kind for event in floor.seen(Kind.LEG_AUDIBLE)] == [Kind.LEG_AUDIBLE]
    carrier.answer()
    assert caller.hears_party(carrier.party)


def test_a_caller_from_a_menu_hears_it_too_and_then_why_there_is_no_talk(floor):
    floor.configure(config(
        trunks=[TRUNK], outgoing=[BY_TRUNK],
        flows=[{"name": "main", "keys": {"0": {"to": "number:910086"}}}], routes=[{"name": "all", "to": "flow:main"}],
    ))  # fmt: skip
    carrier = floor.phone("trunk:carrier").speaks()
    caller = floor.call()
    caller.press("0")
    floor.wait(1)
    assert caller.hears == f"party:{carrier.party.channel.id}"
    carrier.party.hang_up(UNALLOCATED_NUMBER)
    floor.wait(0.5)
    assert floor.said(caller)[-1] == "number-not-possible"


@pytest.mark.parametrize("source", ["extension:201", "trunk:pbx"])
def test_a_caller_who_is_not_answered_hears_why_a_number_is_refused_and_gets_the_cause(floor, source):
    floor.configure(config(
        trunks=[TRUNK, OTHER | {"name": "pbx"}], outgoing=[BY_TRUNK | {"via": ["trunk:carrier"]}],
        routes=[{"name": "old", "source": "trunk:pbx", "to": "number:910086"}],
    ))  # fmt: skip
    carrier = floor.phone("trunk:carrier").speaks(UNALLOCATED_NUMBER)
    caller = floor.gateway.incoming(source, "910086", "201")
    floor.wait(20)
    assert (caller.state, caller.hears) == ("offered", f"party:{carrier.party.channel.id}")
    carrier.party.hang_up(UNALLOCATED_NUMBER)
    floor.wait(0.5)
    assert (caller.state, caller.cause) == ("ended", UNALLOCATED_NUMBER)
    assert "Answer" not in [type(order).__name__ for order in floor.gateway.orders]


@pytest.mark.parametrize(("cause", "by_line"), [(NETWORK_OUT_OF_ORDER, True), (USER_BUSY, False)])
def test_another_way_is_not_kept_waiting_by_a_carrier_that_says_it_cannot(floor, cause, by_line):
    floor.configure(config(trunks=[TRUNK], outgoing=[BY_TRUNK]))
    floor.phone("trunk:carrier").speaks(cause)
    caller = floor.phone("201").calls("910086")
    floor.wait(1)
    assert caller.state == "offered"
    assert [target.partition(":")[0] for target, _ in dialled(floor)] == ["trunk", "line"][: 1 + by_line]


@pytest.mark.parametrize("who", ["caller", "far end"])
def test_either_side_hanging_up_ends_the_call(floor, who):
    floor.phone("line:4").answers_after(1)
    caller = floor.phone("201").calls("910086")
    floor.wait(3)
    (caller if who == "caller" else floor.phone("line:4")).hang_up()
    floor.wait(0.5)
    assert caller.state == floor.phone("line:4").state == "ended"
    assert floor.live == []


# ---- emergencies -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("digits", ["110", "119", "120", "122", "112", "9110", "9119"])
def test_emergency_numbers_go_out_with_and_without_the_outside_prefix(floor, digits):
    floor.phone("201").calls(digits)
    floor.wait(1)
    assert dialled(floor) == [(f"line:4:{digits.removeprefix('9')}", "")]


def test_an_emergency_call_needs_no_rule(floor):
    floor.configure(config(outgoing=[]))
    floor.phone("201").calls("119")
    floor.wait(1)
    assert [target for target, _ in dialled(floor)] == ["line:4:119"]


def test_an_emergency_call_needs_nobody_to_be_logged_in_and_minds_no_agents_state(floor):
    floor.login("201")
    floor.do(floor.roster.not_ready, "201", "break")
    floor.phone("201").calls("120")
    floor.phone("204").calls("120")
    floor.wait(1)
    assert len(dialled(floor)) == 2


def test_an_emergency_call_tries_every_line_and_then_every_trunk(floor):
    floor.configure(config(trunks=[TRUNK, OTHER]))
    floor.call(1)
    for line in (2, 3, 4):
        floor.phone(f"line:{line}").refuses(NETWORK_OUT_OF_ORDER)
    floor.phone("trunk:carrier").refuses(NETWORK_OUT_OF_ORDER)
    floor.phone("trunk:other").answers_after(1)
    caller = floor.phone("201").calls("110")
    floor.wait(3)
    assert [target for target, _ in dialled(floor)] == [
        "line:4:110", "line:3:110", "line:2:110", "trunk:carrier:110", "trunk:other:110",
    ]
    assert caller.hears_party(floor.phone("trunk:other").party)


def test_an_emergency_call_raises_an_alarm_that_says_who_called(floor):
    floor.phone("203").calls("119")
    floor.wait(0.5)
    [alarm] = [event.data for event in floor.seen(Kind.ALARM)]
    assert (alarm["name"], alarm["subject"], alarm["raised"]) == ("emergency-call", "extension:203", True)
    assert "119" in alarm["detail"]


def test_an_emergency_number_comes_before_an_extension_of_that_number(floor):
    floor.configure(config(extensions=[{"number": "110"}, {"number": "201"}], agents=[], queues=[queue(agents=[])]))
    floor.phone("201").calls("110")
    floor.wait(1)
    assert [target for target, _ in dialled(floor)] == ["line:4:110"]


def test_another_country_has_other_emergency_numbers(floor):
    floor.configure(config(box={"country": "US", "area_code": "212"}, outgoing=[]))
    floor.phone("201").calls("911")
    refused = floor.phone("202").calls("119")
    floor.wait(1)
    assert [target for target, _ in dialled(floor)] == ["line:4:911"]
    assert refused.cause == 1


# ---- restarts --------------------------------------------------------------------------------------------------------


def restart(floor):
    floor.kill()
    floor.loop.advance(0.3)
    floor.start()
    floor.wait(0.5)


def test_killed_while_the_far_end_rings_it_may_still_answer(floor):
    floor.configure(config(trunks=[TRUNK], outgoing=[BY_TRUNK]))
    caller = floor.phone("201").calls("910086")
    floor.wait(2)
    restart(floor)
    assert len(dialled(floor)) == 1
    floor.phone("trunk:carrier").answer()
    floor.wait(0.2)
    assert caller.hears_party(floor.phone("trunk:carrier").party)


def test_a_way_that_failed_while_there_was_no_exchange_is_not_tried_again(floor):
    floor.configure(config(trunks=[TRUNK], outgoing=[BY_TRUNK]))
    caller = floor.phone("201").calls("910086")
    floor.wait(2)
    floor.kill()
    floor.gateway.ended(floor.phone("trunk:carrier").party.channel, NETWORK_OUT_OF_ORDER, "party")
    floor.phone("line:4").answers_after(1)
    floor.loop.advance(0.3)
    floor.start()
    floor.wait(3)
    assert [target for target, _ in dialled(floor)] == ["trunk:carrier:10086", "line:4:10086"]
    assert caller.hears_party(floor.phone("line:4").party)


def test_after_a_restart_lines_in_use_are_still_known_to_be(floor):
    floor.phone("line:4").answers_after(1)
    floor.phone("201").calls("910086")
    floor.wait(3)
    restart(floor)
    floor.phone("202").calls("910086")
    floor.wait(1)
    assert [target for target, _ in dialled(floor)] == ["line:4:10086", "line:3:10086"]


def test_an_emergency_call_raises_one_alarm_whatever_happens(floor):
    floor.phone("201").calls("119")
    floor.wait(1)
    restart(floor)
    floor.wait(1)
    assert len(floor.seen(Kind.ALARM)) == 1


INSTANTS = [*(step / 1000 for step in range(0, 14, 2)), 0.03, 0.05, 0.1]
INSTANTS += [1.1 + step / 1000 for step in range(0, 60, 5)]


@pytest.mark.parametrize("unwritten_s", [0, 0.004])
@pytest.mark.parametrize("killed_at_s", INSTANTS)
def test_killed_at_any_instant_the_number_is_reached_once_and_nothing_is_left(floor, killed_at_s, unwritten_s):
    floor.configure(config(trunks=[TRUNK], outgoing=[BY_TRUNK]))
    floor.phone("trunk:carrier").refuses(NETWORK_OUT_OF_ORDER)
    floor.phone("line:4").answers_after(1)
    floor.unwritten_s = unwritten_s
    caller = floor.gateway.incoming("extension:201", "910086", "201")
    floor.loop.advance(killed_at_s)
    floor.kill()
    floor.unwritten_s = 0
    floor.loop.advance(0.3)
    floor.start()
    floor.wait(5)
    assert caller.hears_party(floor.phone("line:4").party)
    assert [len(floor.phone(name).parties) for name in ("line:4", "line:3")] == [1, 0]
    # What was refused while nobody was there to write of it is tried once more
    assert len(floor.phone("trunk:carrier").parties) <= (2 if unwritten_s else 1)
    caller.hang_up()
    floor.wait(1)
    assert floor.live == []
    assert floor.gateway.channels == {}
