"""Mail and webhooks in the configuration: what cannot work or goes where it should not is refused, secrets are kept."""

import msgspec
import pytest
from cryptography.fernet import Fernet

from firmware.config import check
from firmware.config.configuration import exported, with_secrets
from firmware.config.schema import Config
from firmware.config.vault import Vault
from firmware.errors import BadConfig

HOOK = {"name": "crm", "url": "https://crm.example.com/", "events": ["call.ended"]}
MAIL = {"host": "mail.example.com", "sender": "a@example.com", "recipients": [{"address": "b@example.com"}]}


def problems(**parts):
    try:
        return [problem.path for problem in check.check(check.shaped(parts), lambda name: "")]
    except BadConfig as error:
        return [problem.path for problem in error.problems]


def test_a_mail_server_and_a_webhook_are_right():
    assert problems(mail=MAIL, webhooks=[HOOK]) == []
    assert problems() == []


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"sender": ""}, "mail.sender"),
        ({"recipients": []}, "mail.recipients"),
        ({"host": "no host"}, "mail.host"),
        ({"secret": "x"}, "mail.username"),
        ({"secret": "x", "username": "u", "security": "none"}, "mail.security"),
        ({"sender": "a@example.com\r\nBcc: x"}, "mail.sender"),
        ({"recipients": [{"address": "b@example.com>\n"}]}, "mail.recipients[0].address"),
    ],
)
def test_mail_that_cannot_work_is_refused(changes, path):
    assert problems(mail=MAIL | changes) == [path]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"url": "http://crm.example.com/"}, "webhooks[0].url"),
        ({"url": "https://127.0.0.1/"}, "webhooks[0].url"),
        ({"url": "https://192.168.1.1/"}, "webhooks[0].url"),
        ({"url": "https://169.254.169.254/", "reach": "box"}, "webhooks[0].url"),
        ({"url": "https://-x-/"}, "webhooks[0].url"),
        ({"events": []}, "webhooks[0].events"),
        ({"events": ["digit"]}, "webhooks[0].events[0]"),
        ({"events": ["alarm", "alarm"]}, "webhooks[0].events[1]"),
        ({"secret": "whsec_" + "A" * 33}, "webhooks[0].secret"),
        ({"secret": "short"}, "webhooks[0].secret"),
    ],
)
def test_a_webhook_that_cannot_work_is_refused(changes, path):
    assert problems(webhooks=[HOOK | changes]) == [path]


@pytest.mark.parametrize(
    ("url", "reach"),
    [("http://192.168.1.1:8000/x", "lan"), ("http://127.0.0.1:8000/", "box"), ("http://[::1]/", "box")],
)
def test_an_admin_may_allow_more(url, reach):
    assert problems(webhooks=[HOOK | {"url": url, "reach": reach}]) == []


def test_two_webhooks_of_one_name_are_refused():
    assert problems(webhooks=[HOOK, HOOK]) == ["webhooks[1].name"]


def config(**parts):
    return msgspec.convert(parts, Config)


def test_secrets_are_made_kept_left_out_and_sealed():
    first = with_secrets(config(webhooks=[HOOK], mail=MAIL | {"username": "u", "secret": "geheim"}), Config())
    assert first.webhooks[0].secret.startswith("whsec_")
    again = with_secrets(config(webhooks=[HOOK], mail=MAIL | {"username": "u"}), first)
    assert (again.webhooks[0].secret, again.mail.secret) == (first.webhooks[0].secret, "geheim")
    shown = exported(first, secrets=False)
    assert "secret" not in shown["webhooks"][0]
    assert "secret" not in shown["mail"]
    vault = Vault(Fernet.generate_key())
    sealed = vault.seal(msgspec.to_builtins(first))
    assert "geheim" not in str(sealed)
    assert first.webhooks[0].secret not in str(sealed)
    assert vault.unseal(sealed) == msgspec.to_builtins(first)


def test_a_mail_secret_is_never_shown_to_another_server():
    former = config(mail=MAIL | {"username": "u", "secret": "geheim"})
    with pytest.raises(BadConfig, match=r"mail\.secret.*the one known is for mail\.example\.com"):
        with_secrets(config(mail=MAIL | {"username": "u", "host": "evil.example.com"}), former)
    assert with_secrets(config(mail=MAIL | {"username": "v"}), former).mail.secret == ""
