"""A carrier whose domain is not the host it is met at, and whose password has a name of its own: real registrar."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.link import messages as m
from drivers.link.manner import Manner
from tests.drivers.gateway.exchange import Exchange
from tests.drivers.gateway.test_with_edge import PROVISION, Edge, edge  # noqa: F401 - a fixture
from tests.peers.ports import free_port
from tests.peers.registrar import Registrar
from tests.peers.sipp import Callee, Caller

HOST, SUBSCRIBER, DOMAIN = "127.0.42.1", "127.0.42.2", "ims.example"
NUMBER, IDENTITY = "+861088886666", "+861088886666@private.ims.example"


@pytest.fixture
def carrier() -> Iterator[Registrar]:
    """The carrier's core."""
    registrar = Registrar(HOST, DOMAIN, NUMBER, IDENTITY, "pencil", (SUBSCRIBER, free_port(SUBSCRIBER)))
    yield registrar
    registrar.stop()


async def test_it_is_registered_with_called_and_takes_calls(
    edge: Edge, carrier: Registrar, tmp_path: Path  # noqa: F811
) -> None:
    trunk = m.SipTrunk(
        "ims", HOST, carrier.port, username=NUMBER, secret="pencil", register=True, domain=DOMAIN, auth_name=IDENTITY,
        manner=Manner(did_from="p-called-party-id"),
    )  # fmt: skip
    exchange = await Exchange.connect(edge.gateway.home)
    exchange.order(m.Provision, **PROVISION | {"trunks": (trunk,)})
    registered = await exchange.event(m.RegistrationChanged, name="trunk:ims", timeout_s=30)
    assert registered.registered
    request = carrier.requests("REGISTER")[-1]
    assert request.first == f"REGISTER sip:{DOMAIN} SIP/2.0"
    assert f"<sip:{NUMBER}@{DOMAIN}>" in request.header("To")
    assert request.headers("Route") == [f"<sip:{HOST}:{carrier.port};lr>"]
    assert f'username="{IDENTITY}"' in request.header("Authorization")

    callee = Callee(tmp_path / "callee", *carrier.subscriber)
    try:
        exchange.order(
            m.Dial, channel="out", target=m.ToTrunk("ims", "+861062551234"), tag=m.Tag("c", "1"), caller_number=NUMBER
        )
        await exchange.event(m.Answered, channel="out", timeout_s=20)
        invite = carrier.requests("INVITE")[-1]
        assert invite.first == f"INVITE sip:+861062551234@{DOMAIN} SIP/2.0"
        assert f"<sip:{NUMBER}@{DOMAIN}>" in invite.header("From")
        assert f"sip:+861062551234@{DOMAIN}" in invite.header("To")
        assert invite.headers("Route") == [
            f"<sip:{HOST}:{carrier.port};lr>", f"<sip:orig@{HOST}:{carrier.port};lr>",
        ]  # fmt: skip
        assert f'username="{IDENTITY}"' in invite.header("Proxy-Authorization")
        exchange.order(m.Hangup, channel="out")
        await exchange.event(m.Hungup, channel="out")
    finally:
        await asyncio.to_thread(callee.stop)

    caller = Caller("+8613800138000").answered().hung_up()
    caller._steps[0] = caller._steps[0].replace("[remote_ip]:[remote_port]", DOMAIN)
    sipp = caller.start(tmp_path / "caller", f"{HOST}:{carrier.port}", NUMBER, address=SUBSCRIBER)
    offered = await exchange.event(m.Offered, timeout_s=20)
    assert (offered.source, offered.did, offered.caller_number) == ("trunk:ims", NUMBER, "+8613800138000")
    exchange.order(m.Answer, channel=offered.channel)
    await exchange.event(m.Answered, channel=offered.channel)
    exchange.order(m.Hangup, channel=offered.channel)
    await asyncio.to_thread(sipp.finish)
    await exchange.close()


