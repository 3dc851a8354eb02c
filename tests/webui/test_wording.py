"""How values are written."""

import pytest

from webui.wording import Wording, clean, duration


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(0, "0:00"), (7.4, "0:07"), (59.6, "1:00"), (3599, "59:59"), (3600, "1:00:00"), (-3, "0:00")],
)
def test_durations(seconds, written):
    assert duration(seconds) == written


def test_times_are_those_of_the_boxs_clock():
    assert Wording("zh", "Asia/Shanghai").clock(1000000000) == "09:46:40"
    assert Wording("zh", "Europe/Berlin").clock(1000000000) == "03:46:40"
    assert Wording("zh", "Asia/Shanghai").day(1000000000) == "09-09"
    assert Wording("en").machine_time(1000000000) == "2001-09-09T01:46:40+00:00"


@pytest.mark.parametrize("zone", ["No/Such", "../../etc/passwd", "\0"])
def test_an_unknown_time_zone_does_not_stop_the_page(zone):
    assert Wording("en", zone).clock(1000000000)


def test_a_time_that_never_was_is_a_dash():
    assert Wording("en").clock(0) == "–"


def test_a_state_without_words_is_shown_as_it_came():
    assert Wording("zh").named("agent", "ready") == "示闲"
    assert Wording("en").named("agent", "on_the_moon") == "on the moon"


@pytest.mark.parametrize(
    ("subject", "zh", "en"),
    [("line:3", "3 号外线", "line 3"), ("disk", "", ""), ("moon:<1>\x07", "moon:<1>�", "moon:<1>�")],
)
def test_what_an_alarm_is_about(subject, zh, en):
    assert (Wording("zh").subject(subject), Wording("en").subject(subject)) == (zh, en)


@pytest.mark.parametrize(
    ("target", "zh", "en"),
    [
        ("extension:201", "分机 201", "extension 201"),
        ("line:3:10086", "外线 10086", "outside 10086"),
        ("trunk:carrier:10086", "外线 10086", "outside 10086"),
        ("ship:titanic:1", "1 (ship titanic)", "1 (ship titanic)"),
    ],
)
def test_who_was_dialled(target, zh, en):
    assert (Wording("zh").target(target), Wording("en").target(target)) == (zh, en)


def test_a_callers_text_cannot_trick_the_eye():
    assert clean("abc\u202e321\x00\x1b[31m") == "abc\ufffd321\ufffd\ufffd[31m"
    assert clean("李雷 👋") == "李雷 👋"
    assert len(clean("x" * 500)) == 48
    assert clean("\ud800") == "\ufffd"
