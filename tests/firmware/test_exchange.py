"""The rooms together: what no single one of them can be asked for."""

import sqlite3
import time

import msgspec
import pytest

from drivers.link.causes import NON_SELECTED_USER_CLEARING
from drivers.link.messages import Provision, Refused
from firmware.config.configuration import exported
from firmware.control.methods import Asker, Role
from firmware.errors import NoStorage
from firmware.events import Kind
from tests.fakes.box import Box, config

NUMBER = "13800138000"
ADMIN = Asker("test", Role.ADMIN)


def ask(box, method, **params):
    """Ask as the command does, by control's table."""
    return box.wait(box.exchange.methods.call(ADMIN, method, params))


def as_plain(struct):
    return msgspec.to_builtins(struct)


def reconfigure(box, **parts):
    document = exported(box.configuration.config, secrets=True) | parts
    box.wait(box.configuration.replace(document, who="test", why="a test"))
    box.settle()


# ---- configuration -------------------------------------------------------------------------------------------------


def test_the_gateway_is_provisioned_when_it_connects_and_when_the_configuration_changes(box):
    assert [user.number for user in box.gateway.provisioned.users] == ["201", "202", "203", "204"]
    assert box.exchange.gateway.provisioned
    reconfigure(box, extensions=[{"number": "205"}], agents=[], queues=[], routes=[])
    assert [user.number for user in box.gateway.provisioned.users] == ["205"]
    assert box.seen(Kind.CONFIG_CHANGED)[-1].data == {"revision": 3, "who": "test", "why": "a test"}


def test_a_configuration_changed_while_the_gateway_was_away_is_told_once_it_is_back(box):
    box.gateway.accepts = False
    box.gateway.hang_up_on_exchange()
    reconfigure(box, extensions=[{"number": "205"}], agents=[], queues=[], routes=[])
    reconfigure(box, extensions=[{"number": "206"}], agents=[], queues=[], routes=[])
    before = len([order for order in box.gateway.orders if isinstance(order, Provision)])
    box.gateway.accepts = True
    box.clock.advance(5)
    sent = [order for order in box.gateway.orders if isinstance(order, Provision)][before:]
    assert [[user.number for user in order.users] for order in sent] == [["206"]]
    assert box.exchange.gateway.provisioned


def test_recordings_and_routes_follow_the_clock_of_the_box(tmp_path):
    box = Box(tmp_path, config(box={"timezone": "Pacific/Auckland"}))  # 14:00 the same day there
    box.phone("201").answers_after(1)
    box.login("201")
    box.clock.advance(12 * 3600)
    caller = box.line(1).ring(NUMBER)
    box.clock.advance(10)
    caller.hang_up()
    assert box.calls[0].recordings[0].startswith("recordings/2026/03/03/")
    box.close()


# ---- a disk that fails ----------------------------------------------------------------------------------------------


@pytest.fixture
def full(box):
    """A box whose disk takes no records since a moment ago."""
    box.disk.full = True
    yield box
    box.disk.full = False


def test_calls_go_on_while_the_disk_is_full_and_are_on_record_when_it_has_room_again(full):
    box = full
    box.phone("201").answers_after(2)
    box.do(box.roster.login, "201")
    caller = box.line(1).ring(NUMBER)
    box.clock.advance(10)
    assert caller.hears_party(box.phone("201").party)
    caller.hang_up()
    box.clock.advance(60)
    assert box.calls == []
    assert [alarm["name"] for alarm in as_plain(ask(box, "status"))["alarms"]] == ["records-storage"]
    box.disk.full = False
    box.clock.advance(6)
    (cdr,) = box.calls
    assert (cdr.outcome, cdr.gap) == ("answered", "")
    assert as_plain(ask(box, "status"))["alarms"] == []


def test_nothing_is_acknowledged_to_the_gateway_while_it_is_not_on_disk(full):
    box = full
    box.line(1).ring(NUMBER).hang_up()
    box.clock.advance(10)
    assert len(box.gateway.events) > 0
    box.disk.full = False
    box.clock.advance(10)
    assert len(box.gateway.events) == 0


