"""The pages of webhooks."""

import re
from typing import get_args

import pytest

from firmware.config.schema import HookedEvent
from tests.webui.test_live import text_of
from tests.webui.test_sign_in import form_of
from webui.wordbook import known


@pytest.fixture
def admin(page):
    return page(role="admin")


@pytest.fixture
def crm(door):
    """A receiver in the world outside."""
    return door.do(lambda: door.door.outside.receiver("crm.example.com"))


def post(client, path, **data):
    return client.post(path, data={"form": form_of(client, "/account/"), **data})


def add(client, **fields):
    typed = {"name": "crm", "url": "https://crm.example.com/hook", "events": ["call.ended", "alarm"], "reach": "public"}
    return post(client, "/webhooks/", **typed | fields)


def secret_of(answer):
    (found,) = re.findall(r"<code>(whsec_[A-Za-z0-9+/=]+)</code>", answer.text)
    return found


def test_every_event_has_words():
    assert [event for event in get_args(HookedEvent) if not known(f"hooked.{event}")] == []


@pytest.mark.parametrize("role", ["supervisor", "agent", "viewer"])
def test_only_admins_see_them(page, role):
    client = page(role=role)
    assert client.get("/webhooks/").status_code == 403
    assert add(client).status_code == 403
    assert "/webhooks/" not in client.get("/").text


def test_a_receiver_is_added_and_its_secret_shown_this_once(admin):
    secret = secret_of(add(admin))
    for path in ("/webhooks/", "/webhooks/webhook?name=crm"):
        answer = admin.get(path)
        assert "crm" in answer.text
        assert secret not in answer.text
    assert "https://crm.example.com/hook" in admin.get("/webhooks/").text


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"name": "A b"}, "name", "a small letter"),
        ({"url": "http://crm.example.com/"}, "url", "https is right"),
        ({"url": "https://127.0.0.1/"}, "url", "this machine"),
        ({"events": []}, "events", "a list"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_the_rest_is_kept(admin, typed, field, said):
    answer = add(admin, **typed)
    assert answer.status_code == 422
    (beside,) = re.findall(rf'<small id="{field}-wrong" class="wrong">([^<]*)</small>', answer.text)
    assert said in beside
    assert "Receivers 0" in text_of(answer.text)


def test_a_second_one_of_the_same_name_is_refused(admin):
    add(admin)
    answer = add(admin)
    assert answer.status_code == 422
    assert 'id="name-wrong"' in answer.text


def test_a_receiver_is_changed_switched_and_removed(admin, door):
    add(admin)
    here = "/webhooks/webhook?name=crm"
    post(admin, here, act="change", url="https://new.example.com/", events=["call.offered"], reach="lan")
    (hook,) = door.door.configuration.config.webhooks
    assert (hook.url, hook.events, hook.reach) == ("https://new.example.com/", ["call.offered"], "lan")
    post(admin, here, act="switch", on="no")
    assert "off" in text_of(admin.get("/webhooks/").text)
    assert post(admin, here, act="remove").headers["Location"] == "/webhooks/"
    assert door.door.configuration.config.webhooks == []
    assert admin.get(here).headers["Location"] == "/webhooks/"


def test_a_test_says_whether_it_was_taken(admin, crm):
    add(admin)
    here = "/webhooks/webhook?name=crm"
    assert "The receiver has taken the test." in text_of(post(admin, here, act="test").text)
    crm.status, crm.text = 500, "<script>alert(1)</script>"
    answer = post(admin, here, act="test")
    assert "the receiver answers 500" in answer.text
    assert "<script>alert(1)" not in answer.text


def test_a_new_secret_is_another_one(admin):
    first = secret_of(add(admin))
    assert secret_of(post(admin, "/webhooks/webhook?name=crm", act="secret")) != first


def test_the_pages_speak_chinese(admin):
    add(admin)
    assert "网络回调" in admin.get("/webhooks/?lang=zh").text
    assert "更换密钥" in admin.get("/webhooks/webhook?name=crm&lang=zh").text


def test_what_is_wrong_is_said_in_chinese_too(admin):
    form = {"name": "crm", "url": "http://crm.example.com/", "events": ["alarm"], "reach": "public"}
    answer = post(admin, "/webhooks/?lang=zh", **form)
    assert "应为 https:// 开头的完整地址" in answer.text
