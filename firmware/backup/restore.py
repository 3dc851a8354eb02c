"""A whole restore where no exchange runs: unpacked, checked, put in place."""

import contextlib
import fcntl
import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from firmware.backup import switch, work
from firmware.backup.contents import About, Progress
from firmware.backup.switch import Switch
from firmware.config.disk import Disk, no_storage
from firmware.errors import HomeUsed, Locked


def restore(
    home: Path, file: Path, passphrase: str, *, replace: bool = False, disk: Disk | None = None,
    progress: Progress = lambda count: None,
) -> tuple[About, str]:  # fmt: skip
    """Put a backup into a home in which nothing runs; return what it holds, and where in the home the former is kept.

    Raises Locked, HomeUsed when the home has been used and `replace` is not said, and as `work.stage` does. Whatever is
    raised, and whenever the power goes: the home is wholly what it was, or wholly the backup's.
    """
    disk = disk or Disk()
    disk.make_folder(home)
    with _alone(home):
        switch.complete(home, disk)
        if not replace and (why := work.used(home)):
            raise HomeUsed(f"{home} has been used: {why}; what is there would be put aside")
        about = work.stage(home, file, passphrase, disk, progress)
        done = switch.decide(home, name(), disk)
        switch.complete(home, disk)
    return about, done.aside


def settle(home: Path, disk: Disk | None = None) -> Switch | None:
    """Carry out at a start what was decided before it, or clear away what never was; return what was done.

    Where another exchange has the home, nothing is done: that one would notice. Raises NoStorage.
    """
    if not home.is_dir() or not (home / switch.STAGE).exists():
        return None
    with contextlib.suppress(Locked), _alone(home, ("config/lock",)):
        return switch.complete(home, disk)
    return None


def name() -> str:
    """Return what the folder of a home that is replaced now is called."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}"


@contextlib.contextmanager
def _alone(home: Path, locks: Sequence[str] = ("run/supervisor.lock", "config/lock")) -> Iterator[None]:
    """Keep supervisor and exchange out, whose locks these are. Raises Locked, NoStorage."""
    with contextlib.ExitStack() as held:
        for place in locks:
            path = home / place
            if place.startswith("config/") and not path.parent.is_dir():
                continue  # nothing is there to be kept from; and a folder made now would be taken for the old one
            try:
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
                held.callback(os.close, lock)
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Locked(f"a box runs in {home}; end it first, or let it restore the backup itself") from None
            except OSError as error:
                raise no_storage(error, path) from error
        yield
