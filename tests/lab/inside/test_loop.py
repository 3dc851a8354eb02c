"""Loopback tests over the real kernel modules: what the gateway sends, this far end sends back, as a loop plug does.

Channel 5 of the span that speaks ISDN is tested while the signalling is up, and all of the span with bits for each
channel, which is in no trunk group. Both at once: a test is all that waits here.
"""

import asyncio
import contextlib
import os
from collections.abc import Iterator
from contextlib import contextmanager

from drivers.boards.dahdi import device
from drivers.boards.dahdi.cas import DahdiCas
from drivers.link import messages as m
from tests.drivers.gateway.conftest import GatewayProcess
from tests.lab.inside.test_isdn import OURS, spans

LATE_S = 60
BEFORE = 8          # blocks sent ahead of those that come: so late one may be here
CHANNEL, SPARE, SECONDS = 5, 3, 2
WRONG = 0x10        # a bit of one octet


@contextmanager
def looped(fds: list[int], spoilt: int) -> Iterator[None]:
    """Send back what comes on each; on one of them a single bit is wrong."""
    loop, blocks = asyncio.get_running_loop(), dict.fromkeys(fds, 0)

    def back(fd: int) -> None:
        list(device.events(fd))
        with contextlib.suppress(OSError):  # nothing more is there
            while block := os.read(fd, device.BLOCK):
                blocks[fd] += 1
                if (fd, blocks[fd]) == (spoilt, 100):
                    block = bytes((block[0] ^ WRONG,)) + block[1:]
                os.write(fd, block)

    for fd in fds:
        device.keep(fd, much=True)
        for _ in range(BEFORE):
            os.write(fd, bytes(device.BLOCK))
        loop.add_reader(fd, back, fd)
    try:
        yield
    finally:
        for fd in fds:
            loop.remove_reader(fd)


async def test_a_channel_and_a_span_that_are_looped_are_measured_bit_by_bit(gateway: GatewayProcess) -> None:
    far = DahdiCas(SPARE + 1)
    async with spans(gateway, m.SpanSetting(SPARE, "r2")) as (exchange, carrier, cable):
        channel = cable.open(CHANNEL)
        others = [far.open(slot) for slot in far.slots]
        with looped([channel, *others], spoilt=others[1]):
            exchange.order(m.TestSpan, span=OURS.span, slot=CHANNEL, seconds=SECONDS)
            exchange.order(m.TestSpan, span=SPARE, seconds=SECONDS)
            one = await exchange.event(m.SpanTested, LATE_S, span=OURS.span)
            all_of_it = await exchange.event(m.SpanTested, LATE_S, span=SPARE)
        os.close(channel)
        bits = SECONDS * 64000
        assert (one.outcome, one.late, one.slots) == ("done", 0, (m.ChannelBits(CHANNEL, "pattern", bits),))
        assert (all_of_it.outcome, all_of_it.late) == ("done", 0)
        assert all_of_it.slots == tuple(
            m.ChannelBits(slot, "pattern", bits, errors=int(slot == 2), errored_s=int(slot == 2)) for slot in (1, 2, 3)
        )
        caller = carrier.dial("62871234", "13800138000")  # the channels take calls again
        offered = await exchange.event(m.Offered, LATE_S)
        caller.call.hang_up(16)
        await exchange.event(m.Hungup, LATE_S, channel=offered.channel)
    far.close()
