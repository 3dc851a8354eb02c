"""Small files that are there whole or not at all: written aside, synced, renamed."""

import os
from pathlib import Path


def save(path: Path, text: str) -> None:
    """Write a file only its owner may read, in place of what had its name. Raises OSError; the old one stays then."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside = path.with_name(path.name + ".new")
    file = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        os.fchmod(file, 0o600)
        os.write(file, text.encode())
        os.fsync(file)
    finally:
        os.close(file)
    aside.rename(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
