"""Who acts, and from where, as the audit has it."""

from typing import NamedTuple


class By(NamedTuple):
    """Who acts, and from where."""

    who: str
    address: str
