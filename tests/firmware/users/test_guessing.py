"""Guessing: slower with every try, told alike for everybody, in bounded memory."""

import itertools

import pytest

from firmware.errors import TooManyTries, WrongPassword
from firmware.users import guessing
from firmware.users.guessing import FREE, LONGEST_WAIT_S, MOST, Guessing
from tests.fakes.box import QUICK
from tests.firmware.users.conftest import HERE

WRONG = "guess"
LONG = "correct horse battery"


def answers(house, name, address=HERE, password=WRONG):
    try:
        house.sign_in(name, password, address)
    except (WrongPassword, TooManyTries) as error:
        return error.code, str(error), dict(error.facts)
    return "in"


def guesses_within(house, seconds, names, addresses):
    """Return how many passwords somebody can try who tries all the time."""
    tried = 0
    end_s = house.clock.wall_s() + seconds
    while house.clock.wall_s() < end_s:
        answer = answers(house, next(names), next(addresses))
        if answer[0] == "wrong-password":
            tried += 1
        else:
            house.clock.advance(answer[2]["wait_s"])
    return tried


def test_the_first_wrong_ones_cost_nothing_then_each_twice_as_much(house):
    house.settled("li", LONG)
    waits = []
    for _ in range(20):
        answer = answers(house, "li")
        if answer[0] == "too-many-tries":
            waits.append(answer[2]["wait_s"])
            house.clock.advance(answer[2]["wait_s"])
    assert waits[:6] == [2, 4, 8, 16, 32, 64]
    assert len(waits) < 20 - FREE + 1


def test_in_a_day_hardly_a_hundred_passwords_are_tried_at_one_address_or_of_one_name(house):
    one = itertools.repeat(HERE)
    assert 50 < guesses_within(house, 86400, itertools.repeat("li"), one) < 120
    many_names = (f"user{n}" for n in itertools.count())
    assert guesses_within(house, 86400, many_names, itertools.repeat("192.0.2.99")) < 120
    many_addresses = (f"198.51.{n // 250 % 250}.{n % 250}" for n in itertools.count())
    assert guesses_within(house, 86400, itertools.repeat("wang"), many_addresses) < 120


def test_a_wait_is_kept_whatever_is_typed_and_does_not_outlive_its_time(house):
    house.settled("li", LONG)
    for _ in range(FREE):
        assert answers(house, "li")[0] == "wrong-password"
    assert answers(house, "li", password=LONG)[0] == "too-many-tries"
    house.clock.advance(2)
    assert answers(house, "li", password=LONG) == "in"
    assert answers(house, "li")[0] == "wrong-password"  # all is forgotten with the right one


def test_names_that_are_not_there_are_answered_alike(house):
    house.settled("li", LONG)
    for _ in range(3 * FREE):
        there, nowhere = (
            answers(house, name, address) for name, address in (("li", "192.0.2.1"), ("nobody", "192.0.2.2"))
        )
        assert there == nowhere


def test_an_unknown_name_takes_as_much_work_as_a_known_one(house):
    """The hash is what takes time; it is made once in both cases, with the same effort."""
    house.settled("li", LONG)
    verified = []

    class Counting:
        hash = QUICK.hash

        def verify(self, hashed, password):
            verified.append(hashed.rsplit("$", 2)[0])
            return QUICK.verify(hashed, password)

    house.restart(hasher=Counting())
    for name in ("li", "nobody"):
        assert answers(house, name)[0] == "wrong-password"
    assert len(verified) == 2
    assert verified[0] == verified[1]


def test_strangers_do_not_keep_out_who_signed_in_from_their_place_before(house):
    house.settled("li", LONG)  # from HERE
    for _ in range(50):
        answers(house, "li", "203.0.113.9")
        house.clock.advance(60)
    assert answers(house, "li", "203.0.113.10")[0] == "too-many-tries"
    assert answers(house, "li", HERE, LONG) == "in"


def test_addresses_of_one_household_are_one(house):
    for n in range(FREE):
        answers(house, f"name{n}", f"2001:db8:1:2::{n:x}")
    assert answers(house, "other", "2001:db8:1:2:ffff::1")[0] == "too-many-tries"
    assert answers(house, "other", "2001:db8:1:3::1")[0] == "wrong-password"
    for n in range(FREE):
        answers(house, f"more{n}", "::ffff:192.0.2.50")
    assert answers(house, "most", "192.0.2.50")[0] == "too-many-tries"


def test_after_an_hour_without_tries_all_is_forgotten(house):
    for _ in range(FREE):
        answers(house, "li")
    house.clock.advance(guessing.FORGOTTEN_S + 1)
    for _ in range(FREE):
        assert answers(house, "li")[0] == "wrong-password"


def test_what_is_remembered_is_bounded():
    now_s = [0.0]
    held = Guessing(lambda: now_s[0])
    for n in range(3 * MOST):
        held.begin(f"name{n}", f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}")
        held.right(f"friend{n}", f"11.{n >> 16}.{n >> 8 & 255}.{n & 255}")
    assert len(held) <= 3 * MOST


def test_a_hundred_tries_at_once_are_a_hundred(house):
    """Each is counted when it begins, not when its hash is known."""
    held = Guessing(house.clock.wall_s)
    begun = 0
    for _ in range(100):
        try:
            held.begin("li", HERE)
            begun += 1
        except TooManyTries:
            continue
    assert begun == FREE


def test_a_clock_that_is_set_back_locks_nobody_out(house):
    held = Guessing(house.clock.wall_s)
    for _ in range(FREE):
        held.begin("li", HERE)
    house.clock.offset_s -= 1800
    with pytest.raises(TooManyTries) as refused:
        held.begin("li", HERE)
    assert refused.value.facts["wait_s"] <= LONGEST_WAIT_S + 1


def test_the_audit_does_not_grow_as_fast_as_somebody_can_ask(house):
    house.settled("li", LONG)
    for _ in range(1000):
        answers(house, "li")
    assert len(house.told("session.refused")) == FREE
    assert len(house.told("session.held-off")) == 1
