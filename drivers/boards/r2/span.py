"""A digital span spoken to by MFC/R2: its circuits, which of them a call takes, and what is wrong with them."""

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Callable, Mapping

from drivers.boards.base import Board, CasWire
from drivers.boards.loan import Loan
from drivers.boards.r2.call import CircuitHost, R2Call
from drivers.boards.r2.circuit import Circuit
from drivers.boards.r2.trace import Trace
from drivers.boards.trunk import TrunkUser
from drivers.link.causes import NO_CIRCUIT_AVAILABLE, TEMPORARY_FAILURE
from drivers.link.errors import WrongState
from drivers.link.messages import R2Trunk
from native.isdn import Party

log = logging.getLogger(__name__)

TRIES = 3               # circuits for one call, where both sides seize at once
RESTARTED_S = 3.0       # both sides have long let go of a channel then
OUT_OF_USE = ("blocked", "unknown", "shut")


class Span:
    """One span. `changed` is told when calls can be made on it or not, `lost` once when its wire is gone for good.

    `touched` is called when one of its channels may have another state.
    """

    def __init__(
        self, host: CircuitHost, trunks: tuple[R2Trunk, ...], wire: CasWire, changed: Callable[["Span"], None],
        lost: Callable[["Span", str], None], touched: Callable[[], None] = lambda: None,
    ) -> None:
        """`trunks`: what its channels are; the signalling of all is that of the first."""
        self.trunk, self.wire = trunks[0], wire
        self.number = self.trunk.span
        self.subject = f"span {self.number}"
        self._changed, self._lost, self._touched = changed, lost, touched
        self._trunks = {trunk.name: trunk for trunk in trunks}
        self._loop = asyncio.get_running_loop()
        self._closed = False
        self.up = False
        self.since_s = self._loop.time()  # since when it is so
        self.trace = Trace(self._loop.time)
        self.loan = Loan(wire, wire.open, self._busy, self._loaned)
        self._circuits = {slot: Circuit(self, slot, host) for slot in wire.slots}
        self._loop.add_reader(wire.wakes, self._woken)

    @classmethod
    def of(
        cls, host: CircuitHost, trunks: tuple[R2Trunk, ...], board: Board, changed: Callable[["Span"], None],
        lost: Callable[["Span", str], None], touched: Callable[[], None] = lambda: None,
    ) -> "Span":
        """Return a board's; OSError or DriverError says why it is not there."""
        return cls(host, trunks, board.open_cas(trunks[0].span), changed, lost, touched)

    @property
    def names(self) -> list[str]:
        """The trunks that its channels are."""
        return list(self._trunks)

    @property
    def slots(self) -> tuple[int, ...]:
        """Its channels that can carry calls."""
        return self.wire.slots

    @property
    def calls(self) -> dict[int, R2Call]:
        """The calls there are, by timeslot."""
        return {slot: circuit.call for slot, circuit in self._circuits.items() if circuit.call is not None}

    @property
    def wrong(self) -> str:
        """What keeps all of its circuits from being used, "" for nothing."""
        if self.up:
            return ""
        states = Counter(circuit.line.state for circuit in self._circuits.values())
        return "no channel is idle: " + ", ".join(f"{count} {state}" for state, count in sorted(states.items()))

    def serves(self, name: str) -> bool:
        """Say whether channels of it are a trunk's."""
        return name in self._trunks

    def has_free(self, name: str) -> bool:
        """Say whether a call out can be made on it by a trunk."""
        return any(self._free(name, set()))

    def source(self, slot: int) -> str:
        """Return whose a timeslot is, as the exchange names it."""
        return f"trunk:{next((n for n, trunk in self._trunks.items() if slot in trunk.slots), self.trunk.name)}"

    def show_waiting(self, wanted: Mapping[str, bool]) -> None:
        """Do nothing: MFC/R2 cannot tell of waiting messages."""

    def states(self) -> dict[int, str]:
        """Return what each timeslot does."""
        return {slot: circuit.line.state for slot, circuit in self._circuits.items()}

    def dial(self, user: TrunkUser, number: str, caller: Party, name: str = "") -> R2Call:
        """Make a call by the trunk of that name; WrongState when no channel is free, or the number is none."""
        trunk = self._trunks.get(name, self.trunk)
        number = number.replace("+", "00", 1) if number.startswith("+") else number     # R2 has no other way to say it
        withheld = trunk.withheld or caller.presentation != "allowed" or not caller.number
        for circuit in self._free(trunk.name, set()):
            call = R2Call(circuit, user)
            call.dialled, call.trunk = (number, None if withheld else caller.number.removeprefix("+")), trunk.name
            circuit.dial(call)
            self._touched()
            return call
        raise WrongState(f"{self.subject}: no channel is free")

    def again(self, call: R2Call) -> None:
        """Try a call once more that both sides met on, or end it."""
        for circuit in self._free(call.trunk, call.tried):
            if len(call.tried) >= TRIES:
                break
            with contextlib.suppress(WrongState):
                circuit.dial(call)
                return
        user, call.user, call.circuit = call.user, None, None
        if user is not None:
            user.call_ended(NO_CIRCUIT_AVAILABLE, by_party=False)

    def restart(self, slot: int, done: Callable[[bool], None]) -> None:
        """End a channel's call, which makes it idle; WrongState when it is the far end that keeps it from being so.

        `done` is told whether it is idle after a while.
        """
        circuit = self._circuits.get(slot)
        if circuit is None:
            raise WrongState(f"{self.subject} has no channel {slot}; channels are {list(self.wire.slots)}")
        if slot in self.loan.slots:
            raise WrongState(f"{self.subject}: channel {slot} is being tested")
        if circuit.line.state in OUT_OF_USE:
            raise WrongState(f"{self.subject}: channel {slot} is {circuit.line.state}, and R2 has no way to free it")
        call = circuit.call
        if call is not None:
            user = call.user
            call.hang_up(TEMPORARY_FAILURE)
            if user is not None:
                user.call_ended(TEMPORARY_FAILURE, by_party=False)
        self._loop.call_later(RESTARTED_S, lambda: done(circuit.line.free))

    def look(self) -> None:
        """See whether calls can be made now, and tell if that is another than before."""
        self._touched()
        up = any(state not in OUT_OF_USE for state in self.states().values())
        if up != self.up and not self._closed:
            self.up, self.since_s = up, self._loop.time()
            self._changed(self)

    def close(self) -> None:
        """End all calls; the far end finds all circuits blocked. Again: nothing more is done."""
        if self._closed:
            return
        self._closed = True
        self.loan.end()
        self._loop.remove_reader(self.wire.wakes)
        for circuit in self._circuits.values():
            circuit.close()
        self.wire.close()

    # ---- inside

    def _busy(self, slot: int) -> str:
        return "" if self._circuits[slot].call is None else f"{self.subject}: channel {slot} has a call"

    def _loaned(self, slots: tuple[int, ...]) -> None:
        """Have the far end find blocked what is lent, and no more what was."""
        for slot in slots:
            self._circuits[slot].look()
        self._touched()

    def _free(self, name: str, but: set[int]) -> list[Circuit]:
        """Return the circuits that a call out of a trunk may take, the first to be tried first."""
        trunk = self._trunks[name]
        slots = [slot for slot in self.wire.slots if (slot in trunk.slots or not trunk.slots) and slot not in but]
        ordered = slots if trunk.hunting == "up" else slots[::-1]
        return [self._circuits[slot] for slot in ordered if self._circuits[slot].line.free]

    def _woken(self) -> None:
        try:
            slots = self.wire.changed()
            for slot in sorted(slots):
                self._circuits[slot].look()
        except OSError as error:
            self._loop.remove_reader(self.wire.wakes)
            self._lost(self, error.strerror or str(error))
