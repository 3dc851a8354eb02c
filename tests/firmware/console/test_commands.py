"""What a technician sees and does, as their script would: by the serial line alone."""

import json
import os
import re
import signal
import socket
import tarfile
import time

import pytest

from drivers.link.messages import Guarded, SpanState, ToneLearnt, Wrong
from firmware.console.terminal import width
from firmware.events import Event, Kind, alarm_data
from firmware.users.users import By
from tests.fakes.line_tests import SILENT
from tests.firmware.control.door import call
from tests.peers.serial_line import ESCAPES

PROGRAMS = {
    "supervisor": 1,
    "programs": [
        {"name": "gateway", "state": "up", "pid": 41, "restarts": 0, "since_s": 1770000000.0},
        {"name": "exchange", "state": "down", "pid": None, "restarts": 3, "since_s": 1770000000.0},
    ],
}
SHOWN = (
    "status", "lines", "calls", "queues", "agents", "alarms", "bans", "interfaces", "log", "version", "history",
    "config", "spans",
)  # fmt: skip


@pytest.fixture
def technician(station):
    return station.logged_in()


def prepared(station):
    station.door.calls["k-1"] = call()
    data = {"name": "disk-full", "subject": "recordings", "raised": True, "detail": "磁盘已满 " * 20, "by": "exchange"}
    station.thread.do(lambda: station.door.bus.publish(Event(1000.0, Kind.ALARM, data=data)))
    (station.home / "run/programs.json").write_text(json.dumps(PROGRAMS))
    (station.home / "log").mkdir()
    (station.home / "log/web.log").write_text("".join(f"line {n} \x1b[2J\n" for n in range(300)))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_everything_that_is_shown_fits_eighty_columns_in_either_language(station, technician, language):
    prepared(station)
    technician.run(f"language {language}")
    for what in SHOWN:
        out = technician.run(f"show {what} | no-more")
        assert out.strip(), what
        for line in out.splitlines():
            limit = 79 if what not in ("config",) else 200  # a value is shown whole
            assert width(line) <= limit, (what, line)
    assert ("队列" in technician.run("show queues")) == (language == "zh")


@pytest.mark.parametrize(("language", "says"), [
    ("en", ("major: A telephone line has no battery (line 3)", "    no voltage comes from the central office",
            "    See whether the line is plugged in.")),
    ("zh", ("严重: 外线没有馈电 (3 号外线)", "    交换局没有送来电压", "    检查电话线是否插好")),
])  # fmt: skip
def test_an_alarm_says_what_is_wrong_and_what_to_do_in_lines_that_fit(station, technician, language, says):
    data = alarm_data("line-no-battery", "line:3", raised=True, wrong=Wrong("no-voltage"))
    station.thread.do(lambda: station.door.bus.publish(Event(1000.0, Kind.ALARM, data=data)))
    technician.run(f"language {language}")
    out = technician.run("show alarms | no-more")
    for words in says:
        assert words in out
    assert max(width(line) for line in out.splitlines()) <= 79


@pytest.mark.parametrize("what", SHOWN)
def test_json_is_one_document(station, technician, what):
    prepared(station)
    document = json.loads(technician.run(f"show {what} | json"))
    assert document


def test_json_holds_what_the_exchange_tells(station, technician):
    prepared(station)
    calls = json.loads(technician.run("show calls | json"))
    assert [(one["id"], one["caller_name"], one["where"]) for one in calls] == [("k-1", "李雷", "queue")]
    status = json.loads(technician.run("show status | json"))
    assert status["programs"] == PROGRAMS["programs"]
    assert status["gateway"]["connected"] is True


def test_words_may_be_shortened_and_wrong_ones_are_told_what_would_be_right(technician):
    assert technician.run("sh ver") == technician.run("show version")
    assert technician.run("sh l") == '"l" could be lines, log\n'
    assert technician.run("shw ver").startswith('"shw": one of agent, configure, exit, factory-reset,')
    assert technician.run("show") == (
        "incomplete: one of agents, alarms, bans, calls, config, history, interfaces, lines, log, queues, spans,"
        " status, version must follow\n"
    )
    assert technician.run("show calls | jason") == '"jason": one of json, include, count, no-more is right\n'


