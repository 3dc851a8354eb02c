"""A restart in the middle of calls: each window between what is done, what is written and what is told."""

import sqlite3

import pytest

from drivers.link.messages import Claim, Connect, Dial, Tag
from firmware.config.configuration import exported
from firmware.events import Kind
from tests.fakes.box import Box, config
from tests.fakes.channel import Channel

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


def ringing(box) -> Box:
    """A box where agent 201's telephone rings for a caller."""
    box.phone("201").rings()
    box.login("201")
    box.caller = box.line(1).ring(NUMBER)
    box.clock.advance(4)
    assert box.phone("201").state == "ringing"
    return box


def orders(box, kind):
    return [order for order in box.gateway.orders if isinstance(order, kind)]


def only(box):
    (cdr,) = box.calls
    return cdr


def test_a_talk_goes_on_over_a_restart_and_its_record_says_there_was_a_gap(served):
    box, talk = served, served.phone("201").party
    box.restart(after_s=2)
    assert box.caller.hears_party(talk)
    box.clock.advance(10)
    box.caller.hang_up()
    cdr = only(box)
    assert (cdr.outcome, cdr.by, cdr.agent, cdr.gap) == ("answered", "caller", "201", "exchange")
    assert cdr.gap_s == pytest.approx(2, abs=6)
    assert cdr.talk_s == pytest.approx(10 + 2 + 3, abs=1)
    assert len(orders(box, Connect)) == 1


def test_a_recording_goes_on_over_a_restart_in_the_same_file(served):
    box = served
    box.restart(after_s=1)
    box.clock.advance(5)
    box.phone("201").hang_up()
    (recording,) = box.record(only(box).call_id).recordings
    assert recording.duration_s == pytest.approx(5 + 1 + 3, abs=1)


def test_a_caller_who_hung_up_while_nobody_was_there_has_hung_up_then(served):
    box = served
    box.kill()
    box.clock.advance(3)
    hung_up_s = box.clock.wall_s()
    box.caller.hang_up()
    box.clock.advance(20)
    box.start()
    cdr = only(box)
    assert (cdr.ended_s, cdr.by, cdr.outcome) == (pytest.approx(hung_up_s, abs=0.01), "caller", "answered")
    assert box.agent("201").state == "acw"
    assert box.gateway.channels == {}


def test_an_agent_who_hung_up_while_nobody_was_there_is_who_ended_the_call(served):
    box = served
    box.kill()
    box.clock.advance(3)
    box.phone("201").hang_up()
    box.clock.advance(5)
    assert box.caller.state == "ended"  # the gateway saw to it
    box.start()
    assert (only(box).by, only(box).outcome) == ("agent", "answered")


def test_an_agent_who_hung_up_in_the_last_instant_leaves_no_caller_alone(served):
    box = served
    box.gateway.party_hangs_up(box.phone("201").party.channel, 16)
    while box.phone("201").party.state != "ended" or box.live[0].bridge:
        box.loop.step()
    box.kill(last_words=True, lost_orders=True)
    assert box.caller.state == "answered"
    box.start()
    box.clock.advance(1)
    assert box.caller.state == "ended"
    assert (only(box).by, only(box).outcome) == ("agent", "answered")


def test_an_agents_telephone_rings_on_over_a_restart_and_is_not_dialled_again(box):
    ringing(box)
    box.restart(after_s=1)
    box.phone("201").answer()
    box.clock.advance(1)
    assert box.caller.hears_party(box.phone("201").party)
    assert len(orders(box, Dial)) == 1


def test_an_answer_that_nobody_saw_is_connected_by_the_next_exchange(box):
    ringing(box)
    box.kill()
    box.phone("201").answer()
    box.clock.advance(2)
    box.start()
    box.clock.advance(1)
    assert box.caller.hears_party(box.phone("201").party)
    box.caller.hang_up()
    assert (only(box).outcome, only(box).agent) == ("answered", "201")


