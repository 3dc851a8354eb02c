"""Whom the edge keeps out, as the gateway tells it every few seconds, and how somebody is let in again."""

import asyncio

from drivers.link.messages import BanLifted, Guarded, LiftBan, Refused
from firmware.calls.gateway import Gateway
from firmware.errors import Unavailable

TOLD_S = 10.0


class Bans:
    """The edge's bans; within the running loop."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._asked: dict[str, asyncio.Future[bool]] = {}

    def now(self) -> Guarded | None:
        """Return whom the edge keeps out and turned away, None where that is not known."""
        return self._gateway.guarded

    async def lift(self, address: str) -> bool:
        """Have the edge listen to an address again; tell whether it was banned. Raises Unavailable."""
        if not self._gateway.connected:
            raise Unavailable("the gateway is not there: nothing can be said to the edge")
        order = LiftBan(id=self._gateway.next_id(), address=address)
        future = self._asked[order.id] = asyncio.get_running_loop().create_future()
        self._gateway.send(order)
        try:
            return await asyncio.wait_for(future, TOLD_S)
        except TimeoutError:
            raise Unavailable(f"the gateway did not lift the ban of {address} within {TOLD_S:.0f} s") from None
        finally:
            self._asked.pop(order.id, None)

    def take(self, told: BanLifted | Refused) -> bool:
        """Take what became of an order, if it was one of ours."""
        future = self._asked.get(told.command)
        if future is None or future.done():
            return future is not None
        if isinstance(told, BanLifted):
            future.set_result(told.was)
        else:
            future.set_exception(Unavailable(told.text))
        return True
