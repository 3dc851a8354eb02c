"""The way back to the factory state: all that the box has kept is erased, but what lets a technician in afterwards."""

import os
import shutil
from pathlib import Path

WISH = "factory-reset"  # below BUSYHOUR_HOME; while it is there, the erasing is not done
KEPT = ("run", "console", WISH)  # sockets and locks, the console's password


def wish(home: Path) -> None:
    """Note that everything is to be erased, so that a power cut only puts it off. Raises OSError."""
    with (home / WISH).open("w") as file:
        os.fsync(file.fileno())
    _sync(home)


def wished(home: Path) -> bool:
    """Tell whether the erasing was asked for and is not done."""
    return (home / WISH).exists()


def erase(home: Path) -> None:
    """Erase all that is not kept; with no program running. Raises OSError; what is left then is erased next time."""
    for path in home.iterdir():
        if path.name in KEPT:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    _sync(home)
    for name in ("log", "edge"):
        (home / name).mkdir()
    (home / WISH).unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
