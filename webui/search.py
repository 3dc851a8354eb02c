"""What an address asks for of the calls on record: `/calls/?q=138&from=2026-03-02&outcome=abandoned&sort=wait_s`.

The fields are those of the exchange's filter (control method `call.list`); `q` is a number or a name, times are days or
minutes of the box's wall, `until` with its whole day or minute.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Any

from webui.wording import Wording

TEXTS = ("direction", "via", "queue", "agent", "outcome", "recorded")
SECONDS = ("duration_from_s", "duration_until_s", "wait_from_s", "wait_until_s")
FIELDS = ("q", "from", "until", "hour", *TEXTS, *SECONDS)
SORTS = ("started_s", "number", "via", "outcome", "queue", "agent", "wait_s", "talk_s", "duration_s")
DIRECTIONS = ("in", "out", "internal")
OUTCOMES = (
    "answered", "abandoned", "timed_out", "overflowed", "no_answer", "busy", "refused", "failed", "ivr", "feature",
    "not_ours", "ours",
)  # fmt: skip
LONGEST = 100
NUMBER = re.compile(r"[+0-9 ().\-*#]+\Z", re.ASCII)
CONTROL = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029]")  # taken out of what is shown again
FIRST_UP = ("number", "via", "outcome", "queue", "agent")  # what is read from A to Z; all else from the most


class Search:
    """A search as it was asked for, as the exchange wants it, and what was wrong with it by field."""

    def __init__(self, asked: Mapping[str, str], zone: tzinfo | None, say: Wording) -> None:
        self.asked = {name: CONTROL.sub("", asked.get(name, "")).strip()[:LONGEST] for name in FIELDS}
        self.sort = asked.get("sort", "") if asked.get("sort") in SORTS else "started_s"
        self.down = {"0": False, "1": True}.get(asked.get("down", ""), self.sort not in FIRST_UP)
        self.after, self.before = asked.get("after", "")[:LONGEST], asked.get("before", "")[:LONGEST]
        self.wrong = {name: say("search.wrong.text") for name in FIELDS if CONTROL.search(asked.get(name, ""))}
        self._zone, self._say = zone, say
        self.which = self._which()

    @property
    def any(self) -> bool:
        """Tell whether anything was asked for."""
        return any(self.asked.values())

    @property
    def more(self) -> bool:
        """Tell whether anything was asked for, or is wrong, that stands in the wider form."""
        seen = self.filled | self.wrong
        return any(name in seen for name in FIELDS if name not in ("q", "from", "until"))

    @property
    def filled(self) -> dict[str, str]:
        """Return the fields that were asked for, and the order."""
        order = {} if self.sort == "started_s" and self.down else {"sort": self.sort, "down": str(int(self.down))}
        return {name: value for name, value in self.asked.items() if value} | order

    def by(self, column: str) -> dict[str, str]:
        """Return what to ask for to sort by a column, the other way round if it is sorted by it already."""
        down = not self.down if self.sort == column else column not in FIRST_UP
        return {**self.filled, "sort": column, "down": str(int(down))}

    def _which(self) -> dict[str, Any]:
        asked = self.asked
        which: dict[str, Any] = {name: asked[name] for name in TEXTS if asked[name]}
        if q := asked["q"]:
            which["number" if NUMBER.match(q) else "name"] = q
        for name in SECONDS:
            if asked[name]:
                self._take(which, name, asked[name], _seconds)
        if asked["hour"]:
            self._take(which, "hour", asked["hour"], _hour)
        for name in ("from", "until"):
            if asked[name]:
                self._take(which, name, asked[name], self._time(name))
        which |= {f"{name}_s": which.pop(name) for name in ("from", "until") if name in which}
        if which.get("until_s", 9e9) <= which.get("from_s", 0.0):
            self.wrong["until"] = self._say("search.wrong.order")
        return which

    def _take(self, which: dict[str, Any], name: str, text: str, read: Any) -> None:
        try:
            which[name] = read(text)
        except (ValueError, OverflowError):
            kind = "time" if name in ("from", "until") else "number"
            self.wrong[name] = self._say(f"search.wrong.{kind}")

    def _time(self, name: str) -> Any:
        def read(text: str) -> float:
            at = datetime.fromisoformat(text).replace(tzinfo=self._zone)
            if name == "until":
                at += timedelta(days=1) if len(text) <= len("2026-03-02") else timedelta(minutes=1)
            return max(1.0, at.timestamp())

        return read


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1e9:
        raise ValueError(text)
    return value


def _hour(text: str) -> int:
    if int(text) not in range(24):
        raise ValueError(text)
    return int(text)
