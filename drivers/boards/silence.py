"""The last resort for a line that does not tell of a hangup: a talk in which nothing is heard either way for long."""

import asyncio
from collections.abc import Callable

LOOK_S = 0.5  # between two looks at levels of 200 ms: no speech escapes them for minutes


class SilenceWatch:
    """Watches one talk, from now until `stop` or until it was silent for `after_s`."""

    def __init__(self, after_s: float, sounding: Callable[[], bool], ended: Callable[[], None]) -> None:
        """`sounding` tells whether something is heard at this moment; `ended` is told once of the silence."""
        self._after_s, self._sounding, self._ended = after_s, sounding, ended
        self._loop = asyncio.get_running_loop()
        self._heard_s = self._loop.time()
        self._timer = self._loop.call_later(LOOK_S, self._look)

    def stop(self) -> None:
        """Watch no more."""
        self._timer.cancel()

    def _look(self) -> None:
        if self._sounding():
            self._heard_s = self._loop.time()
        if self._loop.time() - self._heard_s >= self._after_s:
            self._ended()
        else:
            self._timer = self._loop.call_later(LOOK_S, self._look)
