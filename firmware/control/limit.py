"""`limit.*`: what was called outside today, and how much is left."""

from collections.abc import Awaitable, Callable

from firmware.control.methods import Asker, Role, method
from firmware.pbx.limits import Limits, LimitStatus


class LimitMethods:
    """What can be asked of the daily limits."""

    def __init__(self, limits: Limits, committed: Callable[[], Awaitable[None]]) -> None:
        """`committed` returns when all that happened is on disk; it raises NoStorage when it cannot be."""
        self._limits, self._committed = limits, committed

    @method("limit.list", Role.SUPERVISOR)
    def table(self) -> list[LimitStatus]:
        """Return the box's limits, and those of extensions that called outside today."""
        return self._limits.table()

    @method("limit.reset", Role.ADMIN)
    async def reset(self, session: Asker) -> list[LimitStatus]:
        """Let today's counting begin anew."""
        self._limits.reset(session.who)
        await self._committed()
        return self._limits.table()
