"""A backup holds the whole box, opens with its passphrase alone, and is found out when it is not whole."""

import base64
import io
import os
import shutil
import subprocess
import sys
import tarfile
import textwrap
import threading

import pyrage
import pytest
from sqlalchemy import insert

from firmware.backup import contents, envelope, room, snapshot, work
from firmware.backup.restore import restore
from firmware.config.check import shaped
from firmware.config.disk import Disk
from firmware.errors import (
    Damaged,
    Exists,
    HomeUsed,
    Locked,
    NewerFormat,
    NoStorage,
    NotABackup,
    NotFound,
    Refused,
    TooSlow,
    WrongPassphrase,
)
from firmware.records import schema
from firmware.records.database import Writer, open_database, url_of
from tests.firmware.backup.homes import PASSPHRASE, SECRET, add_calls, configuration, make_home, picture, put, row


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return make_home(tmp_path_factory.mktemp("used") / "home")


@pytest.fixture(scope="module")
def backup(home, tmp_path_factory):
    """A whole backup of that home, which no test changes."""
    made, _ = work.make(home, tmp_path_factory.mktemp("to"), PASSPHRASE, release="1.2", recordings=True)
    return made


def without(found, *names):
    return {name: data for name, data in found.items() if name not in names}


def test_an_empty_box_becomes_what_the_other_one_was(home, backup, tmp_path):
    about, _ = restore(tmp_path / "new", backup, PASSPHRASE)
    assert (about.box, about.revision, about.calls, about.users, about.recordings) == ("Mingde", 2, 3, 1, True)
    before, now = picture(home), picture(tmp_path / "new")
    assert now == without(before, "users/sessions.json")
    assert not (tmp_path / "new/log").exists()
    opened = configuration(tmp_path / "new")
    opened.close()
    assert opened.secret_of("201") == SECRET
    assert opened.revision.why == "change 1"


def heavier(locked: bytes) -> bytes:
    """Return a locked key that says it was made where scrypt is a hundred thousand times faster."""
    plain = base64.b64decode(b"".join(locked.splitlines()[1:-1]))
    said = plain.splitlines()[1]
    changed = plain.replace(said, said.rpartition(b" ")[0] + b" 34", 1)
    lines = textwrap.wrap(base64.b64encode(changed).decode(), 64)
    return "\n".join((locked.splitlines()[0].decode(), *lines, locked.splitlines()[-1].decode(), "")).encode()


def test_a_machine_too_busy_for_the_passphrase_says_so_and_never_that_the_backup_is_damaged(monkeypatch):
    monkeypatch.setattr(envelope, "PAUSES_S", (0.0, 0.01))
    monkeypatch.setattr(envelope, "MOST_LOG_N", 34)
    _, locked = envelope.lock(PASSPHRASE)
    with pytest.raises(TooSlow, match="too busy now, or too slow"):
        envelope.unlock(heavier(locked), PASSPHRASE)


def test_recordings_are_in_it_on_wish_alone(home, tmp_path):
    made, about = work.make(home, tmp_path / "b.backup", PASSPHRASE, release="", recordings=False)
    assert not about.recordings
    restore(tmp_path / "new", made, PASSPHRASE)
    assert not (tmp_path / "new/recordings").exists()
    assert (tmp_path / "new/prompts/问候.wav").exists()


def test_it_tells_nothing_but_format_and_date_to_who_has_no_passphrase(home, backup):
    data = backup.read_bytes()
    first = data.splitlines()[0]
    assert first.startswith(b"busyhour backup 1 20")
    assert len(first.split()) == 4
    for told in (b"Mingde", SECRET.encode(), b"13800", b"config", b"records", b"argon2"):
        assert told not in data
    assert backup.stat().st_mode & 0o777 == 0o600


def test_the_program_of_age_opens_it_without_us(backup):
    """What is written in README: nobody needs this program to get at their data."""
    data = backup.read_bytes()
    end = data.index(b"-----END AGE ENCRYPTED FILE-----\n") + 33
    identity = pyrage.passphrase.decrypt(data[data.index(b"\n") + 1 : end], PASSPHRASE)
    key = backup.with_name("key")
    key.write_bytes(identity)
    opened = subprocess.run(["age", "-d", "-i", str(key)], input=data[end:], capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(opened)) as tar:
        names = tar.getnames()
    assert names[0] == "about.json"
    assert names[-1] == "sha256sums"
    assert {"config/key", "config/revisions/000002.json", "records/records.sqlite"} <= set(names)


