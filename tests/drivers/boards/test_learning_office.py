"""A made-up private exchange whose busy tones nobody knows: lines there learn them by one call, and then hang up."""

import asyncio

import pytest

from drivers.countries import tone
from drivers.link import messages as m
from drivers.link.office import PlaceCall, Reversal, Subscriber
from tests.drivers.boards.test_calls import Box, Processes, box, processes  # noqa: F401 - a fixture
from tests.drivers.boards.test_linetest_office import faulty

ODD = {
    1: {"busy_hz": (620,), "busy_ms": (180, 420)},
    2: {"busy_hz": (480, 620), "busy_ms": (250, 250)},
    3: {"busy_hz": (425,), "busy_ms": (100, 100, 100, 100, 300, 300)},
}
UNTAUGHT = 4  # has the tone of line 1, and never learns it
USUAL = {"country": "CN", "lines": (1, 2, 3, 4), "users": (), "trunks": (), "rtp_first": 20000, "rtp_last": 20100}


async def learnt(here: Box, line: int) -> m.ToneLearnt:
    """Have somebody call a line that learns, and hang up."""
    command = here.exchange.order(m.LearnTone, line=line)
    await here.exchange.event(m.LineLearning, command=command, step="waiting")
    await here.office.call(PlaceCall(line=line, number="13911112222", caller_id="dtmf", hold_s=0.5, wait_s=0))
    await here.exchange.event(m.LineLearning, 12, command=command, step="listening", heard="tone")
    return await here.exchange.event(m.ToneLearnt, 15, command=command)


async def talked(here: Box, line: int) -> tuple[str, float]:
    """Talk on a line until the caller hangs up; return the channel, and when that was."""
    caller, channel = await here.answered(line, number="13911112222", caller_id="dtmf", hold_s=0.5, wait_s=0)
    report = await caller.report()  # type: ignore[attr-defined]
    return channel, report.started_s + report.ended_s


async def test_three_odd_tones_are_learnt_and_end_calls_within_three_cadences(processes: Processes) -> None:  # noqa: F811
    async with (
        box(processes[0]) as here, faulty(here, 1, **ODD[1]), faulty(here, 2, **ODD[2]), faulty(here, 3, **ODD[3]),
        faulty(here, UNTAUGHT, **ODD[1])
    ):
        found = await asyncio.gather(*(learnt(here, line) for line in ODD))
        for one, (line, odd) in zip(found, ODD.items(), strict=True):
            assert (one.line, one.outcome, one.reason) == (line, "learnt", "")
            measured = tone(one.tone)
            assert measured.frequencies == pytest.approx(odd["busy_hz"], abs=2)
            assert measured.on_off_ms == pytest.approx(odd["busy_ms"], abs=20)
            assert max(one.levels) == pytest.approx(-8, abs=4)
            assert one.spectrum.index(max(one.spectrum)) in [round(hertz / 25) for hertz in odd["busy_hz"]]
        assert not [event for event in here.exchange.seen if isinstance(event, m.Offered)]
        here.exchange.order(m.Provision, **USUAL, setups=tuple(m.LineSetup(one.line, one.tone) for one in found))
        await here.exchange.event(m.Provisioned)
        for line in ODD:
            await here.line(line, "idle")
        (ignorant, _), *after = await asyncio.gather(*(talked(here, line) for line in (UNTAUGHT, *ODD)))
        for (channel, at_s), odd in zip(after, ODD.values(), strict=True):
            hungup = await here.exchange.event(m.Hungup, 4, channel=channel)
            assert (hungup.by, hungup.cause) == ("party", 16)
            assert hungup.at_s - at_s < 3 * sum(odd["busy_ms"]) / 1000 + 0.2, odd
        assert not [event for event in here.exchange.of(ignorant) if isinstance(event, m.Hungup)]
        here.exchange.order(m.Hangup, channel=ignorant)
        for line in (UNTAUGHT, *ODD):
            await here.line(line, "idle")


async def test_a_line_learns_by_a_call_out_too_and_names_what_is_no_busy_tone(processes: Processes) -> None:  # noqa: F811
    async with box(processes[0]) as here, faulty(here, 1, **ODD[1]), faulty(here, 3, busy_ms=(100, 100)):
        called = Subscriber(number="13911113333", answer_after_s=0.2, voice="tone", talk_s=1.5)
        await here.office.request("subscriber", called)
        orders = [
            here.exchange.order(m.LearnTone, line=1, number="13911113333"),
            here.exchange.order(m.LearnTone, line=2, number="13911113333"),
            here.exchange.order(m.LearnTone, line=3, number="13911113333", listen_s=3.0),
            here.exchange.order(m.LearnTone, line=4, number="62220001"),
        ]
        ended = [await here.exchange.event(m.ToneLearnt, 30, command=order) for order in orders]
        assert [(one.outcome, one.reason) for one in ended] == [
            ("learnt", ""), ("failed", "known"), ("failed", "silence"), ("failed", "not-answered")
        ]
        assert tone(ended[0].tone).frequencies == pytest.approx((620,), abs=2)
        for line in (1, 2, 3, 4):
            await here.line(line, "idle")
        await here.office.request("reversal", Reversal(line=2, on=True))
        order = here.exchange.order(m.LearnTone, line=2, number="13911113333")
        told = await here.exchange.event(m.ToneLearnt, 30, command=order)
        assert (told.outcome, told.reason) == ("failed", "signalled")
        await here.office.request("reversal", Reversal(line=2, on=False))
        await here.line(2, "idle")


async def test_learning_is_stopped_and_a_line_that_talks_does_not_begin(processes: Processes) -> None:  # noqa: F811
    async with box(processes[0]) as here:
        command = here.exchange.order(m.LearnTone, line=1)
        await here.exchange.event(m.LineLearning, command=command)
        again = here.exchange.order(m.LearnTone, line=1)
        assert (await here.exchange.event(m.Refused, command=again)).code == "wrong-state"
        here.exchange.order(m.StopLearning, line=1)
        assert (await here.exchange.event(m.ToneLearnt, command=command)).outcome == "stopped"
        _, channel = await here.answered(1, caller_id="dtmf", number="123")  # the exchange has its calls again
        refused = here.exchange.order(m.LearnTone, line=1)
        assert (await here.exchange.event(m.Refused, command=refused)).code == "wrong-state"
        here.exchange.order(m.Hangup, channel=channel)
        await here.line(1, "idle")
