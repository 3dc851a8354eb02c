"""The page of tokens."""

import re

import pytest

from firmware.errors import SignedOut
from tests.webui.test_live import text_of
from tests.webui.test_users import post


@pytest.fixture
def admin(page):
    return page(role="admin")


def made(client, **typed):
    answer = post(client, "/tokens/", **{"name": "crm", "role": "viewer", "agent": "", "days": "365"} | typed)
    assert answer.status_code == 200
    (secret,) = re.findall(r"<code>(bh_[A-Za-z0-9_-]{43})</code>", answer.text)
    return secret


def used(people, secret):
    with people.exchange() as client:
        return client.call("token.use", token=secret, address="198.51.100.9")


@pytest.mark.parametrize("role", ["supervisor", "agent", "viewer"])
def test_only_admins_see_tokens(page, role):
    client = page(role=role)
    assert client.get("/tokens/").status_code == 403
    assert post(client, "/tokens/", name="crm", role="admin", days="0").status_code == 403
    assert "/tokens/" not in client.get("/").text


def test_a_token_is_made_shown_once_and_works(admin, people):
    secret = made(admin, role="agent", agent="201")
    assert (used(people, secret)["role"], used(people, secret)["agent"]) == ("agent", "201")
    seen = admin.get("/tokens/?lang=en").text
    assert "crm" in text_of(seen)
    assert "198.51.100.9" in text_of(seen)
    assert secret not in seen


def test_a_revoked_token_is_void_and_gone(admin, people):
    secret = made(admin)
    assert post(admin, "/tokens/", act="revoke", name="crm").status_code == 303
    with pytest.raises(SignedOut):
        used(people, secret)
    assert "There are no tokens yet" in text_of(admin.get("/tokens/?lang=en").text)
    assert post(admin, "/tokens/", act="revoke", name="crm").status_code == 303


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"name": "a b"}, "name"), ({"role": "king"}, "role"), ({"days": "17"}, "expires_days"),
        ({"role": "agent", "agent": "999"}, "agent"), ({"name": "TAKEN"}, "name"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_beside_its_field_and_no_token_is_made(admin, typed, field):
    made(admin, name="taken")
    answer = post(admin, "/tokens/", **{"name": "crm", "role": "viewer", "agent": "", "days": "0"} | typed)
    assert answer.status_code == 422
    assert f'id="{field}-wrong"' in answer.text
    assert "bh_" not in answer.text
    assert "What other programs show 1" in text_of(answer.text)


def test_a_forged_form_makes_no_token(admin):
    answer = admin.post("/tokens/", data={"name": "crm", "role": "admin", "days": "0"})
    assert answer.status_code == 400
    assert "There are no tokens yet" in text_of(admin.get("/tokens/?lang=en").text)
