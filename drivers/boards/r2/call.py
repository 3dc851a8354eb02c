"""One call on a span spoken to by MFC/R2, as its channel has it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from drivers.boards.r2.sound import SoundHost
from drivers.boards.trunk import HandBackOutcome, TrunkCall, TrunkUser
from drivers.link.errors import WrongState
from native.isdn import Party
from native.media import Core, Timeslot

if TYPE_CHECKING:
    from drivers.boards.r2.circuit import Circuit


class CircuitHost(SoundHost, Protocol):
    """What circuits need of the gateway around them."""

    def call_offered(self, call: TrunkCall, did: str, caller: Party) -> TrunkUser:
        """Take a call that comes in; return who has it from now on."""
        ...


class R2Call:
    """A call; it moves to another circuit where both sides seized the first at once."""

    def __init__(self, circuit: Circuit, user: TrunkUser | None = None) -> None:
        self.circuit: Circuit | None = circuit
        self.user = user
        self.tried: set[int] = set()    # timeslots
        self.dialled: tuple[str, str | None] = ("", None)
        self.trunk = ""                 # by which it goes out
        self.through: Callable[[], bool] | None = None     # it is to be answered once there can be sound
        self.early: Callable[[], bool] | None = None       # .. or its caller is to hear something before that
        self.source = circuit.span.source(circuit.slot)

    def ring(self, through: Callable[[], bool]) -> None:
        """Tell the caller that it rings here; the circuit itself lets them hear that."""
        self._circuit().ring()

    def speak(self, through: Callable[[], bool]) -> None:
        """Let the caller hear what `through` puts there, for which the call is accepted; WrongState when it is over.

        Before that there is no way back but for register signals (ITU-T Q.440), and afterwards it cannot be refused.
        """
        circuit = self._circuit()
        self.early = through
        circuit.speak()

    def answer(self, through: Callable[[], bool]) -> None:
        """Answer once there can be sound: `through` takes it, and says whether it could; `call_answered` follows."""
        circuit = self._circuit()
        self.through = through
        circuit.answer()

    def hang_up(self, cause: int) -> None:
        """End it; its user is told nothing more."""
        self.user = None
        if self.circuit is not None:
            self.circuit.hang_up(cause)

    def hand_back(self, other: TrunkCall, told: Callable[[HandBackOutcome], None]) -> None:
        """Refuse: R2 has no such request."""
        raise WrongState(f"{self.source} is spoken to by MFC/R2, which hands no calls back")

    def open(self, core: Core) -> Timeslot:
        """Return the call's sound; WrongState when it has none."""
        return self._circuit().sound.give()

    def shut(self, timeslot: Timeslot) -> None:
        """Give the sound back; the circuit needs it until the far end has let go."""
        if self.circuit is not None and not self.dialled[0]:
            self.circuit.left()

    def _circuit(self) -> Circuit:
        if self.circuit is None:
            raise WrongState("the call is over")
        return self.circuit
