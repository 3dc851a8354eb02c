"""Orders to the gateway whose outcome somebody waits for."""

import asyncio
from typing import Generic, TypeVar

from drivers.link.messages import Order
from firmware.calls.gateway import Gateway
from firmware.errors import BusyhourError, Unavailable

T = TypeVar("T")


class Asked(Generic[T]):
    """Those that are under way, by their ids; within the running loop."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._futures: dict[str, asyncio.Future[T]] = {}

    async def ask(self, order: Order, within_s: float, silence: str) -> T:
        """Give an order, and return what came of it.

        Raises what it was refused for, and Unavailable, which says `silence`, when nothing is told in time.
        """
        future = self._futures[order.id] = asyncio.get_running_loop().create_future()
        self._gateway.send(order)
        try:
            return await asyncio.wait_for(future, within_s)
        except TimeoutError:
            raise Unavailable(silence) from None
        finally:
            self._futures.pop(order.id, None)

    def tell(self, command: str, came: T | BusyhourError) -> bool:
        """Tell whoever waits what came of an order, or why it was refused; say whether it was one of these."""
        future = self._futures.get(command)
        if future is not None and not future.done():
            if isinstance(came, BusyhourError):
                future.set_exception(came)
            else:
                future.set_result(came)
        return future is not None
