"""Acts with a key: once, and for a while."""

import pytest
from flask import Response

from webui.api.once import KEPT_S, MOST, MOST_BYTES, Once
from webui.api.problem import Trouble

ACT = b"what was asked"


class Watch:
    now_s = 0.0

    def __call__(self):
        return self.now_s


@pytest.fixture
def watch():
    return Watch()


@pytest.fixture
def once(watch):
    return Once(watch)


def carry_out(once, key="k", status=201, body=b"{}", who="crm"):
    assert once.begin(who, key, ACT) is None
    once.end(who, key, Response(body, status))


def test_the_second_time_only_the_answer_comes(once):
    carry_out(once, body=b'{"a":1}')
    answer = once.begin("crm", "k", ACT)
    assert (answer.status_code, answer.get_data(), answer.headers["Idempotency-Replayed"]) == (201, b'{"a":1}', "true")


def test_while_the_first_is_carried_out_the_second_waits_outside(once):
    once.begin("crm", "k", ACT)
    with pytest.raises(Trouble) as caught:
        once.begin("crm", "k", ACT)
    assert caught.value.status == 409


@pytest.mark.parametrize("status", [429, 500, 503, 507])
def test_what_may_go_well_next_time_is_tried_again(once, status):
    carry_out(once, status=status)
    carry_out(once, status=201)


def test_an_answer_too_large_to_keep_is_not_kept(once):
    carry_out(once, body=b"x" * (MOST_BYTES + 1))
    assert once.begin("crm", "k", ACT) is None


def test_after_an_hour_a_key_is_new(once, watch):
    carry_out(once)
    watch.now_s += KEPT_S - 1
    assert once.begin("crm", "k", ACT) is not None
    watch.now_s += 1
    carry_out(once)


def test_no_more_is_kept_than_has_a_place(once):
    for number in range(MOST + 5):
        carry_out(once, f"k{number}")
    assert once.begin("crm", "k0", ACT) is None
    assert once.begin("crm", f"k{MOST + 4}", ACT) is not None


@pytest.mark.parametrize("key", ["", " ", "ключ", "x" * 129, "a\nb"])
def test_a_key_is_plain_and_short(once, key):
    with pytest.raises(Trouble) as caught:
        once.begin("crm", key, ACT)
    assert caught.value.status == 400
