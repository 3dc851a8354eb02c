"""What becomes of calls while there is no exchange: talks go on, who waits hears music, nobody waits for ever."""

import asyncio
from collections.abc import Callable, Iterable

from drivers.channel import Channel, State
from drivers.link import causes, messages

NEW_CALL_S = 5.0  # then 503 with Retry-After: the carrier or telephone tries elsewhere
PATIENCE_S = 300.0  # an exchange that is not back by then has left its callers for good


class Unattended:
    """Sees to the channels from the moment the exchange goes until it is back."""

    def __init__(self, channels: Callable[[], Iterable[Channel]]) -> None:
        self._channels = channels
        self.music: tuple[messages.Sound, ...] = (messages.Tone("ringback"),)
        self._alone = True
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._patience: asyncio.TimerHandle | None = None

    def changed(self, connected: bool) -> None:
        """Take note that the exchange came or went."""
        self._alone = not connected
        if connected:
            for timer in self._timers.values():
                timer.cancel()
            self._timers.clear()
            if self._patience is not None:
                self._patience.cancel()
            return
        self._patience = asyncio.get_running_loop().call_later(PATIENCE_S, self._give_up)
        for channel in tuple(self._channels()):
            if channel.state is State.OFFERED:
                self.offered(channel)
            elif channel.state is State.ANSWERED:
                self.idle(channel)

    def offered(self, channel: Channel) -> None:
        """See to a new call. A line rings on: its caller hears that, and may be answered yet."""
        if self._alone and not channel.source.startswith("line:"):
            timer = asyncio.get_running_loop().call_later(NEW_CALL_S, self._refuse, channel)
            self._timers[channel.id] = timer

    def idle(self, channel: Channel) -> None:
        """See to a party that hears nothing and is connected to nobody."""
        if self._alone and channel.state is State.ANSWERED and channel.connected is None and channel.playing is None:
            channel.play(messages.Play(id="", channel=channel.id, sounds=self.music, loop=True))

    def parted(self, channel: Channel) -> None:
        """See to a party whose counterpart has gone: their talk is over."""
        if self._alone:
            channel.end(causes.NORMAL_CLEARING, "gateway")

    def ended(self, channel: Channel) -> None:
        """Forget a channel."""
        timer = self._timers.pop(channel.id, None)
        if timer is not None:
            timer.cancel()

    def close(self) -> None:
        """See to nobody any more."""
        self._alone = False
        self.changed(True)

    def _refuse(self, channel: Channel) -> None:
        self._timers.pop(channel.id, None)
        if channel.state is State.OFFERED:
            channel.end(causes.TEMPORARY_FAILURE, "gateway")

    def _give_up(self) -> None:
        for channel in tuple(self._channels()):
            if channel.connected is None:
                channel.end(causes.TEMPORARY_FAILURE, "gateway")
