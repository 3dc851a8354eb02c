"""`country.show`: what is known of a country's telephone lines, and from where."""

from typing import Annotated

import msgspec
from msgspec import Meta

from drivers import countries
from firmware.control.methods import Role, method

Code = Annotated[
    str, Meta(pattern=r"^[A-Z]{2}\Z", description="two capital letters, such as CN", extra={"code": "country"})
]
TONES = ("dial", "ringback", "busy", "congestion", "information")


class Fact(msgspec.Struct, frozen=True):
    """One field of a country's row: its values, the commonest first, none where nothing is known; and what says so.

    Kinds of caller id, what it comes after, and signs of a hangup are words of drivers/countries.toml; tones are in
    the notation of libtonezone, ring voltage on and off in turns in ms. `for_ms`: how long a break of battery lasts.
    """

    field: str
    values: list[str]
    sources: list[str]
    for_ms: int = 0


class CountryView(msgspec.Struct, frozen=True):
    """A country by its ISO 3166 code. One that is not `known` has the tones that ITU-T E.180 recommends."""

    code: str
    known: bool
    facts: list[Fact]


class CountryMethods:
    """What can be asked of countries."""

    @method("country.show", Role.VIEWER)
    def show(self, code: Code) -> CountryView:
        """Return what is known of a country's telephone lines, each field with its sources."""
        row = countries.country(code)

        def fact(field: str, values: list[str], for_ms: int = 0) -> Fact:
            return Fact(field, [value for value in values if value], list(row.sources.get(field, ())), for_ms)

        written = countries.written(code)
        facts = [
            fact("caller_id", list(row.caller_id)), fact("caller_id_start", [row.caller_id_start]),
            fact("hangup", list(row.hangup), row.break_ms), *(fact(tone, [written[tone]]) for tone in TONES),
            fact("ring_ms", [" ".join(map(str, row.ring_ms))]), fact("opermode", [row.opermode]),
        ]  # fmt: skip
        return CountryView(code, code in countries.codes(), facts)
