"""Tokens, as the box's owner makes them from the box itself."""

import json
import re

import pytest

from firmware.control.client import Client
from firmware.errors import SignedOut


def use(door, secret):
    with Client(door.door.path) as client:
        return client.call("token.use", token=secret, address="192.0.2.9")


def test_a_token_is_made_told_once_used_listed_and_revoked(command, door):
    run = command("token", "create", "--role", "supervisor", "--name", "crm", "--expires", "30")
    (secret,) = re.findall(r"^bh_\S+$", run.out, re.MULTILINE)
    assert use(door, secret)["role"] == "supervisor"
    listed = command("token", "list").out
    assert re.search(r"^crm +supervisor .* 192\.0\.2\.9$", listed, re.MULTILINE)
    for text in (listed, command("token", "list", "--json").out, command("user", "audit", "--json").out):
        assert secret not in text
    assert command("token", "revoke", "crm").out == "token crm is revoked\n"
    with pytest.raises(SignedOut):
        use(door, secret)
    run = command("token", "revoke", "crm")
    assert (run.code, run.err) == (1, "busyhour: there is no token crm\n")


def test_the_short_form_makes_one_with_a_name_of_its_own(command, door):
    made = [json.loads(command("token", "--role", "viewer", "--json").out) for _ in range(2)]
    assert {one["token"]["role"] for one in made} == {"viewer"}
    assert len({one["token"]["name"] for one in made}) == 2
    assert use(door, made[0]["secret"])["name"] == made[0]["token"]["name"]
    assert len(json.loads(command("token", "--json").out)) == 2
