"""Which digits dialled at a plain telephone are whole, and which may go on."""

import re

import pytest

from firmware.config import factory
from firmware.config.dialling import whole
from firmware.config.schema import Agent, Box, Config, Extension, Outgoing

CONFIG = Config(
    extensions=[Extension("201"), Extension("205", port=5)],
    agents=[Agent("2001")],
    outgoing=[
        Outgoing(name="city", prefix="9", strip=1, min_digits=4, max_digits=13, via=["lines"]),
        Outgoing(name="service", prefix="100", min_digits=5, max_digits=5, via=["lines"]),
    ],
)


def is_whole(digits, config=CONFIG):
    return any(re.fullmatch(pattern, digits) for pattern in whole(config))


@pytest.mark.parametrize(
    "digits",
    ["110", "9110", "119", "201", "205", "*21", "*22", "*231", "*202001", "10086", "913812345678", "9013812345678",
     "9001234567890"],
)  # fmt: skip
def test_no_further_digit_is_waited_for(digits):
    assert is_whole(digits)
    assert not any(is_whole(digits[:end]) for end in range(1, len(digits)))


@pytest.mark.parametrize("digits", ["2", "20", "*", "*2", "*20", "*23", "9", "91381234567", "901088886666", "1008", ""])
def test_more_may_come(digits):
    assert not is_whole(digits)


def test_a_number_outside_is_as_long_as_the_longest_rule_that_may_take_it():
    rules = [
        Outgoing(name="short", prefix="95", max_digits=5, via=["lines"]),
        Outgoing(name="long", prefix="9", max_digits=8, via=["lines"]),
    ]
    config = Config(outgoing=rules)
    assert not is_whole("95588", config)
    assert is_whole("95588123", config)


def test_the_emergency_numbers_are_the_countrys():
    config = Config(box=Box(country="US"))
    assert is_whole("911", config)
    assert not is_whole("110", config)


def test_where_numbers_have_one_length_they_are_whole_by_it():
    config = Config(box=Box(country="US"), outgoing=[Outgoing(name="out", prefix="9", strip=1, via=["lines"])])
    assert is_whole("912125550123", config)
    assert is_whole("92125550123", config)
    assert not is_whole("9212555012", config)


def test_the_factorys_configuration_has_patterns_that_can_be_used():
    assert is_whole("201", factory.build())
    assert is_whole("120", factory.build())
