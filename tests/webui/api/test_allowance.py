"""Allowances, by a clock of our own."""

import pytest

from webui.api.allowance import KNOWN_S, MOST, Buckets, Known, Places, network
from webui.api.problem import Trouble


class Watch:
    now_s = 1000.0

    def __call__(self):
        return self.now_s


@pytest.fixture
def watch():
    return Watch()


def refused(buckets, who="a", quota=60):
    with pytest.raises(Trouble) as caught:
        buckets.take(who, quota)
    assert caught.value.status == 429
    return int(caught.value.headers["Retry-After"])


def test_a_minutes_worth_may_come_at_once_and_then_as_it_fills(watch):
    buckets = Buckets(watch)
    assert [buckets.take("a", 60).remaining for _ in range(60)] == list(range(59, -1, -1))
    assert refused(buckets) == 1
    watch.now_s += 1
    assert buckets.take("a", 60).remaining == 0
    refused(buckets)
    watch.now_s += 3600
    assert buckets.take("a", 60).remaining == 59


def test_who_waits_as_told_gets_on(watch):
    buckets = Buckets(watch)
    for _ in range(10):
        buckets.take("a", 10)
    watch.now_s += refused(buckets, quota=10)
    assert buckets.take("a", 10)


def test_nobody_pays_for_another(watch):
    buckets = Buckets(watch)
    for _ in range(60):
        buckets.take("a", 60)
    refused(buckets)
    assert buckets.take("b", 60).remaining == 59


def test_a_smaller_quota_is_in_force_at_once(watch):
    buckets = Buckets(watch)
    buckets.take("a", 600)
    assert buckets.take("a", 10).remaining == 9


def test_no_more_is_remembered_than_has_a_place(watch):
    buckets = Buckets(watch)
    for number in range(MOST + 10):
        buckets.take(str(number), 10)
    assert buckets.take("0", 10).remaining == 9  # forgotten, and begins anew


def test_a_token_is_known_for_a_minute(watch):
    known = Known(watch)
    known.add("bh_x")
    assert "bh_x" in known
    assert "bh_y" not in known
    watch.now_s += KNOWN_S
    assert "bh_x" not in known
    known.add("bh_x")
    known.forget("bh_x")
    assert "bh_x" not in known


def test_places_are_for_all_and_fewer_for_each():
    places = Places("full", 7)
    places.take("a", 3, 2)
    places.take("a", 3, 2)
    with pytest.raises(Trouble) as caught:
        places.take("a", 3, 2)
    assert (caught.value.status, caught.value.code, caught.value.headers["Retry-After"]) == (503, "full", "7")
    places.take("b", 3, 2)
    with pytest.raises(Trouble):
        places.take("c", 3, 2)
    places.give_back("a")
    places.take("c", 3, 2)


def test_a_household_is_one_asker():
    assert network("192.0.2.1") == network("::ffff:192.0.2.1") == "192.0.2.1"
    assert network("2001:db8::1") == network("2001:db8::2:3") == "2001:db8::/64"
    assert network("fe80::1%eth0") == "fe80::/64"
    assert network("") == ""
