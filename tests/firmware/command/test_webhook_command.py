"""Webhooks and mail, as somebody at a terminal sees to them."""

import json

import pytest


@pytest.fixture
def crm(door):
    return door.do(lambda: door.door.outside.receiver("crm.example.com"))


def add(command, *more):
    return command("webhook", "add", "crm", "https://crm.example.com/hook", "--event", "call.ended", *more)


def test_a_receiver_is_added_and_its_secret_told_once(command):
    run = add(command)
    assert run.out.startswith("webhook crm verifies by whsec_")
    secret = run.out.split()[4].rstrip(":")
    assert secret not in command("webhook", "list", "--json").out
    (hook,) = json.loads(command("webhook", "list", "--json").out)
    assert (hook["name"], hook["events"], hook["on"]) == ("crm", ["call.ended"], True)
    assert secret not in command("config", "export").out


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://crm.example.com/", "https is right"),
        ("https://169.254.169.254/", "metadata"),
        ("https://127.0.0.1/", "this machine's own"),
        ("https://10.0.0.1/", "private network"),
    ],
)
def test_where_nobody_may_go_is_refused_with_what_is_right(command, url, why):
    run = command("webhook", "add", "crm", url, "--event", "call.ended")
    assert run.code == 1
    assert "webhooks[0].url" in run.err
    assert why in run.err


def test_an_unknown_event_is_refused_with_those_there_are(command):
    run = command("webhook", "add", "crm", "https://crm.example.com/", "--event", "digit")
    assert run.code == 1
    assert "call.ended" in run.err


def test_a_test_fails_where_the_receiver_does(command, crm):
    add(command)
    assert command("webhook", "test", "crm").out == "the receiver has taken it\n"
    crm.status = 500
    run = command("webhook", "test", "crm")
    assert (run.code, run.out) == (1, "the receiver answers 500\n")


def test_it_is_switched_off_and_on_and_removed(command):
    add(command)
    assert command("webhook", "off", "crm").out == "webhook crm is off\n"
    assert " off " in command("webhook", "list").out
    assert command("webhook", "on", "crm").out == "webhook crm is on\n"
    assert command("webhook", "remove", "crm").out == "webhook crm is removed\n"
    assert command("webhook", "remove", "crm").code == 1


def test_dead_letters_are_listed_and_tried_again(command):
    add(command)
    assert "reason" in command("webhook", "dead", "crm").out
    assert command("webhook", "redeliver", "crm").out == "0 are tried again\n"
    assert "no dead letter 7" in command("webhook", "redeliver", "crm", "7").err


def test_a_test_mail(command, door):
    assert "mail.host" in command("mail", "test").err
    document = json.loads(command("config", "export", "--secrets").out)
    document["mail"] = {
        "host": "mail.example.com", "sender": "box@example.com", "recipients": [{"address": "li@example.com"}],
    }  # fmt: skip
    path = door.door.home / "c.json"
    path.write_text(json.dumps(document))
    assert command("config", "import", str(path)).code == 0
    door.do(lambda: door.door.outside.names.update({"mail.example.com": ("192.168.1.5",)}))
    assert command("mail", "test").out == "sent to li@example.com\n"
    door.do(lambda: setattr(door.door.outside, "mail_wrong", "authentication failed"))
    run = command("mail", "test")
    assert (run.code, "authentication failed" in run.err) == (1, True)
