"""A call that turns out to be a fax goes on where the fax machine is, from greeting, menu or queue: once."""

import pytest

from firmware.events import Kind
from tests.fakes.box import Box, config

FLOW = {
    "name": "main", "greeting": ["welcome"], "menu": ["main-menu"], "keys": {"1": {"to": "queue:service"}},
    "wait_s": 5, "repeats": 2, "no_key": "queue:service",
}


QUEUE = {"name": "service", "agents": ["201"], "announce_every_s": 600, "record": False}
ROUTES = [{"name": "all", "to": "flow:main"}]


def opened(tmp_path, fax):
    box = Box(tmp_path, config(flows=[FLOW], routes=ROUTES, queues=[QUEUE], box={"fax": fax}))
    box.phone("203").answers_after(2)
    return box


@pytest.fixture
def box(tmp_path):
    """A box whose callers come to a menu, and whose fax machine is at 203."""
    box = opened(tmp_path, "extension:203")
    yield box
    box.close()


def beeps(box, caller, times=3):
    for _ in range(times):
        caller.beep()
        box.clock.advance(3.5)


def faxes(box):
    return [event.data["to"] for event in box.seen(Kind.FAX_HEARD)]


@pytest.mark.parametrize("heard_s", [1.0, 3.0, 6.0])
def test_a_fax_in_greeting_or_menu_goes_to_the_fax_machine(box, heard_s):
    caller = box.line(1).ring("13800138000")
    box.clock.advance(heard_s)
    beeps(box, caller)
    assert caller.hears_party(box.phone("203").party)
    assert faxes(box) == ["extension:203"]
    caller.hang_up()
    box.clock.advance(1)
    record = box.calls[-1]
    assert record.outcome == "answered"
    assert ("fax", "extension:203") in [(one.kind, one.who) for one in record.segments]


def test_a_fax_that_waits_in_a_queue_leaves_it_as_one_sent_elsewhere_and_nobody_rings_for_it_any_more(box):
    box.login("201")
    caller = box.line(1).ring("13800138000")
    box.clock.advance(4)
    caller.press("1")
    box.clock.advance(3)
    assert box.phone("201").state == "ringing"
    beeps(box, caller)
    assert caller.hears_party(box.phone("203").party)
    assert box.phone("201").state != "ringing"
    assert [event.data["outcome"] for event in box.seen(Kind.QUEUE_LEFT)] == ["overflowed"]


def test_where_no_fax_machine_is_set_the_call_stays_and_its_record_says_what_it_was(tmp_path):
    box = opened(tmp_path, "")
    caller = box.line(1).ring("13800138000")
    box.clock.advance(1)
    beeps(box, caller)
    assert "main-menu" in [sound for _, sound in caller.heard]
    assert caller.state == "answered"
    assert faxes(box) == [""]
    box.close()


def test_a_fax_machine_that_does_not_answer_is_told_by_the_end_of_the_call(box):
    box.phone("203").busy()
    caller = box.line(1).ring("13800138000")
    box.clock.advance(1)
    beeps(box, caller, 5)
    assert faxes(box) == ["extension:203"]
    assert not caller.hears.startswith("main-menu")
    box.clock.advance(60)
    assert caller.state == "ended"


def test_a_fax_on_its_way_is_still_so_after_a_restart_of_the_exchange(box):
    box.phone("203").answers_after(8)
    caller = box.line(1).ring("13800138000")
    box.clock.advance(1)
    caller.beep()
    box.clock.advance(1)
    box.restart()
    box.clock.advance(12)
    assert caller.hears_party(box.phone("203").party)
    assert faxes(box) == ["extension:203"]


def test_who_gives_up_at_that_moment_is_gone(box):
    caller = box.line(1).ring("13800138000")
    box.clock.advance(1)
    caller.beep()
    caller.hang_up()
    box.clock.advance(5)
    assert not box.exchange.switch.calls
    assert box.phone("203").state != "ringing"
