"""Backups made, checked and unpacked: what the program `python -m firmware.backup` does."""

import contextlib
import errno
import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, BinaryIO

import msgspec

from firmware.backup import contents, envelope, switch
from firmware.backup.contents import About, Progress
from firmware.backup.room import need
from firmware.backup.snapshot import facts
from firmware.config import check
from firmware.config.disk import Disk, no_storage
from firmware.config.schema import Config
from firmware.config.store import Store
from firmware.config.vault import Vault
from firmware.errors import BadConfig, Damaged, Exists, KeyLost, NewerFormat, NoStorage, NotFound, Refused

PART = ".part"  # what a backup is called until it is whole
ENDING = ".backup"


def make(
    home: Path, to: Path, passphrase: str, *, release: str, recordings: bool, folder: bool = False,
    progress: Progress = lambda count: None,
) -> tuple[Path, About]:
    """Write a backup into a new file, or into a folder under a name of its own; return where, and what is in it.

    With `folder` it must be one: a disk that is not mounted is no reason to make a file of its name.

    Raises Exists, NoStorage, Damaged, Refused; then there is no file.
    """
    made = datetime.now(UTC).replace(microsecond=0)
    if folder and not to.is_dir():
        raise NotFound(f"{to} is no folder; is the disk mounted?")
    if to.is_dir():
        to = to / f"busyhour-{made:%Y%m%d-%H%M%S}{ENDING}"
    if to.exists():
        raise Exists(f"{to} is there already")
    if not to.parent.is_dir():
        raise NotFound(f"{to.parent} is no folder; is the disk mounted?")
    needed = contents.size(home, recordings=recordings)
    need(to.parent, needed)
    about = _about(home, made, release, recordings)
    part = to.with_name(to.name + PART)
    written: list[About] = []
    try:
        with _working(home) as work, _unfinished(part) as sealed:
            envelope.seal(
                sealed, passphrase, about.made,
                lambda out: written.append(contents.write(home, out, about, work=work, progress=progress)),
            )  # fmt: skip
            sealed.flush()
            os.fsync(sealed.fileno())
            part.rename(to)
        Disk().sync_folder(to.parent)
    except OSError as error:
        raise _storage(error, to) from error
    return to, written[0]


