"""Wires of spans that fail and come again: what the gateway says of it, by itself.

Span 5 hears span 7, and span 6 hears span 5, as a far end does that gets nothing from us: DAHDI's local spans can be
joined so. Span 7 is made and unmade here.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from drivers.link import messages as m
from tests.drivers.gateway.conftest import GatewayProcess
from tests.drivers.gateway.exchange import Exchange
from tests.lab.local_spans import local_span

LATE_S = 30
DEAF, UNHEARD = 5, 6
FAR_END = "3:2"


@asynccontextmanager
async def watching(gateway: GatewayProcess, **configured: Any) -> AsyncIterator[Exchange]:
    """An exchange that has these spans configured."""
    exchange = await Exchange.connect(gateway.home)
    nothing = {"country": "CN", "lines": (), "users": (), "trunks": (), "rtp_first": 20000, "rtp_last": 20100}
    exchange.order(m.Provision, **configured, **nothing)
    await exchange.event(m.Provisioned, LATE_S)
    try:
        yield exchange
    finally:
        exchange.order(m.Provision, **nothing)
        await exchange.event(m.Provisioned, LATE_S)
        await exchange.close()


async def alarm(exchange: Exchange, span: int, name: str, *, raised: bool) -> m.Wrong | None:
    """Return what is wrong with a span once that is told, None for nothing any more."""
    return (await exchange.event(m.Alarm, LATE_S, name=name, subject=f"span:{span}", raised=raised)).wrong


async def wires(exchange: Exchange) -> dict[int, tuple[m.WireAlarm, ...]]:
    """Return the alarms of both spans as they are shown."""
    now_s = exchange.seen[-1].at_s
    while (states := await exchange.event(m.SpanStates, LATE_S)).at_s < now_s:
        continue
    return {state.number: state.alarms for state in states.spans if state.number in (DEAF, UNHEARD)}


async def test_a_wire_that_is_dead_is_red_and_one_that_is_not_heard_yellow_until_they_are_well(
    gateway: GatewayProcess,
) -> None:
    async with watching(gateway, spans=(m.SpanSetting(DEAF), m.SpanSetting(UNHEARD))) as exchange:
        assert await alarm(exchange, DEAF, "span-alarm", raised=True) == m.Wrong("wire-red")
        assert await alarm(exchange, UNHEARD, "span-alarm", raised=True) == m.Wrong("wire-yellow")
        with local_span(FAR_END, channels=1):
            assert await alarm(exchange, DEAF, "span-alarm", raised=False) is None
            assert await alarm(exchange, UNHEARD, "span-alarm", raised=False) is None
            assert await wires(exchange) == {DEAF: (), UNHEARD: ()}
        assert await alarm(exchange, DEAF, "span-alarm", raised=True) == m.Wrong("wire-red")
        assert await alarm(exchange, UNHEARD, "span-alarm", raised=True) == m.Wrong("wire-yellow")


async def test_spans_and_channels_that_are_configured_and_not_there_are_told(gateway: GatewayProcess) -> None:
    async with watching(gateway, spans=(m.SpanSetting(9),), r2=(m.R2Trunk("some", 3, slots=(1, 2, 4, 7, 8)),)) as told:
        missing = m.Wrong("said", {"text": "span 9 is not there; spans are [1, 2, 3, 4, 5, 6]"})
        assert await alarm(told, 9, "span-lost", raised=True) == missing
        assert await alarm(told, 3, "span-short", raised=True) == m.Wrong(
            "no-slots", {"missing": "4,7-8", "there": "1-3"}
        )  # fmt: skip