def test_an_exchange_killed_while_the_disk_was_full_hears_it_all_again_from_the_gateway(full):
    box = full
    caller = box.line(1).ring(NUMBER)
    box.clock.advance(5)
    caller.hang_up()
    box.kill()
    box.start()
    (cdr,) = box.calls
    assert (cdr.number, cdr.by, cdr.duration_s) == (NUMBER, "caller", pytest.approx(5.1, abs=0.1))


def test_what_a_person_does_is_not_confirmed_while_it_cannot_be_written(full):
    with pytest.raises(NoStorage, match="the records cannot be written"):
        ask(full, "agent.login", number="201")


def test_a_disk_that_takes_no_recordings_is_an_alarm_until_it_takes_one_and_harms_no_call(box):
    box.gateway.no_disk = True
    box.phone("201").answers_after(1)
    box.login("201")
    caller = box.line(1).ring(NUMBER)
    box.clock.advance(10)
    assert caller.hears_party(box.phone("201").party)
    (alarm,) = as_plain(ask(box, "status"))["alarms"]
    assert alarm["name"] == "recordings-storage"
    assert alarm["detail"] == f"call {caller.channel.id} is not recorded: less than 100 MB free"
    caller.hang_up()
    box.clock.advance(20)
    box.gateway.no_disk = False
    caller = box.line(1).ring(NUMBER)
    box.clock.advance(10)
    assert as_plain(ask(box, "status"))["alarms"] == []
    caller.hang_up()
    assert [len(cdr.recordings) for cdr in box.calls] == [0, 1]


def test_a_recording_that_the_disk_takes_no_further_is_an_alarm_and_harms_no_call(box):
    box.phone("201").answers_after(1)
    box.login("201")
    caller = box.line(1).ring(NUMBER)
    box.clock.advance(10)
    box.gateway.tell(
        Refused, command="", code="no-disk", text="No space left on device", channel=caller.channel.id
    )
    box.clock.advance(1)
    (alarm,) = as_plain(ask(box, "status"))["alarms"]
    assert alarm["name"] == "recordings-storage"
    assert caller.hears_party(box.phone("201").party)
    caller.hang_up()


def tear(path, table) -> bytes:
    """Overwrite the first page of a table, `sqlite_schema` being the file's own first; return what is there then."""
    with sqlite3.connect(path) as records:
        records.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        found = records.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchone()
    (page,) = found or (1,)
    content = bytearray(path.read_bytes())
    content[(page - 1) * 4096 : page * 4096] = b"torn" * 1024
    path.write_bytes(content)
    return bytes(content)


@pytest.mark.parametrize("table", ["sqlite_schema", "taken", "open_calls"])
def test_broken_records_are_put_aside_and_calls_go_on(box, table):
    box.line(1).ring(NUMBER).hang_up()
    box.clock.advance(1)
    box.kill()
    torn = tear(box.home / "records/records.sqlite", table)
    box.start()
    caller = box.line(1).ring("13900139000")
    box.clock.advance(5)
    assert caller.state == "answered"
    caller.hang_up()
    assert [cdr.number for cdr in box.calls] == ["13900139000"]
    assert (box.home / "records/records.sqlite.broken-1").read_bytes() == torn
    (alarm,) = as_plain(ask(box, "status"))["alarms"]
    assert (alarm["name"], "records.sqlite.broken-1" in alarm["detail"]) == ("records-broken", True)


# ---- what can be asked ----------------------------------------------------------------------------------------------


def test_an_agents_login_is_on_disk_when_it_is_confirmed(box):
    ask(box, "agent.login", number="201")
    box.kill()
    box.start()
    assert box.agent("201").state == "ready"


def test_status_and_live_tell_of_a_call_in_progress(box):
    box.phone("201").answers_after(1)
    box.login("201")
    box.line(1).ring(NUMBER, name="张三")
    box.clock.advance(10)
    status, live = as_plain(ask(box, "status")), as_plain(ask(box, "live"))
    assert (status["calls"], status["gateway"]["connected"], status["lines"]) == (1, True, {"in_use": 1, "idle": 3})
    (call,) = live["calls"]
    assert (call["number"], call["caller_name"], call["where"]) == (NUMBER, "张三", "queue")
    assert live["agents"][0]["state"] == "talking"