@pytest.mark.parametrize("last_words", [False, True])
def test_a_telephone_dialled_in_the_last_instant_is_known_by_its_tag(box, last_words):
    box.phone("201").rings()
    box.login("201")
    box.gateway.incoming("line:1", "", NUMBER)
    while not orders(box, Dial):
        box.loop.run_turns(1)
    box.kill(last_words=last_words)
    box.clock.advance(1)
    box.start()
    (call,) = box.live
    (leg,) = [leg for leg in call.legs.values() if leg is not call.caller]
    assert (leg.agent, leg.state, leg.target) == ("201", "ringing", "extension:201")
    box.phone("201").answer()
    box.clock.advance(1)
    assert len(orders(box, Dial)) == 1
    assert call.caller.id in call.bridge


def test_a_call_offered_in_the_last_instant_is_taken_and_claimed_by_the_next_exchange(box):
    box.gateway.incoming("line:1", "", NUMBER)
    box.loop.run_turns(3)
    assert box.live
    box.kill(lost_orders=True)
    box.start()
    (call,) = box.live
    box.clock.advance(1)
    assert box.gateway.channels[call.id].tag.call == call.id
    assert [event.call for event in box.seen(Kind.CALL_OFFERED)].count(call.id) == 2  # the first was never written
    box.gateway.party_hangs_up(box.gateway.channels[call.id], 16)
    box.clock.advance(1)
    assert [cdr.gap for cdr in box.calls] == ["exchange"]


def test_a_call_that_was_written_but_not_claimed_is_claimed(box):
    box.gateway.incoming("line:1", "", NUMBER)
    while not box.live:
        box.loop.run_turns(1)
    call_id = box.live[0].id
    box.journal.add([])  # the commit begins by itself; what is sent to the gateway is lost
    box.kill(lost_orders=True, last_words=True)
    assert box.gateway.channels[call_id].tag is None
    box.start()
    box.clock.advance(1)
    assert box.gateway.channels[call_id].tag.leg == "1"
    assert len(orders(box, Claim)) == 1


def test_who_called_and_gave_up_while_nobody_was_there_is_on_record(box):
    box.kill()
    caller = box.trunk("carrier").calls("88880000", NUMBER)
    box.clock.advance(2)
    caller.hang_up()
    box.clock.advance(2)
    box.start()
    cdr = only(box)
    assert (cdr.outcome, cdr.by, cdr.duration_s) == ("no_answer", "caller", pytest.approx(2.05, abs=0.1))


def test_who_gave_up_waiting_while_nobody_was_there_counts_as_abandoned_from_then(box):
    caller = box.line(1).ring(NUMBER)
    box.clock.advance(10)
    box.kill()
    box.clock.advance(3)
    caller.hang_up()
    box.clock.advance(30)
    box.start()
    assert (only(box).outcome, only(box).wait_s) == ("abandoned", pytest.approx(13.05, abs=0.1))
    (left,) = box.seen(Kind.QUEUE_LEFT)
    assert (left.data["outcome"], left.data["wait_s"]) == ("abandoned", pytest.approx(13.05, abs=0.1))


def test_a_waiting_caller_keeps_place_and_waiting_time(box):
    first = box.line(1).ring("13800000001")
    box.clock.advance(5)
    box.line(2).ring("13800000002")
    box.clock.advance(5)
    box.restart(after_s=1)
    box.phone("201").answers_after(1)
    box.login("201")
    box.clock.advance(3)
    assert first.hears_party(box.phone("201").party)
    first.hang_up()
    assert only(box).wait_s == pytest.approx(5 + 5 + 1 + 1.1, abs=0.5)


