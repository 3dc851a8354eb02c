"""One timeslot spoken to by MFC/R2: line signals of ITU-T Q.421 and register signals of Q.441, by openr2.

It has no descriptor, no clock, no thread and no sound: bits come by `receive`, the tones that somebody heard by `hear`;
bits, tones to be sent and which tones to listen for go by what it was given; timers go by its clock, and what happened
is taken by `take`. A line has one call at most, from `Seized` or `call` until `Freed`, which always comes: where openr2
would wait for ever for the far end, we do not.
"""

from collections.abc import Callable
from typing import Literal, NamedTuple

VARIANTS: dict[str, bytes]      # by our names
CATEGORIES: dict[str, int]
TONES: str                      # of each direction, as they are written: 1 to 9, 0 (10), B (11) to F (15)

class R2Error(Exception):
    """It cannot be done; the text says why: the line is not free, or there is no such call any more."""

class Seized(NamedTuple):
    """The far end begins a call."""

class Offered(NamedTuple):
    """It has said whom it calls. `caller` is empty where it said none, or (`restricted`) would not."""

    did: str
    caller: str
    restricted: bool
    category: str

class Accepted(NamedTuple):
    """The called side has said that its subscriber is free; from now on there is sound, and no more tones are ours."""

class Answered(NamedTuple):
    """The far end answered."""

class Collided(NamedTuple):
    """Both sides seized at once, and both let go; `Freed` follows. The call is to be tried again, on another line."""

class Cleared(NamedTuple):
    """The far end, or a fault, ended the call (Q.850); `Freed` follows, and nothing is to be done."""

    cause: int

class Freed(NamedTuple):
    """The last of every call, whoever ended it. The line can be used again once `free` says so."""

class Changed(NamedTuple):
    """The far end blocked the line while it had no call, or made it idle: `free` is another now."""

Event = Seized | Offered | Accepted | Answered | Collided | Cleared | Freed | Changed

class Line:
    """One timeslot. All lines are of one thread; what it was given is called from within its acts, at their end.

    `send_bits(abcd)`, `send_tone(tone)` ("" is silence) and `listen(what)` ("forward" tones, "backward", "" none) are
    told changes only; `say(text)` gets what openr2 complains of; `clock()` returns seconds, never going back.
    `called_digits` and `calling_digits`: how many of the numbers of a call that comes in are asked for at most, 0 of
    the latter for none; China's is always asked for to its end. Until the first `receive` it is not free.
    """

    state: str                  # idle, blocked, unknown, shut; or its call's: calling, coming, offered, refused,
                                # accepted, answered, releasing
    free: bool                  # a call can be made
    due_s: float | None

    def __init__(
        self,
        variant: str,
        send_bits: Callable[[int], object],
        send_tone: Callable[[str], object],
        listen: Callable[[Literal["", "forward", "backward"]], object],
        say: Callable[[str], object],
        clock: Callable[[], float],
        *,
        called_digits: int = 4,
        calling_digits: int = 20,
        calling_first: bool = True,
        ask_category: bool = True,
        category: str = "national",
        seize_s: float = 8.0,
        cycle_s: float = 5.0,
        answer_s: float = 90.0,
        release_s: float = 10.0,
        metering_ms: int = -1,
        double_answer: bool = False,
    ) -> None: ...
    def run(self) -> float | None: ...      # when it must be called next, by the clock
    def receive(self, bits: int) -> None: ...
    def hear(self, tone: str) -> None: ...
    def take(self) -> list[Event]: ...
    def trace(self, on: bool) -> None: ...
    def call(self, called: str, calling: str | None, category: str = "") -> None: ...
    def accept(self) -> None: ...
    def answer(self) -> None: ...           # where the call is not accepted yet, as soon as it is
    def hang_up(self, cause: int) -> None: ...
    def shut(self, shut: bool) -> None: ...     # blocked towards the far end, its call ended
