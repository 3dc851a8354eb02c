"""How long a voice takes from wire to wire through the gateway, by the samples that the wires carried meanwhile."""

import random

from tests.bench import delay_guest
from tests.drivers.gateway.conftest import GatewayProcess
from tests.drivers.gateway.exchange import Exchange

BLOCK_MS = 20   # is gathered before it can go on
TICK_MS = 20    # and goes on at the next tick: shortly after, but this kernel's timer goes by 4 ms, and not evenly
QUEUE_MS = 10   # what was said before is still being sent, half a block of it


async def test_a_voice_waits_for_its_own_block_the_next_tick_and_half_of_another(gateway: GatewayProcess) -> None:
    exchange = await Exchange.connect(gateway.home)
    (talk,) = await delay_guest.e1(exchange, random.Random(0), 1)
    await exchange.close()
    for delays_ms, lost in talk:
        assert (len(set(delays_ms)), lost) == (1, 0), delays_ms
        assert BLOCK_MS < delays_ms[0] < BLOCK_MS + TICK_MS + QUEUE_MS