def test_verifying_reads_all_and_changes_nothing(home, backup):
    before = picture(home)
    assert work.verify(home, backup, PASSPHRASE).calls == 3
    assert picture(home) == before
    assert sorted(path.name for path in (home / "backups").iterdir()) == []


def test_a_wrong_passphrase_opens_nothing(home, backup, tmp_path):
    with pytest.raises(WrongPassphrase, match="does not open with this passphrase"):
        work.verify(home, backup, "correct horse batterz")
    with pytest.raises(WrongPassphrase):
        restore(tmp_path / "new", backup, "")
    assert picture(tmp_path / "new") == {}


def changed(backup, to, change):
    data = bytearray(backup.read_bytes())
    change(data)
    to.write_bytes(data)
    return to


@pytest.mark.parametrize("part", [0.02, 0.3, 0.6, 0.9, 0.999])
def test_a_byte_changed_anywhere_is_found_out(home, backup, tmp_path, part):
    def change(data):
        start = data.index(b"-----BEGIN") + 40  # in the line before, one sees it
        data[start + int(part * (len(data) - 1 - start))] ^= 1

    with pytest.raises((Damaged, WrongPassphrase)):
        work.verify(home, changed(backup, tmp_path / "x.backup", change), PASSPHRASE)


@pytest.mark.parametrize("left", [0.0, 0.01, 0.5, 0.95, -70_000, -65_536, -1])
def test_one_that_was_cut_off_is_found_out_and_nothing_is_half_restored(home, backup, tmp_path, left):
    def change(data):
        count = int(left * len(data)) if left >= 0 else int(left)
        del data[count if count else 0 :]

    cut = changed(backup, tmp_path / "x.backup", change)
    used = shutil.copytree(home, tmp_path / "box")
    before = picture(used)
    with pytest.raises((Damaged, NotABackup)):
        restore(used, cut, PASSPHRASE, replace=True)
    assert picture(used) == before
    assert not (used / "restore").exists()
    assert not (used / "replaced").exists()


def test_a_line_in_clear_that_was_changed_is_found_out(home, backup, tmp_path):
    def change(data):
        data[18:22] = b"1999"

    with pytest.raises(Damaged, match="says that it was made at 1999"):
        work.verify(home, changed(backup, tmp_path / "x.backup", change), PASSPHRASE)


def test_a_newer_format_says_that_it_needs_a_newer_release(home, backup, tmp_path):
    def change(data):
        data[16:17] = b"2"

    with pytest.raises(NewerFormat, match="format 2, and this release reads up to 1"):
        work.verify(home, changed(backup, tmp_path / "x.backup", change), PASSPHRASE)


@pytest.mark.parametrize("data", [b"", b"busyhour", b"PK\x03\x04" + b"x" * 1000, b"busyhour backup one 2026\n"])
def test_another_file_is_no_backup(home, tmp_path, data):
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(NotABackup):
        work.verify(home, tmp_path / "x", PASSPHRASE)


def test_a_file_that_is_not_there_is_named(home, tmp_path):
    with pytest.raises(NotFound, match=r"there is no file .*gone\.backup"):
        work.verify(home, tmp_path / "gone.backup", PASSPHRASE)


def test_a_file_that_is_there_is_not_written_over(home, backup):
    before = backup.read_bytes()
    with pytest.raises(Exists):
        work.make(home, backup, PASSPHRASE, release="", recordings=False)
    assert backup.read_bytes() == before


def sealed(path, *files, made="2026-01-02T03:04:05Z"):
    """Write a backup by hand, as somebody could who has the passphrase."""
    about = contents.About(made=made, release="x")

    def fill(out):
        with tarfile.open(fileobj=out, mode="w|") as tar:
            for name, data in [("about.json", contents._encoded(about)), *files]:
                info = tarfile.TarInfo(name)
                if data is None:
                    info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
                info.size = len(data or b"")
                tar.addfile(info, io.BytesIO(data or b""))

    with path.open("wb") as file:
        envelope.seal(file, PASSPHRASE, made, fill)
    return path


