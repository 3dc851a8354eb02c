"""Profiles of carriers and gateways: what is usual with each, as data, so that a trunk needs host, user and password.

The rows and their sources are in profiles.toml.
"""

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import msgspec

from drivers.link.manner import Manner
from firmware.config.numbering import listed_twice
from firmware.config.schema import Config
from firmware.config.trunk import Settings, Trunk
from firmware.errors import Problem

NONE = Settings()
LEAST_SESSION_S = 90  # RFC 4028 §4


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A carrier, or a kind of gateway or exchange, by what is published of it.

    `zh` and `en` are what it is called. `sources` are public documents; `tried`: with what calls were made by it.
    `advice_zh` and `advice_en`: what must be set at the other side.
    """

    zh: str
    en: str
    sources: list[str]
    tried: str
    settings: Settings = NONE
    advice_zh: str = ""
    advice_en: str = ""


@cache
def profiles() -> dict[str, Profile]:
    """Return all profiles by name, in the table's order."""
    text = Path(__file__).with_suffix(".toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), dict[str, Profile])


def settings(trunk: Trunk) -> Settings:
    """Return what holds for a trunk: what it says itself, else what its profile says, else what is usual."""
    known = profiles().get(trunk.profile)
    own = {name: getattr(trunk, name) for name in Settings.__struct_fields__}
    said = {name: value for name, value in own.items() if value not in (None, [], "")}
    return msgspec.structs.replace(known.settings if known else NONE, **said)


def manner(of: Settings) -> Manner:
    """Return the part of the settings that the gateway's calls go by."""
    return msgspec.convert(
        {name: value for name, value in msgspec.to_builtins(of).items() if name in Manner.__struct_fields__}, Manner
    )


def check(config: Config) -> Iterator[Problem]:
    """Yield profiles that are not there, and what a trunk's settings together cannot be."""
    for index, trunk in enumerate(config.trunks):
        path = f"trunks[{index}]"
        if trunk.profile and trunk.profile not in profiles():
            there = list(profiles())
            yield Problem(
                f"{path}.profile", trunk.profile, "none, or one of these is right: " + ", ".join(there), "one-of",
                {"there": there},
            )  # fmt: skip
        if trunk.session_timer_s is not None and 0 < trunk.session_timer_s < LEAST_SESSION_S:
            yield Problem(
                f"{path}.session_timer_s", trunk.session_timer_s,
                f"0 for none, or {LEAST_SESSION_S} to 86400 seconds is right", "session-timer",
                {"least": LEAST_SESSION_S, "most": 86400},
            )  # fmt: skip
        yield from listed_twice(trunk.codecs, f"{path}.codecs")
        found = settings(trunk)
        if found.sender == "username" and not trunk.username:
            rule = "a user name is right where From shows that of our account (sender)"
            yield Problem(f"{path}.username", trunk.username, rule, "user-name")
