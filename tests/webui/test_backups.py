"""The pages of backups and of callers' data: what an admin does there, and that nobody else may."""

import html
import io
import os
import re
import time
from types import SimpleNamespace

import pytest

from firmware.backup.leftovers import found
from tests.webui.test_live import text_of
from tests.webui.test_users import post

PASSPHRASE = "correct horse battery"


@pytest.fixture
def admin(page, door, monkeypatch):
    monkeypatch.setenv("BUSYHOUR_HOME", str(door.door.home))
    return page(role="admin")


def wait(client, path="/backups/"):
    """Wait until nothing is under way, and return the page."""
    deadline = time.monotonic() + 60
    while "Under way" in (text := text_of(client.get(path).text)):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return text


@pytest.mark.parametrize("role", ["supervisor", "agent", "viewer"])
@pytest.mark.parametrize("path", ["/backups/", "/backups/restore?name=x", "/backups/file?name=x", "/persons/"])
def test_only_admins_see_them(page, role, path):
    client = page(role=role)
    if path == "/persons/":
        assert post(client, path, act="show", number="13900139000").status_code == 403
    else:
        assert client.get(path).status_code == 403


def test_a_backup_is_made_downloaded_brought_back_and_restored_after_two_questions(admin, door):
    restarted = []
    door.door.backups.restart = lambda: restarted.append(True)
    assert post(admin, "/backups/", act="now", passphrase=PASSPHRASE).status_code == 303
    assert "Done: busyhour-" in wait(admin)
    (link,) = re.findall(r'href="(/backups/file\?name=[^"]+)"', admin.get("/backups/").text)
    data = admin.get(html.unescape(link)).data
    assert data.startswith(b"busyhour backup 1 ")
    answer = post(admin, "/backups/upload", file=(io.BytesIO(data), "mine.backup"))
    where = answer.headers["Location"]
    assert (door.door.home / "backups" / where.partition("=")[2]).read_bytes() == data
    assert f"backups/{where.partition('=')[2]}" in [one.path for one in found(door.door.home)]
    post(admin, where, act="unpack", passphrase="not the right one")
    assert "does not open with this passphrase" in wait(admin, where)
    post(admin, where, act="unpack", passphrase=PASSPHRASE)
    assert "What is in it" in wait(admin, where)
    assert "Say so first" in post(admin, where, act="ask").text
    assert "Really restore the backup of" in post(admin, where, act="ask", sure="on").text
    assert not (door.door.home / "restore/switch.json").exists()
    assert "being restored" in admin.get(post(admin, where, act="restore", replace="1").headers["Location"]).text
    deadline = time.monotonic() + 5
    while not restarted:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert (door.door.home / "restore/switch.json").exists()


def test_who_waits_for_a_restored_box_is_sent_to_sign_in_there(admin, door):
    door.door.backups.restart = lambda: None
    post(admin, "/backups/", act="now", passphrase=PASSPHRASE)
    wait(admin)
    (name,) = re.findall(r'href="/backups/restore\?name=([^"]+)"', admin.get("/backups/").text)
    where = f"/backups/restore?name={name}"
    assert admin.get("/backups/restored").headers["Location"] == "/"
    post(admin, where, act="unpack", passphrase=PASSPHRASE)
    wait(admin, where)
    refused = post(admin, where, act="restore")  # this one has calls on record, and nobody said that they may go
    assert refused.status_code == 422
    assert "This box has been used" in refused.text
    answer = post(admin, where, act="restore", replace="1")
    assert answer.headers["Location"] == "/backups/restored"
    waiting = admin.get("/backups/restored")
    assert "being restored" in waiting.text
    assert waiting.headers["Refresh"] == "2"
    admin.set_cookie("busyhour", "of another box")
    answer = admin.get("/backups/restored")
    assert answer.headers["Location"] == "/sign-in?restored=1"
    assert "The backup is restored" in admin.get("/sign-in?restored=1").text
    assert "The backup is restored" not in admin.get("/sign-in").text


@pytest.mark.parametrize(
    ("brought", "said"),
    [
        ({}, "Choose the backup file first"),
        ({"file": (io.BytesIO(b"Dear box,\n"), "letter.backup")}, "This file is no backup of a box"),
    ],
)
def test_what_is_no_backup_is_said(admin, brought, said):
    answer = post(admin, "/backups/upload", **brought)
    if where := answer.headers.get("Location"):
        post(admin, where, act="unpack", passphrase=PASSPHRASE)
        assert said in wait(admin, where)
    else:
        assert answer.status_code == 422
        assert said in answer.text


