"""What makes a telephone an extension, asked for; whoever sees a secret is on record."""

import pytest

from firmware.certificate.store import Store
from firmware.config.configuration import exported
from firmware.control.methods import Role
from tests.firmware.control.test_rights import signed_in
from tests.firmware.control.test_server import Peer, opened


async def sheets(peer, **params):
    return (await peer.ask("extension.sheet", **params))["result"]


async def test_a_sheet_has_all_that_is_typed_into_a_telephone_but_the_secret(monkeypatch):
    monkeypatch.setenv("BUSYHOUR_SIP", "192.0.2.10:5070")
    async with opened() as door:
        (sheet,) = await sheets(await Peer.of(door), number="201")
        assert (sheet["number"], sheet["name"], sheet["realm"]) == ("201", "分机 201", "busyhour")
        assert sheet["registrars"] == ["192.0.2.10:5070"]
        assert sheet["features"]["login"] == "*20"
        assert {"110", "119", "120", "122"} <= set(sheet["emergency"])
        assert door.configuration.secret_of("201") not in str(sheet)


async def test_without_a_number_there_is_one_for_each_extension():
    async with opened() as door:
        peer = await Peer.of(door)
        assert [one["number"] for one in await sheets(peer)] == ["201", "202", "203", "204"]
        assert (await peer.ask("extension.sheet", number="299"))["error"]["code"] == "not-found"


@pytest.mark.parametrize(("listens", "found"), [("0.0.0.0:5060", False), ("127.0.0.1:5060", True)])
async def test_telephones_on_the_network_are_told_no_address_of_the_machine_alone(monkeypatch, listens, found):
    monkeypatch.setenv("BUSYHOUR_SIP", listens)
    async with opened() as door:
        (sheet,) = await sheets(await Peer.of(door), number="201")
        assert sheet["registrars"]
        assert any(one.startswith("127.") for one in sheet["registrars"]) is found


async def test_a_sheet_tells_how_to_register_by_tls_and_by_what_the_box_is_known(monkeypatch):
    async with opened() as door:
        (sheet,) = await sheets(await Peer.of(door), number="201")
        assert sheet["secure"] is None
        monkeypatch.setenv("BUSYHOUR_SIPS", "192.0.2.10:5071")
        shown = Store(door.home).ensure().show("self-signed")
        (sheet,) = await sheets(await Peer.of(door), number="201")
        assert sheet["secure"] == {
            "registrars": ["192.0.2.10:5071"], "names": shown.names, "self_signed": True,
            "fingerprint": shown.fingerprint, "until_s": shown.not_after_s,
        }  # fmt: skip


async def test_the_emergency_numbers_are_those_of_the_boxs_country():
    async with opened() as door:
        document = exported(door.configuration.config, secrets=True)
        document["box"] |= {"country": "GB", "area_code": "20", "timezone": "Europe/London"}
        await door.configuration.replace(document, who="test", why="")
        (sheet,) = await sheets(await Peer.of(door), number="201")
        assert "999" in sheet["emergency"]
        assert "120" not in sheet["emergency"]


async def test_whoever_sees_a_secret_is_in_the_audit():
    async with opened() as door:
        peer = await signed_in(door, Role.ADMIN)
        answer = await peer.ask("extension.secret", number="202")
        assert answer["result"]["secret"] == door.configuration.secret_of("202")
        entry = door.audit.entries[-1]
        assert (entry.what, entry.by, entry.address, entry.detail) == (
            "extension.secret", "a-admin", "192.0.2.1", "extension 202"
        )  # fmt: skip
        before = len(door.audit.entries)
        assert "error" in await peer.ask("extension.secret", number="299")
        assert len(door.audit.entries) == before


async def test_a_program_says_how_many_messages_wait_and_all_see_it():
    async with opened() as door:
        crm = await signed_in(door, Role.SUPERVISOR)
        answer = await crm.ask("extension.waiting", number="202", new=3)
        assert answer["result"]["waiting"] == 3
        listed = await (await signed_in(door, Role.VIEWER)).ask("extension.list")
        assert {one["number"] for one in listed["result"] if one["waiting"]} == {"202"}
        for number, new, code in (("299", 1, "not-found"), ("202", -1, "bad-request"), ("202", 10000, "bad-request")):
            answer = await crm.ask("extension.waiting", number=number, new=new)
            assert answer["error"]["code"] == code, answer
        assert door.mailboxes.table() == {"202": 3}
        live = (await crm.ask("live"))["result"]
        assert [(one["number"], one["new"]) for one in live["waiting"]] == [("202", 3)]


async def test_an_extension_at_a_pbx_is_listed_with_its_group_and_has_neither_sheet_nor_secret():
    async with opened() as door:
        document = exported(door.configuration.config, secrets=True)
        document |= {"spans": [{"number": 2}], "groups": [{"name": "pbx", "channels": ["2"]}]}
        document["extensions"] += [{"number": "301", "last": "303", "group": "pbx", "name": "Old house"}]
        await door.configuration.replace(document, who="test", why="")
        admin = await signed_in(door, Role.ADMIN)
        door.roster.set_registered(["trunk:pbx"])
        listed = (await admin.ask("extension.list"))["result"]
        assert [(one["number"], one["group"], one["registered"]) for one in listed if one["group"]] == [
            (number, "pbx", True) for number in ("301", "302", "303")
        ]
        assert (await admin.ask("extension.waiting", number="302", new=2))["result"]["waiting"] == 2
        assert "301" not in [one["number"] for one in await sheets(admin)]
        for asked in ("extension.sheet", "extension.secret"):
            answer = await admin.ask(asked, number="302")
            assert (answer["error"]["code"], "PBX of trunk group pbx" in str(answer["error"])) == ("not-found", True)


@pytest.mark.parametrize(("signalling", "shown"), [
    ({"pri": {"variant": "qsig"}}, True), ({}, False), ({"signalling": "r2", "did_digits": 3}, False),
])
async def test_it_is_said_whether_the_telephone_can_show_that_messages_wait(signalling, shown):
    async with opened() as door:
        document = exported(door.configuration.config, secrets=True)
        document |= {"spans": [{"number": 2} | signalling], "groups": [{"name": "pbx", "channels": ["2"]}]}
        document["extensions"] += [{"number": "301", "group": "pbx"}]
        await door.configuration.replace(document, who="test", why="")
        crm = await signed_in(door, Role.SUPERVISOR)
        for number, expected in (("301", shown), ("201", True)):
            answer = await crm.ask("extension.waiting", number=number, new=1)
            assert answer["result"]["shows_waiting"] is expected
