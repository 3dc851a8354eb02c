"""Backups on schedule and on demand, as the exchange has them; the work is done by the real program."""

import asyncio
import os
import shutil
from datetime import UTC, datetime

import msgspec
import pytest

from firmware.backup import work
from firmware.backup.backups import Backups
from firmware.clock import Clock
from firmware.config.schema import Backup, Config
from firmware.errors import HomeUsed, NotFound, Refused
from firmware.events import Bus, Kind
from tests.firmware.backup.homes import PASSPHRASE, make_home, picture

HOUR, DAY = 3600.0, 86400.0
FIRST = datetime(2026, 3, 2, 1, 30, tzinfo=UTC).timestamp()


class Keeper:
    """The backups of a home of its own, its clock set by hand, and what they told."""

    def __init__(self, home, **planned):
        self.home, self.to = home, home.parent / "disk"
        self.to.mkdir(exist_ok=True)
        self.config = Config(backup=Backup(**{"folder": str(self.to), "secret": PASSPHRASE, **planned}))
        self.clock = Clock(asyncio.get_running_loop(), "UTC")
        self.entries, self.alarms = [], []
        bus = Bus()
        bus.subscribe(lambda event: self.alarms.append(event.data) if event.kind is Kind.ALARM else None)
        self.backups = Backups(
            home, clock=self.clock, bus=bus, config=lambda: self.config, note=self.entries.append, release="1.2"
        )
        self.at(FIRST)

    def at(self, wall_s):
        self.clock.offset_s += wall_s - self.clock.wall_s()

    def files(self):
        return [path.name for path, _, _ in work.backups(self.to)]

    async def done(self):
        """Wait for the job under way, and return it."""
        await asyncio.gather(self.backups._task, return_exceptions=True)
        return self.backups.job


@pytest.fixture
def home(tmp_path):
    return make_home(tmp_path / "home")


async def test_a_schedule_begins_with_a_backup_and_goes_on_at_its_hour(home):
    keeper = Keeper(home, at="03:00", keep=1)
    backups = keeper.backups
    await backups.look()
    first = keeper.files()
    assert len(first) == 1
    await backups.look()
    assert keeper.files() == first
    assert datetime.fromtimestamp(backups.next_s(), UTC) == datetime(2026, 3, 2, 3, tzinfo=UTC)
    keeper.at(FIRST + 2 * HOUR)
    (keeper.to / "somebody-elses.backup").write_bytes(b"busyhour backup 1 2020-01-01T00:00:00Z\n")
    await backups.look()
    assert len(keeper.files()) == 2
    assert first[0] not in keeper.files()  # one is kept, and other people's files are none of ours
    assert "somebody-elses.backup" in keeper.files()
    assert work.verify(home, keeper.to / backups._state.file, PASSPHRASE).box == "Mingde"
    assert [entry.what for entry in keeper.entries] == ["backup.made", "backup.made"]
    assert {entry.by for entry in keeper.entries} == {"schedule"}
    assert keeper.alarms == []


async def test_one_that_fails_is_told_tried_again_and_told_to_be_over(home):
    keeper = Keeper(home, at="03:00", folder=str(home.parent / "unplugged"))
    await keeper.backups.look()
    assert keeper.backups.job.code == "not-found"
    assert [alarm["raised"] for alarm in keeper.alarms] == [True]
    assert "is the disk mounted?" in keeper.alarms[0]["detail"]
    (home.parent / "unplugged").mkdir()
    keeper.at(FIRST + 0.9 * HOUR)
    await keeper.backups.look()
    assert keeper.backups.job.state == "failed"
    keeper.at(FIRST + 1.1 * HOUR)
    await keeper.backups.look()
    assert keeper.backups.job.state == "done"
    assert [alarm["raised"] for alarm in keeper.alarms] == [True, False]


async def test_a_backup_that_is_overdue_is_told(home):
    keeper = Keeper(home, at="03:00", days=2)
    backups = keeper.backups
    backups._state = msgspec.structs.replace(backups._state, since_s=FIRST, success_s=FIRST, try_s=FIRST)
    keeper.at(FIRST + DAY)
    await backups.look()
    assert keeper.alarms == []
    keeper.at(backups.next_s() + 7 * HOUR)
    backups._task = asyncio.create_task(asyncio.sleep(60))  # something that does not end
    await backups.look()
    assert keeper.alarms[-1]["detail"] == "no backup was made when it should have been"
    assert (await backups.overview()).overdue
    backups._task.cancel()


async def test_a_clock_that_was_years_ahead_keeps_nothing_back(home):
    keeper = Keeper(home, at="03:00")
    backups = keeper.backups
    backups._state = msgspec.structs.replace(backups._state, since_s=FIRST, success_s=FIRST + 4 * 365 * DAY)
    assert backups.next_s() <= FIRST + 1


