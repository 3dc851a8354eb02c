"""A line or trunk by which no call came or went for days is an alarm, however often the exchange began anew."""

from pathlib import Path

import pytest

from tests.fakes.box import Box, config

DAY_S = 86400.0
TRUNK = {"name": "carrier", "host": "192.0.2.1", "numbers": ["01088880001"]}


@pytest.fixture
def box(tmp_path: Path):  # type: ignore[no-untyped-def]
    box = Box(tmp_path, config(
        lines=[{"number": 1}, {"number": 2}], trunks=[TRUNK], alarms={"no_call_days": 3, "line_test_at": ""},
        outgoing=[
            {"name": "outside", "prefix": "9", "strip": 1, "via": ["line:2"]},
            {"name": "sip", "prefix": "8", "strip": 1, "via": ["trunk:carrier"]},
        ],
    ))  # fmt: skip
    box.clock.advance(1)
    yield box
    box.close()


def quiet(box: Box) -> set[str]:
    return {alarm.subject for alarm in box.exchange.alarms.table() if alarm.name == "no-calls"}


def test_what_is_quiet_for_days_is_told_and_a_call_ends_it(box: Box) -> None:
    box.clock.advance(3 * DAY_S - 60)
    assert quiet(box) == set()
    box.clock.advance(120)
    assert quiet(box) == {"line:1", "line:2", "trunk:carrier"}
    assert box.exchange.alarms.table()[0].detail == "no call came or went for 3 days"
    box.line(1).ring("13800138000").hang_up()
    box.trunk("carrier").calls("01088880001", "13900139000").hang_up()
    box.line(2).far_end.rings()
    box.phone("201").calls("910086")
    box.clock.advance(20)
    assert quiet(box) == set()


def test_a_call_out_that_nobody_could_carry_is_none(box: Box) -> None:
    box.clock.advance(3 * DAY_S + 60)
    box.gateway.line_states[2] = "fault"
    box.phone("201").calls("910086")
    box.clock.advance(20)
    assert "line:2" in quiet(box)


def test_days_go_on_over_a_restart(box: Box) -> None:
    box.clock.advance(2 * DAY_S)
    box.line(1).ring("13800138000").hang_up()
    box.clock.advance(60)
    box.restart(after_s=30)
    box.clock.advance(DAY_S)
    assert quiet(box) == {"line:2", "trunk:carrier"}
    box.restart()
    box.clock.advance(2 * DAY_S)
    assert quiet(box) == {"line:1", "line:2", "trunk:carrier"}


def test_what_is_configured_later_is_counted_from_then(box: Box) -> None:
    from firmware.config.configuration import exported

    box.clock.advance(2 * DAY_S)
    document = exported(box.configuration.config, secrets=True)
    document["lines"] = [*document["lines"], {"number": 3}]
    box.wait(box.configuration.replace(document, who="li", why="one more"))
    box.clock.advance(2 * DAY_S)
    assert quiet(box) == {"line:1", "line:2", "trunk:carrier"}
    box.clock.advance(DAY_S + 60)
    assert "line:3" in quiet(box)


def test_records_that_are_let_go_of_are_no_silence(box: Box) -> None:
    box.clock.advance(2.5 * DAY_S)
    box.line(1).ring("13800138000").hang_up()
    box.clock.advance(3700)
    box.wait(box.exchange.records.change(lambda connection: connection.exec_driver_sql("DELETE FROM calls")))
    box.restart()
    box.clock.advance(DAY_S)
    assert quiet(box) == {"line:2", "trunk:carrier"}


def test_no_days_are_no_alarm(tmp_path: Path) -> None:
    box = Box(tmp_path / "off", config(alarms={"no_call_days": 0, "line_test_at": ""}))
    box.clock.advance(DAY_S)
    assert quiet(box) == set()
    box.close()
