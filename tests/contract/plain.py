"""The real gateway with people at analog lines and plain telephones instead: the simulated office is around it."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from drivers.link import messages as m
from drivers.link.office import Fault, PlaceCall, TelephoneStatus
from drivers.link.office_client import OfficeClient, PlacedCall, Telephone
from tests.contract.peer import Link
from tests.contract.real import SocketWire, connect, leave_no_call
from tests.drivers.gateway.conftest import Bench, GatewayProcess

PORTS = {"201": 5, "202": 6}
LINES = (1, 2, 3, 4)
CLEARING_MS = 600  # the far end's hangup is told by a break, which is quicker than busy tone


class Caller:
    """Who calls by a line."""

    def __init__(self, call: PlacedCall) -> None:
        self._call = call

    async def press(self, digit: str) -> None:
        await self._call.wait_for("answered")
        await self._call.press(digit)

    async def hang_up(self) -> None:
        await self._call.wait_for("answered")
        await self._call.hang_up()


class PlainPerson:
    """Who is at a plain telephone: one flash holds, the next one takes back."""

    def __init__(self, telephone: Telephone) -> None:
        self._telephone = telephone

    async def press(self, digit: str) -> None:
        await self._telephone.dial(digit)

    async def hang_up(self) -> None:
        await self._telephone.put_down()

    async def hold(self) -> None:
        await self._telephone.flash()

    async def resume(self) -> None:
        await self._telephone.flash()


class PlainPeer:
    """A gateway process whose office has people at its far ends."""

    source = "line:"

    def __init__(self, process: GatewayProcess, office: OfficeClient) -> None:
        self.folder: Path = process.home
        self._process, self._office = process, office
        self._telephones = {number: office.telephone(port) for number, port in PORTS.items()}
        self._does: dict[str, str] = {}
        self._lines = itertools.cycle(LINES)
        self._operator = asyncio.create_task(self._answer_telephones())

    @classmethod
    @asynccontextmanager
    async def around(cls, process: GatewayProcess) -> "AsyncIterator[PlainPeer]":
        """Put people around a gateway with an office; afterwards it has no call, and all receivers are down."""
        async with await OfficeClient.connect(process.home) as office:
            peer = cls(process, office)
            await peer._configure()
            try:
                yield peer
            finally:
                peer._operator.cancel()
                for number, telephone in peer._telephones.items():
                    await telephone.put_down()
                    await peer._until(number, lambda status: not status.off_hook)
                await leave_no_call(peer)

    async def _configure(self) -> None:
        link = await Link.over(self)
        there = {number for number in PORTS if number in link.snapshot.registered}
        link.order(
            m.Provision, country="CN", lines=LINES, users=(), trunks=(), rtp_first=20000, rtp_last=20100,
            ports=tuple(m.PortSetup(port, number) for number, port in PORTS.items()),
        )  # fmt: skip
        await link.event(m.Provisioned)
        for number in PORTS.keys() - there:
            await link.event(m.RegistrationChanged, name=number, registered=True)
        for line in LINES:
            await self._office.request("fault", Fault(line=line, break_ms=CLEARING_MS))
            if link.snapshot.lines.get(line) != "idle":
                await link.event(m.LineChanged, timeout_s=10, line=line, state="idle")
        link.send(m.Ack(seq=max([link.snapshot.seq, *(event.seq for event in link.events)])))
        await link.settled()
        link.close()

    async def _answer_telephones(self) -> None:
        while True:
            for number, telephone in self._telephones.items():
                status = await self._status(number)
                if self._does.get(number) == "answer" and status.ringing and not status.lifted:
                    await telephone.lift()
            await asyncio.sleep(0.05)

    async def _status(self, number: str) -> TelephoneStatus:
        return await self._telephones[number].status()

    async def _until(self, number: str, what: Any) -> None:
        async with asyncio.timeout(10):
            while True:
                if what(await self._status(number)):
                    return
                await asyncio.sleep(0.05)

    async def open(self) -> SocketWire:
        return await connect(self._process)

    async def call_in(self, number: str) -> Caller:
        order = PlaceCall(line=next(self._lines), number=number, caller_id="dtmf", wait_s=0)
        return Caller(await self._office.call(order))

    async def telephone(self, number: str, does: str) -> None:
        self._does[number] = does
        if does == "refuse":
            await self._telephones[number].lift()
            await self._until(number, lambda status: status.off_hook)

    async def at_telephone(self, number: str) -> PlainPerson:
        return PlainPerson(self._telephones[number])

    def prompt(self, duration_s: float) -> m.Prompt:
        return Bench(self._process, None, None).prompt(f"prompt-{duration_s}", 800, duration_s)  # type: ignore[arg-type]
