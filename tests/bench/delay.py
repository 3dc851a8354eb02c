"""How long a voice takes through the gateway, one way: `python -m tests.bench.delay [--quick]`.

A gateway as it runs is between far ends of ours: the simulated central office, with lines, telephones in ports and a
digital span, and SIP telephones. Each pair talks in several calls, whose far ends begin at random moments of the
gateway's 20 ms, and both say marks (`marks`) at random samples. So a delay begins when a sample is spoken and ends when
whoever plays each block as it comes would hear it: 20 ms of it are the block, which every sender has to have together.
The far ends' own buffers are no part of it: those of a telephone, and the office's. Prints one JSON document; exits
with 1 when marks were lost.
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from drivers.link import messages as m
from drivers.link.office import PlaceCall, Subscriber
from drivers.office import board, e1
from drivers.office.__main__ import keep_pace
from drivers.office.board import BoardSocket
from drivers.office.country import CHINA
from drivers.office.office import Office
from drivers.office.pair import Pair
from drivers.office.telephone import Telephone
from native.dsp import alaw_decode
from tests.bench.marks import BLOCK, BLOCK_MS, LIMIT_MS, Track, delays_ms, received, stamped
from tests.drivers.gateway.conftest import Bench, GatewayProcess, bench
from tests.drivers.gateway.far_end import Dialog, Voice
from tests.peers.box import ROOT

BUDGET_MS = {
    **dict.fromkeys(("FXO to SIP", "SIP to FXO", "E1 to SIP", "SIP to E1"), 80.0),
    **dict.fromkeys(("FXO to FXS", "FXS to FXO", "E1 to E1"), 60.0),
}  # fmt: skip
CALLS, TALK_S = 10, 3.0
QUICK_CALLS, QUICK_TALK_S = 2, 1.0
LINE, PORT, SPAN = 1, 5, 1
TICK_S = BLOCK_MS / 1000
LATE_S, LONGEST_S = 15.0, 1800.0
COUNTED = ("late_ticks", "caught_up", "dropped_ticks", "slips", "lost_blocks")


def say(text: str) -> None:
    """Tell how far it has come."""
    print(f"delay: {text}", file=sys.stderr, flush=True)


async def until(what: Callable[[], bool]) -> None:
    """Wait until something is so that nobody tells of."""
    async with asyncio.timeout(LATE_S):
        while not what():  # noqa: ASYNC110
            await asyncio.sleep(TICK_S)


class MarkedPair(Pair):
    """A line's, a telephone's or a timeslot's wire, whose far end says and hears marks while it has a track."""

    def __init__(self, ours: Any) -> None:
        super().__init__(ours)
        self.track: Track | None = None
        stamped(ours)

    def write(self, samples: bytes, idle: bool) -> None:
        """Send a tick's samples, marks in their place."""
        super().write(samples if self.track is None else alaw_decode(self.track.say()), idle)

    def _take_in(self) -> None:
        while True:
            try:
                block, came_ms = received(self._ours)
            except OSError:
                return
            if len(block) != BLOCK:
                return
            self._waiting.append(block)
            if self.track is not None:
                self.track.hear(block, came_ms)


class MarkedVoice(Voice):
    """A SIP telephone that says and hears marks while it has a track, at a pace that begins at any moment."""

    def __init__(self, chance: random.Random, jitter_ms: float) -> None:
        super().__init__()
        self.track: Track | None = None
        self._chance, self._jitter_s = chance, jitter_ms / 1000
        stamped(self.socket)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        loop.add_reader(self.socket, self._read)
        due_s = loop.time() + self._chance.random() * TICK_S
        silence = Track(random.Random()).say()
        while True:
            late_s = self._chance.random() * self._jitter_s
            await asyncio.sleep(max(0.0, due_s + late_s - loop.time()))
            on_time_ms = None if not self._jitter_s else due_s * 1000
            self._send(8, silence if self.track is None else self.track.say(on_time_ms), False)
            self.timestamp += BLOCK
            due_s += TICK_S

    def _read(self) -> None:
        while True:
            try:
                packet, came_ms = received(self.socket)
            except OSError:
                return
            if packet[1] & 0x7F == 8 and self.track is not None:
                self.track.hear(packet[12:], came_ms)


class MarkedOffice:
    """The simulated central office, at a pace of its own."""

    def __init__(self, gateway: GatewayProcess, chance: random.Random) -> None:
        board.Pair = e1.Pair = MarkedPair  # type: ignore[attr-defined, misc]
        self.office = Office(CHINA, lines=4, telephones=2, spans=1)
        self.wire = BoardSocket(self.office, gateway.home / "run/board.sock")
        self._chance = chance
        self._due_s = 0.0

    async def live(self) -> None:
        """Tick for ever; as many ticks at once as have become due."""
        loop = asyncio.get_running_loop()
        self._due_s = loop.time()
        while True:
            self.wire.tick()
            self._due_s += TICK_S
            await asyncio.sleep(max(0.0, self._due_s - loop.time()))

    def shift(self) -> None:
        """Go on at another moment of the gateway's tick: for calls to come, on lines that are idle now."""
        self._due_s += self._chance.random() * TICK_S

    @property
    def telephone(self) -> Telephone:
        """The one telephone of ours."""
        return self.office.telephones[PORT]

    def pair(self, number: int) -> Any:
        """Return the wire of a line or telephone."""
        return self.wire.pairs[number]

    def bearer(self, slot: int) -> Any:
        """Return the wire of a timeslot."""
        return self.wire.e1s[SPAN].pairs[slot]


