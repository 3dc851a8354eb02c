"""The configuration in force: replaced whole or not at all, kept through power cuts, secrets neither lost nor shown."""

import asyncio
import itertools
import json
import os
import wave
from datetime import UTC, datetime

import msgspec
import pytest

from firmware.config import factory
from firmware.config.configuration import Configuration, exported
from firmware.config.vault import ALPHABET
from firmware.errors import BadConfig, KeyLost, Locked, NoStorage, NotFound
from firmware.prompts import catalogue
from tests.firmware.config.power import TracedDisk, restore

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def configuration(folder, **more):
    return Configuration(folder / "config", now=lambda: NOW, wrong_with_sound=catalogue.wrong_with, **more)


@pytest.fixture
def running(tmp_path):
    running = configuration(tmp_path)
    running.open()
    yield running
    running.close()


def titled(running, title):
    document = exported(running.config, secrets=False)
    document["queues"][0]["title"] = title
    return document


def test_the_first_start_takes_the_factory_configuration_with_secrets_of_its_own(running):
    assert (running.revision.number, running.revision.who, running.revision.why) == (1, "factory", "first start")
    secrets = [extension.secret for extension in running.config.extensions]
    assert len(set(secrets)) == 4
    assert all(len(secret) >= 16 and set(secret) <= set(ALPHABET) for secret in secrets)
    assert running.problems == []


async def test_a_replaced_configuration_is_a_new_revision_and_outlives_a_restart(running, tmp_path):
    change = await running.replace(titled(running, "新客服"), who="anna", why="renamed")
    assert (change.revision.number, change.revision.who, change.revision.why) == (2, "anna", "renamed")
    assert change.revision.when == "2026-03-04T13:06:07+08:00"  # in the box's zone
    assert [str(one) for one in change.differences] == ['queues[service].title: "客户服务 Service" -> "新客服"']
    config = running.config
    running.close()
    again = configuration(tmp_path)
    again.open()
    assert (again.config, again.revision) == (config, change.revision)
    again.close()


async def test_a_refused_configuration_changes_nothing(running):
    before = running.config
    document = titled(running, "new")
    document["queues"][0]["overflow"] = "queue:gone"
    with pytest.raises(BadConfig, match=r'queues\[0\].overflow: "queue:gone": there is no queue gone'):
        await running.replace(document, who="anna", why="")
    assert (running.config, running.revision.number) == (before, 1)
    assert [one.number for one in await running.history()] == [1]


async def test_export_and_import_are_the_identity(running):
    before = running.config
    await running.replace(json.loads(json.dumps(exported(before, secrets=False))), who="a", why="")
    assert running.config == before
    await running.replace(json.loads(json.dumps(exported(before, secrets=True))), who="a", why="")
    assert running.config == before


async def test_an_export_with_secrets_makes_another_box_the_same(running, tmp_path):
    other = configuration(tmp_path / "other")
    other.open()
    assert other.config != running.config
    await other.replace(exported(running.config, secrets=True), who="a", why="")
    assert other.config == running.config
    other.close()


def test_an_export_has_no_secret_unless_asked_for(running):
    secret = running.config.extensions[0].secret
    assert secret not in json.dumps(exported(running.config, secrets=False))
    assert secret in json.dumps(exported(running.config, secrets=True))


async def test_a_new_extension_gets_a_secret_and_the_others_keep_theirs(running):
    before = {one.number: one.secret for one in running.config.extensions}
    document = exported(running.config, secrets=False)
    document["extensions"].append({"number": "205"})
    document["extensions"][0]["secret"] = "chosen-by-hand"
    await running.replace(document, who="a", why="")
    after = {one.number: one.secret for one in running.config.extensions}
    assert after["201"] == "chosen-by-hand"
    assert after["202"] == before["202"]
    assert len(after["205"]) >= 16
    assert running.secret_of("205") == after["205"]
    with pytest.raises(NotFound, match="no extension 206"):
        running.secret_of("206")


