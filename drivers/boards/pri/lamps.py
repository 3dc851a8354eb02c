"""Tells a PBX by QSIG for which of its extensions messages wait (ECMA-242), one after the other."""

import logging
from collections.abc import Callable, Mapping

from drivers.link.causes import NORMAL_CLEARING, NORMAL_UNSPECIFIED
from drivers.link.errors import WrongState
from native import isdn

log = logging.getLogger(__name__)


class Lamps:
    """What the PBX of a span shows: it is told what changed, and all of it whenever its D-channel comes up.

    `tell(number, waiting)` returns the call by which it is told, of which `ended` is to be told; WrongState: it cannot
    be told now. One is under way at a time, since a PBX may have room for few.
    """

    def __init__(self, subject: str, tell: Callable[[str, bool], int]) -> None:
        self._subject, self._tell = subject, tell
        self._wanted: dict[str, bool] = {}
        self._told: dict[str, bool] = {}
        self._under_way = 0     # the call, 0 for none

    def show(self, wanted: Mapping[str, bool]) -> None:
        """Show from now on whether messages wait for each; who is no more among these has none."""
        gone = {number: False for number, waiting in self._told.items() if waiting and number not in wanted}
        self._wanted = gone | dict(wanted)
        self._next()

    def up(self) -> None:
        """Tell it all: the PBX may have begun anew."""
        self._told.clear()
        self._under_way = 0
        self._next()

    def happened(self, event: isdn.Cleared | isdn.Freed) -> None:
        """Learn of the end of a call; those of others are none of ours."""
        if event.call != self._under_way:
            return
        if isinstance(event, isdn.Freed):
            self._under_way = 0
            self._next()
        elif event.cause not in (NORMAL_CLEARING, NORMAL_UNSPECIFIED):
            log.warning("%s: the PBX does not take that messages wait: cause %d", self._subject, event.cause)

    def _next(self) -> None:
        for number, waiting in self._wanted.items() if not self._under_way else ():
            if self._told.get(number) is not waiting:
                try:
                    self._under_way = self._tell(number, waiting)
                except WrongState as error:
                    log.info("%s", error)
                    return  # until it is up
                self._told[number] = waiting
                return
