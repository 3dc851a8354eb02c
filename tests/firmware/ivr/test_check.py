"""Flows that would leave a caller in silence are refused."""

from firmware.config.factory import build
from firmware.ivr.check import check
from tests.fakes.floor import config


def problems(**flow):
    return [(problem.path, problem.value) for problem in check(config(flows=[{"name": "main"} | flow]))]


def test_the_factory_configuration_has_no_problem():
    assert list(check(build())) == []


def test_keys_that_nobody_is_told_of_are_refused():
    assert problems(keys={"1": {"to": "queue:service"}}) == [("flows[0].menu", [])]


def test_a_greeting_may_tell_of_the_keys():
    assert problems(greeting=["main-menu"], keys={"1": {"to": "queue:service"}}) == []


def test_repeating_a_menu_that_is_not_there_is_refused():
    assert problems(greeting=["welcome"], keys={"9": {"to": "repeat"}}) == [("flows[0].keys.9.to", "repeat")]


def test_a_flow_that_only_speaks_needs_no_menu():
    assert problems(greeting=["closed"]) == []
