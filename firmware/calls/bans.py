"""Whom the edge keeps out, as the gateway tells it every few seconds, and how somebody is let in again."""

from drivers.link.messages import BanLifted, Guarded, LiftBan, Refused
from firmware.calls.asked import Asked
from firmware.calls.gateway import Gateway
from firmware.errors import Unavailable

TOLD_S = 10.0


class Bans:
    """The edge's bans; within the running loop."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._asked = Asked[bool](gateway)

    def now(self) -> Guarded | None:
        """Return whom the edge keeps out and turned away, None where that is not known."""
        return self._gateway.guarded

    async def lift(self, address: str) -> bool:
        """Have the edge listen to an address again; tell whether it was banned. Raises Unavailable."""
        if not self._gateway.connected:
            raise Unavailable("the gateway is not there: nothing can be said to the edge")
        order = LiftBan(id=self._gateway.next_id(), address=address)
        silence = f"the gateway did not lift the ban of {address} within {TOLD_S:.0f} s"
        return await self._asked.ask(order, TOLD_S, silence)

    def take(self, told: BanLifted | Refused) -> bool:
        """Take what became of an order, if it was one of ours."""
        return self._asked.tell(told.command, told.was if isinstance(told, BanLifted) else Unavailable(told.text))
