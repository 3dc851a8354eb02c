"""Rows as CSV that a spreadsheet opens in any language, and that cannot make it calculate (OWASP: CSV injection)."""

import csv
import io
from collections.abc import Iterable, Iterator

BYTE_ORDER_MARK = "\ufeff"  # without it Excel reads Chinese as something else
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # what spreadsheets begin to calculate at


def lines(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Yield each row as a line of CSV (RFC 4180)."""
    yield BYTE_ORDER_MARK
    for row in rows:
        text = io.StringIO()
        csv.writer(text).writerow([cell(value) for value in row])
        yield text.getvalue()


def cell(value: object) -> str:
    """Return a value as a spreadsheet may have it: a text that could be a formula has a ' before it."""
    text = "" if value is None else str(value)
    if isinstance(value, str) and text.lstrip(" ").startswith(FORMULAS):
        return f"'{text}"
    return text
