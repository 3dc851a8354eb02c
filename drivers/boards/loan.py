"""Channels of a digital span that a test has: lent as descriptors, and taking no calls until they are given back."""

import contextlib
from collections.abc import Callable
from typing import Protocol

from drivers.link.errors import WrongState


class Wire(Protocol):
    """What a loan needs of a span's wire."""

    def keep(self, fd: int, *, much: bool) -> None:
        """Have `much` of a descriptor's octets kept, whatever the delay, or little; what waits is forgotten."""


class Loan:
    """What is lent of one span: `slots`, none while nothing is."""

    def __init__(
        self, wire: Wire, descriptor: Callable[[int], int], busy: Callable[[int], str],
        changed: Callable[[tuple[int, ...]], None],
    ) -> None:  # fmt: skip
        """`descriptor`: of a timeslot. `busy` says why one cannot be lent, "" for nothing.

        `changed` is told which have been lent, or given back.
        """
        self._wire, self._descriptor, self._busy, self._changed = wire, descriptor, busy, changed
        self.slots: tuple[int, ...] = ()
        self._fds: dict[int, int] = {}
        self._taken_away: Callable[[], None] = lambda: None

    def take(self, slots: tuple[int, ...], taken_away: Callable[[], None]) -> dict[int, int]:
        """Have channels; return the descriptors of their octets, the span's to close.

        `taken_away` is told when the span closes before they are given back. OSError or WrongState: they cannot be had.
        """
        if why := next(filter(None, map(self._busy, slots)), ""):
            raise WrongState(why)
        fds = {slot: self._descriptor(slot) for slot in slots}
        for fd in fds.values():
            self._wire.keep(fd, much=True)
        self.slots, self._fds, self._taken_away = slots, fds, taken_away
        self._changed(slots)
        return fds

    def give_back(self) -> None:
        """Let them take calls again."""
        slots, self.slots = self.slots, ()
        for fd in self._fds.values():
            with contextlib.suppress(OSError):  # of a wire that is gone, its span hears otherwise
                self._wire.keep(fd, much=False)
        self._fds = {}
        self._changed(slots)

    def end(self) -> None:
        """Take away what is lent: the span closes."""
        if self.slots:
            self._taken_away()
