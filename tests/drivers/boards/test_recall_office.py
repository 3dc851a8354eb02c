"""Pulses and flashes by the real gateway at the real office, which reads both in the loop."""

import asyncio

from drivers.link import messages as m
from drivers.link.office import Recall, Subscriber
from drivers.link.office_client import PlacedCall
from tests.drivers.boards.test_calls import Box, Processes, box, processes  # noqa: F401 - a fixture
from tests.drivers.boards.test_linetest_office import examined, faulty

PULSES = m.LineSetup(1, dialling="pulses")
FLASHED = (m.LineSetup(2, flash_ms=200), m.LineSetup(3, flash_ms=300))  # the office takes 140 ms for a pulse


async def provision(here: Box, *setups: m.LineSetup) -> None:
    here.exchange.order(
        m.Provision, country="CN", lines=(1, 2, 3, 4), users=(), trunks=(), rtp_first=20000, rtp_last=20100,
        setups=setups,
    )  # fmt: skip
    await here.exchange.event(m.Provisioned)


async def pulsed(here: Box) -> None:
    """Call out by a line whose office takes no keys, and test it."""
    await here.office.request("subscriber", Subscriber(number="112", answer_after_s=1, voice="tone", talk_s=2))
    async with faulty(here, 1, keys=False):
        channel = here.dial(1, "112")
        await here.exchange.event(m.Answered, 20, channel=channel)
        await here.exchange.event(m.Hungup, 15, channel=channel, by="party")
        await here.exchange.event(m.LineChanged, 10, line=1, state="idle")
        assert (await examined(here, 1))["pulses"].verdict == "good"
        await provision(here, *FLASHED)
        assert (await examined(here, 1))["dtmf"].reason == "tone-stays"


async def handed_over(here: Box) -> None:
    """A caller talks, is held by a flash, and is left to whom the line called."""
    await here.office.request("recall", Recall(line=2, on=True))
    await here.office.request(
        "subscriber", Subscriber(number="13911112222", answer_after_s=1, voice="tone", tone_hz=900, talk_s=3)
    )
    caller, channel = await here.answered(2, caller_id="none", tone_hz=700.0)
    assert isinstance(caller, PlacedCall)
    order = here.exchange.order(m.Flash, channel=channel, digits="13911112222")
    flashed = await here.exchange.event(m.Flashed, 15, command=order)
    assert flashed.dialled
    here.exchange.order(m.Hangup, channel=channel)
    await here.exchange.event(m.Hungup, channel=channel, by="exchange")
    await here.line(2, "idle")
    report = await caller.report()
    heard = [round(second.frequencies[0].hz, -1) for second in report.heard.seconds if second.frequencies]
    assert heard.count(900) >= 2, "the caller did not hear who was called"
    (called,) = [one for one in await here.office.calls() if one.number == "13911112222"]
    heard = [round(second.frequencies[0].hz, -1) for second in called.heard.seconds if second.frequencies]
    assert heard.count(700) >= 2, "who was called did not hear the caller"


async def returned(here: Box) -> None:
    """An ordinary line gives no dial tone after a flash: nothing is dialled, and the talk goes on."""
    caller, channel = await here.answered(3, caller_id="none", tone_hz=700.0)
    assert isinstance(caller, PlacedCall)
    order = here.exchange.order(m.Flash, channel=channel, digits="201")
    assert not (await here.exchange.event(m.Flashed, 15, command=order)).dialled
    order = here.exchange.order(m.Flash, channel=channel)
    assert (await here.exchange.event(m.Flashed, 5, command=order)).dialled
    await caller.hang_up()
    await here.exchange.event(m.Hungup, 10, channel=channel, by="party")


async def test_pulses_dial_and_flashes_hand_over_or_do_nothing(processes: Processes) -> None:  # noqa: F811
    async with box(processes[0]) as here:
        await provision(here, PULSES, *FLASHED)
        await asyncio.gather(pulsed(here), handed_over(here), returned(here))
        await here.office.request("recall", Recall(line=2, on=False))


async def test_a_flash_without_a_line_or_a_talk_is_refused(processes: Processes) -> None:  # noqa: F811
    async with box(processes[0]) as here:
        channel = here.dial(4, "112")
        order = here.exchange.order(m.Flash, channel=channel)
        assert (await here.exchange.event(m.Refused, command=order)).code == "wrong-state"
        order = here.exchange.order(m.Flash, channel="nobody")
        assert (await here.exchange.event(m.Refused, command=order)).code == "no-such-channel"
        here.exchange.order(m.Hangup, channel=channel)
        await here.exchange.event(m.Hungup, 10, channel=channel)
