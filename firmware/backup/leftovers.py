"""What restoring leaves on the disk: backups that people brought, and the boxes that were replaced. It goes by rule.

Which are the newest, and how old each is, its own time of change says. A clock that was wrong when one came, or that is
wrong for a while now, takes nothing away: a time that cannot be is mended to that of the first look, and what is over
has to stay over for an hour that no clock can skip.
"""

import contextlib
import logging
import os
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from firmware.backup import switch

log = logging.getLogger(__name__)
DAY_S = 86400.0
SURE_S = 3600.0
EARLIEST_S = datetime(2026, 1, 1, tzinfo=UTC).timestamp()  # this release was made later
GOING = ".going"  # within `replaced`: what a power cut in the middle of a removal leaves is no box


class Rule(msgspec.Struct, frozen=True):
    """How many are kept at most, the newest first, and for how many days at most."""

    most: int
    days: int


# Whoever brought a backup has it: such do not fill the disk
RULES = {"brought": Rule(1, 7), "replaced": Rule(2, 30)}
# Where each kind lies in the home, and under which names: those that webui.backups and firmware.backup.restore give
PLACES = {
    "brought": ("backups", re.compile(r"brought-[0-9a-f]{8}\.backup")),
    "replaced": (switch.REPLACED, re.compile(r"[0-9]{8}-[0-9]{6}(-[0-9]+)?")),
}


class Leftover(msgspec.Struct, frozen=True):
    """Something that restoring left: its path within the home, since when, and when it goes; Unix seconds."""

    kind: str
    path: str
    since_s: float
    until_s: float


def found(home: Path) -> list[Leftover]:
    """Return all there is, the newest of each kind first. A link is none of it, wherever it leads. Raises OSError."""
    left = []
    for kind, (folder, name) in PLACES.items():
        if not (home / folder).is_dir():
            continue
        for entry in os.scandir(home / folder):
            right = entry.is_dir(follow_symlinks=False) if kind == "replaced" else entry.is_file(follow_symlinks=False)
            if right and name.fullmatch(entry.name):
                with contextlib.suppress(FileNotFoundError):  # gone meanwhile
                    since_s = entry.stat(follow_symlinks=False).st_mtime
                    left.append(Leftover(kind, f"{folder}/{entry.name}", since_s, since_s + RULES[kind].days * DAY_S))
    return sorted(left, key=lambda one: (one.kind, -one.since_s, one.path))


class Leftovers:
    """Those of a home, and how long each has been over."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._over: dict[str, float] = {}  # by path, since when by the steady clock
        self._kept: set[str] = set()  # what could not be removed, which is said once

    def prune(self, now_s: float, steady_s: float, in_use: Callable[[Path], bool]) -> list[str]:
        """Remove what is over or too many, and return the paths within the home; what fails is tried again later.

        `steady_s` is of a clock that nobody sets. While a restore waits for its exchange, nothing is touched.
        """
        if (self._home / switch.MARKER).exists():
            return []
        left = [self._mended(one, now_s) for one in found(self._home)]
        surplus = list(_surplus(left))
        over = [one.path for one in left if now_s >= one.until_s]
        self._over = {path: self._over.get(path, steady_s) for path in over}
        sure = {path for path, since_s in self._over.items() if steady_s - since_s >= SURE_S}
        gone = []
        for one in left:
            if (one.path in surplus or one.path in sure) and not in_use(self._home / one.path) and self._remove(one):
                gone.append(one.path)
        self._clear()
        return gone

    def _mended(self, one: Leftover, now_s: float) -> Leftover:
        if EARLIEST_S <= one.since_s <= now_s + DAY_S:
            return one
        os.utime(self._home / one.path, (now_s, now_s))
        return msgspec.structs.replace(one, since_s=now_s, until_s=now_s + RULES[one.kind].days * DAY_S)

    def _remove(self, one: Leftover) -> bool:
        path = self._home / one.path
        try:
            if one.kind == "replaced":
                self._clear()
                path.rename(path.with_name(GOING))
            else:
                path.unlink(missing_ok=True)
        except OSError as error:
            self._say(one.path, error)
            return False
        self._kept.discard(one.path)
        return True

    def _clear(self) -> None:
        going = self._home / switch.REPLACED / GOING
        try:
            if going.exists():
                shutil.rmtree(going)
        except OSError as error:
            self._say(f"{switch.REPLACED}/{GOING}", error)

    def _say(self, path: str, error: OSError) -> None:
        if path not in self._kept:
            self._kept.add(path)
            log.error("%s cannot be removed, which is tried again: %s", path, error)


def _surplus(left: list[Leftover]) -> Iterator[str]:
    seen = dict.fromkeys(RULES, 0)
    for one in left:
        seen[one.kind] += 1
        if seen[one.kind] > RULES[one.kind].most:
            yield one.path
