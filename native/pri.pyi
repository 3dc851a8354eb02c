"""The D-channel of an ISDN primary rate span: ITU-T Q.921 and Q.931 (ETSI EN 300 402, 403) and QSIG, by libpri.

It has no descriptor, no clock and no thread: frames come by `receive` and go by the `send` it was given, timers go by
the clock it was given, and what happened is taken by `take`. Calls are numbers, never given twice; what a number stands
for is forgotten the moment libpri forgets it, so that no call of libpri's is ever used after its end.
"""

from collections.abc import Callable
from typing import NamedTuple

class PriError(Exception):
    """It cannot be done; the text says why: no such call any more, or libpri refused."""

class Party(NamedTuple):
    """Who calls. `kind` and `plan` as in Q.931 §4.5.10: what the number is written as, and by whose plan."""

    number: str = ""
    name: str = ""
    presentation: str = "allowed"   # or "restricted", "unavailable"
    screening: str = "user"         # who vouches for it: user (nobody), passed, failed, network
    kind: str = "unknown"           # international, national, network, subscriber, abbreviated
    plan: str = "public"            # E.164; or private, unknown

class Up(NamedTuple):
    """The far end is there: calls can be made."""

class Down(NamedTuple):
    """It is not. Calls that were answered live on for T309, all others end."""

class Renewed(NamedTuple):
    """The far end set the data link up anew though it was up: what was sent just before may be lost (Q.921 §5.5)."""

class Offered(NamedTuple):
    """A call comes in. `channel` 0: the far end leaves the choice to us."""

    call: int
    channel: int
    exclusive: bool     # this channel or none
    did: str
    kind: str           # of the DID
    complete: bool      # the far end said that there are no more digits
    caller: Party
    redirected_by: str
    bearer: str         # speech, audio, or other (data: not for us)
    inband: bool

class Dialled(NamedTuple):
    """More digits of the number called (overlap receiving)."""

    call: int
    digits: str
    complete: bool      # there are no more

class Key(NamedTuple):
    """Keys sent as a message during a talk."""

    call: int
    digits: str

class MoreWanted(NamedTuple):
    """The far end wants more digits (SETUP ACKNOWLEDGE)."""

    call: int
    channel: int
    inband: bool        # dial tone is on the channel

class Proceeding(NamedTuple):
    """The far end has the whole number."""

    call: int
    channel: int
    inband: bool

class Progress(NamedTuple):
    """Something on the way; `inband`: there is something to hear. `cause` 0: none given."""

    call: int
    channel: int
    inband: bool
    cause: int

class Alerting(NamedTuple):
    """The far end rings."""

    call: int
    channel: int
    inband: bool

class Answered(NamedTuple):
    """The far end answered."""

    call: int
    channel: int

class Cleared(NamedTuple):
    """The far end, or the D-channel, ended the call (Q.850); `Freed` follows, and nothing is to be done."""

    call: int
    cause: int

class Freed(NamedTuple):
    """The last of every call, whoever ended it: its channel can be used again."""

    call: int

class Restarted(NamedTuple):
    """The far end made a channel idle; calls on it have been told of before. 0: all of the span."""

    channel: int

class RestartDone(NamedTuple):
    """The far end did what `restart` asked."""

    channel: int

class Wrong(NamedTuple):
    """The two sides are not set up to fit: both of them network, or both user."""

    text: str

Event = (
    Up | Down | Renewed | Offered | Dialled | Key | MoreWanted | Proceeding | Progress | Alerting | Answered | Cleared
    | Freed | Restarted | RestartDone | Wrong
)

class DChannel:
    """One D-channel. All calls are made from one thread; `send` and `say` are called from within them, at their end.

    `side` is ours, "network" or "user"; `variant` "euroisdn" or "qsig". `send(frame)` gives a frame to the wire, with
    two bytes at the end in place of its check sum; `say(text)` gets what libpri complains of, and what `trace` shows;
    `clock()` returns seconds, never going back. `overlap`: numbers may come digit by digit. T309: Q.931 §9.
    """

    up: bool
    def __init__(
        self, side: str, variant: str, send: Callable[[bytes], object], say: Callable[[str], object],
        clock: Callable[[], float], *, overlap: bool = False, t309_s: float = 90.0,
    ) -> None: ...
    def run(self) -> float | None: ...      # do what is due; when it must be called next. To be called first of all
    @property
    def due_s(self) -> float | None: ...    # when `run` must be called next; None: when something else happens
    def receive(self, frame: bytes) -> None: ...  # from the wire, its check sum at the end; what is no frame is dropped
    def take(self) -> list[Event]: ...      # what happened since the last time, oldest first
    def trace(self, on: bool) -> None: ...  # every message to `say` in words, for whoever looks for a fault
    @property
    def calls(self) -> dict[int, int]: ...  # all there are, each with its B-channel (0: none yet)
    def call(
        self, called: str, caller: Party = ..., *, channel: int = 0, exclusive: bool = False, kind: str = "unknown",
        plan: str = "public", complete: bool = True, redirected_by: str = "",
    ) -> int:
        """Make a call; return its number. `complete` False: more digits will follow (overlap sending)."""
    def dial(self, number: int, digits: str) -> None: ...  # more digits of the number called
    def want_more(self, number: int, channel: int, dial_tone: bool = False) -> None: ...  # the number is not whole yet
    def proceed(self, number: int, channel: int = 0, inband: bool = False) -> None: ...   # it is; the channel is this
    def progress(self, number: int, channel: int = 0, inband: bool = True, cause: int = 0) -> None:
        """Say that there is something to hear before the answer, or why there is none (`cause`)."""
    def alert(self, number: int, channel: int = 0, inband: bool = False) -> None: ...     # inband: with ringback
    def answer(self, number: int, channel: int = 0) -> None: ...
    def hang_up(self, number: int, cause: int) -> None:
        """End a call, or refuse one; `Freed` follows when its channel is idle. Again: nothing more is done."""
    def restart(self, channel: int) -> None:
        """Make a channel idle on both sides; `RestartDone` follows. One at a time; calls on it end here."""
    def close(self) -> None: ...            # forget all calls; nothing is sent any more
