"""Structs on the disk: one TinyDB file with one table, written whole, never half."""

import json
import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Generic, TypeVar

import msgspec
from tinydb import TinyDB
from tinydb.storages import MemoryStorage

from firmware.config.disk import Disk, no_storage
from firmware.errors import NoStorage

log = logging.getLogger(__name__)
Row = TypeVar("Row", bound=msgspec.Struct)


class Store(Generic[Row]):
    """A file of rows of one kind; nobody but the box's own user may read it."""

    def __init__(self, path: Path, kind: type[Row], disk: Disk) -> None:
        self._path, self._kind, self._disk = path, kind, disk

    def read(self) -> list[Row]:
        """Return all rows, none when there is no file. Raises NoStorage when the disk does not give them.

        A file that is not whole is put aside: the box must start, and its owner can make users from its terminal.
        """
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise NoStorage(f"{self._path} cannot be read: {error.strerror}") from error
        try:
            return self._decode(data)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            aside = self._put_aside()
            log.error("%s is broken (%s); it is kept as %s, and begun anew", self._path, type(error).__name__, aside)
            return []

    def save(self, rows: Iterable[Row]) -> None:
        """Write all rows in the place of those before; when this returns they outlive a power cut. Raises NoStorage."""
        self._disk.make_folder(self._path.parent)
        self._disk.replace(self._path, self._encode(rows), 0o600)

    def _put_aside(self) -> Path:
        number = 1
        while (aside := self._path.with_name(f"{self._path.name}.broken-{number}")).exists():
            number += 1
        try:
            self._disk.rename(self._path, aside)
        except OSError as error:
            raise no_storage(error, aside) from error
        return aside

    def _encode(self, rows: Iterable[Row]) -> bytes:
        with TinyDB(storage=MemoryStorage) as tables:
            tables.table(self._path.stem).insert_multiple([msgspec.to_builtins(row) for row in rows])
            return (json.dumps(tables.storage.read() or {}, ensure_ascii=False, indent=1) + "\n").encode()

    def _decode(self, data: bytes) -> list[Row]:
        with TinyDB(storage=MemoryStorage) as tables:
            tables.storage.write(json.loads(data.decode()))
            return msgspec.convert([dict(row) for row in tables.table(self._path.stem).all()], list[self._kind])  # type: ignore[name-defined]
