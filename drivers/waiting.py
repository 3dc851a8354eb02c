"""Lets telephones show that new messages wait for them.

Those in ports have a lamp and a dial tone for it, SIP ones are sent NOTIFY, and PBXs are told of theirs by QSIG.
"""

from collections.abc import Callable, Mapping

from drivers.boards.pbx import Pbxs
from drivers.boards.stations import Stations


class MessagesWaiting:
    """How many new messages wait for each extension that ever had any; `notify(number, new)` tells a SIP telephone.

    `at_pbxs` is told by trunk and extension whether any wait there.
    """

    def __init__(
        self, stations: Stations, pbxs: Pbxs, notify: Callable[[str, int], None],
        at_pbxs: Callable[[Mapping[str, Mapping[str, bool]]], None],
    ) -> None:
        self._stations, self._pbxs, self._notify, self._at_pbxs = stations, pbxs, notify, at_pbxs
        self._new: Mapping[str, int] = {}

    def show(self, new: Mapping[str, int]) -> None:
        """Show these from now on; a SIP telephone is told what changed."""
        before, self._new = self._new, new
        self._stations.show_waiting([number for number, count in new.items() if count])
        for number, count in new.items():
            if count != before.get(number):
                self._tell(number, count)
        self.moved()

    def moved(self) -> None:
        """Tell the PBXs of theirs: it may be others now that live there."""
        found: dict[str, dict[str, bool]] = {}
        for number, count in self._new.items():
            if trunk := self._pbxs.trunk(number):
                found.setdefault(trunk, {})[number] = count > 0
        self._at_pbxs(found)

    def came(self, number: str) -> None:
        """Tell a telephone that has registered: it may have been off, and not know how many there are by now."""
        if number in self._new:
            self._tell(number, self._new[number])

    def _tell(self, number: str, count: int) -> None:
        if number not in self._stations and not self._pbxs.trunk(number):
            self._notify(number, count)
