"""The room that must stay on the box's disk, whatever is brought and unpacked there."""

import os
from pathlib import Path

from firmware.errors import NoStorage

LEAST_FREE_BYTES = 64 * 1024 * 1024  # is left to the box
LEAST_FREE_FILES = 1000


def need(folder: Path, count: int) -> None:
    """Raise NoStorage where a folder's disk has no room for so many bytes, and what is left to the box besides."""
    state = os.statvfs(folder)
    free = state.f_bavail * state.f_frsize
    if free < count + LEAST_FREE_BYTES:
        raise NoStorage(
            f"{folder}: {free >> 20} MB are free, and {(count + LEAST_FREE_BYTES >> 20) + 1} MB are needed; "
            "make room there",
            free_mb=free >> 20, needed_mb=(count + LEAST_FREE_BYTES >> 20) + 1,
        )
    if state.f_files and state.f_favail < LEAST_FREE_FILES:  # some file systems do not count
        raise NoStorage(f"{folder}: no room for more files; make room there")
