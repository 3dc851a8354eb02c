"""The emergency numbers of a country: they go out from any telephone, with no condition."""

from collections.abc import Iterable

from phonenumbers import shortnumberinfo

# China: police, fire, ambulance, traffic police, and 112, which mobile telephones know everywhere (3GPP TS 22.101
# §10.1); the library lacks the last two.
CHINA = ("110", "119", "120", "122", "112")


def is_emergency(number: str, country: str) -> bool:
    """Tell whether these very digits are an emergency number of a country (ISO 3166)."""
    if country == "CN":
        return number in CHINA
    return number.isdecimal() and bool(shortnumberinfo.is_emergency_number(number, country))


def called(dialled: str, country: str, outside_prefixes: Iterable[str] = ()) -> str:
    """Return the emergency number that was dialled, alone or after an outside prefix ("9110" with "9"), or ""."""
    if is_emergency(dialled, country):
        return dialled
    rests = (dialled.removeprefix(prefix) for prefix in outside_prefixes if prefix and dialled.startswith(prefix))
    return next((rest for rest in rests if is_emergency(rest, country)), "")
