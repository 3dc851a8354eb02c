"""A telephone on an FXS port of a DAHDI board (signalling `fxoks`: our hangup breaks its loop current for a moment)."""

import contextlib
import os

from drivers.boards.base import Port, PortWatcher
from drivers.boards.dahdi import device
from drivers.boards.dahdi.hook import Hooks
from drivers.boards.dahdi.socket import Socket
from native.dahdi import Channel, Event, Hook

ON_HOOK_MS = 6000   # so long the card passes sound to a telephone that is on-hook: as long as any pause between rings


class DahdiPort(Socket, Port):
    """One telephone; its board calls `take_events` when some wait."""

    def __init__(self, number: int, channel: Channel, watcher: PortWatcher) -> None:
        """Open the channel; OSError where that cannot be."""
        super().__init__(number, device.open_voice(channel.number))
        self.channel = channel.number
        self.subject = f"port {number} (channel {channel.number})"
        self.law = channel.law
        self.off_hook = channel.off_hook
        self._watcher = watcher
        self._hooks = Hooks(self.fd, self.subject)
        self._rings = self._reversed = False

    def set_ring(self, on: bool) -> None:
        """Put ring voltage on the pair, or take it off; its pauses are for caller id."""
        if self.removed:
            return
        self._reverse(on=False)
        if on == self._rings:
            return
        self._rings = on
        if on:
            self._hooks.do(Hook.RING)
        elif self.off_hook:
            self._hooks.do(Hook.OFF)  # else the kernel rings on by a cadence of its own
        else:
            self._hooks.do(Hook.RING_OFF, self._pass_sound)

    def announce(self, reverse: bool) -> None:
        """Let sound reach the telephone on-hook, with its polarity reversed if asked for and the card can."""
        if not self.removed:
            self._reverse(reverse)
            self._pass_sound()

    def show_waiting(self, waiting: bool) -> None:
        """Light the telephone's lamp, or put it out, where the card can."""
        with contextlib.suppress(OSError):  # few cards have the voltage, and a wire of memory has none
            if not self.removed:
                device.light(self.fd, waiting)

    def _reverse(self, on: bool) -> None:
        if on != self._reversed:
            with contextlib.suppress(OSError):  # a wire of memory has no polarity
                device.set_polarity(self.fd, on)
                self._reversed = on

    def _pass_sound(self) -> None:
        with contextlib.suppress(OSError):  # a wire of memory has no power to save, and passes it always
            device.pass_on_hook(self.fd, ON_HOOK_MS)

    def _happened(self, code: int) -> None:
        if code == Event.RING_OFF_HOOK and not self.off_hook:
            self.off_hook, self._rings = True, False
            self._hooks.do(Hook.OFF)
            self._watcher.hook_changed(self)
        elif code == Event.ON_HOOK and self.off_hook:
            self.off_hook = False
            self._hooks.do(Hook.ON)
            self._watcher.hook_changed(self)
        elif code == Event.FLASH:
            self._watcher.flashed(self)
        elif code & device.PULSE_DIGIT:
            self._watcher.pulsed(self, chr(code & 0xFF))

    def close(self) -> None:
        """Leave the telephone silent, and let go of the channel."""
        self._hooks.do(Hook.ON)
        self._hooks.stop()
        os.close(self.fd)
