"""Guessing at the console's password takes ever longer, and no restart, power cut or clock makes it shorter."""

import json

import pytest

from firmware.console.lockout import FREE, LONGEST_S, Lockout
from firmware.console.password import BadPassword, Password


class Now:
    def __init__(self):
        self.s = 1_770_000_000.0

    def __call__(self):
        return self.s


@pytest.fixture
def now():
    return Now()


def test_the_wait_doubles_after_three_wrong_tries_up_to_a_quarter_of_an_hour(tmp_path, now):
    waits = []
    for _ in range(12):
        lockout = Lockout(tmp_path, now)  # a console of its own each time
        lockout.count()
        waits.append(lockout.left_s())
        now.s += lockout.left_s()
        assert lockout.left_s() == 0
    assert waits == [0, 0, 10, 20, 40, 80, 160, 320, 640, 900, 900, 900]


def test_a_restart_does_not_shorten_the_wait(tmp_path, now):
    for _ in range(4):
        Lockout(tmp_path, now).count()
    now.s += 5
    assert Lockout(tmp_path, now).left_s() == 15


def test_the_right_password_begins_anew(tmp_path, now):
    lockout = Lockout(tmp_path, now)
    for _ in range(6):
        lockout.count()
    lockout.forgive()
    assert lockout.left_s() == 0
    assert lockout.count() == 1


def test_a_clock_set_back_by_years_locks_nobody_out_for_years(tmp_path, now):
    for _ in range(20):
        Lockout(tmp_path, now).count()
    now.s -= 10 * 365 * 86400
    assert Lockout(tmp_path, now).left_s() == LONGEST_S


@pytest.mark.parametrize("text", ["", "{", "[]", '{"tries": "many"}', '{"tries": 1}', "\x00\x01"])
def test_a_damaged_file_neither_locks_out_nor_forgives(tmp_path, now, text):
    (tmp_path / "console").mkdir()
    (tmp_path / "console/lockout.json").write_text(text)
    lockout = Lockout(tmp_path, now)
    assert lockout.left_s() == 0
    assert lockout.count() == FREE
    assert lockout.left_s() == 10


def test_the_try_is_on_the_disk_for_the_owner_alone(tmp_path, now):
    Lockout(tmp_path, now).count()
    path = tmp_path / "console/lockout.json"
    assert json.loads(path.read_text())["tries"] == 1
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_password_is_kept_as_an_argon2id_hash_for_the_owner_alone(tmp_path):
    password = Password(tmp_path)
    assert not password.is_set()
    password.set("correct horse")
    path = tmp_path / "console/password"
    assert path.read_text().startswith("$argon2id$")
    assert path.stat().st_mode & 0o777 == 0o600
    assert password.opens("correct horse")
    assert not password.opens("correct horse ")
    assert not password.opens("")


@pytest.mark.parametrize("text", ["", "seven77", "x" * 129, "with\tcontrol characters"])
def test_a_password_that_will_not_do_says_what_would(tmp_path, text):
    with pytest.raises(BadPassword, match="8 to 128 characters are right"):
        Password(tmp_path).set(text)
    assert not Password(tmp_path).is_set()


@pytest.mark.parametrize("damage", [b"", b"\xff\xfe\x00", b"$argon2id$v=19$broken"])
def test_a_damaged_hash_opens_nothing_and_says_how_to_go_on(tmp_path, damage):
    password = Password(tmp_path)
    password.set("correct horse")
    (tmp_path / "console/password").write_bytes(damage)
    with pytest.raises(BadPassword, match="is damaged; set it anew: busyhour console password"):
        password.opens("correct horse")
