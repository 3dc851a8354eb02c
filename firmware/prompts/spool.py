"""Where programs of this box leave a file for the exchange: sounds are too long for the wire, but the disk is shared.

Whoever brings a file (the web page, the command) leaves it under a name nobody can guess and tells the exchange that
name; the exchange alone takes files out, and after an hour throws away what nobody has asked for.
"""

import os
import re
import secrets
import stat
from collections.abc import Callable
from pathlib import Path

from firmware.errors import BadSound, NoStorage, NotFound

FOLDER = "spool"  # below BUSYHOUR_HOME
MOST_BYTES = 32 * 1024 * 1024  # ten minutes of CD sound, or of anything compressed
LEAST_FREE_BYTES = 64 * 1024 * 1024  # as for recordings: the box keeps its disk for its records
KEPT_S = 3600.0
TICKET = re.compile(r"[0-9a-f]{32}\Z")
PIECE = 1 << 16


def home_spool() -> Path:
    """Return the spool of this environment (BUSYHOUR_HOME, else ./var)."""
    return Path(os.environ.get("BUSYHOUR_HOME") or "var").resolve() / FOLDER


def leave(read: Callable[[int], bytes], folder: Path | None = None) -> str:
    """Write what `read(size)` gives until it gives nothing, and return the ticket that the exchange takes it by.

    Raises BadSound for more than MOST_BYTES or for nothing at all, and NoStorage; nothing is left behind then.
    """
    folder = folder or home_spool()
    ticket = new_ticket()
    path = folder / ticket
    size = 0
    try:
        make_room(folder)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            while piece := read(PIECE):
                size += len(piece)
                if size > MOST_BYTES:
                    raise too_large()
                out.write(piece)
        if not size:
            raise BadSound("the file is empty", "sound-empty")
    except OSError as error:
        path.unlink(missing_ok=True)
        raise NoStorage(f"{path}: {error.strerror or error}") from error
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return ticket


def new_ticket() -> str:
    """Return a name for a file that nobody can guess."""
    return secrets.token_hex(16)


def make_room(folder: Path) -> None:
    """Make the folder. Raises NoStorage when the disk is nearly full, OSError."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    status = os.statvfs(folder)
    if status.f_bavail * status.f_frsize < LEAST_FREE_BYTES:
        raise NoStorage(f"{folder}: less than {LEAST_FREE_BYTES >> 20} MB free")


def found(folder: Path, ticket: str) -> Path:
    """Return the file left under a ticket. Raises NotFound, and BadSound for one that is too large."""
    path = folder / ticket
    try:
        status = path.lstat() if TICKET.match(ticket) else None
    except OSError:
        status = None
    if status is None or not stat.S_ISREG(status.st_mode):
        raise NotFound("there is no such file; it waits an hour at most")
    if status.st_size > MOST_BYTES:
        raise too_large()
    return path


def too_large() -> BadSound:
    """Return what is said of a file that is too large."""
    most = MOST_BYTES >> 20
    return BadSound(f"the file has more than {most} MB; {most} or less is right", "sound-large", most=most)


def tidy(folder: Path, now_s: float) -> None:
    """Remove what nobody has asked for in time. `now_s` is Unix time."""
    for path in folder.glob("*"):
        try:
            if path.lstat().st_mtime < now_s - KEPT_S:
                path.unlink()
        except OSError:  # somebody else has taken it
            continue
