"""A user: who may sign in, and as what."""

import unicodedata
from enum import StrEnum
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from firmware.config.values import Language

RoleName = Literal["admin", "supervisor", "agent", "viewer"]
# No spaces, no control characters, no marks that turn the direction of writing or have no width
UserName = Annotated[
    str,
    Meta(
        pattern="^[^\\s\\x00-\\x20\\x7f-\\xa0\\xad\\u061c\\u200b-\\u200f\\u2028-\\u202f\\u2060-\\u206f\\ud800-\\udfff"
        "\\ufeff\\ufff0-\\uffff]{1,32}\\Z",
        description="1 to 32 characters, no spaces",
    ),
]
SETTER_UP = "admin"  # who sets a new box up


class Password(StrEnum):
    """Whose choice a password was."""

    SETUP = "setup"  # the box made it at its first start
    GIVEN = "given"  # made for the user by somebody else; it serves only to choose an own one
    OWN = "own"


class User(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody who may sign in. `agent` is an agent's number; times are Unix seconds, 0 for never.

    `hash` is the password's, as argon2 writes it (PHC string). `changed_s` is when password or role last changed.
    """

    name: str
    role: RoleName
    hash: str
    password: Password
    language: Language = "zh"
    agent: str = ""
    created_s: float = 0.0
    changed_s: float = 0.0
    signed_in_s: float = 0.0


def key(name: str) -> str:
    """Return what two names share that are the same to a person: capitals and full-width letters do not count."""
    return unicodedata.normalize("NFKC", name).casefold()