async def test_a_trunk_keeps_its_secret_as_long_as_it_has_the_same_user(running):
    trunk = {"name": "carrier", "host": "sip.example.cn", "username": "shop", "secret": "from the carrier"}
    await running.replace(titled(running, "a") | {"trunks": [trunk]}, who="a", why="")
    document = exported(running.config, secrets=False)
    await running.replace(document, who="a", why="")
    assert running.config.trunks[0].secret == "from the carrier"
    document["trunks"][0]["username"] = "other"
    await running.replace(document, who="a", why="")
    assert running.config.trunks[0].secret == ""


async def test_a_trunks_secret_is_never_kept_for_another_host(running):
    trunk = {"name": "carrier", "host": "sip.example.cn", "username": "shop", "secret": "from-the-carrier"}
    await running.replace(titled(running, "a") | {"trunks": [trunk]}, who="a", why="")
    document = exported(running.config, secrets=False)
    document["trunks"].insert(0, {"name": "other", "host": "192.0.2.7"})
    document["trunks"][1]["host"] = "sip.stranger.example"
    (problem,) = await running.check(document)
    assert (problem.path, problem.value) == ("trunks[1].secret", "")
    assert "the secret for sip.stranger.example is right here; the one known is for sip.example.cn" in problem.rule
    with pytest.raises(BadConfig) as refused:
        await running.replace(document, who="a", why="")
    assert refused.value.problems == [problem]
    assert "from-the-carrier" not in str(refused.value)
    assert [one.host for one in running.config.trunks] == ["sip.example.cn"]
    document["trunks"][1]["secret"] = "from-the-other"
    await running.replace(document, who="a", why="")
    assert running.config.trunks[1].secret == "from-the-other"


async def test_a_trunks_secret_is_kept_where_its_host_is_written_in_capitals_or_its_port_changes(running):
    trunk = {"name": "carrier", "host": "sip.example.cn", "username": "shop", "secret": "from-the-carrier"}
    await running.replace(titled(running, "a") | {"trunks": [trunk]}, who="a", why="")
    document = exported(running.config, secrets=False)
    document["trunks"][0] |= {"host": "SIP.Example.CN", "port": 5080}
    await running.replace(document, who="a", why="")
    assert running.config.trunks[0].secret == "from-the-carrier"


async def test_a_trunk_that_moves_to_a_host_without_sign_in_needs_no_secret(running):
    trunk = {"name": "carrier", "host": "sip.example.cn", "username": "shop", "secret": "from-the-carrier"}
    await running.replace(titled(running, "a") | {"trunks": [trunk]}, who="a", why="")
    document = exported(running.config, secrets=False)
    document["trunks"][0] |= {"host": "192.0.2.9", "username": ""}
    await running.replace(document, who="a", why="")
    assert running.config.trunks[0].secret == ""


async def test_no_secret_lies_on_the_disk_in_clear(running, tmp_path):
    trunk = {"name": "carrier", "host": "sip.example.cn", "username": "shop", "secret": "from-the-carrier"}
    await running.replace(titled(running, "a") | {"trunks": [trunk]}, who="a", why="")
    secrets = [one.secret for one in running.config.extensions] + ["from-the-carrier"]
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert not [secret for secret in secrets if secret in path.read_text()]
    assert (tmp_path / "config/key").stat().st_mode & 0o777 == 0o600


async def test_a_rollback_is_a_new_revision(running):
    first = running.config
    await running.replace(titled(running, "second"), who="a", why="")
    change = await running.rollback(1, who="bob", why="too soon")
    assert running.config == first
    assert (change.revision.number, change.revision.who, change.revision.why) == (3, "bob", "rollback to 1: too soon")
    assert [one.number for one in await running.history()] == [3, 2, 1]


