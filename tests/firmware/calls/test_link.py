"""The wire to the gateway: what a program at its other end may do wrong, and what comes of it."""

import asyncio
import contextlib
import shutil
import tempfile
from pathlib import Path

import msgspec
import pytest

from drivers.link.framing import encode
from drivers.link.messages import Hello, LineChanged, Order, Provision, Snapshot, Stats
from firmware.calls.gateway import Gateway
from firmware.calls.link import Link, connect
from firmware.clock import Clock

HELLO = encode(Hello(epoch="g1", last_seq=0))
SNAPSHOT = encode(Snapshot(seq=0, channels=(), lines={}, registered=()))


def news(seq):
    return LineChanged(seq=seq, at_s=1.0, line=seq, state="idle")


@pytest.fixture
def path():
    folder = Path(tempfile.mkdtemp(prefix="bh-", dir="/tmp"))
    yield folder / "gateway.sock"
    shutil.rmtree(folder)


class Peer:
    """A gateway that says what a test wants: one list of bytes a connection, then waits or closes."""

    def __init__(self, path, *connections, close=True):
        self._path, self._connections, self._close = path, list(connections), close
        self.heard: list[bytes] = []
        self.count = 0

    async def __aenter__(self):
        self._server = await asyncio.start_unix_server(self._connected, self._path)
        return self

    async def __aexit__(self, *_):
        self._server.close()

    async def _connected(self, reader, writer):
        self.count += 1
        said = self._connections.pop(0) if self._connections else [HELLO, SNAPSHOT]
        for line in said:
            writer.write(line)
        with contextlib.suppress(ConnectionError):
            await writer.drain()
            if not self._close or not self._connections:
                while line := await reader.readline():
                    self.heard.append(line)
        writer.close()


async def listening(path, *, until):
    """Run a link at the path until something is so; return the gateway and the news it told."""
    gateway = Gateway("x1", Clock(asyncio.get_running_loop()))
    told = []
    gateway.on_news = told.append
    link = asyncio.create_task(Link(gateway, lambda: connect(path)).run())
    await so(lambda: until(gateway, told))
    link.cancel()
    return gateway, told


async def so(happened):
    """Wait until something is so."""
    async with asyncio.timeout(5):
        while not happened():  # noqa: ASYNC110 - a test looks from outside
            await asyncio.sleep(0.01)


def test_hello_snapshot_and_events_arrive_over_a_real_socket(path):
    async def test():
        stats = encode(Stats(at_s=5.0, counters={"late_ticks": 1.0}))
        async with Peer(path, [HELLO, SNAPSHOT, encode(news(1)), stats, encode(news(2))]):
            gateway, told = await listening(path, until=lambda gateway, told: len(told) == 2)
        assert (told, gateway.epoch, gateway.synchronised) == ([news(1), news(2)], "g1", True)
        assert gateway.counters == {"late_ticks": 1.0}

    asyncio.run(test())


@pytest.mark.parametrize(
    "nonsense",
    [
        [b"not json at all\n"],
        [b'{"type":"hello","epoch":"g1","last_seq":0,"unknown":1}\n'],
        [SNAPSHOT],
        [HELLO, HELLO],
        [HELLO, SNAPSHOT, b'{"type":"offered"}\n'],
        [HELLO, SNAPSHOT, b"\xff\xfe\n"],
        [HELLO, SNAPSHOT, b'{"type":"stats","at_s":1.0,"coun'],
        [HELLO, SNAPSHOT, b"x" * 5_000_000],
    ],
    ids=["no json", "unknown field", "no hello", "no snapshot", "missing field", "no utf-8", "half a line", "no end"],
)
def test_after_nonsense_it_connects_anew_and_all_is_well(path, nonsense, caplog):
    async def test():
        async with Peer(path, nonsense, [HELLO, SNAPSHOT, encode(news(1))]) as peer:
            gateway, told = await listening(path, until=lambda gateway, told: told)
            assert peer.count == 2
        assert (told, gateway.connected or gateway.lost_s > 0) == ([news(1)], True)

    asyncio.run(test())
    assert "gateway" in caplog.text


def test_it_waits_for_a_gateway_that_is_not_there_yet(path):
    async def test():
        gateway = Gateway("x1", Clock(asyncio.get_running_loop()))
        link = asyncio.create_task(Link(gateway, lambda: connect(path)).run())
        await asyncio.sleep(0.5)
        assert not gateway.connected
        async with Peer(path, close=False):
            await so(lambda: gateway.connected)
            link.cancel()

    asyncio.run(test())


def test_orders_reach_the_gateway_as_lines_each_with_its_id(path):
    async def test():
        async with Peer(path, close=False) as peer:
            gateway = Gateway("x1", Clock(asyncio.get_running_loop()))
            gateway.provision = lambda: Provision(
                id=gateway.next_id(), country="CN", lines=(1,), users=(), trunks=(), rtp_first=1, rtp_last=2
            )
            link = asyncio.create_task(Link(gateway, lambda: connect(path)).run())
            await so(lambda: len(peer.heard) == 1)
            gateway.release("g1-1", 16)
            await so(lambda: len(peer.heard) == 2)
            link.cancel()
            orders = [msgspec.json.decode(line, type=Order) for line in peer.heard]
            assert [order.id for order in orders] == ["x1.1", "x1.2"]

    asyncio.run(test())
