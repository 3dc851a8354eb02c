"""Whole E1s, all their channels talking at once: each far end says a tone of its own, and hears its partner's alone.

Half of the calls come in, half go out, and each of the ones is joined with one of the others, on another span. The
spans are made and unmade here.
"""

import asyncio
import contextlib
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from drivers.boards.dahdi import device
from drivers.boards.dahdi.span import DahdiSpan
from drivers.boards.pri.span import RESTART_S
from drivers.link import messages as m
from native import dahdi
from tests import audio
from tests.drivers.gateway.conftest import GatewayProcess
from tests.drivers.gateway.exchange import Exchange
from tests.lab.carrier import Carrier, Subscriber
from tests.lab.local_spans import local_span

TAG = m.Tag("call", "1")
NOTHING: dict[str, Any] = {
    "country": "CN", "lines": (), "users": (), "trunks": (), "rtp_first": 20000, "rtp_last": 20100
}  # fmt: skip
LATE_S = 60
FIRST_KEY = 4                   # of local spans; the lab's own have 1 to 3
SPANS, TIMESLOTS, D_CHANNEL, B_CHANNELS = 4, 31, 16, 30
LOWEST_HZ, STEP_HZ = 610, 20
PERIOD = 800                    # samples, in which each tone has whole turns
BLOCK, BLOCKS = 5 * PERIOD, 8   # the kernel keeps 4 s each way, the most it can: a far end need not hurry
TALK_S = int(os.environ["BUSYHOUR_TALK_S"])
BEGINNING, END = 12000, 4000    # samples, in which not everybody talks
FAULTS = ("dropped_ticks", "slips", "lost_blocks", "failed_connects", "event_overflows")
LATE = ("ticks", "late_ticks", "caught_up")  # the kernel's own timer tells of 20 ms late by up to 4
CPU = ("pump_cpu_s", "cpu_s")   # of the gateway's pump, and of all of it


class Talker:
    """A far end that says its tone, and keeps all that it hears."""

    def __init__(self, hertz: int, subscriber: Subscriber) -> None:
        self.hertz = hertz
        self.period = audio.encode_alaw(audio.sine(hertz, PERIOD / audio.RATE_HZ))
        self._fd = subscriber.call.descriptor()
        self._block = BLOCK // PERIOD * self.period
        self._heard = b""
        dahdi.set_buffers(self._fd, BLOCKS, BLOCK)
        self.go_on()

    def go_on(self) -> None:
        """Give the kernel what it has room for, and take what it has heard; little is done, since many talk."""
        with contextlib.suppress(BlockingIOError):
            while True:
                self._heard += os.read(self._fd, BLOCK)
        with contextlib.suppress(BlockingIOError):
            while True:
                os.write(self._fd, self._block)

    def fault(self, partner: "Talker") -> str:
        """Return what was wrong with what it heard while all talked: "" if it is the partner's tone, bit by bit."""
        heard = self._heard[BEGINNING:-END]
        if len(heard) < (TALK_S - 3) * audio.RATE_HZ:
            return f"{self.hertz} Hz hears {len(heard)} samples"
        if heard[:PERIOD] in 2 * partner.period and heard[PERIOD:] == heard[:-PERIOD]:
            return ""
        samples = audio.decode_alaw(heard)
        broken = np.count_nonzero(samples[PERIOD:] != samples[:-PERIOD])
        loudest, level_dbm0 = audio.strongest_hz(samples), audio.level_dbm0(samples)
        return (
            f"{self.hertz} Hz has to hear {partner.hertz} Hz, and hears {loudest:.0f} Hz at {level_dbm0:.0f} dBm0, "
            f"where {broken} samples do not follow from those before"
        )


@contextmanager
def e1s() -> Iterator[list[tuple[int, int]]]:
    """Let there be E1s, set up for ISDN: the numbers of both ends of each."""
    with ExitStack() as made:
        numbers = [made.enter_context(local_span(f"{FIRST_KEY + n // 2}:{n % 2}", TIMESLOTS)) for n in range(2 * SPANS)]
        channels = [channel for channel in device.channels() if channel.span in numbers]
        used = [f"{'dchan' if one.position == D_CHANNEL else 'bchan'}={one.number}" for one in channels]
        conf = Path("/run/e1.conf")
        conf.write_text("\n".join([*used, f"alaw={channels[0].number}-{channels[-1].number}", "loadzone=cn", ""]))
        subprocess.run(["dahdi_cfg", "-c", conf], check=True)
        yield list(zip(numbers[::2], numbers[1::2], strict=True))


