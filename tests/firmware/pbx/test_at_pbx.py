"""Extensions at an old PBX behind a trunk group: called and calling as any other, though the box sees no telephone."""

import pytest

from drivers.link.causes import NO_ANSWER, NO_CIRCUIT_AVAILABLE, SUBSCRIBER_ABSENT, USER_BUSY
from firmware.config.configuration import exported
from firmware.events import Kind
from tests.fakes.box import Box, config

PBX = "trunk:pbx"


@pytest.fixture
def box(tmp_path):
    """A box with a PBX whose group is up: 300 to 399 live there, 401 too, and the agent 201 at 301."""
    box = Box(tmp_path, config(
        spans=[{"number": 2}],
        groups=[{"name": "pbx", "channels": ["2"]}],
        trunks=[{"name": "carrier", "host": "10.0.0.1"}],
        extensions=[
            {"number": "202", "secret": "secret-of-202-0000"},
            {"number": "300", "last": "399", "group": "pbx", "name": "Old house", "rights": "local"},
            {"number": "401", "group": "pbx", "name": "Gate", "rights": "internal"},
        ],
        agents=[{"number": "201", "extension": "301"}],
        queues=[{"name": "service", "agents": ["201"], "record": False}],
        routes=[
            {"name": "gate", "source": "trunk:carrier", "to": "extension:401"},
            {"name": "desk", "source": "trunk:pbx", "did": "88", "to": "queue:service"},
            {"name": "rest", "source": "line", "to": "queue:service"},
        ],
    ))  # fmt: skip
    box.gateway.registration(PBX, True)
    box.settle()
    yield box
    box.close()


def configure(box, **parts):
    document = exported(box.configuration.config, secrets=True) | parts
    box.wait(box.configuration.replace(document, who="test", why="other"))
    box.settle()


def told(party):
    return [sound for _, sound in party.heard]


def test_a_telephone_calls_one_at_the_pbx_which_shows_who_calls(box):
    caller = box.phone("202").calls("345", name="Ann")
    box.clock.advance(1)
    channel = box.phone("345").party.channel
    assert (channel.caller_number, channel.caller_name, channel.target) == ("202", "Ann", "extension:345")
    box.phone("345").answer()
    assert caller.hears_party(box.phone("345").party)


def test_a_number_of_the_carrier_leads_there(box):
    box.trunk("carrier").calls("62348801", "13800138000")
    box.clock.advance(1)
    assert box.phone("401").party.channel.caller_number == "13800138000"


@pytest.mark.parametrize(
    ("cause", "said"), [(USER_BUSY, "extension-busy"), (NO_ANSWER, "no-answer"), (NO_CIRCUIT_AVAILABLE, "lines-busy")]
)
def test_what_the_pbx_answers_is_what_a_caller_outside_is_told(box, cause, said):
    configure(box, routes=[{"name": "gate", "source": "line", "to": "extension:401"}])
    box.phone("401").refuses(cause)
    caller = box.line(1).ring("13800138000")
    box.clock.advance(10)
    assert any(said in one for one in told(caller)), told(caller)
    assert (box.calls[-1].cause, box.calls[-1].outcome) != (16, "answered")


def test_without_its_group_nobody_there_is_rung(box):
    box.gateway.registration(PBX, False)
    caller = box.phone("202").calls("345")
    box.clock.advance(1)
    assert box.phone("345").parties == []
    assert caller.cause == SUBSCRIBER_ABSENT


def test_the_pbx_says_itself_whether_one_of_its_telephones_is_busy(box):
    """It may have call waiting, or be no telephone at all but a group of them."""
    box.phone("202").calls("345")
    box.clock.advance(1)
    box.trunk("pbx").calls("345", "346")
    box.clock.advance(1)
    assert len(box.phone("345").parties) == 2


def test_who_calls_from_there_is_the_extension_with_its_name_and_not_a_stranger(box):
    box.trunk("pbx").calls("202", "401", "GATE PHONE")
    box.trunk("pbx").calls("345", "399", "Mr Ye")
    box.clock.advance(1)
    shown = box.phone("202").party.channel
    assert (shown.caller_number, shown.caller_name) == ("401", "Gate")
    assert box.phone("345").party.channel.caller_name == "Mr Ye"  # of a range the PBX alone knows the names
    first = box.seen(Kind.CALL_OFFERED)[0].data
    assert (first["source"], first["direction"], first["e164"]) == ("extension:401", "internal", "")


def test_who_calls_from_there_with_a_number_that_is_none_of_its_is_a_call_of_the_trunk(box):
    box.trunk("pbx").calls("88", "202")
    box.settle()
    assert box.seen(Kind.CALL_OFFERED)[0].data["source"] == PBX


def test_digits_that_mean_nothing_inside_take_the_routes_of_its_group(box):
    box.login("201")
    caller = box.trunk("pbx").calls("88", "345")
    box.clock.advance(1)
    assert box.phone("301").state == "ringing"
    stranger = box.trunk("pbx").calls("77", "345")
    box.clock.advance(1)
    assert (caller.state, stranger.state) == ("answered", "ended")


@pytest.mark.parametrize(("caller", "number", "goes"), [
    ("345", "962341234", True),
    ("345", "9013800138000", False),  # local only
    ("401", "962341234", False),      # not even that
])
def test_how_far_it_may_call_outside_is_its_own_rights(box, caller, number, goes):
    box.trunk("pbx").calls(number, caller)
    box.clock.advance(2)
    refused = [event.data["by"] for event in box.seen(Kind.OUTSIDE_REFUSED)]
    assert (refused == [], bool(box.line(4).far_end.parties)) == (goes, goes)
    assert refused in ([], [caller])


def test_each_call_there_takes_a_channel_of_its_group(box):
    """Calls by way of the PBX to a number outside wait for the same channels."""
    rule = {"name": "outside", "prefix": "9", "strip": 1, "via": ["trunk:pbx"]}
    configure(box, groups=[{"name": "pbx", "channels": ["2:1-2"]}], outgoing=[rule])
    box.phone("202").calls("345")
    box.clock.advance(1)
    box.phone("202").calls("962341234")
    box.clock.advance(1)
    assert len(box.trunk("pbx").far_end.parties) == 1
    third = box.phone("202").calls("962341234")
    box.clock.advance(1)
    assert len(box.trunk("pbx").far_end.parties) == 1
    assert third.cause == NO_CIRCUIT_AVAILABLE


def test_an_agent_whose_telephone_is_there_is_rung_while_the_group_is_up(box):
    box.login("201")
    box.gateway.registration(PBX, False)
    caller = box.line(1).ring("13800138000")
    box.clock.advance(5)
    assert box.phone("301").parties == []
    box.gateway.registration(PBX, True)
    box.clock.advance(1)
    box.phone("301").answer()
    assert caller.hears_party(box.phone("301").party)


def test_a_call_there_lives_on_when_the_exchange_begins_anew(box):
    box.phone("202").calls("345")
    box.clock.advance(1)
    box.restart(after_s=1)
    box.phone("345").answer()
    box.clock.advance(1)
    assert box.phone("202").party.hears_party(box.phone("345").party)
    assert len(box.phone("345").parties) == 1
