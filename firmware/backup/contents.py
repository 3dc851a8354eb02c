"""What a backup holds: a tar of the box's folders, first what it is, last every file's checksum (in sha256sum's form).

Everything in the home is state and belongs in it, but for what `STAYS_OUT` names; records come as a snapshot.
"""

import contextlib
import hashlib
import io
import os
import re
import stat
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Any

import msgspec

from firmware.backup.envelope import FORMAT
from firmware.backup.room import need
from firmware.backup.snapshot import check, facts, snapshot
from firmware.config.disk import ASIDE, Disk, no_storage
from firmware.errors import Damaged, NewerFormat

RECORDINGS, RECORDS = "recordings", "records"
DATABASE = "records/records.sqlite"
# Of this run alone, of backups themselves, of a disk's own; records are copied in another way
STAYS_OUT = frozenset({"run", "log", "spool", "backups", "restore", "replaced", "lost+found", RECORDS})
FILES_STAY_OUT = frozenset({"users/sessions.json", "config/lock", "config/trial.json"})
ABOUT, SUMS = "about.json", "sha256sums"
PIECE_BYTES = 1 << 20
LONGEST_ABOUT = 1 << 20
LONGEST_HEAD = 64 * 1024  # of what stands before a file, such as a long name
READ_WHOLE, LONGEST_READ = ("config/", "users/"), 16 << 20  # a box reads these into its memory
MOST_FOLDERS = 50_000  # a box has one for each day
_SAFE = re.compile(r"^[^/\0\n][^\0\n]{0,1000}\Z")

Progress = Callable[[int], None]  # told how many more bytes are done


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What is in a backup. `made` is ISO 8601 in UTC; `database` is the newest migration of its records."""

    made: str
    release: str
    box: str = ""
    revision: int = 0
    database: str = ""
    calls: int = 0
    users: int = 0
    recordings: bool = False
    format: int = FORMAT


def folders(home: Path, *, recordings: bool) -> list[str]:
    """Return the names of the home's folders that belong in a backup, without that of the records."""
    return sorted(
        entry.name
        for entry in os.scandir(home)
        if entry.is_dir(follow_symlinks=False)
        and entry.name not in STAYS_OUT
        and (recordings or entry.name != RECORDINGS)
    )


def files(home: Path, *, recordings: bool) -> Iterator[str]:
    """Yield the paths within the home of all files that belong in a backup, but for the records."""
    for folder in folders(home, recordings=recordings):
        for place, names, found in os.walk(home / folder):
            names.sort()
            for name in sorted(found):
                path = (Path(place) / name).relative_to(home).as_posix()
                if path not in FILES_STAY_OUT and not name.endswith(ASIDE):
                    yield path


def size(home: Path, *, recordings: bool) -> int:
    """Return about how many bytes a backup will take."""
    total = 0
    for path in (DATABASE, *files(home, recordings=recordings)):
        with contextlib.suppress(FileNotFoundError):
            total += (home / path).stat().st_size + 1024
    return total


def write(
    home: Path, out: IO[bytes], about: About, *, work: Path, progress: Progress = lambda count: None
) -> About:
    """Write a home's contents, and return what they are. `work` is a folder for a copy of the records.

    Raises NoStorage, and Damaged when the records are not whole.
    """
    copy = work / "records.sqlite"
    if (home / DATABASE).exists():
        snapshot(home / DATABASE, copy)
        calls, revision = facts(copy)
        about = msgspec.structs.replace(about, calls=calls, database=revision)
    with (
        tempfile.TemporaryFile(dir=work) as sums,
        tarfile.open(fileobj=out, mode="w|", format=tarfile.PAX_FORMAT, bufsize=PIECE_BYTES) as tar,
    ):
        _add_bytes(tar, ABOUT, _encoded(about), sums)
        for path in files(home, recordings=about.recordings):
            _add_file(tar, path, home / path, sums, progress)
        if copy.exists():
            _add_file(tar, DATABASE, copy, sums, progress)
        sums.seek(0)
        info = tarfile.TarInfo(SUMS)
        info.size, info.mode = os.fstat(sums.fileno()).st_size, 0o600
        tar.addfile(info, sums)
    return about


def read(
    source: IO[bytes], *, work: Path, into: Path | None = None, disk: Disk | None = None,
    progress: Progress = lambda count: None,
) -> About:  # fmt: skip
    """Read contents to their end and check all of them; with `into`, an empty folder, put them there, lastingly.

    `work` is a folder for a copy of the records, which are checked by SQLite too. Raises Damaged, NewerFormat,
    NoStorage.
    """
    disk = disk or Disk()
    about: About | None = None
    made: set[Path] = set()
    with tempfile.TemporaryFile(dir=work) as sums:
        try:
            with tarfile.open(fileobj=source, mode="r|", bufsize=PIECE_BYTES, tarinfo=_Member) as tar:
                for info in tar:
                    tar.members.clear()  # type: ignore[attr-defined]  # it would remember every file
                    data = _data(tar, info)
                    if about is None:
                        about = _about(info, data)
                        sums.write(_sum(hashlib.sha256(_encoded(about)), ABOUT))
                    elif info.name == SUMS:
                        _compare(sums, data)
                        break
                    else:
                        path = _safe(info.name)
                        if path.startswith(READ_WHOLE) and info.size > LONGEST_READ:
                            raise Damaged(f"this backup holds {path!r} of {info.size} bytes: no box makes that")
                        if into is not None:
                            need(into, info.size)
                        to = into / path if into is not None else work / "records.sqlite" if path == DATABASE else None
                        digest = _take(data, to, disk, progress, made)
                        sums.write(_sum(digest, path))
                else:
                    raise Damaged("this backup is not whole: the list of its files is missing")
        except (tarfile.TarError, EOFError) as error:
            raise Damaged(f"this backup is not whole: {error}") from error
        except RecursionError as error:
            raise Damaged("this backup is not whole: what stands before a file has no end") from error
    if about is None:
        raise Damaged("this backup does not say what it holds")
    while source.read(PIECE_BYTES):
        pass  # to its end: only then it is sure that nothing was cut off
    for folder in sorted(made, reverse=True):
        disk.sync_folder(folder)
    database = into / DATABASE if into is not None else work / "records.sqlite"
    if about.database:
        check(database)
    return about


