"""Telephone numbers: as they were received, and as E.164 by the box's country and area code; both are kept.

The numbering plans of the world are those of the library phonenumbers (ITU-T E.164, national plans); China's habits
on lines and trunks, which it does not know, come first.
"""

import functools
import re
from collections.abc import Iterator

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

KEPT = 1000  # numbers whose E.164 is known: those dialled and those of routes come up in every call
LONGEST = 15  # digits of an E.164 number, country code included (ITU-T E.164 §6)
_WRITTEN = re.compile(r"^\+?[0-9 ().\-]*\Z", re.ASCII)

# A mobile's number as lines and trunks give it: alone, with the 0 of a long-distance call, or with 86 before it
_CN_MOBILE = re.compile(r"^(?:\+86|0086|86|0)?(1[3-9][0-9]{9})\Z")
# Subscriber numbers of a city have 7 or 8 digits and never begin with 0, 1 or 9
_CN_LOCAL = re.compile(r"^[2-8][0-9]{6,7}\Z")
# An IP carrier's access code that some exchanges leave before the caller's number
_CN_ACCESS = re.compile(r"^(?:179[0-9]{2}|12593)(?=0[1-9]|1[3-9][0-9]{9}\Z)")


def compact(written: str) -> str:
    """Return a number without what people write between digits, a leading + kept; "" for what is no number."""
    if not _WRITTEN.match(written):
        return ""
    return re.sub(r"[^+0-9]", "", written)


@functools.lru_cache(KEPT)
def e164(received: str, country: str, area_code: str = "") -> str:
    """Return a received number as E.164 (`+8613800138000`), or "" for what has none.

    Extensions, service numbers (10086, 95588), withheld callers and rubbish have none. `country` is ISO 3166,
    `area_code` the box's own, without the leading 0: local numbers belong there.
    """
    number = compact(received)
    if not 3 <= len(number) <= 2 * LONGEST:
        return ""
    if country == "CN":
        number = _CN_ACCESS.sub("", number)
        if mobile := _CN_MOBILE.match(number):
            return f"+86{mobile[1]}"
        if _CN_LOCAL.match(number):
            return _national(f"0{area_code}{number}", country) if area_code else ""
        area_code = ""  # what is left is no subscriber of a city: 12345 belongs to every city's own service
    return _national(number, country) or _of_this_area(number, country, area_code) or _international(number, country)


def _national(number: str, country: str) -> str:
    """Return a number read as somebody in the country dials it, if the country's plan has such a number."""
    try:
        parsed = phonenumbers.parse(number, country)
    except NumberParseException:
        return ""
    return _written(parsed) if phonenumbers.is_valid_number(parsed) else ""


def _of_this_area(number: str, country: str, area_code: str) -> str:
    if not area_code or number.startswith(("+", "0")):
        return ""
    return _national(f"+{phonenumbers.country_code_for_region(country)}{area_code}{number}", country)


def _international(number: str, country: str) -> str:
    """Return a number with a country code: one written out is believed even where its plan has grown since.

    Carriers' trunks often leave out the +; then only what is certainly valid is taken.
    """
    try:
        parsed = phonenumbers.parse(number, country)
        if parsed.country_code != phonenumbers.country_code_for_region(country):
            return _written(parsed) if phonenumbers.is_possible_number(parsed) else ""
    except NumberParseException:
        return ""
    return _national(f"+{number}", country) if len(number) > 10 and number[0] in "123456789" else ""


def _written(parsed: phonenumbers.PhoneNumber) -> str:
    return str(phonenumbers.format_number(parsed, PhoneNumberFormat.E164))


def national(international: str, country: str) -> str:
    """Return an E.164 number as it is dialled within its country (`01088886666`), "" for another country's."""
    try:
        parsed = phonenumbers.parse(international, country)
    except NumberParseException:
        return ""
    if parsed.country_code != phonenumbers.country_code_for_region(country):
        return ""
    return compact(str(phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL)))


def written(number: str, form: str, country: str, area_code: str = "") -> str:
    """Return a number as a far end wants it: `plus` +861088886666, `digits` 861088886666, `national` 01088886666.

    `national` of another country's is as it is dialled from here: 00, country code and number. What has no E.164, as a
    service's number and those for help, and any other form leave it as it is.
    """
    international = "" if form == "unchanged" else e164(number, country, area_code)
    if not international:
        return number
    if form == "national":
        return national(international, country) or _from_abroad(international, country)
    return international.removeprefix("+") if form == "digits" else international


def _from_abroad(international: str, country: str) -> str:
    parsed = phonenumbers.parse(international, country)
    return compact(str(phonenumbers.format_out_of_country_calling_number(parsed, country)))


def ways_to_write(number: str, country: str, area_code: str = "") -> Iterator[str]:
    """Yield a number as received and in every way carriers write it: 88886666, 01088886666, +861088886666."""
    yield number
    international = e164(number, country, area_code)
    if not international:
        return
    yield international
    yield international.removeprefix("+")
    if within := national(international, country):
        yield within
        area = f"0{area_code}"
        if area_code and within.startswith(area):
            yield within.removeprefix(area)


def part(written: str, country: str, area_code: str = "") -> str:
    """Return what is in every form of a number: 1088886666 for 01088886666 and for +86 10 8888 6666.

    What may be a part of another number stays as it is. "" for no number.
    """
    number = compact(written)
    if whole := e164(number, country, area_code):
        within = str(phonenumbers.parse(whole).national_number)
        return number if within.endswith(number) else within
    return number


def known_country(country: str) -> bool:
    """Tell whether there is a numbering plan for a country (ISO 3166, two capital letters)."""
    return country in phonenumbers.SUPPORTED_REGIONS


def fits(pattern: str, number: str, country: str, area_code: str) -> bool:
    """Tell whether a number dialled is a route's: as received, or both as E.164.

    A final * stands for any rest. Carriers write one number in many ways (88886666, 01088886666, +861088886666), so a
    prefix is tried on each of them.
    """
    if not pattern:
        return True
    if not pattern.endswith("*"):
        known = e164(pattern, country, area_code)
        return pattern == number or (known != "" and known == e164(number, country, area_code))
    return any(way.startswith(pattern[:-1]) for way in ways_to_write(number, country, area_code))
