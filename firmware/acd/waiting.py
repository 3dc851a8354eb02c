"""Someone who waits in a queue."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from firmware.calls.leg import Leg


@dataclass(eq=False)
class WaitingCaller:
    """A caller's place. `since_s` is Unix time, kept over restarts; `ring` makes an agent's telephone ring.

    `end` is how the waiting ends: the leg of the agent who has the caller, or None when there is nothing to wait for.
    """

    call: str
    queue: str
    since_s: float
    ring: Callable[[str], None] = lambda number: None
    offers: dict[str, Leg | None] = field(default_factory=dict)    # by agent; None until the telephone is dialled
    end: asyncio.Future[Leg | None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    alone: asyncio.TimerHandle | None = None    # runs while nobody is logged in
    free: asyncio.Event = field(default_factory=asyncio.Event)    # not while an agent is being connected
    served: bool = False    # agents may be rung: from the recording notice's end until the longest wait is over

    def __post_init__(self) -> None:
        self.free.set()

    def taken(self) -> bool:
        """Tell whether an agent has answered and is being connected."""
        return not self.free.is_set()

    def finish(self, answered: Leg | None) -> None:
        """End the waiting, once."""
        if not self.end.done():
            self.end.set_result(answered)

    def attended(self, there: bool, patience_s: float) -> None:
        """Say whether any agent is logged in; the caller waits so long for somebody to be."""
        if there and self.alone is not None:
            self.alone.cancel()
            self.alone = None
        elif not there and self.alone is None:
            self.alone = asyncio.get_running_loop().call_later(patience_s, self.finish, None)
