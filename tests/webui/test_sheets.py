"""Sheets for desk telephones: both languages, and secrets only for an admin who asks for them."""

import pytest

from firmware.certificate.store import Store
from tests.webui.test_live import text_of
from tests.webui.test_users import post

WORDS = {"zh": ("注册服务器", "坐席登录", "紧急号码"), "en": ("Registrar", "log in as agent", "Emergency numbers")}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_extension_has_a_sheet_in_both_languages(page, language):
    text = text_of(page(role="supervisor").get(f"/extensions/sheet/?lang={language}").text)
    for word in WORDS[language]:
        assert text.count(word) == 4
    assert "*20" in text
    assert "110" in text
    assert "G.722" in text


@pytest.mark.parametrize(("language", "says"), [
    ("en", "self-signed, until"), ("zh", "自签名"),
])  # fmt: skip
def test_a_sheet_has_what_a_telephone_needs_for_tls(page, door, monkeypatch, language, says):
    monkeypatch.setenv("BUSYHOUR_SIPS", "192.0.2.10:5071")
    shown = Store(door.door.home).ensure().show("self-signed")
    text = text_of(page(role="supervisor").get(f"/extensions/sheet/?number=201&lang={language}").text)
    assert "192.0.2.10:5071" in text
    assert shown.fingerprint in text
    assert shown.names[0] in text
    assert says in text


def test_secrets_are_shown_to_an_admin_who_asks_and_that_is_noted(page, door):
    client = page(role="admin")
    secrets = [door.door.configuration.secret_of(number) for number in ("201", "202", "203", "204")]
    before = client.get("/extensions/sheet/").text
    assert not any(secret in before for secret in secrets)
    shown = post(client, "/extensions/sheet/?number=202")
    assert secrets[1] in shown.text
    assert not any(secret in shown.text for secret in (secrets[0], *secrets[2:]))
    assert shown.headers["Cache-Control"] == "no-store"
    assert [e.detail for e in door.door.audit.entries if e.what == "extension.secret"] == ["extension 202"]
    everything = post(client, "/extensions/sheet/").text
    assert all(secret in everything for secret in secrets)


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("agent", 403), ("supervisor", 403)])
def test_nobody_else_sees_a_secret(page, door, role, status):
    client = page(role=role)
    answer = post(client, "/extensions/sheet/?number=201")
    assert answer.status_code == status
    assert door.door.configuration.secret_of("201") not in answer.text
    assert "Show the secrets" not in client.get("/extensions/sheet/?lang=en").text


def test_an_extension_that_is_not_there_is_said(page):
    assert page(role="admin").get("/extensions/sheet/?number=299").status_code == 400


def test_a_name_is_text_and_never_markup(page, people):
    with people.exchange() as exchange:
        config = exchange.call("config.export", secrets=True)
        config["extensions"][0]["name"] = "<img src=x>"
        exchange.call("config.import", config=config)
    text = page(role="admin").get("/extensions/sheet/?number=201").text
    assert "<img src=x" not in text
    assert "&lt;img src=x&gt;" in text
