"""`busyhour profile`: which profiles there are, and what one sets."""

import json


def test_profiles_are_listed_and_one_is_told_with_its_sources(command, monkeypatch):
    assert "Carrier's IMS trunk (China Mobile, Unicom, Telecom and others)" in command("profile", "list").out
    lines = command("profile", "show", "ims").out.splitlines()
    assert lines[0] == "Carrier's IMS trunk (China Mobile, Unicom, Telecom and others)"
    assert {"  register true", "  did_from p-called-party-id", "  codecs pcma pcmu"} <= set(lines)
    assert any("RFC 7315" in line for line in lines)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert command("profile", "show", "ims").out.startswith("运营商 IMS 中继（移动、联通、电信等）")


def test_json_has_what_it_sets_alone_and_an_unknown_one_is_an_error(command):
    (found,) = [one for one in json.loads(command("profile", "list", "--json").out) if one["name"] == "audiocodes"]
    assert found["sets"] == {"session_timer_s": 0}
    run = command("profile", "show", "nosuch")
    assert (run.code, "there is no profile nosuch; there are registering, static" in run.err) == (1, True)
