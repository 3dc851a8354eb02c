"""Files that are there whole or not at all, whenever the power goes: written aside, synced, renamed, folder synced."""

import contextlib
import errno
import os
from collections.abc import Iterable
from pathlib import Path

from firmware.errors import NoStorage

ASIDE = ".new"  # what a file is called until it is whole


class Disk:
    """The system calls that a lasting write is made of, one method each, and the write itself."""

    def create(self, path: Path, mode: int) -> int:
        """Open an empty file for writing and return its descriptor."""
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)

    def write(self, file: int, data: bytes) -> int:
        """Write some of the data; return how many bytes."""
        return os.write(file, data)

    def sync(self, file: int) -> None:
        """Return when the file's bytes are on the disk."""
        os.fsync(file)

    def close(self, file: int) -> None:
        """Close a descriptor."""
        os.close(file)

    def rename(self, path: Path, to: Path) -> None:
        """Give a file its name, in place of what had it."""
        path.rename(to)

    def sync_folder(self, folder: Path) -> None:
        """Return when the folder's names are on the disk."""
        file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(file)
        finally:
            os.close(file)

    def make_folder(self, folder: Path) -> None:
        """Make a folder with its parents, lastingly; raises NoStorage."""
        for one in (*reversed(folder.parents), folder):
            if one.is_dir():
                continue
            try:
                one.mkdir(exist_ok=True)
                self.sync_folder(one.parent)
            except OSError as error:
                raise no_storage(error, one) from error

    def save(self, path: Path, data: bytes, mode: int = 0o600) -> None:
        """Write a whole new file; when this returns it outlives a power cut.

        Raises NoStorage; then the file is not there.
        """
        self._put(path, data, mode, (_aside(path), path))

    def replace(self, path: Path, data: bytes, mode: int = 0o600) -> None:
        """Write a whole file in the place of the one that is there; when this returns it outlives a power cut.

        Raises NoStorage; then either the old one or the new one is there, whole.
        """
        self._put(path, data, mode, (_aside(path),))

    def remove(self, path: Path) -> None:
        """Take a file away, lastingly, if it is there. Raises NoStorage."""
        try:
            path.unlink()
            self.sync_folder(path.parent)
        except FileNotFoundError:
            return
        except OSError as error:
            raise no_storage(error, path) from error

    def _put(self, path: Path, data: bytes, mode: int, left_overs: Iterable[Path]) -> None:
        aside = _aside(path)
        try:
            file = self.create(aside, mode)
            try:
                left = memoryview(data)
                while left:
                    left = left[self.write(file, bytes(left)) :]
                self.sync(file)
            finally:
                self.close(file)
            self.rename(aside, path)
            self.sync_folder(path.parent)
        except OSError as error:
            for left_over in left_overs:
                with contextlib.suppress(OSError):
                    left_over.unlink(missing_ok=True)
            raise no_storage(error, path) from error


def _aside(path: Path) -> Path:
    return path.with_name(path.name + ASIDE)


def no_storage(error: OSError, path: Path) -> NoStorage:
    """Return what a failed write means to a person."""
    hints = {
        errno.ENOSPC: "; make room there",
        errno.EDQUOT: "; make room there",
        errno.EEXIST: "; a folder is right there",
        errno.EROFS: "; it must be writable",
        errno.EACCES: "; this user must be allowed to write there",
    }
    return NoStorage(f"{path} cannot be written: {error.strerror}{hints.get(error.errno or 0, '')}")
