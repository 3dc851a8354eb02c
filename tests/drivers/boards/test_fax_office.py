"""A fax machine that calls by a line is told of, while the box plays and only as long as nobody is connected."""

import asyncio

from drivers.link import messages as m
from tests.drivers.boards.test_calls import Processes, box, processes  # noqa: F401 - a fixture


async def test_a_fax_is_told_in_a_greeting_and_not_in_a_talk(processes: Processes) -> None:  # noqa: F811
    async with box(processes[0]) as here:
        how = {"number": "13911112222", "caller_id": "dtmf", "wait_s": 0.5}
        (caller, faxes), (other, speaks) = await asyncio.gather(
            here.answered(1, **how, fax=True), here.answered(2, **how, tone_hz=700)
        )
        here.exchange.order(m.Play, channel=faxes, sounds=(m.Tone("beep"),), loop=True)
        await here.exchange.event(m.FaxHeard, 8, channel=faxes)
        here.exchange.order(m.StopPlay, channel=faxes)
        here.exchange.order(m.Connect, channel=faxes, other=speaks)
        await here.exchange.event(m.Connected, channel=faxes)
        told = len([event for event in here.exchange.seen if isinstance(event, m.FaxHeard)])
        await asyncio.sleep(4.0)
        heard = [event for event in here.exchange.seen if isinstance(event, m.FaxHeard)]
        assert len(heard) == told
        assert {event.channel for event in heard} == {faxes}
        assert not [event for event in here.exchange.of(faxes) if isinstance(event, m.Hungup)]
        for call, channel in ((caller, faxes), (other, speaks)):
            await call.hang_up()
            await here.exchange.event(m.Hungup, 10, channel=channel)
