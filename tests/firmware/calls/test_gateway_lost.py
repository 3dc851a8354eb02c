"""The gateway dies, or only its wire: what ends, what goes on, and what the records say."""

import pytest

from drivers.link.messages import Alarm, Answer, Dial, Play
from firmware.events import Kind
from tests.fakes.said import said

NUMBER = "13800138000"


@pytest.fixture
def served(box):
    """A box where agent 201 talks with a caller, recorded."""
    box.phone("201").answers_after(3)
    box.login("201")
    box.caller = box.line(1).ring(NUMBER)
    box.clock.advance(8)
    assert box.caller.hears_party(box.phone("201").party)
    return box


def test_a_gateway_that_dies_ends_its_calls_with_a_closed_record_and_a_finished_recording(served):
    box = served
    box.clock.advance(10)
    died_s = box.clock.wall_s()
    box.lose_gateway(after_s=2)
    (cdr,) = box.calls
    assert (cdr.cause, cdr.by, cdr.outcome, cdr.gap) == (41, "gateway", "answered", "gateway")
    assert cdr.ended_s == pytest.approx(died_s, abs=0.1)
    (recording,) = box.record(cdr.call_id).recordings
    assert recording.duration_s == pytest.approx(cdr.talk_s, abs=0.1)
    assert box.live == []


def test_nothing_of_a_call_is_told_after_its_end_when_the_gateway_dies(served):
    box = served
    box.line(2).ring("13800000002")
    box.clock.advance(3)
    box.lose_gateway()
    for cdr in box.calls:
        assert box.record(cdr.call_id).events[-1].kind is Kind.CALL_ENDED
    waiting = next(cdr for cdr in box.calls if cdr.number == "13800000002")
    assert (waiting.outcome, waiting.queue) == ("failed", "service")


def test_an_agent_whose_caller_was_lost_with_the_gateway_goes_on_to_the_next(served):
    box = served
    box.lose_gateway(after_s=1)
    box.clock.advance(15)
    assert box.agent("201").state == "ready"
    caller = box.line(1).ring(NUMBER)
    box.clock.advance(6)
    assert caller.hears_party(box.phone("201").party)


def test_gateway_and_exchange_dying_together_leave_records_that_end_when_the_last_was_heard_of_them(served):
    box = served
    box.clock.advance(20)
    box.kill()
    last_s = max(event.at_s for event in box.events)
    box.gateway = box.gateway.die()
    box.clock.advance(60)
    box.start()
    (cdr,) = box.calls
    assert (cdr.cause, cdr.by, cdr.gap) == (41, "gateway", "gateway")
    assert last_s <= cdr.ended_s <= last_s + 20.1
    assert box.record(cdr.call_id).recordings[0].duration_s > 0


def test_signs_of_life_tell_when_it_was_that_both_died(served):
    box = served
    for _ in range(20):
        box.gateway.tell_stats()
        box.clock.advance(3)
    died_s = box.clock.wall_s()
    box.kill()
    box.gateway = box.gateway.die()
    box.clock.advance(600)
    box.start()
    (cdr,) = box.calls
    assert cdr.ended_s == pytest.approx(died_s, abs=13)


def test_a_broken_wire_harms_no_call_and_doubles_no_order(served):
    box = served
    box.gateway.hang_up_on_exchange()
    box.clock.advance(3)
    assert box.exchange.gateway.connected
    box.clock.advance(5)
    box.caller.hang_up()
    (cdr,) = box.calls
    assert (cdr.outcome, cdr.gap) == ("answered", "")
    for kind in (Answer, Dial):
        ids = [order.channel for order in box.gateway.orders if isinstance(order, kind)]
        assert len(ids) == len(set(ids))


def test_orders_given_while_the_wire_is_broken_are_carried_out_when_it_is_whole(box):
    caller = box.line(1).ring(NUMBER)
    box.clock.advance(4)
    box.gateway.accepts = False
    box.gateway.hang_up_on_exchange()
    box.phone("201").answers_after(2)
    box.login("201")
    box.clock.advance(3)
    assert box.phone("201").state == "idle"
    box.gateway.accepts = True
    box.clock.advance(6)
    assert caller.hears_party(box.phone("201").party)


