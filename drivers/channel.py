"""One bearer, from the first ring to the last: its states, and what the exchange may order done with it."""

import asyncio
import logging
import os
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from enum import StrEnum
from typing import Any, Literal, Protocol

from drivers.collector import Collector, Reason
from drivers.link import messages
from drivers.link.causes import NO_ANSWER
from drivers.link.errors import BadSound, NoDisk, WrongState
from drivers.link.messages import ChannelState, Tag
from drivers.recordings import Recordings
from drivers.sounds import FAX, Native, Sounds
from native.media import Cadence, Core, Happening, Leg, MediaError, Series

log = logging.getLogger(__name__)

TYPED_AHEAD = 32  # digits kept between two collects; more than anyone types on purpose
KEY_PLAY_ID = 0  # plays the exchange ordered are numbered from 1
CLOSING_S = 2.0  # how long the end of a channel is held back for its recording's file to be closed

Side = Literal["party", "exchange", "gateway", "carrier"]
Holder = Literal["party", "exchange"]
Via = Literal["rfc4733", "info", "inband"]


class State(StrEnum):
    """Where a channel is in its life."""

    OFFERED = "offered"
    DIALING = "dialing"
    RINGING = "ringing"
    ANSWERED = "answered"
    ENDED = "ended"


TRANSITIONS = {
    (State.OFFERED, "answer"): State.ANSWERED,
    (State.OFFERED, "end"): State.ENDED,
    (State.DIALING, "ring"): State.RINGING,
    (State.DIALING, "answer"): State.ANSWERED,
    (State.DIALING, "end"): State.ENDED,
    (State.RINGING, "answer"): State.ANSWERED,
    (State.RINGING, "end"): State.ENDED,
    (State.ANSWERED, "end"): State.ENDED,
}


class Host(Protocol):
    """What a channel needs of the gateway around it."""

    core: Core
    sounds: Sounds
    recordings: Recordings

    def tell(self, kind: type[messages.Event], at_s: float | None = None, **fields: Any) -> None:
        """Send an event up."""

    def now_s(self) -> float:
        """Return the Unix time."""

    def at_s(self, monotonic_ns: int) -> float:
        """Return the Unix time of a moment the media core saw."""

    def token(self, receiver: Callable[[Happening], None]) -> int:
        """Return a new number; what happens on the leg that bears it is given to the receiver."""

    def release(self, token: int) -> None:
        """Forget a token."""

    def spawn(self, work: Any) -> None:
        """Run a coroutine that belongs to nobody, its errors logged."""

    def ended(self, channel: "Channel") -> None:
        """Take the channel out of those that are; its `hungup` may still follow."""

    def gone(self, channel: "Channel") -> None:
        """Take note that all has been told of it."""

    def idle(self, channel: "Channel") -> None:
        """See to a party that nothing is being played to, should there be no exchange to do it."""

    def parted(self, channel: "Channel") -> None:
        """See to a party whose counterpart has gone, should there be no exchange to do it."""


class Transfer(Protocol):
    """A transfer that a party asked for and waits to hear the end of."""

    def end(self, cause: int) -> None:
        """Tell the party what became of it (Q.850; 0: it came about)."""

    def drop(self) -> None:
        """Tell nobody any more: the party has gone."""


