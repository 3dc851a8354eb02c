"""A telephone line from the central office, on an FXO port of a DAHDI board (signalling `fxsks`, loop start)."""

import logging
import os

from drivers.boards.base import Line, LineWatcher, Polarity
from drivers.boards.dahdi import device
from drivers.boards.dahdi.hook import Hooks
from drivers.boards.dahdi.socket import Socket
from native import dahdi
from native.dahdi import Channel, Event, Hook

log = logging.getLogger(__name__)

ECHO_TAPS = 128     # 16 ms: what a hybrid of a local line gives back


class DahdiLine(Socket, Line):
    """One line; its board calls `take_events` when some wait."""

    def __init__(self, number: int, channel: Channel, watcher: LineWatcher) -> None:
        """Open the channel; OSError where that cannot be."""
        super().__init__(number, device.open_voice(channel.number))
        self.channel = channel.number
        self.subject = f"line {number} (channel {channel.number})"
        self.law = channel.law
        self.battery = channel.alarms == 0
        self._watcher = watcher
        self._closed = False
        self._hooks = Hooks(self.fd, self.subject)

    def set_loop(self, closed: bool) -> None:
        """Go off-hook or on-hook."""
        if closed == self._closed or self.removed:
            return
        self._closed = closed
        self._hooks.do(Hook.OFF if closed else Hook.ON, self._cancel_echo)  # a line must not stay off-hook

    def _cancel_echo(self) -> None:
        try:
            dahdi.cancel_echo(self.fd, ECHO_TAPS if self._closed else 0)
        except OSError as error:
            log.debug("line %d has no echo canceller: %s", self.number, error)

    def _happened(self, code: int) -> None:
        if code == Event.RING_BEGIN:
            self._ring(True)
        elif code == Event.RING_OFF_HOOK:
            self._ring(False)
        elif code == Event.ALARM:
            self._battery(False)
        elif code == Event.NO_ALARM:
            self._battery(True)
        elif code == Event.ON_HOOK:
            self._ring(False)
            if self._closed and self.battery:
                self._watcher.loop_broken(self)
        elif code == Event.POLARITY:  # it does not say which way
            reversed_now = self.polarity is Polarity.NORMAL
            self.polarity = Polarity.REVERSED if reversed_now else Polarity.NORMAL
            self._watcher.polarity_changed(self)

    def _ring(self, ringing: bool) -> None:
        if ringing != self.ringing:
            self.ringing = ringing
            self._watcher.ring_changed(self)

    def _battery(self, there: bool) -> None:
        if there != self.battery:
            self.battery = there
            self._watcher.battery_changed(self)

    def close(self) -> None:
        """Go on-hook and let go of the channel."""
        self.set_loop(closed=False)
        self._hooks.stop()
        os.close(self.fd)
