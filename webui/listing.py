"""A list that a page shows: searched, sorted and paged by its address, `?q=&sort=&down=1&page=2`.

    listing = Listing(rows, request.args, ("number", "name"))
    return page("lines/index.html", listing=listing)

A row is a mapping; `columns` are its keys that may be searched and sorted by. `templates/lists.html` has the macros
that draw the search field, the heads, the pages, and what stands there when nothing is found, or nothing is there yet.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

PAGE = 50  # rows on a page
LONGEST = 100  # characters of a search


class Listing:
    """The rows of one page of a list, and how it came to them."""

    def __init__(
        self, rows: Sequence[Mapping[str, Any]], asked: Mapping[str, str], columns: Sequence[str], size: int = PAGE
    ) -> None:
        """`asked` is the request's query; a sort by no column keeps the order of `rows`."""
        self.columns = columns
        self.all = len(rows)
        self.q = asked.get("q", "").strip()[:LONGEST]
        self.sort = asked.get("sort", "") if asked.get("sort") in columns else ""
        self.down = bool(self.sort) and asked.get("down") == "1"
        found = [row for row in rows if self._fits(row)]
        if self.sort:
            found.sort(key=lambda row: _order(row.get(self.sort)), reverse=self.down)
        self.found = len(found)
        self.pages = max(1, -(-len(found) // size))
        wanted = asked.get("page", "")
        self.page = min(max(1, int(wanted)), self.pages) if re.fullmatch("[0-9]{1,6}", wanted, re.ASCII) else 1
        self.rows = found[(self.page - 1) * size : self.page * size]

    @property
    def as_given(self) -> bool:
        """Tell whether all rows are there in their own order, so that a row's place is its place in the whole."""
        return not self.q and not self.sort and self.pages == 1

    def by(self, column: str) -> dict[str, str]:
        """Return the query that sorts by a column, the other way round if it is sorted by it already."""
        return {"sort": column, "down": "1" if self.sort == column and not self.down else ""}

    def _fits(self, row: Mapping[str, Any]) -> bool:
        text = "\n".join(str(row.get(column, "")) for column in self.columns).casefold()
        return all(word in text for word in self.q.casefold().split())


def _order(value: Any) -> list[tuple[int, int, str]]:
    """Return what sorts 9 before 10, also within a text."""
    parts = re.findall(r"[0-9]+|[^0-9]+", "" if value is None else str(value).casefold())
    return [(0, int(part), "") if part.isascii() and part.isdigit() else (1, 0, part) for part in parts]
