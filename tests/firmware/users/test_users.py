"""Users: made, recognised, changed, removed; on the disk, and never part of the configuration."""

import asyncio
import contextlib
import json
import stat

import pytest

from firmware.errors import (
    BadRequest,
    Exists,
    LastAdmin,
    NoStorage,
    NotFound,
    PoorPassword,
    SignedOut,
    WrongPassword,
)
from firmware.records.audit import Entry
from firmware.users import user as user_module
from tests.fakes.disk import AtOnce, Disk
from tests.firmware.users.conftest import ADMIN, HERE
from tests.firmware.users.test_store import FullDisk

LONG = "correct horse battery"
OTHER = "staple 电池 horse"


def test_a_new_box_makes_a_password_that_serves_only_to_choose_another(house):
    password = house.wait(house.users.set_up())
    assert [len(part) for part in password.split("-")] == [4, 4, 4]
    token, user = house.sign_in("admin", password)
    assert (user.role, user.password) == ("admin", "setup")
    token = house.choose(token, LONG)
    assert house.resume(token)[1].password == "own"
    with pytest.raises(WrongPassword):
        house.sign_in("admin", password)
    assert house.sign_in("admin", LONG)


def test_a_box_that_was_set_up_makes_no_such_password_again(house):
    house.settled("王芳", LONG, "admin")
    assert house.wait(house.users.set_up()) == ""
    assert [user.name for user in house.users.all()] == ["王芳"]


def test_a_set_up_password_that_was_lost_is_replaced_at_the_next_start(house):
    first = house.wait(house.users.set_up())
    token, _ = house.sign_in("admin", first)
    house.restart()
    second = house.wait(house.users.set_up())
    with pytest.raises(WrongPassword):
        house.sign_in("admin", first)
    with pytest.raises(SignedOut):
        house.resume(token)
    assert house.sign_in("admin", second)[1].role == "admin"
    assert house.wait(house.users.set_up()) != ""


def test_no_password_and_no_token_is_on_the_disk_in_clear_and_only_we_may_read_it(house):
    given = house.add("li")
    token, _ = house.sign_in("li", given)
    token = house.choose(token, LONG)
    files = {path.name: path for path in house.folder.iterdir()}
    assert set(files) == {"users.json", "sessions.json"}
    for path in files.values():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        for secret in (given, LONG, token):
            assert secret not in path.read_text()
    (row,) = json.loads(files["users.json"].read_text())["users"].values()
    assert row["hash"].startswith("$argon2id$v=19$")


def test_users_are_there_after_a_restart_and_the_removed_ones_are_not(house):
    house.settled("li", LONG)
    house.add("wang", "admin")
    house.wait(house.users.remove("li", ADMIN))
    house.restart()
    assert [user.name for user in house.users.all()] == ["wang"]
    with pytest.raises(WrongPassword):
        house.sign_in("li", LONG)


@pytest.mark.parametrize("name", ["Li", "LI", "ｌｉ", "li"])
def test_a_name_is_the_same_however_it_is_typed(house, name):
    house.settled("Li", LONG)
    assert house.sign_in(name, LONG)[1].name == "Li"
    with pytest.raises(Exists, match="a user Li already"):
        house.add(name)


def test_a_password_is_the_same_from_every_keyboard(house):
    house.settled("zoe", "na\u00efve caf\u00e9 au lait")
    assert house.sign_in("zoe", "nai\u0308ve cafe\u0301 au lait")


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short pw", "password-short"),
        ("x" * 9 + "é", "password-common"),
        ("ab" * 64 + "c", "password-long"),
        ("christopher", "password-is-name"),
        ("ChristoPher", "password-is-name"),
        ("rehpotsirhc", "password-is-name"),
        ("christopher2024", "password-is-name"),
        ("Password123", "password-common"),
        ("woaini1314", "password-common"),
        ("aaaaaaaaaaaaaa", "password-common"),
    ],
)
def test_a_poor_password_is_refused_with_the_reason(house, password, code):
    token, _ = house.sign_in("christopher", house.add("christopher"))
    with pytest.raises(PoorPassword) as refused:
        house.choose(token, password)
    assert refused.value.code == code
    assert password not in str(refused.value)


def test_the_password_one_has_is_not_chosen_again(house):
    given = house.add("li")
    token, _ = house.sign_in("li", given)
    with pytest.raises(PoorPassword) as refused:
        house.choose(token, given)
    assert refused.value.code == "password-unchanged"


def test_an_own_password_is_changed_only_by_who_knows_it(house):
    token = house.settled("li", LONG)
    for wrong in ("", "guess", LONG + " "):
        with pytest.raises(WrongPassword):
            house.choose(token, OTHER, wrong)
    house.choose(token, OTHER, LONG)
    assert house.sign_in("li", OTHER)


def test_choosing_a_password_ends_the_other_sessions_and_gives_this_one_another_token(house):
    token = house.settled("li", LONG)
    elsewhere, _ = house.sign_in("li", LONG)
    session = house.resume(token)[0].id
    renewed = house.choose(token, OTHER, LONG)
    for void in (token, elsewhere):
        with pytest.raises(SignedOut):
            house.resume(void)
    assert house.resume(renewed)[0].id == session


