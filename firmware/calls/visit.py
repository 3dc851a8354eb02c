"""The way of one call through the stages."""

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
        following = await self._stages[destination.kind].run(call, destination)
        return call.take_transfer() or following
