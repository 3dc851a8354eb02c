"""Lines tested by the real gateway at the real office: every fault the office can have, and who comes in between."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from drivers.link import messages as m
from drivers.link.office import Fault, PlaceCall, Subscriber
from tests.drivers.boards.test_calls import Box, Processes, box, processes  # noqa: F401 - a fixture

EXAMINED_S = 12.0


@asynccontextmanager
async def faulty(here: Box, line: int, **how: object) -> AsyncIterator[None]:
    """Have a line at fault, and well again afterwards."""
    await here.office.request("fault", Fault(line=line, **how))  # type: ignore[arg-type]
    try:
        yield
    finally:
        await here.office.request("fault", Fault(line=line))


async def examined(here: Box, line: int) -> dict[str, m.LineFinding]:
    """Test a line that is idle, to the end."""
    command = here.exchange.order(m.TestLine, line=line)
    done = await here.exchange.event(m.LineTested, EXAMINED_S, command=command)
    assert (done.line, done.outcome) == (line, "done")
    return {finding.name: finding for finding in done.findings}


async def test_a_well_line_and_faulty_ones_are_told_apart_at_the_same_time(processes: Processes) -> None:  # noqa: F811
    async with box(processes[0]) as here:
        async with (
            faulty(here, 2, dial_tone=False), faulty(here, 3, dial_tone_hz=620), faulty(here, 4, noise_dbm0=-35)
        ):
            well, silent, wrong, noisy = await asyncio.gather(*(examined(here, line) for line in (1, 2, 3, 4)))
        await here.line(1, "idle")
    assert {finding.verdict for finding in well.values()} == {"good"}
    assert well["dial_tone"].figure is not None
    assert 0 <= well["dial_tone"].figure < 0.6
    assert well["dial_tone_level"].figure == pytest.approx(-10, abs=1)
    assert well["dial_tone_frequency"].figure == pytest.approx(450, abs=3)
    assert well["noise"].figure is not None
    assert well["noise"].figure < -60
    assert well["echo_return_loss"].figure is not None
    assert well["echo_return_loss"].figure > 40
    assert (silent["battery"].verdict, silent["dial_tone"].verdict) == ("good", "bad")
    assert silent["dial_tone"].reason == "silent"
    assert (wrong["dial_tone"].verdict, wrong["dial_tone"].reason) == ("bad", "other-tone")
    assert wrong["dial_tone_frequency"].figure == pytest.approx(620, abs=3)
    assert (noisy["dial_tone"].verdict, noisy["noise"].verdict) == ("good", "bad")
    assert noisy["noise"].figure == pytest.approx(-35, abs=1.5)


async def test_what_comes_back_of_a_sound_is_measured_in_db(processes: Processes) -> None:  # noqa: F811
    """Also above the noise of the line: of the two together the noise is taken away."""
    async with box(processes[0]) as here:
        async with (
            faulty(here, 1, echo_db=4), faulty(here, 2, echo_db=10), faulty(here, 3, echo_db=24),
            faulty(here, 4, echo_db=24, noise_dbm0=-42)
        ):
            found = await asyncio.gather(*(examined(here, line) for line in (1, 2, 3, 4)))
        losses = [one["echo_return_loss"] for one in found]
        assert [one.verdict for one in losses] == ["bad", "poor", "good", "good"]
        assert [one.reason for one in losses] == ["echo", "echo", "", ""]
        for loss, db in zip(losses, (4, 10, 24, 24), strict=True):
            assert loss.figure == pytest.approx(db, abs=1.5)
        assert {one["dtmf"].verdict for one in found} == {"good"}
        for line in (1, 2, 3, 4):
            await here.line(line, "idle")


async def test_a_caller_id_that_does_not_come_is_named_and_one_that_comes_is_good(
    processes: Processes,  # noqa: F811
) -> None:
    async with box(processes[0]) as here, faulty(here, 1, caller_id=False):
        callers = [await here.office.call(PlaceCall(line=line, number="13800138000")) for line in (1, 2)]
        offered = [await here.exchange.event(m.Offered, 8, source=f"line:{line}") for line in (1, 2)]
        assert [one.caller_number for one in offered] == ["", "13800138000"]
        for caller, one in zip(callers, offered, strict=True):
            await caller.hang_up()
            await here.exchange.event(m.Hungup, 12, channel=one.channel)
        untold, told = [one["caller_id"] for one in await asyncio.gather(examined(here, 1), examined(here, 2))]
        assert (untold.verdict, untold.reason) == ("poor", "not-told")
        assert (told.verdict, told.reason) == ("good", "")


async def test_a_line_that_is_cut_is_told_at_once(processes: Processes) -> None:  # noqa: F811
    async with box(processes[0]) as here:
        async with faulty(here, 1, battery=False):
            await here.exchange.event(m.LineChanged, line=1, state="fault")
            found = await examined(here, 1)
            assert [*found] == ["battery"]
            assert found["battery"].verdict == "bad"
        await here.exchange.event(m.LineChanged, line=1, state="idle")


async def test_a_line_that_talks_is_not_tested(processes: Processes) -> None:  # noqa: F811
    async with box(processes[0]) as here:
        caller, channel = await here.answered(1)
        command = here.exchange.order(m.TestLine, line=1)
        refused = await here.exchange.event(m.Refused, command=command)
        assert (refused.code, refused.text) == ("wrong-state", "line 1 is talking; to test it must be idle")
        here.exchange.order(m.Hangup, channel=channel)
        report = await caller.report()  # type: ignore[attr-defined]
        assert report.ended_by == "box"
        await here.exchange.event(m.LineChanged, 10, line=1, state="idle")


async def test_a_line_that_is_not_ours_is_refused(processes: Processes) -> None:  # noqa: F811
    async with box(processes[0]) as here:
        command = here.exchange.order(m.TestLine, line=9)
        assert (await here.exchange.event(m.Refused, command=command)).code == "no-such-channel"


@pytest.mark.parametrize("kind", ["dtmf", "fsk"])
async def test_a_call_that_comes_as_a_test_begins_is_offered_with_its_number(
    processes: Processes, kind: str  # noqa: F811
) -> None:
    async with box(processes[0]) as here:
        caller = await here.office.call(PlaceCall(line=2, number="02087654321", caller_id=kind))  # type: ignore[arg-type]
        command = here.exchange.order(m.TestLine, line=2)
        offered = await here.exchange.event(m.Offered, 8, source="line:2")
        assert offered.caller_number == "02087654321"
        ended = [event for event in here.exchange.seen if getattr(event, "command", "") == command]
        assert [getattr(event, "outcome", "refused") for event in ended] in (["in"], ["refused"])
        await caller.hang_up()
        await here.exchange.event(m.LineChanged, 12, line=2, state="idle")


async def test_a_call_out_takes_the_line_from_its_test(processes: Processes) -> None:  # noqa: F811
    async with box(processes[0]) as here:
        await here.office.request("subscriber", Subscriber(number="10086", answer_after_s=8, voice="silence"))
        command = here.exchange.order(m.TestLine, line=3)
        await here.exchange.event(m.LineChanged, line=3, state="testing")
        await here.line(3, "dial_tone")
        channel = here.dial(3, "10086")
        assert (await here.exchange.event(m.LineTested, command=command)).outcome == "out"
        await here.exchange.event(m.Ringing, 12, channel=channel)
        here.exchange.order(m.Hangup, channel=channel)
        await here.exchange.event(m.Hungup, channel=channel)
        assert (await here.office.calls())[-1].number == "10086"
        await here.exchange.event(m.LineChanged, 10, line=3, state="idle")
