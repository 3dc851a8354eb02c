"""A call on a telephone line as the gateway's channel."""

from collections.abc import Callable

from drivers.boards.line import PULSED, TelephoneLine
from drivers.boards.progress import SOUND_DBM0
from drivers.boards.silence import SilenceWatch
from drivers.boards.user import Caller
from drivers.channel import Channel, Host, State
from drivers.link.causes import RECOVERY_ON_TIMER_EXPIRY
from drivers.link.errors import WrongState
from drivers.link.messages import Dial, Tag, ToLine
from native.media import Happening, Leg

KEYED = f"{PULSED}*#"


class LineChannel(Channel):
    """A call that came in by a line (`LineChannel.offered_by`), or goes out (`LineChannel.dialled`)."""

    def __init__(
        self,
        host: Host,
        channel_id: str,
        state: State,
        line: TelephoneLine,
        caller: Caller,
        target: str = "",
        tag: Tag | None = None,
    ) -> None:
        name = f"line:{line.number}"
        super().__init__(
            host, channel_id, state, source=name if state is State.OFFERED else "", target=target,
            caller_number=caller.number, caller_name=caller.name, withheld=caller.withheld, tag=tag,
        )
        self.line = line
        self._has_line = True
        self._silence: SilenceWatch | None = None

    @classmethod
    def offered_by(cls, host: Host, channel_id: str, line: TelephoneLine, caller: Caller) -> "LineChannel":
        """Return the channel of a call that rings on the line; the exchange is not told yet."""
        return cls(host, channel_id, State.OFFERED, line, caller)

    @classmethod
    def dialled(cls, host: Host, line: TelephoneLine, command: Dial) -> "LineChannel":
        """Return the channel of a call that goes out; WrongState when the line is not free, or the number none."""
        if not isinstance(command.target, ToLine):
            raise WrongState(f"{command.channel}: {type(command.target).__name__} is not a line")
        number = command.target.number
        known = PULSED if line.setup.dialling == "pulses" else KEYED
        if not number or not set(number) <= set(known):
            raise WrongState(f"{command.channel}: {number!r} cannot be dialled on line {line.number}; {known} can")
        channel = cls(host, command.channel, State.DIALING, line, Caller(), f"line:{line.number}:{number}", command.tag)
        try:
            channel.leg = line.dial(channel, number, channel._token, command.target.parallel)
        except WrongState:
            host.release(channel._token)
            raise
        channel._expire(command.timeout_s)
        return channel

    # ---- what the line tells

    def line_ringing(self) -> None:
        """Tell that the far end rings."""
        self._ringing()

    def line_answered(self, assumed: bool) -> None:
        """Tell that the far end answered."""
        self._answered(assumed)

    def line_ended(self, cause: int, by_party: bool) -> None:
        """End: the far end hung up, the line failed, or another has it now."""
        self._stop_watching()
        self._has_line = False
        self.end(cause, "party" if by_party else "gateway")

    def line_seized(self, leg: Leg) -> None:
        """Take the leg: a test has given way."""
        self.leg = leg

    def line_wanted(self) -> None:
        """A call does not give way."""

    # ---- what the channel asks

    def _ring(self) -> None:
        """Let a caller who is on the line already hear it; to others the central office rings, whatever we do."""
        self.leg = self.leg or self.line.ring(self._token)

    def _answer(self) -> None:
        self.leg = self.line.answer(self._token)
        self._answered()

    def _flash(self, digits: str, done: Callable[[bool], None]) -> None:
        self.line.flash(digits, done)

    def _release(self, cause: int) -> None:
        self._stop_watching()
        if self._has_line:
            self.line.hang_up()

    def _answered(self, assumed: bool = False, at_s: float | None = None) -> None:
        super()._answered(assumed, at_s)
        if self.line.setup.silence_s:
            self._silence = SilenceWatch(self.line.setup.silence_s, self._sounding, self._silent)

    def _sounding(self) -> bool:
        """Tell whether the box plays something to the line, or either side is heard."""
        legs = [channel.leg for channel in (self, self.connected) if channel is not None]
        return self.playing is not None or any(leg is not None and leg.level_dbm0() > SOUND_DBM0 for leg in legs)

    def _silent(self) -> None:
        self.line.trace.sent("silence")
        self.end(RECOVERY_ON_TIMER_EXPIRY, "gateway")

    def _happened(self, happening: Happening) -> None:
        self.line.heard(happening)
        super()._happened(happening)

    def _stop_watching(self) -> None:
        if self._silence:
            self._silence.stop()
            self._silence = None
