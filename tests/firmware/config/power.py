"""A disk whose every system call is written down, and all that a power cut between two of them may leave behind."""

import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from firmware.config.disk import Disk


@dataclass
class File:
    """A file's bytes: those that are surely on the disk, and those written since."""

    synced: bytes = b""
    written: bytes = b""

    def possible(self) -> list[bytes]:
        """Return what a cut may leave: nothing since, all, half of it, or its length in zeros."""
        new = self.written
        return list(
            dict.fromkeys(
                [self.synced, self.synced + new, self.synced + new[: len(new) // 2], self.synced + b"\0" * len(new)]
            )
        )


@dataclass
class Model:
    """What is surely on the disk, and the changes of names that may or may not be, in any selection."""

    names: dict[Path, File] = field(default_factory=dict)
    folders: set[Path] = field(default_factory=set)
    pending: list[tuple[str, Path, Path | None, File | None]] = field(default_factory=list)
    acknowledged: list[object] = field(default_factory=list)

    def states(self) -> Iterator[dict[Path, bytes]]:
        """Yield every set of files that a cut now may leave."""
        for chosen in itertools.product((False, True), repeat=len(self.pending)):
            names = dict(self.names)
            for change, take in zip(self.pending, chosen, strict=True):
                kind, path, to, file = change
                if not take:
                    continue
                if kind == "create" and file is not None:
                    names[path] = file
                elif kind == "rename" and to is not None and file is not None:
                    names.pop(path, None)
                    names[to] = file
            for contents in itertools.product(*(file.possible() for file in names.values())):
                yield dict(zip(names, contents, strict=True))


class TracedDisk(Disk):
    """Does the real thing, and keeps after each step the model of what is on the disk."""

    def __init__(self) -> None:
        self.now = Model()
        self.steps: list[Model] = []
        self._open: dict[int, File] = {}
        self._files: dict[Path, File] = {}  # as the running system sees names

    def _step(self) -> None:
        now = self.now
        copies = {id(file): File(file.synced, file.written) for file in self._every_file()}
        self.steps.append(
            Model(
                {path: copies[id(file)] for path, file in now.names.items()},
                set(now.folders),
                [(kind, path, to, None if file is None else copies[id(file)]) for kind, path, to, file in now.pending],
                list(now.acknowledged),
            )
        )

    def _every_file(self) -> Iterator[File]:
        yield from self.now.names.values()
        yield from (file for _, _, _, file in self.now.pending if file is not None)

    def create(self, path: Path, mode: int) -> int:
        """Note a new name, not yet on the disk."""
        number = super().create(path, mode)
        file = self._files[path] = self._open[number] = File()
        self.now.pending.append(("create", path, None, file))
        self._step()
        return number

    def write(self, file: int, data: bytes) -> int:
        """Write only a part, as a system may."""
        done = super().write(file, data[: max(1, len(data) // 2 + 1)])
        self._open[file].written += data[:done]
        self._step()
        return done

    def sync(self, file: int) -> None:
        """From here on the bytes are safe."""
        super().sync(file)
        known = self._open[file]
        known.synced, known.written = known.synced + known.written, b""
        self._step()

    def close(self, file: int) -> None:
        """Closing makes nothing safe."""
        super().close(file)
        del self._open[file]

    def rename(self, path: Path, to: Path) -> None:
        """Note a change of names, not yet on the disk."""
        super().rename(path, to)
        file = self._files[to] = self._files.pop(path)
        self.now.pending.append(("rename", path, to, file))
        self._step()

    def sync_folder(self, folder: Path) -> None:
        """From here on the folder's names are safe."""
        super().sync_folder(folder)
        now, left = self.now, []
        for change in now.pending:
            kind, path, to, file = change
            if path.parent != folder:
                left.append(change)
            elif kind == "create" and file is not None:
                now.names[path] = file
            elif kind == "rename" and to is not None and file is not None:
                now.names.pop(path, None)
                now.names[to] = file
        now.pending = left
        self._step()

    def acknowledge(self, what: object) -> None:
        """Note what the program has promised to keep."""
        self.now.acknowledged.append(what)
        self._step()


def restore(state: dict[Path, bytes], root: Path, to: Path) -> None:
    """Write a state of files that lay below `root` below `to`, for a program to start on."""
    for path, data in state.items():
        copy = to / path.relative_to(root)
        os.makedirs(copy.parent, exist_ok=True)
        copy.write_bytes(data)