def test_orders_that_were_on_the_wire_when_it_broke_are_given_again(box):
    box.phone("201").answers_after(2)
    caller = box.line(1).ring(NUMBER)
    box.clock.advance(4)
    box.roster.get("201")
    box.loop.call_soon(box.roster.login, "201")
    while not any(call.legs.get("2") for call in box.live):
        box.loop.run_turns(1)
    box.gateway.hang_up_on_exchange(lost_orders=True)
    box.clock.advance(5)
    assert caller.hears_party(box.phone("201").party)
    assert len([order for order in box.gateway.orders if isinstance(order, Dial)]) == 1


def test_who_hung_up_while_the_wire_was_broken_hung_up_then(served):
    box = served
    box.gateway.accepts = False
    box.gateway.hang_up_on_exchange()
    box.clock.advance(2)
    at_s = box.clock.wall_s()
    box.caller.hang_up()
    box.clock.advance(8)
    box.gateway.accepts = True
    box.clock.advance(3)
    (cdr,) = box.calls
    assert (cdr.ended_s, cdr.by, cdr.gap) == (pytest.approx(at_s, abs=0.01), "caller", "")


def test_a_wire_that_breaks_before_all_was_told_to_a_new_exchange_is_taken_up_again(served):
    box = served
    other = box.line(2).ring("13900139000")
    box.clock.advance(3)
    box.kill()
    box.caller.hang_up()
    box.clock.advance(3)
    box.gateway.tell(Alarm, name="disk", subject="recordings", raised=True)
    last = box.gateway.events.pop()
    box.gateway.accepts = False
    box.start()
    box.gateway.accepts = True
    for _ in range(1000):
        if len(box.live) == 1:
            break
        box.clock.advance(0.001)
    assert not box.exchange.gateway.synchronised
    box.gateway.events.append(last)
    box.gateway.hang_up_on_exchange()
    box.clock.advance(5)
    assert box.exchange.gateway.synchronised
    other.hang_up()
    box.clock.advance(1)
    assert [cdr.gap for cdr in box.calls] == ["exchange", "exchange"]
    assert len(box.seen(Kind.GAP)) == 2


def test_a_gateway_whose_events_were_lost_is_believed_in_what_it_says_there_is(served):
    box = served
    box.gateway.accepts = False
    box.gateway.hang_up_on_exchange()
    box.caller.hang_up()
    box.gateway.events.clear()  # its outbox overflowed
    box.gateway.accepts = True
    box.clock.advance(20)
    (cdr,) = box.calls
    assert (cdr.cause, cdr.by) == (41, "gateway")
    assert box.live == []


def test_an_alarm_of_the_gateway_stands_until_it_is_taken_back_or_the_gateway_is_another(box):
    box.gateway.tell(Alarm, name="line-fault", subject="line:3", raised=True, wrong=said("no loop current"))
    box.gateway.tell(Alarm, name="disk", subject="recordings", raised=True)
    box.settle()
    box.gateway.tell(Alarm, name="disk", subject="recordings", raised=False)
    box.settle()
    assert [alarm.name for alarm in box.exchange.alarms.table()] == ["line-fault"]
    box.restart()
    assert [(alarm.name, alarm.detail) for alarm in box.exchange.alarms.table()] == [("line-fault", "no loop current")]
    box.lose_gateway()
    assert box.exchange.alarms.table() == []


def test_music_is_not_begun_again_by_a_reconnection(box):
    box.line(1).ring(NUMBER)
    box.clock.advance(8)
    begun = len([order for order in box.gateway.orders if isinstance(order, Play)])
    box.gateway.hang_up_on_exchange()
    box.clock.advance(4)
    assert len([order for order in box.gateway.orders if isinstance(order, Play)]) == begun
