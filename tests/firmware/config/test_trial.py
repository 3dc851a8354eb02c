"""A commit on trial goes back by itself at its deadline, whatever dies meanwhile, unless it is confirmed in time."""

import asyncio
import errno
import itertools
from datetime import UTC, datetime

import pytest

from firmware.config.configuration import Configuration, exported
from firmware.config.disk import Disk
from firmware.config.trial import Trial, TrialFile
from firmware.errors import NoStorage, NotFound, Refused
from firmware.events import Kind
from firmware.prompts import catalogue
from tests.firmware.config.power import TracedDisk, restore

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def titled(configuration, title):
    document = exported(configuration.config, secrets=False)
    document["queues"][0]["title"] = title
    return document


def commit(box, title, minutes=None):
    configuration = box.configuration
    return box.wait(
        configuration.replace(titled(configuration, title), who="anna", why="", confirm_within_min=minutes)
    )


def title(box):
    return box.configuration.config.queues[0].title


def test_what_nobody_confirms_goes_back_at_its_deadline_and_not_before(box):
    first = box.configuration.revision.number
    change = commit(box, "on trial", minutes=5)
    assert (change.trial.revision, change.trial.back_to) == (first + 1, first)
    box.clock.advance(299)
    assert title(box) == "on trial"
    box.clock.advance(2)
    assert title(box) == ""
    revision = box.configuration.revision
    assert (revision.number, revision.who) == (first + 2, "anna")
    assert revision.why == f"not confirmed within 5 min: back to {first}"
    assert box.configuration.trial is None
    assert [event.data["revision"] for event in box.seen(Kind.CONFIG_CHANGED)] == [first + 1, first + 2]


def test_what_is_confirmed_stays(box):
    commit(box, "on trial", minutes=5)
    box.clock.advance(200)
    assert box.wait(box.configuration.confirm()).minutes == 5
    box.clock.advance(3600)
    assert title(box) == "on trial"
    box.restart()
    box.clock.advance(3600)
    assert title(box) == "on trial"


def test_nothing_on_trial_cannot_be_confirmed(box):
    with pytest.raises(NotFound, match="no revision is on trial"):
        box.wait(box.configuration.confirm())
    commit(box, "for good")
    with pytest.raises(NotFound, match="no revision is on trial"):
        box.wait(box.configuration.confirm())


@pytest.mark.parametrize("down_s", [1, 100, 400])
def test_the_deadline_outlives_the_exchange(box, down_s):
    commit(box, "on trial", minutes=5)
    box.clock.advance(100)
    box.restart(after_s=down_s)
    box.clock.advance(max(0, 199 - down_s))
    assert title(box) == ("on trial" if down_s < 199 else "")
    box.clock.advance(2)
    assert title(box) == ""
    box.restart()
    assert title(box) == ""


def test_a_machine_that_lost_its_clock_does_not_wait_longer_than_it_was_told(box):
    commit(box, "on trial", minutes=5)
    box.clock.offset_s -= 10 * 365 * 86400
    box.restart()
    box.clock.advance(301)
    assert title(box) == ""


def test_during_a_trial_nothing_else_is_committed_but_a_rollback_ends_it(box):
    first = box.configuration.revision.number
    commit(box, "on trial", minutes=5)
    for minutes in (None, 5):
        with pytest.raises(Refused, match=f"revision {first + 1} is on trial: confirm it or roll it back first"):
            commit(box, "another", minutes=minutes)
    box.wait(box.configuration.rollback(first, who="bob"))
    assert (title(box), box.configuration.trial) == ("", None)
    commit(box, "afterwards")
    box.clock.advance(3600)
    assert title(box) == "afterwards"


def test_a_candidate_made_from_an_older_revision_is_refused(box):
    configuration = box.configuration
    base = configuration.revision.number
    document = titled(configuration, "mine")
    commit(box, "theirs")
    with pytest.raises(Refused, match=f"revision {base + 1} came into force meanwhile, by anna; yours began at {base}"):
        box.wait(configuration.replace(document, who="bob", why="", base=base))
    assert title(box) == "theirs"


class FullDisk(Disk):
    """A disk that takes no more while it is full; it can be full of revisions only."""

    full = ""

    def write(self, file, data):
        if self.full and self.full in self.names[file]:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(file, data)

    def __init__(self):
        self.names = {}

    def create(self, path, mode):
        file = super().create(path, mode)
        self.names[file] = str(path)
        return file


async def at_once(work):
    return work()


def on_disk(folder, disk=None, now=lambda: NOW):
    return Configuration(
        folder / "config", now=now, wrong_with_sound=catalogue.wrong_with, disk=disk, run=at_once
    )


def test_a_disk_that_is_full_at_the_deadline_is_tried_until_it_works(box, tmp_path):
    disk = FullDisk()
    configuration = on_disk(tmp_path / "other", disk, box.clock.now)
    configuration.open()
    box.wait(configuration.replace(titled(configuration, "on trial"), who="a", why="", confirm_within_min=1))
    disk.full = "revisions"
    box.clock.advance(100)
    assert configuration.config.queues[0].title == "on trial"
    disk.full = ""
    box.clock.advance(31)
    assert configuration.revision.why == "not confirmed within 1 min: back to 1"
    configuration.close()


async def test_a_trial_whose_revision_could_not_be_written_is_not_taken_for_a_later_ones(tmp_path):
    disk = FullDisk()
    running = on_disk(tmp_path, disk)
    running.open()
    disk.full = "revisions"
    with pytest.raises(NoStorage):
        await running.replace(titled(running, "lost"), who="a", why="", confirm_within_min=1)
    assert (tmp_path / "config/trial.json").exists()
    disk.full = ""
    await running.replace(titled(running, "for good"), who="a", why="")
    running.close()
    again = on_disk(tmp_path)
    again.open()
    assert (again.config.queues[0].title, again.trial) == ("for good", None)
    again.close()


def test_a_damaged_trial_keeps_nobody_down(tmp_path):
    running = on_disk(tmp_path)
    running.open()
    running.close()
    (tmp_path / "config/trial.json").write_bytes(b"\xff{")
    again = on_disk(tmp_path)
    again.open()
    assert again.trial is None
    again.close()


def test_a_power_cut_at_any_moment_leaves_no_revision_on_trial_without_its_deadline(tmp_path):
    disk = TracedDisk()
    running = on_disk(tmp_path / "box", disk)
    running.open()
    before = len(disk.steps)

    async def try_it():
        await running.replace(titled(running, "on trial"), who="a", why="", confirm_within_min=5)

    asyncio.run(try_it())
    running.close()
    count, on_trial = itertools.count(), 0
    for model in disk.steps[before:]:
        for state in model.states():
            folder = tmp_path / f"cut{next(count)}"
            restore(state, tmp_path / "box", folder)
            after = on_disk(folder)
            after.open()
            if after.config.queues[0].title == "on trial":
                assert after.trial == Trial(2, 1, "a", 5, NOW.timestamp() + 300)
                on_trial += 1
            else:
                assert after.trial is None
            after.close()
    assert on_trial > 0
    assert next(count) > 50


def test_a_trial_file_that_cannot_be_removed_says_so(tmp_path):
    (tmp_path / "trial.json").mkdir()
    with pytest.raises(NoStorage, match=r"trial\.json cannot be written"):
        TrialFile(tmp_path / "trial.json", Disk()).clear()
