"""How far numbers are: what costs more is never taken for what costs less."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.reach import Distance, reach

BEIJING = [
    # digits as sent to the carrier, distance, what is special
    ("88886666", "local", ""),
    ("8888666", "local", ""),
    ("01088886666", "local", ""),
    ("1790901088886666", "local", ""),    # by an IP carrier
    ("114", "local", ""),
    ("12345", "local", ""),
    ("10086", "local", ""),
    ("95588", "local", ""),
    ("116114", "local", ""),
    ("8008101234", "local", ""),          # free
    ("4008001234", "national", ""),
    ("13800138000", "national", ""),
    ("013800138000", "national", ""),
    ("19912345678", "national", ""),
    ("075588888888", "national", ""),
    ("008613800138000", "national", ""),  # our own country, the long way round
    ("0085298765432", "international", ""),
    ("0012125551234", "international", ""),
    ("0018765551234", "international", ""),
    ("17909001212555", "international", ""),
    ("16812345", "local", "premium"),
    ("1259012345", "local", "premium"),
    ("0019005551234", "international", "premium"),
    ("00447012345678", "international", "premium"),
    ("00870773123456", "international", "satellite"),
    ("008816123456789", "international", "satellite"),
    ("17400001234", "national", "satellite"),
    ("13491234567", "national", "satellite"),
]


@pytest.mark.parametrize(("number", "distance", "special"), BEIJING)
def test_in_china(number, distance, special):
    found = reach(number, "CN", "10")
    assert (found.distance, found.special) == (distance, special)


@pytest.mark.parametrize("number", ["17909", "179", "1790", "10193", "101", "12593", "125", "11808", "190", "17"])
def test_a_platform_that_asks_for_the_real_number_by_keys_may_lead_anywhere(number):
    assert reach(number, "CN", "10").distance is Distance.INTERNATIONAL


@pytest.mark.parametrize("number", ["00", "00144", "010888", "99999", "1900012125551234", "12125551234", "0", "13800"])
def test_what_cannot_be_read_counts_as_abroad(number):
    assert reach(number, "CN", "10").distance is Distance.INTERNATIONAL


def test_without_an_area_code_the_own_town_is_still_near():
    assert reach("88886666", "CN").distance is Distance.LOCAL
    assert reach("01088886666", "CN").distance is Distance.NATIONAL
    assert reach("5551234", "US").distance is Distance.LOCAL


@pytest.mark.parametrize(("number", "distance", "special"), [
    ("5551234", "local", ""),
    ("12125551234", "local", ""),
    ("411", "local", ""),
    ("18005551234", "local", ""),
    ("13105551234", "national", ""),
    ("18765551234", "international", ""),    # Jamaica, which is dialled like the next state
    ("4165551234", "international", ""),     # Canada
    ("1876", "international", ""),
    ("011442012345678", "international", ""),
    ("19005551234", "national", "premium"),
])
def test_in_america(number, distance, special):
    found = reach(number, "US", "212")
    assert (found.distance, found.special) == (distance, special)


@given(st.text("0123456789", max_size=20))
def test_whatever_begins_as_an_international_call_is_one_unless_it_comes_home(rest):
    found = reach("00" + rest, "CN", "10")
    assert found.distance is Distance.INTERNATIONAL or rest.startswith("86")


@given(st.text("0123456789", min_size=1, max_size=30), st.sampled_from(["CN", "US", "DE", "GB", "HK", "AQ"]))
def test_every_number_has_a_reach(number, country):
    assert reach(number, country, "").distance in Distance
