"""The way of one call through the stages."""

import asyncio
from collections.abc import Callable, Mapping

from drivers.link.causes import NORMAL_CLEARING
from firmware.calls.call import Call
from firmware.calls.destination import NOWHERE, Destination, Stage


class Visit:
    """Takes calls from stage to stage; stages never call each other."""

    def __init__(self, route: Callable[[Call], Destination], stages: Mapping[str, Stage]) -> None:
        """`route` says where an offered call goes first; `stages` are by the kind of destination they serve."""
        self._route, self._stages = route, stages

    async def handle(self, call: Call) -> None:
        """Take an offered call from first ring to last record; one of an earlier exchange, from where it was."""
        call.dismiss()
        destination = call.take_transfer()
        if destination is None and call.destination is not NOWHERE:
            destination = await self._run(call)
        elif destination is None:
            destination = self._route(call)
        while destination is not None:
            call.enter(destination)
            destination = await self._run(call)

    async def _run(self, call: Call) -> Destination | None:
        destination = call.destination
        if destination.kind == "hangup":
            call.close(int(destination.name or NORMAL_CLEARING))
            return None
        try:
            following = await self._stages[destination.kind].run(call, destination)
        except asyncio.CancelledError:
            if not call.take_moved():
                if not call.take_given_up():
                    raise  # the caller has gone
                call.give_back(0)
            following = None
        destined = call.take_transfer() or following
        if destined is None or destined.kind == "hangup":
            cause = int(destined.name or NORMAL_CLEARING) if destined is not None else NORMAL_CLEARING
            destined = call.take_transfer() if call.give_back(cause) else destined
        return destined
