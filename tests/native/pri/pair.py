"""A network's and a user's D-channel on one wire, with a clock of their own: an hour passes in a moment."""

from typing import Any

from native.isdn import Cleared, Freed, Offered, Up
from native.pri import DChannel
from tests.native.pri.happened import Happened


class End(Happened):
    """One side: its D-channel, and what has happened there."""

    def __init__(self, pair: "Pair", side: str, variant: str, overlap: bool, t309_s: float) -> None:
        super().__init__()
        self.frames: list[bytes] = []
        self.said: list[str] = []
        self.dchannel = DChannel(
            side, variant, self.frames.append, self.said.append, lambda: pair.now_s, overlap=overlap, t309_s=t309_s
        )


INBAND = b"\x1e\x02\x82\x88"   # progress indicator 8: there is something to hear


def speaking(frame: bytes, what: bytes = INBAND) -> bytes:
    """Return a frame with one element more at its end, as libpri never puts it into a DISCONNECT."""
    return frame[:-2] + what + frame[-2:]


class Pair:
    """Both ends; `cut` loses all that is sent, `rewrite` changes a frame to the user."""

    def __init__(self, variant: str = "euroisdn", overlap: bool = False, t309_s: float = 90.0) -> None:
        self.now_s = 0.0
        self.cut = False
        self.network = End(self, "network", variant, overlap, t309_s)
        self.user = End(self, "user", variant, overlap, t309_s)
        self.live(3)
        assert (self.network.one(Up), self.user.one(Up)) == (Up(), Up())

    def settle(self) -> None:
        """Let all frames arrive."""
        ends = (self.network, self.user)
        while self.network.frames or self.user.frames:
            for one, other in (ends, ends[::-1]):
                frames, one.frames[:] = list(one.frames), []
                for frame in frames:
                    if not self.cut:
                        other.dchannel.receive(frame)
        for end in ends:
            end.events += end.dchannel.take()

    def live(self, seconds: float) -> None:
        """Let time pass."""
        end_s = self.now_s + seconds
        while True:
            due = [at_s for end in (self.network, self.user) if (at_s := end.dchannel.run()) is not None]
            self.settle()
            if not due or min(due) > end_s:
                break
            self.now_s = max(self.now_s, min(due)) + 0.001
        self.now_s = max(self.now_s, end_s)

    def ring(self, caller: End, called: End, *arguments: Any, channel: int = 1, **more: Any) -> tuple[int, Offered]:
        """Make a call; return its number there, and what was offered to the other side."""
        number = caller.dchannel.call(*arguments, channel=channel, **more)
        self.settle()
        return number, called.one(Offered)

    def talk(self, caller: End, called: End, channel: int = 1) -> tuple[int, int]:
        """Return the numbers of a call, on both sides, that is answered."""
        number, offered = self.ring(caller, called, "62871234", channel=channel)
        called.dchannel.answer(offered.call, channel)
        self.settle()
        caller.events, called.events = [], []
        return number, offered.call

    def ended(self, end: End, number: int) -> int | None:
        """Return the cause with which the far end cleared a call that is gone now; None: we did."""
        assert [event for event in end.events if isinstance(event, Freed)] == [Freed(number)]
        assert number not in end.dchannel.calls
        causes = [event.cause for event in end.events if isinstance(event, Cleared)]
        end.events = []
        return causes[0] if causes else None
