"""`busyhour span`: how the spans are, a channel restarted, and the signalling to read."""

import json

import msgspec
import pytest

from drivers.link.messages import SpanState

UP = SpanState(1, device="TE110", signalling="up", since_s=1000.0, slips_day=2)


@pytest.fixture
def spans(door):
    """Return what has span 1 be so."""

    def be(**how):
        door.door.gateway.spans = (msgspec.structs.replace(UP, **how),)

    be()
    return be


def test_spans_are_listed_with_what_is_wrong(command, spans, monkeypatch):
    spans(alarms=("yellow",))
    row = command("span", "list").out.splitlines()[1]
    assert row.split()[0] == "1"
    for said in ("not used", "TE110", "YELLOW: the far side does not receive us (RAI)"):
        assert said in row
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "黄色：对方收不到我方（RAI）" in command("span", "list").out


def test_one_span_is_shown_channel_by_channel(command, spans):
    lines = command("span", "status", "1").out.splitlines()
    assert len(lines) == 2 + 1 + 31
    assert lines[-1].split() == ["31", "in", "no", "group", "-", "-"]
    run = command("span", "status", "4")
    assert (run.code, "there is no span 4" in run.err) == (1, True)


def test_the_signalling_is_told_message_by_message(command, spans):
    lines = command("span", "trace", "1", "--once").out.splitlines()
    assert lines[1].split() == [
        "1970-01-01", "08:16:40.100", "<-", "[5]", "SETUP", "13800138000", ">", "62871234", "ch", "3",
    ]  # fmt: skip
    assert lines[2].endswith("->  [5]    DISCONNECT  cause 17")
    told = [json.loads(line) for line in command("span", "trace", "1", "--once", "--json").out.splitlines() if line]
    assert [one["text"] for one in told] == ["SABME", "SETUP", "DISCONNECT"]


def test_a_channel_is_restarted_or_it_is_said_why_not(command, spans):
    assert command("span", "restart", "1", "3").out == "channel 3 of span 1 is idle on both sides\n"
    spans(signalling="down")
    run = command("span", "restart", "1", "3")
    assert (run.code, "span 1: the D-channel is down" in run.err) == (1, True)


def test_a_span_is_tested_and_what_is_no_clean_loop_is_a_failure(command, spans, door, monkeypatch):
    door.door.span_test_s = 0.1
    spans(signalling="down")
    run = command("span", "test", "1")
    assert run.code == 1
    first, head, one, two, told = run.out.splitlines()
    assert first == "testing for 10 s; Ctrl-C ends it"
    assert head.split() == ["channel", "comes", "back", "bits", "errors", "ratio", "errored", "s", "slips", "losses"]
    assert one.split() == ["1", "the", "pattern", "640000", "0", "0", "0", "0", "0"]
    assert two.split() == ["2", "the", "pattern", "640000", "64", "1.0E-4", "3", "0", "0"]
    assert told.startswith("done: 64 errors in 1280000 bits (5.0E-5)")
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "误码秒" in command("span", "test", "1").out
    monkeypatch.setattr(door.door, "comes_back", door.door.comes_back[:1])
    run = command("span", "test", "1", "--channel", "1", "--seconds", "3", "--local", "--json")
    assert (run.code, json.loads(run.out)["verdict"]) == (0, "clean")
    assert (door.door.testing.slot, door.door.testing.seconds, door.door.testing.local) == (1, 3, True)


def test_the_last_test_of_a_span_is_shown_with_its_channels(command, spans, door, monkeypatch):
    assert "last loopback test" not in command("span", "status", "1").out
    door.door.span_test_s = 0.1
    spans(signalling="down")
    command("span", "test", "1")
    lines = command("span", "status", "1").out.splitlines()[2 + 1 + 31 :]
    assert lines[0].startswith("last loopback test ")
    assert lines[1].split()[0] == "channel"
    assert lines[-1].startswith("done: 64 errors in 1280000 bits (5.0E-5)")
    assert json.loads(command("span", "status", "1", "--json").out)["last_test"]["errors"] == 64
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "最近一次环回误码测试" in command("span", "status", "1").out


def test_a_span_whose_signalling_is_up_is_tested_on_one_channel_only(command, spans, door):
    door.door.span_test_s = 0.1
    run = command("span", "test", "1")
    assert (run.code, "its signalling is up, so that the far end is an exchange" in run.err) == (1, True)
    assert "done" in command("span", "test", "1", "--channel", "2").out


def test_without_any_span_that_is_said(command, door):
    door.door.gateway.spans = ()
    assert command("span", "list").out == "no span is there, and none is configured\n"
