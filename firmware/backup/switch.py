"""Putting a restored home in the place of the one that is there: all of it or nothing, whenever the power goes.

A backup is first unpacked beside everything else (`restore/new`), checked, and on the disk. It counts from the moment
that `restore/switch.json` is there: whoever opens the home next carries out what that says, as often as it takes.
"""

import contextlib
import os
import shutil
from pathlib import Path

import msgspec

from firmware.backup.contents import RECORDS, folders
from firmware.config.disk import Disk, no_storage

STAGE, NEW, MARKER = "restore", "restore/new", "restore/switch.json"  # within the home
REPLACED = "replaced"


class Switch(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done: `old` folders go into `aside`, a path within the home; `new` ones take their place."""

    aside: str
    old: list[str]
    new: list[str]


def stage(home: Path, disk: Disk) -> Path:
    """Return an empty folder to unpack a backup into. Raises NoStorage."""
    drop(home)
    disk.make_folder(home / NEW)
    return home / NEW


def drop(home: Path) -> None:
    """Forget what was unpacked, unless it counts already. Raises NoStorage."""
    if (home / MARKER).exists():
        return
    try:
        shutil.rmtree(home / STAGE)
    except FileNotFoundError:
        return
    except OSError as error:
        raise no_storage(error, home / STAGE) from error


def decide(home: Path, name: str, disk: Disk) -> Switch:
    """Let what was unpacked count; when this returns, it does. `name` is for the folder of what was there before.

    Recordings stay where they are, unless the backup has its own. Raises NoStorage; then nothing has changed.
    """
    new = sorted(entry.name for entry in os.scandir(home / NEW) if entry.is_dir(follow_symlinks=False))
    old = [*folders(home, recordings="recordings" in new), RECORDS]
    number, aside = 1, f"{REPLACED}/{name}"
    while (home / aside).exists():
        number += 1
        aside = f"{REPLACED}/{name}-{number}"
    disk.make_folder(home / aside)
    switch = Switch(aside=aside, old=[one for one in old if (home / one).is_dir()], new=new)
    disk.save(home / MARKER, msgspec.json.encode(switch))
    return switch


def complete(home: Path, disk: Disk | None = None) -> Switch | None:
    """Carry out what was decided, or clear away what never was; return what was done. Raises NoStorage.

    To be called by whoever alone has the home in their hands. Each step may have been done before.
    """
    disk = disk or Disk()
    try:
        switch = msgspec.json.decode((home / MARKER).read_bytes(), type=Switch)
    except FileNotFoundError:
        drop(home)
        return None
    except OSError as error:
        raise no_storage(error, home / MARKER) from error
    try:
        for name in switch.old:
            here, aside = home / name, home / switch.aside / name
            taken = name in switch.new and not (home / NEW / name).exists()  # what is here is the new one already
            if here.exists() and not taken and not aside.exists():
                disk.rename(here, aside)
        disk.sync_folder(home / switch.aside)
        disk.sync_folder(home)
        for name in switch.new:
            if (home / NEW / name).exists():
                disk.rename(home / NEW / name, home / name)
        disk.sync_folder(home / NEW)
        disk.sync_folder(home)
        (home / MARKER).unlink()
        disk.sync_folder(home / STAGE)
    except OSError as error:
        raise no_storage(error, home / switch.aside) from error
    with contextlib.suppress(OSError):
        shutil.rmtree(home / STAGE)
    return switch
