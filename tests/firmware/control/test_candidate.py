"""Editing entry by entry: what gathers in a candidate, what is refused, and what becomes of it when others commit."""

import pytest

from firmware.control.client import Client
from firmware.errors import BadConfig, BadRequest, ChangedMeanwhile, Exists, InUse, NotFound, Refused
from tests.webui.people import People

SECRET = "nobody-may-know-this"


@pytest.fixture
def admins(door):
    """Return two connections: two windows of two admins."""
    people = People(door)
    clients = []
    for name in ("li", "wang"):
        client = Client(door.door.path)
        client.call("session.resume", token=people.settled(name, "admin"))
        clients.append(client)
    yield clients
    for client in clients:
        client.close()


@pytest.fixture
def li(admins):
    return admins[0]


def entry(client, noun, name=None):
    found = client.call("candidate.get")["config"][noun]
    return found if name is None else next(one for one in found if name in (one.get("name"), str(one.get("number"))))


def change(client, noun, name, /, **values):
    return client.call("candidate.set", noun=noun, name=name, value=entry(client, noun, name) | values)


def changes(client):
    return [(one["path"], one["before"], one["after"]) for one in client.call("candidate.review")["differences"]]


def test_edits_gather_and_nothing_of_them_is_in_force(li):
    assert li.call("candidate.state")["changes"] == 0
    change(li, "queues", "service", acw_s=25)
    change(li, "queues", "service", title="Support")
    li.call("candidate.set", noun="box", value=entry(li, "box") | {"name": "Mingde"})
    assert changes(li) == [
        ("box.name", "Busyhour", "Mingde"),
        ("queues[service].title", "客户服务 Service", "Support"),
        ("queues[service].acw_s", 10, 25),
    ]
    assert li.call("candidate.state")["changes"] == 3
    assert li.call("config.get")["config"]["queues"][0]["acw_s"] == 10
    committed = li.call("candidate.commit", why="tidy")
    assert committed["revision"]["who"] == "li"
    assert li.call("config.get")["config"]["queues"][0]["acw_s"] == 25
    assert li.call("candidate.state") | {"at_s": 0} == {
        "changes": 0, "base": committed["revision"]["number"], "revision": committed["revision"]["number"],
        "trial": None, "at_s": 0, "timezone": "Asia/Shanghai",
    }  # fmt: skip
    with pytest.raises(NotFound):
        li.call("candidate.commit")


def test_what_is_set_back_is_no_change(li, door):
    change(li, "queues", "service", acw_s=25)
    assert list((door.door.home / "config/candidates").iterdir())
    change(li, "queues", "service", acw_s=10)
    assert li.call("candidate.state")["changes"] == 0
    assert list((door.door.home / "config/candidates").iterdir()) == []


def test_each_edits_their_own_and_who_comes_second_is_told_and_may_carry_over(admins):
    li, wang = admins
    change(li, "queues", "service", acw_s=25, max_waiting=5)
    change(wang, "queues", "service", acw_s=40, service_level_s=30)
    assert entry(li, "queues", "service")["acw_s"] == 25
    wang.call("candidate.commit")
    review = li.call("candidate.review")
    assert review["revision"] == review["base"] + 1
    assert {one["path"] for one in review["meanwhile"]} == {"queues[service].acw_s", "queues[service].service_level_s"}
    assert review["conflicts"] == ["queues[service].acw_s"]
    with pytest.raises(Refused, match="came into force meanwhile, by wang"):
        li.call("candidate.commit")
    assert len(changes(li)) == 2
    li.call("candidate.rebase")
    assert changes(li) == [("queues[service].acw_s", 40, 25), ("queues[service].max_waiting", 20, 5)]
    li.call("candidate.commit")
    assert {"acw_s": 25, "max_waiting": 5, "service_level_s": 30}.items() <= entry(li, "queues", "service").items()


def test_a_form_that_saw_something_else_changes_nothing(li):
    seen = entry(li, "queues", "service")
    change(li, "queues", "service", acw_s=25)
    with pytest.raises(ChangedMeanwhile):
        li.call("candidate.set", noun="queues", name="service", value=seen | {"title": "x"}, was=seen)
    assert entry(li, "queues", "service")["acw_s"] == 25
    seen = entry(li, "queues", "service")
    li.call("candidate.set", noun="queues", name="service", value=seen | {"title": "x"}, was=seen)
    box = entry(li, "box")
    with pytest.raises(ChangedMeanwhile):
        li.call("candidate.set", noun="box", value=box, was=box | {"name": "other"})


