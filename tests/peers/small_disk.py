"""A small disk of its own under a folder, that a test fills to the last byte or breaks: ext4 on a loop device."""

import contextlib
import fcntl
import os
import struct
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

FILLER = "filler"
EXT4_IOC_SHUTDOWN, NO_LOG_FLUSH = 0x8004587D, 2  # linux, fs/ext4/ext4.h: _IOR('X', 125, __u32), GOING_FLAGS_NOLOGFLUSH
LETS_GO_S = 5.0  # so long a process that was killed may take until it is gone
PIECES = (1 << 26, 1 << 20, 1 << 12)


class SmallDisk:
    """A file system of so many MB, mounted at a folder as long as this is entered. Needs root."""

    def __init__(self, folder: Path, size_mb: int) -> None:
        self.folder = folder
        with tempfile.NamedTemporaryFile(prefix="bh-disk-", dir="/tmp", delete=False) as image:
            image.truncate(size_mb << 20)
        self._image = Path(image.name)

    def __enter__(self) -> Self:
        """Make it and mount it."""
        subprocess.run(["mkfs.ext4", "-q", "-m", "0", str(self._image)], check=True)
        self.mount()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take it away, whoever still has a file open on it."""
        subprocess.run(["umount", "-l", str(self.folder)], check=True)
        self._image.unlink()

    def mount(self) -> None:
        """Mount it; as long as it is whole it can be written, and turns read-only at the first error."""
        subprocess.run(["mount", "-o", "loop,errors=remount-ro", str(self._image), str(self.folder)], check=True)

    def fill(self) -> None:
        """Leave not a byte free."""
        with (self.folder / FILLER).open("ab") as file:
            size = file.tell()
            for piece in PIECES:
                with contextlib.suppress(OSError):
                    while True:
                        os.posix_fallocate(file.fileno(), size, piece)
                        size += piece

    def free(self) -> None:
        """Give back all that `fill` took."""
        (self.folder / FILLER).unlink()

    def fail(self) -> None:
        """Let the file system find itself broken: it can only be read from now on, also by who had files open."""
        subprocess.run(["mount", "-o", "remount,abort", str(self.folder)], check=True)

    def cut_power(self) -> None:
        """Lose at once all that has not come to the disk, as when the plug is pulled; nothing is taken from then on."""
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.ioctl(folder, EXT4_IOC_SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
        finally:
            os.close(folder)

    def replace(self) -> None:
        """Mend it as fsck does at the next start, with nobody on it, and mount it again."""
        deadline = time.monotonic() + LETS_GO_S
        while (busy := subprocess.run(["umount", str(self.folder)], capture_output=True, check=False)).returncode:
            if time.monotonic() > deadline:
                raise RuntimeError(busy.stderr.decode())
            time.sleep(0.02)
        subprocess.run(["e2fsck", "-p", str(self._image)], check=False, stdout=subprocess.DEVNULL)
        self.mount()
