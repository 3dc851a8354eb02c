"""The exchange: composes all rooms, and takes each call from its first ring to its last record."""

import logging
from collections.abc import Callable, Mapping

from firmware.calls.call import Call
from firmware.calls.destination import NOWHERE, Destination, Stage

log = logging.getLogger(__name__)


class Visit:
    """Takes calls from stage to stage."""

    def __init__(self, route: Callable[[Call], Destination], stages: Mapping[str, Stage]) -> None:
        self.route = route
        self.stages = stages

    async def handle(self, call: Call) -> None:
        """Take an offered call from first ring to last record; one of an earlier exchange, from where it was."""
        destination = call.take_transfer()
        if destination is None and call.destination is not NOWHERE:
            destination = await self._run(call)
        elif destination is None:
            destination = self.route(call)
        while destination is not None:
            call.enter(destination)
            destination = await self._run(call)

    async def _run(self, call: Call) -> Destination | None:
        destination = call.destination
        if destination.kind == "hangup":
            call.close(int(destination.name or 16))
            return None
        following = await self.stages[destination.kind].run(call, destination)
        return call.take_transfer() or following