@pytest.mark.parametrize(
    "name", ["../x/y", "/etc/x", "config/../../x", "run/exchange.sock", "x", "config//x", "restore/switch.json"]
)
def test_nothing_is_put_where_it_does_not_belong(tmp_path, name):
    with pytest.raises(Damaged):
        restore(tmp_path / "box", sealed(tmp_path / "x.backup", (name, b"evil")), PASSPHRASE)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["box", "x.backup"]


def test_a_link_is_not_followed(tmp_path):
    with pytest.raises(Damaged, match="no plain file"):
        restore(tmp_path / "box", sealed(tmp_path / "x.backup", ("config/x", None)), PASSPHRASE)


def test_a_file_that_is_not_in_the_list_of_checksums_is_found_out(tmp_path):
    with pytest.raises(Damaged, match="list of its files is missing"):
        restore(tmp_path / "box", sealed(tmp_path / "x.backup", ("prompts/x", b"1")), PASSPHRASE)
    files = (("prompts/x", b"1"), ("sha256sums", b"0" * 64 + b"  prompts/x\n"))
    listed = sealed(tmp_path / "y.backup", *files)
    with pytest.raises(Damaged, match=r"about\.json is not as it was saved"):
        restore(tmp_path / "box", listed, PASSPHRASE)


def test_a_configuration_that_this_release_cannot_use_is_refused_before_anything_changes(home, tmp_path, monkeypatch):
    newer = shutil.copytree(home, tmp_path / "newer")
    made, _ = work.make(newer, tmp_path / "x.backup", PASSPHRASE, release="", recordings=False)
    before = picture(newer)
    with monkeypatch.context() as earlier:  # a release that had no such part yet
        earlier.setattr(work.check, "shaped", lambda document, where="": shaped(document | {"boxes": 1}, where))
        with pytest.raises(Refused, match=r"cannot run with its configuration: revision 2: .*boxes"):
            restore(newer, made, PASSPHRASE, replace=True)
    assert picture(newer) == before


def test_a_broken_newest_revision_keeps_nobody_from_a_backup(home, tmp_path):
    broken = shutil.copytree(home, tmp_path / "broken")
    (broken / "config/revisions/000002.json").write_bytes(b"{")
    made, about = work.make(broken, tmp_path / "x.backup", PASSPHRASE, release="", recordings=False)
    assert about.revision == 1
    restore(tmp_path / "new", made, PASSPHRASE)
    left_out = ("users/sessions.json", "recordings/2026/01/02/k-0-1.wav")
    assert picture(tmp_path / "new") == without(picture(broken), *left_out)


def test_broken_records_are_no_backup(home, tmp_path):
    broken = shutil.copytree(home, tmp_path / "broken")
    with (broken / "records/records.sqlite").open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 8192)
    try:
        made, _ = work.make(broken, tmp_path / "x.backup", PASSPHRASE, release="", recordings=False)
    except Damaged:
        assert list(tmp_path.glob("*.backup*")) == []
    else:
        with pytest.raises(Damaged):
            work.verify(broken, made, PASSPHRASE)


def test_a_used_home_is_put_aside_only_when_somebody_says_so(home, backup, tmp_path):
    used = make_home(tmp_path / "box", name="Other", calls=1)
    before = picture(used)
    with pytest.raises(HomeUsed, match="has been used: it has 2 revisions"):
        restore(used, backup, PASSPHRASE)
    assert picture(used) == before
    _, aside = restore(used, backup, PASSPHRASE, replace=True)
    assert picture(used) == without(picture(home), "users/sessions.json")
    assert picture(used / aside) == before


def test_recordings_stay_where_the_backup_has_none(home, tmp_path):
    used = make_home(tmp_path / "box", name="Other")
    recording = (used / "recordings/2026/01/02/k-0-1.wav").read_bytes()
    made, _ = work.make(home, tmp_path / "b.backup", PASSPHRASE, release="", recordings=False)
    restore(used, made, PASSPHRASE, replace=True)
    assert (used / "recordings/2026/01/02/k-0-1.wav").read_bytes() == recording


def test_a_home_in_which_a_box_runs_is_left_alone(backup, tmp_path):
    opened = configuration(tmp_path / "box")
    try:
        with pytest.raises(Locked, match="a box runs in"):
            restore(tmp_path / "box", backup, PASSPHRASE, replace=True)
    finally:
        opened.close()


