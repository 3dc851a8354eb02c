"""The page of alarms."""

import time

import pytest

from drivers.link.messages import Wrong
from firmware.events import AlarmName, Event, Kind, alarm_data
from tests.fakes.said import said
from tests.webui.test_live import text_of
from tests.webui.test_sign_in import form_of


@pytest.fixture
def alarmed(door):
    """Raise an alarm whose words are not what they should be."""
    data = alarm_data(AlarmName.DISK_SPACE, "<b>disk</b>", raised=True, wrong=said("<script>alert(1)</script>"))
    door.do(lambda: door.door.bus.publish(Event(time.time(), Kind.ALARM, data=data)))


def acknowledge(client, **fields):
    form = form_of(client, "/account/")
    return client.post("/alarms/", data={"form": form, "name": "disk-space", "subject": "<b>disk</b>", **fields})


def test_a_box_without_alarms_says_so(page):
    client = page()
    assert "No alarms: all is well." in text_of(client.get("/alarms/").text)
    assert "没有告警，一切正常。" in client.get("/alarms/?lang=zh").text


def test_an_alarm_says_what_is_wrong_and_what_to_do(page, alarmed):
    answer = page().get("/alarms/")
    seen = text_of(answer.text)
    assert "The disk is nearly full" in seen
    assert "What to do: Remove recordings" in seen
    assert "<script>alert(1)" not in answer.text
    assert "处理： 删除不再需要的录音" in text_of(page().get("/alarms/?lang=zh").text)


def test_a_viewer_only_looks(page, alarmed):
    client = page(role="viewer")
    assert "Acknowledge" not in text_of(client.get("/alarms/").text)
    assert "What there was" not in text_of(client.get("/alarms/").text)
    assert acknowledge(client).status_code == 403


def test_a_supervisor_acknowledges_with_a_note_and_everybody_sees_it(page, alarmed):
    client = page(role="supervisor")
    assert acknowledge(client, note="我来处理").headers["Location"] == "/alarms/"
    seen = text_of(page().get("/alarms/").text)
    assert "Acknowledged by a-supervisor" in seen
    assert "我来处理" in seen


def test_an_alarm_that_is_over_meanwhile_is_no_mistake(page):
    assert acknowledge(page(role="admin")).headers["Location"] == "/alarms/"


def test_what_there_was_is_listed_with_who_saw_it(page):
    seen = text_of(page(role="supervisor").get("/alarms/").text)
    exactly = "107 MiB of 1024 MiB are free, 500 should be"
    assert f"The disk is nearly full {exactly} major 1970-01-01 08:16 1970-01-01 08:33 li seen to" in seen


def test_figures_are_said_in_the_readers_language_also_of_what_was(page, door):
    left = Wrong("disk-left", {"free_mb": 12, "total_mb": 1024, "least_mb": 500})
    data = alarm_data(AlarmName.DISK_SPACE, "disk", raised=True, wrong=left)
    door.do(lambda: door.door.bus.publish(Event(time.time(), Kind.ALARM, data=data)))
    zh = text_of(page(role="supervisor").get("/alarms/?lang=zh").text)
    assert "共 1024 MiB，可用 12 MiB，应不少于 500 MiB" in zh
    assert "共 1024 MiB，可用 107 MiB，应不少于 500 MiB" in zh
    assert "are free" not in zh
    assert "12 MiB of 1024 MiB are free" in text_of(page().get("/alarms/?lang=en").text)


def test_the_most_urgent_comes_first(page, door, alarmed):
    for name, subject in ((AlarmName.LIMIT_NEAR, "box"), (AlarmName.EMERGENCY_CALL, "extension:203")):
        data = alarm_data(name, subject, raised=True)
        door.do(lambda data=data: door.door.bus.publish(Event(time.time(), Kind.ALARM, data=data)))
    seen = text_of(page().get("/alarms/").text)
    words = ("An emergency number was called extension 203", "The disk is nearly full", "A daily limit")
    places = [seen.index(one) for one in words]
    assert places == sorted(places)
