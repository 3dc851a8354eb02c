"""The desk: what an agent sees of the call at hand, and does with it without touching the telephone."""

import pytest

from firmware.agents.errors import NotLoggedIn
from firmware.control.methods import Asker, Role
from firmware.errors import NotAllowed, NotFound, Refused, Unavailable
from firmware.events import Kind
from tests.firmware.test_exchange import reconfigure

AGENT = Asker("li", Role.AGENT, agent="201")
SUPERVISOR = Asker("boss", Role.SUPERVISOR, "s3", "192.0.2.3")


def ask(box, method, who=AGENT, **params):
    result = box.wait(box.exchange.methods.call(who, method, params))
    box.settle()
    return result


def desk(box):
    return ask(box, "desk.show", number="201")


@pytest.fixture
def talking(box):
    """Return a caller with whom agent 201 talks, after a wait."""
    caller = box.line(1).ring(caller_id="13800138000")
    box.clock.advance(20)
    box.phone("201").answers_after(2)
    box.login("201")
    box.clock.advance(10)
    assert box.agent("201").state == "talking"
    return caller


def test_the_call_at_hand_is_shown_from_the_first_ring_until_after_call_work_ends(box):
    box.login("201")
    box.line(2).ring(caller_id="01088886666", name="王")
    box.clock.advance(5)
    shown = desk(box)
    assert (shown.agent.state, shown.call.state, shown.call.acts) == ("offered", "ringing", ["hang_up"])
    assert (shown.call.number, shown.call.e164, shown.call.name) == ("01088886666", "+861088886666", "王")
    assert (shown.call.queue, shown.call.source, shown.call.line) == ("service", "line:2", "2")
    box.phone("201").answer()
    shown = desk(box)
    assert (shown.call.state, shown.call.recording) == ("answered", True)
    assert shown.call.acts == ["hang_up", "hold", "transfer", "consult"]
    assert shown.call.wait_s == pytest.approx(5, abs=1)
    box.phone("201").hang_up()
    box.clock.advance(1)
    shown = desk(box)
    assert (shown.agent.state, shown.call.state, shown.call.acts) == ("acw", "ended", [])
    assert shown.agent.acw_until_s == pytest.approx(box.clock.wall_s() + 9, abs=0.5)
    assert shown.call.wait_s == pytest.approx(5, abs=1)
    box.clock.advance(10)
    assert (desk(box).agent.state, desk(box).call) == ("ready", None)


def test_the_callers_past_calls_come_with_their_notes_newest_first(box, talking):
    first = box.live[0].id
    ask(box, "call.note", call=first, text="called about the bill")
    talking.hang_up()
    box.clock.advance(20)
    for number in ("+8613800138000", "13900139000", ""):
        box.line(1).ring(caller_id=number).hang_up()
        box.clock.advance(5)
    box.line(1).ring(caller_id="013800138000")
    box.clock.advance(5)
    past = desk(box).past
    assert [(one.number, one.outcome, one.agent, one.note) for one in past] == [
        ("+8613800138000", "abandoned", "", ""), ("13800138000", "answered", "201", "called about the bill"),
    ]
    assert [one.id for one in desk(box).served] == [first]


def test_the_caller_is_put_on_hold_at_the_desk_and_taken_back(box, talking):
    ask(box, "desk.hold", number="201")
    box.clock.advance(5)
    assert talking.hears == "music"
    assert box.phone("201").party.hears == ""
    shown = desk(box).call
    assert (shown.state, shown.acts) == ("held", ["hang_up", "resume", "transfer", "consult"])
    assert box.live[0].legs["2"].held == "exchange"
    ask(box, "desk.hold", number="201")  # twice is once
    ask(box, "desk.resume", number="201")
    assert talking.hears_party(box.phone("201").party)
    assert desk(box).call.acts == ["hang_up", "hold", "transfer", "consult"]
    box.clock.advance(2)
    talking.hang_up()
    box.clock.advance(1)
    (cdr,) = box.calls
    (hold,) = [one for one in cdr.segments if one.kind == "hold"]
    assert (hold.who, hold.duration_s) == ("201", pytest.approx(5, abs=0.2))
    assert cdr.hold_s == pytest.approx(5, abs=0.2)


