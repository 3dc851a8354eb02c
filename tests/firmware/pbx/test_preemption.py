"""A call for help gets a line at once: an ordinary call gives way to it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.link.causes import NETWORK_OUT_OF_ORDER, NO_CIRCUIT_AVAILABLE, PREEMPTION, UNALLOCATED_NUMBER
from drivers.link.messages import Dial
from firmware.emergency import is_emergency
from firmware.events import Kind
from tests.examples import examples
from tests.fakes.box import Box
from tests.fakes.floor import Floor, config, queue

TRUNK = {"name": "carrier", "host": "10.0.0.1", "numbers": ["88886666"], "channels": 1}
TO_201 = [{"name": "all", "to": "extension:201"}]


@pytest.fixture
def box(tmp_path):
    """A whole exchange."""
    box = Box(tmp_path)
    yield box
    box.close()


def for_help(floor):
    """Return by what calls for help were dialled."""
    dials = [event for event in floor.seen(Kind.LEG_DIALED) if event.data["target"].endswith(":110")]
    return [event.data["target"] for event in dials]


def talk_outside(floor, *extensions):
    """Let telephones talk outside, by lines 4, 3, 2, 1; return who they are."""
    callers = []
    for line, extension in zip((4, 3, 2, 1), extensions, strict=False):
        floor.phone(f"line:{line}").answers_after(1)
        callers.append(floor.phone(extension).calls("913800138000"))
        floor.wait(3)
    return callers


def test_with_all_lines_talking_the_youngest_outgoing_call_gives_way_within_two_seconds(floor):
    floor.gateway.guard_s = 1.0
    callers = talk_outside(floor, "201", "202", "203", "204")
    floor.phone("201").calls("110")
    floor.wait(1.5)
    assert for_help(floor) == ["line:1:110"]
    assert [caller.state for caller in callers] == ["answered"] * 4
    assert [sound for _, sound in callers[3].heard][-1] == "gave-way"
    floor.wait(3)
    assert (callers[3].state, callers[3].cause) == ("ended", PREEMPTION)
    assert callers[0].hears_party(floor.phone("line:4").party)


def test_the_record_says_which_call_for_help_it_was(floor):
    talk_outside(floor, "201", "202", "203", "204")
    floor.phone("201").calls("110")
    floor.wait(1)
    helped = next(call for call in floor.live if call.emergency)
    [event] = floor.seen(Kind.PREEMPTED)
    assert (event.data["by"], event.leg) == (helped.id, "2")


def test_a_call_that_nobody_has_answered_yet_goes_before_a_talk(floor):
    floor.phone("line:4").rings()
    ringing = floor.phone("204").calls("913800138000")
    for line, extension in ((3, "201"), (2, "202"), (1, "203")):
        floor.phone(f"line:{line}").answers_after(1)
        floor.phone(extension).calls("913800138000")
        floor.wait(3)
    floor.phone("201").calls("110")
    floor.wait(1)
    assert for_help(floor) == ["line:4:110"]
    assert [sound for _, sound in ringing.heard] == ["gave-way"]


def test_a_caller_who_came_in_is_cut_off_only_when_no_outgoing_call_is_left(floor):
    floor.configure(config(queues=[queue(max_wait_s=600)]))
    inside = [floor.call(line) for line in (1, 2, 3)]
    floor.wait(1)
    [caller] = talk_outside(floor, "201")
    floor.phone("202").calls("110")
    floor.wait(1)
    assert for_help(floor) == ["line:4:110"]
    floor.phone("203").calls("110")
    floor.wait(1)
    assert for_help(floor) == ["line:4:110", "line:3:110"]
    assert [party.state for party in inside] == ["answered", "answered", "ended"]
    assert inside[2].cause == PREEMPTION
    floor.wait(5)
    assert caller.cause == PREEMPTION


def test_a_trunk_caller_is_cut_off_before_a_line_caller(floor):
    floor.configure(config(trunks=[TRUNK], queues=[queue(max_wait_s=600)]))
    by_trunk = floor.call_by_trunk("carrier", "88886666")
    by_line = [floor.call(line) for line in (1, 2, 3, 4)]
    floor.wait(1)
    floor.phone("201").calls("110")
    floor.wait(1)
    assert for_help(floor) == ["trunk:carrier:110"]
    assert by_trunk.cause == PREEMPTION
    assert {party.state for party in by_line} == {"answered"}


def test_the_agent_who_talks_with_a_caller_that_is_cut_off_learns_the_cause(floor):
    floor.configure(config(lines=[{"number": 1}], routes=TO_201))
    floor.phone("201").answers_after(1)
    caller = floor.call(1)
    floor.wait(3)
    floor.phone("202").calls("110")
    floor.wait(1)
    assert (caller.cause, floor.phone("201").party.cause) == (PREEMPTION, PREEMPTION)
    assert for_help(floor) == ["line:1:110"]
    assert len(floor.live) == 1


def test_a_line_that_rings_cannot_be_taken(floor):
    floor.configure(config(lines=[{"number": 1}], routes=[{"name": "all", "to": "extension:201"}]))
    floor.phone("201").rings()
    caller = floor.call(1)
    floor.wait(1)
    assert caller.state == "offered"
    helpless = floor.phone("202").calls("110")
    floor.wait(1)
    assert [sound for _, sound in helpless.heard] == ["lines-busy"]
    assert caller.state == "offered"


def test_a_line_that_another_telephone_has_is_tried_for_help_when_nothing_is_left_to_take(floor):
    floor.gateway.guard_s = 1.0
    floor.configure(config(lines=[{"number": number} for number in (2, 3, 4)]))
    (caller,) = talk_outside(floor, "204")  # by line 4
    floor.gateway.line_is(2, "parallel")
    floor.gateway.line_is(3, "parallel")
    floor.phone("line:3").refuses(NO_CIRCUIT_AVAILABLE)
    for extension in ("201", "202"):
        floor.phone(extension).calls("110")
        floor.wait(3)
    assert for_help(floor) == ["line:4:110", "line:3:110", "line:2:110"]
    assert caller.cause == PREEMPTION


def test_who_finds_no_dial_tone_there_either_is_told_that_all_lines_are_busy(floor):
    floor.configure(config(lines=[{"number": 1}]))
    floor.gateway.line_is(1, "parallel")
    floor.phone("line:1").refuses(NO_CIRCUIT_AVAILABLE)
    helpless = floor.phone("201").calls("110")
    floor.wait(5)
    assert for_help(floor) == ["line:1:110"]
    assert [sound for _, sound in helpless.heard] == ["lines-busy"]


def test_a_call_for_help_is_never_cut_off(floor):
    floor.configure(config(lines=[{"number": 1}, {"number": 2}]))
    for extension in ("201", "202"):
        floor.phone(extension).calls("110")
        floor.wait(1)
    third = floor.phone("203").calls("110")
    floor.wait(4)
    assert for_help(floor) == ["line:2:110", "line:1:110"]
    assert floor.seen(Kind.PREEMPTED) == []
    assert (third.cause, [sound for _, sound in third.heard]) == (NO_CIRCUIT_AVAILABLE, ["lines-busy"])


def test_two_who_call_for_help_at_once_take_two_lines(floor):
    floor.gateway.guard_s = 1.0
    callers = talk_outside(floor, "201", "202", "203", "204")
    floor.gateway.incoming("extension:201", "110", "201")
    floor.gateway.incoming("extension:202", "110", "202")
    floor.wait(2)
    assert sorted(for_help(floor)) == ["line:1:110", "line:2:110"]
    floor.wait(3)
    assert [caller.state for caller in callers] == ["answered", "answered", "ended", "ended"]


def test_nobody_snatches_the_line_that_was_taken_for_help(floor):
    floor.gateway.guard_s = 1.0
    talk_outside(floor, "201", "202", "203", "204")
    floor.phone("201").calls("110")
    ordinary = floor.phone("202").calls("913900139000")
    floor.wait(2)
    assert for_help(floor) == ["line:1:110"]
    assert ordinary.cause == NO_CIRCUIT_AVAILABLE


def test_not_even_somebody_who_dials_in_the_very_instant_it_comes_free(floor):
    floor.gateway.guard_s = 100.0
    talk_outside(floor, "201", "202", "203", "204")
    floor.phone("201").calls("110")
    floor.wait(1)

    def at_once():
        floor.gateway.incoming("extension:202", "913900139000", "202")
        floor.gateway._line(1, "idle")

    floor.do(at_once)
    floor.wait(1)
    assert for_help(floor) == ["line:1:110"]


def test_the_whole_exchange_hears_at_once_that_a_line_has_come_free(box):
    box.gateway.guard_s = 1.0
    for line, extension in zip((4, 3, 2, 1), ("201", "202", "203", "204"), strict=True):
        box.line(line).far_end.answers_after(0)
        box.phone(extension).calls("988886666")
        box.clock.advance(2)
    box.phone("201").calls("110")
    box.clock.advance(1.5)
    assert [event.data["target"] for event in box.seen(Kind.LEG_DIALED)][-1] == "line:1:110"
    box.clock.advance(10)
    record = next(call for call in box.calls if call.cause == PREEMPTION)
    helped = next(call for call in box.live if call.emergency)
    assert ("preempted", helped.id) in [(one.kind, one.who) for one in record.segments]


def test_a_line_that_does_not_come_free_leads_to_the_next(floor):
    callers = talk_outside(floor, "201", "202", "203", "204")
    floor.gateway.deaf_channels.add(floor.phone("line:1").party.channel.id)
    floor.phone("201").calls("110")
    floor.wait(6)
    assert for_help(floor) == ["line:2:110"]
    assert callers[0].state == "answered"


def test_where_free_ways_fail_one_that_is_in_use_is_taken(floor):
    floor.configure(config(trunks=[TRUNK]))
    floor.phone("trunk:carrier").refuses(NETWORK_OUT_OF_ORDER)
    talk_outside(floor, "201", "202", "203", "204")
    floor.phone("201").calls("110")
    floor.wait(1)
    assert for_help(floor) == ["trunk:carrier:110", "line:1:110"]


def test_a_carrier_that_does_not_know_the_number_is_not_the_last_word(floor):
    floor.configure(config(trunks=[TRUNK], lines=[{"number": 1}]))
    floor.phone("line:1").refuses(UNALLOCATED_NUMBER)
    floor.phone("trunk:carrier").answers_after(1)
    caller = floor.phone("201").calls("110")
    floor.wait(3)
    assert caller.hears_party(floor.phone("trunk:carrier").party)


def test_killed_while_a_line_is_being_freed_the_next_exchange_goes_on(floor):
    floor.gateway.guard_s = 1.0
    talk_outside(floor, "201", "202", "203", "204")
    floor.phone("201").calls("110")
    floor.wait(0.3)
    floor.kill()
    floor.loop.advance(0.3)
    floor.start()
    floor.wait(3)
    assert for_help(floor) == ["line:1:110"]
    assert len(floor.seen(Kind.EMERGENCY)) == 1
    assert floor.live[-1].emergency == "110"


def test_who_helps_stays_a_call_for_help_when_transferred(floor):
    floor.configure(config(lines=[{"number": 1}]))
    floor.phone("line:1").answers_after(1)
    floor.phone("202").answers_after(1)
    floor.phone("201").calls("110")
    floor.wait(3)
    floor.phone("201").transfer("202")
    floor.wait(3)
    assert floor.phone("202").party.hears_party(floor.phone("line:1").party)
    floor.phone("203").calls("110")
    floor.wait(3)
    assert floor.seen(Kind.PREEMPTED) == []


# ---- no condition ----------------------------------------------------------------------------------------------------

CAPS = st.fixed_dictionaries({"calls": st.sampled_from([0, 1, None]), "minutes": st.sampled_from([0, 1, None])})
PREFIXES = st.sampled_from(["", "0", "9", "1", "11", "110", "99"])
RULES = st.lists(
    st.builds(
        lambda prefix, strip, prepend, via, permission: {
            "prefix": prefix, "strip": min(strip, len(prefix)), "prepend": prepend, "via": [via],
            "permission": permission,
        },
        PREFIXES, st.integers(0, 3), st.sampled_from(["", "00", "17909"]), st.sampled_from(["lines", "trunk:carrier"]),
        st.sampled_from(["", "boss"]),
    ), max_size=3,
)    # fmt: skip


@st.composite
def configurations(draw):
    """Return a configuration that forbids as much as one can, with at least one way outside."""
    rules = [rule | {"name": f"r{index}"} for index, rule in enumerate(draw(RULES))]
    lines = [{"number": number} for number in range(1, draw(st.integers(0, 3)) + 1)]
    trunks = [TRUNK] if draw(st.booleans()) or not lines else []
    limits = {name: draw(CAPS) for name in ("box", "extension", "international", "special", "after_hours")}
    country = draw(st.sampled_from([("CN", "110"), ("CN", "112"), ("US", "911"), ("DE", "112"), ("TK", "112")]))
    return config(
        box={"country": country[0], "area_code": ""}, lines=lines, trunks=trunks, outgoing=rules,
        extensions=[
            {"number": number, "rights": draw(st.sampled_from(["internal", "international"]))}
            for number in ("201", "202", "203", "204")
        ],
        limits=limits | {"hours": "never"}, hours=[{"name": "never"}],
        features={"login": "*1", "logout": "*2", "ready": "*3", "not_ready": "*4"},
        routes=[{"name": "all", "to": "queue:service"}],
    ), country[1]


@settings(max_examples=examples(60), deadline=None)
@given(told=configurations(), busy=st.integers(0, 5), prefixed=st.booleans(), logged_in=st.booleans())
def test_an_emergency_number_is_never_refused_whatever_the_configuration(
    tmp_path_factory, told, busy, prefixed, logged_in
):
    configuration, number = told
    assert is_emergency(number, configuration.box.country)
    floor = Floor(tmp_path_factory.mktemp("floor"))
    try:
        floor.configure(configuration)
        if logged_in:
            floor.login("204")
        for line in configuration.lines[:busy]:
            floor.call(line.number)
        for _ in range(max(0, busy - len(configuration.lines))):
            floor.call_by_trunk("carrier", "88886666")
        floor.wait(1)
        prefixes = [rule.prefix[: rule.strip] for rule in configuration.outgoing if rule.strip]
        digits = prefixes[0] + number if prefixed and prefixes else number
        floor.phone("204").calls(digits)
        floor.wait(20)    # a trunk with more calls than channels gives up one after the other
        sent = [order.target.number for order in floor.gateway.orders if isinstance(order, Dial)
                and order.tag.purpose == "outside"]    # fmt: skip
        assert sent
        assert set(sent) == {number}
        assert floor.seen(Kind.OUTSIDE_REFUSED) == []
        assert [event.data["number"] for event in floor.seen(Kind.EMERGENCY)] == [number]
    finally:
        floor.close()
