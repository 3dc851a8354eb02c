"""A configuration as text: JSON read so strictly that nothing in it is lost or taken for something else."""

import json
from typing import Any

import msgspec

from firmware.errors import BadConfig, Problem

LARGEST_BYTES = 3 * 1024 * 1024  # fits one line of the control socket with room to spare


def read(data: bytes, name: str = "") -> Any:
    """Return what a JSON document holds; raises BadConfig with the place of what is wrong.

    Beyond JSON's own rules it refuses a key given twice (one of them would be lost), NaN, and half characters.
    `name` is what the text is called in the message, such as its file.
    """
    if len(data) > LARGEST_BYTES:
        raise _wrong(name, f"{len(data)} bytes", f"up to {LARGEST_BYTES} bytes are right")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        bad = data[error.start : error.start + 1]
        raise _wrong(name, repr(bad)[1:], f"UTF-8 is right; byte {error.start} is not") from None
    try:
        found = json.loads(text, object_pairs_hook=_pairs)
        msgspec.json.decode(text)
    except json.JSONDecodeError as error:
        near = text[error.pos : error.pos + 20]
        raise _wrong(name, near, f"JSON is right; line {error.lineno}, column {error.colno}: {error.msg}") from None
    except msgspec.DecodeError as error:
        raise _wrong(name, "", f"JSON is right; {error}") from None
    except RecursionError:
        raise _wrong(name, "", "JSON of a few levels is right; this is nested too deep") from None
    except _Twice as error:
        raise _wrong(f"{name}: {error.key}" if name else error.key, error.value, "each key once is right") from None
    except ValueError as error:  # a number of thousands of digits
        raise _wrong(name, "", f"JSON is right; {error}") from None
    return found


def write(value: Any) -> str:
    """Return a value as JSON for people: two spaces a level, Chinese readable, a newline at the end."""
    return json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


class _Twice(Exception):
    def __init__(self, key: str, value: Any) -> None:
        self.key, self.value = key, value


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _Twice(key, value)
        found[key] = value
    return found


def _wrong(name: str, value: str, rule: str) -> BadConfig:
    return BadConfig([Problem(name or "document", value, rule, "document")])
