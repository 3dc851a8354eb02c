"""The page of the certificate."""

import html
import os
import re
import time

import pytest

from tests.peers.authority import Authority
from tests.webui.test_live import text_of
from tests.webui.test_users import post


@pytest.fixture
def admin(page):
    return page(role="admin")


def beside(answer, field):
    (said,) = re.findall(rf'<small id="{field}-wrong" class="wrong">([^<]*)</small>', answer.text)
    return html.unescape(said)


@pytest.mark.parametrize("role", ["supervisor", "agent", "viewer"])
def test_only_an_admin_may_change_it(page, role):
    client = page(role=role)
    assert "/certificate/" not in client.get("/").text
    answer = post(client, "/certificate/", act="self-signed", names="")
    assert answer.status_code == 403


def test_it_shows_whom_the_certificate_names_and_until_when(admin, door):
    shown = door.run(door.door.methods.entry("certificate.show").function())
    for language in ("en", "zh"):
        answer = admin.get(f"/certificate/?lang={language}")
        assert answer.status_code == 200
        assert shown.fingerprint in answer.text
        assert all(name in answer.text for name in shown.names)


def ask_for(client, **fields):
    typed = {"domains": "calls.example.com", "contact": "it@example.com", "terms": "on"} | fields
    return post(client, "/certificate/", act="acme", **{name: text for name, text in typed.items() if text})


@pytest.mark.parametrize(("fields", "field", "says"), [
    ({"terms": ""}, "terms", "accepts them"),
    ({"domains": "box"}, "domains", "names in the internet"),
    ({"domains": "192.0.2.1"}, "domains", "names in the internet"),
    ({"domains": "$(reboot).example.com"}, "domains", "names in the internet"),
    ({"domains": ""}, "domains", "names in the internet"),
    ({"contact": "it'; reboot #@example.com"}, "contact", "A mail address"),
])  # fmt: skip
def test_what_cannot_be_asked_of_an_authority_is_told_beside_its_field(admin, fields, field, says):
    answer = ask_for(admin, **fields)
    assert answer.status_code == 422
    assert says in beside(answer, field)
    assert admin.get("/certificate/").headers.get("Refresh") is None  # nothing is under way


def test_what_an_authority_refuses_is_told_on_the_page_in_both_languages(admin, door, monkeypatch, tmp_path):
    client = tmp_path / "dehydrated"  # Debian's client as it speaks; the whole way is tried in tests/scenarios
    client.write_text("#!/bin/sh\necho ' + Responding to challenge'\necho 'ERROR: Challenge is invalid!'\n"
                      "echo '\"type\": \"urn:ietf:params:acme:error:connection\"'\n"
                      "echo '\"detail\": \"192.0.2.1: <b>refused</b>\"'\nexit 1\n")  # fmt: skip
    client.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert ask_for(admin).headers["Location"] == "/certificate/"
    deadline = time.monotonic() + 30
    while "Refresh" in (seen := admin.get("/certificate/?lang=en")).headers:
        assert "calls.example.com is being asked for" in seen.text
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert "The authority cannot reach port 80" in text_of(seen.text)
    assert "<b>refused" not in seen.text
    assert "证书机构连不上该域名的 80 端口" in admin.get("/certificate/?lang=zh").text
    written = (door.door.home / "acme/config").read_text()
    assert "CONTACT_EMAIL=it@example.com" in written


def test_a_long_chain_is_taken_and_in_force(admin):
    authority = Authority()
    own, key = authority.issue("calls.example.com", *(f"host{number:03}.example.com" for number in range(300)))
    answer = post(admin, "/certificate/", act="import", certificate=(own + authority.chain).decode(), key=key.decode())
    assert (answer.status_code, answer.headers["Location"]) == (303, "/certificate/?done=imported")
    seen = text_of(admin.get("/certificate/?done=imported&lang=en").text)
    assert "The new certificate is in force" in seen
    assert "calls.example.com" in seen
    assert "imported" in seen


def test_what_is_wrong_is_said_beside_its_field_in_the_readers_language(admin):
    own, _ = Authority().issue("calls.example.com")
    _, key = Authority().issue("calls.example.com")
    given = {"act": "import", "certificate": own.decode(), "key": key.decode()}
    assert "the key of CN=box is right" in beside(post(admin, "/certificate/?lang=en", **given), "key")
    answer = post(admin, "/certificate/?lang=zh", **given)
    assert beside(answer, "key") == "这个私钥不属于上面的证书（CN=box）。"
    assert answer.status_code == 422
    assert own.decode().split()[2] in answer.text  # what was typed is kept
    assert key.decode().split()[3] not in answer.text  # but never a key


def test_a_name_that_is_none_is_told(admin):
    answer = post(admin, "/certificate/?lang=en", act="self-signed", names="pbx.example.org no_/name")
    assert beside(answer, "names") == "“pbx.example.org no_/name”: host names or addresses are right."


def test_one_of_its_own_is_made_for_more_names(admin):
    before = re.findall(r"([0-9A-F:]{95})", admin.get("/certificate/").text)
    post(admin, "/certificate/", act="self-signed", names="pbx.example.org, 192.0.2.77")
    page = admin.get("/certificate/").text
    assert "pbx.example.org" in page
    assert "192.0.2.77" in page
    assert re.findall(r"([0-9A-F:]{95})", page) != before


def test_one_that_ends_soon_is_told_at_the_top(admin):
    authority = Authority()
    own, key = authority.issue("calls.example.com", days=(-80, 10))
    post(admin, "/certificate/", act="import", certificate=own.decode(), key=key.decode())
    assert "browsers and telephones refuse it then" in text_of(admin.get("/certificate/?lang=en").text)
