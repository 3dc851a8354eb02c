"""Tables that fit the line: columns by display width, the widest ones clipped where there is not enough room."""

from collections.abc import Iterable, Sequence
from typing import Any

from firmware.console.terminal import printable, width

NARROWEST = 4
GAP = "  "


def table(heads: Sequence[str], rows: Iterable[Sequence[Any]], columns: int) -> tuple[list[str], list[str]]:
    """Return the head line, as a list, and the rows' lines; none is wider than `columns` less one."""
    cells = [[_cell(value) for value in row] for row in rows]
    widths = [max(width(row[index]) for row in [list(heads), *cells]) for index in range(len(heads))]
    room = columns - 1 - len(GAP) * (len(widths) - 1)
    while sum(widths) > room and max(widths) > NARROWEST:
        widths[widths.index(max(widths))] -= 1
    return [_line(heads, widths)], [_line(row, widths) for row in cells]


def clip(text: str, places: int) -> str:
    """Return a text of at most so many places; what was cut off is told by a ~."""
    if width(text) <= places:
        return text
    kept, used = "", 0
    for char in text:
        used += width(char)
        if used > places - 1:
            break
        kept += char
    return kept + "~"


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    clipped = (clip(text, places) for text, places in zip(row, widths, strict=True))
    return GAP.join(text + " " * (places - width(text)) for text, places in zip(clipped, widths, strict=True)).rstrip()


def _cell(value: Any) -> str:
    return "-" if value is None or value == "" else printable(str(value))