@pytest.mark.parametrize("act", ["remove", "role", "password"])
def test_who_is_changed_by_somebody_else_is_signed_out_everywhere(house, act):
    tokens = [house.settled("li", LONG), house.sign_in("li", LONG)[0]]
    other = house.settled("wang", LONG, "admin")
    house.wait({
        "remove": lambda: house.users.remove("li", ADMIN),
        "role": lambda: house.users.change_role("li", "admin", "", ADMIN),
        "password": lambda: house.users.give_password("li", ADMIN),
    }[act]())
    for token in tokens:
        with pytest.raises(SignedOut):
            house.resume(token)
    assert house.resume(other)[1].name == "wang"
    house.restart()
    with pytest.raises(SignedOut):
        house.resume(tokens[0])


def test_the_last_admin_stays_one(house):
    house.settled("li", LONG, "admin")
    house.settled("wang", LONG, "viewer")
    with pytest.raises(LastAdmin, match="li is the only admin"):
        house.wait(house.users.remove("LI", ADMIN))
    with pytest.raises(LastAdmin):
        house.wait(house.users.change_role("li", "viewer", "", ADMIN))
    house.wait(house.users.change_role("wang", "admin", "", ADMIN))
    house.wait(house.users.remove("li", ADMIN))
    assert [user.name for user in house.users.all()] == ["wang"]


def test_an_agent_has_a_number_and_nobody_else_has(house):
    for role, agent in (("agent", ""), ("viewer", "201")):
        with pytest.raises(BadRequest) as refused:
            house.add("li", role, agent)
        assert [problem.path for problem in refused.value.problems] == ["agent"]
    house.add("li", "agent", "201")
    assert house.users.get("li").agent == "201"
    house.wait(house.users.change_role("li", "supervisor", "", ADMIN))
    assert house.users.get("li").agent == ""


def test_who_is_not_there_cannot_be_changed(house):
    for act in (
        house.users.remove("x", ADMIN),
        house.users.change_role("x", "admin", "", ADMIN),
        house.users.give_password("x", ADMIN),
        house.users.speak("x", "zh"),
    ):
        with pytest.raises(NotFound, match="no user x"):
            house.wait(act)


@pytest.mark.parametrize("call", ["create", "write", "sync", "rename"])
def test_a_full_disk_changes_nothing_and_loses_nobody(house, call):
    given = house.add("li")
    disk = FullDisk(call)
    house.restart(disk=disk)
    disk.full = True
    with pytest.raises(NoStorage):
        house.add("wang")
    with pytest.raises(NoStorage):
        house.wait(house.users.remove("li", ADMIN))
    token, _ = house.sign_in("li", given)  # somebody must look what is wrong
    assert house.resume(token)[1].name == "li"
    house.restart()
    assert [user.name for user in house.users.all()] == ["li"]
    assert house.sign_in("li", given)


def test_a_file_that_is_not_whole_is_put_aside_and_the_box_starts(house):
    house.add("li")
    path = house.folder / "users.json"
    path.write_bytes(path.read_bytes()[:40])
    broken = path.read_bytes()
    house.restart()
    assert house.users.all() == []
    assert (house.folder / "users.json.broken-1").read_bytes() == broken
    assert house.wait(house.users.set_up())


def test_who_is_removed_while_their_password_is_compared_does_not_come_in(house):
    given = house.add("li")
    house.add("boss", "admin")

    class Meanwhile(AtOnce):
        """Takes the user away while the hash is made."""

        def submit(self, fn, /, *args, **kwargs):
            done = super().submit(fn, *args, **kwargs)
            house.users._users.pop("li", None)
            return done

    house.restart(working=Meanwhile())
    with pytest.raises(WrongPassword):
        house.sign_in("li", given)
    assert house.users.sessions.of("li") == []


@pytest.mark.parametrize("begins_ms", range(0, 45, 5))
def test_who_signs_in_while_the_password_is_replaced_is_out_afterwards(house, begins_ms):
    """The hash is compared, the session made and the user written, each at another moment of the change."""
    given = house.add("li")
    house.restart(working=Disk(house.loop, takes_s=0.01))

    async def both():
        giving = asyncio.create_task(house.users.give_password("li", ADMIN))
        await asyncio.sleep(begins_ms / 1000 + 0.001)
        with contextlib.suppress(WrongPassword):
            await house.users.sign_in("li", given, HERE)
        await giving
        return house.users.sessions.of("li")

    assert house.wait(both()) == []
    with pytest.raises(WrongPassword):
        house.sign_in("li", given)


def test_everything_is_noted_with_who_when_and_from_where(house):
    given = house.add("li")
    with pytest.raises(WrongPassword):
        house.sign_in("LI", "guess")
    with pytest.raises(WrongPassword):
        house.sign_in("my password by mistake", "guess")
    house.clock.advance(7)
    token, _ = house.sign_in("li", given)
    token = house.choose(token, LONG)
    house.wait(house.users.change_role("li", "admin", "", ADMIN))
    now_s = house.clock.wall_s()
    assert house.noted == [
        Entry(now_s - 7, "user.added", "li", "root", "", "viewer"),
        Entry(now_s - 7, "session.refused", "li", "", HERE, "wrong password"),
        Entry(now_s - 7, "session.refused", "", "", HERE, "no such user"),
        Entry(now_s, "session.opened", "li", "li", HERE),
        Entry(now_s, "user.password-chosen", "li", "li", HERE),
        Entry(now_s, "user.role-changed", "li", "root", "", "admin"),
    ]


def test_the_same_person_is_found_by_every_form_of_a_name():
    assert user_module.key("Ｗang") == user_module.key("wANG")
    assert user_module.key("王芳") != user_module.key("王方")