class _Member(tarfile.TarInfo):
    """What stands before a file. Its long forms are read into memory, and holes are written out: ours has neither."""

    def _proc_member(self, tar: tarfile.TarFile) -> tarfile.TarInfo:
        if self.type == tarfile.GNUTYPE_SPARSE:
            raise tarfile.ReadError("it holds a file with holes")
        if self.type == tarfile.XGLTYPE:  # what they say is kept for all files that follow
            raise tarfile.ReadError("it says something of all its files at once")
        if self.type not in tarfile.REGULAR_TYPES and self.size > LONGEST_HEAD:
            raise tarfile.ReadError(f"what stands before a file is {self.size} bytes long")
        found: tarfile.TarInfo = super()._proc_member(tar)  # type: ignore[misc]
        if found.issparse():
            raise tarfile.ReadError("it holds a file with holes")
        return found


def _add_bytes(tar: tarfile.TarFile, name: str, data: bytes, sums: IO[bytes]) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(data), 0o600
    tar.addfile(info, io.BytesIO(data))
    sums.write(_sum(hashlib.sha256(data), name))


def _add_file(tar: tarfile.TarFile, name: str, path: Path, sums: IO[bytes], progress: Progress) -> None:
    """Add a file as long as it is now: one that grows is cut there, one that has gone since is left out."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return
        file = open(path, "rb", opener=_without_links)  # noqa: SIM115
    except FileNotFoundError:
        return
    except OSError as error:
        raise no_storage(error, path) from error
    with file:
        state = os.fstat(file.fileno())
        if not stat.S_ISREG(state.st_mode):
            return
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = state.st_size, 0o600, int(state.st_mtime)
        counted = _Counted(file, progress)
        try:
            tar.addfile(info, counted)
        except OSError as error:
            if "end of data" in str(error):
                raise Damaged(f"{path} became shorter while it was read; try again") from error
            raise
        tar.members.clear()  # type: ignore[attr-defined]  # it would remember every file
        sums.write(_sum(counted.digest, name))


def _without_links(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)


class _Counted:
    """A file that is read once, and its checksum."""

    def __init__(self, file: IO[bytes], progress: Progress) -> None:
        self.digest = hashlib.sha256()
        self._file, self._progress = file, progress

    def read(self, count: int = -1, /) -> bytes:
        data = self._file.read(count)
        self.digest.update(data)
        self._progress(len(data))
        return data


def _sum(digest: Any, name: str) -> bytes:
    return f"{digest.hexdigest()}  {name}\n".encode()


def _encoded(about: About) -> bytes:
    return msgspec.json.format(msgspec.json.encode(about)) + b"\n"


def _data(tar: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    data = tar.extractfile(info) if info.isreg() else None
    if data is None:
        raise Damaged(f"this backup holds {info.name!r}, which is no plain file")
    return data


def _about(info: tarfile.TarInfo, data: IO[bytes]) -> About:
    if info.name != ABOUT or info.size > LONGEST_ABOUT:
        raise Damaged("this backup does not say what it holds")
    try:
        about = msgspec.json.decode(data.read(), type=About)
    except msgspec.MsgspecError as error:
        raise Damaged(f"this backup does not say what it holds: {error}") from error
    if about.format > FORMAT:
        raise NewerFormat(f"this backup has format {about.format}, and this release reads up to {FORMAT}")
    return about


def _safe(name: str) -> str:
    """Return a path within a home, never one that leads elsewhere. Raises Damaged."""
    path = PurePosixPath(name)
    if not _SAFE.match(name) or ".." in path.parts or path.as_posix() != name or len(path.parts) < 2:
        raise Damaged(f"this backup holds a file called {name!r}")
    if path.parts[0] in STAYS_OUT and name != DATABASE:
        raise Damaged(f"this backup holds {name!r}, which belongs in none")
    return name


def _take(data: IO[bytes], to: Path | None, disk: Disk, progress: Progress, made: set[Path]) -> Any:
    digest = hashlib.sha256()
    try:
        if to is not None and to.parent not in made:
            disk.make_folder(to.parent)
            made.add(to.parent)
            if len(made) > MOST_FOLDERS:
                raise Damaged(f"this backup holds more than {MOST_FOLDERS} folders: no box has so many")
        file = disk.create(to, 0o600) if to is not None else None
        try:
            while piece := data.read(PIECE_BYTES):
                digest.update(piece)
                progress(len(piece))
                left = memoryview(piece)
                while file is not None and left:
                    left = left[disk.write(file, bytes(left)) :]
            if file is not None:
                disk.sync(file)
        finally:
            if file is not None:
                disk.close(file)
    except OSError as error:
        raise no_storage(error, to or Path(".")) from error
    return digest


def _compare(sums: IO[bytes], told: IO[bytes]) -> None:
    """Raise Damaged where the checksums are not those told."""
    sums.flush()
    sums.seek(0)
    for found in sums:
        line = told.readline(len(found) + 1)
        if line != found:
            raise Damaged(f"this backup is not whole: {found[66:].decode().strip()} is not as it was saved")
    if told.read(1):
        raise Damaged("this backup is not whole: files are missing")