async def test_a_rollback_to_what_is_not_there_or_not_right_any_more_is_refused(running, tmp_path, monkeypatch):
    with pytest.raises(NotFound, match="no revision 9"):
        await running.rollback(9, who="a")
    monkeypatch.setenv("BUSYHOUR_HOME", str(tmp_path))
    sound = tmp_path / "prompts/ours.wav"
    sound.parent.mkdir()
    with wave.open(str(sound), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(b"\0" * 1600)
    document = titled(running, "a")
    document["flows"].append({"name": "own", "greeting": ["file:ours.wav"]})
    await running.replace(document, who="a", why="")
    await running.rollback(1, who="a")
    sound.unlink()
    with pytest.raises(BadConfig, match=r"flows\[2\].greeting\[0\]"):
        await running.rollback(2, who="a")
    assert running.revision.number == 3


async def test_listeners_learn_of_a_change_after_it_is_on_disk(running, tmp_path):
    told = []

    def listener(change, before, now):
        told.append((change.revision.number, before.queues[0].title, now.queues[0].title, running.config is now))
        assert (tmp_path / f"config/revisions/{change.revision.number:06}.json").exists()

    cancel = running.subscribe(listener)
    await running.replace(titled(running, "second"), who="a", why="")
    cancel()
    await running.replace(titled(running, "third"), who="a", why="")
    assert told == [(2, "客户服务 Service", "second", True)]


async def test_changes_at_the_same_time_come_one_after_the_other(running):
    changes = await asyncio.gather(*(running.replace(titled(running, f"t{n}"), who=f"{n}", why="") for n in range(8)))
    assert sorted(change.revision.number for change in changes) == list(range(2, 10))
    last = max(changes, key=lambda change: change.revision.number)
    assert running.config.queues[0].title == f"t{last.revision.who}"


async def test_who_goes_away_while_it_is_written_leaves_one_truth(running, tmp_path):
    asked = asyncio.ensure_future(running.replace(titled(running, "second"), who="a", why=""))
    await asyncio.sleep(0)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    await running.replace(titled(running, "third"), who="a", why="")
    assert [one.number for one in await running.history()] == [3, 2, 1]
    assert running.revision.number == 3


async def test_a_broken_newest_revision_is_named_and_the_last_good_one_used(running, tmp_path):
    await running.replace(titled(running, "second"), who="a", why="")
    await running.replace(titled(running, "third"), who="a", why="")
    running.close()
    newest = tmp_path / "config/revisions/000003.json"
    newest.write_bytes(newest.read_bytes()[:-100])
    again = configuration(tmp_path)
    again.open()
    assert (again.config.queues[0].title, again.revision.number) == ("second", 2)
    (problem,) = again.problems
    assert problem.path == "revision 3"
    assert str(newest) in problem.value
    history = await again.history()
    assert [(one.number, bool(one.broken)) for one in history] == [(3, True), (2, False), (1, False)]
    with pytest.raises(BadConfig, match="revision 3"):
        await again.rollback(3, who="a")
    assert (await again.replace(titled(again, "fourth"), who="a", why="")).revision.number == 4
    again.close()


def test_a_newest_revision_that_somebody_edited_wrongly_is_named_and_not_used(running, tmp_path):
    path = tmp_path / "config/revisions/000001.json"
    path.with_name("000002.json").write_text(
        path.read_text().replace('"number": 1,', '"number": 2,', 1).replace('"rtp_first": 20000', '"rtp_first": "x"')
    )
    running.close()
    again = configuration(tmp_path)
    again.open()
    assert again.revision.number == 1
    assert [(problem.path, problem.value) for problem in again.problems] == [("revision 2: sip.rtp_first", "x")]
    again.close()


def test_with_no_readable_revision_the_box_still_takes_calls(running, tmp_path):
    running.close()
    (tmp_path / "config/revisions/000001.json").write_text("")
    again = configuration(tmp_path)
    again.open()
    assert (again.revision.number, again.revision.why) == (2, "no revision can be read")
    assert again.problems
    assert [flow.name for flow in again.config.flows] == [flow.name for flow in factory.build().flows]
    again.close()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda key: key.unlink(), "is missing; put it back"),
        (lambda key: key.write_text("short"), "holds no key"),
        (lambda key: key.write_text("A" * 43 + "="), "sealed with another key"),
    ],
)
def test_a_lost_key_is_named_and_nothing_is_overwritten(running, tmp_path, damage, said):
    running.close()
    damage(tmp_path / "config/key")
    again = configuration(tmp_path)
    with pytest.raises(KeyLost, match=said):
        again.open()
    assert [path.name for path in (tmp_path / "config/revisions").iterdir()] == ["000001.json"]


