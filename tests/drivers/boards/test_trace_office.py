"""What passes on the office's lines is told over the link as it comes: calls in and out from first to last."""

import asyncio

from drivers.link import messages as m
from drivers.link.office import PlaceCall, Reversal, Subscriber
from tests.drivers.boards.test_calls import Box, Processes, box, processes  # noqa: F401 - a fixture
from tests.drivers.boards.test_linetest_office import faulty


def signals(here: Box, line: int) -> list[m.Signal]:
    """Return all that was told of a line so far."""
    told = [one for one in here.exchange.seen if isinstance(one, m.Signals) and one.place == f"line:{line}"]
    return [signal for one in told for signal in one.signals]


async def passed(here: Box, line: int, text: str) -> None:
    """Wait until a signal has been told."""
    async with asyncio.timeout(20):
        while text not in [one.text for one in signals(here, line)]:  # noqa: ASYNC110 - in parts, which nobody counts
            await asyncio.sleep(0.05)


def in_order(here: Box, line: int, *texts: str) -> list[m.Signal]:
    """Return the signals of these texts, which must be there in this order, others between them."""
    found, rest = [], iter(signals(here, line))
    for text in texts:
        one = next((one for one in rest if one.text == text), None)
        assert one is not None, (text, [one.text for one in signals(here, line)])
        found.append(one)
    return found


async def called_in(here: Box) -> None:
    """Let somebody call line 1, press keys, and hang up."""
    caller, channel = await here.answered(1, number="02087654321", name="WANG", digits="4711", hold_s=2.0)
    await here.exchange.event(m.Hungup, 15, channel=channel)
    await passed(here, 1, "loop-opened")
    told = in_order(
        here, 1, "battery-full", "ring-on", "ring-off", "caller-id-fsk", "loop-closed", "answer", "digit", "tone-busy",
        "cleared-tone", "ended", "loop-opened",
    )
    assert (told[3].calling, told[3].name) == ("02087654321", "WANG")
    assert len([one for one in signals(here, 1) if one.text == "digit"]) == 4
    assert "4711" not in repr(signals(here, 1))
    assert told[-2].cause == 16
    report = await caller.report()  # type: ignore[attr-defined]
    assert abs(told[4].at_s - (report.started_s + report.answered_s)) < 0.2
    assert [one.number for one in signals(here, 1)] == list(range(1, len(signals(here, 1)) + 1))


async def called_in_without_a_number(here: Box) -> None:
    """Let somebody call line 2, whose office tells no numbers, and give up."""
    async with faulty(here, 2, caller_id=False):
        await here.office.call(PlaceCall(line=2, number="02087654321", ring_for_s=6.0))
        await passed(here, 2, "gave-up")
    in_order(here, 2, "ring-on", "ring-off", "ring-on", "caller-id-none", "gave-up")


async def called_out(here: Box) -> None:
    """Call by line 3, whose office reverses its polarity."""
    await here.office.request("reversal", Reversal(line=3, on=True))
    await here.office.request("subscriber", Subscriber(number="10010", answer_after_s=4.5, talk_s=1))
    await here.exchange.event(m.Hungup, 25, channel=here.dial(3, "10010"))
    await passed(here, 3, "loop-opened")
    told = in_order(
        here, 3, "loop-closed", "tone-dial", "dialled", "tone-ringback", "polarity-reversed", "answer-reversal",
        "polarity-back", "cleared-reversal", "ended", "loop-opened",
    )
    assert told[2].called == "10010"
    assert [one.sent for one in told] == [True, False, True, False, False, False, False, False, False, True]
    await here.office.request("reversal", Reversal(line=3, on=False))


async def called_one_who_is_busy(here: Box) -> None:
    """Call by line 4."""
    await here.exchange.event(m.Hungup, 20, channel=here.dial(4, "62220001"))
    await passed(here, 4, "ended")
    told = in_order(here, 4, "loop-closed", "tone-dial", "dialled", "tone-busy", "ended")
    assert told[-1].cause == 17


async def test_calls_are_told_signal_by_signal_from_first_to_last(processes: Processes) -> None:  # noqa: F811
    async with box(processes[0]) as here:
        for line in (1, 2, 3, 4):
            here.exchange.order(m.TraceSignals, place=f"line:{line}", for_s=60)
        await asyncio.gather(
            called_in(here), called_in_without_a_number(here), called_out(here), called_one_who_is_busy(here)
        )
        for line in (1, 2, 3, 4):
            await here.line(line, "idle")


async def test_a_line_that_is_not_there_is_refused(processes: Processes) -> None:  # noqa: F811
    async with box(processes[0]) as here:
        command = here.exchange.order(m.TraceSignals, place="line:9", for_s=60)
        refused = await here.exchange.event(m.Refused, command=command)
        assert (refused.code, refused.text) == ("no-such-channel", "line 9 is not configured; lines are [1, 2, 3, 4]")
