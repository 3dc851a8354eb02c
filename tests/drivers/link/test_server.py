"""The gateway's end of the link: an exchange that reads gets everything, one that does not is let go of."""

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import msgspec

from drivers.clock import Clock
from drivers.link import framing
from drivers.link import messages as m
from drivers.link.server import LinkServer

PATIENCE_S = 30.0

_upward: msgspec.json.Decoder[m.Upward] = msgspec.json.Decoder(m.Upward)


class Changes:
    """What the server told of exchanges: True for one that came, False for one that went."""

    def __init__(self) -> None:
        self.seen: list[bool] = []
        self._went = asyncio.Event()

    def note(self, connected: bool) -> None:
        """Take note."""
        self.seen.append(connected)
        if not connected:
            self._went.set()

    async def gone(self) -> float:
        """Return how long it took until the exchange was let go of."""
        began = time.monotonic()
        await self._went.wait()
        return time.monotonic() - began


def with_server(
    tmp_path: Path, test: Callable[[LinkServer, Changes], Awaitable[None]], deaf_s: float,
    carry_out: Callable[[m.Order], None] = lambda order: None,
) -> None:  # fmt: skip
    """Run a test beside a server."""

    async def run() -> None:
        changes = Changes()

        def snapshot(seq: int) -> m.Snapshot:
            return m.Snapshot(seq=seq, channels=(), lines={}, registered=())

        server = LinkServer(
            tmp_path / "gateway.sock", "e1", Clock(), snapshot, carry_out, changes.note, deaf_s
        )
        await server.start()
        try:
            async with asyncio.timeout(PATIENCE_S):
                await test(server, changes)
        finally:
            await server.close()

    asyncio.run(run())


def fill(server: LinkServer, number: int) -> None:
    """Let so many callers come in, with the longest numbers and names there can be."""
    for count in range(number):
        server.tell(
            m.Offered, channel=f"{server.epoch}-{count}", source="trunk:" + "t" * 32, did="4" * 64,
            caller_number="1" * 64, caller_name="李" * 80,
        )


def test_an_exchange_that_comes_back_gets_all_of_a_full_outbox(tmp_path: Path) -> None:
    async def test(server: LinkServer, changes: Changes) -> None:
        fill(server, server.outbox.limit)
        waiting = sum(len(line) for line in server.outbox)
        assert waiting > 20 * 1024 * 1024
        reader, writer = await asyncio.open_unix_connection(server.path, limit=framing.LINE_BYTES)
        told = []
        while len(told) < server.outbox.limit + 2:
            line = await framing.read_line(reader)
            assert line is not None, f"the link ended after {len(told)} messages"
            told.append(_upward.decode(line))
            if len(told) % 10_000 == 0:
                await asyncio.sleep(0.1)  # it has to write them down
        assert isinstance(told[0], m.Hello)
        assert isinstance(told[1], m.Snapshot)
        assert [event.seq for event in told[2:] if isinstance(event, m.Event)] == [*range(1, server.outbox.limit + 1)]
        writer.write(framing.encode(m.Ack(seq=server.outbox.limit)) + b"no message\n")
        line = await framing.read_line(reader)
        assert line is not None
        assert isinstance(_upward.decode(line), m.Refused)
        assert (len(server.outbox), server.outbox.lost) == (1, 0)
        assert changes.seen == [True]
        writer.close()

    with_server(tmp_path, test, deaf_s=2.0)


def test_what_happens_while_the_outbox_is_told_comes_after_it_in_order(tmp_path: Path) -> None:
    async def test(server: LinkServer, changes: Changes) -> None:
        fill(server, 10_000)
        reader, writer = await asyncio.open_unix_connection(server.path, limit=framing.LINE_BYTES)
        seqs = []
        while len(seqs) < 10_200:
            line = await framing.read_line(reader)
            assert line is not None
            message = _upward.decode(line)
            if isinstance(message, m.Event):
                seqs.append(message.seq)
                if len(seqs) % 100 == 0 and server.outbox.last_seq < 10_200:
                    fill(server, 2)
        assert seqs == [*range(1, 10_201)]
        writer.close()

    with_server(tmp_path, test, deaf_s=2.0)


def test_an_exchange_that_reads_nothing_is_cut_off(tmp_path: Path) -> None:
    async def test(server: LinkServer, changes: Changes) -> None:
        fill(server, 5_000)
        with socket.socket(socket.AF_UNIX) as deaf:
            deaf.connect(str(server.path))
            took_s = await changes.gone()
            assert changes.seen == [True, False]
            assert 0.3 < took_s < 3
        assert len(server.outbox) == 5_000  # for the next one

    with_server(tmp_path, test, deaf_s=0.5)


def test_an_exchange_that_stops_reading_is_cut_off_and_one_that_is_slow_is_not(tmp_path: Path) -> None:
    async def test(server: LinkServer, changes: Changes) -> None:
        fill(server, 5_000)
        with socket.socket(socket.AF_UNIX) as slow:
            slow.setblocking(False)
            slow.connect(str(server.path))
            read = 0
            until = time.monotonic() + 3 * server.deaf_s
            while time.monotonic() < until:
                await asyncio.sleep(0.1)
                read += len(await asyncio.get_running_loop().sock_recv(slow, 100_000))
            assert changes.seen == [True]
            assert read < sum(len(line) for line in server.outbox)
            await changes.gone()
            assert changes.seen == [True, False]

    with_server(tmp_path, test, deaf_s=0.8)


def test_what_is_under_way_still_comes_when_the_gateway_ends(tmp_path: Path) -> None:
    async def test(server: LinkServer, changes: Changes) -> None:
        fill(server, 3_000)
        reader, writer = await asyncio.open_unix_connection(server.path, limit=framing.LINE_BYTES)
        assert await framing.read_line(reader) is not None
        ending = asyncio.create_task(server.close())
        count = 1
        while await framing.read_line(reader) is not None:
            count += 1
        await ending
        assert count == 3_002
        writer.close()

    with_server(tmp_path, test, deaf_s=2.0)


def test_all_that_an_exchange_can_say_again_is_carried_out_once_and_what_it_cannot_is_forgotten(tmp_path: Path) -> None:
    carried_out: list[str] = []
    done, last = asyncio.Event(), ""
    ids = [f"x1.{number}" for number in range(2 * m.KEPT_ORDERS)]

    async def say(server: LinkServer, told: Sequence[str]) -> None:
        """Connect, give these orders, and return when the last one was carried out."""
        nonlocal last
        last = told[-1]
        _, writer = await asyncio.open_unix_connection(server.path)
        for order in told:
            writer.write(framing.encode(m.Answer(id=order, channel="c")))
        async with asyncio.timeout(PATIENCE_S):
            await done.wait()
        done.clear()
        writer.close()

    async def test(server: LinkServer, changes: Changes) -> None:
        await say(server, ids)
        assert carried_out == ids
        carried_out.clear()
        await say(server, [*ids[-m.KEPT_ORDERS :], ids[0]])
        assert carried_out == [ids[0]]

    def carry_out(order: m.Order) -> None:
        carried_out.append(order.id)
        if order.id == last:
            done.set()

    with_server(tmp_path, test, deaf_s=10.0, carry_out=carry_out)
