"""Revisions on the disk: nothing acknowledged is ever lost, one program writes, what is broken is named."""

import errno
import subprocess
import sys

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings

from firmware.config import factory
from firmware.config.disk import Disk
from firmware.config.schema import Config
from firmware.config.store import Store
from firmware.errors import Locked, NoStorage, NotFound
from tests.examples import examples
from tests.firmware.config.configs import documents

PLAIN = msgspec.to_builtins(factory.build())


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "config/revisions", Disk())
    store.lock()
    yield store
    store.close()


def append(store, document=PLAIN, why=""):
    return store.append(document, who="anna", when="2026-01-02T03:04:05+08:00", why=why)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
    max_examples=examples(30),
)
@given(documents(Config))
def test_what_is_kept_is_read_again(store, document):
    config = msgspec.convert(document, Config)
    revision = append(store, msgspec.to_builtins(config))
    about, kept = store.read(revision.number)
    assert about == revision
    assert msgspec.convert(kept, Config) == config


def test_a_revision_says_who_when_and_why(store):
    append(store, why="new queue")
    about, _ = store.read(1)
    assert (about.number, about.who, about.when, about.why) == (1, "anna", "2026-01-02T03:04:05+08:00", "new queue")


def test_a_revision_is_a_file_for_people(store):
    append(store)
    text = store.path(1).read_text()
    assert '"title": "客户服务 Service"' in text
    assert store.path(1).stat().st_mode & 0o777 == 0o600


def test_revisions_are_counted_on_behind_a_broken_one(store):
    append(store)
    store.path(2).write_text("{")
    assert append(store).number == 3


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"\0" * 500,
        b"[]",
        b"{}",
        b'{"revision": {}}',
        b'{"revision": 3}',
        b'{"revision": {"1": {"number": 7}}}',
        b'{"revision": {"x": {"number": 1}}}',
        b'{"revision": {"1": {"number": 1}}, "box": {}}',
        b"\xff\xfe",
        b"[" * 99999,
    ],
)
def test_a_broken_revision_is_told_by_its_file(store, data):
    store.path(1).write_bytes(data)
    about, document = store.read(1)
    assert str(store.path(1)) in about.broken
    assert document == {}


@pytest.mark.parametrize("keep", range(0, 100, 7))
def test_a_truncated_revision_is_always_noticed(store, keep):
    append(store)
    data = store.path(1).read_bytes()
    store.path(1).write_bytes(data[: len(data) * keep // 100])
    assert store.read(1)[0].broken


def test_a_revision_that_is_not_there(store):
    with pytest.raises(NotFound, match="no revision 5"):
        store.read(5)


def test_other_files_in_the_folder_are_no_revisions(store):
    append(store)
    for name in ("000002.json.new", "notes.txt", "x000003.json", "3.json", "000004.json~"):
        (store.folder / name).write_text("{}")
    assert store.numbers() == [1]


def test_half_written_files_of_a_program_that_died_are_cleared_away(store):
    store.close()
    left_over = store.folder / "000001.json.new"
    left_over.write_text('{"rev')
    store.lock()
    assert not left_over.exists()


def test_only_one_program_writes(store):
    other = Store(store.folder, Disk())
    with pytest.raises(Locked, match=r"being written by process \d+"):
        other.lock()
    with pytest.raises(Locked, match="not held"):
        append(other)
    store.close()
    other.lock()
    assert append(other).number == 1
    other.close()


def test_a_program_that_died_leaves_no_lock(tmp_path):
    code = (
        "import os, sys; from pathlib import Path; from firmware.config.store import Store; "
        "from firmware.config.disk import Disk; Store(Path(sys.argv[1]), Disk()).lock(); print('locked', flush=True); "
        "sys.stdin.read()"
    )
    folder = tmp_path / "config/revisions"
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout.readline() == "locked\n"
    mine = Store(folder, Disk())
    with pytest.raises(Locked, match=f"process {holder.pid}"):
        mine.lock()
    holder.kill()
    holder.communicate()
    mine.lock()
    mine.close()


class FailingDisk(Disk):
    """Fails in one of its calls."""

    def __init__(self, call, code):
        self.call, self.code, self.failing = call, code, False

    def _fail(self, call):
        if self.failing and call == self.call:
            raise OSError(self.code, "Full" if self.code == errno.ENOSPC else "Read-only")

    def create(self, path, mode):
        self._fail("create")
        return super().create(path, mode)

    def write(self, file, data):
        self._fail("write")
        return super().write(file, data)

    def sync(self, file):
        self._fail("sync")
        super().sync(file)

    def rename(self, path, to):
        self._fail("rename")
        super().rename(path, to)

    def sync_folder(self, folder):
        self._fail("sync_folder")
        super().sync_folder(folder)


@pytest.mark.parametrize("call", ["create", "write", "sync", "rename", "sync_folder"])
def test_a_full_disk_refuses_a_revision_and_leaves_the_former_one(tmp_path, call):
    disk = FailingDisk(call, errno.ENOSPC)
    store = Store(tmp_path / "config/revisions", disk)
    store.lock()
    append(store)
    disk.failing = True
    with pytest.raises(NoStorage, match=r"000002\.json cannot be written: Full; make room there"):
        append(store, why="second")
    disk.failing = False
    assert [path.name for path in store.folder.iterdir()] == ["000001.json"]
    assert append(store, why="third").number == 2
    store.close()