async def test_a_wrong_password_is_no_registration(edge: Edge, carrier: Registrar) -> None:  # noqa: F811
    trunk = m.SipTrunk(
        "ims", HOST, carrier.port, username=NUMBER, secret="pencil", register=True, domain=DOMAIN, auth_name=NUMBER
    )
    exchange = await Exchange.connect(edge.gateway.home)
    exchange.order(m.Provision, **PROVISION | {"trunks": (trunk,)})
    second = await asyncio.to_thread(carrier.request, "REGISTER", 1)
    assert f'username="{NUMBER}"' in second.header("Authorization")
    assert not [one for one in exchange.seen if isinstance(one, m.RegistrationChanged) and one.registered]
    await exchange.close()


async def test_one_registration_is_for_all_numbers_where_the_trunk_wants_that(
    edge: Edge, carrier: Registrar, tmp_path: Path  # noqa: F811
) -> None:
    trunk = m.SipTrunk(
        "ims", HOST, carrier.port, username=NUMBER, secret="pencil", register=True, domain=DOMAIN, auth_name=IDENTITY,
        manner=Manner(gin=True),
    )  # fmt: skip
    exchange = await Exchange.connect(edge.gateway.home)
    exchange.order(m.Provision, **PROVISION | {"trunks": (trunk,)})
    assert (await exchange.event(m.RegistrationChanged, name="trunk:ims", timeout_s=30)).registered
    request = carrier.requests("REGISTER")[-1]
    assert f"<sip:127.0.0.1:{edge.gateway.edge_port};" in request.header("Contact")
    assert ";bnc" in request.header("Contact")
    for number in (NUMBER, "+861088886677"):
        caller = Caller("+8613800138000").refused(486)
        caller._steps[0] = caller._steps[0].replace("[remote_ip]:[remote_port]", DOMAIN)
        sipp = caller.start(tmp_path / number, f"{HOST}:{carrier.port}", number, address=SUBSCRIBER)
        offered = await exchange.event(m.Offered, timeout_s=20)
        assert (offered.source, offered.did) == ("trunk:ims", number)
        exchange.order(m.Hangup, channel=offered.channel, cause=17)
        await exchange.event(m.Hungup, channel=offered.channel)
        await asyncio.to_thread(sipp.finish)
    exchange.order(m.Provision, **PROVISION)
    gone = await asyncio.to_thread(carrier.request, "REGISTER", len(carrier.requests("REGISTER")))
    assert gone.header("Expires") == "0"
    await exchange.close()


async def test_the_first_registration_names_us_where_the_trunk_wants_that_and_no_call_does(
    edge: Edge, carrier: Registrar  # noqa: F811
) -> None:
    trunk = m.SipTrunk(
        "ims", HOST, carrier.port, username=NUMBER, secret="pencil", register=True, domain=DOMAIN, auth_name=IDENTITY,
        manner=Manner(authorize_first=True),
    )  # fmt: skip
    exchange = await Exchange.connect(edge.gateway.home)
    exchange.order(m.Provision, **PROVISION | {"trunks": (trunk,)})
    assert (await exchange.event(m.RegistrationChanged, name="trunk:ims", timeout_s=30)).registered
    first, second = carrier.requests("REGISTER")
    (unasked,) = first.headers("Authorization")
    for part in (f'username="{IDENTITY}"', f'realm="{DOMAIN}"', 'nonce=""', 'response=""'):
        assert part in unasked
    (asked,) = second.headers("Authorization")
    assert 'response=""' not in asked
    exchange.order(m.Dial, channel="out", target=m.ToTrunk("ims", "+861062551234"), tag=m.Tag("c", "1"))
    invite = await asyncio.to_thread(carrier.request, "INVITE")
    assert "Authorization" not in invite.text
    exchange.order(m.Hangup, channel="out")
    await exchange.event(m.Hungup, channel="out")
    await exchange.close()
