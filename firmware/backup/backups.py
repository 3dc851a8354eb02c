"""The box's backups: made when somebody asks or the clock says so, looked after, and put in place of what is there."""

import asyncio
import logging
import os
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from drivers.link.messages import Wrong
from firmware.backup import restore, switch, work
from firmware.backup.contents import About
from firmware.backup.job import Job, run
from firmware.backup.leftovers import RULES, Leftover, Leftovers, Rule, found
from firmware.clock import Clock
from firmware.config.disk import Disk
from firmware.config.schema import Config
from firmware.errors import BusyhourError, HomeUsed, NoStorage, NotFound, Refused
from firmware.events import AlarmName, Bus, Event, Kind, alarm_data
from firmware.records.audit import Entry

log = logging.getLogger(__name__)
LOOK_S = 30.0
AGAIN_S = 3600.0  # after one that failed
GRACE_S = 6 * 3600.0  # so late a backup on schedule may be before somebody is told
SCHEDULE = "schedule"


class State(msgspec.Struct, frozen=True):
    """How the schedule went, across restarts: Unix seconds, 0 for never; `error` is why the last try failed."""

    success_s: float = 0.0
    file: str = ""
    try_s: float = 0.0
    error: str = ""
    since_s: float = 0.0  # when the schedule was first seen
    files: list[str] = []  # those made on schedule that are kept, oldest first


class File(msgspec.Struct, frozen=True):
    """A backup that lies where backups lie; `made` is ISO 8601 in UTC."""

    name: str
    made: str
    size: int


class Overview(msgspec.Struct, frozen=True):
    """All that is to be said of backups. `same_disk`: what kills the box's disk takes them along.

    `next_s` is when the next one is made, 0 for never; `problem` says why the folder cannot be looked into.
    """

    folder: str
    same_disk: bool
    files: list[File]
    problem: str
    state: State
    next_s: float
    overdue: bool
    job: Job | None
    staged: About | None
    used: str
    passphrase: bool
    leftovers: list[Leftover] = []
    leftover_rules: dict[str, Rule] = {}


