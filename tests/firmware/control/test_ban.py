"""`ban.*`: who is kept out and why, who may see that, and who lets in again."""

import time

from drivers.link.messages import Refused
from firmware.console.lockout import Lockout
from firmware.control.methods import Role
from tests.firmware.control.test_rights import signed_in
from tests.firmware.control.test_server import Peer, opened
from tests.webui.people import PASSWORD


async def test_a_supervisor_sees_who_is_kept_out_and_which_telephone_has_a_wrong_password():
    async with opened() as door:
        supervisor = await signed_in(door, Role.SUPERVISOR)
        told = (await supervisor.ask("ban.list"))["result"]
        assert [(one["subject"], one["door"], one["why"]) for one in told["bans"]] == [
            ("192.0.2.7", "sip", "passwords"), ("192.0.2.8", "sip", "flood"),
        ]  # fmt: skip
        assert [(one["number"], one["address"], one["why"], one["count"]) for one in told["turned"]] == [
            ("203", "192.168.1.20", "password", 5)
        ]
        assert (told["edge"], told["more"]) == (True, False)
        assert (await supervisor.ask("ban.lift", subject="192.0.2.7"))["error"]["code"] == "not-allowed"


async def test_an_admin_lets_an_address_in_and_that_is_on_record():
    async with opened() as door:
        admin = await signed_in(door, Role.ADMIN)
        told = (await admin.ask("ban.lift", subject="192.0.2.7"))["result"]
        assert [one["subject"] for one in told["bans"]] == ["192.0.2.8"]
        entry = door.audit.entries[-1]
        assert (entry.what, entry.by, entry.detail) == ("ban.lifted", "a-admin", "192.0.2.7")
        count = len(door.audit.entries)
        assert (await admin.ask("ban.lift", subject="192.0.2.7"))["error"]["code"] == "not-found"
        flood = (await admin.ask("ban.lift", subject="192.0.2.8"))["error"]
        assert (flood["code"], "half a minute" in flood["message"]) == ("refused", True)
        assert (await admin.ask("ban.lift", subject="two words"))["error"]["code"] == "bad-request"
        assert len(door.audit.entries) == count


async def test_who_guessed_a_users_password_at_the_page_is_told_and_may_try_again_when_lifted():
    async with opened() as door:
        admin = await signed_in(door, Role.ADMIN)
        stranger = await Peer.of(door)
        for name, address in (("A-Admin", "198.51.100.9"), ("p4ssword", "198.51.100.10")):
            for _ in range(6):
                await stranger.ask("session.open", name=name, password="guess", address=address)
        told = (await admin.ask("ban.list"))["result"]["bans"]
        held = {one["subject"]: one for one in told if one["door"] == "sign-in"}
        assert set(held) == {"a-admin", "198.51.100.9", "198.51.100.10"}  # a name that is no user's may be a password
        assert held["a-admin"]["count"] >= 4
        for subject in held:
            await admin.ask("ban.lift", subject=subject)
        assert [one for one in (await admin.ask("ban.list"))["result"]["bans"] if one["door"] == "sign-in"] == []
        answer = await stranger.ask("session.open", name="a-admin", password=PASSWORD, address="198.51.100.9")
        assert answer.get("error", {}).get("code") != "too-many-tries"


async def test_the_console_that_waits_after_wrong_passwords_is_told_and_asks_again_at_once_when_lifted():
    async with opened() as door:
        admin, supervisor = await signed_in(door, Role.ADMIN), await signed_in(door, Role.SUPERVISOR)
        console = Lockout(door.home)
        for _ in range(4):
            console.count()
        (told,) = [one for one in (await supervisor.ask("ban.list"))["result"]["bans"] if one["door"] == "console"]
        assert (told["subject"], told["why"], told["count"]) == ("console", "passwords", 4)
        assert 0 < told["until_s"] - time.time() <= 20
        assert (await supervisor.ask("ban.lift", subject="console"))["error"]["code"] == "not-allowed"
        assert console.left_s() > 0
        left = (await admin.ask("ban.lift", subject="console"))["result"]["bans"]
        assert "console" not in [one["door"] for one in left]
        assert (console.left_s(), door.audit.entries[-1].detail) == (0, "console")
        assert (await admin.ask("ban.lift", subject="console"))["error"]["code"] == "not-found"


async def test_an_edge_that_is_silent_or_refuses_is_said_and_nothing_is_lifted():
    async with opened() as door:
        admin = await signed_in(door, Role.ADMIN)
        door.gateway.send = lambda order: door.bans.take(Refused(1, 1.0, order.id, "edge", "Kamailio does not answer"))
        refused = (await admin.ask("ban.lift", subject="192.0.2.7"))["error"]
        assert (refused["code"], refused["message"]) == ("unavailable", "Kamailio does not answer")
        door.gateway.guarded = None
        told = (await admin.ask("ban.list"))["result"]
        assert (told["bans"], told["turned"], told["edge"]) == ([], [], False)
        assert "ban.lifted" not in [entry.what for entry in door.audit.entries]