def test_a_queue_that_is_gone_after_the_restart_hangs_its_callers_up_with_a_record(box):
    caller = box.line(1).ring(NUMBER)
    box.clock.advance(5)
    box.kill()
    document = exported(config(queues=[], routes=[{"name": "all", "to": "extension:201"}]), secrets=True)
    box.configuration.open()
    box.wait(box.configuration.replace(document, who="test", why="changed meanwhile"))
    box.configuration.close()
    box.start()
    box.clock.advance(1)
    assert caller.state == "ended"
    assert (only(box).cause, only(box).outcome) == (41, "abandoned")


def test_a_channel_that_nobody_claims_is_released(box):
    box.kill()
    box.line(1).ring(NUMBER)
    stranger = next(iter(box.gateway.channels.values()))
    box.gateway.events.clear()  # as if acknowledged, by an exchange whose records are lost
    box.start()
    box.clock.advance(1)
    assert (stranger.state, box.live, box.calls) == ("ended", [], [])


def test_an_agents_reason_outlives_a_restart(box):
    box.login("201")
    box.do(box.roster.not_ready, "201", "lunch")
    box.wait(box.journal.committed())
    box.restart()
    assert (box.agent("201").state, box.agent("201").reason) == ("not_ready", "lunch")


def test_five_restarts_in_one_call_leave_one_record(served):
    box = served
    for _ in range(5):
        box.restart(after_s=0.5)
        box.clock.advance(1)
    box.caller.hang_up()
    cdr = only(box)
    events = box.record(cdr.call_id).events
    assert [event.kind for event in events].count(Kind.GAP) == 5
    assert [event.kind for event in events].count(Kind.BRIDGE_JOINED) == 1
    assert [event.kind for event in events].count(Kind.CALL_ENDED) == 1


def test_of_two_telephones_dialled_in_the_last_instant_the_one_left_keeps_its_number(tmp_path):
    """Legs are never mixed up, though the exchange that numbered them wrote nothing down."""
    box = Box(tmp_path, config(queues=[{"name": "service", "agents": ["201", "202"], "strategy": "ring_all"}]))
    box.phone("201").refuses()
    box.phone("202").rings()
    box.login("201", "202")
    box.wait(box.journal.committed())
    box.gateway.incoming("line:1", "", NUMBER)
    while box.phone("202").state == "idle":
        box.loop.run_turns(1)
    box.kill()
    box.clock.advance(2)
    box.start()
    (call,) = box.live
    adopted = next(leg for leg in call.legs.values() if leg.agent == "202")
    assert len({leg.channel for leg in call.legs.values()}) == len(call.legs)
    box.phone("202").answer()
    box.clock.advance(1)
    assert call.bridge == {call.caller.id, adopted.id}
    box.close()


@pytest.mark.parametrize("tag", [Tag("C", "x", "agent"), Tag("C", "2", "spaceship"), Tag("nobody's", "2", "agent")])
def test_a_channel_whose_tag_means_nothing_is_released_and_harms_no_call(box, tag):
    caller = box.line(1).ring(NUMBER)
    box.clock.advance(5)
    box.kill(last_words=True)
    call_id = caller.channel.id
    tag = Tag(tag.call.replace("C", call_id), tag.leg, tag.purpose)
    stranger = Channel("stranger", "answered", target="extension:204", tag=tag)
    box.gateway.channels["stranger"] = stranger
    box.start()
    box.clock.advance(1)
    assert (stranger.state, caller.state) == ("ended", "answered")
    assert [leg.id for leg in box.live[0].legs.values()] == ["1"]


def test_a_call_written_in_words_of_another_release_is_let_go_and_the_others_are_kept(box, caplog):
    first = box.line(1).ring("13800000001")
    second = box.line(2).ring("13800000002")
    box.clock.advance(5)
    box.kill(last_words=True)
    with sqlite3.connect(box.home / "records/records.sqlite") as records:
        records.execute("UPDATE events SET data = '{}' WHERE kind = 'stage.entered' AND call = ?", (first.channel.id,))
    box.start()
    box.clock.advance(1)
    assert (first.state, second.state) == ("ended", "answered")
    assert f"call {first.channel.id}: cannot be rebuilt" in caplog.text
