"""A text of the pages in every language."""

from typing import NamedTuple

LANGUAGES = ("zh", "en")


class Words(NamedTuple):
    """One text of the pages in every language; `{name}` in it is filled in where it is used."""

    zh: str
    en: str