def test_include_and_count_work_on_what_is_shown(technician):
    lines = technician.run("show agents | include 203").splitlines()
    assert lines[0].startswith("agent")
    assert [line.split()[0] for line in lines[1:]] == ["203"]
    assert technician.run("show agents | count") == "4\n"
    assert technician.run("show config | include overflow | count") == "1\n"


def test_tab_completes_words_and_live_data(technician):
    technician.type("sh\tag\t\r")
    technician.expect("show agents\n")
    assert "坐席 204" in technician.expect("busyhour>")
    technician.type("agent login 2\t\t")  # four agents begin with 20: they are listed
    technician.expect("  201  坐席 201 logged out\n")
    technician.expect("  204  坐席 204 logged out\n")
    technician.type("3\t\r")
    technician.expect("agent 203 is ready")


def test_a_question_mark_lists_what_may_come_next(technician):
    technician.type("show con?")
    technician.expect("  config  the configuration in force, or an earlier one\n")
    technician.type("f ?")
    listed = technician.expect("<Enter>\n")
    assert re.search(r"  1  \d{4}-\d\d-\d\d \d\d:\d\d  first start\n", listed)
    technician.type("1 | ?")
    technician.expect("  count    how many lines\n")
    technician.type("cou\r")
    technician.expect("| cou\n")
    assert int(technician.expect("busyhour>").split()[0]) > 50


def test_a_question_mark_in_quotes_is_one(technician):
    assert technician.run('show agents | include "20?"').count("\n") == 1


def test_earlier_lines_come_back_by_arrow_keys(technician):
    technician.run("agent login 201")
    technician.run("agent ready 201")
    technician.run("show version")
    technician.type("\x1b[A\x1b[A\x1b[D\x1b[D\x1b[D\x1b[D\x7f\x7f\x7f\x7f\x7f" + "logout" + "\r")
    technician.expect("agent 201 is logged out")


def test_agents_are_logged_in_and_out(station, technician):
    assert technician.run("agent login 201") == "agent 201 is ready\n"
    assert technician.run("agent not-ready 201 lunch") == "agent 201 is not ready\n"
    assert technician.run("agent ready 201") == "agent 201 is ready\n"
    assert technician.run("agent login 202 203") == "agent 202 is ready\n"
    assert station.door.roster.agents["202"].extension == "203"
    assert technician.run("agent logout 201") == "agent 201 is logged out\n"
    assert "999" in technician.run("agent ready 999")
    assert 'number: "x": 2 to 8 digits is right' in technician.run("agent ready x")


def test_long_output_waits_at_each_page(technician):
    technician.type("show config\r")
    technician.expect("\n")
    page = technician.expect("--More--")
    assert page.count("\n") == 23
    technician.type("\r")
    assert technician.expect("--More--").count("\n") == 1
    technician.type(" ")
    assert technician.expect("--More--").count("\n") == 23
    technician.type("q")
    technician.expect("busyhour>")
    whole = technician.run("show config | no-more")
    assert "--More--" not in whole
    assert len(whole.splitlines()) > 60


def test_a_page_counts_lines_that_are_longer_than_the_screen(station, technician):
    prepared(station)
    (station.home / "log/web.log").write_text(("x" * 200 + "\n") * 30)
    technician.type("show log web\r")
    technician.expect("\n")
    assert technician.expect("--More--").count("x" * 200) == 7  # of three rows each, on 23


def test_a_log_is_shown_from_its_end_and_cannot_touch_the_terminal(station, technician):
    prepared(station)
    assert technician.run("show log web 3") == "".join(f"line {n} ?[2J\n" for n in (297, 298, 299))
    assert "\x1b[2J" not in technician.raw
    assert len(technician.run("show log web | no-more").splitlines()) == 40
    assert technician.run("show log web 0") == "0: 1 to 1000 is right\n"
    assert technician.run("show log ../../etc/passwd") == "there is no log of ../../etc/passwd; there is web\n"


