"""The numbering plan: which digits are a whole number, and who has it."""

import pytest

from drivers.link.office import Subscriber
from drivers.office.directory import Directory

KNOWN = ["110", "10086", "95588", "13800138000", "013800138000", "62220000", "4008001234", "01062220000"]
UNKNOWN = ["", "1", "1380013800", "138001380001", "12800138000", "99", "0", "008613800138000", "*20"]


@pytest.mark.parametrize("number", KNOWN)
def test_a_number_of_the_plan_answers(number: str) -> None:
    assert Directory().find(number).behaviour == "answers"


@pytest.mark.parametrize("number", UNKNOWN)
def test_what_is_no_number_of_the_plan_is_unknown(number: str) -> None:
    assert Directory().find(number).behaviour == "unknown"


def test_each_digit_of_a_number_is_worth_waiting_for_the_next_until_it_is_whole() -> None:
    directory = Directory()
    number = "13800138000"
    assert all(directory.may_go_on(number[:length]) for length in range(len(number)))
    assert not directory.may_go_on(number)
    assert not directory.may_go_on("99")


def test_a_number_with_a_behaviour_of_its_own_goes_before_the_plan() -> None:
    directory = Directory()
    directory.set(Subscriber(number="13800138000", behaviour="busy"))
    directory.set(Subscriber(number="9912345"))
    assert directory.find("13800138000").behaviour == "busy"
    assert directory.may_go_on("991")
    assert directory.find("9912345").behaviour == "answers"
