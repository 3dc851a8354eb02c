"""Does things to an analog wire's hook, and again what the kernel is not ready for: the last that is wanted counts."""

import asyncio
import logging
from collections.abc import Callable

from drivers.boards.dahdi import device
from native.dahdi import Hook

log = logging.getLogger(__name__)

AGAIN_S = 0.05      # after the kernel has not done the last hook yet
AGAIN_TIMES = 40    # it takes at most 1.5 s for one


class Hooks:
    """The hook of one channel; `name` is for the log."""

    def __init__(self, fd: int, name: str) -> None:
        self._fd, self._name = fd, name
        self._again: asyncio.TimerHandle | None = None

    def do(self, what: Hook, done: Callable[[], None] = lambda: None) -> None:
        """Do that now, or as soon as the kernel can, and then call `done`; what was wanted before is wanted no more."""
        self.stop()
        self._carry_out(what, done, AGAIN_TIMES)

    def stop(self) -> None:
        """Try nothing again."""
        if self._again is not None:
            self._again.cancel()
            self._again = None

    def _carry_out(self, what: Hook, done: Callable[[], None], times: int) -> None:
        self._again = None
        try:
            carried_out = device.hook(self._fd, what)
        except OSError as error:
            log.error("%s: hook %s: %s", self._name, what.name, error)
            return
        if carried_out:
            done()
        elif times:
            self._again = asyncio.get_running_loop().call_later(AGAIN_S, self._carry_out, what, done, times - 1)
        else:
            log.error("%s does not take its hook", self._name)
