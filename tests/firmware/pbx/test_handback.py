"""Two outside who came to talk by one span are handed back to its carrier: when, and what stays on record."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from drivers.link.messages import HandBack as Order
from drivers.link.messages import Record
from firmware.events import Kind
from firmware.records.cdr import Cdr
from tests.fakes.box import Box, config
from tests.fakes.parties import Party

GROUP = {"name": "e1", "channels": ["1"], "hand_back": True}
PARTS: dict[str, Any] = {
    "spans": [{"number": 1}, {"number": 2, "clock": 2}],
    "groups": [GROUP, {"name": "e2", "channels": ["2"], "hand_back": True}],
    "routes": [
        {"name": "away", "source": "trunk:e1", "did": "1", "to": "number:913912345678"},
        {"name": "desk", "source": "trunk:e1", "did": "2", "to": "extension:201"},
        {"name": "ask", "source": "trunk:e1", "did": "3", "to": "queue:service"},
        {"name": "all", "to": "extension:201"},
    ],
    "outgoing": [{"name": "outside", "prefix": "9", "strip": 1, "via": ["trunk:e1"]}],
    "hours": [{"name": "day", "week": {"sun": ["08:00-09:00"]}}],
    "queues": [{"name": "service", "agents": ["201", "202"], "record": True}],
}
Make = Callable[..., Box]


@pytest.fixture
def make(tmp_path: Path) -> Any:
    made: list[Box] = []

    def box(**parts: Any) -> Box:
        made.append(Box(tmp_path / f"box{len(made)}", config(**PARTS | parts)))
        made[-1].phone("trunk:e1").answers_after(1)
        made[-1].phone("trunk:e2").answers_after(1)
        return made[-1]

    yield box
    for one in made:
        one.close()


def orders(box: Box) -> list[Order]:
    return [order for order in box.gateway.orders if isinstance(order, Order)]


def forwarded(box: Box, did: str = "1") -> Party:
    """Let somebody call a number that is forwarded outside, and be answered there."""
    caller = box.trunk("e1").calls(did, "13800138000")
    box.clock.advance(2)
    return caller


def ended(box: Box) -> Cdr:
    box.clock.advance(1)
    assert box.live == []
    return box.calls[-1]


def test_a_call_forwarded_by_its_own_span_is_handed_back_and_on_record_as_that(make: Make) -> None:
    box = make()
    caller = forwarded(box)
    (order,) = orders(box)
    assert {order.channel, order.other} == {caller.channel.id, box.phone("trunk:e1").party.channel.id}
    cdr = ended(box)
    assert (cdr.outcome, cdr.by, cdr.cause, cdr.talk_s > 0) == ("answered", "carrier", 16, True)
    assert [(one.kind, one.who) for one in cdr.segments] == [
        ("ring", "trunk:e1:13912345678"), ("talk", "trunk:e1:13912345678"), ("handed_back", "trunk:e1"),
    ]  # fmt: skip
    talk, handed = cdr.segments[1:]
    assert handed.since_s == pytest.approx(talk.since_s + talk.duration_s, abs=0.02)
    assert box.gateway.channels == {}
    assert [(event.data["cause"], event.data["by"]) for event in box.seen(Kind.LEG_ENDED)] == 2 * [(16, "carrier")]


@pytest.mark.parametrize("outcome", ["refused", "unanswered"])
def test_where_the_carrier_does_not_join_them_they_talk_on_through_the_box(make: Make, outcome: Any) -> None:
    box = make()
    box.gateway.hand_back = outcome
    caller = forwarded(box)
    box.clock.advance(60)
    assert caller.hears_party(box.phone("trunk:e1").party)
    assert len(orders(box)) == 1    # it is not asked again and again
    assert [event.data["outcome"] for event in box.seen(Kind.HANDED_BACK)] == [outcome]
    caller.hang_up()
    cdr = ended(box)
    assert (cdr.by, round(cdr.talk_s)) == ("caller", 61)
    assert "handed_back" not in {one.kind for one in cdr.segments}


@pytest.mark.parametrize(("who", "by"), [("caller", "caller"), ("other", "outside")])
def test_who_hangs_up_before_the_carrier_answers_has_hung_up(make: Make, who: str, by: str) -> None:
    box = make()
    caller = box.trunk("e1").calls("1", "13800138000")
    while not orders(box):
        box.clock.advance(0.01)
    (caller if who == "caller" else box.phone("trunk:e1").party).hang_up()
    cdr = ended(box)
    assert (cdr.by, [one.kind for one in cdr.segments][-1]) == (by, "talk")


def test_who_is_sent_outside_by_an_extension_is_handed_back_once_that_has_left(make: Make) -> None:
    box = make()
    box.phone("201").answers_after(1)
    caller = forwarded(box, "2")
    assert caller.hears_party(box.phone("201").party)
    assert orders(box) == []
    box.phone("201").party.transfer("913912345678")
    box.clock.advance(3)
    assert len(orders(box)) == 1
    cdr = ended(box)
    assert [(one.kind, one.who) for one in cdr.segments if one.kind != "ring"] == [
        ("talk", "201"), ("transfer", "913912345678"), ("talk", "trunk:e1:13912345678"), ("handed_back", "trunk:e1"),
    ]  # fmt: skip
    assert cdr.by == "carrier"


NOT: dict[str, dict[str, Any]] = {
    "the setting is off": {"groups": [GROUP | {"hand_back": False}]},
    "it goes out by another span": {"outgoing": [{"name": "outside", "prefix": "9", "strip": 1, "via": ["trunk:e2"]}]},
    "its minutes have a limit of their own": {"limits": {"after_hours": {"minutes": 100}, "hours": "day"}},
}


@pytest.mark.parametrize("why", NOT)
def test_it_is_not_asked_for_where(make: Make, why: str) -> None:
    box = make(**NOT[why])
    caller = forwarded(box)
    assert caller.state == "answered"
    assert orders(box) == []


def test_a_limit_of_their_calls_alone_does_not_keep_it(make: Make) -> None:
    box = make(limits={"after_hours": {"calls": 100}, "hours": "day"})
    forwarded(box)
    assert len(orders(box)) == 1


def test_an_extension_in_the_call_keeps_it(make: Make) -> None:
    box = make()
    caller = box.phone("201").calls("913912345678")
    box.clock.advance(5)
    assert caller.hears_party(box.phone("trunk:e1").party)
    assert orders(box) == []


def test_a_recorded_call_is_not_handed_back(make: Make) -> None:
    box = make()
    box.login("201")
    box.phone("201").answers_after(1)
    caller = forwarded(box, "3")
    box.clock.advance(20)
    box.phone("201").party.transfer("913912345678")
    box.clock.advance(5)
    assert caller.hears_party(box.phone("trunk:e1").party)
    assert caller.channel.recording
    assert orders(box) == []


def test_a_call_for_help_is_not_handed_back(make: Make) -> None:
    box = make(routes=[{"name": "away", "source": "trunk:e1", "to": "number:9110"}], lines=[])
    caller = forwarded(box)
    assert caller.hears_party(box.phone("trunk:e1").party)
    assert box.live[0].emergency == "110"
    assert orders(box) == []


def test_who_has_not_left_yet_or_is_on_hold_keeps_it(make: Make) -> None:
    box = make()
    box.gateway.hand_back = "refused"
    box.phone("201").answers_after(1)
    forwarded(box, "2")
    telephone = box.phone("201").party
    box.gateway.deaf_channels.add(telephone.channel.id)
    telephone.transfer("913912345678")
    box.clock.advance(3)
    (call,) = box.live
    other = call.legs[max(call.bridge)]
    assert other.target == "trunk:e1:13912345678"
    assert orders(box) == []        # the extension is still there
    box.do(call.hold_by, other)
    telephone.hang_up()
    assert other.held
    assert orders(box) == []
    box.do(call.resume_by, other)
    assert len(orders(box)) == 1
    box.do(call.hold_by, other)
    box.do(call.resume_by, other)
    assert len(orders(box)) == 1    # it was refused once


def test_a_recording_that_the_exchange_knows_nothing_of_yet_keeps_it_at_the_gateway(make: Make) -> None:
    box = make(groups=[GROUP | {"hand_back": False}])
    caller = forwarded(box)
    (call,) = box.live
    other = next(leg for leg in call.legs.values() if leg is not call.caller)
    box.gateway.order(Record(id="test", channel=caller.channel.id, path=str(box.home / "a.wav")))
    box.do(call.hand_back, call.caller, other)
    assert box.seen(Kind.HANDED_BACK) == []
    assert caller.state == "answered"


def test_an_exchange_killed_before_the_answer_puts_it_on_record_all_the_same(make: Make) -> None:
    box = make()
    box.trunk("e1").calls("1", "13800138000")
    while not orders(box):
        box.clock.advance(0.01)
    box.restart(after_s=2)
    box.clock.advance(3)
    cdr = ended(box)
    assert (cdr.by, cdr.outcome, [one.kind for one in cdr.segments][-1]) == ("carrier", "answered", "handed_back")
