"""A digital span of a DAHDI card whose channels are set up for ISDN: one D-channel, the others B-channels."""

import os

from drivers.boards.base import SpanWire
from drivers.boards.dahdi import card, device
from drivers.link.errors import WrongState
from native import dahdi
from native.dahdi import Signalling


class DahdiSpan(SpanWire):
    """One span, by its number among all cards. OSError or WrongState says why it cannot be used."""

    def __init__(self, number: int) -> None:
        card.e1(number, device.spans())
        channels = [channel for channel in device.channels() if channel.span == number]
        frames = [channel for channel in channels if channel.signalling in (Signalling.HDLC, Signalling.HARD_HDLC)]
        bearers = {channel.position: channel for channel in channels if channel.signalling == Signalling.CLEAR}
        if len(frames) != 1 or not bearers:
            raise WrongState(
                f"span {number} is not set up for ISDN in /etc/dahdi/system.conf: it has {len(frames)} D-channels "
                f"(dchan=) and {len(bearers)} B-channels (bchan=)"
            )
        self._numbers = {position: channel.number for position, channel in bearers.items()}
        law = next(iter(bearers.values())).law
        super().__init__(number, device.open_hdlc(frames[0].number), tuple(sorted(bearers)), law)

    def open(self, slot: int) -> int:
        """Return a B-channel's descriptor."""
        return device.open_voice(self._numbers[slot], digital=True)

    def flush(self, fd: int) -> None:
        """Forget what waits in the kernel."""
        dahdi.flush(fd)

    def take_events(self, fd: int) -> None:
        """Take events out: alarms show in what becomes of the D-channel."""
        for _ in device.events(fd):
            pass

    def keep(self, fd: int, *, much: bool) -> None:
        """Set the kernel's buffers."""
        device.keep(fd, much=much)

    def close(self) -> None:
        """Let go of the D-channel."""
        os.close(self.dchannel)
