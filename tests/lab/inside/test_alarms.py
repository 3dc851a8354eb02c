"""Spans that are configured and not there, or not whole: what the gateway says of it, by itself."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from drivers.link import messages as m
from tests.drivers.gateway.conftest import GatewayProcess
from tests.drivers.gateway.exchange import Exchange

LATE_S = 30


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


async def test_spans_and_channels_that_are_configured_and_not_there_are_told(gateway: GatewayProcess) -> None:
    async with watching(gateway, spans=(m.SpanSetting(9),), r2=(m.R2Trunk("some", 3, slots=(1, 2, 4, 7, 8)),)) as told:
        missing = m.Wrong("said", {"text": "span 9 is not there; spans are [1, 2, 3, 4, 5, 6]"})
        assert await alarm(told, 9, "span-lost", raised=True) == missing
        assert await alarm(told, 3, "span-short", raised=True) == m.Wrong(
            "no-slots", {"missing": "4,7-8", "there": "1-3"}
        )  # fmt: skip