class Talks:
    """Calls between far ends: each of `line`, `port`, `e1`, `sip` gives a channel and what has a track."""

    def __init__(self, box: Bench, office: MarkedOffice, chance: random.Random) -> None:
        self.box, self.office, self.chance = box, office, chance
        self.jitter_ms = 0.0
        self._leaving: list[Callable[[], None]] = []

    async def line(self, first: bool) -> tuple[str, Any]:
        """Let somebody call by an analog line."""
        assert first
        order = PlaceCall(line=LINE, number="13800138000", caller_id="dtmf")
        caller = self.office.office.prepare(order, lambda _: None)
        caller.place()
        offered = await self.box.exchange.event(m.Offered, LATE_S)
        self._leaving.append(caller.hang_up)
        return await self._answer(offered.channel), self.office.pair(LINE)

    async def e1(self, first: bool) -> tuple[str, Any]:
        """Let somebody call over the span, or be called."""
        span = self.office.office.spans[SPAN]
        before = set(span.circuits)
        if first:
            self.office.office.prepare(PlaceCall(span=SPAN, to="4001", number="13800138000"), lambda _: None).place()
            channel = await self._answer((await self.box.exchange.event(m.Offered, LATE_S)).channel)
        else:
            channel = self.box.dial(m.ToTrunk("carrier", "10086"))
            await self.box.exchange.event(m.Answered, LATE_S, channel=channel)
        (call,) = set(span.circuits) - before
        return channel, self.office.bearer(span.circuits[call].slot)

    async def port(self, first: bool) -> tuple[str, Any]:
        """Call a telephone in a port."""
        assert not first
        channel = self.box.dial(m.ToExtension("205"))
        await until(lambda: self.office.telephone.ring)
        self.office.telephone.lift()
        await self.box.exchange.event(m.Answered, LATE_S, channel=channel)
        return channel, self.office.pair(PORT)

    async def sip(self, first: bool) -> tuple[str, Any]:
        """Let somebody call by SIP, or be called."""
        voice = MarkedVoice(self.chance, self.jitter_ms)
        if first:
            self.box.count += 1
            dialog = Dialog(self.box.far, f"in-{id(self)}-{self.box.count}")
            dialog.voice.close()
            dialog.voice = voice
            dialog.call()
            channel = await self._answer((await self.box.exchange.event(m.Offered, LATE_S)).channel)
            await dialog.status(200)
            return channel, voice
        channel = self.box.dial(m.ToExtension("201"))
        dialog = await self.box.far.called()
        dialog.voice.close()
        dialog.voice = voice
        dialog.accept()
        await self.box.exchange.event(m.Answered, channel=channel)
        return channel, voice

    async def _answer(self, channel: str) -> str:
        self.box.exchange.order(m.Answer, channel=channel)
        await self.box.exchange.event(m.Answered, channel=channel)
        return channel

    async def talk(self, one: str, other: str, seconds: float) -> tuple[Track, Track]:
        """Let two kinds of far ends talk for so long; return what they said and heard."""
        self.office.shift()
        ends = [await getattr(self, one)(True), await getattr(self, other)(False)]
        exchange = self.box.exchange
        exchange.order(m.Connect, channel=ends[0][0], other=ends[1][0])
        await exchange.event(m.Connected)
        tracks = Track(self.chance), Track(self.chance)
        for (_, end), track in zip(ends, tracks, strict=True):
            end.track = track
        await asyncio.sleep(seconds)
        for track in tracks:
            track.silent = True
        await asyncio.sleep(LIMIT_MS / 1000)    # the last is on its way
        for _, end in ends:
            end.track = None
        for channel, _ in ends:
            exchange.order(m.Hangup, channel=channel)
            await exchange.event(m.Hungup, channel=channel)
        self.office.telephone.put_down()
        await until(lambda: not self.office.telephone.off_hook)  # a hook that is down for a moment only is a flash
        if self._leaving:
            self._leaving.pop()()
            await exchange.event(m.LineChanged, LATE_S, state="idle")
        return tracks


NAMES = {"line": "FXO", "port": "FXS", "e1": "E1", "sip": "SIP"}
JITTER_MS = 30.0    # of a network: so much too late a packet is at most
KINDS = (
    ("line", "sip", 0.0), ("line", "port", 0.0), ("sip", "port", 0.0), ("sip", "sip", 0.0), ("e1", "sip", 0.0),
    ("e1", "e1", 0.0), ("e1", "sip", JITTER_MS),
)  # fmt: skip