def test_records_are_those_of_one_moment_while_calls_go_on(tmp_path):
    """A writer that never rests is never held up, and the copy has no half of what it writes together."""
    add_calls(tmp_path, 0)
    engine = open_database(url_of(tmp_path))
    writer = Writer(engine)
    stop, written = threading.Event(), []

    def write():
        number = 0
        while not stop.is_set():
            rows = [(insert(schema.calls), row(number + place)) for place in range(10)]
            writer.write(rows)
            written.append(number)
            number += 10

    thread = threading.Thread(target=write)
    thread.start()
    counts = []
    while len(counts) < 5 or (len(written) < 20 and thread.is_alive()):
        copy = tmp_path / f"copy-{len(counts)}"
        snapshot.snapshot(tmp_path / "records/records.sqlite", copy)
        snapshot.check(copy)
        counts.append(snapshot.facts(copy)[0])
    stop.set()
    thread.join()
    engine.dispose()
    assert all(count % 10 == 0 for count in counts)
    assert counts == sorted(counts)
    assert len(written) >= 20


def test_no_room_is_said_before_anything_is_written(home, backup, tmp_path, monkeypatch):
    monkeypatch.setattr(room, "LEAST_FREE_BYTES", 1 << 60)
    with pytest.raises(NoStorage, match=r"MB are free, and .* are needed"):
        work.make(home, tmp_path / "x.backup", PASSPHRASE, release="", recordings=False)
    with pytest.raises(NoStorage, match="are needed"):
        restore(tmp_path / "box", backup, PASSPHRASE)
    assert list(tmp_path.glob("*.backup*")) == []


class Full(Disk):
    """A disk with room for so many bytes."""

    def __init__(self, room):
        self.room = room

    def write(self, file, data):
        self.room -= len(data)
        if self.room < 0:
            raise OSError(28, "No space left on device")
        return super().write(file, data)


@pytest.mark.parametrize("room", [0, 10_000, 200_000])
def test_a_disk_that_is_full_midway_leaves_the_old_box(home, backup, tmp_path, room):
    used = make_home(tmp_path / "box", name="Other")
    before = picture(used)
    with pytest.raises(NoStorage, match="make room there"):
        restore(used, backup, PASSPHRASE, replace=True, disk=Full(room))
    assert picture(used) == before
    assert not (used / "restore").exists()


def test_large_recordings_take_no_more_memory_than_small_ones(home, tmp_path):
    large = shutil.copytree(home, tmp_path / "large")
    with (large / "recordings/2026/01/02/long.wav").open("wb") as file:
        for _ in range(150):
            file.write(os.urandom(1 << 20))
    code = (
        "import sys, resource, pyrage; from pathlib import Path; from firmware.backup import work, envelope\n"
        # the passphrase's own cost is known memory (scrypt), the same for every backup; here it is left out
        "envelope.lock = lambda passphrase: (pyrage.x25519.Identity.generate(), b'lock')\n"
        "work.make(Path(sys.argv[1]), Path(sys.argv[2]), 'x' * 8, release='', recordings=True)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    peaks = []
    for name, box in (("small", home), ("large", large)):
        words = [sys.executable, "-c", code, str(box), str(tmp_path / f"{name}.backup")]
        peaks.append(int(subprocess.run(words, capture_output=True, text=True, check=True).stdout))
    assert (tmp_path / "large.backup").stat().st_size > 150 << 20
    assert peaks[1] < peaks[0] + 20_000, f"{peaks} KB"


def test_files_that_are_not_whole_yet_stay_out(home, tmp_path):
    changing = shutil.copytree(home, tmp_path / "box")
    put(changing / "users/users.json.new", b"half")
    os.mkfifo(changing / "prompts/fifo")
    (changing / "prompts/link").symlink_to("/etc/passwd")
    made, _ = work.make(changing, tmp_path / "b.backup", PASSPHRASE, release="", recordings=True)
    restore(tmp_path / "new", made, PASSPHRASE)
    found = {path.name for path in (tmp_path / "new").rglob("*")}
    assert not found & {"users.json.new", "fifo", "link", "sessions.json", "exchange.log"}
