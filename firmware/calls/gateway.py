"""The gateway as the exchange sees it: orders go down in order, happenings come up, each applied once."""

import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

import msgspec

from drivers.link.messages import (
    KEPT_ORDERS,
    Ack,
    Aside,
    ChannelEvent,
    ChannelState,
    Dial,
    Downward,
    Guarded,
    Hangup,
    Happening,
    Hello,
    LineChanged,
    Order,
    Provision,
    Provisioned,
    Refused,
    RegistrationChanged,
    ShowWaiting,
    Signal,
    Signals,
    Snapshot,
    SpanState,
    SpanStates,
    SpanTesting,
    Stats,
)
from firmware.clock import Clock
from firmware.errors import BusyhourError

if TYPE_CHECKING:
    from firmware.calls.leg import Leg

log = logging.getLogger(__name__)

WHOLE = (Provision, ShowWaiting)  # orders that say all there is to say: only the last of each counts


class Sender(Protocol):
    """A connection's way down."""

    def send(self, message: Downward) -> None:
        """Send without waiting."""


class Gateway:
    """Gives orders to the one gateway there is, and takes what it tells.

    `name` is new for every start of the exchange; it begins the ids of orders and ends those of dialled channels.
    """

    def __init__(self, name: str, clock: Clock, known: Mapping[str, int] | None = None) -> None:
        """`known`: per epoch of the gateway, up to which event an earlier exchange has written all."""
        self.name = name
        self._clock, self._known = clock, dict(known or {})
        self.epoch = ""            # of the gateway's process
        self.seq = 0               # of the last event applied
        self.at_s = 0.0            # its time, or that of the last counters
        self.counters: dict[str, float] = {}
        self.guarded: Guarded | None = None  # whom the edge keeps out; None while that is not known
        self.spans: tuple[SpanState, ...] = ()
        self.lines: dict[int, str] = {}
        self.opermode = ""  # what the drivers of its lines' ports should be loaded with; "": nothing
        self.registered: set[str] = set()
        self.legs: dict[str, Leg] = {}  # by channel
        self.connected = False
        self.lost_s = 0.0          # when the connection was lost
        self.provisioned = False   # what was sent last is in force
        self.synchronised = False  # has told all it knew when the connection began
        self.provision: Callable[[], Provision | None] = lambda: None
        self.waiting: Callable[[], dict[str, int]] = dict  # how many new messages, by extension
        self.on_anew: list[Callable[[Hello], None]] = []  # another gateway than the one known so far
        self.on_snapshot: Callable[[Snapshot], None] = lambda snapshot: None
        self.on_registered: Callable[[], None] = lambda: None                 # `registered` was told anew, whole
        self.on_news: Callable[[Happening], None] = lambda happening: None    # all that is not of a known leg
        self.on_stats: Callable[[Stats], None] = lambda stats: None
        self.on_spans: Callable[[], None] = lambda: None                      # one of them changed
        self.on_signals: Callable[[Signals], None] = lambda told: None
        self.on_testing: Callable[[SpanTesting], None] = lambda told: None
        self.on_taken: Callable[[str, int, float], None] = lambda epoch, seq, at_s: None
        self.on_synchronised: Callable[[dict[str, ChannelState]], None] = lambda channels: None
        self._offset_s: float | None = None  # of the gateway's clock
        self._provision_id = ""
        self._count = 0
        self._sender: Sender | None = None
        self._orders: OrderedDict[str, Order] = OrderedDict()  # sent, and not known to have been carried out
        self._channels: dict[str, ChannelState] = {}  # of the snapshot, while it is caught up with
        self._snapshot_seq = 0

    # ---- down --------------------------------------------------------------------------------------------------------

    def next_id(self) -> str:
        """Return an order id that no exchange has used before."""
        self._count += 1
        return f"{self.name}.{self._count}"

    def is_mine(self, order_id: str) -> bool:
        """Tell whether this exchange gave the order, not one before it."""
        return order_id.startswith(f"{self.name}.")

    def send(self, order: Order) -> None:
        """Send an order; without a connection it is sent when there is one again."""
        self._orders[order.id] = order
        if len(self._orders) > KEPT_ORDERS:
            self._orders.popitem(last=False)
        if self._sender is not None:
            self._sender.send(order)

    def acknowledge(self, epoch: str, seq: int) -> None:
        """Tell the gateway that all events up to this one are on disk."""
        if self._sender is not None and epoch == self.epoch:
            self._sender.send(Ack(seq=seq))

    def send_provision(self) -> None:
        """Tell the gateway all it must know of the configuration."""
        provision = self.provision()
        if provision is not None:
            self.provisioned = False
            self._provision_id = provision.id
            self._send_whole(provision)

    def send_waiting(self) -> None:
        """Tell the gateway for whom new messages wait."""
        self._send_whole(ShowWaiting(self.next_id(), self.waiting()))

    def _send_whole(self, order: Order) -> None:
        self._orders = OrderedDict((i, o) for i, o in self._orders.items() if type(o) is not type(order))
        self.send(order)

    def pending(self, kind: type[Dial]) -> set[str]:
        """Return the channels of such orders that may not have been carried out yet."""
        return {order.channel for order in self._orders.values() if isinstance(order, kind)}

    def release(self, channel: str, cause: int) -> None:
        """End a channel that belongs to no call."""
        self.send(Hangup(id=self.next_id(), channel=channel, cause=cause))

    # ---- up ----------------------------------------------------------------------------------------------------------

    def begin(self, sender: Sender, hello: Hello, snapshot: Snapshot) -> None:
        """A connection stands: learn what there is, say again what may have been lost."""
        if hello.epoch != self.epoch:
            if hello.epoch not in self._known:
                for tell in self.on_anew:
                    tell(hello)
                self._orders.clear()
            self.epoch, self.seq = hello.epoch, self._known.get(hello.epoch, 0)
        self._sender, self.connected, self.synchronised = sender, True, False
        self._offset_s = hello.offset_s
        snapshot = msgspec.structs.replace(snapshot, channels=tuple(map(self._state, snapshot.channels)))
        self._channels = {state.channel: state for state in snapshot.channels}
        self._snapshot_seq = snapshot.seq
        self.lines, self.registered = dict(snapshot.lines), set(snapshot.registered)
        self.on_registered()
        self.on_snapshot(snapshot)
        for order in [order for order in self._orders.values() if not isinstance(order, WHOLE)]:
            sender.send(order)
        self.send_provision()
        if self.waiting():
            self.send_waiting()
        self._catch_up()

    def take(self, happening: Happening | Aside) -> None:
        """Apply what happened, once; what goes wrong in it is logged and stops nothing."""
        happening = msgspec.structs.replace(happening, at_s=self._by_our_clock(happening.at_s))
        if isinstance(happening, Signals):
            signals = tuple(map(self._signal, happening.signals))
            self.on_signals(msgspec.structs.replace(happening, signals=signals))
            return
        if isinstance(happening, SpanTesting):
            self.on_testing(happening)
            return
        if isinstance(happening, SpanStates):
            before, self.spans = self.spans, tuple(map(self._span, happening.spans))
            if self.spans != before:
                self.on_spans()
            return
        if isinstance(happening, Stats):
            self.counters, self.at_s, self.guarded = happening.counters, happening.at_s, happening.guarded
            self.on_stats(happening)
            return
        if happening.seq <= self.seq:
            return
        if happening.seq > self.seq + 1 and self.seq:
            log.error("gateway events %d to %d are missing", self.seq + 1, happening.seq - 1)
        self.seq, self.at_s = happening.seq, happening.at_s
        command = getattr(happening, "command", "")
        if command in self._orders:
            self._forget_until(command)
        try:
            self._dispatch(happening)
        except BusyhourError as error:
            log.error("%s", error)
        except Exception:
            log.exception("call %s: while taking %r", getattr(happening, "channel", ""), happening)
        self.on_taken(self.epoch, self.seq, self.at_s)
        self._catch_up()

    def end(self) -> None:
        """The connection is gone."""
        if self.connected:
            self.lost_s = self._clock.wall_s()
        self._sender, self.connected, self.synchronised, self.provisioned = None, False, False, False
        self.guarded, self.spans = None, ()

    def correct(self, step_s: float) -> None:
        """Take note that the clock was set: what is kept of the time before is by the former one."""
        self.at_s += step_s if self.at_s else 0.0
        self.lost_s += step_s if self.lost_s else 0.0

    def _by_our_clock(self, at_s: float) -> float:
        """Return a time that the gateway told as the machine's clock, which may have been set since, has it."""
        return at_s if self._offset_s is None else at_s + (self._clock.offset_s - self._offset_s)

    def _span(self, state: SpanState) -> SpanState:
        return msgspec.structs.replace(state, since_s=state.since_s and self._by_our_clock(state.since_s))

    def _signal(self, signal: Signal) -> Signal:
        return msgspec.structs.replace(signal, at_s=self._by_our_clock(signal.at_s))

    def _state(self, state: ChannelState) -> ChannelState:
        since_s, answered_s = (at_s and self._by_our_clock(at_s) for at_s in (state.since_s, state.answered_s))
        return msgspec.structs.replace(state, since_s=since_s, answered_s=answered_s)

    def _dispatch(self, happening: Happening) -> None:
        channel = getattr(happening, "channel", "")
        leg = self.legs.get(channel)
        if leg is not None and isinstance(happening, ChannelEvent | Refused):
            leg.call.take(leg, happening)
            return
        match happening:
            case Provisioned():
                self.provisioned = self.provisioned or happening.command == self._provision_id
                self.opermode = happening.opermode
            case LineChanged():
                self.lines[happening.line] = happening.state
            case RegistrationChanged():
                (self.registered.add if happening.registered else self.registered.discard)(happening.name)
        self.on_news(happening)

    def _forget_until(self, order_id: str) -> None:
        """Orders are carried out in order: what one brought about shows that all before it arrived."""
        while self._orders:
            first, _ = self._orders.popitem(last=False)
            if first == order_id:
                return

    def believe(self) -> None:
        """Take the snapshot for the truth, though what led to it was not all told."""
        if self.connected and not self.synchronised:
            log.error("the gateway told events up to %d of %d: its snapshot is believed", self.seq, self._snapshot_seq)
            self._agree()

    def _catch_up(self) -> None:
        if not self.synchronised and self.connected and self.seq >= self._snapshot_seq:
            self._agree()

    def _agree(self) -> None:
        self.synchronised = True
        channels, self._channels = self._channels, {}
        self.on_synchronised(channels)
