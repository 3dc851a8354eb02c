"""A digital span, a call on it, and who has the call, however the span is spoken to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, Protocol

from drivers.boards.loan import Loan
from drivers.link.messages import Signal
from native.isdn import Party
from native.media import Core, Timeslot

HandBackOutcome = Literal["joined", "refused", "unanswered", "gone"]


class TrunkUser(Protocol):
    """Who has a call: a channel. `call_ended` is the last."""

    def call_ringing(self) -> None:
        """Learn that the far end of a dialled call rings."""

    def call_audible(self) -> None:
        """Learn that there is something to hear of a dialled call that is not answered yet."""

    def call_refused(self, cause: int) -> None:
        """Learn that the far end of a dialled call will not have it, and says why until `call_ended`."""

    def call_answered(self) -> None:
        """Learn that the far end of a dialled call answered, or that it was told that we did."""

    def call_key(self, digit: str) -> None:
        """Learn that the far end sent a key as a message."""

    def call_ended(self, cause: int, by_party: bool) -> None:
        """Learn that the call is over: the far end ended it, or its D-channel stayed away."""


class TrunkCall(Protocol):
    """A call on a digital span."""

    user: TrunkUser | None

    @property
    def source(self) -> str:
        """The trunk, as the exchange names it."""
        ...

    def ring(self, through: Callable[[], bool]) -> None:
        """Tell the caller that it rings here; where they hear that from us, once `through` has taken the sound for it.

        WrongState when the call is over.
        """

    def speak(self, through: Callable[[], bool]) -> None:
        """Let the caller hear us before the answer, once there is sound, which `through` takes.

        WrongState when the call is over.
        """

    def answer(self, through: Callable[[], bool]) -> None:
        """Answer once there is sound, which `through` takes; `call_answered` follows. WrongState when it is over."""

    def hang_up(self, cause: int) -> None:
        """End it; its user is told nothing more."""

    def hand_back(self, other: TrunkCall, told: Callable[[HandBackOutcome], None]) -> None:
        """Ask the far switch to join it and another of its span; WrongState when that cannot be.

        Of calls that are `joined` their users are told nothing more; `told` may hear that after `unanswered`, too.
        """

    def open(self, core: Core) -> Timeslot:
        """Return its sound; OSError, MediaError, or WrongState when it has none."""
        ...

    def shut(self, timeslot: Timeslot) -> None:
        """Give its sound back."""


class TrunkTrace(Protocol):
    """The last messages of a span's signalling, numbered from 1."""

    last: int

    def after(self, number: int) -> tuple[Signal, ...]:
        """Return the messages kept that came after one, oldest first, at times of the loop."""
        ...


class TrunkSpan(Protocol):
    """One digital span. `since_s`: since when it is `up` or not, by the loop. `loan`: what a test has of it."""

    number: int
    loan: Loan
    since_s: float

    @property
    def up(self) -> bool:
        """Whether calls can be made on it."""
        ...

    @property
    def wrong(self) -> str:
        """What keeps it from being used, where more is known than that it is not up."""
        ...

    @property
    def names(self) -> list[str]:
        """The trunks that its channels are."""
        ...

    @property
    def slots(self) -> tuple[int, ...]:
        """Its channels that can carry calls."""
        ...

    @property
    def calls(self) -> Mapping[int, TrunkCall]:
        """The calls there are, by timeslot."""
        ...

    @property
    def trace(self) -> TrunkTrace:
        """The last messages of its signalling."""
        ...

    def serves(self, name: str) -> bool:
        """Say whether channels of it are a trunk's."""
        ...

    def has_free(self, name: str) -> bool:
        """Say whether a call out can be made on it by a trunk."""
        ...

    def dial(self, user: TrunkUser, number: str, caller: Party, name: str) -> TrunkCall:
        """Make a call by the trunk of that name; WrongState when no channel is free, or the number is none."""
        ...

    def show_waiting(self, wanted: Mapping[str, bool]) -> None:
        """Tell the far end for which of its extensions messages wait, where its signalling can."""
        ...

    def restart(self, slot: int, done: Callable[[bool], None]) -> None:
        """Make a channel idle on both sides, and end its call; WrongState when that cannot be.

        `done` is told whether the far end did it too.
        """

    def close(self) -> None:
        """End all calls."""