class Channel(ABC):
    """Base of all kinds of channel. Commands raise DriverError where they cannot be carried out now."""

    def __init__(
        self, host: Host, channel_id: str, state: State, *, source: str = "", target: str = "", did: str = "",
        caller_number: str = "", caller_name: str = "", withheld: bool = False, tag: Tag | None = None,
    ) -> None:
        self.host, self.id, self.state = host, channel_id, state
        self.source, self.target, self.did = source, target, did
        self.caller_number, self.caller_name, self.withheld = caller_number, caller_name, withheld
        self.tag = tag
        self.since_s = host.now_s()
        self.answered_s = 0.0
        self.leg: Leg | None = None
        self.connected: Channel | None = None
        self._listened: Channel | None = None  # whose far end it hears before that answers
        self.playing: messages.Play | None = None
        self.collector: Collector | None = None
        self.recording = ""
        self._holders: set[Holder] = set()
        self.transfer: Transfer | None = None
        self.typed: deque[str] = deque(maxlen=TYPED_AHEAD)
        self._token = host.token(self._happened)
        self._play_number = 0
        self._files: deque[str] = deque()  # given to the recorder, oldest first; it closes them in this order
        self._closing: asyncio.TimerHandle | None = None
        self._hungup: dict[str, Any] = {}

    # ---- what each kind does its own way -------------------------------------------------------------------------

    @abstractmethod
    def _ring(self) -> None:
        """Tell the far end of an offered channel that we ring."""

    @abstractmethod
    def _answer(self) -> None:
        """Answer the far end; `_answered` is called when that has come about."""

    @abstractmethod
    def _release(self, cause: int) -> None:
        """Let go of the far end, for this reason; nothing is waited for."""

    def _open_early(self) -> None:  # noqa: B027 - some cannot
        """Let an offered far end hear whom it listens to before the answer, if that can be; its leg may come later."""

    def _flash(self, digits: str, done: Callable[[bool], None]) -> None:
        """Flash, and dial digits, if any; tell whether they were sent. Only an analog line has a hook."""
        raise WrongState(f"{self.id} is on no analog line: there is no hook to flash")

    def send_digit(self, digit: str) -> None:
        """Pass on a key that the other party of a connection pressed and that was not heard as sound: as one."""
        if self.leg is not None and self.state is State.ANSWERED:
            try:
                self.leg.play(self.host.sounds.keys(digit), KEY_PLAY_ID)
            except MediaError as error:
                raise WrongState(f"{self.id}: {error}") from error

    # ---- commands ------------------------------------------------------------------------------------------------

    def claim(self, command: messages.Claim) -> None:
        """Keep the exchange's tag."""
        self.tag = command.tag

    def ring(self, command: messages.Ring) -> None:
        """Tell the far end that we ring."""
        if self.state is State.OFFERED:
            self._ring()
        elif self.state is not State.ANSWERED:
            raise WrongState(f"{self.id} is {self.state}; only an offered channel can be rung")

    def answer(self, command: messages.Answer) -> None:
        """Answer an offered channel; on an answered one there is nothing to do."""
        if self.state is State.OFFERED:
            self._answer()
        elif self.state is not State.ANSWERED:
            raise WrongState(f"{self.id} is {self.state}; only an offered channel can be answered")

    def hangup(self, command: messages.Hangup) -> None:
        """End the channel."""
        self.end(command.cause, "exchange")

    def play(self, command: messages.Play) -> None:
        """Play sounds instead of what was played."""
        self._ready()
        self._finish("stopped")
        self.playing = command
        self._play_number += 1
        if command.barge_in and self.typed and self.collector is None:
            self._finish("digit")  # who knows the menu types ahead of it
            return
        sounds = self.host.sounds.at_hand(command.sounds)
        if sounds is None:
            self.host.spawn(self._fetch(command, self._play_number))
        else:
            self._begin(command, sounds)

    def stop_play(self, command: messages.StopPlay) -> None:
        """Be silent towards the party."""
        self._ready()
        self._finish("stopped")

    def collect(self, command: messages.Collect) -> None:
        """Gather digits, instead of a gathering under way."""
        self._ready()
        if self.collector is not None:
            self.collector.stop()

        def done(digits: str, reason: Reason) -> None:
            self.collector = None
            self.host.tell(messages.Collected, channel=self.id, command=command.id, digits=digits, reason=reason)

        collector = Collector(command, self.typed, done)
        if not collector.ended:
            self.collector = collector
            if self.playing is None or self.playing.loop:
                collector.begin_wait()

    def connect(self, command: messages.Connect, other: "Channel") -> None:
        """Let this and the other hear each other and nobody else."""
        if other is self:
            raise WrongState(f"{self.id} cannot be connected to itself")
        one_leg, other_leg = self._ready(), other._ready()
        for channel, partner in ((self, other), (other, self)):
            channel._stop_listening(partner)
        if self.connected is not other:
            self.part()
            other.part()
            for channel in (self, other):
                channel._finish("stopped")
                channel.typed.clear()  # keys pressed from now on are meant for the other party
            self.connected, other.connected = other, self
        for channel in (self, other):
            channel._on_hold("exchange", False)
        self.host.core.connect(one_leg, other_leg)  # says `connected` once the bridge does it, or at once if it does

    def listen(self, command: messages.Listen, other: "Channel") -> None:
        """Hear the other's far end before it answers."""
        if self.state not in (State.OFFERED, State.ANSWERED):
            raise WrongState(f"{self.id} is {self.state}; only an offered or answered channel can listen")
        if other.state not in (State.DIALING, State.RINGING) or other.leg is None:
            raise WrongState(f"{other.id} is {other.state}; only who is heard before the answer can be listened to")
        self._listened = other
        if self.leg is None:
            self._open_early()
        else:
            self._listen()

    def _listen(self) -> None:
        """Hear whom it listens to, as soon as both have sound."""
        other = self._listened
        if other is not None and other.leg is not None and self.leg is not None:
            self._finish("stopped")
            self.leg.stop()
            self.host.core.connect(self.leg, other.leg)

    def _hears_another(self) -> bool:
        """Tell whether it hears somebody who has not answered yet."""
        return self._listened is not None and self._listened.state in (State.DIALING, State.RINGING)

    def _ring_aloud(self) -> None:
        """Let an offered party that hears us before the answer hear that it rings."""
        self._stop_listening(None)
        if self.leg is not None:
            self.leg.play(self.host.sounds.at_hand((messages.Tone("ringback"),)) or [], KEY_PLAY_ID, True)

    def _stop_listening(self, but: "Channel | None") -> None:
        """Hear whom it listened to no more, unless that is who it talks with now."""
        other, self._listened = self._listened, None
        if other not in (None, but) and other.leg is not None and self.leg is not None:
            self.host.core.disconnect(self.leg, other.leg)

    def hand_back(self, command: messages.HandBack, other: "Channel") -> None:
        """Ask the far switch to join this and the one it is connected to: only some can."""
        raise WrongState(f"{self.id} is no channel of an ISDN span")

    def disconnect(self, command: messages.Disconnect) -> None:
        """Part from the one it is connected to, if any."""
        self._ready()
        self.part()

    def hold(self, command: messages.Hold) -> None:
        """Let this and its counterpart hear each other no more; they stay connected."""
        leg, other = self._ready(), self.connected
        if other is None or other.leg is None:
            raise WrongState(f"{self.id} is connected to nobody who could be put on hold")
        if self._hear_each_other(other):
            self.host.core.disconnect(leg, other.leg)
        self._on_hold("exchange", True)

    def resume(self, command: messages.Resume) -> None:
        """End such a hold; where there is none there is nothing to do."""
        leg, other = self._ready(), self.connected
        self._on_hold("exchange", False)
        if other is not None and other.leg is not None and self._hear_each_other(other):
            self.host.core.connect(leg, other.leg)

    def record(self, command: messages.Record) -> None:
        """Record this party and all it hears; what was recorded elsewhere before is closed first."""
        self._ready()
        path = self.host.recordings.checked(command.path)
        if self.recording == path:
            if path in self._files:
                self.host.tell(messages.Recording, channel=self.id, path=path)
            return
        self._stop_record()
        self.recording = path
        self.host.spawn(self._record(command, path))

    def stop_record(self, command: messages.StopRecord) -> None:
        """Close the recording, if there is one."""
        self._ready()
        self._stop_record()

    def flash(self, command: messages.Flash) -> None:
        """Press the hook of the line it is on for a moment, and dial after it."""
        self._ready()

        def done(dialled: bool) -> None:
            self.host.tell(messages.Flashed, channel=self.id, command=command.id, dialled=dialled)

        self._flash(command.digits, done)

    def conclude_transfer(self, command: messages.ConcludeTransfer) -> None:
        """Tell the party what became of the transfer it asked for; where it asked for none there is nothing to do."""
        transfer, self.transfer = self.transfer, None
        if transfer is not None:
            transfer.end(command.cause)

    # ---- what happens --------------------------------------------------------------------------------------------

    def end(self, cause: int, by: Side, at_s: float | None = None) -> None:
        """End the channel: release the far end, close what is open, tell the exchange. Ending twice is ending once."""
        if self.state is State.ENDED:
            return
        self._step("end")
        self._hungup = {"cause": cause, "by": by, "at_s": self.host.now_s() if at_s is None else at_s}
        transfer, self.transfer = self.transfer, None
        if by not in ("party", "carrier"):
            if transfer is not None:
                transfer.end(cause)
            self._release(cause)
        elif transfer is not None:
            transfer.drop()
        self._finish("stopped")
        if self.collector is not None:
            self.collector.stop()
        other = self.connected
        self.part()
        self.host.ended(self)
        if self.leg is not None:
            leg, self.leg = self.leg, None
            leg.close()
        if self._files:  # `recorded` comes before `hungup`, so that the latter is the last of a channel
            self._closing = asyncio.get_running_loop().call_later(CLOSING_S, self._gone)
        else:
            self._gone()
        if other is not None and transfer is not None:
            self.host.idle(other)  # who asked for a transfer and left has not ended the talk
        elif other is not None:
            self.host.parted(other)

    @property
    def held(self) -> Holder | None:
        """Return who has the channel on hold; the exchange's hold stands above the party's."""
        return "exchange" if "exchange" in self._holders else "party" if self._holders else None

    def _on_hold(self, by: Holder, held: bool) -> None:
        """Note that somebody puts the channel on hold or ends that, and tell what has changed by it."""
        before = self.held
        (self._holders.add if held else self._holders.discard)(by)
        if self.held == before or self.state is State.ENDED:
            return
        if self.held is None:
            self.host.tell(messages.Resumed, channel=self.id)
        else:
            self.host.tell(messages.Held, channel=self.id, by=self.held)

    def _hear_each_other(self, other: "Channel") -> bool:
        """Tell whether the bridge joins this and its counterpart, whatever the parties themselves do."""
        return "exchange" not in self._holders | other._holders

    def state_now(self) -> ChannelState:
        """Return the channel as a snapshot shows it."""
        return ChannelState(
            channel=self.id, state=self.state.value, source=self.source, target=self.target, did=self.did,  # type: ignore[arg-type]
            caller_number=self.caller_number, caller_name=self.caller_name, withheld=self.withheld, tag=self.tag,
            playing=self.playing.id if self.playing else "",
            collecting=self.collector.command.id if self.collector else "",
            connected=self.connected.id if self.connected else "", recording=self.recording, held=self.held is not None,
            since_s=self.since_s, answered_s=self.answered_s,
        )

    def offered(self) -> None:
        """Tell the exchange of a call that comes in."""
        self.host.tell(
            messages.Offered, at_s=self.since_s, channel=self.id, source=self.source, did=self.did,
            caller_number=self.caller_number, caller_name=self.caller_name, withheld=self.withheld,
        )

    def part(self) -> None:
        """Part from the one it is connected to, if any."""
        other, self.connected = self.connected, None
        if other is None:
            return
        other.connected = None
        if self.leg is not None and other.leg is not None and self._hear_each_other(other):
            self.host.core.disconnect(self.leg, other.leg)
        for channel in (self, other):
            channel._on_hold("exchange", False)
        self.host.tell(messages.Disconnected, channel=self.id, other=other.id)

    def digit(self, digit: str, via: Via, at_s: float | None = None) -> None:
        """Take a key the party pressed."""
        if self.state is not State.ANSWERED:
            return
        self.host.tell(messages.Digit, at_s=at_s, channel=self.id, digit=digit, via=via)
        if self.connected is not None and via != "inband" and self._hear_each_other(self.connected):
            self.connected.send_digit(digit)
        if self.playing is not None and self.playing.barge_in:
            self._finish("digit")
        if self.collector is not None:
            self.collector.digit(digit)
        elif self.connected is None:
            self.typed.append(digit)

    def _expire(self, timeout_s: float) -> None:
        """Give up a dialled channel that is not answered in time."""
        asyncio.get_running_loop().call_later(timeout_s, self._expired)

    def _expired(self) -> None:
        if self.state in (State.DIALING, State.RINGING):
            self.end(NO_ANSWER, "gateway")

    def _step(self, verb: str) -> None:
        state = TRANSITIONS.get((self.state, verb))
        if state is None:
            raise WrongState(f"{self.id}: {verb} while {self.state}")
        self.state = state

    def _ringing(self) -> None:
        if self.state is State.DIALING:
            self._step("ring")
            self.host.tell(messages.Ringing, channel=self.id)

    def _audible(self, cause: int = 0) -> None:
        """Tell that the far end of a dialled channel is heard; with a cause: saying why it will not have the call."""
        if self.state in (State.DIALING, State.RINGING):
            self.host.tell(messages.Audible, channel=self.id, cause=cause)

    def _answered(self, assumed: bool = False, at_s: float | None = None) -> None:
        self._step("answer")
        self.answered_s = self.host.now_s() if at_s is None else at_s
        self.host.tell(messages.Answered, at_s=self.answered_s, channel=self.id, assumed=assumed)
        self.host.idle(self)

    def _tones(self) -> dict[str, Cadence | Series]:
        """Return what is listened for beside keys: of who calls from outside, whether it is a fax."""
        return {"fax": FAX} if self.source.startswith("trunk:") else {}

    def _ready(self) -> Leg:
        if self.state is not State.ANSWERED or self.leg is None:
            raise WrongState(f"{self.id} is {self.state}; it must be answered first")
        return self.leg

    def _happened(self, happening: Happening) -> None:
        """Take what the media core saw on this channel's leg."""
        at_s = self.host.at_s(happening.at_ns)
        if happening.kind == "digit":
            self.digit(happening.value, "inband", at_s)
        elif happening.kind == "tone" and happening.value == "fax":
            # Else whoever hears it sees to it
            if self.state is State.ANSWERED and self.connected is None and not self._hears_another():
                self.host.tell(messages.FaxHeard, at_s=at_s, channel=self.id)
        elif happening.kind == "finished":
            if happening.number == self._play_number and happening.value == "played":
                self._finish("played", at_s=at_s)
        elif happening.kind == "connected":
            if self.connected is not None and self.connected._token == happening.number:
                self.host.tell(messages.Connected, at_s=at_s, channel=self.id, other=self.connected.id)
        elif happening.kind == "recorded":
            if happening.number:  # an errno: the disk took no more of it
                text = f"{self._files[0] if self._files else ''}: {os.strerror(happening.number)}"
                log.error("%s: the recording ends here: %s", self.id, text)
                self.host.tell(messages.Refused, at_s=at_s, command="", code=NoDisk.code, text=text, channel=self.id)
            self._recorded(float(happening.value or 0), at_s)

    async def _fetch(self, command: messages.Play, number: int) -> None:
        try:
            sounds = await self.host.sounds.get(command.sounds)
        except BadSound as error:
            log.warning("%s: %s", self.id, error)
            if self._play_number == number:
                self._finish("failed", str(error))
            return
        if self._play_number == number and self.playing is command:
            self._begin(command, sounds)

    def _begin(self, command: messages.Play, sounds: list[Native]) -> None:
        if self.leg is None or not sounds:
            self._finish("played")
            return
        try:
            self.leg.play(sounds, self._play_number, command.loop)
        except MediaError as error:
            log.error("%s: cannot play: %s", self.id, error)
            self._finish("failed", str(error))

    def _finish(
        self, reason: Literal["played", "digit", "stopped", "failed"], detail: str = "", at_s: float | None = None
    ) -> None:
        play, self.playing = self.playing, None
        if play is None:
            return
        if self.leg is not None and reason in ("digit", "stopped"):
            self.leg.stop()
        if play.id:  # else the gateway's own music
            self.host.tell(
                messages.Finished, at_s=at_s, channel=self.id, command=play.id, reason=reason, detail=detail
            )
        if self.collector is not None:
            self.collector.begin_wait()
        if self.state is State.ANSWERED and reason in ("played", "failed"):
            self.host.idle(self)

    async def _record(self, command: messages.Record, path: str) -> None:
        try:
            await self.host.recordings.make_room(path)
            if self.leg is None or self.recording != path:
                return
            self.leg.record(path)
        except (NoDisk, MediaError, OSError) as error:
            if self.recording == path:
                self.recording = ""
            log.error("%s: cannot record: %s", self.id, error)
            self.host.tell(
                messages.Refused, command=command.id, code=NoDisk.code, text=str(error), channel=self.id
            )
            return
        self._files.append(path)
        self.host.tell(messages.Recording, channel=self.id, path=path)

    def _stop_record(self) -> None:
        if self.recording and self.leg is not None and self.recording in self._files:
            self.leg.stop_record()
        self.recording = ""

    def _recorded(self, duration_s: float, at_s: float | None = None) -> None:
        if not self._files:
            return
        path = self._files.popleft()
        if self.recording == path:
            self.recording = ""
        self.host.tell(messages.Recorded, at_s=at_s, channel=self.id, path=path, duration_s=duration_s)
        if self.state is State.ENDED and not self._files:
            self._gone()

    def _gone(self) -> None:
        if self._closing is not None:
            self._closing.cancel()
        self.host.release(self._token)
        self.host.tell(messages.Hungup, channel=self.id, **self._hungup)
        self.host.gone(self)
