"""A telephone line from the central office, on an FXO port of a DAHDI board (signalling `fxsks`, loop start)."""

import asyncio
import logging
import os

from drivers.boards.base import Line, LineWatcher, Polarity
from drivers.boards.dahdi import device
from native import dahdi
from native.dahdi import Channel, Event, Hook

log = logging.getLogger(__name__)

AGAIN_S = 0.05      # after the kernel has not done the last hook yet
AGAIN_TIMES = 40    # it takes at most 1.5 s for one
ECHO_TAPS = 128     # 16 ms: what a hybrid of a local line gives back


class DahdiLine(Line):
    """One line; its board calls `take_events` when some wait."""

    def __init__(self, number: int, channel: Channel, watcher: LineWatcher) -> None:
        """Open the channel; OSError where that cannot be."""
        super().__init__(number, device.open_voice(channel.number))
        self.channel = channel.number
        self.law = channel.law
        self.battery = channel.alarms == 0
        self._watcher = watcher
        self._closed = False
        self._again: asyncio.TimerHandle | None = None
        self._removed = False

    def set_loop(self, closed: bool) -> None:
        """Go off-hook or on-hook."""
        if closed == self._closed or self._removed:
            return
        self._closed = closed
        self._carry_out(AGAIN_TIMES)

    def _carry_out(self, times: int) -> None:
        """Do as wanted last. What the kernel is not ready for is tried again: a line must not stay off-hook."""
        if self._again:
            self._again.cancel()
            self._again = None
        try:
            done = device.hook(self.fd, Hook.OFF if self._closed else Hook.ON)
        except OSError as error:
            log.error("line %d (channel %d): %s", self.number, self.channel, error)
            return
        if not done and times:
            self._again = asyncio.get_running_loop().call_later(AGAIN_S, self._carry_out, times - 1)
        elif not done:
            log.error("line %d (channel %d) does not take its hook", self.number, self.channel)
        else:
            self._cancel_echo()

    def _cancel_echo(self) -> None:
        try:
            dahdi.cancel_echo(self.fd, ECHO_TAPS if self._closed else 0)
        except OSError as error:
            log.debug("line %d has no echo canceller: %s", self.number, error)

    def take_events(self) -> bool:
        """Tell the watcher of all that happened; False where the channel is gone."""
        try:
            for code in device.events(self.fd):
                if code == Event.REMOVED:
                    self._removed = True
                else:
                    self._happened(code)
        except OSError as error:
            log.warning("line %d (channel %d) is gone: %s", self.number, self.channel, error)
            self._removed = True
        return not self._removed

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
            if self._closed and self.battery:  # the office broke the loop for a moment: it hung up
                self._battery(False)
                self._battery(True)
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
        if self._again:
            self._again.cancel()
        os.close(self.fd)
