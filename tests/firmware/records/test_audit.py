"""The audit: on disk when it is confirmed, newest first, page by page, by the exchange's own methods."""

import pytest

from firmware.control.methods import Asker, Role
from firmware.errors import WrongPassword

ADMIN = Asker("root", Role.ADMIN)


def ask(box, method, **params):
    return box.wait(box.exchange.methods.call(ADMIN, method, params))


def test_what_was_confirmed_is_on_record_after_the_exchange_was_killed(box):
    given = ask(box, "user.add", name="李", role="viewer").password
    box.restart()
    ask(box, "session.open", name="李", password=given, address="192.0.2.7")
    box.restart()
    assert [(one.what, one.user, one.by, one.address) for one in ask(box, "user.audit")] == [
        ("session.opened", "李", "李", "192.0.2.7"),
        ("user.added", "李", "root", ""),
    ]
    assert ask(box, "user.audit")[0].at_s == pytest.approx(box.clock.wall_s(), abs=1)


def test_pages_follow_each_other(box):
    for number in range(7):
        ask(box, "user.add", name=f"u{number}", role="viewer")
    seen, before = [], None
    while page := ask(box, "user.audit", limit=3, before=before):
        seen += [one.user for one in page]
        before = page[-1].id
    assert seen == [f"u{number}" for number in reversed(range(7))]


def test_refusals_are_there_too_and_a_disk_that_takes_nothing_stops_nobody(box):
    given = ask(box, "user.add", name="li", role="viewer").password
    with pytest.raises(WrongPassword):
        ask(box, "session.open", name="li", password="guess")
    box.settle()
    box.disk.full = True
    assert ask(box, "session.open", name="li", password=given).token
    box.disk.full = False
    box.clock.advance(20)
    assert [one.what for one in ask(box, "user.audit")] == ["session.opened", "session.refused", "user.added"]


def test_no_revision_brings_a_user_or_a_password_back(box):
    given = ask(box, "user.add", name="li", role="admin").password
    ask(box, "user.add", name="wang", role="admin")
    revision = box.configuration.revision.number
    ask(box, "user.remove", name="li")
    ask(box, "config.rollback", revision=revision)
    assert [user.name for user in ask(box, "user.list")] == ["wang"]
    with pytest.raises(WrongPassword):
        ask(box, "session.open", name="li", password=given)
    assert "users" not in ask(box, "config.export", secrets=True)
