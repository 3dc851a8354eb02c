"""Queues that could serve nobody are refused."""

import pytest

from firmware.acd.check import check
from firmware.config.factory import build
from tests.fakes.floor import config, queue


def test_the_factory_configuration_has_no_problem():
    assert list(check(build())) == []


@pytest.mark.parametrize("max_wait_s", [0, 0.5])
def test_a_queue_without_time_to_wait_is_refused(max_wait_s):
    found = list(check(config(queues=[queue("sales"), queue(max_wait_s=max_wait_s)])))
    assert [(problem.path, problem.value) for problem in found] == [
        ("queues[1].max_wait_s", max_wait_s)
    ]
