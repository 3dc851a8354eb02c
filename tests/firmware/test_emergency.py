"""The emergency numbers of countries."""

import pytest

from firmware.emergency import called, is_emergency


@pytest.mark.parametrize(("country", "known", "unknown"), [
    ("CN", ["110", "119", "120", "122", "112"], ["114", "911", "1100", "11", ""]),
    ("US", ["911", "112"], ["110", "999"]),
    ("DE", ["110", "112"], ["911", "119"]),
    ("GB", ["999", "112"], ["110", "119"]),
    ("UZ", ["01", "02", "03"], ["911", "112"]),
    ("TK", ["112", "911"], ["110", "999"]),    # no plan names any
])
def test_each_country_has_its_own(country, known, unknown):
    assert [number for number in known + unknown if is_emergency(number, country)] == known


def test_an_emergency_number_is_found_behind_an_outside_prefix_and_nowhere_else():
    assert called("9110", "CN", ["9"]) == "110"
    assert called("110", "CN", ["9"]) == "110"
    assert called("0110", "CN", ["9"]) == ""
    assert called("99110", "CN", ["9"]) == ""
    assert called("1101", "CN", ["9"]) == ""


def test_no_prefix_or_an_empty_one_changes_nothing():
    assert called("119", "CN") == "119"
    assert called("9119", "CN", [""]) == ""


@pytest.mark.parametrize("rubbish", ["", "abc", "１１０", "+110", "110;x", "<110>"])
def test_rubbish_is_no_emergency(rubbish):
    assert not is_emergency(rubbish, "CN")
    assert not is_emergency(rubbish, "US")
