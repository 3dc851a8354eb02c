"""Refusals on their way through the door."""

import pytest

from firmware.control.client import Client
from firmware.errors import NotFound


def test_a_finer_refusal_comes_as_its_kind_and_keeps_its_code(door):
    with Client(door.door.path) as client, pytest.raises(NotFound, match="there is no agent '299'") as caught:
        client.call("agent.login", number="299")
    assert caught.value.code == "no-such-agent"
