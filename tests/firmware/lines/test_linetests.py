"""Lines are tested on order, at night and while at fault; what is wrong with them is an alarm until they are well."""

from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest

from drivers.link import messages as m
from drivers.link.causes import NO_CIRCUIT_AVAILABLE, SWITCHING_EQUIPMENT_CONGESTION, USER_BUSY
from firmware.errors import LineBusy, NotFound, Unavailable
from firmware.events import Kind
from firmware.lines.linetests import LineTests
from firmware.lines.result import Result
from tests.fakes.box import Box, config
from tests.fakes.line_tests import CUT, SILENT, TEST_S

HOUR_S, DAY_S = 3600.0, 86400.0
TO_NIGHT_S = 18.5 * HOUR_S  # from nine in the morning to half past three


def alarms(box: Box) -> list[tuple[str, str]]:
    return [(alarm.name, alarm.subject) for alarm in box.exchange.alarms.table() if alarm.name != "no-calls"]


def of_box(box: Box) -> LineTests:
    return box.exchange.line_tests


def order(box: Box, line: int) -> Result:
    """Let a person test a line."""
    found = box.wait(of_box(box).test(line, "li"))
    box.settle()
    return found


def begun(box: Box) -> list[tuple[str, int]]:
    """Return when on the box's wall each test was begun, and of which line."""
    return [(f"{box.clock.at(at_s):%a %H:%M}", line) for at_s, line in box.gateway.line_tests.made]


def busy(box: Box, line: int) -> object:
    """Let a caller talk on a line."""
    box.login("201")
    caller = box.line(line).ring("13800138000")
    box.clock.advance(1)
    return caller


def test_a_person_is_told_what_a_test_found_and_it_is_kept(box: Box) -> None:
    found = order(box, 2)
    assert (found.line, found.by, found.outcome, found.verdict) == (2, "li", "done", "good")
    assert [one.name for one in found.findings][:2] == ["battery", "dial_tone"]
    assert of_box(box).last[2] == found
    box.clock.advance(2)
    box.restart()
    assert of_box(box).last == {2: found}
    assert [event.data["line"] for event in box.seen(Kind.LINE_TESTED)] == [2]


@pytest.mark.parametrize(
    ("line", "error", "text"),
    [(9, NotFound, "there is no line 9; there are: 1, 2, 3, 4"), (1, LineBusy, "line 1 is in_use; to test it must be")],
)
def test_a_test_that_cannot_be_made_says_why(box: Box, line: int, error: type[Exception], text: str) -> None:
    box.line(1).ring("13800138000")
    with pytest.raises(error, match=text):
        order(box, line)
    assert of_box(box).last == {}


def test_without_a_gateway_no_line_is_tested(box: Box) -> None:
    box.gateway.accepts = False
    box.gateway.hang_up_on_exchange()
    box.settle()
    with pytest.raises(Unavailable, match="the gateway is not there"):
        order(box, 1)


def test_a_gateway_that_dies_in_a_test_ends_it(box: Box) -> None:
    waiting = box.loop.create_task(of_box(box).test(1, "li"))
    box.clock.advance(1)
    box.lose_gateway()
    with pytest.raises(Unavailable, match="the gateway began anew during the test"):
        box.wait(waiting)


def test_every_idle_line_is_tested_at_half_past_three_one_after_another(box: Box) -> None:
    box.clock.advance(TO_NIGHT_S - 60)
    assert begun(box) == []
    box.clock.advance(180)
    assert begun(box) == [("Tue 03:30", line) for line in (1, 2, 3, 4)]
    at_s = [at_s for at_s, _ in box.gateway.line_tests.made]
    assert all(later - before >= TEST_S for before, later in pairwise(at_s))
    assert {one.by for one in of_box(box).last.values()} == {"night"}
    assert alarms(box) == []
    box.clock.advance(DAY_S)
    assert len(begun(box)) == 8


def test_the_hour_is_the_boxs_and_may_be_another_or_none(tmp_path: Path) -> None:
    box = Box(tmp_path, config(alarms={"line_test_at": "12:15"}))
    box.clock.advance(4 * HOUR_S)
    assert begun(box) == [("Mon 12:15", line) for line in (1, 2, 3, 4)]
    box.close()


