"""Lines and telephones together in one gateway; lines by themselves are tried in tests/drivers/boards."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from drivers.link import messages as m
from drivers.link.office import PlaceCall
from drivers.link.office_client import OfficeClient, PlacedCall
from tests import audio
from tests.drivers.gateway.conftest import Bench, GatewayProcess, bench

LINES = (1, 2, 3, 4)


@asynccontextmanager
async def lines(gateway: GatewayProcess) -> AsyncIterator[tuple[Bench, OfficeClient]]:
    """A bench whose gateway has its four lines idle."""
    async with bench(gateway) as box, await OfficeClient.connect(gateway.home) as client:
        box.exchange.order(
            m.Provision, country="CN", lines=LINES, users=(), trunks=(), rtp_first=24000, rtp_last=24999
        )
        await box.exchange.event(m.Provisioned)
        states = dict(box.exchange.snapshot.lines)
        async with asyncio.timeout(10):
            while not all(states.get(line) == "idle" for line in LINES):
                changed = await box.exchange.event(m.LineChanged)
                states[changed.line] = changed.state
        yield box, client


async def ring(box: Bench, client: OfficeClient, **how: object) -> tuple[PlacedCall, m.Offered]:
    """Let somebody call line 1."""
    call = await client.call(PlaceCall(line=1, **how))  # type: ignore[arg-type]
    return call, await box.exchange.event(m.Offered, timeout_s=12)


async def answered(box: Bench, client: OfficeClient, **how: object) -> tuple[PlacedCall, str]:
    """Let somebody call line 1, and answer."""
    call, offered = await ring(box, client, number="13800138000", caller_id="dtmf", **how)
    box.exchange.order(m.Answer, channel=offered.channel)
    await box.exchange.event(m.Answered, channel=offered.channel)
    return call, offered.channel


async def test_a_line_and_a_telephone_talk_and_are_recorded_apart(office: GatewayProcess) -> None:
    async with lines(office) as (box, client):
        call, one = await answered(box, client, tone_hz=620.0)
        agent, other = await box.dialled()
        agent.voice.tone(1000)
        path = office.home / "recordings/line.wav"
        box.exchange.order(m.Record, channel=one, path=str(path))
        box.exchange.order(m.Connect, channel=one, other=other)
        await box.exchange.event(m.Connected)
        await asyncio.sleep(3)
        await agent.voice.hears(620, 0.3)
        agent.bye()
        await box.exchange.event(m.Hungup, channel=other)
        box.exchange.order(m.Hangup, channel=one)
        await box.exchange.event(m.Recorded, channel=one)
        wav = audio.read_wav(path)
        middle = slice(len(wav.samples) // 2, len(wav.samples) // 2 + 2400)
        assert audio.hears_tone(wav.channel(0)[middle], 620)
        assert audio.hears_tone(wav.channel(1)[middle], 1000)
        assert audio.tone_dbm0(wav.channel(0)[middle], 1000) < -40
        report = await call.report()
        assert any(
            second.frequencies and second.frequencies[0].hz == pytest.approx(1000, abs=5)
            for second in report.heard.seconds
        )


@pytest.mark.parametrize(("line", "number", "cause"), [(9, "10086", 34), (4, "", 28), (4, "abc", 28)])
async def test_what_cannot_be_dialled_ends_at_once(
    office: GatewayProcess, line: int, number: str, cause: int
) -> None:
    async with lines(office) as (box, _):
        channel = box.dial(m.ToLine(line, number))
        hungup = await box.exchange.event(m.Hungup, channel=channel, timeout_s=1)
        assert (hungup.cause, hungup.by) == (cause, "gateway")


async def test_a_line_in_use_is_no_circuit(office: GatewayProcess) -> None:
    async with lines(office) as (box, client):
        call, channel = await answered(box, client)
        busy = box.dial(m.ToLine(1, "10086"))
        assert (await box.exchange.event(m.Hungup, channel=busy)).cause == 34
        box.exchange.order(m.Hangup, channel=channel)
        await call.report()