class Backups:
    """One piece of work at a time, in a program of its own; the exchange only waits for it."""

    def __init__(
        self, home: Path, *, clock: Clock, bus: Bus, config: Callable[[], Config], note: Callable[[Entry], None],
        release: str, disk: Disk | None = None,
    ) -> None:  # fmt: skip
        """`note` takes entries for the audit."""
        self.restart: Callable[[], None] = lambda: None  # ends this exchange so that another one begins
        self.job: Job | None = None
        self.staged: About | None = None
        self._home, self._clock, self._bus, self._config, self._note = home, clock, bus, config, note
        self._release, self._disk = release, disk or Disk()
        self._task: asyncio.Task[None] | None = None
        self._watching: asyncio.Task[None] | None = None
        self._state = State()
        self._alarm: Wrong | None = None
        self._leftovers = Leftovers(home)

    # ---- the clock's -------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to follow the schedule; within the running loop."""
        try:
            self._state = msgspec.json.decode(self._state_path.read_bytes(), type=State)
        except (OSError, msgspec.MsgspecError) as error:
            if not isinstance(error, FileNotFoundError):
                log.error("%s cannot be read: %s", self._state_path, error)
        self._watching = asyncio.get_running_loop().create_task(self._watch())

    async def close(self) -> None:
        """End what is under way."""
        for task in (self._watching, self._task):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    @property
    def _state_path(self) -> Path:
        return self._home / "backups" / "state.json"

    async def _watch(self) -> None:
        while True:
            try:
                await self.look()
            except Exception:
                log.exception("the schedule of backups failed")
            await asyncio.sleep(LOOK_S)

    async def look(self) -> None:
        """Make a backup if one is due; tell whether they are as they should be."""
        now_s = self._clock.wall_s()
        planned = self._config().backup
        if planned.at and not self._state.since_s:
            await self._keep(msgspec.structs.replace(self._state, since_s=now_s))
        elif not planned.at and self._state.since_s:
            await self._keep(msgspec.structs.replace(self._state, since_s=0.0, error=""))
        if planned.at and self._is_due(now_s) and not self._busy():
            await self._scheduled()
        self._tell_alarm()
        await self._clear(now_s)

    async def _clear(self, now_s: float) -> None:
        """Let go what restoring left and no rule keeps, and note what went."""
        steady_s = asyncio.get_running_loop().time()
        for path in await asyncio.to_thread(self._leftovers.prune, now_s, steady_s, self._reads):
            self._note(Entry(now_s, "backup.leftover.removed", "", "retention", "", path))

    def _reads(self, path: Path) -> bool:
        """Tell whether what is under way needs a file."""
        return self._busy() and self.job is not None and Path(self.job.file).absolute() == path.absolute()

    def _is_due(self, now_s: float) -> bool:
        if self._state.error:
            return now_s >= self._state.try_s + AGAIN_S or now_s < self._state.try_s
        return 0 < self.next_s() <= now_s

    def next_s(self) -> float:
        """Return when the next backup is made, 0 for never: at once when the schedule is new, else at its time."""
        planned = self._config().backup
        if not planned.at:
            return 0.0
        now_s = self._clock.wall_s()
        if not self._state.success_s or self._state.success_s > now_s + 86400:  # the clock was wrong then
            return min(self._state.since_s or now_s, now_s)
        last = self._clock.at(self._state.success_s)
        hour, minute = (int(part) for part in planned.at.split(":"))
        # By the days of the box's calendar: a backup made by hand or late moves nothing
        due = datetime(last.year, last.month, last.day, hour, minute, tzinfo=last.tzinfo)
        if due <= last:
            due += timedelta(days=1)
        return (due + timedelta(days=planned.days - 1)).timestamp()

    async def _scheduled(self) -> None:
        planned = self._config().backup
        self._begin("make", SCHEDULE, "", planned.secret, recordings=planned.recordings)
        assert self._task is not None  # noqa: S101 - it was begun
        await asyncio.gather(self._task, return_exceptions=True)
        job = self.job
        if job is None or job.state == "running":
            return
        now_s = self._clock.wall_s()
        if job.state == "failed":
            log.error("the backup on schedule failed: %s", job.error)
            await self._keep(msgspec.structs.replace(self._state, try_s=now_s, error=job.error))
            return
        files = [*self._state.files, job.file]
        await asyncio.to_thread(_remove, files[: -planned.keep])
        await self._keep(msgspec.structs.replace(
            self._state, try_s=now_s, success_s=now_s, file=Path(job.file).name, error="",
            files=files[-planned.keep :],
        ))  # fmt: skip

    async def _keep(self, state: State) -> None:
        self._state = state

        def save() -> None:
            self._disk.make_folder(self._state_path.parent)
            self._disk.replace(self._state_path, msgspec.json.encode(state))

        try:
            await asyncio.to_thread(save)
        except NoStorage as error:
            log.warning("how the backups went cannot be written: %s", error)

    def _overdue(self) -> bool:
        return bool(self.next_s()) and self._clock.wall_s() > self.next_s() + GRACE_S

    def _tell_alarm(self) -> None:
        wrong = None
        if self._state.error and self._config().backup.at:
            wrong = Wrong("backup-failed", {"why": self._state.error})
        elif self._overdue():
            wrong = Wrong("backup-overdue")
        if wrong != self._alarm:
            self._alarm = wrong
            data = alarm_data(AlarmName.NOT_BACKED_UP, "schedule", raised=wrong is not None, wrong=wrong)
            self._bus.publish(Event(self._clock.wall_s(), Kind.ALARM, data=data))

    # ---- what people ask for -----------------------------------------------------------------------------------------

    def folder(self) -> Path:
        """Return where backups are made unless told otherwise."""
        configured = self._config().backup.folder
        return Path(configured) if configured else self._home / "backups"

    async def overview(self) -> Overview:
        """Return all that is to be said of backups."""

        def look() -> tuple[list[File], bool, str]:
            folder = self.folder()
            try:
                files = [File(path.name, made, size) for path, made, size in work.backups(folder)]
                same_disk = folder.stat().st_dev == self._home.stat().st_dev if folder.exists() else True
                problem = "" if folder.exists() or not self._config().backup.folder else f"{folder} is not there"
            except (OSError, Refused) as error:
                return [], False, str(error)
            return files, same_disk, problem

        files, same_disk, problem = await asyncio.to_thread(look)
        used = await asyncio.to_thread(work.used, self._home)
        left = await asyncio.to_thread(found, self._home)
        return Overview(
            str(self.folder()), same_disk, files, problem, self._state, self.next_s(), self._overdue(), self.job,
            self.staged, used, bool(self._config().backup.secret), left, RULES,
        )  # fmt: skip

    def path(self, name: str) -> Path:
        """Return the path of a backup by its name. Raises NotFound."""
        path = self.folder() / name
        if "/" in name or not name.endswith(work.ENDING) or not path.is_file():
            raise NotFound(f"there is no backup {name} in {self.folder()}")
        return path

    def make(self, by: str, address: str, to: str, passphrase: str, *, recordings: bool) -> Job:
        """Begin to make a backup into a file or folder, "" for where they are made otherwise. Raises Refused."""
        secret = passphrase or self._config().backup.secret
        if len(secret) < 8:
            raise Refused("a passphrase of 8 characters or more is needed: none was given, and none is configured")
        return self._begin("make", by, to, secret, address, recordings=recordings)

    def verify(self, by: str, address: str, file: str, passphrase: str) -> Job:
        """Begin to check a backup. Raises Refused."""
        return self._begin("verify", by, self._file(file), passphrase or self._config().backup.secret, address)

    def stage(self, by: str, address: str, file: str, passphrase: str) -> Job:
        """Begin to unpack a backup beside what is there. Raises Refused."""
        self.staged = None
        return self._begin("stage", by, self._file(file), passphrase or self._config().backup.secret, address)

    async def drop(self) -> None:
        """Forget what was unpacked. Raises Refused, NoStorage."""
        if self._busy():
            raise Refused("wait until it is done")
        self.staged = None
        await asyncio.to_thread(switch.drop, self._home)

    async def restore(self, by: str, address: str, *, replace: bool) -> None:
        """Let what was unpacked count; another exchange begins with it. Raises NotFound, HomeUsed, NoStorage."""
        if self.staged is None or self._busy():
            raise NotFound("no backup is unpacked; that comes first")
        if not replace and (why := await asyncio.to_thread(work.used, self._home)):
            raise HomeUsed(f"this box has been used: {why}; what is there would be put aside")
        self._note(Entry(self._clock.wall_s(), "backup.restored", "", by, address, f"made {self.staged.made}"))
        done = await asyncio.to_thread(switch.decide, self._home, restore.name(), self._disk)
        log.warning("%s restores the backup of %s; what was there goes to %s", by, self.staged.made, done.aside)
        asyncio.get_running_loop().call_later(0.2, self.restart)  # who asked is answered first

    def _file(self, file: str) -> str:
        return file if os.path.isabs(file) else str(self.path(file))

    def _busy(self) -> bool:
        return self._task is not None and not self._task.done()

    def _begin(
        self, act: Any, by: str, file: str, passphrase: str, address: str = "", *, recordings: bool = False
    ) -> Job:
        if self._busy():
            raise Refused("another backup is under way; wait until it is done")
        folder = act == "make" and not file
        if folder:
            file = str(self.folder())
            if not self._config().backup.folder:
                self._disk.make_folder(self.folder())
        self.job = job = Job(act, by, file, self._clock.wall_s())
        order = {
            "act": act, "home": str(self._home), "file": file, "passphrase": passphrase, "recordings": recordings,
            "release": self._release, "folder": folder,
        }  # fmt: skip
        self._task = asyncio.get_running_loop().create_task(self._follow(job, run(order, job_progress(job)), address))
        return job

    async def _follow(self, job: Job, working: Coroutine[Any, Any, tuple[str, About]], address: str) -> None:
        try:
            job.file, job.about = await working
        except BusyhourError as error:
            job.state, job.code, job.error, job.facts = "failed", error.code, str(error), error.facts
        except OSError as error:
            job.state, job.code, job.error = "failed", "fault", str(error)
        except asyncio.CancelledError:
            job.state, job.code, job.error = "failed", "ended", "the exchange ended meanwhile"
            raise
        else:
            job.state = "done"
            if job.act == "stage":
                self.staged = job.about
        finally:
            job.ended_s = self._clock.wall_s()
            what = {"make": "backup.made", "verify": "backup.verified", "stage": "backup.unpacked"}[job.act]
            detail = f"{Path(job.file).name}: {job.error}" if job.error else Path(job.file).name
            self._note(Entry(job.ended_s, what if not job.error else f"{what}.failed", "", job.by, address, detail))


def _remove(files: list[str]) -> None:
    """Remove what is too old; other people's files in that folder, and those made by hand, are left alone."""
    for path in files:
        try:
            Path(path).unlink(missing_ok=True)
        except OSError as error:
            log.warning("%s cannot be removed: %s", path, error)


def job_progress(job: Job) -> Callable[[int], None]:
    """Return what notes how far a job is."""

    def note(count: int) -> None:
        job.done_bytes = max(job.done_bytes, count)

    return note