def test_a_line_that_is_never_answered_is_tested_on_order_alone(tmp_path: Path) -> None:
    """Its test could answer a call that is for something else."""
    box = Box(tmp_path, config(lines=[{"number": 1}, {"number": 2, "never_answer": True}]))
    box.clock.advance(DAY_S)
    assert {line for _, line in begun(box)} == {1}
    assert order(box, 2).outcome == "done"
    box.close()


def test_with_no_hour_no_line_is_tested(tmp_path: Path) -> None:
    box = Box(tmp_path, config(alarms={"line_test_at": ""}))
    box.clock.advance(2 * DAY_S)
    assert begun(box) == []
    box.close()


def test_a_line_in_use_at_night_is_tested_when_it_is_free(box: Box) -> None:
    box.clock.advance(TO_NIGHT_S - 60)
    caller = busy(box, 2)
    box.clock.advance(300)
    assert [line for _, line in begun(box)] == [1, 3, 4]
    caller.hang_up()  # type: ignore[attr-defined]
    box.clock.advance(90)
    assert [line for _, line in begun(box)] == [1, 3, 4, 2]
    assert of_box(box).last[2].verdict == "good"


def test_a_test_that_gave_way_to_a_call_is_made_again_later(box: Box) -> None:
    box.clock.advance(TO_NIGHT_S + 1)
    while not begun(box):
        box.clock.advance(1)
    caller = box.line(1).ring("13800138000")
    assert 1 not in of_box(box).last
    caller.hang_up()
    box.clock.advance(200)
    assert [line for _, line in begun(box)].count(1) == 2
    assert of_box(box).last[1].verdict == "good"


def test_a_call_out_takes_a_line_that_is_being_tested_when_no_other_is_free(tmp_path: Path) -> None:
    box = Box(tmp_path, config(lines=[{"number": 1}]))
    waiting = box.loop.create_task(of_box(box).test(1, "li"))
    box.clock.advance(1)
    box.line(1).far_end.answers_after(1)
    box.phone("201").calls("910086")
    box.clock.advance(4)
    assert box.wait(waiting).outcome == "out"
    assert [call.destination.kind for call in box.live] == ["number"]
    assert box.line(1).far_end.party is not None
    box.close()


def test_a_line_without_dial_tone_is_an_alarm_at_once_and_over_with_the_next_good_test(box: Box) -> None:
    box.gateway.line_tests.found[3] = SILENT
    order(box, 3)
    assert alarms(box) == [("line-no-dial-tone", "line:3")]
    assert box.exchange.alarms.table()[0].detail == "nothing is heard"
    box.clock.advance(6 * 60)
    assert [line for _, line in begun(box)][:2] == [3, 3]  # every few minutes, nobody asks
    assert alarms(box) == [("line-no-dial-tone", "line:3")]
    del box.gateway.line_tests.found[3]
    box.clock.advance(4 * 60)
    assert alarms(box) == []
    tries = len(begun(box))
    box.clock.advance(30 * 60)
    assert len(begun(box)) == tries


def test_what_is_found_at_night_is_an_alarm_within_a_minute(box: Box) -> None:
    box.gateway.line_tests.found[4] = SILENT
    box.clock.advance(TO_NIGHT_S + 60)
    assert alarms(box) == [("line-no-dial-tone", "line:4")]


def test_an_alarm_outlives_a_restart_and_the_line_is_tested_on(box: Box) -> None:
    box.gateway.line_tests.found[3] = SILENT
    order(box, 3)
    box.restart(after_s=20)
    box.clock.advance(1)
    assert alarms(box) == [("line-no-dial-tone", "line:3")]
    del box.gateway.line_tests.found[3]
    box.clock.advance(5 * 60)
    assert alarms(box) == []


def test_a_test_that_ends_while_the_exchange_is_away_counts(box: Box) -> None:
    box.gateway.line_tests.found[3] = SILENT
    task = box.loop.create_task(of_box(box).test(3, "li"))
    box.clock.advance(1)
    box.restart(after_s=TEST_S + 1)
    assert task.done()
    box.clock.advance(5)
    assert alarms(box) == [("line-no-dial-tone", "line:3")]


