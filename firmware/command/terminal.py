"""Where the command speaks: documents or tables on standard output, messages on standard error, the exit code."""

import json
import os
import sys
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO
from zoneinfo import ZoneInfo

import msgspec

from firmware.command.words import word
from firmware.control.client import SOCKET, Client
from firmware.errors import BusyhourError, NoStorage, Problem, Unavailable

# Exit codes; from 64 up as sysexits(3) has them
DONE, FAILED, MISUSED, UNAVAILABLE, IO_ERROR = 0, 1, 2, 69, 74


class Terminal:
    """One run of the command: what it was asked to be (`json`, language) and how it answers."""

    def __init__(self, *, as_json: bool, out: TextIO | None = None, err: TextIO | None = None) -> None:
        self.json = as_json
        self.home = Path(os.environ.get("BUSYHOUR_HOME") or "var").resolve()
        self.language = "zh" if _locale().startswith("zh") else "en"
        self._out, self._err = out or sys.stdout, err or sys.stderr
        self._client: Client | None = None
        self._zone: ZoneInfo | None = None

    def exchange(self) -> Client:
        """Return the connection to this home's exchange; raises Unavailable when it is not running."""
        if self._client is None:
            self._client = Client(self.home / SOCKET)
        return self._client

    def close(self) -> None:
        """Disconnect."""
        if self._client is not None:
            self._client.close()

    def show(self, document: Any, lines: Callable[[], Iterable[str]]) -> int:
        """Print the document, or for people its lines; returns the exit code for success."""
        if self.json:
            self.print(self.dump(document))
        else:
            for line in lines():
                self.print(line)
        return DONE

    def dump(self, document: Any) -> str:
        """Return a document as JSON that this output can carry."""
        plain = (self._out.encoding or "").lower().replace("-", "") != "utf8"
        return json.dumps(msgspec.to_builtins(document), ensure_ascii=plain, indent=2)

    def print(self, line: str) -> None:
        """Print a line at once: whoever pipes it sees it happen."""
        print(line, file=self._out, flush=True)

    def complain(self, text: str) -> None:
        """Say what is wrong, on standard error."""
        print(f"busyhour: {text}", file=self._err, flush=True)

    def fail(self, error: BusyhourError, name: str = "") -> int:
        """Say why it was refused; returns the exit code that says the same. `name` is what was refused."""
        before = f"{name}: " if name else ""
        problems: Sequence[Problem] = getattr(error, "problems", ())
        for line in [str(problem) for problem in problems] or [str(error)]:
            self.complain(before + printable(line))
        if self.json:
            told: dict[str, Any] = {"code": error.code, "message": str(error)}
            if problems:
                told["problems"] = problems
            self.print(self.dump({"error": told}))
        return UNAVAILABLE if isinstance(error, Unavailable) else IO_ERROR if isinstance(error, NoStorage) else FAILED

    def word(self, english: str) -> str:
        """Return a word of the interface in the language of this terminal."""
        return word(english, self.language)

    def moment(self, unix_s: float) -> str:
        """Return a Unix time as the box's wall clock showed it."""
        if self._zone is None:
            self._zone = ZoneInfo(self.exchange().call("status")["box"]["timezone"])
        return f"{datetime.fromtimestamp(unix_s, self._zone):%Y-%m-%d %H:%M:%S}"

    def table(self, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[str]:
        """Return aligned lines under translated heads; numbers stand to the right, Chinese takes two places."""
        given = [list(row) for row in rows]
        right = [bool(given) and all(isinstance(row[i], int | float) for row in given) for i in range(len(heads))]
        cells = [[self.word(head) for head in heads], *([_cell(value) for value in row] for row in given)]
        widths = [max(width(row[i]) for row in cells) for i in range(len(heads))]
        return ["  ".join(_pad(text, widths[i], right[i]) for i, text in enumerate(row)).rstrip() for row in cells]


def _locale() -> str:
    return os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""


def _cell(value: Any) -> str:
    if value is None or value == "":
        return "-"
    return f"{value:.1f}" if isinstance(value, float) else printable(str(value))


def _pad(text: str, places: int, right: bool) -> str:
    space = " " * (places - width(text))
    return space + text if right else text + space


def printable(text: str) -> str:
    """Return a text that does nothing to the terminal: what callers send may hold anything."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def width(text: str) -> int:
    """Return how many places a text takes on a terminal (Unicode UAX 11)."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def duration(seconds: float) -> str:
    """Return a length of time for people: 12 s, 3:05, 2:00:01."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
