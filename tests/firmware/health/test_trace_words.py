"""What passes on a line is said in both languages, whatever the gateway tells of."""

from typing import Any, get_args

import msgspec
import pytest

from drivers.link.messages import LineSign, Signal
from firmware.health.trace_words import SIGNS, facts_words, signal_word


def told(text: str, **facts: Any) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(Signal(1, 1000.0, sent=False, text=text, **facts))
    return found


def test_each_sign_of_the_gateway_has_its_own_words_in_both_languages_and_no_other_has():
    assert set(SIGNS) == set(get_args(LineSign))
    for side in range(2):
        assert len({words[side] for words in SIGNS.values()}) == len(SIGNS)
    assert signal_word(told("ring-on"), "zh") == "振铃开始"
    assert signal_word(told("ring-on"), "en") == "ring on"


def test_the_names_of_a_spans_messages_are_the_standards_own_in_every_language():
    assert {signal_word(told("SETUP ACKNOWLEDGE"), language) for language in ("zh", "en")} == {"SETUP ACKNOWLEDGE"}


@pytest.mark.parametrize(("facts", "says"), [
    ({"calling": "13800138000", "name": "WANG"}, "13800138000 WANG"),
    ({"name": "WANG"}, "WANG"),
    ({"called": "10086"}, "> 10086"),
    ({"calling": "1", "called": "2", "slot": 3, "cause": 17}, "1 > 2  ch 3  cause 17"),
    ({}, ""),
])  # fmt: skip
def test_facts_are_told_as_a_technician_writes_them(facts, says):
    assert facts_words(told("x", **facts), "en") == says
    assert facts_words(told("x", **facts), "zh") == says.replace("ch ", "通道 ").replace("cause", "原因")


def test_whose_lamp_is_lit_or_put_out_is_told_in_words():
    said = told("SETUP", called="345", services=("invoke:mwi:mwiActivate:345", "invoke:mwi:mwiDeactivate:346"))
    english = "> 345  asks for lighting the lamp of 345 (MWI)  asks for putting out the lamp of 346 (MWI)"
    assert facts_words(said, "en") == english
    assert facts_words(said, "zh") == "> 345  请求 点亮 345 的留言灯（MWI）  请求 熄灭 346 的留言灯（MWI）"


def test_supplementary_services_are_told_in_words_and_unknown_ones_by_their_number():
    said = told("FACILITY", services=("invoke:ect:1", "result:", "error:0", "invoke:99"))
    assert facts_words(said, "en") == "asks for joining both (ECT)  agrees  refuses not subscribed  asks for 99"
    assert facts_words(said, "zh") == "请求 接通双方（ECT）  同意  拒绝 未开通  请求 99"