def test_a_line_behind_another_exchange_is_flashed_at_the_desk_and_others_are_not(box, talking):
    assert "flash" not in desk(box).call.acts
    with pytest.raises(Refused) as told:
        ask(box, "desk.flash", number="201")
    assert told.value.code == "cannot-flash"
    reconfigure(box, lines=[{"number": 1, "flash_ms": 100}])
    assert desk(box).call.acts == ["hang_up", "hold", "transfer", "consult", "flash"]
    ask(box, "desk.flash", number="201", digits="*21")
    ask(box, "desk.flash", number="201")
    channel = box.live[0].caller.channel
    assert box.gateway.flashed == [(channel, "*21"), (channel, "")]
    assert [event.data for event in box.seen(Kind.FLASHED)][1:] == [
        {"by": "2", "digits": "*21"}, {"by": "2", "digits": ""},
    ]
    box.gateway.recalls = False
    with pytest.raises(Refused) as told:
        ask(box, "desk.flash", number="201", digits="9")
    assert told.value.code == "no-dial-tone"
    ask(box, "desk.hold", number="201")
    assert "flash" not in desk(box).call.acts
    with pytest.raises(Refused) as told:
        ask(box, "desk.flash", number="201")
    assert told.value.code == "held-there"
    talking.hang_up()
    box.clock.advance(1)


def test_a_hold_by_the_telephone_is_the_same_word_and_ends_at_the_telephone(box, talking):
    box.phone("201").hold()
    box.clock.advance(3)
    assert (desk(box).call.state, desk(box).call.acts) == ("held", ["hang_up", "transfer"])
    with pytest.raises(Refused) as told:
        ask(box, "desk.resume", number="201")
    assert told.value.code == "not-held"
    assert talking.hears == "music"
    box.phone("201").resume()
    assert desk(box).call.state == "answered"
    assert [event.data["by"] for event in box.seen(Kind.HOLD_STARTED)] == ["party"]


def test_a_caller_stays_on_hold_over_a_restart_and_is_taken_back_afterwards(box, talking):
    ask(box, "desk.hold", number="201")
    box.restart(after_s=2)
    box.clock.advance(3)
    assert talking.hears == "music"
    assert desk(box).call.acts == ["hang_up", "resume", "transfer", "consult"]
    ask(box, "desk.resume", number="201")
    assert talking.hears_party(box.phone("201").party)
    box.clock.advance(2)
    talking.hang_up()
    box.clock.advance(1)
    (cdr,) = box.calls
    assert cdr.hold_s == pytest.approx(5, abs=0.5)


@pytest.mark.parametrize("who", ["caller", "agent"])
def test_who_hangs_up_ends_a_hold_at_the_desk_with_the_call(box, talking, who):
    ask(box, "desk.hold", number="201")
    box.clock.advance(4)
    talking.hang_up() if who == "caller" else ask(box, "desk.hang_up", number="201")
    box.clock.advance(1)
    (cdr,) = box.calls
    assert cdr.hold_s == pytest.approx(4, abs=0.2)
    assert talking.state == "ended"


def test_whom_the_desk_holds_can_be_transferred(box, talking):
    ask(box, "desk.hold", number="201")
    box.phone("202").answers_after(2)
    ask(box, "desk.transfer", number="201", digits="202")
    box.clock.advance(4)
    assert talking.hears_party(box.phone("202").party)
    assert box.phone("201").state == "ended"
    talking.hang_up()
    box.clock.advance(1)
    (cdr,) = box.calls
    assert {"hold", "transfer", "talk"} <= {one.kind for one in cdr.segments}


def test_without_a_partner_nobody_is_put_on_hold_or_taken_back(box, talking):
    with pytest.raises(Refused) as told:
        ask(box, "desk.resume", number="201")
    assert told.value.code == "not-held"
    talking.hang_up()
    box.clock.advance(1)
    for method in ("desk.hold", "desk.resume"):
        with pytest.raises(Refused) as told:
            ask(box, method, number="201")
        assert told.value.code == "no-call"


