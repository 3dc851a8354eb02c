"""What is too old goes, in pieces and on record; what a legal hold keeps never does."""

from sqlalchemy import event as sql

from firmware.records import schema
from firmware.retention import pieces
from tests.firmware.retention.conftest import DAY_S, NOW_S, SOUND, Archive, event


async def test_recordings_go_after_their_days_and_those_of_a_queue_after_its_own(home):
    archive = Archive(home)
    for number, age, queue in ((1, 5, ""), (2, 31, ""), (3, 31, "sales"), (4, 91, "sales"), (5, 400, "")):
        archive.add(number, age, queue=queue)
    archive.rules(recordings_days=30, sales=90)
    assert (await archive.keeper.sweep())["recordings"] == 3
    assert archive.sounds() == ["k-1", "k-3"]
    assert archive.calls() == ["k-1", "k-2", "k-3", "k-4", "k-5"]
    ((what, by, detail),) = await archive.audit()
    assert (what, by) == ("retention.recordings", "retention")
    assert detail == "3: older than 30 days, or than their queue's"
    assert [path.name for path in (home / "recordings").iterdir()] == ["0001", "0003"] or len(
        list((home / "recordings").iterdir())
    ) == 2


async def test_a_queue_may_keep_for_ever_what_others_do_not_and_the_other_way_round(home):
    archive = Archive(home)
    archive.add(1, 1000, queue="sales")
    archive.add(2, 1000)
    archive.rules(recordings_days=30, sales=0)
    await archive.keeper.sweep()
    assert archive.sounds() == ["k-1"]
    archive.rules(recordings_days=0, sales=30)
    await archive.keeper.sweep()
    assert archive.sounds() == []


async def test_without_rules_everything_stays(home):
    archive = Archive(home)
    archive.add(1, 9000)
    archive.rules()
    await archive.keeper.look()
    assert await archive.keeper.sweep() == {"recordings": 0, "calls": 0, "audit": 0, "alarms": 0}
    assert (archive.calls(), archive.sounds(), await archive.audit()) == (["k-1"], ["k-1"], [])


async def test_old_calls_go_with_all_that_is_on_record_of_them(home):
    archive = Archive(home)
    for number in range(250):
        archive.add(number, 400 if number else 10)
    archive.write(
        (schema.events, event(NOW_S - 400 * DAY_S, "config.changed", "", {})),
        (schema.events, event(NOW_S - 10 * DAY_S, "config.changed", "", {})),
    )
    archive.rules(records_days=365)
    assert (await archive.keeper.sweep())["calls"] == 249
    assert archive.calls() == archive.sounds() == ["k-0"]
    for table, column in pieces.OF_CALLS:
        assert set(archive.rows(table, column)) == ({"", "k-0"} if table is schema.events else {"k-0"})
    assert archive.rows(schema.events, "kind").count("config.changed") == 1


async def test_a_piece_is_small_however_much_there_is(home):
    archive = Archive(home)
    for number in range(350):
        archive.add(number, 400)
    archive.rules(records_days=365)
    sizes = []
    sql.listen(
        archive.records._engine, "after_cursor_execute",
        lambda connection, cursor, statement, *rest: sizes.append(cursor.rowcount)
        if statement.startswith("DELETE FROM calls") else None,
    )  # fmt: skip
    await archive.keeper.sweep()
    assert sizes == [100, 100, 100, 50]


async def test_audit_and_alarms_have_days_of_their_own(home):
    archive = Archive(home)
    old, young = NOW_S - 100 * DAY_S, NOW_S - 1 * DAY_S
    for at_s in (old, young):
        entry = {"at_s": at_s, "what": "user.added", "user": "li", "by": "", "address": "", "detail": ""}
        alarm = {"name": "edge", "subject": "", "by": "", "detail": "", "raised_s": at_s, "over_s": at_s + 1}
        archive.write((schema.audit, entry), (schema.alarm_history, alarm))
    archive.write((schema.alarm_history, {"name": "edge", "subject": "", "by": "", "detail": "", "raised_s": old}))
    archive.rules(audit_days=30, alarms_days=30)
    gone = await archive.keeper.sweep()
    assert (gone["audit"], gone["alarms"]) == (1, 1)
    assert len(archive.rows(schema.alarm_history, "id")) == 2  # one of them is not over yet


