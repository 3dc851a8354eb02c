"""What needs a person: every alarm there can be is in one list, with its severity."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.link.messages import AlarmName as GatewayAlarm
from firmware.alarms import ONCE, SEVERITIES, Alarms, Severity
from firmware.clock import Clock, VirtualLoop
from firmware.errors import NotFound
from firmware.events import AlarmName, Bus, Event, Kind, alarm_data
from firmware.health.words import ALARMS, alarm_words
from tests.fakes.said import said

ROOT = Path(__file__).resolve().parents[2]
# Of one that is raised already, by the gateway, or whose name has the list's own type
PASSED_ON = {"alarm.name", "happening.name", "finding.name", "key[0]"}


def test_every_alarm_has_a_severity():
    assert set(SEVERITIES) == {*AlarmName, *GatewayAlarm}


def functions() -> Iterator[tuple[str, ast.AST, list[ast.Call]]]:
    """Yield every function of the programs with where it is and what it calls."""
    for path in (*ROOT.glob("firmware/**/*.py"), *ROOT.glob("drivers/**/*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                calls = [inner for inner in ast.walk(node) if isinstance(inner, ast.Call)]
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node, calls


def names(calls: list[ast.Call]) -> Iterator[str]:
    """Yield what these calls name an alarm by."""
    for call in calls:
        arguments = [ast.unparse(argument) for argument in call.args]
        if ast.unparse(call.func) == "alarm_data":
            yield arguments[0]
        elif ast.unparse(call.func).endswith("tell") and arguments and arguments[0].split(".")[-1] == "Alarm":
            yield next(ast.unparse(keyword.value) for keyword in call.keywords if keyword.arg == "name")


def test_alarms_are_named_by_the_list_alone():
    named = [(where, name) for where, _, calls in functions() for name in names(calls)]
    assert len(named) >= 8
    assert [one for one in named if not one[1].startswith("AlarmName.") and one[1] not in PASSED_ON] == []


def test_no_alarm_is_made_by_hand():
    raising = [
        (where, ast.unparse(function)) for where, function, calls in functions()
        if any(ast.unparse(argument) == "Kind.ALARM" for call in calls for argument in call.args)
    ]
    assert len(raising) >= 7
    kept = "firmware/records/ledger.py"  # makes it again of its row
    assert [where for where, text in raising if "alarm_data(" not in text and not where.startswith(kept)] == []


@pytest.mark.parametrize(("name", "severity"), [
    (AlarmName.EMERGENCY_CALL, Severity.CRITICAL), (GatewayAlarm.EDGE, Severity.MAJOR), ("meteor", Severity.MAJOR),
])
def test_who_looks_is_told_the_severity_and_since_when(name, severity):
    bus, clock = Bus(), Clock(VirtualLoop())
    alarms = Alarms(bus, clock, [])
    for at_s in (10.0, 20.0):  # raised again: it has lasted since the first time
        bus.publish(Event(at_s, Kind.ALARM, data=alarm_data(name, "it", raised=True, wrong=said(f"at {at_s}"))))
    (alarm,) = alarms.table()
    assert (alarm.name, alarm.severity, alarm.since_s, alarm.detail) == (name, severity, 10.0, "at 20.0")
    bus.publish(Event(30.0, Kind.ALARM, data=alarm_data(name, "it", raised=False)))
    assert alarms.table() == []


# ---- seen by somebody


def at(bus, at_s, name, subject, *, raised=True):
    bus.publish(Event(at_s, Kind.ALARM, data=alarm_data(name, subject, raised=raised, wrong=said())))


def test_who_saw_an_alarm_is_told_as_long_as_it_lasts_and_not_of_the_next_one():
    bus, clock = Bus(), Clock(VirtualLoop())
    alarms = Alarms(bus, clock, [])
    at(bus, 10.0, AlarmName.DISK_SPACE, "disk")
    alarms.acknowledge(AlarmName.DISK_SPACE, "disk", "li", "I clear it")
    (alarm,) = alarms.table()
    assert (alarm.acknowledged_by, alarm.note) == ("li", "I clear it")
    assert alarm.acknowledged_s == pytest.approx(clock.wall_s())
    at(bus, 20.0, AlarmName.DISK_SPACE, "disk")  # it is still so
    assert alarms.table()[0].acknowledged_by == "li"
    at(bus, 30.0, AlarmName.DISK_SPACE, "disk", raised=False)
    at(bus, 40.0, AlarmName.DISK_SPACE, "disk")
    assert (alarms.table()[0].acknowledged_by, alarms.table()[0].acknowledged_s) == ("", None)


@pytest.mark.parametrize("name", sorted(ONCE))
def test_an_alarm_of_what_happened_is_over_when_somebody_has_seen_it(name):
    bus, told = Bus(), []
    alarms = Alarms(bus, Clock(VirtualLoop()), [])
    bus.subscribe(told.append)
    at(bus, 10.0, name, "extension:201")
    alarms.acknowledge(name, "extension:201", "li")
    assert alarms.table() == []
    assert [event.kind for event in told] == [Kind.ALARM, Kind.ALARM_ACKNOWLEDGED, Kind.ALARM]


def test_only_what_is_raised_can_be_acknowledged():
    alarms = Alarms(Bus(), Clock(VirtualLoop()), [])
    with pytest.raises(NotFound, match="there is no alarm disk-space disk; it may be over already"):
        alarms.acknowledge("disk-space", "disk", "li")


def test_every_alarm_says_what_to_do_about_it_in_both_languages():
    assert set(ALARMS) == set(SEVERITIES)
    for name in SEVERITIES:
        for language in ("zh", "en"):
            words = alarm_words(name, language)
            assert len(words.wrong) > 5
            assert words.remedy[-1] in ".。"
