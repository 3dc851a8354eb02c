"""Numbers as lines and trunks give them, and what they are in E.164."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.numbers import compact, e164, known_country, part, written

MOBILE = "+8613800138000"


@pytest.mark.parametrize(
    "received",
    [
        "13800138000",
        "013800138000",
        "8613800138000",
        "008613800138000",
        "+8613800138000",
        "+86 138-0013-8000",
        "1795113800138000",
        "17951013800138000",
        "12593013800138000",
    ],
)
def test_a_chinese_mobile_is_one_number_however_the_line_gives_it(received):
    assert e164(received, "CN", "10") == MOBILE


def test_a_mobile_prefix_newer_than_the_library_is_still_a_mobile():
    assert e164("014000000000", "CN", "10") == "+8614000000000"


@pytest.mark.parametrize(
    ("received", "area_code", "right"),
    [
        ("62345678", "10", "+861062345678"),
        ("01062345678", "10", "+861062345678"),
        ("01062345678", "21", "+861062345678"),  # Beijing, called from a line in Shanghai
        ("861062345678", "21", "+861062345678"),
        ("62345678", "21", "+862162345678"),
        ("87654321", "571", "+8657187654321"),
        ("7654321", "898", ""),  # Hainan's numbers have eight digits
        ("4008123123", "10", "+864008123123"),
        ("8008101111", "10", "+868008101111"),
    ],
)
def test_a_local_number_belongs_to_the_city_of_the_box(received, area_code, right):
    assert e164(received, "CN", area_code) == right


def test_a_local_number_without_an_area_code_has_no_e164():
    assert e164("62345678", "CN", "") == ""


@pytest.mark.parametrize("received", ["110", "119", "10086", "95588", "12345", "201", "96777", "*20", "#"])
def test_a_service_number_or_an_extension_has_no_e164(received):
    assert e164(received, "CN", "10") == ""


@pytest.mark.parametrize(
    "received",
    [
        "",
        "anonymous",
        "1-800-FLOWERS",
        "1" * 40,
        "+",
        "１３８００１３８０００",
        "138\n00138000",
        "<b>1</b>",
        "²³" * 6,
        "+1+2",
    ],
)
def test_rubbish_has_no_e164(received):
    assert e164(received, "CN", "10") == ""


@pytest.mark.parametrize(
    ("received", "country", "area_code", "right"),
    [
        ("00442071838750", "CN", "10", "+442071838750"),
        ("+44 20 7183 8750", "CN", "10", "+442071838750"),
        ("442071838750", "CN", "10", "+442071838750"),
        ("2025550123", "US", "202", "+12025550123"),
        ("12025550123", "US", "202", "+12025550123"),
        ("5550123", "US", "202", "+12025550123"),
        ("011442071838750", "US", "202", "+442071838750"),
        ("03012345678", "DE", "30", "+493012345678"),
        ("28876543", "HK", "", "+85228876543"),
    ],
)
def test_numbers_from_abroad_and_of_other_countries(received, country, area_code, right):
    assert e164(received, country, area_code) == right


@given(st.text(max_size=60), st.sampled_from(["CN", "US", "DE", "HK", "GB"]), st.sampled_from(["", "10", "30", "202"]))
def test_whatever_is_received_gives_an_e164_number_or_none(received, country, area_code):
    found = e164(received, country, area_code)
    assert found == "" or (found[0] == "+" and found[1:].isascii() and found[1:].isdigit() and len(found) <= 16)


@given(st.sampled_from([MOBILE, "+861062345678", "+442071838750", "+12025550123", "+864008123123"]))
def test_an_e164_number_stays_itself(number):
    assert e164(number, "CN", "10") == number


def test_what_people_write_between_digits_is_left_out():
    assert compact("+86 (10) 6234-5678") == "+861062345678"
    assert compact("Bob") == ""


def test_countries_with_a_numbering_plan_are_known():
    assert known_country("CN")
    assert not known_country("ZZ")


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("01062345678", "1062345678"),
        ("+86 (10) 6234-5678", "1062345678"),
        ("0086 10 62345678", "1062345678"),
        ("62345678", "62345678"),  # which may be another city's too
        ("013800138000", "13800138000"),
        ("138", "138"),
        ("0044 20", "004420"),
        ("+44 20", "+4420"),
        ("+442071838750", "2071838750"),
        ("201", "201"),
        ("Bob", ""),
        ("", ""),
    ],
)
def test_the_part_that_every_form_of_a_number_has(written, found):
    assert part(written, "CN", "10") == found


@pytest.mark.parametrize(
    ("number", "plus", "digits", "national"),
    [
        ("88886666", "+861088886666", "861088886666", "01088886666"),
        ("13800138000", "+8613800138000", "8613800138000", "13800138000"),
        ("0012125551234", "+12125551234", "12125551234", "0012125551234"),
        ("+861088886666", "+861088886666", "861088886666", "01088886666"),
        ("110", "110", "110", "110"),
        ("95588", "95588", "95588", "95588"),
        ("", "", "", ""),
    ],
)
def test_a_number_is_written_as_a_far_end_wants_it(number, plus, digits, national):
    found = [written(number, form, "CN", "10") for form in ("unchanged", "plus", "digits", "national")]
    assert found == [number, plus, digits, national]