async def test_below_the_floor_the_oldest_recordings_go_until_there_is_room(home):
    archive = Archive(home)
    for number in range(1, 60):
        archive.add(number, number)
    archive.rules(floor_mb=128)
    archive.free[0] = (128 + 50) << 20  # all 59 are there: nine too many
    await archive.keeper.look()
    left = archive.sounds()
    assert 30 < len(left) <= 43  # a twentieth more than the floor is made free
    assert set(left) == {f"k-{number}" for number in range(1, len(left) + 1)}
    assert len(archive.calls()) == 59
    assert [alarm.data["raised"] for alarm in archive.told] == [True]
    ((what, _, detail),) = await archive.audit()
    assert what == "retention.recordings"
    assert detail.endswith("the disk had less than 128 MB free: the oldest first")
    archive.free[0] = 1 << 40
    await archive.keeper.look()
    assert [alarm.data["raised"] for alarm in archive.told] == [True, False]


async def test_where_nothing_may_go_it_is_said_and_records_are_not_touched(home):
    archive = Archive(home)
    archive.add(1, 5)
    await archive.holds.place("call", "k-1", "li", "court", NOW_S)
    archive.rules(floor_mb=128)
    archive.free[0] = 1 << 20
    assert await archive.keeper.make_room() == 0
    assert archive.told[-1].data["detail"].endswith("no recording is left that may go")
    assert (archive.calls(), archive.sounds()) == (["k-1"], ["k-1"])


async def test_a_hold_on_a_call_or_on_a_number_in_any_form_keeps_all_of_it(home):
    archive = Archive(home)
    archive.add(1, 400)
    archive.add(2, 400, number="013900139000", e164="+8613900139000")
    archive.add(3, 400, direction="out", number="201", e164="", did="913900139000")
    archive.add(4, 400)
    archive.write((schema.segments, {"call_id": "k-3", "kind": "ring", "who": "line:1:13900139000", "leg": "2",
                                     "since_s": 1.0, "duration_s": 1.0}))  # fmt: skip
    await archive.holds.place("call", "k-1", "li", "court", NOW_S)
    held = await archive.holds.place(
        "number", "+8613900139000", "li", "court", NOW_S, 0, archive.persons.forms("13900139000")
    )
    archive.rules(recordings_days=1, records_days=1)
    archive.free[0] = 0
    await archive.keeper.look()
    await archive.keeper.sweep()
    assert archive.calls() == archive.sounds() == ["k-1", "k-2", "k-3"]
    assert [one.id for one in await archive.holds.of_call("k-3", NOW_S)] == [held]
    await archive.holds.lift(held, "li", NOW_S)
    await archive.keeper.sweep()
    assert archive.calls() == ["k-1"]


async def test_a_hold_ends_with_its_day(home):
    archive = Archive(home)
    archive.add(1, 400)
    await archive.holds.place("call", "k-1", "li", "court", NOW_S - DAY_S, NOW_S + 10)
    archive.rules(records_days=1)
    await archive.keeper.sweep()
    assert archive.calls() == ["k-1"]
    archive.clock.offset_s += 20
    await archive.keeper.sweep()
    assert archive.calls() == []


async def test_a_recording_that_grows_and_a_call_that_goes_on_are_left_alone(home):
    archive = Archive(home)
    archive.add(1, 400)
    archive.write((schema.recordings, {"path": "recordings/now.wav", "call_id": "k-open", "leg": "1", "started_s": 1.0,
                                       "duration_s": None}))  # fmt: skip
    (home / "recordings/now.wav").write_bytes(SOUND)
    archive.rules(recordings_days=1)
    await archive.keeper.sweep()
    assert (home / "recordings/now.wav").exists()


async def test_what_a_power_cut_left_between_file_and_row_is_gone_the_next_time(home):
    archive = Archive(home)
    for number in (1, 2):
        archive.add(number, 400)
    pieces.remove(home, ["recordings/0001/k-1-1.wav"])  # and then the power failed
    archive.rules(recordings_days=1)
    await archive.keeper.sweep()
    assert archive.sounds() == []


async def test_a_row_that_leads_elsewhere_removes_nothing_there(home):
    archive = Archive(home)
    archive.add(1, 400)
    (home / "config").mkdir()
    (home / "config/key").write_bytes(b"key")
    archive.write((schema.recordings, {"path": "recordings/../config/key", "call_id": "k-1", "leg": "1",
                                       "started_s": 1.0, "duration_s": 1.0}))  # fmt: skip
    archive.rules(recordings_days=1)
    await archive.keeper.sweep()
    assert (home / "config/key").exists()


async def test_it_is_done_once_a_night_at_its_hour(home):
    archive = Archive(home)
    archive.rules(recordings_days=1, at="03:30")
    await archive.keeper.look()
    archive.add(1, 5)
    await archive.keeper.look()
    assert archive.sounds() == ["k-1"]  # nine in the morning
    archive.clock.offset_s += 18 * 3600
    await archive.keeper.look()
    assert archive.sounds() == ["k-1"]
    archive.clock.offset_s += 0.6 * 3600
    await archive.keeper.look()
    assert archive.sounds() == []
