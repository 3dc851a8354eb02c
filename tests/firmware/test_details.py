"""What exactly an alarm says: every code there is has a sentence in both languages, filled by what comes with it."""

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware.details import DETAILS, sentence, subject_words

ROOT = Path(__file__).resolve().parents[2]
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def made() -> Iterator[tuple[str, str, set[str] | None]]:
    """Yield where a code is used, the code, and the names of its facts; None where they are put together elsewhere."""
    for path in (*ROOT.glob("firmware/**/*.py"), *ROOT.glob("drivers/**/*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
                continue
            called, where = ast.unparse(node.func).split(".")[-1], f"{path.relative_to(ROOT)}:{node.lineno}"
            if called == "Unreachable":
                yield where, node.args[0].value, {keyword.arg for keyword in node.keywords if keyword.arg}
            elif called == "Wrong":
                facts = node.args[1] if len(node.args) > 1 else ast.Dict([], [])
                told = isinstance(facts, ast.Dict)
                yield where, node.args[0].value, {ast.literal_eval(key) for key in facts.keys} if told else None


def test_whatever_is_told_has_a_sentence_with_just_its_facts():
    found = list(made())
    assert len(found) > 30
    for where, code, facts in found:
        assert code in DETAILS, where
        if facts is not None:
            assert facts == fields(DETAILS[code][1]), where


@pytest.mark.parametrize("code", sorted(DETAILS))
def test_both_languages_say_the_same_figures(code):
    zh, en = DETAILS[code]
    assert fields(zh) == fields(en)
    assert not CHINESE.search(en)
    if re.search("[A-Za-z]", re.sub(r"\{.*?\}", "", en)):
        assert CHINESE.search(zh)


@pytest.mark.parametrize(("language", "written"), [
    ("zh", "今日外拨 4 次（限 5），7 分钟（限 不限）；用完后到午夜或重置之前不能再外拨"),
    ("en", "4 of 5 calls outside, 7 of unlimited minutes today; at 100 % no more are let out until midnight, "
           "or until the limits are reset"),
])  # fmt: skip
def test_a_sentence_is_filled_with_its_facts(language, written):
    facts = {"calls": 4, "most_calls": 5, "minutes": 7, "most_minutes": None}
    assert sentence("limit-used", facts, language) == written


def test_what_the_system_says_most_often_is_chinese_too():
    why = {"why": "[Errno 28] No space left on device"}
    assert sentence("not-written", why, "zh") == "无法写入：硬盘已满"
    assert sentence("not-written", why, "en") == "nothing can be written: [Errno 28] No space left on device"


def test_why_a_span_carries_no_calls_is_chinese_too():
    why = {"why": "no channel is idle: 28 blocked, 2 unknown"}
    assert sentence("not-written", why, "zh") == "无法写入：没有空闲通道：28 个被对方闭塞, 2 个线路信号不明"


def test_a_party_is_named_in_words():
    assert sentence("called-for-help", {"by": "extension:201", "number": "119"}, "zh") == "分机 201 拨打了 119"
    assert subject_words("trunk:carrier", "en") == "trunk carrier"
    assert subject_words("meteor:roof", "en") == "meteor:roof"


@pytest.mark.parametrize("facts", [{}, {"host": "x"}, {"wait_s": 10}])
def test_what_another_release_told_is_said_as_it_came(facts):
    assert sentence("silent", facts, "zh", "it came like this") == "it came like this"
    assert sentence("unheard-of", facts, "zh", "it came like this") == "it came like this"


def test_words_of_strangers_fill_nothing():
    assert sentence("said", {"text": "{by} {0} %s"}, "en") == "{by} {0} %s"
