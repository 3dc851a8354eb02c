"""The power cut at every write of a restore: the home that is found is wholly the old one or wholly the new one.

And in the midst of a backup: what was begun is gone once the next one is made.
"""

import contextlib
import os
import random
import shutil
import subprocess
import sys

import pytest

from firmware.backup import work
from firmware.backup.restore import restore, settle
from firmware.config.disk import Disk
from firmware.errors import Exists
from tests.firmware.backup.homes import PASSPHRASE, make_home, picture

CUTS = os.environ.get("BUSYHOUR_CUTS", "40")


class PowerCut(BaseException):
    """No program sees it coming, and none clears up after it."""


class FailingDisk(Disk):
    """A disk whose power fails after so many steps; what was not synced by then may be lost."""

    def __init__(self, left=10**9):
        self.left, self.steps = left, 0
        self._open, self.unsynced = {}, set()
        self._renames = []    # not yet sure

    def _step(self):
        self.steps += 1
        self.left -= 1
        if self.left < 0:
            raise PowerCut

    def create(self, path, mode):
        self._step()
        file = super().create(path, mode)
        self._open[file] = path
        self.unsynced.add(path)
        return file

    def write(self, file, data):
        self._step()
        return super().write(file, data)

    def sync(self, file):
        self._step()
        super().sync(file)
        self.unsynced.discard(self._open[file])

    def rename(self, path, to):
        self._step()
        super().rename(path, to)
        self._renames.append((path, to))

    def sync_folder(self, folder):
        self._step()
        super().sync_folder(folder)
        self._renames = [one for one in self._renames if folder not in (one[0].parent, one[1].parent)]

    def lose(self, chance):
        """Lose what was not synced: of files their content, and the last of the changes of names."""
        for path in sorted(self.unsynced):
            if path.exists() and chance.random() < 0.7:
                path.write_bytes(path.read_bytes()[: chance.randrange(1 + path.stat().st_size)])
        while self._renames and chance.random() < 0.5:
            path, to = self._renames.pop()
            to.rename(path)


@pytest.fixture(scope="module")
def homes(tmp_path_factory):
    """A box in use, another one's backup, and pictures of what may be found."""
    folder = tmp_path_factory.mktemp("power")
    old = make_home(folder / "old", name="Old", calls=2)
    other = make_home(folder / "other", name="New", calls=5)
    backup, _ = work.make(other, folder / "b.backup", PASSPHRASE, release="", recordings=True)
    new = shutil.copytree(old, folder / "new")
    counting = FailingDisk()
    restore(new, backup, PASSPHRASE, replace=True, disk=counting)
    assert picture(new) != picture(old)
    return old, backup, counting.steps, picture(new)


def test_the_home_is_the_old_one_or_the_new_one_wherever_the_power_fails(homes, tmp_path):
    old, backup, steps, new_picture = homes
    before = picture(old)
    cuts = range(steps) if CUTS == "all" else sorted(random.Random(5).sample(range(steps), min(steps, int(CUTS))))
    seen = set()
    for cut in [*cuts, *range(max(0, steps - 14), steps)]:
        home = shutil.copytree(old, tmp_path / f"{cut}-{len(seen)}", dirs_exist_ok=True)
        disk = FailingDisk(cut)
        with pytest.raises(PowerCut):
            restore(home, backup, PASSPHRASE, replace=True, disk=disk)
        disk.lose(random.Random(cut))
        for again in range(4):  # the power may fail while it is put right, too
            late = FailingDisk(again)
            try:
                settle(home, late)
            except PowerCut:
                late.lose(random.Random(again))
        settle(home)
        now = picture(home)
        assert now in (before, new_picture), f"half of a restore after step {cut} of {steps}"
        seen.add(now == new_picture)
        assert not (home / "restore").exists()
        shutil.rmtree(home)
    assert seen == {True, False}


def test_a_restore_that_did_not_sync_would_be_found_out(homes, tmp_path):
    """The test itself is tried: files that were never synced are lost after the restore, and that is seen."""
    old, backup, _, new_picture = homes

    class Careless(FailingDisk):
        def sync(self, file):
            self._step()

    home = shutil.copytree(old, tmp_path / "home")
    disk = Careless()
    restore(home, backup, PASSPHRASE, replace=True, disk=disk)
    assert picture(home) == new_picture
    staged = [path.relative_to(home / "restore/new") for path in disk.unsynced if "new" in path.parts]
    disk.unsynced = {home / path for path in staged if path.parts[0] == "prompts"}
    assert disk.unsynced
    disk.lose(random.Random(1))
    assert picture(home) not in (picture(old), new_picture)


MAKE = """
import sys; from pathlib import Path; from firmware.backup import work
def progress(count):
    print("midway", flush=True)
    sys.stdin.read()
work.make(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], release="", recordings=True, progress=progress)
"""


@contextlib.contextmanager
def being_made(home, to):
    """Let another program make a backup; it stands still midway as long as this is entered."""
    words = [sys.executable, "-c", MAKE, str(home), str(to), PASSPHRASE]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
        assert program.stdout.readline() == b"midway\n"
        yield program
        program.communicate()


def test_what_a_power_cut_leaves_of_backups_is_gone_once_the_next_is_made(homes, tmp_path):
    old, *_ = homes
    for to in (tmp_path / "mine.backup", tmp_path):
        with being_made(old, to) as program:
            program.kill()
    (tmp_path / "music.part").write_bytes(b"somebody else's")
    assert len([*tmp_path.glob("*.backup.part")]) == 2
    made, _ = work.make(old, tmp_path / "mine.backup", PASSPHRASE, release="", recordings=True)
    work.verify(old, made, PASSPHRASE)
    assert {*tmp_path.iterdir()} == {made, tmp_path / "music.part"}


def test_a_backup_that_somebody_else_makes_now_is_not_harmed(homes, tmp_path):
    old, *_ = homes
    with being_made(old, tmp_path):
        work.make(old, tmp_path / "beside.backup", PASSPHRASE, release="", recordings=True)
        (part,) = tmp_path.glob("*.part")
        with pytest.raises(Exists, match="somebody else makes this backup now"):
            work.make(old, part.with_suffix(""), PASSPHRASE, release="", recordings=True)
    (theirs,) = tmp_path.glob("busyhour-*.backup")
    work.verify(old, theirs, PASSPHRASE)
    assert [*tmp_path.glob("*.part")] == []
