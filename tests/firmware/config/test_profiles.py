"""Profiles of trunks: the table itself, what a trunk takes from it, and what is refused."""

import pytest

from drivers.link.manner import Manner
from firmware.config import check
from firmware.config.profiles import NONE, manner, profiles, settings
from firmware.config.trunk import Trunk
from firmware.prompts import catalogue


def problems(**of_it):
    config = check.shaped({"trunks": [{"name": "carrier", "host": "sip.example.cn", **of_it}]})
    return [(one.path, one.value, one.rule) for one in check.check(config, catalogue.wrong_with)]


@pytest.mark.parametrize("name", profiles())
def test_every_profile_names_its_sources_and_is_complete_with_host_user_and_password(name):
    found = profiles()[name]
    assert found.sources
    assert (found.zh, found.en, found.tried) > ("", "", "")
    assert bool(found.advice_zh) == bool(found.advice_en)
    assert problems(profile=name, username="shop", secret="pencil") == []


def test_a_trunk_without_a_profile_is_as_always():
    assert settings(Trunk("a", "h")) == NONE
    assert manner(NONE) == Manner()


def test_what_a_trunk_says_itself_stands_above_its_profile_even_where_it_says_no():
    own = settings(Trunk("a", "h", profile="ims", register=False, prack="off", port=5080, codecs=["g722"]))
    assert (own.register, own.prack, own.port, own.codecs) == (False, "off", 5080, ["g722"])
    assert (own.did_from, own.called_format) == ("p-called-party-id", "plus")


WRONG = {
    "an unknown profile": ({"profile": "nosuch"}, "profile", "nosuch", "registering, static, ims"),
    "no user to register": ({"profile": "registering"}, "username", "", "where the trunk registers"),
    "no user to show": ({"sender": "username"}, "username", "", "From shows that of our account"),
    "a short session": ({"session_timer_s": 30}, "session_timer_s", 30, "0 for none, or 90 to 86400 seconds"),
    "a codec twice": ({"codecs": ["pcma", "pcmu", "pcma"]}, "codecs[2]", "pcma", "each one once"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_cannot_be_is_refused_with_what_would_be_right(wrong):
    of_it, path, value, rule = WRONG[wrong]
    found = problems(**of_it)
    assert (f"trunks[0].{path}", value) in [one[:2] for one in found]
    assert any(rule in one[2] for one in found)


def test_a_value_that_is_none_is_told_with_those_that_are():
    with pytest.raises(check.BadConfig) as refused:
        check.shaped({"trunks": [{"name": "a", "host": "h", "did_from": "via", "register": "yes"}]})
    assert {(one.path, one.code) for one in refused.value.problems} == {
        ("trunks[0].did_from", "one-of"), ("trunks[0].register", "boolean"),
    }  # fmt: skip
