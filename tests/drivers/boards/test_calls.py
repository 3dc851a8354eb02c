"""Calls between the real office and the real gateway: nothing is between them but loops, rings and samples."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest

from drivers.link import messages as m
from drivers.link.office import PlaceCall, Reversal, Silence, Subscriber
from drivers.link.office_client import OfficeClient
from tests.audio import best_match, hears_tone, read_wav, write_wav
from tests.drivers.gateway.conftest import GatewayProcess
from tests.drivers.gateway.exchange import Exchange
from tests.drivers.office.program import OfficeProgram
from tests.native import signals

TAG = m.Tag("call", "1")


class Box:
    """The gateway, its exchange (the test) and the office around its lines."""

    def __init__(self, home: Path, exchange: Exchange, office: OfficeClient) -> None:
        self.home, self.exchange, self.office = home, exchange, office
        self._dialled = 0

    async def answered(self, line: int, **how: object) -> tuple[object, str]:
        """Let somebody call and answer; return the caller and the channel."""
        caller = await self.office.call(PlaceCall(line=line, **how))  # type: ignore[arg-type]
        offered = await self.exchange.event(m.Offered, 8, source=f"line:{line}")
        self.exchange.order(m.Answer, channel=offered.channel)
        await self.exchange.event(m.Answered, channel=offered.channel)
        return caller, offered.channel

    def dial(self, line: int, number: str, timeout_s: float = 60.0) -> str:
        """Dial out; return the channel."""
        self._dialled += 1
        channel = f"out-{time.monotonic_ns()}-{self._dialled}"
        self.exchange.order(m.Dial, channel=channel, target=m.ToLine(line, number), tag=TAG, timeout_s=timeout_s)
        return channel

    async def line(self, number: int, state: str, timeout_s: float = 10) -> None:
        """Wait until the office sees a line so."""
        async with asyncio.timeout(timeout_s):
            while (await self.office.lines())[number - 1].state != state:  # noqa: ASYNC110 - the office tells none
                await asyncio.sleep(0.05)


@pytest.fixture(scope="module")
def processes() -> Iterator[tuple[GatewayProcess, OfficeProgram]]:
    gateway = GatewayProcess()
    office = OfficeProgram(gateway.home)
    try:
        gateway.start()
        yield gateway, office
    finally:
        office_status = office.close()
    assert office_status == 0
    log, status = gateway.log, gateway.stop()
    gateway.remove()
    assert status == 0, log
    assert "Traceback" not in log, log


@asynccontextmanager
async def box(gateway: GatewayProcess) -> AsyncIterator[Box]:
    """Connect an exchange that uses all four lines."""
    exchange = await Exchange.connect(gateway.home)
    exchange.order(
        m.Provision, country="CN", lines=(1, 2, 3, 4), users=(), trunks=(), rtp_first=20000, rtp_last=20100
    )
    await exchange.event(m.Provisioned)
    async with await OfficeClient.connect(gateway.home) as office:
        async with asyncio.timeout(10):
            while not all(line.board for line in await office.lines()):  # noqa: ASYNC110 - the office tells none
                await asyncio.sleep(0.05)
        try:
            yield Box(gateway.home, exchange, office)
        finally:
            await exchange.close()


Processes = tuple[GatewayProcess, OfficeProgram]


@pytest.mark.parametrize(("kind", "at_most_s"), [("fsk", 3.5), ("v23", 3.5), ("dtmf", 2.5)])
async def test_a_number_sent_as_samples_is_offered_before_the_second_ring(
    processes: Processes, kind: str, at_most_s: float
) -> None:
    async with box(processes[0]) as here:
        name = "" if kind == "dtmf" else "WANG"
        caller = await here.office.call(PlaceCall(line=1, number="02087654321", name=name, caller_id=kind))  # type: ignore[arg-type]
        offered = await here.exchange.event(m.Offered, source="line:1")
        assert (offered.caller_number, offered.caller_name, offered.withheld) == ("02087654321", name, False)
        assert offered.at_s - caller.started_s < at_most_s
        await caller.hang_up()
        await here.exchange.event(m.Hungup, 10, channel=offered.channel, by="party", cause=16)
        await here.exchange.event(m.LineChanged, 10, line=1, state="idle")


async def test_a_number_is_taken_after_a_reversal_a_dual_tone_a_short_ring_and_by_keys_after_the_ring(
    processes: Processes,
) -> None:
    """And a call announced by a reversal, whose polarity comes back with the answer, is no call that ended."""
    ways = {1: ("v23", "reversal"), 2: ("dtmf-a", "alert"), 3: ("fsk", "pulse"), 4: ("dtmf-hash", "ring")}
    async with box(processes[0]) as here:
        reversing = tuple(m.LineSetup(line, reversal=True) for line in ways)
        here.exchange.order(
            m.Provision, country="CN", lines=(1, 2, 3, 4), users=(), trunks=(), rtp_first=20000, rtp_last=20100,
            setups=reversing,
        )  # fmt: skip
        await here.exchange.event(m.Provisioned)
        for line, (kind, start) in ways.items():
            await here.office.call(PlaceCall(
                line=line, number=f"0208765432{line}", caller_id=kind, caller_id_start=start, wait_s=1.5, hold_s=0,  # type: ignore[arg-type]
            ))  # fmt: skip
        channels = {}
        for line in ways:
            offered = await here.exchange.event(m.Offered, 8, source=f"line:{line}")
            assert (offered.caller_number, offered.withheld) == (f"0208765432{line}", False)
            channels[line] = offered.channel
            here.exchange.order(m.Answer, channel=offered.channel)
        for channel in channels.values():
            answered = await here.exchange.event(m.Answered, channel=channel)
            hungup = await here.exchange.event(m.Hungup, 12, channel=channel)
            assert (hungup.by, hungup.cause) == ("party", 16)
            assert hungup.at_s - answered.at_s > 1.4
        for line in ways:
            await here.line(line, "idle")


async def test_japans_caller_id_is_asked_for_and_the_call_is_answered_when_it_rings(processes: Processes) -> None:
    async with box(processes[0]) as here:
        here.exchange.order(
            m.Provision, country="JP", lines=(1, 2, 3, 4), users=(), trunks=(), rtp_first=20000, rtp_last=20100
        )
        await here.exchange.event(m.Provisioned)
        for line, how in ((1, {"number": "0312345678"}), (2, {"number": "0312345678", "withheld": True})):
            await here.office.call(PlaceCall(line=line, caller_id="jclip", wait_s=30, **how))  # type: ignore[arg-type]
        for line, number, withheld in ((1, "0312345678", False), (2, "", True)):
            offered = await here.exchange.event(m.Offered, 12, source=f"line:{line}")
            assert (offered.caller_number, offered.withheld) == (number, withheld)
            assert (await here.office.lines())[line - 1].state == "ringing"
            here.exchange.order(m.Answer, channel=offered.channel)
            await here.exchange.event(m.Answered, channel=offered.channel)
            await here.line(line, "talking")
            here.exchange.order(m.Hangup, channel=offered.channel)
            await here.exchange.event(m.Hungup, channel=offered.channel)
            await here.line(line, "idle")


async def test_a_withheld_number_and_a_silenced_one_are_different_things(processes: Processes) -> None:
    async with box(processes[0]) as here:
        await here.office.request("silence", Silence(line=3))
        withheld = await here.office.call(PlaceCall(line=2, number="02087654321", withheld=True))
        silenced = await here.office.call(PlaceCall(line=3, number="02087654321"))
        offered = await here.exchange.event(m.Offered, source="line:2")
        assert (offered.caller_number, offered.withheld) == ("", True)
        assert offered.at_s - withheld.started_s < 4
        offered = await here.exchange.event(m.Offered, 6, source="line:3")
        assert (offered.caller_number, offered.withheld) == ("", False)
        assert offered.at_s - silenced.started_s == pytest.approx(5, abs=0.3)  # the second ring
        await here.office.request("silence", Silence(line=3, on=False))
        await withheld.hang_up()
        await silenced.hang_up()
        await here.exchange.event(m.Hungup, 10)
        await here.exchange.event(m.Hungup, 10)


async def test_the_caller_hears_the_prompt_presses_a_key_and_hangs_up_by_busy_tone(
    processes: Processes, tmp_path: Path
) -> None:
    async with box(processes[0]) as here:
        prompt, heard = tmp_path / "prompt.wav", tmp_path / "heard.wav"
        words = signals.speech_like(2, seed=7)
        write_wav(prompt, words)
        caller, channel = await here.answered(1, wait_s=2.5, digits="7", hold_s=1, record=str(heard))
        here.exchange.order(m.Play, channel=channel, sounds=(m.Prompt(str(prompt)),))
        collect = here.exchange.order(m.Collect, channel=channel, first_s=8)
        digit = await here.exchange.event(m.Digit, channel=channel)
        assert (digit.digit, digit.via) == ("7", "inband")
        assert (await here.exchange.event(m.Collected, command=collect)).digits == "7"
        report = await caller.report()  # type: ignore[attr-defined]
        hungup = await here.exchange.event(m.Hungup, channel=channel)
        assert (hungup.by, hungup.cause) == ("party", 16)
        assert hungup.at_s - (report.started_s + report.ended_s) < 3 * 0.7  # within three cadences of busy tone
        assert best_match(read_wav(heard).channel(0), words).likeness > 0.98
        await here.line(1, "idle")


async def test_the_caller_is_recorded_on_the_left_and_what_it_hears_on_the_right(processes: Processes) -> None:
    async with box(processes[0]) as here:
        caller, channel = await here.answered(2, wait_s=0, tone_hz=700)
        path = here.home / "recordings" / "call.wav"
        path.parent.mkdir(exist_ok=True)
        here.exchange.order(m.Record, channel=channel, path=str(path))
        here.exchange.order(m.Play, channel=channel, sounds=(m.Tone("beep"),), loop=True)
        await asyncio.sleep(2)
        here.exchange.order(m.Hangup, channel=channel)
        await here.exchange.event(m.Recorded, channel=channel)
        wav = read_wav(path)
        assert hears_tone(wav.channel(0)[4000:12000], 700)
        assert not hears_tone(wav.channel(1)[4000:12000], 700)
        assert np.max(np.abs(wav.channel(1)[4000:12000])) > 1000
        report = await caller.report()  # type: ignore[attr-defined]
        assert (report.ended_by, report.heard.tones[-1].name) == ("box", "busy")


async def test_the_box_dials_out_hears_ringback_and_the_subscriber_hears_the_box(
    processes: Processes, tmp_path: Path
) -> None:
    async with box(processes[0]) as here:
        heard = tmp_path / "heard.wav"
        subscriber = Subscriber(
            number="13911112222", answer_after_s=6.5, voice="tone", tone_hz=900, talk_s=5, record=str(heard)
        )
        await here.office.request("subscriber", subscriber)
        channel = here.dial(3, "13911112222")
        ringing = await here.exchange.event(m.Ringing, 12, channel=channel)
        answered = await here.exchange.event(m.Answered, 15, channel=channel)
        assert answered.assumed
        (call,) = [call for call in await here.office.calls() if call.number == "13911112222"]
        assert call.ringing_s is not None
        assert call.answered_s is not None
        assert ringing.at_s - (call.started_s + call.ringing_s) < 2.2
        assert 0 <= answered.at_s - (call.started_s + call.answered_s) < 2.5
        words = signals.speech_like(1.5, seed=3)
        write_wav(tmp_path / "words.wav", words)
        here.exchange.order(m.Play, channel=channel, sounds=(m.Prompt(str(tmp_path / "words.wav")),))
        hungup = await here.exchange.event(m.Hungup, 12, channel=channel)
        assert (hungup.by, hungup.cause) == ("party", 16)
        (call,) = [call for call in await here.office.calls() if call.number == "13911112222"]
        assert call.ended_s is not None
        assert hungup.at_s - (call.started_s + call.ended_s) < 3 * 0.7
        assert best_match(read_wav(heard).channel(0), words).likeness > 0.98
        await here.line(3, "idle")


async def test_reversed_polarity_makes_an_answer_certain(processes: Processes) -> None:
    async with box(processes[0]) as here:
        await here.office.request("reversal", Reversal(line=4, on=True))
        await here.office.request("subscriber", Subscriber(number="10010", answer_after_s=2, talk_s=1))
        channel = here.dial(4, "10010")
        answered = await here.exchange.event(m.Answered, 12, channel=channel)
        assert not answered.assumed
        (call,) = [call for call in await here.office.calls() if call.number == "10010"]
        assert call.answered_s is not None
        assert answered.at_s - (call.started_s + call.answered_s) < 0.1
        hungup = await here.exchange.event(m.Hungup, channel=channel)
        assert (hungup.by, hungup.cause) == ("party", 16)
        await here.office.request("reversal", Reversal(line=4, on=False))
        await here.line(4, "idle")


@pytest.mark.parametrize(
    ("line", "number", "cause"), [(1, "62220001", 17), (2, "62220005", 42), (3, "62220004", 4)]
)
async def test_busy_congestion_and_a_number_that_nobody_has_are_told_apart(
    processes: Processes, line: int, number: str, cause: int
) -> None:
    async with box(processes[0]) as here:
        channel = here.dial(line, number)
        hungup = await here.exchange.event(m.Hungup, 20, channel=channel)
        assert (hungup.cause, hungup.by) == (cause, "party")
        assert not [event for event in here.exchange.of(channel) if isinstance(event, m.Answered)]
        await here.line(line, "idle")


async def test_what_cannot_be_dialled_ends_at_once_and_leaves_the_line_idle(processes: Processes) -> None:
    async with box(processes[0]) as here:
        for line, number, cause in ((1, "12a", 28), (1, "", 28), (9, "10086", 34)):
            hungup = await here.exchange.event(m.Hungup, channel=here.dial(line, number))
            assert (hungup.cause, hungup.by) == (cause, "gateway")
        assert {line.state for line in await here.office.lines()} == {"idle"}


async def test_who_does_not_answer_in_time_is_given_up(processes: Processes) -> None:
    async with box(processes[0]) as here:
        channel = here.dial(4, "62220002", timeout_s=9.0)
        await here.exchange.event(m.Ringing, 9, channel=channel)
        hungup = await here.exchange.event(m.Hungup, 9, channel=channel)
        assert (hungup.cause, hungup.by) == (19, "gateway")
        await here.line(4, "idle")
        assert (await here.office.calls())[-1].ended_by == "box"


async def test_a_box_that_hangs_up_frees_the_line_for_the_next_call(processes: Processes) -> None:
    async with box(processes[0]) as here:
        for _ in range(2):
            caller, channel = await here.answered(1, caller_id="dtmf", number="123")
            here.exchange.order(m.Hangup, channel=channel)
            hungup = await here.exchange.event(m.Hungup, channel=channel)
            assert hungup.by == "exchange"
            await caller.wait_for("released")  # type: ignore[attr-defined]
            await here.line(1, "idle")


async def test_a_killed_gateway_leaves_its_callers_with_busy_tone_and_the_next_one_takes_calls() -> None:
    gateway = GatewayProcess()
    office = OfficeProgram(gateway.home)
    try:
        gateway.start()
        async with box(gateway) as here:
            caller, _ = await here.answered(1, caller_id="dtmf", number="123")
            await asyncio.sleep(0.5)
            gateway.kill()
            report = await caller.report()  # type: ignore[attr-defined]
            assert report.ended_by == "box"
            assert report.heard.tones[-1].name == "busy"
        gateway.start()
        async with box(gateway) as here:
            caller, channel = await here.answered(1, caller_id="dtmf", number="123")
            here.exchange.order(m.Hangup, channel=channel)
            await here.exchange.event(m.Hungup, channel=channel)
    finally:
        office.close()
        gateway.remove()
