"""A gateway that is pure simulation: the link's messages, and people instead of telephones and lines."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import msgspec

from drivers.link import messages as m
from drivers.link.causes import (
    NO_ANSWER,
    NO_CIRCUIT_AVAILABLE,
    NORMAL_CLEARING,
    TEMPORARY_FAILURE,
)
from drivers.link.errors import WrongState
from tests.fakes.channel import Channel, held_by
from tests.fakes.line_tests import GUARD_S, FakeLineTests
from tests.fakes.parties import Party, Phone
from tests.fakes.sound import FakeSound, write_silence

CARRIER_S = 0.1  # for a carrier to join two
RECORDER_S = 0.02  # from a channel's end to its recording's
ORDER_S = 0.001  # from an order given to an order carried out
WITHOUT_EXCHANGE_S = 5.0  # a new SIP call waits so long for one

HandBackOutcome = Literal["joined", "refused", "unanswered", "gone"]
NEED_ANSWER = (m.Play, m.StopPlay, m.Collect, m.Connect, m.Disconnect, m.Record, m.StopRecord, m.Flash)

_downward = msgspec.json.Decoder(m.Downward)
_upward = msgspec.json.Decoder(m.Upward)


class Connection:
    """One exchange's connection, in memory: the seam where a real one has a socket."""

    def __init__(self, gateway: FakeGateway) -> None:
        self._gateway = gateway
        self._up: asyncio.Queue[m.Upward | None] = asyncio.Queue()
        self.open = True

    def send(self, message: m.Downward) -> None:
        """Take an order from the exchange."""
        if self.open:
            self._gateway.order(_downward.decode(msgspec.json.encode(message)))

    async def receive(self) -> m.Upward | None:
        """Give the exchange what happened next, None at the end."""
        return await self._up.get()

    def close(self) -> None:
        """End the connection, from either side."""
        if self.open:
            self.open = False
            self._up.put_nowait(None)
            self._gateway.left(self)

    def tell(self, message: m.Upward) -> None:
        """Put a message on its way up."""
        if self.open:
            self._up.put_nowait(_upward.decode(msgspec.json.encode(message)))