def test_the_network_is_told_by_the_kernel(technician):
    told = json.loads(technician.run("show interfaces | json"))
    loopback = next(one for one in told["interfaces"] if one["name"] == "lo")
    assert "127.0.0.1/8" in loopback["addresses"]
    assert "127.0.0.1/8" in technician.run("show interfaces")


def test_watch_redraws_only_what_changed_until_a_key(station, technician):
    technician.type("watch calls\r")
    technician.expect("any key ends this")
    technician.expect("no calls are in progress")
    technician.expect(":")  # the next second
    before = len(technician.raw)
    station.door.calls["k-1"] = call()
    technician.expect("13800138000")
    drawn = ESCAPES.sub("", technician.raw[before:])
    assert "no calls" not in drawn
    del station.door.calls["k-1"]
    technician.expect("no calls are in progress")
    technician.type("x")
    technician.expect("busyhour>")
    technician.type("watch lines\r")
    technician.expect("外线 4")
    before = len(technician.raw)
    for _ in range(3):
        technician.expect("any key ends this")  # the clock moves on, nothing else
    assert "外线" not in technician.raw[before + 100 :]
    technician.type("x")
    technician.expect("busyhour>")
    assert technician.run("show version").startswith("busyhour")


@pytest.mark.parametrize("what", ["calls", "lines", "queues"])
def test_watch_ends_by_ctrl_c_too(technician, what):
    technician.type(f"watch {what}\r")
    technician.expect("any key ends this")
    technician.type("\x03")
    technician.expect("busyhour>")


def test_ctrl_c_ends_a_command_that_waits_and_a_line_being_typed(station, technician):
    """The exchange hangs: it takes the question and never answers."""
    station.end_exchange()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as mute:
        mute.bind(str(station.home / "run/exchange.sock"))
        mute.listen()
        technician.type("show agents\r")
        technician.expect("show agents\n")
        asked, _ = mute.accept()
        began = time.monotonic()
        technician.type("\x03")
        technician.expect("^C")
        assert time.monotonic() - began < 3
        technician.expect("busyhour>")
        asked.close()
    technician.type("half a li")
    technician.expect("half a li")
    technician.type("\x03")
    technician.expect("^C")
    assert technician.run("show version").startswith("busyhour")


def test_an_exchange_that_dies_in_mid_session_is_told_and_the_rest_works_on(station, technician):
    prepared(station)
    technician.run("show agents")
    technician.type("watch queues\r")
    technician.expect("service")
    station.end_exchange()
    technician.expect("the exchange does not answer")
    technician.type("q")
    technician.expect("busyhour>")
    for line in ("show calls", "show agents", "agent ready 201", "configure", "show history"):
        out = technician.run(line)
        assert "the exchange does not answer" in out, line
        assert "Traceback" not in out
    status = technician.run("show status")
    assert re.search(r"exchange +down +- +3 ", status)
    assert "line 299" in technician.run("show log web 1")
    assert "exchange  does not answer" in technician.run("show version")
    assert "127.0.0.1/8" in technician.run("show interfaces")
    assert json.loads(technician.run("show status | json")) == {"exchange": None, "programs": PROGRAMS["programs"]}
    technician.type("agent ready \t")  # nothing to complete from: no harm
    technician.type("\x15")
    station.begin_exchange()
    assert "201" in technician.run("show agents")


def test_without_a_supervisor_a_restart_says_so(technician):
    assert technician.run("restart web") == "the supervisor does not answer: No such file or directory\n"


def test_the_line_is_busy_only_as_long_as_the_session_lives(station, technician):
    port = json.loads((station.home / "run/console.json").read_text())
    assert (port["state"], port["baud"]) == ("in use", 9600)
    session = int(next(iter(children(station.process.pid))))
    os.kill(session, signal.SIGKILL)  # the session's fault is not the port's
    technician.expect("press Enter")
    technician.type("\r")
    technician.asked()


def test_a_killed_console_takes_its_session_along(station, technician):
    session = int(next(iter(children(station.process.pid))))
    station.kill()
    deadline = time.monotonic() + 5
    while os.path.exists(f"/proc/{session}"):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return file.read().split()


