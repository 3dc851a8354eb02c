"""The alarms that were are on record: when each was raised, seen and over, also across a restart."""

from firmware.events import AlarmName, Event, Kind, alarm_data
from tests.fakes.said import said

SO = said("it is so")


def alarm(box, name, subject="disk", *, raised=True, wrong=SO):
    data = alarm_data(name, subject, raised=raised, wrong=wrong)
    box.do(box.bus.publish, Event(box.clock.wall_s(), Kind.ALARM, data=data))


def history(box, **which):
    return box.wait(box.exchange.records.alarms.page(**which))


def test_each_alarm_is_one_row_from_first_to_last(box):
    begun_s = box.clock.wall_s()
    alarm(box, AlarmName.DISK_SPACE)
    box.clock.advance(10)
    alarm(box, AlarmName.DISK_SPACE, wrong=said("it is worse"))
    box.clock.advance(10)
    (raised,) = history(box)
    assert (raised.raised_s, raised.over_s, raised.detail) == (begun_s, None, "it is worse")
    alarm(box, AlarmName.DISK_SPACE, raised=False)
    alarm(box, AlarmName.DISK_SPACE)
    box.clock.advance(1)
    again, over = history(box)
    assert (again.over_s, round(over.over_s - begun_s)) == (None, 20)


def test_two_alarms_of_one_name_do_not_touch_each_other(box):
    for subject in ("web", "edge"):
        alarm(box, AlarmName.PROGRAM_LOST, subject)
    alarm(box, AlarmName.PROGRAM_LOST, "web", raised=False)
    box.clock.advance(1)
    assert {one.subject: one.over_s is None for one in history(box)} == {"web": False, "edge": True}


def test_who_saw_it_is_on_record_and_known_after_a_restart(box):
    alarm(box, AlarmName.DISK_SPACE)
    box.clock.advance(60)
    seen_s = box.clock.wall_s()
    box.do(box.exchange.alarms.acknowledge, "disk-space", "disk", "李雷", "换硬盘")
    box.wait(box.journal.committed())
    box.restart(after_s=30)
    (now,) = box.exchange.alarms.table()
    assert (now.acknowledged_by, now.note, now.acknowledged_s) == ("李雷", "换硬盘", seen_s)
    assert seen_s - now.since_s > 59
    alarm(box, AlarmName.DISK_SPACE, raised=False)
    box.clock.advance(1)
    (past,) = history(box)
    assert (past.acknowledged_by, past.note, past.acknowledged_s) == ("李雷", "换硬盘", seen_s)
    assert past.over_s > seen_s


def test_an_emergency_call_that_somebody_saw_does_not_come_back_with_a_restart(box):
    alarm(box, AlarmName.EMERGENCY_CALL, "extension:201")
    box.do(box.exchange.alarms.acknowledge, "emergency-call", "extension:201", "li")
    box.clock.advance(1)
    box.restart()
    assert box.exchange.alarms.table() == []
    assert history(box)[0].over_s is not None


def test_the_list_is_read_page_by_page(box):
    for number in range(5):
        alarm(box, AlarmName.PROGRAM_LOST, str(number))
    box.clock.advance(1)
    newest = history(box, limit=2)
    assert [one.subject for one in newest] == ["4", "3"]
    assert [one.subject for one in history(box, limit=2, before=newest[-1].id)] == ["2", "1"]
