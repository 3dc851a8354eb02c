"""What is done to digital spans on a person's order: a channel restarted."""

from drivers.link.errors import NoSuchChannel
from drivers.link.messages import Refused as LinkRefused
from drivers.link.messages import RestartSlot, SlotRestarted
from firmware.calls.asked import Asked
from firmware.calls.gateway import Gateway
from firmware.errors import BusyhourError, NotFound, SpanNotReady, Unavailable

TOLD_S = 10.0       # the far end has 4 s to answer


class Spans:
    """Orders to spans; within the running loop."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._asked = Asked[bool](gateway)

    async def restart(self, span: int, slot: int) -> bool:
        """Make a channel idle on both sides; say whether the far end did it too.

        Raises NotFound, SpanNotReady when it cannot be now, Unavailable.
        """
        if not self._gateway.connected:
            raise Unavailable("the gateway is not there: nothing can be said to a span")
        order = RestartSlot(id=self._gateway.next_id(), span=span, slot=slot)
        silence = f"the gateway did not restart channel {slot} of span {span} in {TOLD_S:.0f} s"
        return await self._asked.ask(order, TOLD_S, silence)

    def take(self, told: SlotRestarted | LinkRefused) -> bool:
        """Take what became of an order, if it was one of ours."""
        return self._asked.tell(told.command, told.answered if isinstance(told, SlotRestarted) else _error(told))


def _error(told: LinkRefused) -> BusyhourError:
    return (NotFound if told.code == NoSuchChannel.code else SpanNotReady)(told.text)
