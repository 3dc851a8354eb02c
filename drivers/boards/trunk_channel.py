"""A call on a digital span as the gateway's channel."""

from __future__ import annotations

import logging

from drivers.boards.trunk import HandBackOutcome, TrunkCall, TrunkSpan
from drivers.channel import Channel, Host, Side, State
from drivers.link.causes import NORMAL_CLEARING, TEMPORARY_FAILURE
from drivers.link.errors import WrongState
from drivers.link.messages import Dial, HandBack, HandedBack, Tag, ToExtension, ToLine
from native.isdn import Party
from native.media import MediaError, Timeslot

log = logging.getLogger(__name__)


class TrunkChannel(Channel):
    """A call that came in by a span (`TrunkChannel.offered_by`), or goes out (`TrunkChannel.dialled`)."""

    def __init__(
        self, host: Host, channel_id: str, state: State, *, source: str = "", target: str = "", did: str = "",
        caller: Party = Party(), tag: Tag | None = None,  # noqa: B008 - it is never changed
    ) -> None:
        withheld = caller.presentation == "restricted"
        number = caller.number if caller.kind != "international" or not caller.number else f"+{caller.number}"
        super().__init__(
            host, channel_id, state, source=source, target=target, did=did, tag=tag, withheld=withheld,
            caller_number="" if withheld else number, caller_name="" if withheld else caller.name,
        )
        self._call: TrunkCall | None = None
        self._refused = 0   # why the far end will not have it, though it is heard yet
        self._timeslot: Timeslot | None = None

    @classmethod
    def offered_by(cls, host: Host, channel_id: str, call: TrunkCall, did: str, caller: Party) -> TrunkChannel:
        """Return the channel of a call that comes in; the exchange is not told yet."""
        channel = cls(host, channel_id, State.OFFERED, source=call.source, did=did, caller=caller)
        channel._call = call
        return channel

    @classmethod
    def dialled(cls, host: Host, span: TrunkSpan, command: Dial, trunk: str) -> TrunkChannel:
        """Return the channel of a call that goes out by a trunk, or to an extension at the PBX there.

        WrongState when there is no way out, or the number is none.
        """
        if isinstance(command.target, ToLine):
            raise WrongState(f"{command.channel}: {type(command.target).__name__} is not a trunk")
        number = command.target.number
        if not number:
            raise WrongState(f"{command.channel}: there is no number to call")
        inside = isinstance(command.target, ToExtension)
        target = f"extension:{number}" if inside else f"trunk:{trunk}:{number}"
        channel = cls(host, command.channel, State.DIALING, target=target, tag=command.tag)
        shown = command.caller_number
        kind = "international" if shown.startswith("+") else "unknown"
        caller = Party(shown.removeprefix("+"), command.caller_name if shown else "", kind=kind)
        try:
            channel._call = span.dial(channel, number, caller, trunk)
        except WrongState:
            host.release(channel._token)
            raise
        channel._expire(command.timeout_s)
        return channel

    # ---- what the span tells

    def call_ringing(self) -> None:
        """Tell that the far end rings."""
        self._ringing()

    def call_audible(self) -> None:
        """Take the B-channel, and tell that something is heard on it before the answer."""
        if self.state in (State.DIALING, State.RINGING) and self.leg is None and self._open():
            self._audible()

    def call_refused(self, cause: int) -> None:
        """Tell that the far end will not have the call, and that one can hear why; in the end this is its cause."""
        if self.state in (State.DIALING, State.RINGING) and self._open():
            self._refused = cause
            self._audible(cause)

    def call_answered(self) -> None:
        """Tell that the far end answered, or knows that we did."""
        if self.state is State.OFFERED:
            if self.leg is not None:
                self.leg.stop()  # ringback
            self._answered()
        elif self.state in (State.DIALING, State.RINGING) and self._open():
            self._answered()

    def call_key(self, digit: str) -> None:
        """Take a key that came as a message."""
        self.digit(digit, "info")

    def call_ended(self, cause: int, by_party: bool) -> None:
        """End: the far end hung up, or the span failed."""
        self.end(cause, "party" if by_party else "gateway")

    # ---- what is ordered

    def hand_back(self, command: HandBack, other: Channel) -> None:
        """Ask the far switch to join this and the one it is connected to."""
        if not isinstance(other, TrunkChannel) or self._call is None or other._call is None:
            raise WrongState(f"{self.id} and {other.id} are not both channels of spans")
        if self.connected is not other or self.state is not State.ANSWERED:
            raise WrongState(f"{self.id} and {other.id} are not connected to each other")
        if self.held or other.held or self.recording or other.recording:
            raise WrongState(f"{self.id} or {other.id} is recorded, or on hold")

        def told(outcome: HandBackOutcome) -> None:
            if self.state is not State.ANSWERED:
                return
            self.host.tell(HandedBack, channel=self.id, command=command.id, other=other.id, outcome=outcome)
            if outcome == "joined":
                self.part()  # else who is left would be seen to by who sees to those whose counterpart has gone
                self.end(NORMAL_CLEARING, "carrier")
                other.end(NORMAL_CLEARING, "carrier")

        self._call.hand_back(other._call, told)

    # ---- what the channel asks

    def _ring(self) -> None:
        if self._call is not None:
            self._ring_aloud()
            self._call.ring(self._let_hear)

    def _open_early(self) -> None:
        if self.state is State.OFFERED and self._call is not None:
            self._call.speak(self._let_hear)

    def _let_hear(self) -> bool:
        """Let the caller hear whom it listens to before the answer, or that it rings; False where that cannot be."""
        if not self._open():
            return False
        if self._listened is not None:
            self._listen()
        else:
            self._ring_aloud()
        return True

    def _answer(self) -> None:
        if self._call is not None:
            self._call.answer(self._open)

    def _release(self, cause: int) -> None:
        if self._call is not None:
            self._call.hang_up(cause)

    def end(
        self, cause: int, by: Side, at_s: float | None = None
    ) -> None:
        """End the channel, then take its B-channel off the bridge."""
        super().end(self._refused or cause, by, at_s)
        if self._timeslot is not None:
            if self._call is not None:
                self._call.shut(self._timeslot)
            self._timeslot = None
        self._call = None

    def _open(self) -> bool:
        """Put the B-channel on the bridge; where that cannot be, the call ends, and False is returned."""
        if self.leg is not None:
            return True
        assert self._call is not None  # noqa: S101 - it has not ended
        try:
            self._timeslot = self._call.open(self.host.core)
            self.leg = self.host.core.leg(self._timeslot.slot, self._token)
            self.leg.detect(digits=True, tones=self._tones(), caller_id=False)
        except (MediaError, OSError, WrongState) as error:
            log.error("%s: no sound on its channel: %s", self.id, error)
            self.end(TEMPORARY_FAILURE, "gateway")
            return False
        return True
