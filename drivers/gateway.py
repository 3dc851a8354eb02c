"""The gateway: all channels of the box in one asyncio thread, ordered about by the exchange over the link."""

import asyncio
import contextlib
import logging
import resource
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from drivers.alarms import Alarms
from drivers.boards.base import Board
from drivers.boards.bittest import BitTests
from drivers.boards.channel import LineChannel
from drivers.boards.line import TelephoneLine
from drivers.boards.lines import Lines
from drivers.boards.pbx import Pbxs
from drivers.boards.spans import Spans
from drivers.boards.station import Station
from drivers.boards.station_channel import StationChannel
from drivers.boards.stations import Stations
from drivers.boards.trace import Traces
from drivers.boards.trunk import TrunkCall, TrunkUser
from drivers.boards.trunk_channel import TrunkChannel
from drivers.boards.user import Caller, LineUser
from drivers.boards.watch import SpanWatch
from drivers.channel import Channel, State
from drivers.clock import Clock
from drivers.link import causes, messages
from drivers.link.address import Address
from drivers.link.errors import DriverError, NoSuchChannel, WrongState
from drivers.link.messages import Order, Snapshot, Stats
from drivers.link.server import LinkServer
from drivers.provisioning import Provisioning
from drivers.recordings import Recordings
from drivers.sip.calls import SipCalls
from drivers.sip.edge.rpc import Edge
from drivers.sip.endpoint import Endpoint
from drivers.sip.guard import Guard
from drivers.sip.registrations import Registrations
from drivers.sounds import Sounds
from drivers.unattended import Unattended
from drivers.waiting import MessagesWaiting
from native import loop as native_loop
from native.isdn import Party
from native.media import Core, Happening

log = logging.getLogger(__name__)

STATS_S = 3.0
CLOSING_S = 3.0

ORDERS: dict[type[Order], Callable[[Channel, Any], None]] = {
    messages.Claim: Channel.claim,
    messages.Ring: Channel.ring,
    messages.Answer: Channel.answer,
    messages.Hangup: Channel.hangup,
    messages.Play: Channel.play,
    messages.StopPlay: Channel.stop_play,
    messages.Collect: Channel.collect,
    messages.Disconnect: Channel.disconnect,
    messages.Hold: Channel.hold,
    messages.Resume: Channel.resume,
    messages.Record: Channel.record,
    messages.StopRecord: Channel.stop_record,
    messages.ConcludeTransfer: Channel.conclude_transfer,
    messages.Flash: Channel.flash,
}


def new_epoch() -> str:
    """Return a short name for this life of the gateway, never given before on a box whose clock goes forward."""
    left, epoch = int(time.time() * 1000), ""
    while left:
        left, digit = divmod(left, 32)
        epoch = "0123456789abcdefghjkmnpqrstvwxyz"[digit] + epoch
    return epoch


