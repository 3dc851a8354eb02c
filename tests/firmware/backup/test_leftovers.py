"""What restoring leaves goes by rule: so many of each, for so long, and nothing else."""

import os
import re

import pytest

from firmware.backup import restore
from firmware.backup.leftovers import DAY_S, GOING, PLACES, RULES, SURE_S, Leftovers, found

NOW_S = 1_782_000_000.0


@pytest.fixture
def home(tmp_path):
    for name in ("backups", "replaced", "recordings"):
        (tmp_path / name).mkdir()
    return tmp_path


def brought(home, number, days=0.0, at_s=None):
    path = home / f"backups/brought-{number:08x}.backup"
    path.write_bytes(b"x")
    return aged(home, path, days, at_s)


def replaced(home, number, days=0.0, at_s=None):
    path = home / f"replaced/20260101-{number:06}"
    (path / "config").mkdir(parents=True)
    (path / "config/1.json").write_text("{}")
    return aged(home, path, days, at_s)


def aged(home, path, days, at_s):
    at_s = NOW_S - days * DAY_S if at_s is None else at_s
    os.utime(path, (at_s, at_s))
    return str(path.relative_to(home))


def prune(leftovers, now_s=NOW_S, after_s=SURE_S, in_use=lambda path: False):
    """Look twice, some time apart, and return what went."""
    return [*leftovers.prune(now_s, 0.0, in_use), *leftovers.prune(now_s, after_s, in_use)]


def paths(home):
    return [one.path for one in found(home)]


def test_what_is_over_goes_and_the_rest_stays(home):
    old = [brought(home, 1, RULES["brought"].days), replaced(home, 1, RULES["replaced"].days)]
    new = [brought(home, 2, RULES["brought"].days - 0.1), replaced(home, 2, RULES["replaced"].days - 0.1)]
    leftovers = Leftovers(home)
    assert prune(leftovers) == old
    assert paths(home) == new
    assert prune(leftovers) == []
    assert sorted(path.name for path in (home / "replaced").iterdir()) == [new[1].rpartition("/")[2]]


def test_of_too_many_the_oldest_go_at_once(home):
    files = [brought(home, number, number * 0.1) for number in range(RULES["brought"].most + 2)]
    folders = [replaced(home, number, number * 0.1) for number in range(RULES["replaced"].most + 1)]
    gone = Leftovers(home).prune(NOW_S, 0.0, lambda path: False)
    assert gone == [*files[RULES["brought"].most :], *folders[RULES["replaced"].most :]]


def test_a_file_in_use_stays_until_it_is_not(home):
    path = brought(home, 1, RULES["brought"].days)
    leftovers = Leftovers(home)
    assert prune(leftovers, in_use=lambda asked: asked == home / path) == []
    assert (home / path).exists()
    assert prune(leftovers) == [path]


def test_nothing_goes_while_a_restore_waits_for_its_exchange(home):
    path = brought(home, 1, RULES["brought"].days)
    (home / "restore").mkdir()
    (home / "restore/switch.json").write_text("{}")
    assert prune(Leftovers(home)) == []
    (home / "restore/switch.json").unlink()
    assert prune(Leftovers(home)) == [path]


def test_nothing_else_is_touched_and_no_link_is_followed(home):
    (home / "recordings/1.wav").write_bytes(b"x")
    for name in ("busyhour-1.backup", "brought-by-hand.backup", "brought-00000001.backup.part", "state.json"):
        (home / "backups" / name).write_bytes(b"x")
    (home / "replaced/20260101-000001").symlink_to(home / "recordings")
    (home / "replaced/own").mkdir()
    (home / "replaced/20260101-000002").write_bytes(b"x")
    (home / "backups/brought-00000002.backup").symlink_to(home / "recordings/1.wav")
    (home / "backups/brought-00000003.backup").mkdir()
    before = sorted(home.rglob("*"))
    for path in before:
        os.utime(path, (NOW_S - 100 * DAY_S,) * 2, follow_symlinks=False)
    assert prune(Leftovers(home)) == []
    assert sorted(home.rglob("*")) == before


@pytest.mark.parametrize("at_s", [0.0, NOW_S + 400 * DAY_S])
def test_what_came_by_a_wrong_clock_stays_as_long_as_if_it_came_now(home, at_s):
    path = replaced(home, 1, at_s=at_s)
    leftovers = Leftovers(home)
    last_s = NOW_S + RULES["replaced"].days * DAY_S
    assert prune(leftovers) == prune(leftovers, last_s - 1) == []
    assert [(one.since_s, one.until_s) for one in found(home)] == [(NOW_S, last_s)]
    assert prune(leftovers, last_s) == [path]


def test_a_clock_that_is_years_ahead_for_less_than_an_hour_takes_nothing(home):
    brought(home, 1)
    replaced(home, 1)
    leftovers = Leftovers(home)
    assert prune(leftovers, NOW_S + 4000 * DAY_S, SURE_S - 1) == []
    assert leftovers.prune(NOW_S, SURE_S, lambda path: False) == []  # it was set right, and the hour begins anew
    assert leftovers.prune(NOW_S + 4000 * DAY_S, SURE_S + 1, lambda path: False) == []
    assert len(paths(home)) == 2


def test_a_removal_that_the_power_cut_is_ended_the_next_time(home):
    (home / "replaced" / GOING / "config").mkdir(parents=True)
    assert paths(home) == []
    assert prune(Leftovers(home)) == []
    assert list((home / "replaced").iterdir()) == []


def test_what_cannot_be_removed_is_said_once_and_tried_again(home, caplog):
    path = replaced(home, 1, RULES["replaced"].days)
    (home / "replaced" / GOING).write_bytes(b"not a folder")
    leftovers = Leftovers(home)
    assert prune(leftovers) == prune(leftovers) == []
    assert [record.getMessage().partition(",")[0] for record in caplog.records] == [
        f"replaced/{GOING} cannot be removed", f"{path} cannot be removed",
    ]  # fmt: skip
    (home / "replaced" / GOING).unlink()
    assert leftovers.prune(NOW_S, 2 * SURE_S, lambda path: False) == [path]


def test_a_home_that_nothing_was_restored_in_has_none(tmp_path):
    assert paths(tmp_path) == prune(Leftovers(tmp_path)) == []


def test_its_names_are_those_that_restoring_gives():
    _, name = PLACES["replaced"]
    assert name.fullmatch(restore.name())
    assert name.fullmatch(f"{restore.name()}-2")
    assert not re.fullmatch(name, GOING)
