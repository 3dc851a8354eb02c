"""Which addresses trunks may call from, and when two may share one."""

import pytest

from firmware.config import check, trunks
from firmware.config.schema import Box
from firmware.config.trunk import Trunk
from firmware.prompts import catalogue
from tests.peers.authority import Authority

OURS = ("127.0.0.1", "192.168.1.5", "10.200.5.2", "::1", "2001:db8:1::5")


def problems(*several):
    config = check.shaped({"trunks": [{"name": "ab"[place]} | one for place, one in enumerate(several)]})
    return check.check(config, catalogue.wrong_with)


SHARED = {
    # the sources of two trunks: which of the second's is also the first's
    "the same network": ({"addresses": ["203.0.113.0/28"]}, {"addresses": ["203.0.113.0/28"]}, "addresses[0]"),
    "one within the other's": (
        {"addresses": ["203.0.113.0/24"]}, {"addresses": ["192.0.2.1", "203.0.113.9"]}, "addresses[1]",
    ),
    "one around the other's": (
        {"addresses": ["203.0.113.16/28", "192.0.2.1"]}, {"addresses": ["203.0.113.0/24"]}, "addresses[0]",
    ),
    "of IPv6": ({"addresses": ["2001:db8::/32"]}, {"addresses": ["2001:db8:7::1"]}, "addresses[0]"),
    "one's host": ({"addresses": ["203.0.113.0/24"]}, {"host": "203.0.113.9"}, "host"),
    "one's host, written differently": ({"host": "sip.example.cn"}, {"host": "SIP.example.CN"}, "host"),
    "one address, written differently": ({"host": "2001:db8::9"}, {"host": "2001:DB8:0::9"}, "host"),
}  # fmt: skip
ELSEWHERE = ({"host": "one.example"}, {"host": "two.example"})


@pytest.mark.parametrize("shared", SHARED)
def test_an_address_of_two_trunks_that_nothing_tells_apart_is_refused(shared):
    one, other, path = SHARED[shared]
    (problem,) = problems(ELSEWHERE[0] | one, ELSEWHERE[1] | other)
    assert problem.path == f"trunks[1].{path}"
    assert "an address of one trunk alone is right; calls from it could also be trunk a's, since" in problem.rule
    assert "trunk a has neither numbers nor a user name it registers as" in problem.rule


def test_networks_beside_each_other_are_two_trunks_own():
    assert problems(
        {"host": "one.example", "addresses": ["203.0.113.0/28", "2001:db8::/48"]},
        {"host": "two.example", "addresses": ["203.0.113.16/28", "2001:db8:1::/48"]},
    ) == []  # fmt: skip


TOLD_APART = {
    "by whom they register as": (
        {"username": "shop", "register": True}, {"username": "office", "register": True},
    ),
    "by their numbers": ({"numbers": ["01088886666"]}, {"numbers": ["01088887777", "01088888888"]}),
    "one by this, one by that": ({"username": "shop", "register": True}, {"numbers": ["01088886666"]}),
}  # fmt: skip


@pytest.mark.parametrize("by", TOLD_APART)
def test_two_trunks_at_one_carrier_are_right_where_whom_a_call_is_for_tells_whose_it_is(by):
    one, other = TOLD_APART[by]
    assert problems({"host": "sip.example.cn"} | one, {"host": "sip.example.cn"} | other) == []


MISTAKEN = {
    "a user name nobody registers": (
        {"username": "shop"}, {"username": "office"}, "trunk a has neither numbers nor a user name it registers as",
    ),
    "the second has nothing": (
        {"numbers": ["01088886666"]}, {}, "trunk b has neither numbers nor a user name it registers as",
    ),
    "the same user": (
        {"username": "shop", "register": True}, {"username": "shop", "register": True}, "both are called by shop",
    ),
    "the same number, written differently": (
        {"numbers": ["01088886666"]}, {"numbers": ["88886666"]}, "both are called by +861088886666",
    ),
    "a number that is the other's user": (
        {"numbers": ["01088886666"]}, {"username": "+8610-8888-6666", "register": True},
        "both are called by +861088886666",
    ),
}  # fmt: skip


@pytest.mark.parametrize("mistaken", MISTAKEN)
def test_two_trunks_at_one_carrier_that_would_be_mistaken_are_refused_and_it_is_said_why(mistaken):
    one, other, why = MISTAKEN[mistaken]
    (problem,) = problems({"host": "sip.example.cn"} | one, {"host": "sip.example.cn"} | other)
    assert (problem.path, problem.value) == ("trunks[1].host", "sip.example.cn")
    assert why in problem.rule


def test_a_trunk_is_called_by_its_numbers_in_every_way_and_by_whom_it_registers_as():
    box = Box(country="CN", area_code="10")
    trunk = Trunk("a", "h", username="shop", register=True, numbers=["88886666", "10086"])
    ways = {"88886666", "01088886666", "861088886666", "+861088886666"}
    assert trunks.called(trunk, box) == {"shop", "10086"} | ways


@pytest.mark.parametrize(
    "source",
    [{"addresses": ["192.168.1.0/24"]}, {"addresses": ["192.168.0.0/16"]}, {"addresses": ["192.168.1.5"]},
     {"addresses": ["127.0.0.0/8"]}, {"addresses": ["10.0.0.0/8"]}, {"addresses": ["2001:db8:1::/64"]},
     {"host": "192.168.1.5"}, {"host": "::1"}],
)  # fmt: skip
def test_a_trunk_that_calls_from_our_own_address_or_network_is_refused(source):
    config = check.shaped({"trunks": [{"name": "a", "host": "x.cn"} | source]})
    (problem,) = trunks.beside_us(config, OURS)
    assert problem.path == ("trunks[0].addresses[0]" if "addresses" in source else "trunks[0].host")
    assert problem.value in (source.get("addresses") or [source.get("host")])
    assert "without this box's own" in problem.rule
    assert "needs no password" in problem.rule


@pytest.mark.parametrize(
    "source",
    [{"addresses": ["192.168.1.20"]}, {"addresses": ["192.168.1.128/25"]}, {"addresses": ["10.200.5.1", "127.0.0.9"]},
     {"host": "127.0.0.9"}, {"host": "2001:db8:1::6"}, {"host": "sip.example.cn"}],
)  # fmt: skip
def test_another_exchange_in_the_same_house_may_be_a_trunk(source):
    config = check.shaped({"trunks": [{"name": "a", "host": "x.cn"} | source]})
    assert list(trunks.beside_us(config, OURS)) == []


# ---- TLS -----------------------------------------------------------------------------------------------------------


def test_by_tls_a_carrier_has_a_name_or_an_authority_of_its_own():
    (problem,) = problems({"host": "192.0.2.1", "transport": "tls"})
    assert (problem.path, problem.code) == ("trunks[0].host", "tls-name")
    assert problems({"host": "sip.example.cn", "transport": "tls"}) == []
    assert problems({"host": "192.0.2.1", "transport": "tls", "authority": Authority().trust.decode()}) == []
    assert problems({"host": "192.0.2.1", "transport": "tcp"}) == []


@pytest.mark.parametrize("text", ["sip.example.cn", "-----BEGIN CERTIFICATE-----\nnone\n-----END CERTIFICATE-----"])
def test_an_authority_that_is_no_certificate_is_named(text):
    (problem,) = problems({"host": "sip.example.cn", "transport": "tls", "authority": text})
    assert (problem.path, problem.code) == ("trunks[0].authority", "pem")
    assert "-----BEGIN CERTIFICATE-----" in problem.rule
