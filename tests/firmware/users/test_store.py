"""The file of users when the power goes, or the disk is full: the old one or the new one, never none."""

import errno
import os

import pytest

from firmware.config.disk import Disk
from firmware.errors import NoStorage
from firmware.users.store import Store
from firmware.users.user import Password, User
from tests.firmware.config.power import TracedDisk

LI, WANG = (User(name, "admin", "$argon2id$", Password.OWN) for name in ("李", "wang"))


class FullDisk(Disk):
    """Fails in one of its calls while it is full."""

    def __init__(self, call):
        self.full = False
        setattr(self, call, self._failing(getattr(self, call)))

    def _failing(self, call):
        def fail(*arguments):
            if self.full:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return call(*arguments)

        return fail


def test_a_power_cut_leaves_all_users_as_they_were_or_as_they_are(tmp_path):
    path = tmp_path / "box/users/users.json"
    disk = TracedDisk()
    store = Store(path, User, disk)
    store.save([LI])
    before = len(disk.steps)
    store.save([LI, WANG])
    left = set()
    for number, step in enumerate(disk.steps[before - 1 :]):
        for index, state in enumerate(step.states()):
            folder = tmp_path / f"cut-{number}-{index}"
            folder.mkdir()
            (folder / "users.json").write_bytes(state[path])
            left.add(tuple(user.name for user in Store(folder / "users.json", User, Disk()).read()))
            assert list(folder.iterdir()) == [folder / "users.json"]  # nothing was broken
    assert left == {("李",), ("李", "wang")}
    assert {state[path] for state in disk.steps[-1].states()} == {path.read_bytes()}  # lasting when it is said


@pytest.mark.parametrize("call", ["create", "write", "sync", "rename", "sync_folder"])
def test_a_full_disk_leaves_a_whole_file(tmp_path, call):
    disk = FullDisk(call)
    store = Store(tmp_path / "users.json", User, disk)
    store.save([LI])
    disk.full = True
    with pytest.raises(NoStorage, match=r"users\.json cannot be written: No space left on device; make room there"):
        store.save([WANG])
    (left,) = store.read()
    assert left == (WANG if call == "sync_folder" else LI)
    assert [path.name for path in tmp_path.iterdir()] == ["users.json"]


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff", b"[]", b'{"users": {"1": {"name": "li"}}}', b'{"users": {"x": {}}}', b'{"users": []}', b"7"],
)
def test_what_is_no_whole_file_is_kept_aside(tmp_path, content):
    path = tmp_path / "users.json"
    for number in (1, 2):
        path.write_bytes(content)
        assert Store(path, User, Disk()).read() == []
        assert not path.exists()
        assert (tmp_path / f"users.json.broken-{number}").read_bytes() == content


def test_a_file_that_the_disk_does_not_give_stops_the_start_by_name(tmp_path):
    (tmp_path / "users.json").mkdir()
    with pytest.raises(NoStorage, match=r"users\.json cannot be read: Is a directory"):
        Store(tmp_path / "users.json", User, Disk()).read()


def test_nobody_at_all_is_a_whole_file_too(tmp_path):
    store = Store(tmp_path / "users.json", User, Disk())
    store.save([LI])
    store.save([])
    assert store.read() == []
    assert not (tmp_path / "users.json.broken-1").exists()