def test_nobody_holds_at_the_desk_of_another_agent(box, talking):
    for method in ("desk.hold", "desk.resume"):
        with pytest.raises(NotAllowed):
            ask(box, method, Asker("han", Role.AGENT, agent="202"), number="201")


def test_a_caller_without_a_number_has_no_past(box):
    for _ in range(2):
        box.line(1).ring(caller_id="", withheld=True)
        box.clock.advance(1)
    box.login("201")
    box.clock.advance(5)
    assert desk(box).past == []


def test_hanging_up_at_the_page_is_hanging_up_the_telephone(box, talking):
    ask(box, "desk.hang_up", number="201")
    assert talking.state == "ended"
    assert box.agent("201").state == "acw"
    assert (box.calls[-1].by, box.calls[-1].outcome) == ("agent", "answered")


def test_an_offer_refused_at_the_page_is_a_refused_one(box):
    caller = box.line(1).ring(caller_id="13800138000")
    box.login("201")
    box.clock.advance(3)
    ask(box, "desk.hang_up", number="201")
    assert (box.agent("201").state, box.agent("201").reason) == ("not_ready", "refused")
    assert caller.state == "answered"


def test_a_transfer_at_the_page_sends_the_caller_on(box, talking):
    box.phone("203").answers_after(1)
    ask(box, "desk.transfer", number="201", digits="203")
    box.clock.advance(5)
    assert talking.hears_party(box.phone("203").party)
    assert box.phone("201").state == "ended"
    assert box.agent("201").state == "acw"


def test_a_transfer_nobody_takes_comes_back(box, talking):
    box.phone("203").busy()
    ask(box, "desk.transfer", number="201", digits="203")
    box.clock.advance(5)
    assert talking.hears_party(box.phone("201").party)
    assert box.agent("201").state == "talking"


@pytest.mark.parametrize("digits", ["777", "*20"])
def test_nobody_is_transferred_to_where_nobody_is(box, talking, digits):
    with pytest.raises(Refused):
        ask(box, "desk.transfer", number="201", digits=digits)
    assert talking.hears_party(box.phone("201").party)


def test_dialling_at_the_page_rings_the_own_telephone_first(box):
    box.login("201")
    box.phone("202").rings()
    ask(box, "desk.dial", number="201", digits="202")
    box.clock.advance(1)
    own = box.phone("201").party
    assert (own.state, own.channel.caller_number, box.phone("202").state) == ("ringing", "202", "idle")
    box.phone("201").answer()
    box.clock.advance(1)
    assert (box.phone("202").state, own.hears, box.agent("201").state) == ("ringing", "tone:ringback", "on_call")
    box.phone("202").answer()
    assert own.hears_party(box.phone("202").party)
    assert (desk(box).call.direction, desk(box).call.did) == ("internal", "202")
    ask(box, "desk.hang_up", number="201")
    assert (box.agent("201").state, box.phone("202").state) == ("ready", "ended")
    record = box.calls[-1]
    assert (record.source, record.did, record.outcome, record.by) == ("extension:201", "202", "answered", "caller")


def test_dialling_outside_shows_what_a_telephone_would_show(box):
    box.login("201")
    box.phone("201").answers_after(1)
    for number in (1, 2, 3, 4):
        box.line(number).far_end.answers_after(1)
    ask(box, "desk.dial", number="201", digits="901088886666")
    box.clock.advance(10)
    assert box.phone("201").party.hears_party(box.line(4).far_end.party)
    assert desk(box).call.direction == "out"


def test_an_own_telephone_that_is_not_answered_ends_it(box):
    box.login("201")
    ask(box, "desk.dial", number="201", digits="202")
    box.clock.advance(40)
    assert (box.live, box.agent("201").state, box.phone("202").state) == ([], "ready", "idle")
    assert (box.calls[-1].outcome, box.calls[-1].did) == ("no_answer", "202")


