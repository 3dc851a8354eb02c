"""What passes at a span or a line, as its page follows it."""

from collections import deque
from typing import Any

from firmware.errors import BusyhourError, LineNotReady, NotFound, SpanNotReady

SHOWN = 100  # signals


class Trace:
    """The last signals of a place. `why` is the code of what keeps more from being read, or ""."""

    def __init__(self, noun: str, number: int, asking: Any) -> None:
        """`noun` is `span` or `line`; `asking` asks the exchange as the visitor: a method's name, its parameters."""
        self.noun, self._number, self._asking = noun, number, asking
        self.signals: deque[dict[str, Any]] = deque(maxlen=SHOWN)
        self.last = 0
        self.why = ""

    def follow(self) -> None:
        """Take what passed since; where nothing can be read, what is known stays."""
        try:
            told = self._asking(f"{self.noun}.trace", number=self._number, after=self.last)
        except (NotFound, SpanNotReady, LineNotReady) as error:
            self.why = error.code
            return
        except BusyhourError:
            return  # the page says already that the exchange is silent
        self.why = ""
        if told["last"] < self.last:
            self.signals.clear()  # it began anew
        self.signals.extend(told["messages"])
        self.last = told["last"]
