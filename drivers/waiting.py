"""Lets telephones show that new messages wait for them: those in ports by lamp and dial tone, SIP ones by NOTIFY."""

from collections.abc import Callable, Mapping

from drivers.boards.stations import Stations


class MessagesWaiting:
    """How many new messages wait for each extension that ever had any; `notify(number, new)` tells a SIP telephone."""

    def __init__(self, stations: Stations, notify: Callable[[str, int], None]) -> None:
        self._stations, self._notify = stations, notify
        self._new: Mapping[str, int] = {}

    def show(self, new: Mapping[str, int]) -> None:
        """Show these from now on; a SIP telephone is told what changed."""
        before, self._new = self._new, new
        self._stations.show_waiting([number for number, count in new.items() if count])
        for number, count in new.items():
            if count != before.get(number):
                self._tell(number, count)

    def came(self, number: str) -> None:
        """Tell a telephone that has registered: it may have been off, and not know how many there are by now."""
        if number in self._new:
            self._tell(number, self._new[number])

    def _tell(self, number: str, count: int) -> None:
        if number not in self._stations:
            self._notify(number, count)
