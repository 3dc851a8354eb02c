"""The page of the certificate."""

import html
import re

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
