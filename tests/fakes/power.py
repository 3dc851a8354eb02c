"""A disk whose power can be cut at every write: SQLite's own writes, recorded through a VFS of ours.

SQLite's VFS (sqlite.org/vfs.html) is wrapped by ctypes: each file's methods are a copy of the real ones, in which
writes, truncations, syncs and deletions are noted before they are passed on. `Tape.cut` then makes the folder as a
power cut at one of them could have left it.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

SECTOR = 512


class Step(NamedTuple):
    """One thing asked of the disk: `write`, `truncate`, `sync`, `delete`; or `note`, something the program said."""

    kind: str
    path: str
    offset: int = 0
    data: bytes = b""


class IoMethods(ctypes.Structure):
    """sqlite3_io_methods, version 3."""


_I, _P, _L = ctypes.c_int, ctypes.c_void_p, ctypes.c_longlong
WRITE = ctypes.CFUNCTYPE(_I, _P, _P, _I, _L)
TRUNCATE = ctypes.CFUNCTYPE(_I, _P, _L)
SYNC = ctypes.CFUNCTYPE(_I, _P, _I)
IoMethods._fields_ = [
    ("version", _I), ("close", _P), ("read", _P), ("write", WRITE), ("truncate", TRUNCATE), ("sync", SYNC),
    *[(name, _P) for name in (
        "file_size", "lock", "unlock", "check_reserved_lock", "file_control", "sector_size", "device_characteristics",
        "shm_map", "shm_lock", "shm_barrier", "shm_unmap", "fetch", "unfetch",
    )],
]


class Vfs(ctypes.Structure):
    """sqlite3_vfs, as far as we must see into it."""


OPEN = ctypes.CFUNCTYPE(_I, _P, _P, _P, _I, _P)  # the name as an address: SQLite's own VFS keeps it, not a copy
DELETE = ctypes.CFUNCTYPE(_I, _P, ctypes.c_char_p, _I)
Vfs._fields_ = [
    ("version", _I), ("file_bytes", _I), ("path_bytes", _I), ("next", _P), ("name", ctypes.c_char_p), ("app_data", _P),
    ("open", OPEN), ("delete", DELETE),
    *[(f"rest{number}", _P) for number in range(14)],
]


class Tape:
    """All that SQLite asked of the disk, in order, since `record`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.steps: list[Step] = []
        self._paths: dict[int, str] = {}     # by the address of the open file
        self._methods: dict[int, IoMethods] = {}  # ours, by the address of the real ones
        self._library: Any = ctypes.CDLL(ctypes.util.find_library("sqlite3"))
        self._library.sqlite3_vfs_find.restype = ctypes.POINTER(Vfs)
        self._library.sqlite3_vfs_find.argtypes = [ctypes.c_char_p]
        self._library.sqlite3_vfs_register.argtypes = [ctypes.POINTER(Vfs), _I]
        self._library.sqlite3_vfs_unregister.argtypes = [ctypes.POINTER(Vfs)]
        self._real = self._library.sqlite3_vfs_find(None).contents
        self._ours = Vfs.from_buffer_copy(self._real)
        self._name = f"tape{id(self)}".encode()
        self._ours.name = self._name
        self._ours.open, self._ours.delete = OPEN(self._open), DELETE(self._delete)

    def __enter__(self) -> Tape:
        """Be the VFS that connections get unless they ask for another."""
        self._library.sqlite3_vfs_register(ctypes.byref(self._ours), 1)
        return self

    def __exit__(self, *_: object) -> None:
        """Be it no longer. All connections must be closed by now."""
        self._library.sqlite3_vfs_register(ctypes.byref(self._real), 1)
        self._library.sqlite3_vfs_unregister(ctypes.byref(self._ours))

    def note(self, what: str) -> None:
        """Put what the program said on the tape, between what it did."""
        self.steps.append(Step("note", what))

    # ---- the VFS -----------------------------------------------------------------------------------------------------

    def _open(self, _: int, name: int | None, file: int, flags: int, out_flags: int) -> int:
        result = self._real.open(ctypes.addressof(self._real), name, file, flags, out_flags)
        if result == 0 and name is not None:
            self._paths[file] = Path(ctypes.string_at(name).decode()).name
            pointer = ctypes.cast(file, ctypes.POINTER(_P))
            pointer[0] = ctypes.addressof(self._wrapped(pointer[0]))
        return int(result)

    def _delete(self, _: int, name: bytes, sync_folder: int) -> int:
        self.steps.append(Step("delete", Path(name.decode()).name))
        return int(self._real.delete(ctypes.addressof(self._real), name, sync_folder))

    def _wrapped(self, address: int) -> IoMethods:
        if address in self._methods:
            return self._methods[address]
        real = IoMethods.from_address(address)
        ours = IoMethods.from_buffer_copy(real)

        def write(file: int, data: int, length: int, offset: int) -> int:
            self.steps.append(Step("write", self._paths[file], offset, ctypes.string_at(data, length)))
            return int(real.write(file, data, length, offset))

        def truncate(file: int, size: int) -> int:
            self.steps.append(Step("truncate", self._paths[file], size))
            return int(real.truncate(file, size))

        def sync(file: int, flags: int) -> int:
            result = int(real.sync(file, flags))
            self.steps.append(Step("sync", self._paths[file]))
            return result

        ours.write, ours.truncate, ours.sync = WRITE(write), TRUNCATE(truncate), SYNC(sync)
        self._methods[address] = ours
        return ours

    # ---- power cuts --------------------------------------------------------------------------------------------------

    def cuts(self) -> Iterator[int]:
        """Yield the number of every step after which the power may fail."""
        return iter(range(len(self.steps) + 1))

    def said_before(self, step: int) -> list[str]:
        """Return what the program had said by then."""
        return [one.path for one in self.steps[:step] if one.kind == "note"]

    def cut(self, step: int, target: Path, chance: random.Random) -> None:
        """Make `target` the folder that is found after the power failed there.

        Of what was not synced, each write is lost, kept, or kept in some of its sectors: disks reorder, and tear.
        """
        files: dict[str, bytearray] = {}
        unsynced: dict[str, list[Step]] = {}
        for one in self.steps[:step]:
            if one.kind == "sync":
                for earlier in unsynced.pop(one.path, []):
                    _apply(files.setdefault(one.path, bytearray()), earlier)
            elif one.kind == "delete":
                files.pop(one.path, None)
                unsynced.pop(one.path, None)
            elif one.kind != "note":
                unsynced.setdefault(one.path, []).append(one)
        for path, steps in unsynced.items():
            content = files.setdefault(path, bytearray())
            for one in steps:
                fate = chance.random()
                if fate < 0.4:
                    _apply(content, one)
                elif fate < 0.6:
                    _tear(content, one, chance)
        target.mkdir(parents=True)
        for path, content in files.items():
            if not path.endswith("-shm"):  # shared memory is not on the disk
                (target / path).write_bytes(content)


def _apply(content: bytearray, step: Step) -> None:
    if step.kind == "truncate":
        del content[step.offset :]
        content.extend(bytes(step.offset - len(content)))
    else:
        content.extend(bytes(max(0, step.offset - len(content))))
        content[step.offset : step.offset + len(step.data)] = step.data


def _tear(content: bytearray, step: Step, chance: random.Random) -> None:
    if step.kind == "truncate":
        return
    for place in range(0, len(step.data), SECTOR):
        if chance.random() < 0.5:
            _apply(content, Step("write", step.path, step.offset + place, step.data[place : place + SECTOR]))
