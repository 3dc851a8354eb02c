"""The D-channel of an ISDN primary rate span: ITU-T Q.921 and Q.931 (ETSI EN 300 402, 403) and QSIG, by libpri.

It has no descriptor, no clock and no thread: frames come by `receive` and go by the `send` it was given, timers go by
the clock it was given, and what happened is taken by `take`. Calls are numbers, never given twice; what a number stands
for is forgotten the moment libpri forgets it, so that no call of libpri's is ever used after its end.
"""

from collections.abc import Callable

from native.isdn import Event, JoinAsked, Party

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
    def join(self, first: int, second: int) -> None:
        """Ask the far end, a network, to join two answered calls itself; `Joined` or `NotJoined` follows.

        EuroISDN's explicit call transfer (EN 300 369-1 §9.2).
        """
    def answer_join(self, asked: JoinAsked, granted: bool) -> None:
        """Answer `JoinAsked`; what is granted is cleared, the call that it was asked on first: its end says so."""
    def show_waiting(self, number: str, waiting: bool) -> int:
        """Tell the far end, by QSIG, whether messages wait for one of its extensions (ECMA-242, mwiActivate).

        It goes by a call without a channel, which is its own number here: `Cleared` tells why the far end refused it,
        `Freed` that it is over. libpri says that there are messages, and not how many.
        """
    def restart(self, channel: int) -> None:
        """Make a channel idle on both sides; `RestartDone` follows. One at a time; calls on it end here."""
    def close(self) -> None: ...            # forget all calls; nothing is sent any more