def test_what_is_wrong_in_the_entry_is_refused_with_its_place_and_nothing_is_kept(li):
    with pytest.raises(BadConfig) as refused:
        change(li, "queues", "service", acw_s="soon", overflow="queue:sales", max_waiting=0)
    assert {one.path: one.code for one in refused.value.problems} == {
        "queues[0].acw_s": "seconds", "queues[0].max_waiting": "whole-number"
    }  # fmt: skip
    with pytest.raises(BadConfig) as refused:
        change(li, "queues", "service", overflow="queue:sales")
    assert [(one.path, one.code) for one in refused.value.problems] == [("queues[0].overflow", "no-such")]
    assert changes(li) == []


def test_what_is_wrong_elsewhere_is_told_and_keeps_only_the_commit_back(li):
    rule = {"name": "nine", "prefix": "2", "strip": 1, "via": ["lines"]}
    found = li.call("candidate.set", noun="outgoing", value=rule)
    assert {one["code"] for one in found["problems"]} == {"outside-prefix"}
    (first, *_) = li.call("candidate.review")["problems"]
    assert (first["path"], first["facts"]) == ("extensions[201].number", {"prefix": "2", "rule": "nine"})
    with pytest.raises(BadConfig):
        li.call("candidate.commit")
    assert li.call("candidate.state")["changes"] == 1


def test_a_new_name_is_written_wherever_the_former_one_stood(li):
    change(li, "queues", "service", name="support")
    flow = entry(li, "flows", "main")
    assert (flow["keys"]["1"]["to"], flow["no_key"]) == ("queue:support", "queue:support")
    change(li, "flows", "main", name="front")
    assert {one["to"] for one in entry(li, "routes")} == {"flow:front"}
    change(li, "hours", "open", name="day")
    assert {one["hours"] for one in entry(li, "routes")} == {"day"}
    assert entry(li, "limits")["hours"] == "day"
    change(li, "agents", "204", number="304")
    assert entry(li, "queues", "support")["agents"][-1] == "304"
    change(li, "extensions", "201", number="301")
    assert entry(li, "agents", "201")["extension"] == "301"
    assert entry(li, "flows", "front")["keys"]["0"]["to"] == "extension:301"
    assert li.call("candidate.review")["problems"] == []
    with pytest.raises(Exists):
        change(li, "agents", "201", number="202")


def test_a_name_that_is_also_a_word_of_the_configuration_is_renamed_alone(li):
    trunk = {"name": "line", "host": "sip.example.net"}
    li.call("candidate.set", noun="trunks", value=trunk)
    li.call("candidate.set", noun="queues", value={"name": "hangup"})
    change(li, "trunks", "line", name="telco")
    change(li, "queues", "hangup", name="spare")
    assert [one["source"] for one in entry(li, "routes")] == ["line", "trunk"]
    assert entry(li, "queues", "service")["overflow"] == "hangup"


def test_secrets_go_with_their_entry_and_are_told_nowhere(li, door):
    trunk = {"name": "carrier", "host": "sip.example.net", "username": "shop", "secret": SECRET}
    li.call("candidate.set", noun="trunks", value=trunk)
    files = list((door.door.home / "config/candidates").iterdir())
    assert SECRET.encode() not in files[0].read_bytes()
    assert SECRET not in str([li.call("candidate.get"), li.call("candidate.review"), changes(li)])
    assert "trunks[carrier]" in li.call("candidate.get")["with_secret"]
    change(li, "trunks", "carrier", name="telco")
    li.call("candidate.commit")
    change(li, "trunks", "telco", name="other", channels=2)
    former = li.call("extension.secret", number="201")["secret"]
    change(li, "extensions", "201", number="301")
    li.call("candidate.commit")
    exported = li.call("config.export", secrets=True)
    assert exported["trunks"][0]["secret"] == SECRET
    assert li.call("extension.secret", number="301")["secret"] == former
    with pytest.raises(BadConfig) as refused:
        change(li, "trunks", "other", host="sip.example.org")
    assert [(one.path, one.code) for one in refused.value.problems] == [("trunks[0].secret", "secret-of-another")]


