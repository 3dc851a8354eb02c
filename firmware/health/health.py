"""Looks at the box every few seconds, and has what is wrong told as alarms."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Any, Protocol

from drivers.link.messages import Wrong
from firmware.acd.live import LiveQueues
from firmware.alarms import Alarms
from firmware.calls.gateway import Gateway
from firmware.clock import Clock
from firmware.config.schema import Config
from firmware.events import AlarmName, Bus
from firmware.health import carriers, edge, media, programs
from firmware.health import clock as clocks
from firmware.health import disk as disks
from firmware.health.finding import Finding, Judge
from firmware.health.machine import Facts

log = logging.getLogger(__name__)
EVERY_S = 5.0
NAMES = (*disks.NAMES, *clocks.NAMES, *programs.NAMES, *media.NAMES, *edge.NAMES, *carriers.NAMES, AlarmName.QUEUE_WAIT)


class Looks(Protocol):
    """A machine to look at (firmware.health.machine.Machine)."""

    def look(self) -> Facts:
        """Return how it is now."""
        ...

    def meet(self, host: str, port: int, authority: str) -> carriers.Meeting:
        """Meet a carrier that speaks TLS (firmware.health.carriers.meet)."""
        ...


# Carries out work that waits for the disk, off the event loop
Run = Callable[[Callable[[], Any]], Awaitable[Any]]


class Health:
    """All that watches over the box."""

    def __init__(
        self,
        machine: Looks,
        *,
        alarms: Alarms,
        bus: Bus,
        clock: Clock,
        config: Callable[[], Config],
        gateway: Gateway,
        queues: LiveQueues,
        run: Run = asyncio.to_thread,
    ) -> None:
        self._machine, self._run, self._config = machine, run, config
        self._gateway, self._queues = gateway, queues
        self._loop = asyncio.get_running_loop()
        self._judge = Judge(alarms, bus, clock, self._loop.time)
        self._disk, self._clock, self._media = disks.DiskWatch(), clocks.ClockWatch(), media.MediaWatch()
        self._edge, self._carriers = edge.EdgeWatch(), carriers.CarrierWatch(machine.meet)

    async def watch(self) -> None:
        """Look until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._watch_carriers())
            group.create_task(self._watch_box())

    async def _watch_carriers(self) -> None:
        """Meet carriers until cancelled: one that does not answer must not keep the rest of the box from being seen."""
        while True:
            try:
                await self._run(partial(self._carriers.look, self._config().trunks))
            except Exception:
                log.exception("carriers could not be met")
            await asyncio.sleep(carriers.EVERY_S)

    async def _watch_box(self) -> None:
        while True:
            try:
                facts: Facts = await self._run(self._machine.look)
                self._judge.take(self._findings(facts), NAMES)
            except Exception:  # one sight that cannot be borne must not end the watch
                log.exception("the box could not be looked at")
            await asyncio.sleep(EVERY_S)

    def _findings(self, facts: Facts) -> Iterator[Finding]:
        settings = self._config().alarms
        yield from self._disk.look(facts, settings)
        yield from self._clock.look(facts, settings)
        yield from self._edge.look(facts)
        yield from self._carriers.findings()
        yield from programs.look(facts.programs, facts.wall_s, self._gateway.connected)
        yield from self._media.look(self._loop.time(), self._gateway.epoch, self._gateway.counters, settings)
        for queue in self._queues.table() if settings.queue_wait_s else ():
            told = Wrong("waits", {"waiting": queue.waiting, "longest_s": round(queue.longest_wait_s)})
            long = queue.waiting and queue.longest_wait_s >= settings.queue_wait_s
            yield Finding(AlarmName.QUEUE_WAIT, queue.name, told if long else None)