@asynccontextmanager
async def talks(seed: int) -> AsyncIterator[Talks]:
    """A gateway with all far ends there."""
    chance = random.Random(seed)
    gateway = GatewayProcess()
    async with AsyncExitStack() as stack:
        stack.callback(gateway.remove)
        await asyncio.to_thread(gateway.start)
        office = MarkedOffice(gateway, chance)
        office.wire.listen()
        stack.callback(office.wire.close)
        living = asyncio.create_task(office.live())
        stack.callback(living.cancel)
        box = await stack.enter_async_context(bench(gateway))
        office.office.subscribe(Subscriber(number="10086", answer_after_s=0, voice="silence", talk_s=None))
        box.exchange.order(
            m.Provision, country="CN", lines=(LINE,), users=(), trunks=(), rtp_first=24000, rtp_last=24999,
            ports=(m.PortSetup(PORT, "205"),), isdn=(m.IsdnTrunk("carrier", SPAN),),
        )  # fmt: skip
        await box.exchange.event(m.RegistrationChanged, LATE_S, name="205", registered=True)
        await box.exchange.event(m.RegistrationChanged, LATE_S, name="trunk:carrier", registered=True)
        await box.exchange.event(m.LineChanged, LATE_S, state="idle")
        yield Talks(box, office, chance)


def figures(delays: list[float], lost: int) -> dict[str, Any]:
    """Return what the delays come to."""
    ticks = [int((delay - BLOCK_MS) // BLOCK_MS) for delay in delays]
    return {
        "marks": len(delays), "lost": lost,
        **{name: round(value, 1) for name, value in (
            ("min_ms", min(delays)), ("median_ms", statistics.median(delays)), ("worst_ms", max(delays)),
        )},
        "whole_ticks_waited": {str(one): ticks.count(one) for one in sorted(set(ticks))},
    }  # fmt: skip


async def measured(calls: int, talk_s: float, seed: int) -> dict[str, Any]:
    """Return a row of figures for each way, and the gateway's counters."""
    rows: dict[str, Any] = {}
    async with talks(seed) as there:
        for one, other, there.jitter_ms in KINDS:
            late = f", packets up to {there.jitter_ms:g} ms late" if there.jitter_ms else ""
            ways = tuple(f"{NAMES[a]} to {NAMES[b]}{late}" for a, b in ((one, other), (other, one)))
            found: dict[str, tuple[list[float], list[int]]] = {way: ([], []) for way in ways}
            for number in range(calls):
                say(f"{ways[0]} and back: call {number + 1} of {calls}")
                tracks = await there.talk(one, other, talk_s)
                for way, (speaker, hearer) in zip(ways, (tracks, tracks[::-1]), strict=True):
                    delays, lost = delays_ms(speaker, hearer)
                    found[way][0].extend(delays)
                    found[way][1].append(lost)
            rows |= {way: figures(delays, sum(losses)) for way, (delays, losses) in found.items()}
        counters = next(told.counters for told in reversed(there.box.exchange.seen) if isinstance(told, m.Stats))
    return {"ways": rows, "counters": {name: counters[name] for name in COUNTED}}


def measure(*, quick: bool) -> tuple[dict[str, Any], list[str]]:
    """Measure in a program of its own; return its figures, and what did not go as it should."""
    order = [sys.executable, "-m", "tests.bench.delay", *(["--quick"] if quick else [])]
    done = subprocess.run(order, cwd=ROOT, stdout=subprocess.PIPE, check=False, timeout=LONGEST_S)
    if not done.stdout:
        raise RuntimeError(f"the delay was not measured: status {done.returncode}")
    found = json.loads(done.stdout)
    return found["delay"], found["problems"]


def aims(found: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the budget of each way that has one, with the worst that was found."""
    return [
        {"aim": f"{way}: delay, worst, ms", "at_most": limit, "found": (worst := found["ways"][way]["worst_ms"]),
         "met": worst <= limit}
        for way, limit in BUDGET_MS.items()
    ]  # fmt: skip


def main() -> None:
    """Measure and print; see the module."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.delay", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few and short calls: tries the bench only")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    keep_pace()
    calls, talk_s = (QUICK_CALLS, QUICK_TALK_S) if options.quick else (CALLS, TALK_S)
    found = asyncio.run(measured(calls, talk_s, options.seed))
    problems = [
        f"{way}: {row['lost']} of {row['lost'] + row['marks']} marks were not heard"
        for way, row in found["ways"].items() if row["lost"]
    ]  # fmt: skip
    print(json.dumps({
        "load_average": round(os.getloadavg()[0], 2), "delay": found, "aims": aims(found), "problems": problems,
    }, indent=1))  # fmt: skip
    for problem in problems:
        say(problem)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
