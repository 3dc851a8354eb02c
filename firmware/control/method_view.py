"""A method as it is told to whoever serves the table of methods to others. It imports nothing of the exchange."""

from typing import Any

import msgspec


class MethodView(msgspec.Struct, frozen=True):
    """A method: the least role for it, what it does, and its values as JSON Schema (2020-12).

    `params` are those of its parameters by name; `result` is None where it returns nothing.
    """

    name: str
    role: str
    text: str
    params: dict[str, Any]
    required: list[str]
    result: Any