def test_a_second_program_is_told_who_writes(running, tmp_path):
    second = configuration(tmp_path)
    with pytest.raises(Locked, match=f"being written by process {os.getpid()}"):
        second.open()


def test_a_home_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(NoStorage, match="file cannot be written: File exists; a folder is right there"):
        configuration(tmp_path / "file").open()


def test_a_power_cut_at_any_moment_loses_nothing_acknowledged(tmp_path):
    """Every cut between two system calls, with every selection of unsynced names and every fate of unsynced bytes."""
    disk = TracedDisk()
    running = configuration(tmp_path / "box", disk=disk, run=at_once)
    running.open()
    disk.acknowledge(running.config)

    async def two_changes():
        for title in ("second", "third"):
            await running.replace(titled(running, title), who="a", why="")
            disk.acknowledge(running.config)

    asyncio.run(two_changes())
    everything = list(disk.now.acknowledged)
    running.close()

    count = itertools.count()
    for model in disk.steps:
        for state in model.states():
            folder = tmp_path / f"cut{next(count)}"
            restore(state, tmp_path / "box", folder)
            after = configuration(folder)
            after.open()
            done = len(model.acknowledged)
            if done:
                # what was acknowledged, or the change that was being written; never less, never a mixture
                assert after.config in everything[done - 1 : done + 1]
                assert after.problems == []
            else:
                assert [one.name for one in after.config.queues] == ["service"]
            assert asyncio.run(after.replace(titled(after, "next"), who="a", why="")).revision.number >= done + 1
            after.close()
    assert next(count) > 100


def test_the_model_of_power_cuts_finds_a_store_that_does_not_sync(tmp_path):
    class Careless(TracedDisk):
        def sync(self, file):
            pass

    disk = Careless()
    running = configuration(tmp_path / "box", disk=disk)
    running.open()
    running.close()
    fates = [state.get(tmp_path / "box/config/revisions/000001.json") for state in disk.steps[-1].states()]
    whole = (tmp_path / "box/config/revisions/000001.json").read_bytes()
    assert whole in fates
    assert any(fate is not None and fate != whole for fate in fates)


async def at_once(work):
    return work()


def test_reading_a_thousand_agents_back_is_quick(tmp_path):
    running = configuration(tmp_path)
    running.open()
    document = exported(running.config, secrets=False)
    document["extensions"] = [{"number": f"{n}"} for n in range(3000, 4000)]
    document["agents"] = [{"number": f"{n}", "extension": f"{n}"} for n in range(3000, 4000)]
    document["queues"][0]["agents"] = [f"{n}" for n in range(3000, 4000)]
    document["flows"][0]["keys"]["0"]["to"] = "extension:3000"
    asyncio.run(running.replace(document, who="a", why=""))
    assert len(running.config.agents) == 1000
    running.close()
    again = configuration(tmp_path)
    again.open()
    assert again.config == running.config
    again.close()


def test_the_struct_of_a_change_crosses_the_control_socket(running):
    change = asyncio.run(running.replace(titled(running, "x"), who="a", why=""))
    assert msgspec.json.decode(msgspec.json.encode(change))["differences"] == [
        {"path": "queues[service].title", "before": "客户服务 Service", "after": "x"}
    ]
