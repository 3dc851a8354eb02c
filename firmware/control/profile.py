"""`profile.*`: the profiles of carriers and gateways that a trunk may name."""

from typing import Any

import msgspec

from firmware.config.profiles import NONE, Profile, profiles
from firmware.control.methods import Role, method


class ProfileView(msgspec.Struct, frozen=True):
    """A profile: its name, what it is called, what it sets, where that is published, with what it was tried.

    `sets` holds the settings of a trunk that are not as they always are. The advice is for the other side.
    """

    name: str
    zh: str
    en: str
    sets: dict[str, Any]
    sources: list[str]
    tried: str
    advice_zh: str = ""
    advice_en: str = ""


class ProfileMethods:
    """What can be asked of the profiles."""

    @method("profile.list", Role.VIEWER)
    def table(self) -> list[ProfileView]:
        """Return all profiles."""
        return [_view(name, one) for name, one in profiles().items()]


def _view(name: str, one: Profile) -> ProfileView:
    usual = msgspec.to_builtins(NONE)
    sets = {key: value for key, value in msgspec.to_builtins(one.settings).items() if value != usual[key]}
    return ProfileView(name, one.zh, one.en, sets, one.sources, one.tried, one.advice_zh, one.advice_en)