def test_what_is_named_elsewhere_cannot_be_removed_and_it_is_told_where(li):
    with pytest.raises(InUse) as refused:
        li.call("candidate.remove", noun="queues", name="service")
    assert [one.path for one in refused.value.problems] == [
        "flows[main].keys.1.to", "flows[main].keys.2.to", "flows[main].no_key"
    ]  # fmt: skip
    assert changes(li) == []
    li.call("candidate.set", noun="queues", value={"name": "spare"})
    li.call("candidate.remove", noun="queues", name="spare")
    assert li.call("candidate.state")["changes"] == 0
    with pytest.raises(NotFound):
        li.call("candidate.remove", noun="queues", name="spare")


def test_where_the_first_that_fits_counts_the_order_is_changed(li):
    li.call("candidate.move", noun="routes", name="trunks", way="up")
    assert changes(li) == [("order of routes", ["lines", "trunks"], ["trunks", "lines"])]
    li.call("candidate.move", noun="routes", name="trunks", way="up")
    li.call("candidate.move", noun="routes", name="trunks", way="down")
    assert changes(li) == []


def test_a_candidate_outlives_the_exchange_and_ends_with_its_user(door, li):
    change(li, "queues", "service", acw_s=25)
    door.run(door.door.server.close())
    door.run(door.door.serve())
    people = People(door)
    with Client(door.door.path) as again:
        again.call("session.resume", token=people.sign_in("li"))
        assert changes(again) == [("queues[service].acw_s", 10, 25)]
    with Client(door.door.path) as client:
        client.call("user.remove", name="li")
        client.call("session.resume", token=people.settled("li", "admin"))
        assert changes(client) == []


def test_a_candidate_that_cannot_be_read_is_none_and_harms_nobody(door, li):
    change(li, "queues", "service", acw_s=25)
    (file,) = (door.door.home / "config/candidates").iterdir()
    file.write_bytes(file.read_bytes()[:100])
    door.run(door.door.server.close())
    door.run(door.door.serve())
    with Client(door.door.path) as again:
        again.call("session.resume", token=People(door).sign_in("li"))
        assert again.call("candidate.state")["changes"] == 0
        change(again, "queues", "service", acw_s=30)
        assert changes(again) == [("queues[service].acw_s", 10, 30)]


def test_an_earlier_revision_is_taken_up_again(li):
    change(li, "queues", "service", acw_s=25)
    tried = li.call("candidate.commit", confirm_within_min=5)
    li.call("config.rollback", revision=tried["trial"]["back_to"])
    assert entry(li, "queues", "service")["acw_s"] == 10
    li.call("candidate.take", revision=tried["revision"]["number"])
    assert changes(li) == [("queues[service].acw_s", 10, 25)]
    with pytest.raises(Refused, match="there are changes already"):
        li.call("candidate.take", revision=1)
    li.call("candidate.discard")
    assert changes(li) == []


def test_a_part_that_has_a_secret_itself_keeps_it_too(li, door):
    assert "backup" not in li.call("candidate.get")["with_secret"]
    with pytest.raises(BadConfig) as refused:
        li.call("candidate.set", noun="backup", value=entry(li, "backup") | {"at": "03:00"})
    assert [(one.path, one.code) for one in refused.value.problems] == [("backup.secret", "passphrase")]
    li.call("candidate.set", noun="backup", value=entry(li, "backup") | {"at": "03:00", "secret": SECRET})
    seen = entry(li, "backup")
    assert SECRET not in str([seen, li.call("candidate.review")])
    li.call("candidate.set", noun="backup", value=seen | {"keep": 9}, was=seen)
    assert "backup" in li.call("candidate.get")["with_secret"]
    li.call("candidate.commit")
    assert door.door.configuration.config.backup.secret == SECRET
    li.call("candidate.set", noun="backup", value=entry(li, "backup") | {"keep": 10})
    assert changes(li) == [("backup.keep", 9, 10)]
    li.call("candidate.commit")
    assert door.door.configuration.config.backup.secret == SECRET


@pytest.mark.parametrize("noun", ["", "secrets", "box", "revision"])
def test_a_noun_that_is_no_list_has_no_entries(li, noun):
    for ask in (lambda: li.call("candidate.remove", noun=noun, name="x"),
                lambda: li.call("candidate.move", noun=noun, name="x", way="up")):  # fmt: skip
        with pytest.raises(NotFound, match="there is lines, trunks"):
            ask()
    if noun != "box":
        with pytest.raises(NotFound, match="there is box, sip"):
            li.call("candidate.set", noun=noun, value={})
    with pytest.raises(BadRequest, match="is an object with keys"):
        li.call("candidate.set", noun="queues", value=7)
