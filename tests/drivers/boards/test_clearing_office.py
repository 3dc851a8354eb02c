"""How the office tells on the wire that the far end hung up, where it gives no tone: a break, or the polarity."""

import asyncio

from drivers.link import messages as m
from drivers.link.office import Reversal, Say, Subscriber
from tests.drivers.boards.test_calls import Box, Processes, box, processes  # noqa: F401 - a fixture
from tests.drivers.boards.test_linetest_office import faulty

NO_TONE = {"busy_ms": (100, 100)}
USUAL = {"country": "CN", "lines": (1, 2, 3, 4), "users": (), "trunks": (), "rtp_first": 20000, "rtp_last": 20100}


async def left(here: Box, line: int) -> tuple[str, float]:
    """Talk on a line until the caller hangs up; return the channel, and when that was."""
    caller, channel = await here.answered(line, number="13911112222", caller_id="dtmf", hold_s=1.0, wait_s=0)
    report = await caller.report()  # type: ignore[attr-defined]
    return channel, report.started_s + report.ended_s


async def test_a_line_of_reversals_is_answered_by_one_alone(processes: Processes) -> None:  # noqa: F811
    async with box(processes[0]) as here, faulty(here, 3, **NO_TONE):
        here.exchange.order(m.Provision, **USUAL, setups=(m.LineSetup(3, reversal=True), m.LineSetup(4, reversal=True)))
        await here.exchange.event(m.Provisioned)
        await here.office.request("reversal", Reversal(line=3, on=True))
        called = Subscriber(number="13911114444", answer_after_s=0.5, voice="tone", tone_hz=700, talk_s=4)
        await here.office.request("subscriber", called)
        certain, never = here.dial(3, "13911114444"), here.dial(4, "13911114444")
        assert not (await here.exchange.event(m.Answered, 12, channel=certain)).assumed
        hungup = await here.exchange.event(m.Hungup, channel=certain)
        assert (hungup.by, hungup.cause) == ("party", 16)
        told = await here.exchange.event(m.Hungup, 10, channel=never)  # by busy tone
        assert (told.by, told.cause) == ("party", 17)
        assert not [event for event in here.exchange.of(never) if isinstance(event, m.Answered)]
        await here.office.request("reversal", Reversal(line=3, on=False))
        for line in (3, 4):
            await here.line(line, "idle")


async def test_a_break_and_a_reversal_end_calls_and_a_click_does_not(processes: Processes) -> None:  # noqa: F811
    async with (
        box(processes[0]) as here, faulty(here, 1, **NO_TONE, break_ms=400), faulty(here, 2, **NO_TONE, break_ms=100),
        faulty(here, 3, **NO_TONE), faulty(here, 4, **NO_TONE)
    ):
        here.exchange.order(m.Provision, **USUAL, setups=(m.LineSetup(3, reversal=True),))
        await here.exchange.event(m.Provisioned)
        for line in (3, 4):
            await here.office.request("reversal", Reversal(line=line, on=True, incoming=True))
        broken, clicked, turned, unused = await asyncio.gather(*(left(here, line) for line in (1, 2, 3, 4)))
        for channel, at_s in (broken, turned):
            hungup = await here.exchange.event(m.Hungup, channel=channel)
            assert (hungup.by, hungup.cause) == ("party", 16)
            assert hungup.at_s - at_s < 0.5
        for line in (1, 3):
            await here.line(line, "idle")
        await asyncio.sleep(1.5)  # a fault would show by now
        for channel, _ in (clicked, unused):
            assert not [event for event in here.exchange.of(channel) if isinstance(event, m.Hungup)]
            here.exchange.order(m.Hangup, channel=channel)
        for line in (2, 3, 4):
            await here.line(line, "idle")
            await here.office.request("reversal", Reversal(line=line, on=False))
        assert "fault" not in [event.state for event in here.exchange.seen if isinstance(event, m.LineChanged)]


async def test_long_silence_both_ways_ends_a_talk_and_sound_either_way_does_not(processes: Processes) -> None:  # noqa: F811
    async with box(processes[0]) as here:
        setups = tuple(m.LineSetup(line, silence_s=1.5) for line in (1, 2, 3, 4))
        here.exchange.order(m.Provision, **USUAL, setups=setups)
        await here.exchange.event(m.Provisioned)

        async def talking(line: int, tone_hz: float | None = None) -> tuple[str, str]:
            how = {"number": "13911112222", "caller_id": "dtmf", "tone_hz": tone_hz, "wait_s": 0}
            caller, channel = await here.answered(line, **how)
            return caller.id, channel  # type: ignore[attr-defined]

        speaks, hears, alone, played = await asyncio.gather(talking(1, 700), talking(2), talking(3), talking(4))
        here.exchange.order(m.Play, channel=played[1], sounds=(m.Tone("beep"),), loop=True)
        here.exchange.order(m.Connect, channel=speaks[1], other=hears[1])
        hungup = await here.exchange.event(m.Hungup, 4, channel=alone[1])
        assert (hungup.by, hungup.cause) == ("gateway", 102)
        await asyncio.sleep(1.0)
        for _, channel in (speaks, hears, played):
            assert not [event for event in here.exchange.of(channel) if isinstance(event, m.Hungup)]
        await here.office.request("say", Say(call=speaks[0]))
        silent = [await here.exchange.event(m.Hungup, 4, channel=channel) for _, channel in (speaks, hears)]
        assert {(one.by, one.cause) for one in silent} == {("gateway", 102)}
        here.exchange.order(m.Hangup, channel=played[1])
        await here.exchange.event(m.Hungup, channel=played[1], by="exchange")
        for line in (1, 2, 3, 4):
            await here.line(line, "idle")
