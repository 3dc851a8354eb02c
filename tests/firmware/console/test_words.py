"""What the console says is there in both languages; and tables fit eighty columns in either."""

import re
from pathlib import Path
from string import Formatter

import pytest

from firmware.agents.agent import AgentState
from firmware.calls.leg import LegState
from firmware.console import commands, configure, output
from firmware.console.show import duration
from firmware.console.table import clip, table
from firmware.console.terminal import printable, width
from firmware.console.words import WORDS, Say, known
from firmware.supervisor.program import State

SOURCE = "".join(path.read_text() for path in Path(commands.__file__).parent.glob("*.py") if path.name != "words.py")


def helped(words):
    for word in words:
        yield word.help
        yield from helped(word.then)


def test_every_text_that_is_used_is_there_and_every_one_there_is_used():
    used = set(helped((*commands.ROOTS, *configure.ROOTS, *output.FILTERS)))
    used |= set(re.findall(r"""["']([a-z_]+\.[a-zA-Z_.]+)["']""", SOURCE)) & set(WORDS)
    called = set(re.findall(r"""(?:say|_tell|agrees)\(\s*["']([a-z_.]+)["'][,)]""", SOURCE))
    assert called - set(WORDS) == set()
    assert len(called) > 40
    used |= called | {f"head.{key}" for key in re.findall(r'"([a-z_]+)"', SOURCE)} & set(WORDS)
    used |= {f"help.{key}" for key in ("agent.login", "agent.logout", "agent.ready", "agent.not_ready")}
    assert used <= set(WORDS)
    left = {key for key in set(WORDS) - used if not key.startswith("state.")}
    assert left == set()


@pytest.mark.parametrize("key", sorted(WORDS))
def test_every_text_has_both_languages_with_the_same_places_to_fill(key):
    words = WORDS[key]
    places = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in words]
    assert all(words)
    assert places[0] == places[1]
    assert re.search(r"[\u4e00-\u9fff]", words.zh)
    assert not re.search(r"[\u4e00-\u9fff]", words.en)


LINES = ("idle", "in_use", "testing", "parallel", "fault")


@pytest.mark.parametrize("state", [*AgentState, *LegState, *State, *LINES, "in", "out", "internal"])
def test_every_state_has_words(state):
    assert known(f"state.{state}") or state == "ended"  # a leg that ended is not shown


@pytest.mark.parametrize("language", ["zh", "en"])
def test_help_fits_a_line(language):
    say = Say(language)
    for key in WORDS:
        if key.startswith("help.") and key != "help.keys":
            assert width(say(key)) <= 60, key
    for line in say("help.keys").splitlines():
        assert width(line) <= 79


@pytest.mark.parametrize("columns", [80, 132, 40])
def test_a_table_fits_its_columns_whatever_is_in_it(columns):
    rows = [
        ("201", "坐席二百零一号" * 6, "x" * 100, 12, "李雷"),
        ("2", "Anna", "短", 3456789, ""),
    ]
    head, body = table(("号码", "name", "详情", "count", "who"), rows, columns)
    lines = [*head, *body]
    assert all(width(line) < columns for line in lines)
    assert "~" in body[0]
    assert body[1].startswith("2 ")


def test_columns_stand_under_their_heads_in_chinese_too():
    head, body = table(("号码", "状态"), [("1", "空闲"), ("12345", "占用")], 80)
    assert [*head, *body] == ["号码   状态", "1      空闲", "12345  占用"]


@pytest.mark.parametrize(
    ("text", "places", "clipped"),
    [("abc", 3, "abc"), ("abcd", 3, "ab~"), ("空闲占用", 8, "空闲占用"), ("空闲占", 5, "空闲~"), ("空闲", 3, "空~")],
)
def test_a_text_is_clipped_by_the_places_it_takes(text, places, clipped):
    assert clip(text, places) == clipped
    assert width(clip(text, places)) <= places


def test_what_callers_send_does_nothing_to_the_terminal():
    assert printable("a\x1b[2Jb\r\n\x00c\u202e") == "a?[2Jb???c?"


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0s"), (59.4, "59s"), (60, "1:00"), (3605, "1:00:05"), (90061, "1d 1:01:01"), (-3, "0s")]
)
def test_a_length_of_time_is_short(seconds, text):
    assert duration(seconds) == text