class Gateway:
    """Composes link, SIP, boards and media; and is what channels know of them (Host, and Line-, Span-, StationHost)."""

    def __init__(self, home: Path, listen: Address, edge: Address, board: Board, edge_port: int = 5060) -> None:
        """`edge_port` is the edge's on the loopback, and the forwarder's."""
        self.home, self.edge_port = home, edge_port
        self.clock = Clock()
        self.channels: dict[str, Channel] = {}
        self.recordings = Recordings(home / "recordings")
        self.endpoint = Endpoint(listen, edge)
        self.link = LinkServer(
            home / "run/gateway.sock", new_epoch(), self.clock, self._snapshot, self._carry_out, self._link_changed
        )
        self.tell, self.tell_aside = self.link.tell, self.link.tell_aside
        self.unattended = Unattended(self.channels.values)
        self.registrations = Registrations(home / "edge/location.sqlite", self._registered, renewed=self._renewed)
        self.alarms = Alarms(self.tell)
        self.lines = Lines(self, self.alarms)
        self.stations = Stations(self, self.alarms, self._station_registered)
        board.ports = self.stations
        self.pbxs = Pbxs()
        self.spans = Spans(self, board, self.alarms, self._registered)
        self.span_watch = SpanWatch(
            board, self.spans, self.alarms, self.now_s, self.link.tell_aside, self._slot_restarted
        )
        self.bit_tests = BitTests(self, board, self.spans)
        self.traces = Traces(
            {"span": lambda number: self.spans.span(number).trace, "line": lambda number: self.lines.get(number).trace},
            self.now_s, self.link.tell_aside,
        )
        self.provisioning = Provisioning(self)
        self.guard = Guard(Edge(home))
        self.opermode = ""  # what the drivers of its lines' ports should be loaded with
        self._board = board
        self._trunks: set[str] = set()  # registered at
        self._ending: set[Channel] = set()  # whose recordings are still being closed
        self._quiet: asyncio.Event | None = None
        self._receivers: dict[int, Callable[[Happening], None]] = {}
        self._tokens = 0
        self._offered = 0
        self._tasks: set[asyncio.Task[Any]] = set()

    async def start(self) -> None:
        """Begin to work; raises DriverError or OSError, naming what is wrong, when that cannot be."""
        self.link.check_alone()
        await self.provisioning.end_calls_of_before()
        self.endpoint.start()
        self.calls = SipCalls(self, self.endpoint, self.registrations, self._add, self._next_id, self._registered)
        self.waiting = MessagesWaiting(
            self.stations, self.pbxs, self.calls.show_waiting, self.spans.show_waiting
        )
        self.core = Core()
        try:
            self.core.start(self._board.clock_fd, self.token(self._clock_changed))
            self.sounds = Sounds("CN")
            await self.registrations.refresh()
            await self.link.start()
        except BaseException:
            self._free()
            raise
        asyncio.get_running_loop().add_reader(self.core.fd, self._media)
        self._link_changed(self.link.connected)
        self.endpoint.run()
        await self._board.start(self.lines)
        self.spawn(self.registrations.watch())
        self.spawn(self.provisioning.trunks.watch())
        self.spawn(self.guard.watch())
        self.spawn(self._report())

    def set_country(self, country: str) -> None:
        """Let tones and lines be a country's from now on."""
        self.sounds.set_country(country)
        self.opermode = self._board.set_country(self.sounds.tones.opermode)

    async def close(self) -> None:
        """End all calls with their own events, close recordings, say goodbye at the edge, and stop."""
        self.calls.accepting = False
        self.unattended.close()
        for channel in tuple(self.channels.values()):
            channel.end(causes.TEMPORARY_FAILURE, "gateway")
        await self._all_gone()
        self.span_watch.close()
        self.traces.close()
        self.spans.close()
        await self._board.close()
        await self.endpoint.stop()
        self.provisioning.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.link.close()
        asyncio.get_running_loop().remove_reader(self.core.fd)
        self._free()

    def _free(self) -> None:
        """Stop the media core and free the SIP stack, in the order they need each other."""
        self.core.stop()
        self.calls.close()
        self.endpoint.destroy()

    # ---- what a channel needs (Host) and a line (LineHost) --------------------------------------------------------

    def now_s(self) -> float:
        """Return the Unix time."""
        return self.clock.now_s()

    def at_s(self, monotonic_ns: int) -> float:
        """Return the Unix time of a moment the media core saw."""
        return self.clock.at_s(monotonic_ns)

    def token(self, receiver: Callable[[Happening], None]) -> int:
        """Return a new number; what happens on the leg that bears it is given to the receiver."""
        self._tokens += 1
        self._receivers[self._tokens] = receiver
        return self._tokens

    def release(self, token: int) -> None:
        """Forget a token."""
        self._receivers.pop(token, None)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine that belongs to nobody, its errors logged."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def ended(self, channel: Channel) -> None:
        """Take the channel out of those that are."""
        self.channels.pop(channel.id, None)
        self._ending.add(channel)
        self.unattended.ended(channel)

    def gone(self, channel: Channel) -> None:
        """Take note that all has been told of a channel."""
        self._ending.discard(channel)
        if not self._ending and self._quiet is not None:
            self._quiet.set()

    def idle(self, channel: Channel) -> None:
        """See to a party that nothing is being played to, should there be no exchange to do it."""
        self.unattended.idle(channel)

    def parted(self, channel: Channel) -> None:
        """See to a party whose counterpart has gone, should there be no exchange to do it."""
        self.unattended.parted(channel)

    def line_offered(self, line: TelephoneLine, caller: Caller) -> LineUser:
        """Take a call that comes in by a line."""
        channel = LineChannel.offered_by(self, self._next_id(), line, caller)
        self._add(channel)
        channel.offered()
        return channel

    def call_offered(self, call: TrunkCall, did: str, caller: Party) -> TrunkUser:
        """Take a call that comes in by a span (SpanHost)."""
        channel = TrunkChannel.offered_by(self, self._next_id(), call, did, caller)
        self._add(channel)
        channel.offered()
        return channel

    def station_calls(self, station: Station, number: str) -> StationChannel:
        """Take a call that a telephone in a port dialled."""
        channel = StationChannel.offered_by(self, self._next_id(), station, number)
        self._add(channel)
        channel.offered()
        return channel

    def line_changed(self, line: TelephoneLine) -> None:
        """Tell what a line does."""
        self.tell(messages.LineChanged, line=line.number, state=line.status)

    # ---- the link --------------------------------------------------------------------------------------------------

    def _snapshot(self, seq: int) -> Snapshot:
        return Snapshot(
            seq=seq,
            channels=tuple(channel.state_now() for channel in self.channels.values()),
            lines=self.lines.status(),
            registered=(
                *(number for number in self.registrations.numbers if number not in self.stations),
                *self.stations.numbers, *sorted(self._trunks),
            ),
        )

    def _carry_out(self, order: Order) -> None:
        if isinstance(order, messages.Provision):
            self.provisioning.take(order)
        elif isinstance(order, messages.Dial):
            self._dial(order)
        elif isinstance(order, messages.TestLine):
            self.lines.test(order.line, order.id)
        elif isinstance(order, messages.RestartSlot):
            self.span_watch.restart(order)
        elif isinstance(order, messages.TestSpan):
            self.bit_tests.begin(order)
        elif isinstance(order, messages.StopSpanTest):
            self.bit_tests.stop(order.span)
        elif isinstance(order, messages.TraceSignals):
            self.traces.trace(order)
        elif isinstance(order, messages.LearnTone):
            self.lines.learn(order)
        elif isinstance(order, messages.StopLearning):
            self.lines.stop_learning(order.line)
        elif isinstance(order, messages.ShowWaiting):
            self.waiting.show(order.new)
        elif isinstance(order, messages.LiftBan):
            self.spawn(self._lift(order))
        elif isinstance(order, messages.Connect):
            self._channel(order.channel).connect(order, self._channel(order.other))
        elif isinstance(order, messages.Listen):
            self._channel(order.channel).listen(order, self._channel(order.other))
        elif isinstance(order, messages.HandBack):
            self._channel(order.channel).hand_back(order, self._channel(order.other))
        else:
            ORDERS[type(order)](self._channel(order.channel), order)

    def _channel(self, channel_id: str) -> Channel:
        channel = self.channels.get(channel_id)
        if channel is None:
            raise NoSuchChannel(f"there is no channel {channel_id}")
        return channel

    def _dial(self, order: messages.Dial) -> None:
        if not order.channel or order.channel in self.channels:
            raise WrongState(f"there is a channel {order.channel!r} already")
        target = order.target
        if isinstance(target, messages.ToExtension) and target.number in self.stations:
            self._ring_station(order, self.stations.get(target.number))
            return
        trunk = target.trunk if isinstance(target, messages.ToTrunk) else self.pbxs.trunk(target.number)
        if trunk not in self.spans and not isinstance(target, messages.ToLine):
            self.calls.dial(order)
            return
        try:
            if isinstance(target, messages.ToLine):
                self._add(LineChannel.dialled(self, self.lines.get(target.line), order))
            else:
                self._add(TrunkChannel.dialled(self, self.spans.get(trunk), order, trunk))
        except DriverError as error:
            log.info("%s: %s", order.channel, error)
            digits = target.number and set(target.number) <= set("+0123456789*#")
            cause = causes.NO_CIRCUIT_AVAILABLE if digits else causes.INVALID_NUMBER_FORMAT
            self.tell(messages.Hungup, channel=order.channel, cause=cause, by="gateway")

    def _ring_station(self, order: messages.Dial, station: Station | None) -> None:
        if station is None:
            self.tell(messages.Hungup, channel=order.channel, cause=causes.SUBSCRIBER_ABSENT, by="gateway")
            return
        channel = StationChannel.dialled(self, station, order)
        self._add(channel)
        channel.begin(order.timeout_s)

    def _slot_restarted(self, order: messages.RestartSlot, answered: bool) -> None:
        self.tell(messages.SlotRestarted, command=order.id, span=order.span, slot=order.slot, answered=answered)

    async def _lift(self, order: messages.LiftBan) -> None:
        try:
            was = await self.guard.lift(order.address)
        except DriverError as error:
            self.tell(messages.Refused, command=order.id, code=error.code, text=str(error))
            return
        self._tell_stats()  # first: whoever asks after that it was lifted shall not find it still there
        self.tell(messages.BanLifted, command=order.id, address=order.address, was=was)

    def _link_changed(self, connected: bool) -> None:
        log.warning("the exchange is %s", "there" if connected else "not there")
        self.unattended.changed(connected)
        if not connected:
            self.bit_tests.stop_all()

    def use_ports(self, command: messages.Provision) -> None:
        """Let the telephones in ports, and those of PBXs, be what a configuration says."""
        self._board.use_ports(frozenset(setup.port for setup in command.ports))
        self.stations.provision(command.ports, command.whole)
        self.pbxs.provision(command.pbx)
        self.waiting.moved()

    def trunks_registered(self) -> set[str]:
        """Return the trunks that have taken our registration, each after `trunk:`."""
        return self._trunks

    # ---- inside ----------------------------------------------------------------------------------------------------

    def _next_id(self) -> str:
        self._offered += 1
        return f"{self.link.epoch}-{self._offered}"

    def _add(self, channel: Channel) -> None:
        self.channels[channel.id] = channel
        if channel.state is State.OFFERED:
            self.unattended.offered(channel)

    def _registered(self, name: str, registered: bool) -> None:
        if name.startswith("trunk:"):
            if (name in self._trunks) == registered:
                return  # a refresh
            self._trunks.symmetric_difference_update({name})
        if name not in self.stations:  # a SIP telephone that was this extension before may still be there
            self.tell(messages.RegistrationChanged, name=name, registered=registered)
        if registered:
            self.waiting.came(name)

    def _renewed(self, number: str) -> None:
        self.waiting.came(number)

    def _station_registered(self, number: str, there: bool) -> None:
        self.tell(messages.RegistrationChanged, name=number, registered=there)

    def _clock_changed(self, happening: Happening) -> None:
        wrong = None if happening.value == "board" else messages.Wrong("no-ticks")
        self.alarms.say(messages.AlarmName.BOARD_CLOCK, self._board.subject, wrong)

    def _media(self) -> None:
        for happening in self.core.poll():
            receiver = self._receivers.get(happening.token)
            if receiver is None:
                continue  # of a channel that has ended
            try:
                receiver(happening)
            except Exception:
                log.exception("after %s", happening)  # one channel's fault must not stop the others' media

    def _done(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("a task failed", exc_info=task.exception())

    async def _all_gone(self) -> None:
        """Wait until the ended channels' recordings are closed and their ends told."""
        if self._ending:
            self._quiet = asyncio.Event()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._quiet.wait(), CLOSING_S)

    async def _report(self) -> None:
        while True:
            await asyncio.sleep(STATS_S)
            self._tell_stats()
            self.span_watch.look()

    def _tell_stats(self) -> None:
        usage = resource.getrusage(resource.RUSAGE_SELF)
        strangers, refused = native_loop.turned_away()
        counters = self.core.counters() | {
            "channels": float(len(self.channels)),
            "sip_dialogs": float(len(self.calls)),
            "calls_offered": float(self._offered),
            "unacknowledged": float(len(self.link.outbox)),
            "events_lost": float(self.link.outbox.lost),
            "requests_from_strangers": float(strangers),
            "requests_refused": float(refused),
            "cpu_s": usage.ru_utime + usage.ru_stime,
            "rss_kib": float(usage.ru_maxrss),
        }
        self.link.tell_aside(Stats(at_s=self.now_s(), counters=counters, guarded=self.guard.seen))
