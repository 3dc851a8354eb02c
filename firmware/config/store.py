"""Revisions on the disk: one TinyDB file each, a table a noun, the highest number in force; written by one program."""

import fcntl
import json
import os
import re
from pathlib import Path
from typing import Any, get_origin, get_type_hints

import msgspec
from tinydb import TinyDB
from tinydb.storages import MemoryStorage

from firmware.config.disk import ASIDE, Disk, no_storage
from firmware.config.schema import Config
from firmware.errors import Locked, NoStorage, NotFound, Problem

ABOUT = "revision"  # the table that says who, when and why
LISTS = frozenset(noun for noun, kind in get_type_hints(Config).items() if get_origin(kind) is list)
_NAME = re.compile(r"^([0-9]{6,9})\.json\Z")


class Revision(msgspec.Struct, frozen=True):
    """One state of the configuration: `when` is ISO 8601 with its offset; `broken` says why it cannot be read."""

    number: int
    when: str = ""
    who: str = ""
    why: str = ""
    broken: str = ""


class Store:
    """The folder of revisions. Whoever writes holds its lock until `close`."""

    def __init__(self, folder: Path, disk: Disk) -> None:
        self.folder = folder
        self._disk = disk
        self._lock: int | None = None

    def lock(self) -> None:
        """Make the folder ready and be the one that writes. Raises Locked, NoStorage."""
        self._disk.make_folder(self.folder)
        path = self.folder.parent / "lock"
        try:
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise no_storage(error, path) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.truncate(file, 0)
            os.pwrite(file, b"%d\n" % os.getpid(), 0)
            for left_over in self.folder.glob("*" + ASIDE):
                left_over.unlink()
        except BlockingIOError:
            holder = os.pread(file, 20, 0).decode(errors="replace").strip() or "unknown"
            os.close(file)
            raise Locked(f"the configuration in {self.folder.parent} is being written by process {holder}") from None
        except OSError as error:
            os.close(file)
            raise no_storage(error, path) from error
        self._lock = file

    def close(self) -> None:
        """Let somebody else write."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def numbers(self) -> list[int]:
        """Return the numbers of all revisions, readable or not, lowest first."""
        try:
            names = os.listdir(self.folder)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise NoStorage(f"{self.folder} cannot be read: {error.strerror}") from error
        return sorted(int(match[1]) for name in names if (match := _NAME.match(name)))

    def next_number(self) -> int:
        """Return the number that the next revision will have."""
        return (self.numbers() or [0])[-1] + 1

    def path(self, number: int) -> Path:
        """Return the file of a revision."""
        return self.folder / f"{number:06}.json"

    def read(self, number: int) -> tuple[Revision, dict[str, Any]]:
        """Return a revision and its plain document, empty when it is broken. Raises NotFound."""
        try:
            return _decode(number, self.path(number).read_bytes())
        except FileNotFoundError:
            raise NotFound(f"there is no revision {number}") from None
        except OSError as error:
            return Revision(number, broken=f"{self.path(number)} cannot be read: {error.strerror}"), {}
        except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
            return Revision(number, broken=f"{self.path(number)} is no revision: {error}"), {}

    def append(self, document: dict[str, Any], *, who: str, when: str, why: str) -> Revision:
        """Keep a document as the highest revision; when this returns it outlives a power cut.

        Raises NoStorage, and Locked when this program does not hold the lock.
        """
        if self._lock is None:
            raise Locked(f"the configuration in {self.folder.parent} is not held by this program")
        revision = Revision(self.next_number(), when, who, why)
        self._disk.save(self.path(revision.number), _encode(revision, document))
        return revision


def problem_of(revision: Revision) -> Problem:
    """Return what is to be told of a broken revision."""
    return Problem(
        f"revision {revision.number}", revision.broken, "a whole revision is right; an earlier one is used", "broken"
    )


def _encode(revision: Revision, document: dict[str, Any]) -> bytes:
    with TinyDB(storage=MemoryStorage) as tables:
        about = msgspec.to_builtins(revision)
        del about["broken"]
        tables.table(ABOUT).insert(about)
        for noun, value in document.items():
            if noun in LISTS:
                tables.table(noun).insert_multiple(value)
            else:
                tables.table(noun).insert(value)
        return (json.dumps(tables.storage.read(), ensure_ascii=False, indent=1) + "\n").encode()


def _decode(number: int, data: bytes) -> tuple[Revision, dict[str, Any]]:
    with TinyDB(storage=MemoryStorage) as tables:
        tables.storage.write(json.loads(data.decode()))
        (about,) = tables.table(ABOUT).all()
        revision = msgspec.convert(dict(about), Revision)
        if revision.number != number:
            raise ValueError(f"it says that it is revision {revision.number}")
        document: dict[str, Any] = {}
        for noun in sorted(tables.tables() - {ABOUT}):
            entries = [dict(entry) for entry in tables.table(noun).all()]
            if noun in LISTS:
                document[noun] = entries
            else:
                (document[noun],) = entries
        return revision, document
