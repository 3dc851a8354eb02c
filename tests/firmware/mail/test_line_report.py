"""A line's last test as a letter: what was found, in words and figures, in either language, and as a page."""

import re
from zoneinfo import ZoneInfo

import msgspec
import pytest

from drivers.link.messages import LineFinding
from firmware.config.schema import Config
from firmware.errors import NotFound
from firmware.lines.result import Result
from firmware.mail.line_report import NeverTested, report

FOUND = (
    LineFinding("battery", "good"), LineFinding("caller_id", "poor", reason="not-told"),
    LineFinding("dial_tone_level", "good", -12.04, "dBm0"), LineFinding("noise", "bad", -38.0, "dBm0", "noise"),
)  # fmt: skip
LAST = Result(1_772_413_205.0, 3, "night", "done", "bad", FOUND)
ZONE = ZoneInfo("Asia/Shanghai")


def config(**line):
    return msgspec.convert({"box": {"name": "Mingde"}, "lines": [{"number": 3, **line}]}, Config)


def test_it_says_what_was_found_by_whom_when_and_what_it_means():
    made = report(3, LAST, config(name="front", did="01088880003", busy_tone="620/180,0/420"), ZONE, "en")
    assert (made.line, made.at_s, made.title) == (3, LAST.at_s, "Mingde: Report of line 3")
    assert made.text == """Mingde: Report of line 3

Box: Mingde
Line: 3 front 01088880003
Country: CN
Its own busy tone: 620 Hz: 180 ms on, 420 ms off
Tested: 2026-03-02 09:00:05
Ordered by: nightly
Verdict: bad

Battery: good
Kind of caller id: poor
    the last call brought none: ask the carrier whether caller id is ordered, then call from a mobile again
Level of the dial tone: good, -12.0 dBm0
Noise on the quiet line: bad, -38.0 dBm0
    noise: look for bad joints and wet cable
"""


def test_it_is_in_the_boxs_language_unless_told_otherwise():
    made = report(3, LAST, config(), ZONE, None)
    assert made.title == "Mingde: 外线 3 测试报告"
    for said in ("国家/地区: CN", "测试人: 夜间测试", "结论: 故障", "静噪电平: 故障, -38.0 dBm0"):
        assert said in made.text
    assert '<html lang="zh-CN">' in made.html


def test_the_page_has_all_that_the_text_has_and_no_markup_of_anybody_else():
    name = '<b>x</b>"><script>alert(1)</script>\r\nBcc: all@example.com'
    line = msgspec.structs.replace(config().lines[0], name=name)
    made = report(3, LAST, msgspec.structs.replace(config(), lines=[line]), ZONE, "en")
    assert "<script" not in made.html
    assert "&lt;script&gt;alert(1)" in made.html
    assert "\nBcc" not in made.text
    plain = re.sub(r"<[^>]+>", " ", made.html)
    for said in ("Noise on the quiet line", "-38.0 dBm0", "noise: look for bad joints and wet cable", "nightly"):
        assert said in plain


def test_a_line_that_is_not_there_or_was_never_tested_has_none():
    with pytest.raises(NotFound, match="there is no line 4"):
        report(4, LAST, config(), ZONE, None)
    with pytest.raises(NeverTested, match="line 3 was never tested: test it first"):
        report(3, None, config(), ZONE, None)