def test_a_user_who_lost_their_password_gets_another(station):
    station.thread.run(station.door.users.add("anna", "admin", "en", "", By("t", "")))
    technician = station.logged_in()
    assert "incomplete: one of NAME must follow" in technician.run("password user")
    told = json.loads(technician.run("password user anna | json"))
    token, user = station.thread.run(station.door.users.sign_in("anna", told["password"], "192.0.2.1"))
    assert (user.name, bool(token)) == ("anna", True)
    assert "there is no user bob" in technician.run("password user bob")


def test_the_consoles_own_password_is_changed_here(station):
    technician = station.logged_in()
    for first, second, told in (("short", "short", "8 to 128"), ("long enough", "other", "same"), ("long enough",) * 3):
        technician.type("password console\r")
        technician.expect("New password: ")
        technician.type(first + "\r")
        technician.expect("Again: ")
        technician.type(second + "\r")
        technician.expect("the password is set" if told == "long enough" else told)
    technician.type("exit\r")
    technician.log_in("long enough")


def test_a_file_for_support_is_written_where_one_wants_it_and_holds_no_secret(station):
    secret = station.door.configuration.secret_of("201")
    technician = station.logged_in()
    path = station.folder / "support.tar.gz"
    told = json.loads(technician.run(f"support {path} | json"))
    assert told == {"path": str(path), "bytes": path.stat().st_size}
    with tarfile.open(path) as bundle:
        parts = {name: bundle.extractfile(name).read() for name in bundle.getnames()}
    assert json.loads(parts["support/configuration.json"])["config"]["extensions"][0]["number"] == "201"
    assert [name for name, part in parts.items() if secret.encode() in part] == []
    assert "File exists" in technician.run(f"support {path}")
    assert "No such file" in technician.run(f"support {station.folder}/none/x.tar.gz")


@pytest.mark.parametrize("answers", ["n", "yno\r", "yerase\r", "y\r"])
def test_the_factory_state_needs_two_confirmations(station, answers):
    technician = station.logged_in()
    technician.type("factory-reset\r")
    technician.expect("records and recordings are erased, and 0 calls end. Go on? [y/N]")
    technician.type(answers)
    technician.expect("nothing was erased")


def test_the_factory_state_needs_a_way_back_in(station):
    technician = station.logged_in()
    (station.home / "console/password").unlink()
    assert "set it first: password console" in technician.run("factory-reset")


@pytest.mark.parametrize(("language", "says"), [("en", "it is good"), ("zh", "结论：正常")])
def test_a_line_is_tested_and_its_figures_fit_the_screen(technician, language, says):
    technician.run(f"language {language}")
    out = technician.run("test line 2")
    assert out.splitlines()[-1] == says
    assert "-12.0 dBm0" in out
    assert max(width(line) for line in out.splitlines()) <= 79
    row = next(line for line in technician.run("show lines").splitlines() if line.startswith("2 "))
    assert ("good" if language == "en" else "正常") in row


@pytest.mark.parametrize(("language", "says"), [
    ("en", ("192.0.2.7  too many wrong passwords of telephones", "wrong password for 203 from 192.168.1.20 (5 times)")),
    ("zh", ("192.0.2.7  话机密码输错太多", "192.168.1.20 用分机 203 登记，密码不对（5 次）")),
])  # fmt: skip
def test_why_a_telephone_does_not_register_is_shown(station, technician, language, says):
    technician.run(f"language {language}")
    out = technician.run("show bans")
    for words in says:
        assert words in out
    station.door.gateway.guarded = Guarded(more=True)
    assert ("there are more than can be listed" if language == "en" else "还有更多") in technician.run("show bans")
    station.door.gateway.guarded = None
    assert ("the edge does not tell" if language == "en" else "没有应答") in technician.run("show bans")


