"""Calls as people live them: answered, held, transferred, given up; and the one record each leaves."""

import pytest

from drivers.link.messages import Transferring
from firmware.events import Kind
from tests.fakes.box import Box, config

NUMBER = "13800138000"


@pytest.fixture
def box(tmp_path):
    """A box whose callers reach extension 201, except by line 4: the queue."""
    routes = [{"name": "queue", "source": "line:4", "to": "queue:service"}, {"name": "all", "to": "extension:201"}]
    box = Box(tmp_path, config(routes=routes))
    yield box
    box.close()


def kinds(box) -> list[Kind]:
    return [event.kind for event in box.events if event.call]


def talking(box):
    """Return a caller who talks with 201."""
    box.phone("201").answers_after(2)
    caller = box.line(1).ring(NUMBER)
    box.clock.advance(4)
    assert caller.hears_party(box.phone("201").party)
    return caller


def only(box):
    (cdr,) = box.calls
    return cdr


def test_each_step_of_a_call_is_told_once_and_the_end_last(box):
    caller = talking(box)
    box.phone("201").hang_up()
    assert caller.state == "ended"
    assert kinds(box) == [
        Kind.CALL_OFFERED, Kind.STAGE_ENTERED, Kind.STAGE_ENTERED, Kind.LEG_DIALED, Kind.LEG_RINGING,
        Kind.LEG_ANSWERED, Kind.CALL_ANSWERED, Kind.BRIDGE_JOINED, Kind.BRIDGE_LEFT, Kind.LEG_ENDED, Kind.LEG_ENDED,
        Kind.CALL_ENDED,
    ]
    assert (only(box).by, only(box).outcome, only(box).cause) == ("extension", "answered", 16)
    assert box.live == []


def test_the_number_is_kept_as_received_and_as_e164(box):
    box.line(1).ring("010-88886666").hang_up()
    assert (only(box).number, only(box).e164) == ("010-88886666", "+861088886666")


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "张三 \u202e", "x" * 500, "'; DROP TABLE calls; --"])
def test_what_callers_call_themselves_is_stored_as_it_is(box, name):
    box.line(1).ring("1" * 40, name=name).hang_up()
    assert (only(box).name, only(box).number) == (name, "1" * 40)


def test_times_are_those_of_the_gateway_not_of_whoever_heard_of_them_later(box):
    caller = talking(box)
    at_s = box.clock.wall_s() - 0.7
    box.gateway.ended(caller.channel, 16, "party", at_s)
    box.clock.advance(1)
    assert only(box).ended_s == at_s
    assert [event.at_s for event in box.seen(Kind.LEG_ENDED) if event.leg == "1"] == [at_s]


def test_a_caller_on_hold_hears_music_and_then_the_other_again(box):
    caller = talking(box)
    box.phone("201").hold()
    box.clock.advance(3)
    assert caller.hears == "music"
    box.phone("201").resume()
    assert caller.hears_party(box.phone("201").party)
    caller.hang_up()
    assert only(box).hold_s == pytest.approx(3.05, abs=0.1)


def test_who_hangs_up_while_the_other_is_on_hold_ends_the_hold(box):
    caller = talking(box)
    box.phone("201").hold()
    box.clock.advance(3)
    box.phone("201").hang_up()
    assert (only(box).by, only(box).hold_s) == ("extension", pytest.approx(3.05, abs=0.1))
    assert caller.state == "ended"


def test_a_telephone_sends_its_caller_on_to_another(box):
    caller = talking(box)
    box.phone("202").answers_after(3)
    box.phone("201").transfer("202")
    box.clock.advance(1)
    assert (box.phone("201").state, box.phone("202").state) == ("answered", "ringing")
    box.clock.advance(4)
    assert caller.hears_party(box.phone("202").party)
    assert box.phone("201").state == "ended"
    caller.hang_up()
    cdr = only(box)
    assert (cdr.outcome, cdr.by) == ("answered", "caller")
    assert [segment.who for segment in cdr.segments if segment.kind == "talk"] == ["201", "202"]


def test_a_caller_inside_sends_the_one_outside_on_and_leaves(box):
    box.line(4).far_end.answers_after(2)
    inside = box.phone("203").calls("988881234")
    box.clock.advance(5)
    assert inside.hears_party(box.line(4).far_end.party)
    box.phone("202").answers_after(2)
    inside.transfer("202")
    box.clock.advance(5)
    assert inside.state == "ended"
    assert box.line(4).far_end.party.hears_party(box.phone("202").party)
    box.line(4).far_end.hang_up()
    cdr = only(box)
    assert (cdr.direction, cdr.outcome, cdr.by) == ("out", "answered", "outside")
    assert box.phone("202").state == "ended"


def test_nobody_outside_sends_the_box_calling_numbers(box):
    caller = talking(box)
    box.gateway.tell(Transferring, channel=caller.channel.id, number="988881234")
    box.clock.advance(2)
    assert caller.hears_party(box.phone("201").party)
    assert box.line(4).far_end.parties == []


def test_a_transfer_to_a_number_that_means_nothing_leaves_the_two_together(box):
    caller = talking(box)
    box.phone("201").transfer("7777777")
    box.clock.advance(2)
    assert caller.hears_party(box.phone("201").party)


def test_a_transfer_survives_a_restart_at_once_after_it(box):
    caller = talking(box)
    box.phone("202").answers_after(3)
    box.gateway.transfer(box.phone("201").party.channel, "202")
    while box.live[0].transferred is None and box.live[0].destination.name != "202":
        box.loop.run_turns(1)
    box.kill(last_words=True)
    box.start()
    box.clock.advance(6)
    assert caller.hears_party(box.phone("202").party)


def test_a_stage_that_fails_ends_its_call_with_a_record_and_harms_no_other(box, caplog):
    class Fails:
        async def run(self, call, destination):
            raise ZeroDivisionError("a fault")

    waiting = box.line(4).ring("13800000002")
    box.exchange.stages["extension"] = Fails()
    caller = box.line(1).ring(NUMBER)
    box.clock.advance(1)
    assert (caller.state, caller.cause, waiting.state) == ("ended", 41, "answered")
    assert (only(box).outcome, only(box).cause) == ("failed", 41)
    assert "its stage failed" in caplog.text


def test_a_gateway_that_does_not_end_a_leg_when_told_to_holds_up_the_record_for_ten_seconds_at_most(box):
    caller = talking(box)
    leg = box.phone("201").party.channel
    box.gateway.deaf_channels.add(leg.id)
    caller.hang_up()
    box.clock.advance(5)
    assert box.calls == []
    box.clock.advance(6)
    assert (only(box).outcome, only(box).by) == ("answered", "caller")


def test_a_caller_who_hangs_up_at_the_very_instant_of_the_answer_is_recorded_once(box):
    box.phone("201").answers_after(2)
    caller = box.line(1).ring(NUMBER)
    box.clock.advance(2)
    box.loop.call_at(box.loop.time() + 0.0501, lambda: box.gateway.party_hangs_up(caller.channel, 16))
    box.clock.advance(3)
    assert [event.kind for event in box.events if event.call].count(Kind.CALL_ENDED) == 1
    assert (only(box).by, box.gateway.channels) == ("caller", {})
