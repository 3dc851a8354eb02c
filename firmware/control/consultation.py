"""`desk.consult` and what follows: an agent asks somebody before the caller is handed over."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from msgspec import Meta

from firmware.calls.destination import Destination
from firmware.config.schema import Config
from firmware.config.values import ExtensionNumber
from firmware.control.desk import DeskMethods, Dialled
from firmware.control.methods import Asker, Role, method
from firmware.errors import BadRequest, NotFound, Problem

QueueName = Annotated[str, Meta(max_length=32, description="a queue of the configuration")]


class ConsultationMethods:
    """What an agent does who asks somebody, at their own telephone, while the caller hears music."""

    def __init__(
        self, desk: DeskMethods, config: Callable[[], Config], committed: Callable[[], Awaitable[None]]
    ) -> None:
        self._desk, self._config, self._committed = desk, config, committed

    @method("desk.consult", Role.AGENT)
    async def consult(
        self, session: Asker, number: ExtensionNumber, digits: Dialled | None = None, queue: QueueName | None = None
    ) -> None:
        """Let the agent talk with whoever answers at a number, or in a queue, while the caller hears music.

        The agent's telephone does not ring again. If nobody is reached they are back with the caller.
        """
        call, leg = self._desk.at_hand(session, number)
        if (digits is None) == (queue is None):
            raise BadRequest(problems=[Problem("digits", digits, "a number or a queue is right, and not both")])
        if queue is not None and all(known.name != queue for known in self._config().queues):
            raise NotFound(f"there is no queue {queue!r}")
        if queue is not None:
            call.consult_by(leg, Destination("queue", queue), f"queue:{queue}")
        elif digits is not None:
            call.consult_by(leg, call.plant.internal(call, digits), digits)
        await self._committed()

    @method("desk.swap", Role.AGENT)
    def swap(self, session: Asker, number: ExtensionNumber) -> None:
        """Let the agent talk with the other of caller and consulted; who was talked with so far hears music."""
        call, leg = self._desk.at_hand(session, number)
        call.swap_by(leg)

    @method("desk.complete", Role.AGENT)
    async def complete(self, session: Asker, number: ExtensionNumber) -> None:
        """Leave caller and consulted to each other; where nobody has answered yet, the caller waits in their place.

        A caller whom nobody takes then rings the agent's telephone again.
        """
        call, leg = self._desk.at_hand(session, number)
        call.complete_by(leg)
        await self._committed()

    @method("desk.reconnect", Role.AGENT)
    def reconnect(self, session: Asker, number: ExtensionNumber) -> None:
        """Hang up on whoever was consulted, and take the caller back."""
        call, leg = self._desk.at_hand(session, number)
        call.reconnect_by(leg)
