"""Tables that fit the line: columns by display width, the widest ones clipped where there is not enough room."""

import re
from collections.abc import Iterable, Iterator, Sequence
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


def wrapped(text: str, columns: int, indent: str = "") -> Iterator[str]:
    """Yield a text in lines of less than `columns`, broken at spaces where there are any; further ones are indented."""
    line = indent
    for word in _words(printable(text)):
        if width(line + word.rstrip()) >= columns and line.strip():
            yield line.rstrip()
            line = indent or "  "
        while width(line + word.rstrip()) >= columns:  # a word without end, as an address may be
            part = clip(word, columns - 1 - width(line)).removesuffix("~")
            yield line + part
            line, word = indent or "  ", word[len(part) :]
        line += word
    if line.strip():
        yield line.rstrip()


def _words(text: str) -> Iterator[str]:
    """Yield what stays together: words with the spaces behind them, and characters of a script without spaces."""
    yield from re.findall(r"[\u2e80-\uffee][\u3001-\u3002\uff01-\uff1f）]*\s*|[^\u2e80-\uffee\s]+\s*|\s+", text)


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
