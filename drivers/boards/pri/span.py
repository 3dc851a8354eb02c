"""A digital span spoken to by ISDN PRI: which call has which of its B-channels, and what the far end says of each."""

import asyncio
import contextlib
import logging
import os
from collections import deque
from collections.abc import Callable, Collection, Mapping
from typing import Protocol

from drivers.boards.base import Board, SpanWire
from drivers.boards.loan import Loan
from drivers.boards.pri.call import SpanCall
from drivers.boards.pri.handback import HandBacks, Told
from drivers.boards.pri.lamps import Lamps
from drivers.boards.pri.signalling import Signalling
from drivers.boards.pri.trace import Trace
from drivers.boards.trunk import TrunkUser
from drivers.link.causes import (
    BEARER_CAPABILITY_NOT_IMPLEMENTED,
    CHANNEL_NOT_THERE,
    CHANNEL_UNACCEPTABLE,
    CHANNEL_UNAVAILABLE,
    DESTINATION_OUT_OF_ORDER,
    NO_CIRCUIT_AVAILABLE,
    NORMAL_CLEARING,
    TEMPORARY_FAILURE,
)
from drivers.link.errors import WrongState
from drivers.link.messages import IsdnTrunk
from native import isdn
from native.isdn import Party

log = logging.getLogger(__name__)

TRIES = 3               # channels for one call, where the far end refuses the first
MORE_DIGITS_S = 4.0     # nobody dials slower than that; then the number is whole (Q.931 T302 is up to 15)
RESTART_S = 4.0         # to answer a RESTART; T316 is 120 s, and no channel is kept from calls for so long
CHANNEL_CAUSES = (CHANNEL_UNACCEPTABLE, NO_CIRCUIT_AVAILABLE, CHANNEL_UNAVAILABLE, CHANNEL_NOT_THERE)


class SpanHost(Protocol):
    """What a span needs of the gateway around it."""

    def call_offered(self, call: SpanCall, did: str, caller: Party) -> TrunkUser:
        """Take a call that comes in; return who has it from now on."""
        ...


