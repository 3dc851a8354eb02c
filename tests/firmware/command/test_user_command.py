"""Users, as the box's owner sees to them from the box itself."""

import json
import re

import pytest

from firmware.control.client import Client
from firmware.errors import SignedOut

LONG = "correct horse battery"


def sign_in(door, name, password):
    with Client(door.door.path) as client:
        return client.call("session.open", name=name, password=password, address="192.0.2.1")


def choose(door, token, password):
    with Client(door.door.path) as client:
        client.call("session.resume", token=token)
        return client.call("own.password", password=password)["token"]


def test_an_owner_who_is_locked_out_gets_in_from_the_box(command, door):
    assert command("user", "add", "老板", "--role", "admin").code == 0
    said = command("user", "password", "老板").out
    (password,) = re.findall(r"with (\S+), once", said)
    assert sign_in(door, "老板", password)["user"]["role"] == "admin"


def test_the_list_says_who_may_what_and_never_a_password(command, door):
    given = json.loads(command("user", "add", "li", "--role", "agent", "--agent", "201", "--json").out)["password"]
    choose(door, sign_in(door, "li", given)["token"], LONG)
    run = command("user", "list")
    assert run.out.splitlines()[1].split()[:5] == ["li", "agent", "201", "zh", "own"]
    for text in (run.out, command("user", "list", "--json").out, command("user", "audit", "--json").out):
        assert given not in text
        assert LONG not in text
        assert "argon2" not in text


def test_a_removed_user_is_gone_and_signed_out(command, door):
    given = json.loads(command("user", "add", "li", "--role", "viewer", "--json").out)["password"]
    token = sign_in(door, "li", given)["token"]
    assert command("user", "remove", "li").out == "user li is removed\n"
    with Client(door.door.path) as client, pytest.raises(SignedOut):
        client.call("session.resume", token=token)
    run = command("user", "remove", "li")
    assert (run.code, run.err) == (1, "busyhour: there is no user li\n")


def test_a_role_is_changed_within_the_rules(command):
    command("user", "add", "li", "--role", "admin")
    run = command("user", "role", "li", "viewer")
    assert (run.code, run.err) == (1, "busyhour: li is the only admin; make another one first\n")
    command("user", "add", "wang", "--role", "viewer")
    run = command("user", "role", "wang", "agent", "--agent", "999")
    assert run.err == 'busyhour: agent: "999": one of 201, 202, 203, 204 is right\n'
    assert command("user", "role", "wang", "agent", "--agent", "202").out == "user wang has the role agent\n"
    assert command("user", "role", "wang", "king").code == 2


def test_the_audit_names_who_did_it(command, door):
    given = json.loads(command("user", "add", "li", "--role", "viewer", "--json").out)["password"]
    sign_in(door, "li", given)
    opened, added = command("user", "audit").out.splitlines()[1:]
    assert "session.opened" in opened
    assert "192.0.2.1" in opened
    assert "user.added" in added
    assert command("user", "audit", "--limit", "1").out.count("\n") == 2
