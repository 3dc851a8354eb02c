"""The real gateway as the contract suite sees it: a process, its link, and scripted SIP parties."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from drivers.link import framing
from drivers.link import messages as m
from drivers.link.office import Parallel
from drivers.link.office_client import OfficeClient
from tests.contract.peer import Link
from tests.drivers.gateway.conftest import Bench, GatewayProcess
from tests.drivers.gateway.far_end import Dialog, FarEnd, far_end
from tests.drivers.office.program import OfficeProgram

_upward: msgspec.json.Decoder[m.Upward] = msgspec.json.Decoder(m.Upward)


class SocketWire:
    """A connection over the gateway's own socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    def send(self, message: m.Downward) -> None:
        self._writer.write(framing.encode(message))

    async def receive(self) -> m.Upward | None:
        line = await framing.read_line(self._reader)
        return None if line is None else _upward.decode(line)

    def close(self) -> None:
        self._writer.close()


async def connect(process: GatewayProcess) -> SocketWire:
    """Connect an exchange to a gateway."""
    reader, writer = await asyncio.open_unix_connection(process.home / "run/gateway.sock", limit=framing.LINE_BYTES)
    return SocketWire(reader, writer)


async def leave_no_call(peer: Any) -> None:
    """End what calls there are, and let the gateway forget all that it has told."""
    link = await Link.over(peer)
    for state in link.snapshot.channels:
        link.order(m.Hangup, channel=state.channel)
        await link.event(m.Hungup, channel=state.channel)
    link.send(m.Ack(seq=max([link.snapshot.seq, *(event.seq for event in link.events)])))
    await link.settled()
    await asyncio.sleep(0.05)
    link.close()


class SipPerson:
    """Who is at the far end of a SIP dialog."""

    def __init__(self, dialog: Dialog) -> None:
        self._dialog = dialog

    async def press(self, digit: str) -> None:
        await self._dialog.voice.press(digit, duration_s=0.06)
        await asyncio.sleep(0.06)

    async def hang_up(self) -> None:
        self._dialog.bye()
        await self._dialog.status(200, method="BYE")

    async def hold(self) -> None:
        await self._dialog.hold()

    async def resume(self) -> None:
        await self._dialog.hold("sendrecv")

    async def transfer(self, number: str, consulted: Any = None) -> None:
        dialog, replaces = consulted._dialog if consulted else None, ""
        if dialog is not None:
            tags = [address.rpartition("tag=")[2] for address in (dialog.to, dialog.from_)]
            replaces = "?Replaces=" + quote(f"{dialog.call_id};to-tag={tags[0]};from-tag={tags[1]}", safe="")
        self._dialog.request("REFER", headers=f"Refer-To: <sip:{number}@busyhour{replaces}>\r\n")
        await self._dialog.status(202, method="REFER")
        assert "SIP/2.0 100 Trying" in (await self._dialog.asked("NOTIFY")).body

    async def transferred(self) -> bool:
        notify = await self._dialog.asked("NOTIFY")
        assert notify.header("subscription-state") == "terminated;reason=noresource"
        return notify.body.startswith("SIP/2.0 200 ")


class RealPeer:
    """A gateway process and its people."""

    source = "trunk:"

    def __init__(self, process: GatewayProcess, far: FarEnd) -> None:
        self.folder: Path = process.home
        self._process, self._far = process, far
        self._telephones: dict[str, str] = {}
        self._newest: dict[str, Dialog] = {}
        self._count = 0
        self._office: OfficeProgram | None = None
        self._operator = asyncio.create_task(self._answer_telephones())

    @classmethod
    @asynccontextmanager
    async def around(cls, process: GatewayProcess) -> "AsyncIterator[RealPeer]":
        """Put people around a gateway; afterwards it has no call."""
        peer = cls(process, await far_end(process.edge_port, ("127.0.0.1", process.sip_port)))
        try:
            yield peer
        finally:
            await leave_no_call(peer)
            peer._operator.cancel()
            peer._far.close()
            if peer._office is not None:
                peer._office.close()

    async def _answer_telephones(self) -> None:
        while True:
            dialog = await self._far.invites.get()
            assert dialog.invite is not None
            number = dialog.invite.first.partition("sip:")[2].partition("@")[0]
            self._newest[number] = dialog
            does = self._telephones[number]
            if does == "refuse":
                dialog.refuse(486, "Busy Here")
                continue
            dialog.ring()
            if does == "answer":
                dialog.accept()

    async def open(self) -> SocketWire:
        return await connect(self._process)

    async def call_in(self, number: str) -> SipPerson:
        self._count += 1
        dialog = Dialog(self._far, f"contract-{id(self)}-{self._count}")
        dialog.call(from_=f"<sip:{number}@carrier>")
        return SipPerson(dialog)

    async def telephone(self, number: str, does: str) -> None:
        self._telephones[number] = does

    async def at_telephone(self, number: str) -> SipPerson:
        return SipPerson(self._newest[number])

    def plug_in(self) -> None:
        self._office = OfficeProgram(self._process.home)

    async def parallel(self, line: int, lifted: bool) -> None:
        async with await OfficeClient.connect(self._process.home) as office:
            await office.request("parallel", Parallel(line=line, act="lift" if lifted else "put_down"))

    def prompt(self, duration_s: float) -> m.Prompt:
        bench = Bench(self._process, None, self._far)  # type: ignore[arg-type]
        return bench.prompt(f"prompt-{duration_s}", 800, duration_s)

