"""Lines at a terminal: all of them, one with its tests, and a test made now."""

import json

import pytest

from drivers.link.messages import LineFinding
from tests.fakes.line_tests import CUT, SILENT


def test_a_test_prints_what_was_found_with_figures(command):
    tested = command("line", "test", "2")
    assert (tested.code, tested.err) == (0, "")
    assert "line 2  tested  good" in tested.out
    lines = [" ".join(line.split()) for line in tested.out.splitlines()]
    assert "Dial tone after good 0.3 s -" in lines
    assert "Level of the dial tone good -12.0 dBm0 -" in lines
    assert "Noise on the quiet line good -66.0 dBm0 -" in lines


@pytest.mark.parametrize(("found", "says"), [(SILENT, "nothing is heard"), (CUT, "Battery")])
def test_a_line_that_is_not_well_fails_and_says_why(command, door, found, says):
    door.door.found = found
    tested = command("line", "test", "2")
    assert tested.code == 1
    assert says in tested.out
    assert "bad" in tested.out


def test_all_lines_are_listed_with_their_last_verdict(command):
    assert "never" not in command("line", "list").out
    command("line", "test", "2")
    row = next(line for line in command("line", "list").out.splitlines() if line.strip().startswith("2 "))
    assert "idle" in row
    assert "good" in row
    assert [line["verdict"] for line in json.loads(command("line", "list", "--json").out)] == ["", "good", "", ""]


def test_a_line_that_another_telephone_has_is_listed_so(command, door, monkeypatch):
    door.do(lambda: door.door.gateway.lines.update({3: "parallel"}))
    assert "used by another telephone" in command("line", "list").out
    assert "used by another telephone" in command("line", "status", "3").out
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "被并机占用" in command("line", "list").out


def test_a_line_is_shown_with_its_tests(command, door):
    assert "never tested" in command("line", "status", "3").out
    command("line", "test", "3")
    door.door.found = SILENT
    command("line", "test", "3")
    out = command("line", "status", "3").out
    assert out.index("tested  bad") < out.index("Dial tone after") < out.index("tested  good")
    assert [test["verdict"] for test in json.loads(command("line", "status", "3", "--json").out)["tests"]] == [
        "bad", "good",
    ]  # fmt: skip


def test_what_the_drivers_should_be_loaded_with_is_said_where_that_is_anything(command, door):
    assert "opermode" not in command("line", "status", "3").out
    door.door.gateway.opermode = "CHINA"
    assert "opermode=CHINA: the drivers of lines' ports should be loaded with it" in command("line", "status", "3").out
    assert json.loads(command("line", "status", "3", "--json").out)["opermode"] == "CHINA"


def test_what_a_line_does_otherwise_than_its_country_is_said_and_no_failure(command, door):
    door.door.found = (LineFinding("battery", "good"), LineFinding("caller_id", "good", reason="otherwise-keys"))
    tested = command("line", "test", "2")
    assert tested.code == 0
    assert "by keys, not as known of this country; it is read" in tested.out


def test_a_line_in_use_is_refused(command):
    refused = command("line", "test", "1")
    assert (refused.code, refused.err) == (1, "busyhour: line 1 is talking; to test it must be idle\n")


