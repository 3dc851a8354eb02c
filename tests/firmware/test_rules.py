"""What is wrong with a configuration, in Chinese too: every rule has a code, and every code has words."""

import re
from pathlib import Path
from string import Formatter

import msgspec
import pytest

from firmware import rules
from firmware.config import check, factory, shape
from firmware.config.outline import Node, outline
from firmware.errors import BadConfig, Problem

ROOT = Path(__file__).resolve().parents[2]
CHECKS = [*(ROOT / "firmware/config").glob("*.py"), ROOT / "firmware/acd/check.py", ROOT / "firmware/ivr/check.py"]


def nodes(node: Node):
    yield node
    for child in [*node.keys.values(), *([node.item] if node.item else [])]:
        yield from nodes(child)


def test_every_rule_of_the_shape_has_a_code_that_has_words():
    ruled = [node for node in nodes(outline()) if node.rule]
    assert len(ruled) > 80
    assert [node.rule for node in ruled if node.code not in rules.RULES] == []


@pytest.mark.parametrize("path", CHECKS, ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_every_problem_a_check_finds_has_a_code_that_has_words(path):
    """Read from the code: a problem without one would be told in English alone."""
    text = path.read_text()
    for start in [match.end() for match in re.finditer(r"\bProblem\(", text)]:
        depth, end = 1, start
        while depth:
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
        given = text[start : end - 1]
        code = [one for one in re.findall(r'"([a-z0-9-]+)"', given) if one in rules.RULES]
        assert code or "right.code" in given, given


@pytest.mark.parametrize("code", rules.RULES)
def test_words_name_only_facts_that_can_be_told(code):
    places = {name for _, name, _, _ in Formatter().parse(rules.RULES[code]) if name}
    text = "".join(path.read_text() for path in [*CHECKS, ROOT / "firmware/config/schema.py"])
    assert {name for name in places - {"range", "length"} if f'"{name}"' not in text} == set()
    assert re.search(r"[\u4e00-\u9fff]", rules.RULES[code])


@pytest.mark.parametrize(
    ("changes", "path", "said"),
    [
        ({"acw_s": 90000}, "queues[0].acw_s", "应为秒数，0 到 86400"),
        ({"max_waiting": 0}, "queues[0].max_waiting", "应为整数，1 到 1000"),
        ({"strategy": "random"}, "queues[0].strategy", "应为以下之一：longest_idle、ring_all"),
        ({"colour": "red"}, "queues[0].colour", "没有这个键；可用的有：name、title、agents"),
        ({"overflow": "queue:sales"}, "queues[0].overflow", "没有队列 sales；现有："),
        ({"overflow": "queue:service"}, "queues[0].overflow", "来电会永远转圈：队列 service、队列 service"),
        ({"agents": ["999"]}, "queues[0].agents[0]", "没有坐席 999；现有："),
    ],
)
def test_what_is_wrong_is_told_in_chinese_with_its_facts(changes, path, said):
    document = msgspec.to_builtins(factory.build())
    document["queues"][0] |= changes
    with pytest.raises(BadConfig) as refused:
        check.load(document, lambda name: "")
    (problem,) = [one for one in refused.value.problems if one.path == path]
    assert rules.right(problem, "zh").startswith(said)
    assert rules.told(problem, "zh").startswith(f"{path}: ")
    assert rules.right(problem, "en") == problem.rule
    assert rules.told(problem, "en") == str(problem)


def test_a_rule_of_a_newer_exchange_is_told_as_it_says_itself():
    assert rules.right(Problem("a", 1, "2 is right", "brand-new"), "zh") == "2 is right"
    assert rules.right(Problem("a", 1, "2 is right", "begins"), "zh").startswith("不能与  相同")


def test_a_field_without_words_of_its_own_is_told_by_its_kind():
    (problem,) = shape.problems(5, list[int])
    assert (problem.code, rules.right(problem, "zh")) == ("list", "应为列表")
