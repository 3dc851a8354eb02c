"""The emergency numbers of a country: they go out from any telephone, with no condition."""

from collections.abc import Iterable
from functools import cache

from phonenumbers import PhoneMetadata, shortnumberinfo

# The table of all countries is the library's: national numbering plans as its short numbers' metadata has them. It
# lacks of China's the traffic police, 122 (MIIT's numbering plan), and 112, which mobile telephones know everywhere
BESIDE_THE_LIBRARY = {"CN": frozenset({"122", "112"})}
# Where the library knows none for a country: what every mobile telephone takes for one (3GPP TS 22.101 §10.1.1)
ANYWHERE = frozenset({"112", "911"})


def is_emergency(number: str, country: str) -> bool:
    """Tell whether these very digits are an emergency number of a country (ISO 3166)."""
    if not (number.isascii() and number.isdecimal()):
        return False
    if number in BESIDE_THE_LIBRARY.get(country, ()):
        return True
    if number in ANYWHERE and not _known(country):
        return True
    return bool(shortnumberinfo.is_emergency_number(number, country))


@cache
def emergency_numbers(country: str) -> list[str]:
    """Return all emergency numbers of a country, shortest first."""
    numbers = (f"{number:0{digits}}" for digits in (2, 3, 4) for number in range(10**digits))
    return [number for number in numbers if is_emergency(number, country)]


@cache
def _known(country: str) -> bool:
    """Tell whether the library has emergency numbers for a country."""
    metadata = PhoneMetadata.short_metadata_for_region(country)
    return metadata is not None and bool(metadata.emergency and metadata.emergency.national_number_pattern)


def called(dialled: str, country: str, outside_prefixes: Iterable[str] = ()) -> str:
    """Return the emergency number that was dialled, alone or after an outside prefix ("9110" with "9"), or ""."""
    if is_emergency(dialled, country):
        return dialled
    rests = (dialled.removeprefix(prefix) for prefix in outside_prefixes if prefix and dialled.startswith(prefix))
    return next((rest for rest in rests if is_emergency(rest, country)), "")