class FakeGateway:
    """Channels, and the people at their far ends. `wall_offset_s`: Unix time less loop time."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        wall_offset_s: float = 0.0,
        epoch: str = "fake1",
        settle: Callable[[], None] = lambda: None,
        prompt_s: Callable[[str], float] = lambda path: 2.0,
    ) -> None:
        self.epoch = epoch
        self.channels: dict[str, Channel] = {}
        self.phones: dict[str, Phone] = {}       # by `201`, `line:1`, `trunk:NAME`
        self.line_states: dict[int, str] = {}
        self.line_tests = FakeLineTests(self)
        self.sound = FakeSound(self)
        self.learning: dict[int, str] = {}  # by line, the order
        self.orders: list[m.Order] = []          # all ever carried out, for tests to look at
        self.provisioned: m.Provision | None = None
        self.waiting: dict[str, int] = {}        # new messages of each extension
        self.events: deque[m.Happening] = deque()  # not acknowledged
        self.accepts = True
        self.answers_outside_s: float | None = 2.0
        self.bridge_refusal = ""           # why no two can be connected
        self.hand_back: HandBackOutcome = "joined"  # what the carrier does when it is asked to join two
        self.guard_s = 0.0                 # so long after a call's end its line can be used again
        self.no_disk = False               # nothing can be recorded
        self.unanswerable = False          # no call that comes in can be answered
        self.bad_sounds: set[str] = set()  # paths that cannot be played
        self.banned: tuple[m.Banned, ...] = ()  # by the edge before it
        self.recalls = True     # the exchange behind a line gives dial tone after a flash
        self.flashed: list[tuple[str, str]] = []    # channels, and what was dialled after it
        self.deaf_channels: set[str] = set()  # whose `hangup` is not carried out
        self._loop = loop
        self._offset_s = wall_offset_s
        self._seq = 0
        self._count = 0
        self._done: set[str] = set()
        self._connection: Connection | None = None
        self._settle = settle
        self.prompt_s = prompt_s
        self._inbox: deque[m.Downward] = deque()

    # ---- the link ----------------------------------------------------------------------------------------------------

    async def connect(self) -> Connection:
        """Let an exchange connect; the newest wins. Raises ConnectionRefusedError while `accepts` is False."""
        if not self.accepts:
            raise ConnectionRefusedError("no gateway there")
        if self._connection is not None:
            self._connection.close()
        self._work()  # what the former one had sent is carried out first
        connection = self._connection = Connection(self)
        connection.tell(m.Hello(epoch=self.epoch, last_seq=self._seq, offset_s=self._offset_s))
        connection.tell(
            m.Snapshot(
                seq=self._seq,
                channels=tuple(channel.snapshot() for channel in self.channels.values()),
                lines=dict(self.line_states),
                registered=tuple(phone.name for phone in self.phones.values() if phone.registered),
            )
        )
        for event in self.events:
            connection.tell(event)
        return connection

    def hang_up_on_exchange(self, lost_orders: bool = False) -> None:
        """The exchange died: what it had sent is still carried out, or was never read."""
        if lost_orders:
            self._inbox.clear()
        if self._connection is not None:
            self._connection.close()

    def left(self, connection: Connection) -> None:
        """The exchange is gone."""
        if self._connection is connection:
            self._connection = None

    def order(self, message: m.Downward) -> None:
        """Take an order; it is carried out a moment later, in its turn."""
        self._inbox.append(message)
        self._loop.call_later(ORDER_S, self._work_one)

    def _work(self) -> None:
        while self._inbox:
            self._work_one()

    def _work_one(self) -> None:
        if not self._inbox:
            return
        message = self._inbox.popleft()
        if isinstance(message, m.Ack):
            while self.events and self.events[0].seq <= message.seq:
                self.events.popleft()
        elif message.id not in self._done:
            self._done.add(message.id)
            self.orders.append(message)
            self._carry_out(message)

    def tell(self, kind: type[m.Event], at_s: float | None = None, **fields: Any) -> None:
        """Number an event, keep it, send it."""
        self._seq += 1
        event = kind(seq=self._seq, at_s=self.wall_s() if at_s is None else at_s, **fields)
        self.events.append(event)  # type: ignore[arg-type]
        if self._connection is not None:
            self._connection.tell(event)  # type: ignore[arg-type]

    def tell_stats(self, counters: dict[str, float] | None = None) -> None:
        """Tell the counters, as a real one does every few seconds."""
        if self._connection is not None:
            counted = {"channels": float(len(self.channels))} if counters is None else counters
            self._connection.tell(m.Stats(at_s=self.wall_s(), counters=counted, guarded=m.Guarded(self.banned)))

    def wall_s(self) -> float:
        """Return Unix time."""
        return self._loop.time() + self._offset_s

    def later(self, seconds: float, what: Callable[..., None], *arguments: Any) -> asyncio.TimerHandle:
        """Do something after a while."""
        return self._loop.call_later(seconds, what, *arguments)

    # ---- orders ------------------------------------------------------------------------------------------------------

    def _carry_out(self, order: m.Order) -> None:
        if isinstance(order, m.Provision):
            self.provisioned = order
            for line in [line for line in order.lines if line not in self.line_states]:
                self._line(line, "idle")
            for number in [user.number for user in order.users if user.number not in self.phones]:
                self.phone(number)
                self.registration(number, True)
            self.later(0.005, lambda: self.tell(m.Provisioned, command=order.id))
            return
        if isinstance(order, m.ShowWaiting):
            self.waiting = order.new
            return
        if isinstance(order, m.Dial):
            self._dial(order)
            return
        if isinstance(order, m.TestLine):
            self._test_line(order)
            return
        if isinstance(order, m.LearnTone | m.StopLearning):
            self._learn(order)
            return
        if isinstance(order, m.LiftBan):
            before, banned = self.banned, tuple(one for one in self.banned if one.address != order.address)
            self.banned = banned
            self.tell_stats()
            self.tell(m.BanLifted, command=order.id, address=order.address, was=banned != before)
            return
        channel = self.channels.get(order.channel)
        if channel is None:
            self._refuse(order, "no-such-channel", f"there is no channel {order.channel}")
            return
        if isinstance(order, NEED_ANSWER) and channel.state != "answered":
            self._refuse(order, "wrong-state", f"{channel.id} is {channel.state}; it must be answered first")
            return
        match order:
            case m.Claim():
                channel.tag = order.tag
            case m.Ring():
                pass
            case m.Answer() if channel.state == "offered" and not self.unanswerable:
                self._answered(channel)
            case m.Answer() if channel.state == "answered":
                pass
            case m.Hangup() if order.channel in self.deaf_channels:
                pass
            case m.Hangup():
                self.ended(channel, order.cause, "exchange")
            case m.Play():
                self.sound.play(channel, order)
            case m.StopPlay():
                self.sound.stop_play(channel, "stopped")
            case m.Collect():
                self.sound.collect(channel, order)
            case m.Connect():
                self._connect(channel, order)
            case m.HandBack():
                self._hand_back(channel, order)
            case m.Listen():
                self.sound.stop_play(channel, "stopped")
                channel.sound = f"party:{order.other}"
            case m.Disconnect():
                self._part(channel)
            case m.Hold() if channel.other is None:
                self._refuse(order, "wrong-state", f"{channel.id} is connected to nobody")
            case m.Hold() | m.Resume():
                self._on_hold(channel, "exchange", isinstance(order, m.Hold))
            case m.Record() if self.no_disk:
                self._refuse(order, "no-disk", "less than 100 MB free")
            case m.Record():
                self.sound.record(channel, order)
            case m.StopRecord():
                self.sound.stop_record(channel)
            case m.Flash():
                self._flash(channel, order)
            case m.ConcludeTransfer():
                self._conclude_transfer(channel, order.cause)
            case _:
                self._refuse(order, "wrong-state", f"channel {channel.id} is {channel.state}")

    def _flash(self, channel: Channel, order: m.Flash) -> None:
        kind, _, rest = (channel.source or channel.target).partition(":")
        setups = self.provisioned.setups if self.provisioned else ()
        if kind != "line" or not any(str(one.number) == rest.split(":")[0] and one.flash_ms for one in setups):
            self._refuse(order, "wrong-state", f"{channel.id} is on no line that is flashed")
            return
        self.flashed.append((channel.id, order.digits))
        self.tell(m.Flashed, channel=channel.id, command=order.id, dialled=self.recalls or not order.digits)

    def _test_line(self, order: m.TestLine) -> None:
        if order.line not in (self.provisioned.lines if self.provisioned else ()):
            self._refuse(order, "no-such-channel", f"line {order.line} is not configured")
            return
        try:
            self.line_tests.begin(order)
        except WrongState as error:
            self._refuse(order, error.code, str(error))

    def _learn(self, order: m.LearnTone | m.StopLearning) -> None:
        """Be on lines where nobody calls: what is learnt on a wire is the real one's."""
        command = self.learning.pop(order.line, "")
        if isinstance(order, m.StopLearning):
            if command:
                self.tell(m.ToneLearnt, command=command, line=order.line, outcome="stopped")
            return
        if command or self.line_states.get(order.line) != "idle":
            self.learning |= {order.line: command} if command else {}
            self._refuse(order, "wrong-state", f"line {order.line} is in use; to learn it must be idle")
            return
        self.learning[order.line] = order.id
        self.tell(m.LineLearning, command=order.id, line=order.line, step="calling" if order.number else "waiting")

    def _refuse(self, order: m.Order, code: str, text: str) -> None:
        self.tell(m.Refused, command=order.id, code=code, text=text, channel=getattr(order, "channel", ""))

    def _dial(self, order: m.Dial) -> None:
        channel = Channel(
            order.channel, "dialing", tag=order.tag, since_s=self.wall_s(), caller_number=order.caller_number,
            caller_name=order.caller_name,
        )
        target = order.target
        self.channels[channel.id] = channel
        if isinstance(target, m.ToExtension):
            channel.target = f"extension:{target.number}"
            self.phone(target.number).called(channel)
        elif isinstance(target, m.ToTrunk):
            channel.target = f"trunk:{target.trunk}:{target.number}"
            self.phone(f"trunk:{target.trunk}").called(channel)
        else:
            channel.target = f"line:{target.line}:{target.number}"
            if self.line_states.get(target.line) == "testing":
                self.line_tests.end(target.line, "out")
                self._line(target.line, "in_use")
                self.later(GUARD_S, self._call_out, channel, target.line)
                self.later(order.timeout_s, self._not_answered, channel)
                return
            if self.line_states.get(target.line) not in (("idle", "parallel") if target.parallel else ("idle",)):
                self.later(0.01, self.ended, channel, NO_CIRCUIT_AVAILABLE, "gateway")
                return
            self._line(target.line, "in_use")
            self.phone(f"line:{target.line}").called(channel)
        self.later(order.timeout_s, self._not_answered, channel)

    def _call_out(self, channel: Channel, line: int) -> None:
        if channel.state != "ended":
            self.phone(f"line:{line}").called(channel)

    def _not_answered(self, channel: Channel) -> None:
        if channel.state in ("dialing", "ringing"):
            self.ended(channel, NO_ANSWER, "gateway")

    def _answered(self, channel: Channel) -> None:
        channel.state, channel.answered_s = "answered", self.wall_s()
        if channel.source.startswith("line:"):
            self._line(int(channel.source[5:]), "in_use")
        self.tell(m.Answered, channel=channel.id, assumed=channel.target.startswith("line:"))

    # ---- who hears whom ----------------------------------------------------------------------------------------------

    def _connect(self, channel: Channel, order: m.Connect) -> None:
        other = self.channels.get(order.other)
        if other is None:
            self._refuse(order, "no-such-channel", f"there is no channel {order.other}")
            return
        if channel.state != "answered" or other.state != "answered" or self.bridge_refusal:
            text = f"{channel.id} is {channel.state}, {other.id} {other.state}"
            self._refuse(order, "wrong-state", self.bridge_refusal or text)
            return
        if channel.other is not other:
            self._part(channel)
            self._part(other)
            for one in (channel, other):
                self.sound.stop_play(one, "stopped")
            channel.other, other.other = other, channel
        for one in (channel, other):
            self._on_hold(one, "exchange", False)
        self.tell(m.Connected, channel=channel.id, other=other.id)

    def _part(self, channel: Channel) -> None:
        other = channel.other
        if other is not None:
            channel.other = other.other = None
            for one in (channel, other):
                self._on_hold(one, "exchange", False)
            self.tell(m.Disconnected, channel=channel.id, other=other.id)

    def _hand_back(self, channel: Channel, order: m.HandBack) -> None:
        other = self.channels.get(order.other)
        if other is None:
            self._refuse(order, "no-such-channel", f"there is no channel {order.other}")
            return
        ways = {":".join((one.source or one.target).split(":")[:2]) for one in (channel, other)}
        isdn = {f"trunk:{trunk.name}" for trunk in self.provisioned.isdn} if self.provisioned is not None else set()
        if channel.other is not other or not ways <= isdn:
            self._refuse(order, "wrong-state", f"{channel.id} and {order.other} are not connected on one span")
        elif any(one.recording or one.holders for one in (channel, other)):
            self._refuse(order, "wrong-state", f"{channel.id} or {other.id} is recorded, or on hold")
        elif channel.handing or other.handing:
            self._refuse(order, "wrong-state", f"{channel.id} or {other.id} is being handed back")
        else:
            channel.handing = other.handing = True
            self.later(CARRIER_S, self._handed_back, channel, other, order)

    def _handed_back(self, channel: Channel, other: Channel, order: m.HandBack) -> None:
        channel.handing = other.handing = False
        if channel.state == "ended":
            return
        outcome = self.hand_back if other.state != "ended" else "gone"
        self.tell(m.HandedBack, channel=channel.id, command=order.id, other=other.id, outcome=outcome)
        if outcome == "joined":
            for one in (channel, other):
                self.ended(one, NORMAL_CLEARING, "carrier")

    # ---- what people do ----------------------------------------------------------------------------------------------

    def incoming(
        self, source: str, did: str, number: str, name: str = "", withheld: bool = False
    ) -> Party:
        """A call comes in."""
        self._count += 1
        channel = Channel(
            f"{self.epoch}-{self._count}", "offered", source=source, did=did, caller_number=number, caller_name=name,
            withheld=withheld, since_s=self.wall_s(),
        )
        self.channels[channel.id] = channel
        if source.startswith("line:"):
            self.line_tests.end(int(source[5:]), "in")
            self._line(int(source[5:]), "ringing")
        elif self._connection is None:
            self.later(WITHOUT_EXCHANGE_S, self._nobody_came, channel)
        self.tell(
            m.Offered, channel=channel.id, source=source, did=did, caller_number=number, caller_name=name,
            withheld=withheld,
        )
        return Party(self, channel, self._settle)

    def _nobody_came(self, channel: Channel) -> None:
        if channel.state == "offered" and self._connection is None:
            self.ended(channel, TEMPORARY_FAILURE, "gateway")

    def far_rings(self, channel: Channel) -> None:
        """The far end rings."""
        if channel.state == "dialing":
            channel.state = "ringing"
            self.tell(m.Ringing, channel=channel.id)

    def far_speaks(self, channel: Channel, cause: int) -> None:
        """The far end is heard before it answers, saying why it will not have the call where there is a cause."""
        if channel.state in ("dialing", "ringing"):
            self.tell(m.Audible, channel=channel.id, cause=cause)

    def far_answers(self, channel: Channel) -> None:
        """The far end answers."""
        if channel.state in ("dialing", "ringing"):
            self._answered(channel)

    def party_hangs_up(self, channel: Channel, cause: int) -> None:
        """The party hangs up; without an exchange its counterpart is hung up too."""
        other, transferring = channel.other, channel.transferring
        channel.transferring = False  # who has gone is told nothing
        self.ended(channel, cause, "party")
        if other is not None and self._connection is None and not transferring:
            self.ended(other, NORMAL_CLEARING, "gateway")

    def ended(self, channel: Channel, cause: int, by: str, at_s: float | None = None) -> None:
        """End a channel; `at_s` is when it was seen, now if it is left out."""
        if channel.state == "ended":
            return
        self.sound.stop_play(channel, "stopped")
        self.sound.collected(channel, "stopped")
        self.sound.unheard(channel)
        self._part(channel)
        self._conclude_transfer(channel, cause)
        channel.state, channel.cause = "ended", cause
        self.channels.pop(channel.id, None)
        if channel.recording:  # its end is told when the recording is closed
            self.later(RECORDER_S, self._last_words, channel, by, self.wall_s() if at_s is None else at_s)
        else:
            self.tell(m.Hungup, at_s, channel=channel.id, cause=cause, by=by)
        line = (channel.source or channel.target).split(":")
        if line[0] == "line" and (cause != NO_CIRCUIT_AVAILABLE or by == "party"):
            if self.guard_s:
                self.later(self.guard_s, self._line, int(line[1]), "idle")
            else:
                self._line(int(line[1]), "idle")

    def _last_words(self, channel: Channel, by: str, at_s: float) -> None:
        self.sound.stop_record(channel)
        self.tell(m.Hungup, at_s, channel=channel.id, cause=channel.cause, by=by)

    def hold(self, channel: Channel, held: bool) -> None:
        """The party puts us on hold, or takes us back."""
        self._on_hold(channel, "party", held)

    def _on_hold(self, channel: Channel, by: str, held: bool) -> None:
        if channel.state == "ended":
            channel.holders.clear()
            return
        before = held_by(channel)
        (channel.holders.add if held else channel.holders.discard)(by)
        if held_by(channel) == before:
            return
        if channel.holders:
            self.tell(m.Held, channel=channel.id, by=held_by(channel))
        else:
            self.tell(m.Resumed, channel=channel.id)

    def transfer(self, channel: Channel, number: str, replaces: Channel | None = None) -> None:
        """The party asks for a blind transfer, or to be replaced by whom it talks with on another channel."""
        if channel.state == "ended" or channel.transferring:
            return
        channel.transferring = True
        self.tell(m.Transferring, channel=channel.id, number=number, replaces=replaces.id if replaces else "")

    def _conclude_transfer(self, channel: Channel, cause: int) -> None:
        if channel.transferring:
            channel.transferring = False
            channel.told.append(cause)

    def registration(self, name: str, registered: bool) -> None:
        """A telephone comes or goes."""
        self.tell(m.RegistrationChanged, name=name, registered=registered)

    def phone(self, name: str) -> Phone:
        """Return the telephone of an extension, or whoever answers beyond `line:N` or `trunk:NAME`."""
        if name not in self.phones:
            self.phones[name] = Phone(self, name, self._settle)
        return self.phones[name]

    def line_is(self, number: int, state: str) -> None:
        """Tell a line's state."""
        self._line(number, state)

    def _line(self, number: int, state: str) -> None:
        self.line_states[number] = state
        self.tell(m.LineChanged, line=number, state=state)

    def forget(self) -> None:
        """Keep nothing of what is past: all orders have been carried out, and nobody will look at them."""
        self.orders.clear()
        self._done.clear()
        for phone in self.phones.values():
            phone.parties.clear()

    def die(self) -> FakeGateway:
        """Die without a word, and return the gateway that begins in its place: nothing is left."""
        connection, self._connection = self._connection, None
        for channel in self.channels.values():
            channel.state, channel.cause = "ended", TEMPORARY_FAILURE
            if channel.recording:
                write_silence(Path(channel.recording), self.wall_s() - channel.recording_since_s)
        if connection is not None:
            connection.close()
        number = int(self.epoch.removeprefix("fake")) + 1
        heir = FakeGateway(self._loop, self._offset_s, f"fake{number}", self._settle, self.prompt_s)
        for phone in self.phones.values():
            phone.move(heir)
        return heir
