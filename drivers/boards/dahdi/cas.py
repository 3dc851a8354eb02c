"""A digital span of a DAHDI card whose channels are set up with bits for each (`cas=`), as R2 wants them."""

import os
import select

from drivers.boards.base import CasWire
from drivers.boards.dahdi import card, device
from drivers.link.errors import WrongState
from native import dahdi
from native.dahdi import Event, Signalling


class DahdiCas(CasWire):
    """One span, by its number among all cards. OSError or WrongState says why it cannot be used."""

    def __init__(self, number: int) -> None:
        card.e1(number, device.spans())
        own = [channel for channel in device.channels() if channel.span == number]
        channels = {channel.position: channel for channel in own if channel.signalling == Signalling.CAS}
        if not channels:
            raise WrongState(f"span {number} is not set up for R2 in /etc/dahdi/system.conf: it has no channels cas=")
        self._fds: dict[int, int] = {}
        self._alarms: set[int] = set()
        self._wakes = select.epoll()
        super().__init__(number, self._wakes.fileno(), tuple(sorted(channels)), next(iter(channels.values())).law)
        try:
            for slot in self.slots:
                # An event is urgent data to poll(2), which asyncio does not ask for; a set of descriptors is readable.
                fd = self._fds[slot] = device.open_voice(channels[slot].number)
                self._wakes.register(fd, select.EPOLLPRI)
                if channels[slot].alarms:
                    self._alarms.add(slot)
        except OSError:
            self.close()
            raise

    def changed(self) -> set[int]:
        """Return the timeslots with events, which are taken out."""
        woken = {fd for fd, _ in self._wakes.poll(0)}
        found = {slot for slot, fd in self._fds.items() if fd in woken}
        for slot in found:
            for code in device.events(self._fds[slot]):
                if code == Event.REMOVED:
                    raise OSError(f"channel {slot} of span {self.number} is gone")
                if code == Event.ALARM:
                    self._alarms.add(slot)
                elif code == Event.NO_ALARM:
                    self._alarms.discard(slot)
        return found

    def bits(self, slot: int) -> int | None:
        """Return the bits received."""
        return None if slot in self._alarms else dahdi.received_bits(self._fds[slot])

    def send(self, slot: int, bits: int) -> None:
        """Send these bits."""
        dahdi.send_bits(self._fds[slot], bits)

    def open(self, slot: int) -> int:
        """Return the timeslot's descriptor, its sound of before forgotten."""
        dahdi.flush(self._fds[slot])
        return self._fds[slot]

    def keep(self, fd: int, *, much: bool) -> None:
        """Set the kernel's buffers."""
        device.keep(fd, much=much)

    def close(self) -> None:
        """Let go of all timeslots."""
        for fd in self._fds.values():
            os.close(fd)
        self._fds.clear()
        self._wakes.close()
