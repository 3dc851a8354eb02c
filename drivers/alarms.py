"""The gateway's alarms: what is wrong for long enough is told once, and once when it is over."""

import asyncio
from collections.abc import Callable

from drivers.link.messages import Alarm, AlarmName, Wrong

AFTER_S = 5.0  # a shorter break of a battery is a hangup, of a board's wire a restart
OVER_S = 3.0


class Alarms:
    """Whoever sees something says how it is, as often as it likes; only what lasts becomes an alarm."""

    def __init__(self, tell: Callable[..., None]) -> None:
        """`tell` is that of the link."""
        self._tell = tell
        self._raised: set[tuple[AlarmName, str]] = set()
        # And what is wrong then
        self._coming: dict[tuple[AlarmName, str], tuple[asyncio.TimerHandle, Wrong | None]] = {}

    def say(self, name: AlarmName, subject: str, wrong: Wrong | None, after_s: float = AFTER_S) -> None:
        """Say what is wrong with a subject, None that all is well; it is told when it has been so for `after_s`."""
        key = (name, subject)
        raised, (coming, becomes) = key in self._raised, self._coming.get(key, (None, None))
        if coming is not None:
            if (becomes is None) == (wrong is None):
                return
            coming.cancel()
            del self._coming[key]
        if raised != (wrong is not None):
            timer = asyncio.get_running_loop().call_later(after_s if wrong else OVER_S, self._change, key)
            self._coming[key] = (timer, wrong)

    def forget(self, name: AlarmName, subject: str) -> None:
        """Take back at once what was said of a subject that is no more."""
        key = (name, subject)
        if key in self._coming:
            self._coming.pop(key)[0].cancel()
        if key in self._raised:
            self._coming[key] = (asyncio.get_running_loop().call_later(0, lambda: None), None)
            self._change(key)

    def _change(self, key: tuple[AlarmName, str]) -> None:
        _, wrong = self._coming.pop(key)
        self._raised.symmetric_difference_update({key})
        self._tell(Alarm, name=key[0], subject=key[1], raised=wrong is not None, wrong=wrong)