class Span:
    """One span. `changed` is told when its D-channel came or went, `lost` once when its wire is gone for good.

    `touched` is called when one of its channels may have another state.
    """

    def __init__(
        self, host: SpanHost, trunks: tuple[IsdnTrunk, ...], wire: SpanWire, changed: Callable[["Span"], None],
        lost: Callable[["Span", str], None], touched: Callable[[], None] = lambda: None,
    ) -> None:
        """`trunks`: what its channels are; the signalling of all is that of the first."""
        self.trunk, self.wire = trunks[0], wire
        self._trunks = trunks
        self.number = self.trunk.span
        self.subject = f"span {self.number}"
        self.wrong = ""         # what the far end's side does not fit
        self._host, self._changed, self._touched = host, changed, touched
        self._calls: dict[int, SpanCall] = {}   # by libpri's number
        self._held: dict[int, SpanCall] = {}    # by timeslot
        self._fds: dict[int, int] = {}          # by timeslot; kept, since a device may be busy for a while once closed
        self._slots = {part.name: tuple(slot for slot in wire.slots if slot in part.slots or not part.slots)
                       for part in trunks}
        self._restarts = deque(wire.slots)      # an earlier life of ours may have left calls at the far end
        self.loan = Loan(wire, self._descriptor, self._busy, lambda slots: touched())
        self._late: set[int] = set()            # restarted once, without an answer
        self._restarting = 0
        self._asked: tuple[int, Callable[[bool], None]] | None = None  # a channel that somebody wants restarted
        self._restart_timer: asyncio.TimerHandle | None = None
        self._closed = False
        self._lamps = Lamps(self.subject, self._tell_waiting)
        self._signalling = Signalling(self.trunk, wire, self._happened, lambda why: lost(self, why))
        self._dchannel = self._signalling.dchannel
        self._handbacks = HandBacks(self.subject, self._signalling, self._calls, self.hang_up)
        self.since_s = asyncio.get_running_loop().time()  # since when its D-channel is as it is

    @classmethod
    def of(
        cls, host: SpanHost, trunks: tuple[IsdnTrunk, ...], board: Board, changed: Callable[["Span"], None],
        lost: Callable[["Span", str], None], touched: Callable[[], None] = lambda: None,
    ) -> "Span":
        """Return a board's; OSError or DriverError says why it is not there."""
        return cls(host, trunks, board.open_span(trunks[0].span), changed, lost, touched)

    @property
    def up(self) -> bool:
        """Whether calls can be made."""
        return self._dchannel.up

    @property
    def slots(self) -> tuple[int, ...]:
        """Its channels that can carry calls."""
        return self.wire.slots

    @property
    def calls(self) -> dict[int, SpanCall]:
        """The calls there are, by timeslot."""
        return dict(self._held)

    @property
    def trace(self) -> Trace:
        """The last messages of its signalling."""
        return self._signalling.trace

    @property
    def names(self) -> list[str]:
        """The trunks that its channels are."""
        return list(self._slots)

    def serves(self, name: str) -> bool:
        """Say whether channels of it are a trunk's."""
        return name in self._slots

    def has_free(self, name: str) -> bool:
        """Say whether a call out can be made on it by a trunk."""
        return any(self._idle(slot) for slot in self._slots[name])

    def source(self, slot: int) -> str:
        """Return whose a timeslot is, as the exchange names it."""
        return f"trunk:{next((name for name, slots in self._slots.items() if slot in slots), self.trunk.name)}"

    def show_waiting(self, wanted: Mapping[str, bool]) -> None:
        """Tell the PBX at the far end for which of its extensions messages wait, which QSIG alone can."""
        if self.trunk.variant == "qsig":
            self._lamps.show(wanted)

    # ---- what channels ask

    def dial(self, user: TrunkUser, number: str, caller: Party, name: str = "") -> SpanCall:
        """Make a call by the trunk of that name; WrongState when no channel is free, or the number is none."""
        part = next((one for one in self._trunks if one.name == name), self.trunk)
        if part.withheld:
            caller = caller._replace(presentation="restricted", name="")
        call = SpanCall(self, self._free(part=part))
        call.part = part
        call.user, call.dialled = user, (number, caller)
        self._set_up(call)
        self._touched()
        return call

    def ring(self, call: SpanCall, audible: bool = False) -> None:
        """Tell the caller that it rings here; `audible`: and that this is heard."""
        self._signalling.act(self._dchannel.alert, call.number, call.slot, inband=audible)

    def speak(self, call: SpanCall) -> None:
        """Tell the caller that there is something to hear."""
        self._signalling.act(self._dchannel.progress, call.number, call.slot)

    def answer(self, call: SpanCall) -> None:
        """Answer an offered call."""
        self._signalling.act(self._dchannel.answer, call.number, call.slot)

    def hang_up(self, call: SpanCall, cause: int) -> None:
        """End a call."""
        call.user = None
        self._touched()
        with contextlib.suppress(WrongState):  # libpri knows it no more, as it will tell
            self._signalling.act(self._dchannel.hang_up, call.number, cause or NORMAL_CLEARING)

    def hand_back(self, call: SpanCall, other: SpanCall, told: Told) -> None:
        """Ask the far end to join two calls itself; WrongState when that cannot be."""
        self._handbacks.ask(call, other, told)

    def open(self, call: SpanCall) -> int:
        """Return the descriptor of a call's B-channel."""
        if self._held.get(call.slot) is not call:
            raise WrongState(f"{self.subject}: the call has no channel")
        return self._descriptor(call.slot)

    def close(self) -> None:
        """End all calls: the far end hears of it if it can. Again: nothing more is done."""
        if self._closed:
            return
        self._closed = True
        self.loan.end()
        if self._restart_timer is not None:
            self._restart_timer.cancel()
        for call in tuple(self._calls.values()):
            self.give_up(call, DESTINATION_OUT_OF_ORDER)
        self._signalling.close()
        for fd in self._fds.values():
            os.close(fd)
        self._fds.clear()
        self.wire.close()

    # ---- channels

    def restart(self, slot: int, done: Callable[[bool], None]) -> None:
        """Make a channel idle on both sides, and end its call; WrongState when there is none, or one is under way.

        `done` is told whether the far end did it too.
        """
        if slot not in self.wire.slots:
            raise WrongState(f"{self.subject} has no channel {slot}; channels are {list(self.wire.slots)}")
        if not self.up:
            raise WrongState(f"{self.subject}: the D-channel is down")
        if self._restarting:
            raise WrongState(f"{self.subject}: channel {self._restarting} is being restarted")
        if slot in self.loan.slots:
            raise WrongState(f"{self.subject}: channel {slot} is being tested")
        call = self._held.get(slot)
        if call is not None:
            self.give_up(call, TEMPORARY_FAILURE)
        self._restarts.appendleft(slot)
        self._asked = slot, done
        self._restart_next()

    def _idle(self, slot: int) -> bool:
        """Say whether a channel could have a call now."""
        return slot not in self._held and slot != self._restarting and slot not in self.loan.slots

    def _busy(self, slot: int) -> str:
        return "" if self._idle(slot) else f"{self.subject}: channel {slot} is not idle, or is being restarted"

    def _descriptor(self, slot: int) -> int:
        """Return that of a B-channel, with nothing kept of what came before."""
        fd = self._fds.get(slot)
        if fd is None:
            fd = self._fds[slot] = self.wire.open(slot)
            self._signalling.watch(fd)
        else:
            self.wire.flush(fd)
        return fd

    def _free(self, but: Collection[int] = (), part: IsdnTrunk | None = None) -> int:
        """Return a channel to call on, at the end that the far side takes last; WrongState when there is none.

        `part`: for a call out, the trunk it goes by.
        """
        slots = self.wire.slots if part is None else self._slots[part.name]
        up = part.hunting == "up" if part is not None and part.hunting else self.trunk.side == "network"
        for slot in slots if up else slots[::-1]:
            if self._idle(slot) and slot not in but:
                return slot
        raise WrongState(f"{self.subject}: no channel is free")

    def _set_up(self, call: SpanCall) -> None:
        digits, caller = call.dialled
        kind = "international" if digits.startswith("+") else "unknown"
        call.number = self._signalling.act(
            self._dchannel.call, digits.removeprefix("+"), caller, channel=call.slot, kind=kind
        )
        self._calls[call.number] = self._held[call.slot] = call

    def _slot_for(self, offer: isdn.Offered) -> int:
        """Return the channel of a call that comes in; as a negative number, the cause to refuse it with."""
        wanted = offer.channel
        if wanted and wanted not in self.wire.slots:
            return -CHANNEL_NOT_THERE
        holder = self._held.get(wanted)
        if wanted and self._idle(wanted):
            return wanted
        if holder is not None and not holder.known and holder.offer is None and self.trunk.side == "user":
            holder.slot = 0  # both took it at once: the network's call has it, and ours gets another (Q.931 §5.7)
            return wanted
        if wanted and offer.exclusive:
            return -CHANNEL_UNAVAILABLE
        try:
            return self._free()
        except WrongState:
            return -NO_CIRCUIT_AVAILABLE

    def _moved(self, call: SpanCall, slot: int) -> bool:
        """Take note of the channel that the far end says; False where another call has it."""
        call.known = True
        if not slot or slot == call.slot:
            return True
        if slot not in self.wire.slots or slot in self._held or slot in self.loan.slots:
            self.give_up(call, CHANNEL_UNACCEPTABLE)
            return False
        if self._held.get(call.slot) is call:
            del self._held[call.slot]
        call.slot = slot
        self._held[slot] = call
        return True

    def give_up(self, call: SpanCall, cause: int) -> None:
        """End a call that cannot go on, and tell its user."""
        user = call.user
        self.hang_up(call, cause)
        call.user = user
        self._end(call, cause, by_party=False)

    # ---- what the D-channel tells

    def _happened(self, event: isdn.Event) -> None:
        self._touched()
        if isinstance(event, isdn.Up | isdn.Down):
            self.since_s = asyncio.get_running_loop().time()
        if isinstance(event, isdn.Up):
            self.wrong = ""
            self._changed(self)
            self._restart_next()
            self._lamps.up()
        elif isinstance(event, isdn.Down):
            self._changed(self)
        elif isinstance(event, isdn.Renewed):
            self._restart_again()
        elif isinstance(event, isdn.Wrong):
            self.wrong = event.text
            self._changed(self)
        elif isinstance(event, isdn.Offered):
            self._offered(event)
        elif isinstance(event, isdn.RestartDone):
            if event.channel == self._restarting:
                self._tell_restarted(answered=True)
                self._restart_next()
        elif isinstance(event, isdn.Restarted):
            log.info("%s: the far end restarted channel %d", self.subject, event.channel)
        elif isinstance(event, isdn.Joined | isdn.NotJoined):
            self._handbacks.take(event)
        elif isinstance(event, isdn.JoinAsked):
            log.info("%s: the far end asks to join two calls here, which is for a carrier to do", self.subject)
            self._signalling.act(self._dchannel.answer_join, event, False)
        elif event.call in self._calls:
            self._of_call(self._calls[event.call], event)
        elif isinstance(event, isdn.Cleared | isdn.Freed):
            self._lamps.happened(event)

    def _tell_waiting(self, number: str, waiting: bool) -> int:
        return self._signalling.act(self._dchannel.show_waiting, number, waiting)

    def _of_call(self, call: SpanCall, event: isdn.Event) -> None:
        user = call.user
        if isinstance(event, isdn.Freed):
            del self._calls[event.call]
            self._handbacks.forget(event.call)
            if self._held.get(call.slot) is call:
                del self._held[call.slot]
            self._end(call, DESTINATION_OUT_OF_ORDER, by_party=False)
        elif isinstance(event, isdn.Cleared):
            if not self._again(call, event.cause):
                self._end(call, event.cause, by_party=self.up)
        elif isinstance(event, isdn.Dialled):
            self._more(call, event)
        elif isinstance(event, isdn.Key):
            if user is not None:
                for digit in event.digits:
                    user.call_key(digit)
        elif isinstance(event, isdn.Refused):
            if user is not None:
                user.call_refused(event.cause)
        elif isinstance(event, isdn.Proceeding | isdn.Progress | isdn.MoreWanted):
            if self._moved(call, event.channel) and user is not None and event.inband:
                user.call_audible()
        elif isinstance(event, isdn.Alerting | isdn.Answered) and self._moved(call, event.channel) and user is not None:
            (user.call_ringing if isinstance(event, isdn.Alerting) else user.call_answered)()
            if isinstance(event, isdn.Alerting) and event.inband:
                user.call_audible()

    def _offered(self, offer: isdn.Offered) -> None:
        slot = self._slot_for(offer) if offer.bearer != "other" else -BEARER_CAPABILITY_NOT_IMPLEMENTED
        call = self._calls[offer.call] = SpanCall(self, max(slot, 0), offer.call)
        call.offer, call.did = offer, offer.did
        if slot < 0:
            log.warning("%s: a call on channel %d is refused with cause %d", self.subject, offer.channel, -slot)
            self._signalling.act(self._dchannel.hang_up, offer.call, -slot)
            return
        self._held[slot] = call
        self._dialled_so_far(call, offer.complete, first=True)

    def _more(self, call: SpanCall, event: isdn.Dialled) -> None:
        if call.user is None and call.wait is not None:
            call.did += event.digits
            self._dialled_so_far(call, event.complete)

    def _dialled_so_far(self, call: SpanCall, complete: bool, first: bool = False) -> None:
        """Offer a call whose number is whole; wait for more digits of another."""
        if call.wait is not None:
            call.wait.cancel()
            call.wait = None
        if complete or (self.trunk.digits and len(call.did) >= self.trunk.digits):
            self._whole(call)
            return
        if first:
            self._signalling.act(self._dchannel.want_more, call.number, call.slot)
        call.wait = asyncio.get_running_loop().call_later(MORE_DIGITS_S, self._whole, call)

    def _whole(self, call: SpanCall) -> None:
        call.wait = None
        assert call.offer is not None  # noqa: S101 - it came in
        self._signalling.act(self._dchannel.proceed, call.number, call.slot)
        call.user = self._host.call_offered(call, call.did, call.offer.caller)

    def _again(self, call: SpanCall, cause: int) -> bool:
        """Try a call on another channel, where the far end would not have this one; False where that cannot be."""
        if call.user is None or call.offer is not None or call.known or cause not in CHANNEL_CAUSES or not self.up:
            return False
        call.tried.add(call.slot)
        if len(call.tried) >= TRIES:
            return False
        try:
            slot = self._free(call.tried, call.part)
            rest = SpanCall(self, call.slot, call.number)  # what is left of the first try, until libpri is done with it
            self._calls[rest.number] = rest
            if self._held.get(rest.slot) is call:
                self._held[rest.slot] = rest
            call.slot = slot
            self._set_up(call)
        except WrongState as error:
            log.info("%s", error)
            return False
        return True

    def _end(self, call: SpanCall, cause: int, by_party: bool) -> None:
        user, call.user = call.user, None
        if call.wait is not None:
            call.wait.cancel()
            call.wait = None
        if user is not None:
            user.call_ended(cause, by_party)

    def _restart_next(self) -> None:
        """Make idle what no call has, one channel after the other, once in our life."""
        self._restarting = 0
        if self._restart_timer is not None:
            self._restart_timer.cancel()
            self._restart_timer = None
        while self._restarts and self.up:
            slot = self._restarts.popleft()
            if slot not in self._held or (self._asked is not None and slot == self._asked[0]):
                self._restarting = slot
                self._restart_timer = asyncio.get_running_loop().call_later(RESTART_S, self._not_restarted)
                self._signalling.act(self._dchannel.restart, slot)
                return

    def _restart_again(self) -> None:
        """Ask once more for what is under way.

        A far end that was there before us asked for the data link in vain; it is deaf for what we say until it has
        asked again, within T200.
        """
        if self._restarting:
            self._restarts.appendleft(self._restarting)
            self._restart_next()

    def _not_restarted(self) -> None:
        """Try the others, then this one once more; nothing is kept from calls because it was not answered for."""
        self._tell_restarted(answered=False)
        if self._restarting not in self._late:
            self._late.add(self._restarting)
            self._restarts.append(self._restarting)
        else:
            log.warning("%s: the far end does not answer for the restart of %d", self.subject, self._restarting)
        self._restart_next()

    def _tell_restarted(self, *, answered: bool) -> None:
        if self._asked is not None and self._asked[0] == self._restarting:
            done, self._asked = self._asked[1], None
            done(answered)
