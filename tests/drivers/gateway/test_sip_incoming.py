"""Calls that come in by SIP, from INVITE to BYE."""

from drivers.link import messages as m
from tests import audio
from tests.drivers.gateway.conftest import GatewayProcess, bench


async def test_a_call_is_offered_with_who_calls_whom_from_where(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        dialog, offered = await box.incoming(number="4001", source="trunk:carrier")
        assert (offered.source, offered.did, offered.caller_number, offered.caller_name, offered.withheld) == (
            "trunk:carrier", "4001", "13800138000", "Alice", False,
        )
        assert offered.channel.startswith(box.exchange.hello.epoch + "-")
        assert (await dialog.status(100)).status == 100


async def test_an_answered_call_hears_what_is_played(gateway: GatewayProcess) -> None:
    async with bench(gateway) as box:
        dialog, channel = await box.talking()
        play = box.exchange.order(m.Play, channel=channel, sounds=(box.prompt("a", 800, 0.6),))
        finished = await box.exchange.event(m.Finished, command=play)
        assert finished.reason == "played"
        assert audio.hears_tone(dialog.voice.samples(0.4), 800)
