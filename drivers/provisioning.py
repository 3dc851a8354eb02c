"""Puts a configuration in force: here, and at the edge, which is told through its tables and asked to look."""

from __future__ import annotations

import asyncio
import itertools
import logging
import socket
import sqlite3
from collections.abc import Sequence
from typing import TYPE_CHECKING

from drivers.link import messages
from drivers.link.errors import DriverError, NoDisk
from drivers.link.messages import Alarm, AlarmName, Provision, Provisioned, Refused, SipTrunk, Wrong
from drivers.sip import subscribers
from drivers.sip.edge import forwarder
from drivers.sip.edge.forwards import forwards
from drivers.sip.edge.rpc import Edge, EdgeError
from drivers.sip.trunks import Trunks

if TYPE_CHECKING:
    from drivers.gateway import Gateway

log = logging.getLogger(__name__)

AGAIN_S = 1.0
COMPLAIN_AFTER = 10  # tries: the edge takes a few seconds to start
RESOLVE_S = 300.0  # carriers move


class Provisioning:
    """Takes configurations one after the other; only the newest counts."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._edge = Edge(gateway.home)
        self.trunks = Trunks(self._edge, gateway.alarms, gateway.trunks_registered)
        self._newest: Provision | None = None
        self._one_at_a_time = asyncio.Lock()
        self._alarmed = False
        self._waiting: asyncio.Task[None] | None = None  # for an edge that does not run

    async def end_calls_of_before(self) -> None:
        """Let the edge end what calls an earlier gateway left behind; without an edge there are none."""
        try:
            ended = await asyncio.to_thread(self._edge.end_calls)
            if ended:
                log.warning("%d calls of an earlier gateway ended", ended)
        except EdgeError as error:
            log.info("no calls of before to end: %s", error)

    def take(self, command: Provision) -> None:
        """Put a configuration in force; `provisioned` follows."""
        self._newest = command
        gateway = self._gateway
        gateway.set_country(command.country)
        gateway.lines.provision(command.lines, command.setups)
        gateway.use_ports(command)
        gateway.spans.provision((*command.isdn, *command.r2), command.spans)
        if command.music:
            gateway.unattended.music = (messages.Prompt(command.music),)
        gateway.spawn(self._put_in_force(command))

    async def _put_in_force(self, command: Provision) -> None:
        told = False
        while command is self._newest or not told:
            async with self._one_at_a_time:
                if command is self._newest:  # else the newer one is in force, and was meant to replace this one
                    resolved = await asyncio.to_thread(resolve, command.trunks)
                    try:
                        self._gateway.calls.provision(command, resolved)
                        changed = await asyncio.to_thread(self._write, command, resolved)
                    except DriverError as error:
                        self._gateway.tell(Refused, command=command.id, code=error.code, text=str(error))
                        return
                    if changed or not told:
                        await self._reload(command)
                    self.trunks.provision(command.trunks, resolved)
            if not told:
                told = True
                self._gateway.tell(Provisioned, command=command.id, opermode=self._gateway.opermode)
            if not command.trunks:
                return
            await asyncio.sleep(RESOLVE_S)

    def _write(self, command: Provision, resolved: dict[str, list[str]]) -> bool:
        home = self._gateway.home
        found = forwards(command.trunks, self._gateway.edge_port)
        try:
            forwarder.write(home, found, resolved)
            return subscribers.write(
                home / "edge/subscribers.sqlite", command.realm, command.users, command.trunks, resolved, found
            )
        except (OSError, sqlite3.Error) as error:
            raise NoDisk(f"{home / 'edge'} cannot be written: {error}") from error

    async def _reload(self, command: Provision) -> None:
        """Make the edge read its tables. One that does not run yet will read them when it starts; it is told again."""
        for attempt in itertools.count(1):
            try:
                await asyncio.to_thread(self._edge.reload)
                self._alarm(False)
                return
            except EdgeError as error:
                if isinstance(error.__cause__, FileNotFoundError | ConnectionRefusedError):
                    if self._waiting is None or self._waiting.done():
                        self._waiting = asyncio.create_task(self._until_it_runs())
                    return
                if command is not self._newest:
                    return
                if attempt == COMPLAIN_AFTER:
                    self._alarm(True, str(error))
            await asyncio.sleep(AGAIN_S)

    async def _until_it_runs(self) -> None:
        for attempt in itertools.count(1):
            await asyncio.sleep(AGAIN_S)
            try:
                await asyncio.to_thread(self._edge.reload)
                self._alarm(False)
                return
            except EdgeError as error:
                if attempt == COMPLAIN_AFTER:
                    self._alarm(True, str(error))

    def close(self) -> None:
        """Wait for the edge no more."""
        if self._waiting is not None:
            self._waiting.cancel()

    def _alarm(self, raised: bool, why: str = "") -> None:
        if raised != self._alarmed:
            self._alarmed = raised
            if raised:
                log.error("the edge does not take the configuration: %s", why)
            wrong = Wrong("said", {"text": why}) if raised else None
            self._gateway.tell(Alarm, name=AlarmName.EDGE, subject="kamailio", raised=raised, wrong=wrong)


def resolve(trunks: Sequence[SipTrunk]) -> dict[str, list[str]]:
    """Return the addresses of each trunk's host by trunk name; none where a name is not known now. Blocks."""
    found = {}
    for trunk in trunks:
        try:
            entries = socket.getaddrinfo(trunk.host, trunk.port, type=socket.SOCK_DGRAM)
        except OSError as error:
            log.error("trunk %s: %s: %s", trunk.name, trunk.host, error)
            entries = []
        found[trunk.name] = sorted({str(entry[4][0]) for entry in entries}, key=lambda host: (":" in host, host))
    return found