@contextlib.contextmanager
def _unfinished(part: Path) -> Iterator[BinaryIO]:
    """Open what a backup is written to until it is whole; at the end it is gone, unless it was renamed.

    What a power cut left of earlier ones goes first. That of somebody who makes one now is locked and stays; on a file
    system that knows no locks all stay.
    """
    for left in (part, *part.parent.glob(f"busyhour-*{ENDING}{PART}")):
        with contextlib.suppress(OSError), left.open("rb+") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            left.unlink()
    try:
        new = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        raise Exists(f"{part} is there: somebody else makes this backup now") from None
    try:
        with os.fdopen(new, "wb") as sealed:
            with contextlib.suppress(OSError):
                fcntl.flock(sealed, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield sealed
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def verify(home: Path, file: Path, passphrase: str, progress: Progress = lambda count: None) -> About:
    """Read a whole backup and check all that is in it, changing nothing; return what it holds.

    Raises NotFound, NotABackup, NewerFormat, WrongPassphrase, Damaged, NoStorage.
    """
    with _opened(file) as opened, _working(home) as work:
        return _read(opened, file, passphrase, lambda source: contents.read(source, work=work, progress=progress))


def stage(
    home: Path, file: Path, passphrase: str, disk: Disk | None = None, progress: Progress = lambda count: None
) -> About:
    """Unpack a backup beside what is there, check all of it, and return what it holds; it does not count yet.

    Raises as `verify` does, and Refused when this release could not run with its configuration.
    """
    disk = disk or Disk()
    with _opened(file) as opened, _working(home) as work:
        need(home, opened.seek(0, os.SEEK_END))
        opened.seek(0)
        new = switch.stage(home, disk)
        try:
            about = _read(
                opened, file, passphrase,
                lambda source: contents.read(source, work=work, into=new, disk=disk, progress=progress),
            )  # fmt: skip
            read_configuration(new, about.revision)
        except BaseException:
            with contextlib.suppress(NoStorage):
                switch.drop(home)
            raise
    return about


def read_configuration(home: Path, number: int) -> Config:
    """Return a revision of a home's configuration. Raises Refused when this release cannot use it."""
    try:
        revision, document = Store(home / "config" / "revisions", Disk()).read(number)
        if revision.broken:
            raise Refused(f"its configuration cannot be read: {revision.broken}")
        vault = Vault.open(home / "config" / "key", Disk(), new=False)
        config = check.shaped(vault.unseal(document), f"revision {revision.number}: ")
        if found := list(check.place(config)):
            raise BadConfig(found)
    except BadConfig as error:  # it was good where it came from
        raise NewerFormat(f"this release cannot run with its configuration: {error}") from error
    except (KeyLost, NotFound) as error:
        raise Refused(f"this release cannot run with its configuration: {error}") from error
    return config


def _newest(home: Path) -> tuple[int, Config]:
    """Return the newest revision that can be used, as the exchange does at its start. Raises Refused if none can."""
    numbers = Store(home / "config" / "revisions", Disk()).numbers()
    for number in reversed(numbers):
        with contextlib.suppress(Refused):
            return number, read_configuration(home, number)
    raise Refused(f"{home} has no configuration that can be read: is it a box's home?")


def used(home: Path) -> str:
    """Return why a home is not one that has only just been set up, "" if it is."""
    numbers = Store(home / "config" / "revisions", Disk()).numbers()
    if len(numbers) > 1:
        return f"it has {len(numbers)} revisions of a configuration"
    database = home / contents.DATABASE
    if database.exists() and (calls := facts(database)[0]):
        return f"it has records of {calls} calls"
    return ""


def backups(folder: Path) -> Iterator[tuple[Path, str, int]]:
    """Yield the backups in a folder, newest first: path, when it was made, its size. Raises NotFound, NoStorage."""
    try:
        found = sorted((one for one in os.scandir(folder) if one.name.endswith(ENDING)), key=lambda one: one.name)
    except FileNotFoundError:
        return
    except OSError as error:
        raise NotFound(f"{folder} cannot be looked into: {error.strerror}") from error
    for entry in reversed(found):
        with contextlib.suppress(OSError, Refused), open(entry.path, "rb") as file:
            yield Path(entry.path), envelope.made_at(file), entry.stat().st_size


@contextlib.contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    try:
        opened = file.open("rb")
    except FileNotFoundError:
        raise NotFound(f"there is no file {file}") from None
    except OSError as error:
        raise NotFound(f"{file} cannot be read: {error.strerror}") from error
    with opened:
        yield opened


def _read(opened: BinaryIO, file: Path, passphrase: str, read: Callable[[IO[bytes]], About]) -> About:
    made = envelope.made_at(opened)
    with envelope.contents(opened, passphrase) as source:
        about = read(source)
    if about.made != made:
        raise Damaged(f"{file} says that it was made at {made}; what is in it was made at {about.made}")
    return about


@contextlib.contextmanager
def _working(home: Path) -> Iterator[Path]:
    """Make a folder for what is needed for a moment, and take it away again."""
    work = home / "backups" / f"work-{os.getpid()}"
    for earlier in (home / "backups").glob("work-*"):
        if not Path(f"/proc/{earlier.name.removeprefix('work-')}").exists():
            shutil.rmtree(earlier, ignore_errors=True)  # of a program that was killed
    try:
        work.mkdir(mode=0o700, parents=True)
    except OSError as error:
        raise no_storage(error, work) from error
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _about(home: Path, made: datetime, release: str, recordings: bool) -> About:
    number, config = _newest(home)
    users = home / "users" / "users.json"
    count = 0
    with contextlib.suppress(FileNotFoundError):
        count = len(msgspec.json.decode(users.read_bytes()).get("users", {}))
    return About(
        made=f"{made:%Y-%m-%dT%H:%M:%SZ}", release=release, box=config.box.name, revision=number, users=count,
        recordings=recordings,
    )  # fmt: skip


def _storage(error: OSError, path: Path) -> NoStorage:
    if error.errno == errno.EFBIG:
        return NoStorage(f"{path} cannot be written: this file system takes no file that large (FAT: up to 4 GB)")
    return no_storage(error, path)
