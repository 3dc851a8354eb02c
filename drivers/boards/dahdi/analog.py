"""A telephone line from the central office, on an FXO port of a DAHDI board (signalling `fxsks`, loop start)."""

import asyncio
import logging
import os

from drivers.boards.base import Battery, Line, LineWatcher, Polarity
from drivers.boards.dahdi import device
from drivers.boards.dahdi.hook import Hooks
from drivers.boards.dahdi.socket import Socket
from native import dahdi
from native.dahdi import Channel, Event, Hook

log = logging.getLogger(__name__)

ECHO_TAPS = 128     # 16 ms: what a hybrid of a local line gives back
# Of the pair, on-hook: an office gives 42 to 56, a private exchange or adapter 24 at least, a telephone leaves 5 to 15
LOW_VOLTS = 20
RANG_S = 6.0        # so long after a burst another may begin, whose voltage is no battery's
SETTLED_S = 0.9     # after we went on-hook, and before the line is used again
SLOW_S = 0.1        # a card tells within 20 ms; all calls would wait for one that has died


class DahdiLine(Socket, Line):
    """One line; its board calls `take_events` when some wait."""

    def __init__(self, number: int, channel: Channel, watcher: LineWatcher) -> None:
        """Open the channel; OSError where that cannot be."""
        super().__init__(number, device.open_voice(channel.number))
        self.channel = channel.number
        self.subject = f"line {number} (channel {channel.number})"
        self.law = channel.law
        self.battery = Battery.NONE if channel.alarms else Battery.FULL
        self._steady_s = 0.0  # when its voltage is the battery's again, by the time of the event loop
        self._watcher = watcher
        self._closed = False
        self._hooks = Hooks(self.fd, self.subject)

    def set_loop(self, closed: bool) -> None:
        """Go off-hook or on-hook."""
        if closed == self._closed or self.removed:
            return
        self._closed = closed
        self._unsteady_for(SETTLED_S)
        self._hooks.do(Hook.OFF if closed else Hook.ON, self._cancel_echo)  # a line must not stay off-hook

    def open_loop(self, for_ms: int) -> None:
        """Open the loop for so long; the kernel closes it again."""
        if not self._closed or self.removed:
            return
        try:
            device.set_flash(self.fd, for_ms)
        except OSError as error:
            log.error("%s: no flash of %d ms: %s", self.subject, for_ms, error)
        else:
            self._hooks.do(Hook.FLASH)

    def look(self) -> None:
        """Take the events that wait, and see by the voltage whether a telephone on the pair is off-hook.

        No driver tells that by an event: what they call no battery is less than 3 V.
        """
        if self.removed or not self.take_events() or self._closed or self.ringing or self.battery is Battery.NONE:
            return
        asked_s = asyncio.get_running_loop().time()
        if asked_s < self._steady_s:
            return
        volts = device.line_volts(self.fd)
        if asyncio.get_running_loop().time() - asked_s > SLOW_S:
            log.error("%s: the card is too slow to tell the voltage; it is not asked again", self.subject)
            self._steady_s = float("inf")
            self._feed(Battery.FULL)
        elif volts is not None:
            self._feed(Battery.LOW if abs(volts) < LOW_VOLTS else Battery.FULL)

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
            self._feed(Battery.NONE)
        elif code == Event.NO_ALARM:
            self._feed(Battery.FULL)
        elif code == Event.ON_HOOK:
            self._ring(False)
            if self._closed and self.battery is not Battery.NONE:
                self._watcher.loop_broken(self)
        elif code == Event.POLARITY:  # it does not say which way
            reversed_now = self.polarity is Polarity.NORMAL
            self.polarity = Polarity.REVERSED if reversed_now else Polarity.NORMAL
            self._watcher.polarity_changed(self)

    def _ring(self, ringing: bool) -> None:
        if ringing != self.ringing:
            self.ringing = ringing
            self._unsteady_for(RANG_S)
            self._watcher.ring_changed(self)

    def _unsteady_for(self, seconds: float) -> None:
        self._steady_s = max(self._steady_s, asyncio.get_running_loop().time() + seconds)

    def _feed(self, battery: Battery) -> None:
        if battery is not self.battery:
            self.battery = battery
            self._watcher.battery_changed(self)

    def close(self) -> None:
        """Go on-hook and let go of the channel."""
        self.set_loop(closed=False)
        self._hooks.stop()
        os.close(self.fd)