async def test_how_it_went_is_known_to_the_next_exchange(home):
    keeper = Keeper(home, at="03:00")
    await keeper.backups.look()
    again = Keeper(home, at="03:00").backups
    again.start()
    await asyncio.sleep(0.05)
    try:
        overview = await again.overview()
        assert overview.state == keeper.backups._state
        assert [file.name for file in overview.files] == keeper.files()
        assert again.job is None
    finally:
        await again.close()


async def test_without_a_schedule_nothing_is_made(home):
    keeper = Keeper(home)
    await keeper.backups.look()
    assert (keeper.files(), keeper.backups.job, keeper.backups.next_s()) == ([], None, 0.0)


async def test_people_make_check_and_restore_one_at_a_time(home, tmp_path):
    keeper = Keeper(home)
    backups = keeper.backups
    ended = []
    backups.restart = lambda: ended.append(True)
    backups.make("li", "192.0.2.1", str(tmp_path / "own.backup"), "another passphrase", recordings=False)
    with pytest.raises(Refused, match="another backup is under way"):
        backups.make("li", "", "", "", recordings=False)
    job = await keeper.done()
    assert (job.state, job.about.calls) == ("done", 3)
    backups.verify("li", "", str(tmp_path / "own.backup"), "wrong passphrase")
    assert (await keeper.done()).code == "wrong-passphrase"
    with pytest.raises(NotFound, match="no backup is unpacked"):
        await backups.restore("li", "", replace=True)
    before = picture(home)
    backups.stage("li", "", str(tmp_path / "own.backup"), "another passphrase")
    await keeper.done()
    assert picture(home) == before
    assert backups.staged.box == "Mingde"
    with pytest.raises(HomeUsed, match="has been used"):
        await backups.restore("li", "", replace=False)
    await backups.restore("li", "192.0.2.1", replace=True)
    await asyncio.sleep(0.3)
    assert ended == [True]
    assert (home / "restore/switch.json").exists()
    whats = [(entry.what, entry.by) for entry in keeper.entries]
    assert whats == [
        ("backup.made", "li"), ("backup.verified.failed", "li"), ("backup.unpacked", "li"), ("backup.restored", "li"),
    ]  # fmt: skip
    assert "another passphrase" not in repr(keeper.entries)
    assert "wrong passphrase" not in repr(keeper.entries)


async def test_what_was_unpacked_is_forgotten_on_wish(home, tmp_path):
    keeper = Keeper(home)
    keeper.backups.make("li", "", str(tmp_path / "own.backup"), "", recordings=False)
    await keeper.done()
    keeper.backups.stage("li", "", str(tmp_path / "own.backup"), "")
    await keeper.done()
    await keeper.backups.drop()
    assert keeper.backups.staged is None
    assert not (home / "restore").exists()


async def test_an_exchange_that_ends_takes_the_work_with_it(home, tmp_path):
    keeper = Keeper(home)
    with (home / "recordings/long.wav").open("wb") as file:
        file.truncate(1 << 31)
    keeper.backups.make("li", "", str(tmp_path / "own.backup"), "", recordings=True)
    await asyncio.sleep(0.3)
    await keeper.backups.close()
    assert keeper.backups.job.state == "failed"
    assert not (tmp_path / "own.backup").exists()
    shutil.rmtree(home)


@pytest.mark.parametrize("name", ["../config/key", "x/y.backup", "key", ".backup/../x"])
async def test_only_backups_are_handed_out(home, name):
    with pytest.raises(NotFound):
        Keeper(home).backups.path(name)


async def test_what_restoring_left_goes_on_record_and_never_while_it_is_read(home, tmp_path):
    keeper = Keeper(home)
    backups = keeper.backups
    backups.make("li", "", str(tmp_path / "own.backup"), "", recordings=False)
    await keeper.done()
    for number in range(5):
        path = home / f"backups/brought-0000000{number}.backup"
        shutil.copy(tmp_path / "own.backup", path)
        os.utime(path, (FIRST - number, FIRST - number))
    backups.stage("li", "", str(home / "backups/brought-00000004.backup"), "")
    await backups.look()
    assert (await keeper.done()).state == "done"
    assert [one.path[-8:] for one in (await backups.overview()).leftovers] == ["0.backup", "4.backup"]
    await backups.look()
    removed = [entry for entry in keeper.entries if entry.what == "backup.leftover.removed"]
    assert [(entry.by, entry.detail) for entry in removed] == [
        ("retention", f"backups/brought-0000000{number}.backup") for number in (1, 2, 3, 4)
    ]
    assert [one.path[-8:] for one in (await backups.overview()).leftovers] == ["0.backup"]
