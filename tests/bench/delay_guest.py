"""The delay on DAHDI's kernel modules, inside the lab's guest: `python -m tests.bench.delay_guest CALLS`.

Two spans are joined back to back: the gateway has one, far ends of ours the other. Two more hear what each of them
says; all four live by one clock, so a mark's way is told by its number among the samples that the wires carried,
however late any program in the guest is. Prints one JSON document, which `delay_kernel` reads.
"""

import asyncio
import contextlib
import json
import os
import random
import subprocess
import sys
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
from native.dahdi import Event, Hook
from tests import audio
from tests.bench.marks import BLOCK, LOUD, SAMPLES_A_MS, SILENCE, Track
from tests.drivers.gateway.conftest import GatewayProcess
from tests.drivers.gateway.exchange import Exchange
from tests.lab.carrier import Carrier
from tests.lab.local_spans import local_span

LATE_S, STARTS_S = 60, 200
TALK_S = 3
TIMESLOTS, D_CHANNEL = 31, 16
TELEPHONE, PORT = 1, 5      # the telephone's channel is joined to 32, the machine's fifth analog socket
OFFICE, LINE = 33, 2        # the office's is joined to 2, the second line
DEBOUNCE_S = 2.5
KEPT_BLOCK, KEPT_BLOCKS = 4000, 8
COUNTED = ("ticks", "late_ticks", "worst_late_ms", "caught_up", "dropped_ticks", "slips", "lost_blocks")
NOTHING: dict[str, Any] = {
    "country": "CN", "lines": (), "users": (), "trunks": (), "rtp_first": 20000, "rtp_last": 20100
}  # fmt: skip


Talk = list[tuple[list[float], int]]    # of each way: delays in ms, and how many marks were lost


