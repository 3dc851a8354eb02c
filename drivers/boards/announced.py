"""What announces a caller on an idle line, before a ring or beside it: keys, a reversal of the polarity, a message."""

from collections.abc import Callable
from typing import Literal

from drivers.boards.habits import Habits
from drivers.boards.user import Caller
from native.media import Happening

KEYS_APART_S = 0.5      # at most, of a caller id by DTMF
KEYS_KEPT_S = 12.0      # they come up to 6 s before the first ring, and without a number the second is waited for
REVERSED_S = 3.0        # from a reversal of the polarity that announces a caller to the first ring, at most
ANOTHER_CALLER_S = 2.0  # one message is told once; so long after, it is another call's
WITHHELD = 1            # `number` of a caller_id happening
LONG_AGO_S = float("-inf")


class Announced:
    """One line's; times are those of the loop."""

    def __init__(self, habits: Habits, now_s: Callable[[], float]) -> None:
        self._habits, self._now_s = habits, now_s
        self._key_s = self._reversed_s = self._message_s = LONG_AGO_S
        self._keys = ""
        self.kind: Literal["fsk", "keys"] = "fsk"  # of the last message
        self.another = False  # the last message was not that of the call of the one before

    @property
    def under_way(self) -> bool:
        """Whether a caller is being announced, as far as can be known before the number has come whole."""
        return self._now_s() - self._key_s < KEYS_APART_S or self._now_s() - self._reversed_s < REVERSED_S

    @property
    def keys(self) -> str:
        """The keys that were heard lately and of which no message has come."""
        return self._keys if self._now_s() - self._key_s < KEYS_KEPT_S else ""

    def key(self, key: str) -> None:
        """Take that a key was heard."""
        self._keys = (self._keys if self._now_s() - self._key_s < KEYS_APART_S else "") + key
        self._key_s = self._now_s()

    def reversed(self) -> None:
        """Take that the polarity of the idle line was reversed."""
        self._reversed_s = self._now_s()

    def message(self, happening: Happening) -> Caller:
        """Take a caller id that came whole, by whichever way; return who calls."""
        before_s, self._message_s = self._message_s, self._now_s()
        self.another = self._message_s - before_s > ANOTHER_CALLER_S
        self._habits.caller_id = self.kind = "keys" if self._message_s - self._key_s < KEYS_APART_S else "fsk"
        self._keys = ""
        number, _, name = happening.value.partition("\t")
        return Caller(number, name, happening.number == WITHHELD)
