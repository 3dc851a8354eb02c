"""The file for a support engineer: whole or not there, also with everything dead, and with nothing secret in it."""

import json
import os
import subprocess
import tarfile

import pytest

from firmware import support
from firmware.errors import Unavailable


def dead(method):
    raise Unavailable("the exchange does not answer")


@pytest.fixture
def home(tmp_path):
    (tmp_path / "log").mkdir()
    (tmp_path / "log/gateway.log").write_text("2026-03-02 10:00:00,123 INFO call g-12345678 from 13800138000\n" * 3)
    return tmp_path


def opened(path):
    """Return what is in a bundle, by name within its one folder."""
    with tarfile.open(path) as bundle:
        names = bundle.getnames()
        assert {name.partition("/")[0] for name in names} == {path.name.partition(".")[0]}
        return {name.partition("/")[2]: bundle.extractfile(name).read().decode() for name in names}


def test_it_is_made_with_the_exchange_dead_and_says_so(home):
    path = home / "one.tar.gz"
    size = support.write(path, home, dead)
    found = opened(path)
    assert path.stat().st_size == size
    assert json.loads(found["status.json"]) == {"error": "unavailable", "text": "the exchange does not answer"}
    assert found["programs.json.error"] == "No such file or directory\n"
    assert json.loads(found["machine.json"])["packages"]["busyhour"]
    assert path.stat().st_mode & 0o077 == 0


def test_callers_numbers_are_cut_and_times_and_calls_stay(home):
    path = home / "one.tar.gz"
    support.write(path, home, dead)
    assert opened(path)["log/gateway.log"].splitlines()[0] == (
        "2026-03-02 10:00:00,123 INFO call g-12345678 from 138****"
    )


def test_only_the_end_of_a_long_log_is_in_it(home):
    (home / "log/web.log").write_text("x" * 3 * support.LOG_BYTES + "\nthe end\n")
    path = home / "one.tar.gz"
    support.write(path, home, dead)
    told = opened(path)["log/web.log"]
    assert len(told) == support.LOG_BYTES
    assert told.endswith("the end\n")


def test_what_is_there_already_stays_as_it_is(home):
    path = home / "one.tar.gz"
    path.write_text("mine")
    with pytest.raises(FileExistsError):
        support.write(path, home, dead)
    assert path.read_text() == "mine"


def test_nothing_half_written_is_left(home, tmp_path_factory):
    full = tmp_path_factory.mktemp("full")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(full)], check=True)
    try:
        (home / "log/web.log").write_bytes(os.urandom(500_000))
        with pytest.raises(OSError, match="No space left"):
            support.write(full / "one.tar.gz", home, dead)
        assert list(full.iterdir()) == []
    finally:
        subprocess.run(["umount", str(full)], check=True)
