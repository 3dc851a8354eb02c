"""The signalling of a span as a technician reads it: what is kept, in what words, and how much."""

from typing import Any

import msgspec
import pytest

from drivers.boards.pri.trace import KEPT, Trace, read
from firmware.health.trace_words import facts_words
from native.isdn import JoinAsked, Party
from tests.drivers.boards.pri.test_span import Desk
from tests.native.pri import peer


def traced(desk: Desk, after: int = 0) -> list[Any]:
    return list(desk.span.trace.after(after))


def test_a_call_is_told_message_by_message_with_numbers_channel_and_cause() -> None:
    desk = Desk()
    before = desk.span.trace.last
    assert "SABME" in [one.text for one in traced(desk)]
    number = desk.do(desk.far.dchannel.call, "62871234", Party("13800138000"), channel=5)
    desk.do(desk.offered[0].call.answer, lambda: True)
    desk.do(desk.far.dchannel.hang_up, number, 17)
    desk.wait(1)
    told = traced(desk, before)
    assert [(one.text, one.sent) for one in told if one.text in ("SETUP", "CONNECT", "DISCONNECT", "RELEASE")] == [
        ("SETUP", False), ("CONNECT", True), ("DISCONNECT", False), ("RELEASE", True),
    ]  # fmt: skip
    setup = next(one for one in told if one.text == "SETUP")
    assert (setup.called, setup.calling, setup.slot) == ("62871234", "13800138000", 5)
    assert {one.reference for one in told} == {setup.reference}
    assert next(one for one in told if one.text == "DISCONNECT").cause == 17
    assert [one.number for one in told] == list(range(before + 1, before + 1 + len(told)))
    assert all(one.at_s <= desk.loop.time() for one in told)
    desk.close()


def test_what_is_asked_of_the_carrier_beside_calls_is_told_in_both_languages() -> None:
    desk = Desk()
    numbers = []
    for channel in (1, 2):
        _, user = desk.comes(channel=channel)
        assert user.call is not None
        desk.do(user.call.answer, lambda: True)
        numbers.append(user.call)
    before = desk.span.trace.last
    told: list[str] = []
    for granted in (False, True):
        desk.do(numbers[0].hand_back, numbers[1], told.append)
        desk.do(desk.far.dchannel.answer_join, desk.far.one(JoinAsked), granted)
    assert told == ["refused", "joined"]
    said = [msgspec.to_builtins(one) for one in traced(desk, before) if one.services]
    assert [(one["text"], one["sent"], *one["services"]) for one in said] == [
        ("FACILITY", True, "invoke:ect:4"), ("FACILITY", False, "result:ect:4"), ("FACILITY", True, "invoke:ect:1"),
        ("FACILITY", False, "error:3"),
        ("FACILITY", True, "invoke:ect:4"), ("FACILITY", False, "result:ect:4"), ("FACILITY", True, "invoke:ect:1"),
        ("DISCONNECT", False, "result:"),
    ]  # fmt: skip
    assert [facts_words(one, "en") for one in said[2:4]] == [
        "asks for joining both (ECT)", "refuses not available"
    ]
    assert [facts_words(one, "zh") for one in said[2:4]] == ["请求 接通双方（ECT）", "拒绝 不可用"]
    assert facts_words(said[-1], "en") == "cause 16  agrees"
    desk.close()


def test_no_more_than_the_last_are_kept_and_what_says_nothing_is_not() -> None:
    trace = Trace(lambda: 0.0)
    setup = bytes((2, 1, 0, 0)) + peer.message(peer.SETUP, 5, peer.called("1")) + b"\0\0"
    for _ in range(KEPT + 50):
        trace.take(setup, sent=True)
        trace.take(bytes((2, 1, 1, 2, 0, 0)), sent=True)  # RR
    assert trace.last == KEPT + 50
    assert len(trace.after(0)) == KEPT
    assert len(trace.after(KEPT + 40)) == 10


def test_a_data_link_that_nobody_answers_is_told_once() -> None:
    trace = Trace(lambda: 0.0)
    for _ in range(100):
        trace.take(bytes((2, 1, 0x7F, 0, 0)), sent=True)
    assert [one.text for one in trace.after(0)] == ["SABME"]


@pytest.mark.parametrize("length", range(40))
def test_a_frame_that_is_cut_anywhere_is_read_as_far_as_it_goes(length: int) -> None:
    head = bytes((2, 1, 0, 0, 8, 2, 0, 5, 5, 0x18, 3, 0xA9, 0x83, 0x85, 0x6C, 5, 0, 0x80))
    whole = head + b"139" + bytes((0x70, 4, 0x80)) + b"880"
    trace = Trace(lambda: 0.0)
    trace.take(whole[:length] + b"\0\0", sent=False)
    for one in trace.after(0):
        assert one.text
    told = read(1, 0.0, False, whole)
    assert (told.text, told.reference, told.called, told.calling, told.slot) == ("SETUP", 5, "880", "139", 5)

