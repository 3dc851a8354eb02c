"""Who has a telephone line's call, and what a line needs of the gateway around it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, Protocol

from drivers.sounds import Sounds
from native.media import Core, Happening, Leg

if TYPE_CHECKING:
    from drivers.boards.line import TelephoneLine


class Caller(NamedTuple):
    """What the office said of a caller; texts are empty where it said nothing."""

    number: str = ""
    name: str = ""
    withheld: bool = False


class LineUser(Protocol):
    """Who has the line's call: a channel. Each is told once, in this order; the last ends the use."""

    def line_ringing(self) -> None:
        """Learn that the far end of a dialled call rings."""

    def line_answered(self, assumed: bool) -> None:
        """Learn that the far end of a dialled call answered, or that we think so."""

    def line_ended(self, cause: int, by_party: bool) -> None:
        """Learn that the call is over, by the far end or by a fault; the line is on-hook already."""

    def line_seized(self, leg: Leg) -> None:
        """Take the leg of a dialled call that had to wait for the end of a test."""

    def line_wanted(self) -> None:
        """End a test: a call is to go out."""


class Waiting(NamedTuple):
    """A call that goes out as soon as the line is free of a test: `dial`'s arguments."""

    user: LineUser
    number: str
    token: int
    parallel: bool


class LineHost(Protocol):
    """What a line needs of the gateway around it."""

    core: Core
    sounds: Sounds

    def token(self, receiver: Callable[[Happening], None]) -> int:
        """Return a new number; what happens on the leg that bears it is given to the receiver."""

    def release(self, token: int) -> None:
        """Forget a token."""

    def line_offered(self, line: "TelephoneLine", caller: Caller) -> LineUser:
        """Take a call that comes in; return who has it from now on."""
        ...

    def line_changed(self, line: "TelephoneLine") -> None:
        """Learn that the line's `status` changed."""
