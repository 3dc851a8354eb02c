"""Alarms, as somebody at a terminal sees and acknowledges them."""

import getpass
import json

import pytest

from drivers.link.messages import Wrong
from firmware.events import AlarmName, Event, Kind, alarm_data
from tests.fakes.said import said


@pytest.fixture
def alarmed(door):
    data = alarm_data(AlarmName.DISK_SPACE, "disk", raised=True, wrong=said("10 MiB\x07 are free"))
    door.do(lambda: door.door.bus.publish(Event(1767283200.0, Kind.ALARM, data=data)))


def test_no_alarms(command):
    assert command("alarm", "list").out == "no alarms\n"


def test_the_list_says_what_is_wrong_and_what_to_do(command, alarmed):
    out = command("alarm", "list").out
    assert "2026-01-02 00:00:00  major  disk-space disk" in out
    assert "The disk is nearly full" in out
    assert "10 MiB\N{REPLACEMENT CHARACTER} are free" in out
    assert "Remove recordings" in out


def test_the_list_speaks_chinese(command, alarmed, monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    out = command("alarm", "list").out
    assert "严重" in out
    assert "硬盘空间不足" in out


def test_the_figures_are_said_in_chinese_too(command, door, monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    wrong = Wrong("waits", {"waiting": 3, "longest_s": 180})
    data = alarm_data(AlarmName.QUEUE_WAIT, "service", raised=True, wrong=wrong)
    door.do(lambda: door.door.bus.publish(Event(1767283200.0, Kind.ALARM, data=data)))
    for words in (("alarm", "list"), ("status",)):
        assert "3 人在等，最长 180 秒" in command(*words).out
    assert "107 MiB" in command("alarm", "history").out
    (alarm,) = json.loads(command("alarm", "list", "--json").out)
    assert alarm["words"]["zh"]["exactly"] == "3 人在等，最长 180 秒"
    assert alarm["words"]["en"]["remedy"].startswith("Let more agents")


def test_an_alarm_is_acknowledged_with_a_note(command, alarmed, door):
    out = command("alarm", "acknowledge", "disk-space", "disk", "--note", "I clear it").out
    assert f"seen by {getpass.getuser()}" in out
    assert "I clear it" in out
    (alarm,) = json.loads(command("alarm", "list", "--json").out)
    assert (alarm["acknowledged_by"], alarm["note"]) == (getpass.getuser(), "I clear it")
    assert door.door.commits == 1


def test_what_is_over_cannot_be_acknowledged(command):
    run = command("alarm", "acknowledge", "disk-space", "disk")
    assert run.code == 1
    assert "there is no alarm disk-space disk" in run.err


def test_a_note_that_is_too_long_is_refused_by_name(command, alarmed):
    run = command("alarm", "acknowledge", "disk-space", "disk", "--note", "x" * 201)
    assert run.code == 1
    assert "note:" in run.err
    assert "up to 200 characters" in run.err


def test_what_was_is_listed(command):
    rows = command("alarm", "history").out.splitlines()
    assert "disk-space" in rows[1]
    assert "1970-01-01 08:33:20" in rows[1]  # over at 2000
    assert "li" in rows[1].split()