def test_the_queues_figures_of_today_outlive_a_restart(box):
    caller = box.line(1).ring(NUMBER)
    box.clock.advance(10)
    caller.hang_up()
    box.restart()
    (queue,) = as_plain(ask(box, "queue.list"))
    assert (queue["entered_today"], queue["abandoned_today"]) == (1, 1)


def test_messages_that_wait_outlive_a_restart_and_the_gateways(box):
    as_plain(ask(box, "extension.waiting", number="201", new=2))
    box.clock.advance(0.1)
    assert box.gateway.waiting == {"201": 2}
    box.gateway.waiting = {}
    box.restart()
    box.clock.advance(1)
    assert box.gateway.waiting == {"201": 2}
    (extension, *_) = as_plain(ask(box, "extension.list"))
    assert (extension["number"], extension["waiting"]) == ("201", 2)
    as_plain(ask(box, "extension.waiting", number="201", new=0))
    box.restart()
    box.clock.advance(1)
    assert box.gateway.waiting == {"201": 0}


# ---- much -----------------------------------------------------------------------------------------------------------


def test_four_hours_of_calls_pass_in_seconds_and_leave_one_record_each(box):
    """Four hundred calls on four lines, agents answering all day: nothing is left behind, and it is quick."""
    for extension in ("201", "202", "203", "204"):
        box.phone(extension).answers_after(2)
    box.login("201", "202", "203", "204")
    calls = 400

    def ring(number):
        party = box.gateway.incoming(f"line:{number % 4 + 1}", "", f"138{number:08}")
        box.loop.call_later(25 + number % 7, party.hang_up)

    for number in range(calls):
        box.loop.call_later(36 * number, ring, number)
    began = time.process_time()
    box.clock.advance(36 * calls + 60)
    assert time.process_time() - began < 20
    page = ask(box, "call.list", limit=1)
    assert page.total == calls
    assert (box.live, box.gateway.channels, len(box.exchange.gateway.legs)) == ([], {}, 0)
    assert {cdr.outcome for cdr in ask(box, "call.list", limit=500).calls} == {"answered"}


def test_an_exchange_that_starts_a_month_later_than_it_last_wrote_doubts_its_date(box):
    box.line(1).ring(caller_id="13800138000")
    box.clock.advance(5)
    for days, doubted in ((1, []), (30, ["date-doubted"])):
        box.restart(after_s=days * 86400)
        box.wait(box.exchange.retention.look())
        assert [one.name for one in box.exchange.alarms.table() if one.name == "date-doubted"] == doubted


# ---- what is not ours ----------------------------------------------------------------------------------------------


def test_a_call_that_another_telephone_on_the_line_answers_rings_here_no_more_and_is_not_ours(box):
    reconfigure(box, routes=[{"name": "all", "to": "extension:201"}])
    caller = box.line(2).ring(NUMBER)
    box.clock.advance(5)
    assert (caller.state, box.phone("201").state) == ("offered", "ringing")
    caller.hang_up(NON_SELECTED_USER_CLEARING)
    box.clock.advance(1)
    assert box.phone("201").state == "ended"
    record = box.calls[-1]
    assert (record.outcome, record.cause, record.by) == ("not_ours", NON_SELECTED_USER_CLEARING, "caller")


def test_a_call_on_a_line_that_is_never_answered_rings_on_and_is_on_record_as_not_ours(box):
    reconfigure(box, lines=[{"number": 1}, {"number": 2, "never_answer": True}])
    assert [setup.never_answer for setup in box.gateway.provisioned.setups] == [False, True]
    caller = box.line(2).ring(NUMBER)
    box.clock.advance(40)
    assert caller.state == "offered"
    caller.hang_up()
    box.clock.advance(1)
    record = box.calls[-1]
    assert (record.outcome, record.number, round(record.duration_s)) == ("not_ours", NUMBER, 40)
    assert record.answered_s is None


def test_such_a_call_rings_on_when_the_exchange_dies_and_its_record_goes_on(box):
    reconfigure(box, lines=[{"number": 2, "never_answer": True}])
    caller = box.line(2).ring(NUMBER)
    box.clock.advance(5)
    box.restart()
    box.clock.advance(5)
    assert caller.state == "offered"
    caller.hang_up()
    box.clock.advance(1)
    assert [record.outcome for record in box.calls] == ["not_ours"]
