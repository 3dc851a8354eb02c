"""The gateway as it runs, on lines that are real to it: a board found by itself, an office that rings by the wire."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from drivers.link import messages as m
from drivers.link.office import PlaceCall, Recall, Subscriber
from drivers.link.office_client import OfficeClient, PlacedCall
from tests.audio import best_match, read_wav, write_wav
from tests.drivers.gateway.conftest import GatewayProcess
from tests.drivers.gateway.exchange import Exchange
from tests.native import signals
from tests.peers.ports import wait_listening

TAG = m.Tag("call", "1")
ROOT = Path(__file__).resolve().parents[3]
DEBOUNCE_S = 2.5


class Box:
    """The gateway's exchange, and the office."""

    def __init__(self, exchange: Exchange, office: OfficeClient) -> None:
        self.exchange, self.office = exchange, office

    async def offered(self, line: int, **how: object) -> tuple[PlacedCall, m.Offered]:
        """Let somebody call; return the caller and the offer."""
        caller = await self.office.call(PlaceCall(line=line, **how))  # type: ignore[arg-type]
        return caller, await self.exchange.event(m.Offered, 20, source=f"line:{line}")

    async def answered(self, line: int, **how: object) -> tuple[PlacedCall, str]:
        """Let somebody call and answer; return the caller and the channel."""
        caller, offered = await self.offered(line, **how)
        self.exchange.order(m.Answer, channel=offered.channel)
        await self.exchange.event(m.Answered, channel=offered.channel)
        return caller, offered.channel

    def counters(self) -> dict[str, float]:
        """Return what the gateway counted last."""
        return next((told.counters for told in reversed(self.exchange.seen) if isinstance(told, m.Stats)), {})

    async def idle(self, line: int) -> None:
        """Wait until the office sees a line on-hook, and the kernel would take it for that."""
        async with asyncio.timeout(20):
            while (await self.office.lines())[line - 1].state != "idle":  # noqa: ASYNC110 - the office tells none
                await asyncio.sleep(0.1)
        await asyncio.sleep(DEBOUNCE_S)


@pytest.fixture(scope="module", autouse=True)
def office(gateway: GatewayProcess) -> Iterator[None]:
    with (gateway.home / "office.log").open("w") as log:
        office = subprocess.Popen(
            [sys.executable, "-m", "tests.lab.central_office"], cwd=ROOT, stdout=log, stderr=log,
            env=os.environ | {"BUSYHOUR_HOME": str(gateway.home)},
        )  # fmt: skip
    try:
        wait_listening(gateway.home / "run/office.sock", office, 120)
        yield
    finally:
        office.send_signal(signal.SIGTERM)
        office.wait(10)
        Path("/results/office.log").write_text((gateway.home / "office.log").read_text())


@asynccontextmanager
async def box(gateway: GatewayProcess) -> AsyncIterator[Box]:
    """Connect an exchange that uses all four lines."""
    exchange = await Exchange.connect(gateway.home)
    exchange.order(
        m.Provision, country="CN", lines=(1, 2, 3, 4), users=(), trunks=(), rtp_first=20000, rtp_last=20100
    )
    await exchange.event(m.Provisioned, 20)
    await asyncio.sleep(DEBOUNCE_S)
    async with await OfficeClient.connect(gateway.home) as office:
        try:
            yield Box(exchange, office)
        finally:
            await exchange.close()


async def test_the_lines_are_the_boards_ports_and_idle(gateway: GatewayProcess) -> None:
    async with box(gateway):
        pass
    exchange = await Exchange.connect(gateway.home)
    assert exchange.snapshot.lines == dict.fromkeys((1, 2, 3, 4), "idle")
    await exchange.close()
    assert "lines are on the channels 1-4" in gateway.log


@pytest.mark.parametrize(("kind", "line"), [("fsk", 1), ("dtmf", 2)])
async def test_a_number_sent_as_samples_is_offered(gateway: GatewayProcess, kind: str, line: int) -> None:
    async with box(gateway) as here:
        caller, offered = await here.offered(line, number="02087654321", caller_id=kind)
        assert (offered.caller_number, offered.withheld) == ("02087654321", False)
        await caller.hang_up()
        hungup = await here.exchange.event(m.Hungup, 20, channel=offered.channel)
        assert (hungup.by, hungup.cause) == ("party", 16)
        await here.idle(line)


