"""Tokens: what they allow, what outlives a restart, and who is told of their end."""

import pytest

from firmware.errors import Exists, NoStorage, NotFound, Refused, SignedOut
from firmware.users.tokens import MOST
from tests.firmware.users.conftest import ADMIN, HERE
from tests.firmware.users.test_store import FullDisk

DAY_S = 86400


def create(house, name="crm", role="viewer", agent="", days=None):
    return house.wait(house.users.tokens.create(name, role, agent, days, ADMIN))


def use(house, secret, address=HERE):
    return house.do(house.users.tokens.use, secret, address)


def void(house, secret):
    with pytest.raises(SignedOut):
        use(house, secret)
    return True


def test_a_token_is_known_by_what_was_told_once_and_by_nothing_else(house):
    token, secret = create(house, role="supervisor")
    assert secret.startswith("bh_")
    assert len(secret) > 40
    used = use(house, secret)
    assert (used.name, used.role, used.used_from) == ("crm", "supervisor", HERE)
    for other in ("", secret[:-1], secret + "x", secret.upper(), token.hash, token.id, "bh_\ud800"):
        assert void(house, other)


def test_what_is_shown_is_nowhere_on_the_disk(house):
    _, secret = create(house)
    use(house, secret)
    written = [path.read_text() for path in house.folder.iterdir()]
    assert any("crm" in text for text in written)
    assert not any(secret in text or secret.removeprefix("bh_") in text for text in written)


def test_nobody_but_the_box_reads_the_file(house):
    create(house)
    assert (house.folder / "tokens.json").stat().st_mode & 0o777 == 0o600


def test_a_token_outlives_the_exchange_and_its_end_does_too(house):
    _, kept = create(house, "kept")
    _, revoked = create(house, "revoked")
    house.wait(house.users.tokens.revoke("REVOKED", ADMIN))
    house.restart()
    assert use(house, kept).name == "kept"
    assert void(house, revoked)
    with pytest.raises(NotFound):
        house.wait(house.users.tokens.revoke("revoked", ADMIN))


def test_a_token_expires_when_it_should_stays_in_the_list_and_its_watchers_are_told(house):
    token, secret = create(house, days=30)
    told = []
    house.users.tokens.watch(token.id, lambda: told.append("over"))
    house.clock.advance(30 * DAY_S - 1)
    assert use(house, secret)
    assert told == []
    house.clock.advance(1.1)
    assert void(house, secret)
    assert told == ["over"]
    assert [one.name for one in house.users.tokens.all()] == ["crm"]
    house.restart()
    assert void(house, secret)


def test_who_watches_a_token_is_told_once_when_it_is_revoked_unless_they_left(house):
    token, _ = create(house)
    told = []
    leave = house.users.tokens.watch(token.id, lambda: told.append("left"))
    house.users.tokens.watch(token.id, lambda: told.append("stayed"))
    leave()
    house.wait(house.users.tokens.revoke("crm", ADMIN))
    assert told == ["stayed"]


def test_when_it_was_used_last_and_from_where_is_kept(house):
    _, secret = create(house)
    house.clock.advance(100)
    use(house, secret, "198.51.100.9")
    house.clock.advance(1)
    house.restart()
    (token,) = house.users.tokens.all()
    assert (token.used_from, token.used_s - token.created_s) == ("198.51.100.9", 100)


def test_two_tokens_never_share_a_name(house):
    create(house, "crm")
    for name in ("crm", "CRM", "ｃｒｍ"):
        with pytest.raises(Exists):
            create(house, name)


def test_there_is_a_most_of_tokens(house):
    for number in range(MOST):
        create(house, f"t{number}")
    with pytest.raises(Refused, match=f"there are {MOST} tokens already"):
        create(house, "one-more")
    assert len(house.users.tokens.all()) == MOST


def test_each_beginning_and_end_is_noted_without_the_secret(house):
    _, secret = create(house, role="agent", agent="201", days=7)
    house.wait(house.users.tokens.revoke("crm", ADMIN))
    (made,), (ended,) = house.told("token.created"), house.told("token.revoked")
    assert (made.user, made.by, made.detail) == ("crm", "root", "agent 201 for 7 days")
    assert (ended.user, ended.by) == ("crm", "root")
    assert secret not in repr(house.noted)


def test_a_full_disk_makes_no_token_but_revoking_is_in_force_at_once(house):
    _, secret = create(house)
    disk = FullDisk("write")
    house.restart(disk=disk)
    disk.full = True
    with pytest.raises(NoStorage):
        create(house, "other")
    assert [token.name for token in house.users.tokens.all()] == ["crm"]
    with pytest.raises(NoStorage):
        house.wait(house.users.tokens.revoke("crm", ADMIN))
    assert void(house, secret)
