"""Editing by the control socket: a candidate is described, compared, committed from where it began, and confirmed."""

import pytest

from firmware.control.client import Client
from firmware.errors import BadConfig, BadRequest, NotFound, Refused


@pytest.fixture
def client(door):
    with Client(door.door.path) as client:
        yield client


def edited(client, **changes):
    shown = client.call("config.get")
    shown["config"]["queues"][0].update(changes)
    return shown["revision"]["number"], shown["config"]


def test_a_candidate_is_compared_committed_on_trial_and_confirmed(client):
    base, config = edited(client, acw_s=25)
    (difference,) = client.call("config.compare", config=config)
    assert difference == {"path": "queues[service].acw_s", "before": 10.0, "after": 25.0}
    change = client.call("config.commit", config=config, base=base, why="longer", confirm_within_min=5)
    assert change["revision"]["why"] == "longer"
    assert change["trial"]["back_to"] == base
    assert client.call("status")["trial"] == change["trial"]
    assert client.call("config.confirm") == change["trial"]
    assert client.call("status")["trial"] is None
    with pytest.raises(NotFound):
        client.call("config.confirm")


def test_a_candidate_from_an_older_revision_or_a_wrong_one_is_refused(client):
    base, config = edited(client, acw_s=25)
    client.call("config.commit", config=config, base=base)
    with pytest.raises(Refused, match="came into force meanwhile"):
        client.call("config.commit", config=config, base=base)
    config["queues"][0]["overflow"] = "queue:gone"
    with pytest.raises(BadConfig, match="there is no queue gone"):
        client.call("config.commit", config=config, base=base + 1)
    config["queues"] = 7
    with pytest.raises(BadConfig, match="queues: 7: a list is right"):
        client.call("config.compare", config=config)


@pytest.mark.parametrize("minutes", [0, 1441, "five", 2.5])
def test_a_trial_lasts_from_a_minute_to_a_day(client, minutes):
    base, config = edited(client, acw_s=25)
    with pytest.raises(BadRequest, match="confirm_within_min"):
        client.call("config.commit", config=config, base=base, confirm_within_min=minutes)


def test_secrets_that_a_candidate_leaves_out_are_no_difference(client):
    _, config = edited(client)
    assert client.call("config.compare", config=config) == []


def test_the_outline_describes_every_value_of_a_configuration(client):
    outline = client.call("config.outline")

    def look(value, node, path):
        if isinstance(value, dict):
            for key, one in value.items():
                look(one, node["keys"][key] if node["kind"] == "object" else node["item"], f"{path}.{key}")
        elif isinstance(value, list):
            assert node["kind"] == "list", path
            for one in value:
                look(one, node["item"], f"{path}[]")
        else:
            assert node["kind"] in ("text", "integer", "number", "boolean"), path
            assert node["rule"], path

    look(client.call("config.get")["config"], outline, "")
    queue = outline["keys"]["queues"]
    assert queue["identity"] == "name"
    assert queue["item"]["keys"]["strategy"]["choices"] == ["longest_idle", "ring_all"]
    assert queue["item"]["keys"]["record"] == {
        "kind": "boolean", "rule": "true or false", "code": "boolean", "choices": ["true", "false"], "default": True
    }  # fmt: skip
    assert outline["keys"]["routes"]["item"]["keys"]["otherwise"]["nullable"] is True