def test_a_call_out_that_rings_shows_that_the_line_is_well(tmp_path: Path) -> None:
    box = Box(tmp_path, config(lines=[{"number": 1}]))
    box.gateway.line_tests.found[1] = SILENT
    order(box, 1)
    box.line(1).far_end.rings()
    box.phone("201").calls("910086")
    box.clock.advance(3)
    assert alarms(box) == []
    box.restart()
    box.clock.advance(20)
    assert alarms(box) == []  # though its last test was bad
    box.close()


def test_a_line_on_which_a_call_out_found_no_dial_tone_is_an_alarm_within_a_minute(tmp_path: Path) -> None:
    box = Box(tmp_path, config(lines=[{"number": 1}]))
    box.gateway.line_tests.found[1] = SILENT
    box.line(1).far_end.refuses(NO_CIRCUIT_AVAILABLE)
    box.phone("201").calls("910086")
    box.clock.advance(50)
    assert alarms(box) == [("line-no-dial-tone", "line:1")]
    assert of_box(box).last[1].by == "call"
    box.close()


@pytest.mark.parametrize("cause", [USER_BUSY, SWITCHING_EQUIPMENT_CONGESTION])
def test_a_call_out_that_failed_beyond_the_line_says_nothing_of_it(tmp_path: Path, cause: int) -> None:
    box = Box(tmp_path, config(lines=[{"number": 1}]))
    box.line(1).far_end.refuses(cause)
    box.phone("201").calls("910086")
    box.clock.advance(50)
    assert begun(box) == []
    box.close()


def test_after_a_call_in_on_a_line_at_fault_it_is_tested_at_once(box: Box) -> None:
    box.gateway.line_tests.found[1] = SILENT
    order(box, 1)
    caller = busy(box, 1)
    del box.gateway.line_tests.found[1]
    caller.hang_up()  # type: ignore[attr-defined]
    box.clock.advance(40)
    assert alarms(box) == []


def test_a_line_without_battery_is_the_gateways_alarm_or_the_tests(box: Box) -> None:
    box.gateway.line_tests.found[2] = CUT
    order(box, 2)
    assert alarms(box) == [("line-no-battery", "line:2")]
    box.gateway.tell(m.Alarm, name="line-no-battery", subject="line:2", raised=True, wrong=m.Wrong("no-voltage"))
    box.settle()
    assert alarms(box) == [("line-no-battery", "line:2")]
    del box.gateway.line_tests.found[2]
    box.gateway.tell(m.Alarm, name="line-no-battery", subject="line:2", raised=False)
    box.clock.advance(60)
    assert alarms(box) == []
    assert of_box(box).last[2].verdict == "good"


def test_an_alarm_that_only_the_gateway_raised_is_not_taken_back(box: Box) -> None:
    box.gateway.tell(m.Alarm, name="line-no-battery", subject="line:2", raised=True, wrong=m.Wrong("no-voltage"))
    box.clock.advance(120)
    assert alarms(box) == [("line-no-battery", "line:2")]


def test_a_line_that_is_no_longer_configured_has_no_alarm(box: Box) -> None:
    box.gateway.line_tests.found[4] = SILENT
    order(box, 4)
    box.wait(box.configuration.replace({**_document(box), "lines": [{"number": 1}]}, who="li", why="fewer"))
    box.clock.advance(60)
    assert alarms(box) == []


def _document(box: Box) -> dict[str, object]:
    from firmware.config.configuration import exported

    return exported(box.configuration.config, secrets=True)


def test_the_oldest_tests_of_a_line_are_let_go_of(box: Box) -> None:
    from firmware.lines.result import history

    for _ in range(103):
        order(box, 1)
    order(box, 2)
    kept = box.wait(box.exchange.records.reader.ask(lambda connection: history(connection, 1, 500)))
    assert len(kept) == 100
    assert kept[0] == of_box(box).last[1]
    assert datetime.fromtimestamp(kept[0].at_s) > datetime.fromtimestamp(kept[-1].at_s)
