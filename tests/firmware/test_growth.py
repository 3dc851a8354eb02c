"""Calls leave nothing in the exchange but their records: objects are counted over days of them, one after the other."""

import gc
import sys
from collections import Counter

from firmware.agents.agent import NOT_READY
from firmware.control.history import KEPT
from firmware.events import Kind
from tests.fakes.box import Box
from tests.fakes.day import AGENTS, LENGTH_S, Day, day_config

DAYS = 40
SLACK = 0.75  # objects a call: what caches breathe (160) is less, and one that each call leaves is more


def test_days_of_calls_leave_nothing_in_the_exchange(tmp_path, caplog):
    box = Box(tmp_path, day_config())
    box.login(*AGENTS)
    events = calls = 0
    while events < KEPT:  # what is kept of the last events has its full size
        events += sum(live_a_day(box).values())
    caplog.clear()  # log lines are kept for the test's report
    before = counted()
    for _ in range(DAYS):
        calls += live_a_day(box)[Kind.CALL_ENDED]
    caplog.clear()
    after = counted()
    grown = {kind: (before[kind], now) for kind, now in after.items() if now > before[kind] + SLACK * calls}
    box.close()
    assert calls == 12 * DAYS
    assert not grown, f"objects before and after {calls} calls: {grown}"


def live_a_day(box: Box) -> Counter[Kind]:
    """Live through a day, and return how often each kind of event happened."""
    Day(box)
    box.clock.advance(LENGTH_S + 20)
    for number in AGENTS:
        if box.agent(number).state is NOT_READY:  # did not answer
            box.do(box.roster.ready, number)
    assert not box.live
    happened = Counter(event.kind for event in box.events)
    box.forget()
    return happened


def counted() -> Counter[object]:
    """Return how many objects there are of each type, and how many blocks of memory all small ones take."""
    gc.collect()
    blocks = sys.getallocatedblocks()
    return Counter[object](map(type, gc.get_objects())) + Counter({"blocks": blocks})