async def test_the_caller_hears_the_prompt_presses_a_key_and_hangs_up(gateway: GatewayProcess, tmp_path: Path) -> None:
    async with box(gateway) as here:
        prompt, heard = tmp_path / "prompt.wav", tmp_path / "heard.wav"
        words = signals.speech_like(2, seed=7)
        write_wav(prompt, words)
        caller, channel = await here.answered(
            3, caller_id="dtmf", number="123", wait_s=3.5, digits="7", hold_s=1, record=str(heard)
        )
        # The hook's own event, soon after the answer, keeps the pump out for a moment: the words come after it
        here.exchange.order(m.Play, channel=channel, sounds=(m.Silence(0.5), m.Prompt(str(prompt))))
        collect = here.exchange.order(m.Collect, channel=channel, first_s=15)
        assert (await here.exchange.event(m.Digit, 15, channel=channel)).digit == "7"
        assert (await here.exchange.event(m.Collected, command=collect)).digits == "7"
        hungup = await here.exchange.event(m.Hungup, 20, channel=channel)
        assert (hungup.by, hungup.cause) == ("party", 16)
        await caller.report()
        match = best_match(read_wav(heard).channel(0), words)
        assert match.likeness > 0.95, f"{match}, {here.counters()}"
        await here.idle(3)


async def test_a_box_that_hangs_up_frees_the_line(gateway: GatewayProcess) -> None:
    async with box(gateway) as here:
        caller, channel = await here.answered(4, caller_id="dtmf", number="123")
        await asyncio.sleep(1)
        here.exchange.order(m.Hangup, channel=channel)
        assert (await here.exchange.event(m.Hungup, channel=channel)).by == "exchange"
        await caller.wait_for("released")
        await here.idle(4)


async def test_the_box_dials_out_and_hears_ringback_and_the_answer(gateway: GatewayProcess) -> None:
    async with box(gateway) as here:
        await here.office.request("subscriber", Subscriber(number="13911112222", answer_after_s=5, talk_s=2))
        here.exchange.order(
            m.Dial, channel="out-1", target=m.ToLine(1, "13911112222"), tag=TAG, timeout_s=60.0
        )
        await here.exchange.event(m.Ringing, 20, channel="out-1")
        assert (await here.exchange.event(m.Answered, 20, channel="out-1")).assumed
        (call,) = [call for call in await here.office.calls() if call.number == "13911112222"]
        assert call.answered_s is not None
        hungup = await here.exchange.event(m.Hungup, 20, channel="out-1")
        assert (hungup.by, hungup.cause) == ("party", 16)
        await here.idle(1)


async def test_a_number_goes_by_pulses_and_a_talk_is_flashed(gateway: GatewayProcess) -> None:
    """The kernel at the far end reads both by its own rules, beside sound that goes on."""
    async with box(gateway) as here:
        here.exchange.order(
            m.Provision, country="CN", lines=(1, 2, 3, 4), users=(), trunks=(), rtp_first=20000, rtp_last=20100,
            setups=(m.LineSetup(2, dialling="pulses", flash_ms=300),),
        )  # fmt: skip
        await here.exchange.event(m.Provisioned, 20)
        await here.office.request("recall", Recall(line=2, on=True))
        await here.office.request("subscriber", Subscriber(number="112", answer_after_s=1, voice="tone", talk_s=None))
        here.exchange.order(m.Dial, channel="out-2", target=m.ToLine(2, "112"), tag=TAG, timeout_s=60.0)
        await here.exchange.event(m.Answered, 30, channel="out-2")
        order = here.exchange.order(m.Flash, channel="out-2", digits="120")
        flashed = await here.exchange.event(m.Flashed, 30, command=order)
        assert flashed.dialled, "no dial tone after the flash"
        async with asyncio.timeout(10):
            while [call.number for call in await here.office.calls()][-2:] != ["112", "120"]:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.1)
        here.exchange.order(m.Hangup, channel="out-2")
        await here.exchange.event(m.Hungup, channel="out-2")
        await here.idle(2)
