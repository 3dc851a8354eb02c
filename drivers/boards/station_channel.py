"""A call of a telephone in a port of the box as the gateway's channel: its source or target is an extension."""

import logging

from drivers.boards.station import Station
from drivers.channel import Channel, Host, State
from drivers.link.causes import TEMPORARY_FAILURE, USER_BUSY
from drivers.link.errors import WrongState
from drivers.link.messages import Dial, Tag, Transferring
from native.media import Happening, MediaError

log = logging.getLogger(__name__)

SAME_KEY_S = 0.15   # nobody presses the same key again so soon


class StationChannel(Channel):
    """A call that the telephone made (`StationChannel.offered_by`), or that it is rung for (`dialled`)."""

    def __init__(
        self, host: Host, channel_id: str, state: State, station: Station, *, did: str = "",
        caller_number: str = "", caller_name: str = "", tag: Tag | None = None,
    ) -> None:
        name = f"extension:{station.number}"
        offered = state is State.OFFERED
        super().__init__(
            host, channel_id, state, source=name if offered else "", target="" if offered else name, did=did,
            caller_number=caller_number, caller_name=caller_name, tag=tag,
        )
        self.station = station

    @classmethod
    def offered_by(cls, host: Host, channel_id: str, station: Station, did: str) -> "StationChannel":
        """Return the channel of a call that the telephone dialled; MediaError when it has no sound."""
        channel = cls(
            host, channel_id, State.OFFERED, station, did=did, caller_number=station.number,
            caller_name=station.setup.name,
        )
        try:
            channel.leg = station.open(channel._token)
        except BaseException:
            host.release(channel._token)
            raise
        return channel

    @classmethod
    def dialled(cls, host: Host, station: Station, command: Dial) -> "StationChannel":
        """Return the channel of a call to the telephone; `begin` rings."""
        return cls(
            host, command.channel, State.DIALING, station, caller_number=command.caller_number,
            caller_name=command.caller_name, tag=command.tag,
        )

    def begin(self, timeout_s: float) -> None:
        """Ring the telephone; one that is in use is busy."""
        try:
            self.station.ring(self, self.caller_number, self.caller_name)
        except WrongState:
            self.end(USER_BUSY, "party")
            return
        self._ringing()
        self._expire(timeout_s)

    # ---- what the telephone does

    def lifted(self) -> None:
        """Take that somebody answers."""
        try:
            self.leg = self.station.open(self._token)
        except MediaError as error:
            log.error("%s: no sound: %s", self.id, error)
            self.end(TEMPORARY_FAILURE, "gateway")
            return
        self._answered()

    def hold_at(self, slot: int) -> None:
        """Leave the telephone for a place where nobody speaks: its user wants to dial."""
        if self.leg is None:
            return
        if self.connected is not None and self.connected.leg is not None:
            self.host.core.disconnect(self.leg, self.connected.leg)
        self.leg.move(slot)
        self._on_hold("party", True)

    def return_to(self, slot: int) -> None:
        """Come back to the telephone."""
        if self.leg is None:
            return
        other = self.connected
        if other is not None and other.leg is not None:
            self.host.core.disconnect(self.leg, other.leg)
        self.leg.move(slot)
        if other is not None and other.leg is not None and self._hear_each_other(other):
            self.host.core.connect(self.leg, other.leg)
        self._on_hold("party", False)

    def hand_over(self, other: "StationChannel") -> None:
        """Ask that who is on hold be connected to whom the telephone talks with: it was put down."""
        self.host.tell(Transferring, channel=self.id, number=other.did, replaces=other.id)

    @property
    def partner_number(self) -> str:
        """Return the number of whom it is connected to, "" where that is not known."""
        return self.connected.caller_number if self.connected is not None else self.did or self.caller_number

    # ---- what the channel asks

    def _ring(self) -> None:
        if self.leg is not None:
            self.station.ringback(self.leg)

    def _answer(self) -> None:
        if self.leg is not None:
            self.station.answered(self.leg)
        self._answered()

    def _happened(self, happening: Happening) -> None:
        """Take what our leg hears, but for the end of the key that completed the number: its finger is still on it."""
        begun_s = self.host.at_s(happening.at_ns) - self.since_s
        if happening.kind == "digit" and happening.value == self.did[-1:] and begun_s < SAME_KEY_S:
            return
        super()._happened(happening)

    def _release(self, cause: int) -> None:
        self.station.cleared(self, cause)