@pytest.mark.parametrize("answered", [False, True])
def test_a_call_dialled_at_the_page_outlives_the_exchange(box, answered):
    box.login("201")
    box.phone("202").answers_after(1)
    ask(box, "desk.dial", number="201", digits="202")
    if answered:
        box.clock.advance(1)
        box.phone("201").answer()
    box.restart()
    if not answered:
        box.clock.advance(10)
        assert (box.phone("201").state, box.phone("202").state) == ("ringing", "idle")
        box.phone("201").answer()
    box.clock.advance(5)
    assert box.phone("201").party.hears_party(box.phone("202").party)


def test_an_exchange_killed_before_the_gateway_heard_of_the_call_leaves_a_record_of_it(box):
    box.login("201")
    box.gateway.accepts = False
    box.gateway.hang_up_on_exchange()
    box.settle()
    with pytest.raises(Unavailable):
        ask(box, "desk.dial", number="201", digits="202")
    box.do(box.switch.originate, "201", "202")
    box.wait(box.journal.committed())
    box.kill()
    box.gateway.accepts = True
    box.start()
    box.clock.advance(20)
    assert (box.live, box.phone("201").state) == ([], "idle")
    assert (box.calls[-1].by, box.calls[-1].outcome) == ("exchange", "failed")


def test_what_cannot_be_dialled_is_refused_and_rings_nobody(box):
    with pytest.raises(NotLoggedIn):
        ask(box, "desk.dial", number="201", digits="202")
    box.login("201")
    with pytest.raises(NotFound):
        ask(box, "desk.dial", number="201", digits="777")
    box.phone("201").unregistered()
    with pytest.raises(Refused, match="not registered"):
        ask(box, "desk.dial", number="201", digits="202")
    box.phone("201").registers()
    ask(box, "desk.dial", number="201", digits="202")
    with pytest.raises(Refused, match="in use"):
        ask(box, "desk.dial", number="201", digits="203")
    assert len(box.live) == 1


def test_without_a_call_there_is_nothing_to_end_or_transfer(box):
    box.login("201")
    for method, more in (("desk.hang_up", {}), ("desk.transfer", {"digits": "203"})):
        with pytest.raises(Refused, match="in no call"):
            ask(box, method, number="201", **more)


@pytest.mark.parametrize(
    ("method", "more"),
    [("desk.show", {}), ("desk.dial", {"digits": "203"}), ("desk.hang_up", {}), ("desk.transfer", {"digits": "203"})],
)
def test_nobody_sits_at_anothers_desk(box, method, more):
    box.login("202")
    with pytest.raises(NotAllowed):
        ask(box, method, number="202", **more)


def test_a_supervisor_ends_a_call_and_that_is_on_record(box, talking):
    call = box.live[0].id
    with pytest.raises(NotAllowed):
        ask(box, "call.hang_up", id=call)
    ask(box, "call.hang_up", SUPERVISOR, id=call)
    box.clock.advance(1)
    assert (talking.state, box.phone("201").state, box.live) == ("ended", "ended", [])
    entry = ask(box, "user.audit", Asker("root", Role.ADMIN))[0]
    assert (entry.what, entry.user, entry.by, entry.address) == ("call.hung_up", call, "boss", "192.0.2.3")
    with pytest.raises(NotFound):
        ask(box, "call.hang_up", SUPERVISOR, id=call)


def test_a_call_for_help_is_not_ended_by_somebody_else(box):
    box.phone("201").calls("110")
    box.clock.advance(1)
    with pytest.raises(Refused, match="for help"):
        ask(box, "call.hang_up", SUPERVISOR, id=box.live[0].id)
    assert box.seen(Kind.CALL_ENDED) == []


def test_what_a_supervisor_does_to_an_agents_state_is_on_record_and_the_agents_own_acts_are_not(box):
    box.login("201")
    ask(box, "agent.not_ready", number="201", reason="lunch")
    ask(box, "agent.ready", number="201")
    ask(box, "agent.not_ready", SUPERVISOR, number="201", reason="training")
    ask(box, "agent.logout", SUPERVISOR, number="201")
    entries = ask(box, "user.audit", Asker("root", Role.ADMIN))
    assert [(one.what, one.user, one.by, one.detail) for one in entries] == [
        ("agent.state", "agent 201", "boss", "logged_out"), ("agent.state", "agent 201", "boss", "not_ready training"),
    ]
