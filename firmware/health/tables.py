"""Words in both languages, by what they are for."""

from collections.abc import Mapping
from typing import Any


def word(table: Mapping[Any, tuple[str, str]], key: Any, language: str) -> str:
    """Return a word of a table of Chinese and English; a key that it lacks, as of a newer exchange, as it is."""
    zh, en = table.get(key, (str(key), str(key)))
    return zh if language == "zh" else en