def test_it_speaks_chinese(command, monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    out = command("line", "test", "2").out
    assert "线路 2  测试完成  正常" in out
    assert "拨号音电平" in out


def test_a_report_is_printed_with_what_the_last_test_found(command, monkeypatch):
    refused = command("line", "report", "2")
    assert (refused.code, refused.err) == (1, "busyhour: line 2 was never tested: test it first\n")
    command("line", "test", "2")
    made = command("line", "report", "2")
    assert (made.code, made.err) == (0, "")
    for said in ("Report of line 2", "Verdict: good", "Level of the dial tone: good, -12.0 dBm0"):
        assert said in made.out
    assert json.loads(command("line", "report", "2", "--json").out)["html"].startswith("<!doctype html>")
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "外线 2 测试报告" in command("line", "report", "2").out


def test_a_report_is_sent_by_mail_or_says_why_not(command, door):
    command("line", "test", "2")
    unset = command("line", "report", "2", "--mail", "li@example.com")
    assert (unset.code, unset.err) == (1, "busyhour: the configuration names no mail server: mail.host\n")
    outside = door.mail_server()
    sent = command("line", "report", "2", "--mail", "li@example.com")
    assert (sent.code, sent.out) == (0, "sent to li@example.com\n")
    ((_, letter),) = outside.letters
    assert (letter.recipients, "Report of line 2" in letter.subject) == (("li@example.com",), True)
    assert "-12.0 dBm0" in letter.text
    assert "-12.0 dBm0" in letter.html
    assert door.door.audit.entries[-1].detail == "li@example.com"
    wrong = command("line", "report", "2", "--mail", "li@example.com\nBcc: all@example.com")
    assert wrong.code == 1
    assert "address" in wrong.err
    assert "a mail address, such as li@example.com is right" in wrong.err
    outside.mail_wrong = "connection refused"
    away = command("line", "report", "2", "--mail", "li@example.com")
    assert (away.code, away.err) == (1, "busyhour: the mail was not sent: 192.168.1.5: connection refused\n")
    assert len(outside.letters) == 1


def test_what_is_known_of_a_country_is_listed_with_its_sources(command, monkeypatch):
    told = command("line", "country", "GB")
    assert (told.code, told.err) == (0, "")
    lines = [" ".join(line.split()) for line in told.out.splitlines()]
    assert any(line.startswith("Kind of caller id FSK (V.23) spandsp 0.0.6") for line in lines)
    assert any(line.startswith("Caller id comes after a reversal of the polarity weeBell") for line in lines)
    assert any(line.startswith("Sign of a hangup a break of the battery 800 ms BT 1987") for line in lines)
    assert "Busy tone 400/375,0/375 dahdi-tools" in " ".join(told.out.split())
    unknown = json.loads(command("line", "country", "XX", "--json").out)
    assert (unknown["known"], unknown["facts"][0]["values"], unknown["facts"][3]["values"]) == (False, [], ["425"])
    wrong = command("line", "country", "gb")
    assert (wrong.code, "two capital letters, such as CN" in wrong.err) == (1, True)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "来电显示方式" in command("line", "country").out  # the box's


LEARNT = {"outcome": "learnt", "tone": "620/180,0/420", "levels": ((-14,) * 9 + (-60,) * 21) * 4}


def test_a_busy_tone_is_learnt_drawn_and_accepted_or_forgotten(command, door):
    door.door.learnt = LEARNT
    learnt = command("line", "learn", "2", "--accept")
    assert (learnt.code, learnt.err) == (0, "")
    for said in ("busy tone was learnt", "620 Hz: 180 ms on, 420 ms off", "###.......###.......###", "accepted"):
        assert said in learnt.out
    assert "its own busy tone 620 Hz: 180 ms on, 420 ms off" in command("line", "status", "2").out
    assert json.loads(command("line", "forget", "2", "--json").out)["busy_tone"] == ""
    assert "its own busy tone" not in command("line", "status", "2").out


def test_a_tone_that_is_not_accepted_is_not_in_force(command, door, monkeypatch):
    door.door.learnt = LEARNT
    for answer, busy_tone in (("n", ""), ("y", "620/180,0/420")):
        monkeypatch.setattr("builtins.input", lambda asked, answer=answer: answer)
        command("line", "learn", "2")
        assert json.loads(command("line", "status", "2", "--json").out)["line"]["busy_tone"] == busy_tone


def test_what_is_no_busy_tone_fails_with_its_reason(command, door):
    door.door.learnt = {"outcome": "failed", "reason": "ringback"}
    learnt = command("line", "learn", "2", "--dial", "10086")
    assert learnt.code == 1
    assert "nobody has answered yet" in learnt.out
    assert "line 1 is talking" in command("line", "learn", "1").err


def test_what_passed_on_a_line_is_told_signal_by_signal_with_its_moment(command, monkeypatch):
    lines = command("line", "trace", "2", "--once").out.splitlines()
    assert lines[:3] == [
        "1970-01-01 08:16:40.000  <-  ring on", "1970-01-01 08:16:40.999  <-  caller id (FSK)  13800138000 WANG",
        "1970-01-01 08:16:41.200  ->  off hook (loop closed)",
    ]  # fmt: skip
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "来电显示（FSK）  13800138000 WANG" in command("line", "trace", "2", "--once").out
    told = [json.loads(line) for line in command("line", "trace", "2", "--once", "--json").out.splitlines()]
    assert [one["text"] for one in told] == ["ring-on", "caller-id-fsk", "loop-closed", "ended"]


def test_a_line_that_cannot_be_traced_says_why(command, door, monkeypatch):
    run = command("line", "trace", "9", "--once")
    assert (run.code, "there is no line 9; there are: 1, 2, 3, 4" in run.err) == (1, True)
    run = command("line", "trace", "4", "--once")
    assert (run.code, "line 4 is not plugged in" in run.err) == (1, True)
    monkeypatch.setattr(door.door.gateway, "connected", False)
    run = command("line", "trace", "2", "--once")
    assert (run.code, "the gateway is not there" in run.err) == (69, True)
