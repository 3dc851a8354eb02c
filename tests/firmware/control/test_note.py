"""Notes and dispositions: by whom they may be written, kept with their history, confirmed only when on disk."""

import pytest

from firmware.config.configuration import exported
from firmware.control.methods import Asker, Role
from firmware.errors import BadRequest, Changed, NoStorage, NotAllowed, NotFound, Refused
from firmware.events import Kind
from firmware.records import notes
from tests.fakes.box import config

AGENT = Asker("li", Role.AGENT, "s1", "192.0.2.1", "201")
OTHER = Asker("wang", Role.AGENT, "s2", "192.0.2.2", "202")
SUPERVISOR = Asker("boss", Role.SUPERVISOR, "s3", "192.0.2.3")
MARKS = [{"name": "resolved"}, {"name": "ordered", "title": "下单", "queues": ["sales"]}]


def ask(box, who, method, **params):
    return box.wait(box.exchange.methods.call(who, method, params))


@pytest.fixture
def served(box):
    """Return a call whose caller agent 201 talks with."""
    box.wait(box.configuration.replace(exported(config(dispositions=MARKS, queues=[
        {"name": "service", "agents": ["201", "202"]}, {"name": "sales", "agents": ["202"]},
    ]), secrets=True), who="test", why="dispositions"))
    box.phone("201").answers_after(1)
    box.login("201")
    box.line(1).ring(caller_id="13800138000")
    box.clock.advance(30)
    assert box.agent("201").state == "talking"
    return box.live[0].id


def test_what_was_confirmed_is_there_after_the_exchange_was_killed(box, served):
    ask(box, AGENT, "call.note", call=served, text="wants\na refund")
    ask(box, AGENT, "call.disposition", call=served, disposition="resolved")
    box.kill()
    box.start()
    found = ask(box, AGENT, "call.notes", call=served)
    assert (found.noted.note, found.noted.disposition, found.noted.by) == ("wants\na refund", "resolved", "li")


def test_nothing_is_confirmed_that_the_disk_did_not_take(box, served):
    box.disk.full = True
    with pytest.raises(NoStorage) as refused:
        ask(box, AGENT, "call.note", call=served, text="lost?")
    assert refused.value.facts == {"version": 1}
    box.disk.full = False
    assert ask(box, AGENT, "call.note", call=served, text="lost?", after=0).version == 1
    box.kill()
    box.start()
    assert [edit.text for edit in ask(box, AGENT, "call.notes", call=served).edits] == ["lost?"]


def test_every_edit_is_kept_with_who_and_when_and_from_where(box, served):
    first_s = box.clock.wall_s()
    ask(box, AGENT, "call.note", call=served, text="wants")
    box.clock.advance(5)
    ask(box, AGENT, "call.note", call=served, text="wants a refund", after=1)
    ask(box, AGENT, "call.note", call=served, text="wants a refund", after=2)
    box.clock.advance(5)
    ask(box, SUPERVISOR, "call.note", call=served, text="got it", after=2)
    edits = ask(box, SUPERVISOR, "call.notes", call=served).edits
    assert [(edit.text, edit.by, edit.address, round(edit.at_s - first_s)) for edit in edits] == [
        ("wants", "li", "192.0.2.1", 0), ("wants a refund", "li", "192.0.2.1", 5), ("got it", "boss", "192.0.2.3", 10),
    ]
    assert [event.data for event in box.seen(Kind.NOTED)] == [
        {"what": "note", "by": "li"}, {"what": "note", "by": "li"}, {"what": "note", "by": "boss"},
    ]


def test_who_wrote_from_an_older_version_is_told_what_the_other_wrote(box, served):
    ask(box, AGENT, "call.note", call=served, text="first", after=0)
    with pytest.raises(Changed) as refused:
        ask(box, AGENT, "call.note", call=served, text="from another window", after=0)
    assert refused.value.facts == {"note": "first", "version": 1, "by": "li"}
    assert ask(box, AGENT, "call.note", call=served, text="from another window", after=1).version == 2


def test_a_call_is_noted_also_after_its_end_by_whoever_served_it_and_by_supervisors_alone(box, served):
    box.phone("201").hang_up()
    box.clock.advance(60)
    assert box.agent("201").state == "ready"
    assert ask(box, AGENT, "call.note", call=served, text="afterwards").note == "afterwards"
    assert ask(box, SUPERVISOR, "call.disposition", call=served, disposition="resolved").disposition == "resolved"
    for method, more in (("call.note", {"text": "x"}), ("call.disposition", {"disposition": ""}), ("call.notes", {})):
        with pytest.raises(NotAllowed) as refused:
            ask(box, OTHER, method, call=served, **more)
        assert refused.value.facts == {"needs": "supervisor"}
        with pytest.raises(NotAllowed):
            ask(box, Asker("nobody", Role.AGENT), method, call=served, **more)
    assert [cdr.call_id for cdr in box.calls] == [served]
    box.restart()
    assert ask(box, AGENT, "call.notes", call=served).noted.note == "afterwards"
    before = ask(box, AGENT, "desk.show", number="201")
    ask(box, AGENT, "call.note", call=served, text="long afterwards")
    after = ask(box, AGENT, "desk.show", number="201")
    assert after.agent.noted > before.agent.noted  # so that a page knows that there is something new
    assert after.served[0].note == "long afterwards"


def test_an_agent_whose_telephone_only_rang_has_not_served_the_call(box):
    box.login("202", "201")
    box.phone("202").refuses()
    box.phone("201").answers_after(1)
    box.line(1).ring(caller_id="13800138000")
    box.clock.advance(30)
    call = box.live[0].id
    with pytest.raises(NotAllowed):
        ask(box, OTHER, "call.notes", call=call)
    assert ask(box, AGENT, "call.notes", call=call).edits == []


def test_a_call_is_marked_only_as_its_queue_allows(box, served):
    assert [one.name for one in ask(box, AGENT, "call.notes", call=served).dispositions] == ["resolved"]
    with pytest.raises(BadRequest) as refused:
        ask(box, AGENT, "call.disposition", call=served, disposition="ordered")
    assert str(refused.value.problems[0]) == 'disposition: "ordered": one of resolved is right'
    ask(box, AGENT, "call.disposition", call=served, disposition="resolved")
    assert ask(box, AGENT, "call.disposition", call=served, disposition="").disposition == ""


def test_there_is_no_note_of_no_call(box):
    with pytest.raises(NotFound):
        ask(box, SUPERVISOR, "call.note", call="nonsense", text="x")


@pytest.mark.parametrize("text", ["x" * 4001, "bell\a", "\x00"])
def test_what_is_no_note_is_named(box, served, text):
    with pytest.raises(BadRequest) as refused:
        ask(box, AGENT, "call.note", call=served, text=text)
    assert refused.value.problems[0].path == "text"


def test_a_call_has_no_more_edits_than_the_most(box, served, monkeypatch):
    monkeypatch.setattr(notes, "MOST_EDITS", 3)
    for number in range(3):
        ask(box, AGENT, "call.note", call=served, text=str(number))
    with pytest.raises(Refused, match="3 edits"):
        ask(box, AGENT, "call.note", call=served, text="one more")