@pytest.mark.parametrize(("free_mb", "status"), [(301, 413), (303, 303)])
def test_a_file_leaves_the_disk_what_retention_keeps_free_or_is_refused_before_it_is_sent(
    admin, monkeypatch, free_mb, status
):
    monkeypatch.setattr(os, "statvfs", lambda path: SimpleNamespace(f_bavail=free_mb << 20, f_frsize=1))
    answer = post(admin, "/backups/upload", file=(io.BytesIO(bytes(2 << 20)), "large.backup"))
    assert answer.status_code == status
    assert ("The box's disk has no room for this file" in html.unescape(answer.text)) == (status == 413)


def test_what_was_unpacked_is_left_on_wish(admin, door):
    post(admin, "/backups/", act="now", passphrase=PASSPHRASE)
    wait(admin)
    (name,) = re.findall(r'href="/backups/restore\?name=([^"]+)"', admin.get("/backups/").text)
    post(admin, f"/backups/restore?name={name}", act="unpack", passphrase=PASSPHRASE)
    wait(admin, f"/backups/restore?name={name}")
    assert post(admin, f"/backups/restore?name={name}", act="forget").status_code == 303
    assert not (door.door.home / "restore").exists()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"at": "25:00"}, "HH:MM is right, or nothing"),
        ({"days": "0"}, "1 to 31 is right"),
        ({"keep": "x"}, "1 to 1000 is right"),
        ({"folder": "stick"}, "A path that begins with / is right"),
        ({"at": "03:00", "passphrase": ""}, "A passphrase of 8 characters or more is right"),
        ({"passphrase": "short"}, "A passphrase of 8 characters or more is right"),
    ],
)
def test_what_is_wrong_with_a_schedule_is_said_beside_it(admin, typed, said):
    form = {"at": "", "days": "1", "folder": "", "keep": "7", "passphrase": ""} | typed
    answer = post(admin, "/backups/", act="schedule", **form)
    assert answer.status_code == 422
    assert said in html.unescape(answer.text)


def test_a_schedule_is_kept_and_its_passphrase_told_to_nobody(admin, door):
    form = {"at": "03:00", "days": "2", "folder": "/mnt", "keep": "5", "passphrase": PASSPHRASE, "recordings": "on"}
    assert post(admin, "/backups/", act="schedule", **form).status_code == 303
    planned = door.door.configuration.config.backup
    assert (planned.at, planned.days, planned.folder, planned.keep, planned.recordings) == ("03:00", 2, "/mnt", 5, True)
    assert PASSPHRASE not in admin.get("/backups/").text
    assert PASSPHRASE not in (door.door.home / "config/revisions/000002.json").read_text()
    assert post(admin, "/backups/", act="schedule", **(form | {"passphrase": ""})).status_code == 303
    assert door.door.configuration.config.backup.secret == PASSPHRASE


@pytest.mark.parametrize("name", ["..%2Fconfig%2Fkey", "%2Fetc%2Fpasswd", "none.backup", ""])
def test_nothing_but_backups_is_handed_out(admin, name):
    answer = admin.get(f"/backups/file?name={name}")
    assert answer.status_code in (400, 404)


def test_a_number_is_asked_for_in_a_form_and_what_is_wrong_is_said(admin):
    seen = post(admin, "/persons/", act="show", number="13900139000")
    assert "Nothing is on record of this number" in text_of(seen.text)
    answer = post(admin, "/persons/", act="show", number="201")
    assert answer.status_code == 422
    assert "5 digits or more is right" in answer.text
    assert post(admin, "/persons/", act="erase", number="13900139000", reason="asked").status_code == 422
    told = post(admin, "/persons/", act="export", number="13900139000")
    assert told.data.startswith(b"PK")


def test_what_restoring_left_is_listed_with_the_day_it_goes(admin, door):
    assert "What restoring left" not in admin.get("/backups/").text
    folder = door.door.home / "replaced/20260301-120000"
    folder.mkdir(parents=True)
    os.utime(folder, (1772366400, 1772366400))  # 2026-03-01 12:00 UTC
    text = text_of(admin.get("/backups/").text)
    assert "replaced/20260301-120000 Replaced 2026-03-01, goes 2026-03-31" in text
    assert "of boxes replaced the newest 2, for 30 days" in text
    assert "2026-03-01 被替换，2026-03-31 删除" in text_of(admin.get("/backups/?lang=zh").text)


@pytest.mark.parametrize("path", ["/backups/", "/persons/", "/backups/restore?name=x"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_they_come_in_both_languages(admin, path, language):
    text = admin.get(f"{path}{'&' if '?' in path else '?'}lang={language}").text
    assert ("备份" in text or "来电者" in text) == (language == "zh")
    assert text.count("<h1") == text.count("<main") == 1
