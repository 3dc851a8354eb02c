"""A call's life, told by its events: from the offer to the one CALL_ENDED."""

import pytest

from firmware.events import Kind
from tests.fakes.box import Box, config


@pytest.fixture
def box(tmp_path):
    box = Box(tmp_path, config(routes=[{"name": "all", "to": "extension:201"}]))
    yield box
    box.close()


def kinds(box: Box) -> list[Kind]:
    return [event.kind for event in box.events if event.kind is not Kind.CONFIG_CHANGED]


def test_a_call_that_is_answered_and_hung_up_by_the_callee_tells_each_step_once(box):
    box.phone("201").answers_after(3)
    caller = box.line(1).ring(caller_id="13800138000")
    box.clock.advance(10)
    assert caller.hears_party(box.phone("201").party)
    box.phone("201").hang_up()
    assert caller.state == "ended"
    for kind in kinds(box):
        print(kind)
    print(box.calls)
    assert box.events[-1].data == {"cause": 16, "by": "extension"}
    assert box.live == []
