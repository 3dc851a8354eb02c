"""How far a number outside is, as the one who pays sees it: local, in the country, abroad; premium or satellite.

By the numbering plans and number types of the library phonenumbers, and China's own habits, which it lacks. Whatever
cannot be read for certain counts as abroad: a number that nobody understands is the one that costs.
"""

import re
from enum import StrEnum

import msgspec
import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType, ShortNumberCost, ValidationResult, shortnumberinfo

from firmware import numbers

PREMIUM, SATELLITE = "premium", "satellite"

# Networks above all countries (ITU-T E.164, list of assigned country codes): Inmarsat, satellite mobile, and the
# "international networks", most of them satellites and ships
_SATELLITES = frozenset({870, 881, 882, 883})
# Personal numbers (070 in Britain) ring anywhere and are paid for like premium ones
_PREMIUM_TYPES = frozenset({PhoneNumberType.PREMIUM_RATE, PhoneNumberType.PERSONAL_NUMBER})

# China: information services that cost extra; satellite telephones (China Satcom, Tiantong, maritime)
_CN_PREMIUM = ("160", "168", "12590")
_CN_SATELLITE = ("+861349", "+861740", "+861749")
# Carriers' platforms that ask for another number by keys: where they lead, nobody knows when they are dialled
_CN_PLATFORMS = ("179", "12593", "10193", "11808")
_CN_PLATFORM = re.compile(r"^(?:179[0-9]{2}|12593|10193|11808)")
# 114, 12345, 10086, 95588, 96110: services of the city, the carriers, banks and shops
_CN_SERVICE = re.compile(r"^(?:1[0-2][0-9]{1,4}|9[56][0-9]{3,6})\Z")
_CN_LOCAL = re.compile(r"^[2-8][0-9]{6,7}\Z")


class Distance(StrEnum):
    """How far a number is, nearest first."""

    LOCAL = "local"
    NATIONAL = "national"
    INTERNATIONAL = "international"


class Reach(msgspec.Struct, frozen=True):
    """How far a number is, and what is `special` about it: "", `premium` or `satellite`."""

    distance: Distance
    special: str = ""


def reach(number: str, country: str, area_code: str = "") -> Reach:
    """Return the reach of a number as a carrier in the country (ISO 3166) is sent it.

    Free numbers and short services count as local, mobiles as national. Countries that share a country code are
    abroad for each other: +1 876 is Jamaica, however near it looks.
    """
    if country == "CN":
        if number.startswith(_CN_PREMIUM):
            return Reach(Distance.LOCAL, PREMIUM)
        number = _CN_PLATFORM.sub("", number)
        if _CN_LOCAL.match(number):
            return Reach(Distance.LOCAL)
    international = numbers.e164(number, country, area_code)
    if not international:
        return _short(number, country, area_code)
    parsed = phonenumbers.parse(international, None)
    return Reach(_distance(parsed, country, area_code), _special(parsed, international))


def _distance(parsed: phonenumbers.PhoneNumber, country: str, area_code: str) -> Distance:
    own = phonenumbers.country_code_for_region(country)
    region = phonenumbers.region_code_for_number(parsed)
    if parsed.country_code != own or region not in (country, None):
        return Distance.INTERNATIONAL
    kind = phonenumbers.number_type(parsed)
    if kind == PhoneNumberType.TOLL_FREE:
        return Distance.LOCAL
    if kind == PhoneNumberType.UNKNOWN and country != "CN":    # China's newest mobiles are taken for what they are
        return Distance.INTERNATIONAL
    digits = phonenumbers.national_significant_number(parsed)
    landline = kind in (PhoneNumberType.FIXED_LINE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
    return Distance.LOCAL if landline and area_code and digits.startswith(area_code) else Distance.NATIONAL


def _special(parsed: phonenumbers.PhoneNumber, international: str) -> str:
    if parsed.country_code in _SATELLITES or international.startswith(_CN_SATELLITE):
        return SATELLITE
    return PREMIUM if phonenumbers.number_type(parsed) in _PREMIUM_TYPES else ""


def _short(number: str, country: str, area_code: str) -> Reach:
    """Return the reach of what has no E.164 number: a service of the country, or something nobody knows."""
    unknown = Reach(Distance.INTERNATIONAL)
    if country == "CN":
        begins_platform = any(code.startswith(number) for code in _CN_PLATFORMS)
        return Reach(Distance.LOCAL) if _CN_SERVICE.match(number) and not begins_platform else unknown
    try:
        parsed = phonenumbers.parse(number, country)
    except NumberParseException:
        return unknown
    if shortnumberinfo.is_valid_short_number_for_region(parsed, country):
        dear = shortnumberinfo.expected_cost_for_region(parsed, country) == ShortNumberCost.PREMIUM_RATE
        return Reach(Distance.LOCAL, PREMIUM if dear else "")
    # Without an area code, a subscriber's number of the same town is all that can be told
    possible = phonenumbers.is_possible_number_with_reason(parsed)
    in_town = possible == ValidationResult.IS_POSSIBLE_LOCAL_ONLY and number[0] not in "01" and not area_code
    return Reach(Distance.LOCAL) if in_town else unknown
