"""Where recordings may be written, and room made for them."""

import asyncio
import os
from pathlib import Path

from drivers.link.errors import NoDisk

LEAST_FREE_BYTES = 64 * 1024 * 1024  # an hour of two channels; below this the box keeps its disk for its records


class Recordings:
    """The folder of recordings; nothing is written outside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()

    def checked(self, path: str) -> str:
        """Return the path if it is a WAV file's inside the folder. Raises NoDisk otherwise."""
        wanted = Path(os.path.normpath(path))
        if not wanted.is_absolute() or not wanted.is_relative_to(self.folder) or wanted.suffix != ".wav":
            raise NoDisk(f"{path}: a recording must be an absolute path of a .wav below {self.folder}")
        return str(wanted)

    async def make_room(self, path: str) -> None:
        """Make the file's folder. Raises NoDisk if it cannot be made, the disk is nearly full or the file is there."""
        await asyncio.to_thread(self._make_room, Path(path))

    def _make_room(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            status = os.statvfs(path.parent)
        except OSError as error:
            raise NoDisk(f"{path.parent}: {error.strerror}") from error
        if path.parent.resolve().is_relative_to(self.folder) is False:
            raise NoDisk(f"{path}: leads outside {self.folder}")
        if status.f_bavail * status.f_frsize < LEAST_FREE_BYTES:
            raise NoDisk(f"{self.folder}: less than {LEAST_FREE_BYTES >> 20} MB free")
        if path.exists():
            raise NoDisk(f"{path}: is there already")
