"""The real world alone: encryption, passwords, and names that lie."""

import time

import pytest

from firmware.outside.outside import Letter, Unreachable
from tests.firmware.outside.worlds import server_tls


class SlowName(tuple):
    """A name whose addresses come too late."""

    def __iter__(self):
        time.sleep(2)
        return iter(())


LETTER = Letter("box@example.com", ("li@example.com",), "s", "t\n")


async def test_who_answers_must_be_who_was_meant(real, tmp_path):
    serves, trusts = server_tls(tmp_path, "receiver.test")
    world = real(tls=trusts)
    url, receiver = world.receiver(tls=serves)
    assert (await world.outside.post(url, b"{}", {}, "box")).status == 200
    world.names["other.test"] = ("127.0.0.1",)
    with pytest.raises(Unreachable, match="certificate"):
        await world.outside.post(url.replace("receiver.test", "other.test"), b"{}", {}, "box")
    assert len(receiver.requests) == 1


async def test_a_certificate_that_nobody_vouches_for_is_not_believed(real, tmp_path):
    serves, _ = server_tls(tmp_path, "receiver.test")
    world = real()
    url, receiver = world.receiver(tls=serves)
    with pytest.raises(Unreachable, match="certificate"):
        await world.outside.post(url, b"{}", {}, "box")
    assert receiver.requests == []


async def test_a_proxy_of_the_environment_is_not_asked(real, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    world = real()
    url, receiver = world.receiver()
    await world.outside.post(url, b"{}", {}, "box")
    assert len(receiver.requests) == 1


async def test_the_second_address_is_tried_when_nobody_listens_at_the_first(real):
    world = real()
    url, receiver = world.receiver()
    world.names["receiver.test"] = ("127.0.0.2", "127.0.0.1")
    await world.outside.post(url, b"{}", {}, "box")
    assert len(receiver.requests) == 1


async def test_a_resolver_that_is_silent_is_given_up(real):
    world = real()
    world.names["slow.test"] = SlowName()
    with pytest.raises(Unreachable, match=r"slow\.test"):
        await world.outside.resolve("slow.test")


async def test_mail_goes_encrypted_and_with_its_password(real, tmp_path):
    serves, trusts = server_tls(tmp_path, "mail.test")
    world = real(tls=trusts)
    world.accounts["box"] = "geheim"
    server = world.mail_server(security="starttls", username="box", password="geheim", tls=serves)
    await world.outside.mail(server, LETTER)
    assert len(world.letters) == 1
    with pytest.raises(Unreachable, match="Authentication"):
        await world.outside.mail(server._replace(password="wrong"), LETTER)
    assert len(world.letters) == 1


async def test_no_password_goes_to_a_server_that_is_another(real, tmp_path):
    serves, trusts = server_tls(tmp_path, "other.test")
    world = real(tls=trusts)
    world.accounts["box"] = "geheim"
    server = world.mail_server(security="starttls", username="box", password="geheim", tls=serves)
    with pytest.raises(Unreachable):
        await world.outside.mail(server, LETTER)
    assert world.letters == []


async def test_a_server_without_encryption_gets_no_mail_that_wants_it(real):
    world = real()
    with pytest.raises(Unreachable, match="STARTTLS"):
        await world.outside.mail(world.mail_server(security="starttls"), LETTER)
    assert world.letters == []
