"""A leg's states are a table: what is not in it is refused, told and changes nothing."""

import pytest

from drivers.link import messages
from firmware.calls.leg import TRANSITIONS, LegState, Purpose, WrongTransition
from firmware.events import Event, Kind

STATE_KINDS = (Kind.CALL_ANSWERED, Kind.LEG_RINGING, Kind.LEG_ANSWERED, Kind.LEG_ENDED)
PATHS = {  # how a leg comes into each state
    LegState.OFFERED: (),
    LegState.DIALING: (),
    LegState.RINGING: (Kind.LEG_RINGING,),
    LegState.ANSWERED: (Kind.LEG_ANSWERED,),
    LegState.ENDED: (Kind.LEG_ENDED,),
}


@pytest.fixture
def call(box):
    box.line(1).ring("13800138000")
    return box.live[0]


def leg_in(call, state):
    if state is LegState.OFFERED:
        leg = call.caller
        leg.state = LegState.OFFERED
        return leg
    call.apply(event(Kind.LEG_DIALED, party="extension", target="extension:201", agent="", channel="c.2.x"))
    leg = call.legs["2"]
    for kind in PATHS[state]:
        leg.apply(event(kind))
    assert leg.state is state
    return leg


def event(kind, **data):
    return Event(1.0, kind, "c", "2", {"cause": 16, "by": "party"} | data)


@pytest.mark.parametrize("state", LegState)
@pytest.mark.parametrize("kind", STATE_KINDS)
def test_every_pair_of_state_and_event_is_in_the_table_or_refused(call, state, kind):
    leg = leg_in(call, state)
    if (state, kind) in TRANSITIONS:
        leg.apply(event(kind))
        assert leg.state is TRANSITIONS[state, kind]
    else:
        with pytest.raises(WrongTransition, match=rf"call {call.id}: leg .* is {state}, but {kind} came"):
            leg.apply(event(kind))
        assert leg.state is state


def test_what_the_gateway_tells_against_the_table_is_logged_with_the_call_and_stops_nothing(box, caplog):
    caller = box.line(1).ring("13800138000")
    box.clock.advance(1)
    box.gateway.tell(messages.Answered, channel=caller.channel.id)
    box.settle()
    assert f"call {caller.channel.id}: leg 1 is answered, but call.answered came" in caplog.text
    caller.hang_up()
    assert len(box.calls) == 1


async def _use(leg):
    await leg.answer()
    assert await leg.play(messages.Tone("busy")) == "stopped"
    assert await leg.collect(first_s=1) == ""
    assert await leg.wait_ended() == 16
    assert await leg.wait_answered() is False
    leg.start_playing(messages.Tone("busy"))
    leg.stop_playing()
    leg.hang_up()


def test_orders_to_a_leg_that_has_ended_do_nothing_and_wait_for_nothing(box):
    caller = box.line(1).ring("13800138000")
    box.clock.advance(1)
    leg = box.live[0].caller
    caller.hang_up()
    given = len(box.gateway.orders)
    box.wait(_use(leg))
    box.settle()
    assert len(box.gateway.orders) == given


def test_a_sound_that_cannot_be_played_is_told_as_failed_and_the_call_goes_on(box):
    caller = box.line(1).ring("13800138000")
    box.clock.advance(5)
    leg = box.live[0].caller
    box.gateway.bad_sounds.add("/no/such.wav")
    assert box.wait(leg.play(messages.Prompt("/no/such.wav"))) == "failed"
    assert caller.state == "answered"


def test_a_play_that_is_cancelled_falls_silent(box):
    caller = box.line(1).ring("13800138000")
    box.clock.advance(5)
    leg = box.live[0].caller
    playing = box.loop.create_task(leg.play(messages.Prompt("/sounds/a.wav"), loop=True))
    box.clock.advance(1)
    assert caller.hears == "a"
    playing.cancel()
    box.clock.advance(1)
    assert caller.hears == ""


def test_a_leg_is_hung_up_once_however_often_it_is_told(box):
    box.line(1).ring("13800138000")
    leg = box.live[0].caller
    for _ in range(3):
        leg.hang_up(17)
    box.settle()
    assert len([order for order in box.gateway.orders if isinstance(order, messages.Hangup)]) == 1
    assert (leg.cause, leg.ended_by, leg.purpose) == (17, "exchange", Purpose.CALLER)


def test_a_call_that_cannot_be_answered_is_not_waited_for_until_the_end_of_days(box):
    box.gateway.unanswerable = True
    caller = box.line(1).ring("13800138000")
    box.clock.advance(60)
    box.login("201")
    box.phone("201").answers_after(1)
    box.clock.advance(600)
    assert (caller.state, box.live, len(box.calls)) == ("ended", [], 1)