@asynccontextmanager
async def carriers(gateway: GatewayProcess) -> AsyncIterator[tuple[Exchange, list[Carrier]]]:
    """A gateway with one trunk of all E1s, all channels of them idle, and who is at their other ends."""
    exchange = await Exchange.connect(gateway.home)
    try:
        with e1s() as pairs:
            isdn = tuple(m.IsdnTrunk(name="carrier", span=ours) for ours, _ in pairs)
            exchange.order(m.Provision, isdn=isdn, **NOTHING)
            await exchange.event(m.Provisioned, LATE_S)
            far = [Carrier(DahdiSpan(theirs)) for _, theirs in pairs]
            try:
                for carrier in far:
                    await asyncio.wait_for(carrier.up.wait(), LATE_S)
                await asyncio.sleep(RESTART_S + 2)  # both ends make all channels idle, the first perhaps late
                yield exchange, far
                for carrier in far:
                    await carrier.idle()
                await asyncio.sleep(1)  # the last frames are still in the kernel, which forgets them with the channel
            finally:
                for carrier in far:
                    carrier.span.close()
                exchange.order(m.Provision, **NOTHING)
                await exchange.event(m.Provisioned, LATE_S)
                await asyncio.sleep(0.5)  # the pump lets go of what still talks
    finally:
        await exchange.close()


async def counted(exchange: Exchange) -> dict[str, float]:
    """Return the gateway's counters of now."""
    now_s = exchange.seen[-1].at_s
    while (stats := await exchange.event(m.Stats, LATE_S)).at_s <= now_s:
        continue
    return stats.counters


def idle() -> np.ndarray:
    """Return how long the guest's processor has had nothing to do, and how long it has been there."""
    times = [int(word) for word in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return np.array([times[3] + times[4], sum(times)])


async def calls_in(exchange: Exchange, far: list[Carrier], each: int) -> list[tuple[str, Subscriber]]:
    """Let so many call at each carrier's at once; return their channels and themselves once all talk."""
    callers = [carrier.dial(f"62{span}{n:02}", "13800138000") for span, carrier in enumerate(far) for n in range(each)]
    calls = [((await exchange.event(m.Offered, LATE_S, did=caller.did)).channel, caller) for caller in callers]
    for channel, _ in calls:
        exchange.order(m.Answer, channel=channel)
    for channel, caller in calls:
        await caller.wait("answered")
        await exchange.event(m.Answered, LATE_S, channel=channel)
    return calls


async def calls_out(exchange: Exchange, far: list[Carrier], each: int) -> list[tuple[str, Subscriber]]:
    """Call as many at each carrier's, all at once by their trunk; return channels and who is called once all talk."""
    for number in range(len(far) * each):
        exchange.order(m.Dial, channel=f"e1-{number:03}", target=m.ToTrunk("carrier", f"{number:03}"), tag=TAG)
    called = [await carrier.called() for carrier in far for _ in range(each)]
    for one in called:
        one.answer()
    calls = [(f"e1-{one.did}", one) for one in called]
    for channel, _ in calls:
        await exchange.event(m.Answered, LATE_S, channel=channel)
    return calls


async def test_all_channels_talk_at_once_and_each_hears_its_partner_bit_by_bit(gateway: GatewayProcess) -> None:
    async with carriers(gateway) as (exchange, far):
        before = next(message for message in reversed(exchange.seen) if isinstance(message, m.Stats)).counters
        each = B_CHANNELS // 2
        coming = await calls_in(exchange, far, each)
        going = await calls_out(exchange, far, each)
        assert [len(carrier.span.calls) for carrier in far] == [B_CHANNELS] * SPANS
        exchange.order(m.Dial, channel="e1-more", target=m.ToTrunk("carrier", "1"), tag=TAG)
        assert (await exchange.event(m.Hungup, LATE_S, channel="e1-more")).cause == 34
        going = going[each + 2 :] + going[: each + 2]   # partners are on other spans
        for (channel, _), (other, _) in zip(coming, going, strict=True):
            exchange.order(m.Connect, channel=channel, other=other)
        for channel, _ in coming:
            await exchange.event(m.Connected, LATE_S, channel=channel)
        hertz = iter(range(LOWEST_HZ, audio.RATE_HZ // 2, STEP_HZ))
        began = idle()
        talkers = [[Talker(next(hertz), subscriber) for _, subscriber in calls] for calls in (coming, going)]
        for _ in range(TALK_S):
            await asyncio.sleep(1)
            for one in talkers[0] + talkers[1]:
                one.go_on()
        idle_s, all_s = idle() - began
        after = await counted(exchange)
        faults = [one.fault(other) for pair in zip(*talkers, strict=True) for one, other in (pair, pair[::-1])]
        assert not any(faults), "\n".join([str(after), *filter(None, faults)])
        assert {name: after[name] - before[name] for name in FAULTS} == dict.fromkeys(FAULTS, 0)
        late = {name: after[name] - before[name] for name in LATE}
        share = {name: (after[name] - before[name]) / (after["ticks"] - before["ticks"]) / 0.02 for name in CPU}
        print(len(faults), "talk:", late, after["worst_late_ms"], "ms at most; CPU", share, "all", 1 - idle_s / all_s)
        for channel, _ in going:
            exchange.order(m.Hangup, channel=channel, cause=16)
        for _, caller in coming:
            caller.call.hang_up(16)
        for calls, by in ((coming, "party"), (going, "exchange")):
            for channel, _ in calls:
                assert (await exchange.event(m.Hungup, LATE_S, channel=channel)).by == by
