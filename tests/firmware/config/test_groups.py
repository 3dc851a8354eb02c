"""What is said of digital spans and trunk groups that cannot work, and how their channels are told."""

import copy

import pytest

from firmware.config import check, spans
from firmware.config.rename import rename
from firmware.config.spans import Group, Span
from firmware.prompts import catalogue
from firmware.rules import RULES, right

SPANS = [{"number": 1}, {"number": 2, "channels": "1-15", "clock": 2}]
ROUTES = [{"name": "e1", "source": "trunk:e1", "did": "62348801", "to": "hangup"}]


def group(**more):
    return {"name": "e1", "channels": ["1"]} | more


def problems(groups=(), **parts):
    config = check.shaped({"spans": SPANS, "groups": list(groups), "routes": ROUTES} | parts)
    return check.check(config, catalogue.wrong_with)


WRONG = {
    "a span that is not there": ([group(channels=["3"])], "groups[0].channels[0]", "no span 3; there are 1, 2"),
    "two groups with one channel": (
        [group(channels=["1:1-15"]), group(name="e2", channels=["2", "1:15-16"])],
        "groups[1].channels[1]", "channels without 16 are right",
    ),
    "a channel of two groups": (
        [group(channels=["1:1-15"]), group(name="e2", channels=["2", "1:15,17"])],
        "groups[1].channels[1]", "15 of span 1 is in group e1 already",
    ),
    "a channel twice in one group": (
        [group(channels=["1:1-15", "1:3"])], "groups[0].channels[1]", "3 of span 1 is in group e1 already",
    ),
    "one twice in one range": ([group(channels=["1:1,1-4"])], "groups[0].channels[0]", "1 of span 1 is in group e1"),
    "a channel that the carrier did not open": (
        [group(channels=["2:15,17"])], "groups[0].channels[0]", "channels of span 2 are right, 1-15; 17 is none",
    ),
    "a range that goes down": ([group(channels=["1:9-3"])], "groups[0].channels[0]", "the lower first"),
    "a channel beyond the last": ([group(channels=["1:30-32"])], "groups[0].channels[0]", "channels from 1 to 31"),
    "timeslot 0": ([group(channels=["1:0-5"])], "groups[0].channels[0]", "channels from 1 to 31"),
    "a number that no route takes": (
        [group(numbers=["62348802"])], "groups[0].numbers[0]", "no route is for 62348802 from trunk e1",
    ),
    "a number twice": ([group(numbers=["62348801", "62348801"])], "groups[0].numbers[1]", "each one once"),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG)
def test_a_group_that_cannot_work_is_refused_with_what_would_be_right(wrong):
    groups, path, said = WRONG[wrong]
    (problem,) = problems(groups)
    assert (problem.path, said in problem.rule) == (path, True), problem
    assert problem.code in RULES
    assert right(problem, "zh") != right(problem, "en")


def test_a_span_with_its_signalling_among_the_channels_is_refused():
    (problem,) = problems(spans=[{"number": 1, "channels": "1-31"}], routes=[])
    assert (problem.path, problem.code) == ("spans[0].channels", "signalling-slot")


def test_a_span_with_r2_must_say_how_many_digits_it_asks_for():
    (problem,) = problems(spans=[{"number": 1, "signalling": "r2"}], routes=[])
    assert (problem.path, problem.code) == ("spans[0].did_digits", "r2-digits")
    assert right(problem, "zh") != right(problem, "en")
    assert problems(spans=[{"number": 1, "signalling": "r2", "did_digits": 4}], routes=[]) == []


@pytest.mark.parametrize("wrong", [
    {"pri": {"variant": "qsig"}}, {"pri": {"side": "network"}}, {"signalling": "r2", "did_digits": 4},
])  # fmt: skip
def test_only_a_carriers_euroisdn_takes_calls_back(wrong):
    spans = [{"number": 1}, {"number": 2, "clock": 0, **wrong}]
    both = [group(channels=["1:1-9", "2:1-9"], hand_back=True)]
    (problem,) = problems(both, spans=spans, routes=[])
    assert (problem.path, problem.value, problem.code) == ("groups[0].hand_back", True, "hand-back")
    assert "span 2 is no EuroISDN span" in problem.rule
    assert "E1 2" in right(problem, "zh")
    assert problems([group(channels=["1"], hand_back=True)], spans=spans, routes=[]) == []
    assert problems([group(channels=["2"])], spans=spans, routes=[]) == []


def test_two_spans_cannot_both_be_the_first_clock_but_none_need_be_any():
    (problem,) = problems(spans=[{"number": 1}, {"number": 2}], routes=[])
    assert (problem.path, problem.facts) == ("spans[1].clock", {"other": 1})
    assert problems(spans=[{"number": 1, "clock": 0}, {"number": 2, "clock": 0}], routes=[]) == []


def test_a_group_is_not_called_as_a_sip_trunk_is():
    (problem,) = problems([group()], trunks=[{"name": "e1", "host": "sip.example.cn"}])
    assert (problem.path, problem.code) == ("groups[0].name", "twice")


@pytest.mark.parametrize("did", ["62348801", "6234*", "8801", "+861062348801", ""])
def test_a_number_is_routed_by_all_of_it_or_by_the_digits_that_come(did):
    there = [{"number": 1, "did_digits": 4}]
    routes = [ROUTES[0] | {"did": did, "source": "trunk"}]
    assert problems([group(numbers=["62348801"])], spans=there, routes=routes) == []


def test_lines_and_routes_of_other_trunks_take_none_of_its_calls():
    for source in ("line", "line:1", "trunk:other"):
        found = problems(
            [group(numbers=["62348801"])], trunks=[{"name": "other", "host": "x.cn"}], lines=[{"number": 1}],
            routes=[ROUTES[0] | {"source": source}],
        )  # fmt: skip
        assert "groups[0].numbers[0]" in [problem.path for problem in found], source


def test_groups_serve_where_trunks_do():
    routes = [{"name": "in", "source": "trunk:e1", "to": "number:9962348899"}]
    found = problems(
        [group(numbers=["01062348801"])], routes=routes,
        outgoing=[{"name": "out", "prefix": "99", "strip": 2, "via": ["trunk:e1"]}],
        extensions=[{"number": "201", "secret": "12345678", "caller_id": "01062348801"}],
    )  # fmt: skip
    assert found == []
    around = problems(
        [group(numbers=["01062348801"])], routes=[routes[0] | {"to": "number:01062348801"}],
        outgoing=[{"name": "out", "via": ["trunk:e1"]}],
    )  # fmt: skip
    assert [problem.code for problem in around] == ["own-number"]


def test_channels_are_told_in_their_order():
    entries = [Span(number=1, channels="1-2,17"), Span(number=2)]
    told = spans.channels(Group(name="e1", channels=["2:3", "1", "9"]), entries)
    assert list(told) == [(2, 3), (1, 1), (1, 2), (1, 17)]


def test_another_number_for_a_span_is_its_number_in_groups_too():
    document = {"groups": [{"channels": ["1", "1:1-15", "11", "2:1"]}]}
    renamed = copy.deepcopy(document)
    rename(renamed, "spans", "1", "4")
    assert renamed == {"groups": [{"channels": ["4", "4:1-15", "11", "2:1"]}]}