class Wiretap:
    """What one side of a wire says, from a moment on."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._said = b""

    def begin(self) -> None:
        """Forget what was said before."""
        dahdi.flush(self._fd)
        self._said = b""

    def go_on(self) -> None:
        """Take what there is."""
        with contextlib.suppress(BlockingIOError):
            while True:
                self._said += os.read(self._fd, KEPT_BLOCK)

    def marks(self) -> np.ndarray[Any, Any]:
        """Return the numbers of the samples that are marks."""
        return np.flatnonzero(np.abs(audio.decode_alaw(self._said).astype(int)) > LOUD)


class FarEnd:
    """Who talks: a block for each that is heard, with a mark now and then."""

    def __init__(self, fd: int, chance: random.Random) -> None:
        self.fd = fd
        self.track: Track | None = None
        self._chance = chance

    def talk(self) -> None:
        """Begin."""
        self.track = Track(self._chance)
        dahdi.flush(self.fd)
        for _ in range(3):
            os.write(self.fd, SILENCE * BLOCK)
        asyncio.get_running_loop().add_reader(self.fd, self._take)

    def stop(self) -> None:
        """Be silent."""
        asyncio.get_running_loop().remove_reader(self.fd)

    def _take(self) -> None:
        assert self.track is not None
        with contextlib.suppress(BlockingIOError):
            while os.read(self.fd, BLOCK):
                os.write(self.fd, self.track.say())


@contextmanager
def wiretaps(spans: tuple[int, int], positions: tuple[int, int]) -> Iterator[list[list[Wiretap]]]:
    """Hear the channels at these positions of two spans: what those who are there say."""
    with ExitStack() as opened:
        there = {(one.span, one.position): one.number for one in device.channels()}
        taps = []
        for span in spans:
            row = []
            for position in positions:
                fd = device.open_channel(there[span, position])
                opened.callback(os.close, fd)
                with contextlib.suppress(OSError):  # of an analog one
                    dahdi.set_audio(fd, True)
                dahdi.set_buffers(fd, KEPT_BLOCKS, KEPT_BLOCK)
                row.append(Wiretap(fd))
            taps.append(row)
        yield taps


async def ways(
    spans: tuple[int, int], positions: tuple[int, int], far: tuple[FarEnd, FarEnd], *, crossed: bool = False
) -> Talk:
    """Let two far ends talk whose channels are at these positions; return delays in ms, and marks lost, of each way.

    `spans` hear what the gateway and what the far ends say; `crossed`: of the second channel it is the other way round.
    """
    with wiretaps(spans, positions) as (from_box, to_box):
        if crossed:
            from_box[1], to_box[1] = to_box[1], from_box[1]
        for one in far:
            one.talk()
        for tap in (*from_box, *to_box):
            tap.begin()
        for _ in range(2 * TALK_S):
            await asyncio.sleep(0.5)
            for tap in (*from_box, *to_box):
                tap.go_on()
        for one in far:
            one.stop()
        found = []
        for speaker, hearer in ((0, 1), (1, 0)):
            spoken, heard = to_box[speaker].marks(), np.append(from_box[hearer].marks(), 1 << 40)
            delays = (heard[np.searchsorted(heard, spoken)] - spoken) / SAMPLES_A_MS
            whole = delays[:-1]     # the last may still be on its way
            found.append((whole[whole < 240].tolist(), int(np.count_nonzero(whole >= 240))))
        return found


@contextmanager
def tapped(key: int) -> Iterator[tuple[int, int]]:
    """Two spans that hear what both ends of a pair of local spans say."""
    with local_span(f"{key}:2:0", TIMESLOTS) as one, local_span(f"{key}:3:1", TIMESLOTS) as other:
        set_up([one, other], [])
        yield one, other


def set_up(bearers: list[int], isdn: list[int]) -> None:
    """Configure spans: of bearers alone, and with a D-channel."""
    channels = [channel for channel in device.channels() if channel.span in bearers + isdn]
    lines = []
    for one in channels:
        dchan = one.span in isdn and one.position == D_CHANNEL
        lines.append(f"{'dchan' if dchan else 'bchan'}={one.number}")
        if not dchan:
            lines.append(f"alaw={one.number}")
    conf = Path("/run/delay.conf")
    conf.write_text("\n".join([*lines, "loadzone=cn", ""]))
    subprocess.run(["dahdi_cfg", "-c", conf], check=True)


async def e1(exchange: Exchange, chance: random.Random, calls: int) -> list[Talk]:
    """Let callers over ISDN talk with each other in pairs."""
    found = []
    with local_span("4:0", TIMESLOTS) as ours, local_span("4:1", TIMESLOTS) as theirs:
        set_up([], [ours, theirs])
        with tapped(4) as taps:
            exchange.order(m.Provision, isdn=(m.IsdnTrunk(name="carrier", span=ours),), **NOTHING)
            await exchange.event(m.Provisioned, LATE_S)
            carrier = Carrier(DahdiSpan(theirs))
            await asyncio.wait_for(carrier.up.wait(), LATE_S)
            await asyncio.sleep(RESTART_S + 2)
            for _ in range(calls):
                callers, channels = [], []
                for number in ("6201", "6202"):
                    await asyncio.sleep(chance.random() * 0.02)
                    caller = carrier.dial(number, "13800138000")
                    offered = await exchange.event(m.Offered, LATE_S, did=number)
                    exchange.order(m.Answer, channel=offered.channel)
                    await caller.wait("answered")
                    await exchange.event(m.Answered, LATE_S, channel=offered.channel)
                    callers.append(caller)
                    channels.append(offered.channel)
                exchange.order(m.Connect, channel=channels[0], other=channels[1])
                await exchange.event(m.Connected, LATE_S)
                far = tuple(FarEnd(caller.call.descriptor(), chance) for caller in callers)
                slots = tuple(caller.call.slot for caller in callers)
                found.append(await ways(taps, slots, far))  # type: ignore[arg-type]
                for caller, channel in zip(callers, channels, strict=True):
                    caller.call.hang_up(16)
                    await exchange.event(m.Hungup, LATE_S, channel=channel)
                await carrier.idle()
            await asyncio.sleep(1)
            carrier.span.close()
            exchange.order(m.Provision, **NOTHING)
            await exchange.event(m.Provisioned, LATE_S)
            await asyncio.sleep(0.5)
    return found


async def until(fd: int, wanted: int) -> None:
    """Wait for an event of a wire."""
    async with asyncio.timeout(LATE_S):
        while wanted not in list(device.events(fd)):  # noqa: ASYNC110 - a wire tells none
            await asyncio.sleep(0.05)


async def set_hook(fd: int, what: Hook) -> None:
    """Do that, once the kernel is ready for it."""
    while not device.hook(fd, what):  # noqa: ASYNC110 - a wire tells none
        await asyncio.sleep(0.05)


async def analog(
    exchange: Exchange, chance: random.Random, calls: int, telephone: int, office: int
) -> list[Talk]:
    """Let callers by an analog line talk with a telephone in a port."""
    found = []
    exchange.order(m.Provision, **NOTHING | {"lines": (LINE,)}, ports=(m.PortSetup(PORT, "205"),))
    await exchange.event(m.RegistrationChanged, LATE_S, name="205", registered=True)
    with tapped(1) as taps:
        for number in range(calls):
            await asyncio.sleep(DEBOUNCE_S)
            list(device.events(office))
            list(device.events(telephone))
            await set_hook(office, Hook.RING)
            offered = await exchange.event(m.Offered, LATE_S)
            exchange.order(m.Answer, channel=offered.channel)
            await until(office, Event.RING_OFF_HOOK)
            await set_hook(office, Hook.OFF)
            await exchange.event(m.Answered, LATE_S, channel=offered.channel)
            exchange.order(m.Dial, channel=f"d{number}", target=m.ToExtension("205"), tag=m.Tag("c", "1"))
            await until(telephone, Event.RING_BEGIN)
            await asyncio.sleep(chance.random() * 0.02)
            await set_hook(telephone, Hook.OFF)
            await exchange.event(m.Answered, LATE_S, channel=f"d{number}")
            exchange.order(m.Connect, channel=offered.channel, other=f"d{number}")
            await exchange.event(m.Connected, LATE_S)
            await asyncio.sleep(DEBOUNCE_S)     # events of the hook keep sound out for a moment
            list(device.events(office))
            list(device.events(telephone))
            found.append(await ways(
                taps, (LINE, TELEPHONE), (FarEnd(office, chance), FarEnd(telephone, chance)), crossed=True
            ))  # fmt: skip
            exchange.order(m.Hangup, channel=offered.channel)
            exchange.order(m.Hangup, channel=f"d{number}")
            await exchange.event(m.Hungup, LATE_S, channel=offered.channel)
            await set_hook(telephone, Hook.ON)
            await until(office, Event.ON_HOOK)
            await set_hook(office, Hook.ON)
            await exchange.event(m.LineChanged, LATE_S, line=LINE, state="idle")
    return found


@asynccontextmanager
async def connected() -> AsyncIterator[Exchange]:
    """The exchange of a gateway."""
    gateway = GatewayProcess()
    try:
        await asyncio.to_thread(gateway.start, STARTS_S)
        exchange = await Exchange.connect(gateway.home)
        yield exchange
        await exchange.close()
    finally:
        print(gateway.log, file=sys.stderr)
        gateway.remove()


async def measured(calls: int) -> dict[str, Any]:
    """Return the delays of each call, each way, in ms."""
    chance = random.Random(0)
    telephone, office = device.open_voice(TELEPHONE), device.open_voice(OFFICE)  # before the gateway takes the first
    async with connected() as exchange:
        told: dict[str, Any] = {"E1 to E1": await e1(exchange, chance, calls)}
        told["FXO to FXS"] = await analog(exchange, chance, calls, telephone, office)
        counters = next(stats.counters for stats in reversed(exchange.seen) if isinstance(stats, m.Stats))
    return told | {"counters": {name: counters[name] for name in COUNTED}}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measured(int(sys.argv[1])))))