@pytest.mark.parametrize(("language", "says"), [
    ("en", ("# in use", "13800138000 > 62871234  ch 3", "span 1: the D-channel is down")),
    ("zh", ("# 通话", "13800138000 > 62871234  通道 3", "D-channel is down")),
])  # fmt: skip
def test_spans_are_shown_traced_and_a_channel_restarted(station, technician, language, says):
    station.door.gateway.spans = (SpanState(1, device="TE110", signalling="down"),)
    technician.run(f"language {language}")
    legend, setup, refused = says
    assert legend in technician.run("show spans")
    assert setup in technician.run("span trace 1")
    assert refused in technician.run("span restart 1 3")
    station.door.gateway.spans = (SpanState(1, device="TE110", signalling="up"),)
    assert ("idle on both sides" if language == "en" else "双方都已空闲") in technician.run("span restart 1 3")
    assert "---------------D---------------" in technician.run("show spans")


@pytest.mark.parametrize(("language", "says"), [("en", "caller id (FSK)"), ("zh", "来电显示（FSK）")])
def test_what_passes_on_a_line_is_traced(technician, language, says):
    technician.run(f"language {language}")
    row = next(row for row in technician.run("line trace 2").splitlines() if says in row)
    assert row.startswith("01-01 08:16:40.999  <-")
    assert row.endswith("13800138000 WANG")
    assert "line 4 is not plugged in" in technician.run("line trace 4")


@pytest.mark.parametrize(("language", "says"), [
    ("en", ("errored s", "done: 64 errors in 1280000 bits (5.0E-5)", "its signalling is up", "it was never tested")),
    ("zh", ("误码秒", "测试完成: 1280000 个比特中有 64 个误码（5.0E-5）", "its signalling is up", "还没有做过")),
])  # fmt: skip
def test_a_span_is_tested_against_a_loop(station, technician, language, says):
    door = station.door
    door.span_test_s = 0.1
    door.gateway.spans = (SpanState(1, device="TE110", signalling="down"),)
    technician.run(f"language {language}")
    head, told, refused, never = says
    assert never in technician.run("span tested 1")
    for shown in (technician.run("test span 1"), kept := technician.run("span tested 1")):
        assert head in shown
        assert told in shown
    assert kept.splitlines()[0].endswith(" root")
    assert door.testing.slot == 0
    door.gateway.spans = (SpanState(1, device="TE110", signalling="up"),)
    assert refused in technician.run("test span 1")
    technician.run("test span 1 5")
    assert door.testing.slot == 5


def test_a_dead_line_and_one_that_talks_are_told(station, technician):
    station.door.found = SILENT
    out = technician.run("test line 3")
    assert "nothing is heard" in out
    assert out.splitlines()[-1] == "it is bad"
    assert json.loads(technician.run("test line 3 | json"))["verdict"] == "bad"
    assert technician.run("test line 1") == "line 1 is talking; to test it must be idle\n"
    assert "1 to 960" in technician.run("test line none")


@pytest.mark.parametrize(("language", "says"), [
    ("en", ("call this line from a mobile", "620 Hz: 180 ms on, 420 ms off", "###.......###", "accepted: in force")),
    ("zh", ("现在用手机拨打这条外线", "620 Hz：响 180 毫秒，停 420 毫秒", "###.......###", "已采用，下一个通话起生效")),
])  # fmt: skip
def test_a_lines_busy_tone_is_learnt_at_the_console(station, technician, language, says):
    technician.run(f"language {language}")
    begun = technician.run("learn line 2")
    assert says[0] in begun
    levels = ((-14,) * 9 + (-60,) * 21) * 4
    told = ToneLearnt(1, 0.0, "", 2, "learnt", "", "620/180,0/420", levels)
    station.thread.do(lambda: station.door.learning.ended(told))
    shown = technician.run("learn show 2")
    assert says[1] in shown
    assert says[2] in shown
    assert max(width(line) for line in shown.splitlines()) <= 79
    assert says[3] in technician.run("learn accept 2")
    assert json.loads(technician.run("learn show 2 | json"))["busy_tone"] == "620/180,0/420"
    technician.run("learn forget 2")
    assert json.loads(technician.run("learn show 2 | json"))["busy_tone"] == ""
